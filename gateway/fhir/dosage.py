"""A Dosage of STU3, R4 or R5 in one shape."""

from __future__ import annotations

from gateway.fhir.elements import (
    Tree,
    concept,
    concepts,
    decimal,
    flag,
    many,
    quantity,
    ratio,
    text,
    tree,
    trees,
    whole,
)
from gateway.records.as_written import Quantity, Ratio, WrittenDosage, WrittenTiming

_NO_DOSAGE = WrittenDosage()
_NO_TIMING = WrittenTiming()


def dosages(resource: Tree) -> tuple[WrittenDosage, ...]:
    """`dosage` of a statement or `dosageInstruction` of a request or dispense, in the order written."""
    found = trees(resource.get("dosageInstruction")) or trees(resource.get("dosage"))
    read = tuple(d for d in map(dosage, found) if d != _NO_DOSAGE)
    rendered = text(resource.get("renderedDosageInstruction"))
    if rendered and not read:
        return (WrittenDosage(text=rendered),)
    return read


def dosage(one: Tree) -> WrittenDosage:
    first = tree(one.get("doseAndRate")) or one
    low, high = _dose(first)
    as_needed_for = concepts(one.get("asNeededFor")) + concepts(one.get("asNeededCodeableConcept"))
    as_needed = flag(one.get("asNeeded"))
    if as_needed is None:
        as_needed = flag(one.get("asNeededBoolean"))
    return WrittenDosage(
        sequence=whole(one.get("sequence")),
        text=text(one.get("text")),
        patient_instruction=text(one.get("patientInstruction")),
        additional=concepts(one.get("additionalInstruction")),
        timing=timing(one.get("timing")),
        as_needed=True if as_needed_for else as_needed,
        as_needed_for=as_needed_for,
        route=concept(one.get("route")),
        site=concept(one.get("site")),
        method=concept(one.get("method")),
        dose=low,
        dose_high=high,
        rate=_rate(first),
        max_per_period=tuple(r for one_ in trees(one.get("maxDosePerPeriod")) if (r := ratio(one_))),
    )


def _dose(one: Tree) -> tuple[Quantity | None, Quantity | None]:
    simple = quantity(one.get("doseQuantity")) or quantity(one.get("doseSimpleQuantity"))
    if simple:
        return simple, None
    between = tree(one.get("doseRange"))
    return quantity(between.get("low")), quantity(between.get("high"))


def _rate(one: Tree) -> Ratio | None:
    found = ratio(one.get("rateRatio"))
    if found:
        return found
    single = quantity(one.get("rateQuantity")) or quantity(one.get("rateSimpleQuantity"))
    return Ratio(numerator=single) if single else None


def timing(value: object) -> WrittenTiming | None:
    if not value:
        return None
    one = tree(value)
    repeat = tree(one.get("repeat"))
    between = tree(repeat.get("boundsRange"))
    period = tree(repeat.get("boundsPeriod"))
    found = WrittenTiming(
        code=concept(one.get("code")),
        events=tuple(e for e in many(one.get("event")) if isinstance(e, str)),
        start=text(period.get("start")),
        end=text(period.get("end")),
        bounds=quantity(repeat.get("boundsDuration")) or quantity(between.get("low")),
        bounds_high=quantity(between.get("high")),
        count=whole(repeat.get("count")),
        count_max=whole(repeat.get("countMax")),
        duration=decimal(repeat.get("duration")),
        duration_max=decimal(repeat.get("durationMax")),
        duration_unit=text(repeat.get("durationUnit")),
        frequency=whole(repeat.get("frequency")),
        frequency_max=whole(repeat.get("frequencyMax")),
        period=decimal(repeat.get("period")),
        period_max=decimal(repeat.get("periodMax")),
        period_unit=text(repeat.get("periodUnit")),
        days=tuple(d for d in many(repeat.get("dayOfWeek")) if isinstance(d, str)),
        times=tuple(t[:5] for t in many(repeat.get("timeOfDay")) if isinstance(t, str)),
        when=tuple(w for w in many(repeat.get("when")) if isinstance(w, str)),
        offset_minutes=whole(repeat.get("offset")),
    )
    return found if found != _NO_TIMING else None
