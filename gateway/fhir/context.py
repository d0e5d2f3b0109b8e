"""What stands beside the medicines: patient, allergies, encounters, conditions, observations, list codes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import yaml

from gateway.errors import KnowledgeError
from gateway.fhir.elements import Tree, coding, concept, concepts, extension, many, text, tree, trees
from gateway.fhir.items import identity
from gateway.records.as_written import Coding, Concept
from gateway.records.lists import Allergy, Condition, Encounter, ListState, Observation, PatientIdentity
from gateway.records.nhs_number import SYSTEM as NHS_NUMBER
from gateway.records.nhs_number import compact, is_valid
from gateway.settings import mappings_dir, read_once

#: HL7 location-physical-type.
_BED = "bd"


class ListWarning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: ListState
    words: str


class RecordCodes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: dict[str, str | None]
    no_known_allergy: tuple[str, ...]
    allergy_lists: tuple[str, ...]
    nothing_recorded: tuple[str, ...]
    list_warnings: dict[str, ListWarning]


@read_once
def load_record_codes(mappings: Path | None = None) -> RecordCodes:
    """Raises KnowledgeError where mappings/sources/record_codes.yaml does not fit its schema."""
    path = (mappings or mappings_dir()) / "sources" / "record_codes.yaml"
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), RecordCodes)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"mappings/sources/record_codes.yaml: {error}") from None


def patient(one: Tree) -> tuple[PatientIdentity, tuple[str, ...]]:
    """The identity, and warnings in safe words (an NHS number whose check digit is wrong is not used)."""
    identifiers = tuple(
        Coding(system=text(i.get("system")), code=text(i.get("value"))) for i in trees(one.get("identifier"))
    )
    numbers = [compact(i.code) for i in identifiers if i.system == NHS_NUMBER and i.code]
    good = sorted({n for n in numbers if is_valid(n)})
    warnings = []
    if any(not is_valid(n) for n in numbers):
        warnings.append("the NHS number has a wrong check digit and is not used")
    if len(good) > 1:
        warnings.append("the patient has several NHS numbers; none is used")
    names = trees(one.get("name"))
    name = next((n for n in names if n.get("use") == "official"), next(iter(names), {}))
    replaced = next((x for x in trees(one.get("link")) if x.get("type") in {"replaced-by", "replace"}), None)
    if replaced:
        warnings.append("the Patient says it was replaced by another Patient")
    found = PatientIdentity(
        resource=identity(one),
        nhs_number=good[0] if len(good) == 1 else None,
        identifiers=identifiers,
        family=text(name.get("family")) or (text(name.get("text")) if not name.get("given") else None),
        given=tuple(g for g in many(name.get("given")) if isinstance(g, str) and g.strip()),
        prefix=text(name.get("prefix")),
        birth_date=text(one.get("birthDate")),
        gender=text(one.get("gender")),
        replaced_by=text(tree((replaced or {}).get("other")).get("reference")),
    )
    return found, tuple(warnings)


def allergy(one: Tree, list_name: str) -> Allergy:
    code = concept(one.get("code")) or concept(one.get("substance")) or Concept()
    statuses = _codes(one.get("clinicalStatus")) | _codes(one.get("verificationStatus"))
    codes = {c.code for c in code.codings if c.code}
    return Allergy(
        id=f"{list_name}/{identity(one)}",
        list=list_name,
        concept=code,
        active=not statuses & {"resolved", "inactive", "refuted", "entered-in-error"},
        none_known=bool(codes & set(load_record_codes().no_known_allergy)),
        category=tuple(c for c in many(one.get("category")) if isinstance(c, str)),
        criticality=text(one.get("criticality")),
        reactions=tuple(
            words for r in trees(one.get("reaction")) for m in concepts(r.get("manifestation")) if (words := m.words)
        ),
        recorded=text(one.get("recordedDate")) or text(one.get("assertedDate")),
    )


def _codes(value: object) -> set[str]:
    if isinstance(value, str):
        return {value}
    return {c.code for k in concepts(value) for c in k.codings if c.code}


def encounter(one: Tree, list_name: str) -> Encounter:
    period = tree(one.get("period")) or tree(one.get("actualPeriod"))
    hospital = tree(one.get("hospitalization")) or tree(one.get("admission"))
    classes = [coding(c).code or next((x.code for x in k.codings), None) for c, k in _classes(one.get("class"))]
    wards, beds = _places(one)
    return Encounter(
        id=f"{list_name}/{identity(one)}",
        list=list_name,
        class_code=next((c for c in classes if c), None),
        status=text(one.get("status")),
        start=text(period.get("start")),
        end=text(period.get("end")),
        location=next(iter(wards), None),
        bed=next(iter(beds), None),
        planned_end=text(one.get("plannedEndDate"))
        or text(extension(one, "Encounter.plannedEndDate").get("valueDateTime")),
        discharge=concept(hospital.get("dischargeDisposition")),
    )


def _places(one: Tree) -> tuple[list[str], list[str]]:
    """Where the patient is now, in words: what is no bed, and beds. A place that was left counts only if all were."""
    places = trees(one.get("location"))
    there = [p for p in places if p.get("status") != "completed"] or places
    wards: list[str] = []
    beds: list[str] = []
    for place in there:
        said = text(tree(place.get("location")).get("display"))
        if said:
            kinds = _codes(place.get("physicalType")) | _codes(place.get("form"))
            (beds if _BED in kinds else wards).append(said)
    return wards, beds


def _classes(value: object) -> list[tuple[Tree, Concept]]:
    return [(one, concept(one) or Concept()) for one in trees(value)]


def condition(one: Tree, list_name: str) -> Condition:
    statuses = _codes(one.get("clinicalStatus")) | _codes(one.get("verificationStatus"))
    return Condition(
        id=f"{list_name}/{identity(one)}",
        list=list_name,
        concept=concept(one.get("code")) or Concept(),
        active=not statuses & {"resolved", "inactive", "remission", "refuted", "entered-in-error"},
        recorded=text(one.get("recordedDate")) or text(one.get("assertedDate")),
        refuted=bool(statuses & {"refuted", "entered-in-error"}),
    )


def observation(one: Tree, list_name: str) -> Observation:
    value = tree(one.get("valueQuantity"))
    number = value.get("value")
    return Observation(
        id=f"{list_name}/{identity(one)}",
        list=list_name,
        concept=concept(one.get("code")) or Concept(),
        value=str(number) if number is not None else text(one.get("valueString")),
        unit=text(value.get("unit")) or text(value.get("code")),
        at=text(one.get("effectiveDateTime"))
        or text(one.get("effectiveInstant"))
        or text(tree(one.get("effectivePeriod")).get("start")),
        status=text(one.get("status")),
        comparator=text(value.get("comparator")),
    )


def list_warning(one: Tree) -> ListWarning | None:
    """GP Connect: what the warning code on a List says about its state."""
    code = text(extension(one, "ListWarningCode-1").get("valueCode"))
    return load_record_codes().list_warnings.get(code or "")


def answers_allergies(one: Tree) -> bool:
    """Whether a List is the record's list of allergies, and was answered; then an empty one says "nothing recorded"."""
    known = load_record_codes()
    if not {c.code for k in concepts(one.get("code")) for c in k.codings} & set(known.allergy_lists):
        return False
    reasons = {c.code for k in concepts(one.get("emptyReason")) for c in k.codings}
    return reasons <= set(known.nothing_recorded)


def list_codes(one: Tree) -> tuple[Coding, ...]:
    """Codes of a List that is current, or of a Composition (its type) and its sections."""
    if one.get("resourceType") == "List":
        return tuple(c for k in concepts(one.get("code")) for c in k.codings)
    sections = [k for s in trees(one.get("section")) for k in concepts(s.get("code"))]
    return tuple(c for k in [*concepts(one.get("type")), *sections] for c in k.codings)
