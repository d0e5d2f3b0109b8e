"""`reconcile --format json`: the shape that CONTRACTS fixes as `reconciliation/1`.

Clinical quantities are decimal strings; keys stand in a fixed order, so that the same input gives the same bytes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from gateway.records.dose import Dose, DoseStep, Maximum
from gateway.records.lists import MedicineEntry, MedicineList, PatientIdentity
from gateway.records.product import Product, Strength
from gateway.records.reconciliation import SCHEMA, Reconciliation

Json = dict[str, Any]


def as_json(one: Reconciliation) -> bytes:
    """One UTF-8 object, indented, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(as_object(one)), indent=2) + b"\n"


def as_object(one: Reconciliation) -> Json:
    entries = sorted((e for each in one.lists for e in each.entries), key=lambda e: e.id)
    return {
        "schema": SCHEMA,
        "patient": _patient(one.patient),
        "at": one.at.isoformat(),
        "complete": one.complete,
        "lists": [_list(each) for each in one.lists],
        "entries": [_entry(e) for e in entries],
        "rows": [
            {
                "id": row.id,
                "medicine": row.medicine,
                "entries": list(row.entries),
                "lines": [list(line) for line in row.lines],
                "level": row.level.value,
                "reasons": list(row.reasons),
                "kind_of_route": row.kind_of_route,
            }
            for row in one.rows
        ],
        "suggestions": [
            {"entries": list(s.entries), "why": s.why, "similarity": s.similarity} for s in one.suggestions
        ],
        "quarantined": [
            {"list": q.list, "resource": q.resource, "cause": q.cause}
            for each in one.lists
            for q in sorted(each.written.quarantined, key=lambda q: (q.resource, q.cause))
        ],
        "set_aside": [
            {"list": s.list, "resource": s.resource, "cause": s.cause}
            for each in one.lists
            for s in sorted(each.written.set_aside, key=lambda s: (s.resource, s.cause))
        ],
        "discrepancies": [
            {
                "rule": d.rule,
                "rule_version": d.rule_version,
                "scope": d.scope,
                "severity": d.severity,
                "pack_severity": d.pack_severity,
                "second_check": d.second_check,
                "row": d.row,
                "entries": list(d.entries),
                "message": d.message,
                "severity_reason": d.severity_reason,
                "settle": d.settle,
                "evidence": list(d.evidence),
            }
            for d in one.discrepancies
        ],
        "not_evaluated": [{"rule": n.rule, "cause": n.cause} for n in one.not_evaluated],
        "switched_off": list(one.switched_off),
        "process": [
            {
                "flag": p.flag,
                "state": p.state.value,
                "message": p.message,
                "due": p.due,
                "done": p.done,
                "evidence": list(p.evidence),
                "source": p.source,
            }
            for p in one.process
        ],
    }


def _patient(patient: PatientIdentity | None) -> Json | None:
    if patient is None:
        return None
    other = next((c.code for c in patient.identifiers if c.code), None)
    return {
        "identifier": patient.nhs_number or other,
        "name": patient.name,
        "birth_date": patient.birth_date,
    }


def _list(one: MedicineList) -> Json:
    written = one.written
    return {
        "name": one.name,
        "role": one.role.value,
        "role_reason": one.role_reason,
        "state": one.state.value,
        "causes": list(written.causes),
        "warnings": list(written.warnings),
        "fhir_version": written.fhir_version,
        "received": written.received,
        "entries": len(one.entries),
        "set_aside": len(written.set_aside),
        "quarantined": len(written.quarantined),
    }


def _entry(entry: MedicineEntry) -> Json:
    return {
        "id": entry.id,
        "list": entry.list,
        "resource": entry.written.resource,
        "text": entry.text,
        "status": entry.written.status,
        "status_as_written": entry.written.status_as_written,
        "current": entry.current,
        "product": product_object(entry.product),
        "route": entry.route,
        "dose": dose_object(entry.dose),
    }


def product_object(product: Product) -> Json:
    """`product` of CONTRACTS, with what else was read."""
    return {
        "ingredients": list(product.ingredients),
        "brand": product.brand,
        "strengths": [_strength(s) for s in product.strengths],
        "form": product.form,
        "release": product.release,
        "release_hours": product.release_hours,
        "device": product.device,
        "salts": list(product.salts),
        "presentation": list(product.presentation),
        "codes": [{"system": c.system, "code": c.code} for c in product.codes],
        "known_by": product.known_by,
        "corrected": [{"written": w, "read": r} for w, r in product.corrected],
        **({"confirmed": product.confirmed} if product.confirmed else {}),
        "contradictions": list(product.contradictions),
    }


def _strength(strength: Strength) -> Json:
    shown: Json = {"value": plain(strength.value), "unit": strength.unit}
    if strength.per_unit:
        shown |= {"per_value": plain(strength.per_value or Decimal(1)), "per_unit": strength.per_unit}
    if strength.ingredient:
        shown["ingredient"] = strength.ingredient
    return shown


def dose_object(dose: Dose) -> Json:
    """`dose` of CONTRACTS; an unread dose has an empty sequence and says why."""
    return {
        "text": dose.text,
        "parsed": dose.parsed,
        "sequence": [_step(step) for step in dose.sequence],
        "daily": None
        if dose.daily is None
        else {"low": plain(dose.daily.low), "high": plain(dose.daily.high), "unit": dose.daily.unit},
        "why_not": dose.why_not,
        "disagreement": dose.disagreement,
        "repeats": dose.repeats,
    }


def _step(step: DoseStep) -> Json:
    return {
        "low": _quantity(step.low),
        "high": _quantity(step.high),
        "unit": step.unit,
        "frequency": step.frequency,
        "period": _count(step.period),
        "period_unit": step.period_unit,
        "frequency_max": step.frequency_max,
        "period_max": _count(step.period_max),
        "duration": None
        if step.duration is None
        else {"value": plain(step.duration.value), "unit": step.duration.unit},
        "maximum": None if step.maximum is None else _maximum(step.maximum),
        "when": list(step.when),
        "days": list(step.days),
        "times": list(step.times),
        "as_needed": step.as_needed,
        "as_needed_for": step.as_needed_for,
        **_more(step),
    }


def _maximum(one: Maximum) -> Json:
    return {
        "value": plain(one.value),
        "unit": one.unit,
        "period": _count(one.period),
        "period_unit": one.period_unit,
    }


def _more(step: DoseStep) -> Json:
    """What few doses say stands only where it is said."""
    also, over = step.equal_to, step.over
    shown: Json = {"once": True} if step.once else {}
    if step.count:
        shown["count"] = step.count
    if step.until:
        shown["until"] = step.until
    if step.duration_max is not None:
        shown["duration_max"] = plain(step.duration_max)
    if step.duration_up_to:
        shown["duration_up_to"] = True
    if over:
        shown["over"] = {"value": plain(over.value), "unit": over.unit}
    if step.over_max is not None:
        shown["over_max"] = plain(step.over_max)
    if also:
        shown["equal_to"] = {"low": plain(also.low), "high": plain(also.high), "unit": also.unit}
    if step.also_at_most:
        shown["also_at_most"] = [_maximum(m) for m in step.also_at_most]
    return shown


def _quantity(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _count(value: Decimal | None) -> int | str | None:
    """A period is a count: 1, not "1"; half a period stays exact as a string."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else plain(value)


def plain(value: Decimal) -> str:
    """Without exponent and without trailing zeros: 0.5, 5, 1000."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
