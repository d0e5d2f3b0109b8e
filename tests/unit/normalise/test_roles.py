"""The part that a list plays: what is inferred, with which reason, and what overrides it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import yaml
from msgspec import Struct

from gateway.actions.reconcile import Knowledge, for_site, load_knowledge, reconcile
from gateway.fhir.read import read_list
from gateway.normalise.roles import load_roles, role_of
from gateway.records.lists import ListAsWritten, ListRole
from gateway.records.site import Site
from tests.fhir_builders import Json, bundle, dispense, document, patient, request, statement

AT = dt.date(2026, 11, 24)
CATEGORY = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"
MAKE: dict[str, Callable[..., Json]] = {
    "MedicationRequest": request,
    "MedicationStatement": statement,
    "MedicationDispense": dispense,
}


class RoleMedicine(Struct, frozen=True, forbid_unknown_fields=True):
    resource: str
    category: str | None = None
    written: str | None = None


class RoleStay(Struct, frozen=True, forbid_unknown_fields=True, rename={"class_code": "class"}):
    class_code: str
    status: str
    start: str
    end: str | None = None


class RoleCase(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    id: str
    say: str
    kind: str | None = None
    codes: tuple[str, ...] = ()
    medicines: tuple[RoleMedicine, ...]
    stays: tuple[RoleStay, ...] = ()
    role: ListRole
    because: str

    def written(self) -> ListAsWritten:
        found: list[Json] = [patient()]
        for n, one in enumerate(self.medicines):
            more: Json = {}
            if one.category:
                more["category"] = [{"coding": [{"system": CATEGORY, "code": one.category}]}]
            if one.written:
                more["authoredOn"] = one.written
            found.append(MAKE[one.resource](f"m{n}", "Ramipril 5mg capsules", **more))
        for n, stay in enumerate(self.stays):
            period = {"start": stay.start} | ({"end": stay.end} if stay.end else {})
            found.append(
                {
                    "resourceType": "Encounter",
                    "id": f"e{n}",
                    "status": stay.status,
                    "class": {"code": stay.class_code},
                    "subject": {"reference": "Patient/p1"},
                    "period": period,
                }
            )
        if self.codes:
            first, *rest = ({"coding": [{"code": code}]} for code in self.codes)
            sections = [{"code": code} for code in rest]
            found.append({"resourceType": "Composition", "id": "c", "type": first, "section": sections})
        return msgspec.structs.replace(read_list("one", [document(bundle(*found))]), kind=self.kind)


CASES = [
    msgspec.convert(one, RoleCase)
    for one in yaml.safe_load((Path(__file__).parents[2] / "cases" / "roles.yaml").read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_role_and_its_reason(case: RoleCase) -> None:
    role, why = role_of(case.written(), AT)
    assert role is case.role, why
    assert case.because in why


def test_every_way_to_a_role_has_a_case() -> None:
    known = load_roles()
    said = " ".join(case.because for case in CASES)
    words = [*(one.words for one in known.categories), *(one.words for one in known.kinds)]
    for one in (*words, known.stays.during.words, known.stays.at_end.words, known.default.words):
        assert one in said, one


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def test_a_person_overrides_the_site_and_the_site_the_registration(knowledge: Knowledge) -> None:
    one = next(case for case in CASES if case.id == "a-hospital").written()
    site = Site(site="Example Trust", roles={"one": ListRole.DISCHARGE})
    at_site = for_site(knowledge.vocabulary, knowledge.rules, site)
    supply, pre = {"one": ListRole.SUPPLY}, {"one": ListRole.PRE_ADMISSION}

    def told(
        result: Knowledge, roles: dict[str, ListRole] | None = None, registered: dict[str, ListRole] | None = None
    ) -> tuple[str, str]:
        (found,) = reconcile([one], result, AT, roles, registered=registered).lists
        return found.role.value, found.role_reason

    assert told(knowledge) == ("inpatient", "it comes from a hospital")
    assert told(knowledge, registered=supply) == ("supply", "set where the organisation is registered")
    assert told(at_site, registered=supply) == ("discharge", "set in the site file of Example Trust")
    assert told(at_site, registered=supply, roles=pre) == ("pre-admission", "set by the person who asked")
