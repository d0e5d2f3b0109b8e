"""The clinical cases of tests/cases/discrepancies as typed records, and the FHIR that says what a case says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import Struct

from gateway.errors import InputError
from gateway.fhir.read import failed, read_list
from gateway.records.lists import ListAsWritten, ListRole, ListState
from tests.fhir_builders import SNOMED, Json, a_list, allergy, bundle, dispense, document, patient, request, statement

FOLDER = Path(__file__).parents[2] / "cases" / "discrepancies"
AT = dt.date(2026, 11, 24)

_ROLES = {
    "gp": ListRole.PRE_ADMISSION,
    "clinic": ListRole.PRE_ADMISSION,
    "ward": ListRole.INPATIENT,
    "discharge": ListRole.DISCHARGE,
    "pharmacy": ListRole.SUPPLY,
}
_ROUTES = {
    "oral": "26643006",
    "intravenous": "47625008",
    "intramuscular": "78421000",
    "subcutaneous": "34206005",
    "cutaneous": "448598008",
}
_GP_WARNING = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-ListWarningCode-1"
_GPC = "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-GPC"
_GP_MEDICINES, _GP_ALLERGIES = "933361000000108", "886921000000105"


class CaseCode(Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    display: str | None = None
    system: str = SNOMED


class CaseMedicine(Struct, frozen=True, forbid_unknown_fields=True, rename={"indication": "for"}):
    """`structured` is [value, unit, times, period, period unit]; `reason` explains the status, `for` the medicine.

    `issued`, `changed` and `elsewhere` are what GP Connect says of last issue, a changed dosage and another prescriber.
    `supply_days` of an order, `days` of a dispense.
    """

    name: str
    dose: str | None = None
    status: str = "active"
    reason: str | None = None
    indication: str | None = None
    note: str | None = None
    route: str | None = None
    since: dt.date | None = None
    ended: dt.date | None = None
    handed: dt.date | None = AT
    issued: dt.date | None = None
    changed: dt.date | None = None
    elsewhere: bool = False
    supply_days: int | None = None
    days: int = 28
    code: str | None = None
    codes: tuple[CaseCode, ...] = ()
    structured: tuple[float, str, int, int, str] | None = None


class CaseAllergy(Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    code: str | None = None
    active: bool = True
    reaction: str | None = None
    category: str = "medication"


class CaseCondition(Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    code: str | None = None
    system: str = SNOMED
    status: str = "active"
    verification: str = "confirmed"


class CaseResult(Struct, frozen=True, forbid_unknown_fields=True):
    """`comparator` as in FHIR; a result without a value is a panel."""

    text: str
    value: float | None = None
    unit: str | None = None
    at: dt.date | None = None
    code: str | None = None
    system: str = "http://loinc.org"
    status: str = "final"
    comparator: str | None = None


class CaseList(Struct, frozen=True, forbid_unknown_fields=True):
    """`allergies` None: nothing is said about allergies; empty: the list of allergies was sent, and it is empty.

    `discharged` is the end of the stay. `gp_connect`: the list bears GP Connect's code. `orders`: a list from before
    admission is made of orders, not of statements.
    """

    medicines: tuple[CaseMedicine, ...] = ()
    state: str = "complete"
    allergies: tuple[CaseAllergy, ...] | None = None
    conditions: tuple[CaseCondition, ...] = ()
    results: tuple[CaseResult, ...] = ()
    discharged: dt.date | None = None
    gp_connect: bool = False
    orders: bool = False


class Expected(Struct, frozen=True, forbid_unknown_fields=True):
    rule: str
    severity: int
    medicine: str | None = None
    second_check: bool | None = None
    scope: str | None = None
    words: tuple[str, ...] = ()


class RuleCase(Struct, frozen=True, forbid_unknown_fields=True):
    """`raised` is complete except for the rules of `BACKGROUND`; `not_evaluated` gives words of the cause by rule."""

    id: str
    say: str
    lists: dict[str, CaseList | tuple[CaseMedicine, ...]]
    raised: tuple[Expected, ...] = ()
    not_raised: tuple[str, ...] = ()
    not_evaluated: dict[str, str] = {}
    born: str | None = "1950-01-01"

    def written(self) -> list[ListAsWritten]:
        return [_written(name, one, self.born) for name, one in self.lists.items()]

    def roles(self) -> dict[str, ListRole]:
        return {name: _ROLES[name] for name in self.lists}


def load_cases() -> list[RuleCase]:
    """Raises msgspec.ValidationError for a case that is misspelt."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))]
    return [msgspec.convert(one, RuleCase) for text in texts for one in yaml.safe_load(text)]


def _written(name: str, given: CaseList | tuple[CaseMedicine, ...], born: str | None) -> ListAsWritten:
    one = given if isinstance(given, CaseList) else CaseList(medicines=given)
    if one.state == "failed":
        return failed(name, InputError("the source did not answer"))
    medicines = [_medicine(name, str(n), m, orders=one.orders) for n, m in enumerate(one.medicines)]
    person = patient()
    person |= {"birthDate": born} if born else {}
    if not born:
        del person["birthDate"]
    found = [person, *medicines, *_allergies(one), *_context(one)]
    more: Json = {}
    if one.state == "partial":
        more = {"type": "searchset", "link": [{"relation": "next", "url": "http://source.example/?page=2"}]}
    if one.state == "withheld":
        warning = [{"url": _GP_WARNING, "valueCode": "confidential-items"}]
        found.append(a_list("medicines", _GP_MEDICINES, extension=warning))
    if one.state == "wrong-patient":
        found[1] = found[1] | {"subject": {"reference": "Patient/p2"}}
        found.append(patient("p2", nhs="9990000026", family="Other", born="1980-01-01"))
    read = read_list(name, [document(bundle(*found, **more))])
    assert read.state is ListState("failed" if one.state == "wrong-patient" else one.state), (name, read.causes)
    return read


def _allergies(one: CaseList) -> list[Json]:
    if one.allergies is None:
        return []
    found = []
    for n, a in enumerate(one.allergies):
        more: Json = {"category": [a.category]}
        if a.reaction:
            more["reaction"] = [{"manifestation": [{"text": a.reaction}]}]
        found.append(allergy(f"a{n}", a.text, code=a.code, active=a.active, **more))
    items = [f"AllergyIntolerance/{a['id']}" for a in found]
    return [*found, a_list("allergies", _GP_ALLERGIES, *items)]


def _context(one: CaseList) -> list[Json]:
    """What stands beside the medicines."""
    found: list[Json] = []
    for n, c in enumerate(one.conditions):
        found.append(
            {
                "resourceType": "Condition",
                "id": f"c{n}",
                "clinicalStatus": {"coding": [{"code": c.status}]},
                "verificationStatus": {"coding": [{"code": c.verification}]},
                "code": _coded(c.text, c.code, c.system),
                "subject": {"reference": "Patient/p1"},
            }
        )
    for n, r in enumerate(one.results):
        made: Json = {"resourceType": "Observation", "id": f"o{n}", "status": r.status}
        made |= {"code": _coded(r.text, r.code, r.system), "subject": {"reference": "Patient/p1"}}
        if r.at:
            made["effectiveDateTime"] = r.at.isoformat()
        if r.value is not None:
            made["valueQuantity"] = {"value": r.value, "unit": r.unit}
            if r.comparator:
                made["valueQuantity"]["comparator"] = r.comparator
        found.append(made)
    if one.discharged:
        stay: Json = {"resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "IMP"}}
        found.append(stay | {"subject": {"reference": "Patient/p1"}, "period": {"end": one.discharged.isoformat()}})
    if one.gp_connect:
        found.append(a_list("gp-medicines", _GP_MEDICINES))
    return found


def _coded(text: str, code: str | None, system: str) -> Json:
    return {"text": text} | ({"coding": [{"system": system, "code": code}]} if code else {})


def _medicine(list_name: str, id_: str, one: CaseMedicine, *, orders: bool = False) -> Json:
    role = _ROLES[list_name]
    more: Json = {"medicationCodeableConcept": _concept(one)}
    if one.indication:
        more["reasonCode"] = [{"text": one.indication}]
    if one.note:
        more["note"] = [{"text": one.note}]
    if role is ListRole.SUPPLY:
        supply = {"value": one.days, "unit": "days"}
        more |= {"daysSupply": supply, "dosageInstruction": _dosage(one)}
        made = dispense(id_, one.name, handed=one.handed.isoformat() if one.handed else "", **more)
        if not one.handed:
            del made["whenHandedOver"]
        return made
    if role is ListRole.PRE_ADMISSION and not orders:
        period = {"start": one.since, "end": one.ended}
        more |= {"effectivePeriod": {k: v.isoformat() for k, v in period.items() if v}, "dosage": _dosage(one)}
        if one.reason:
            more["statusReason"] = [{"text": one.reason}]
        if extensions := _gp_connect(one):
            more["extension"] = extensions
        return statement(id_, one.name, status=one.status, **more)
    if one.reason:
        more["statusReason"] = {"text": one.reason}
    if one.since:
        more["authoredOn"] = one.since.isoformat()
    if one.supply_days:
        more["dispenseRequest"] = {"expectedSupplyDuration": {"value": one.supply_days, "unit": "days"}}
    return request(id_, one.name, status=one.status, dosageInstruction=_dosage(one), **more)


def _gp_connect(one: CaseMedicine) -> list[Json]:
    found: list[Json] = []
    if one.issued:
        found.append({"url": f"{_GPC}-MedicationStatementLastIssueDate-1", "valueDateTime": one.issued.isoformat()})
    if one.changed:
        found.append({"url": f"{_GPC}-DosageLastChanged-1", "valueDateTime": one.changed.isoformat()})
    if one.elsewhere:
        agency = {"coding": [{"code": "prescribed-by-another-organisation"}]}
        found.append({"url": f"{_GPC}-PrescribingAgency-1", "valueCodeableConcept": agency})
    return found


def _concept(one: CaseMedicine) -> Json:
    codes = (*one.codes, *([CaseCode(one.code)] if one.code else []))
    return {"text": one.name, "coding": [msgspec.to_builtins(c) for c in codes]}


def _dosage(one: CaseMedicine) -> list[Json]:
    made: dict[str, Any] = {}
    if one.dose:
        made["text"] = one.dose
    if one.route:
        made["route"] = {"coding": [{"system": SNOMED, "code": _ROUTES[one.route]}], "text": one.route}
    if one.structured:
        value, unit, times, period, per = one.structured
        made["timing"] = {"repeat": {"frequency": times, "period": period, "periodUnit": per}}
        made["doseAndRate"] = [{"doseQuantity": {"value": value, "unit": unit}}]
    return [made] if made else []
