"""MedicationStatement, MedicationRequest and MedicationDispense of any version to an `EntryAsWritten`.

The versions differ in a dozen fields; each is looked for by its own name, so that a source that mixes versions loses
nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from gateway.fhir.dosage import dosages
from gateway.fhir.elements import Tree, concepts, extension, flag, is_date, quantity, text, tree, trees
from gateway.fhir.medication import Resolve, medicine_of
from gateway.records.as_written import Concept, EntryAsWritten

KINDS = ("MedicationStatement", "MedicationRequest", "MedicationDispense")

_STATUSES = {
    "MedicationStatement": frozenset(
        {"active", "completed", "intended", "stopped", "on-hold", "unknown", "not-taken", "recorded", "draft"}
    ),
    "MedicationRequest": frozenset(
        {"active", "on-hold", "ended", "stopped", "completed", "cancelled", "draft", "unknown"}
    ),
    "MedicationDispense": frozenset(
        {
            "preparation",
            "in-progress",
            "cancelled",
            "on-hold",
            "completed",
            "stopped",
            "declined",
            "unknown",
            "not-done",
        }
    ),
}
_ADHERENCE = {"not-taking": "not-taken", "stopped": "stopped", "on-hold": "on-hold", "taking": "active"}
#: Modifier extensions change what an element means; one we do not know makes the item unsafe to use.
_DATES = ("authoredOn", "dateAsserted", "effectiveDateTime", "whenHandedOver", "whenPrepared", "recorded")


class Unusable(Exception):
    """The item cannot be taken as an entry; the words are safe."""


def identity(resource: Tree) -> str:
    """TYPE/ID; a resource without id gets a hash of its canonical content."""
    kind = text(resource.get("resourceType")) or "resource"
    own = text(resource.get("id"))
    return f"{kind}/{own}" if own else f"{kind}/sha256-{hashlib.sha256(canonical(resource)).hexdigest()[:12]}"


def canonical(resource: Tree) -> bytes:
    """The same bytes for the same content in JSON or XML: scalars as text, a list of one as its one, no narrative."""
    return json.dumps(_plain({k: v for k, v in resource.items() if k != "text"}), sort_keys=True).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return _plain(value[0]) if len(value) == 1 else [_plain(v) for v in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def entry(resource: Tree, list_name: str, resolve: Resolve, document: str) -> EntryAsWritten:
    """Raises Unusable or medication.Unresolved where the item cannot be taken as an entry."""
    kind = str(resource["resourceType"])
    if any(text(e.get("url")) for e in trees(resource.get("modifierExtension"))):
        raise Unusable("it carries a modifier extension that is not known, which may change its meaning")
    if text(resource.get("implicitRules")):
        raise Unusable("it follows implicit rules that are not known")
    for value in _dates(resource):
        if not is_date(value):
            raise Unusable("a date of it is not in the calendar")
    status, as_written = _status(resource, kind)
    own = identity(resource)
    start, end = _period(resource, kind)
    handed = text(resource.get("whenHandedOver")) or text(resource.get("whenPrepared"))
    supply = tree(resource.get("dispenseRequest"))
    return EntryAsWritten(
        id=f"{list_name}/{own}",
        list=list_name,
        resource=own,
        kind=kind,
        status=status,
        status_as_written=as_written,
        medicine=medicine_of(resource, resolve),
        dosages=dosages(resource),
        intent=text(resource.get("intent")),
        do_not_perform=flag(resource.get("doNotPerform")) is True or flag(resource.get("notDone")) is True,
        category=concepts(resource.get("category")),
        status_reason=_status_reason(resource),
        reason=_reason(resource, resolve),
        notes=tuple(n for one in trees(resource.get("note")) if (n := text(one.get("text")))),
        start=start,
        end=end,
        asserted=text(resource.get("dateAsserted"))
        or text(resource.get("authoredOn"))
        or text(resource.get("recorded")),
        last_issued=text(extension(resource, "MedicationStatementLastIssueDate-1").get("valueDateTime")),
        handed_over=handed,
        quantity=quantity(resource.get("quantity")) or quantity(supply.get("quantity")),
        days_supply=quantity(resource.get("daysSupply")) or quantity(supply.get("expectedSupplyDuration")),
        prescription_type=_ext_code(resource, "PrescriptionType-1") or _category_code(resource),
        prescribed_elsewhere=_agency(resource),
        change_note=text(extension(resource, "DosageLastChanged-1").get("valueDateTime")),
        flags=_flags(resource),
        document=document,
    )


def _flags(resource: Tree) -> tuple[str, ...]:
    """HL7 confidentiality R and V: the source asks that not everybody who may see the list sees this item."""
    labels = {text(one.get("code")) for one in trees(tree(resource.get("meta")).get("security"))}
    return ("restricted",) if labels & {"R", "V"} else ()


def _status(resource: Tree, kind: str) -> tuple[str, str]:
    written = text(resource.get("status"))
    if written is None:
        raise Unusable("it has no status")
    if written not in _STATUSES[kind]:
        raise Unusable("its status is no FHIR status of its kind")
    if written == "not-done":
        return "cancelled", written
    taken = text(resource.get("taken"))
    if taken == "n":
        return "not-taken", f"{written}, taken n"
    if written == "recorded":
        return _adherence(resource), written
    return written, written


def _adherence(resource: Tree) -> str:
    """R5 records a statement and says apart from it whether the patient takes the medicine."""
    codes = [c.code or "" for k in concepts(tree(resource.get("adherence")).get("code")) for c in k.codings]
    for code in codes:
        for beginning, status in _ADHERENCE.items():
            if code.startswith(beginning):
                return status
    return "unknown" if not _period(resource, "MedicationStatement")[1] else "completed"


def _dates(resource: Tree) -> Iterator[str]:
    for name in _DATES:
        if value := text(resource.get(name)):
            yield value
    for name in ("effectivePeriod",):
        period = tree(resource.get(name))
        for side in ("start", "end"):
            if value := text(period.get(side)):
                yield value
    validity = tree(tree(resource.get("dispenseRequest")).get("validityPeriod"))
    for side in ("start", "end"):
        if value := text(validity.get(side)):
            yield value


def _period(resource: Tree, kind: str) -> tuple[str | None, str | None]:
    if kind != "MedicationStatement":
        # The validity of a prescription bounds when it may be dispensed, not how long the patient takes it; only the
        # dosage's own bounds say that.
        validity = tree(tree(resource.get("dispenseRequest")).get("validityPeriod"))
        return text(validity.get("start")) or text(resource.get("authoredOn")), _last_bound(resource)
    period = tree(resource.get("effectivePeriod"))
    return text(period.get("start")) or text(resource.get("effectiveDateTime")), text(period.get("end"))


def _last_bound(resource: Tree) -> str | None:
    """The latest end of the dosages, where every dosage has one."""
    ends = [d.timing.end if d.timing else None for d in dosages(resource)]
    return max((e for e in ends if e), default=None) if ends and all(ends) else None


def _status_reason(resource: Tree) -> tuple[Concept, ...]:
    found = concepts(resource.get("statusReason")) + concepts(resource.get("reasonNotTaken"))
    found += concepts(resource.get("statusReasonCodeableConcept")) + concepts(
        resource.get("notDoneReasonCodeableConcept")
    )
    stop = extension(resource, "MedicationStatusReason-1")
    for one in trees(stop.get("extension")):
        found += concepts(one.get("valueCodeableConcept"))
    return found


def _reason(resource: Tree, resolve: Resolve) -> tuple[Concept, ...]:
    """Coded or in words; of a reference what it displays, else the code of the condition that it points to."""
    found = concepts(resource.get("reasonCode"))
    references = trees(resource.get("reasonReference"))
    for one in trees(resource.get("reason")):
        found += concepts(one.get("concept"))
        references += trees(one.get("reference"))
    for reference in references:
        target = text(reference.get("reference"))
        condition = resolve(target, resource) if target else None
        if display := text(reference.get("display")):
            found += (Concept(text=display),)
        elif condition is not None:
            found += concepts(condition.get("code"))
    return found


def _ext_code(resource: Tree, ending: str) -> str | None:
    for found in concepts(extension(resource, ending).get("valueCodeableConcept")):
        return next((c.code for c in found.codings if c.code), found.text)
    return None


def _category_code(resource: Tree) -> str | None:
    codes = [c.code for k in concepts(resource.get("courseOfTherapyType")) for c in k.codings if c.code]
    return codes[0] if codes else None


def _agency(resource: Tree) -> str | None:
    """GP Connect's prescribing agency where it is not the practice itself."""
    code = _ext_code(resource, "PrescribingAgency-1")
    return None if code in (None, "prescribed-at-gp-practice") else code
