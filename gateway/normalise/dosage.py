"""Text and structure of the dosages of one entry, read together. Where they disagree, neither is used silently."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from gateway.normalise.daily import daily_amount
from gateway.normalise.dosage_structure import step_of
from gateway.normalise.dose_text import read_dose_text
from gateway.records.as_written import WrittenDosage
from gateway.records.dose import Dose, DoseStep
from gateway.records.product import Product
from gateway.terminology.vocabulary import Vocabulary


def read_dosages(dosages: tuple[WrittenDosage, ...], product: Product, vocabulary: Vocabulary) -> Dose:
    """One Dose for all dosages of an entry; if any of them is not certain, the whole stays text."""
    if not dosages:
        return Dose(why_not="no dose is stated")
    ordered = sorted(dosages, key=lambda d: d.sequence or 0) if all(d.sequence for d in dosages) else list(dosages)
    texts = list(dict.fromkeys(t for d in ordered if (t := d.text or d.patient_instruction)))
    text = "; ".join(texts) or None
    parts = [_read_one(d, vocabulary) for d in ordered]
    disagreement = next((p.disagreement for p in parts if p.disagreement), None)
    why_not = next((p.why_not for p in parts if not p.parsed), None)
    if disagreement or why_not:
        return Dose(text=text, why_not=disagreement or why_not, disagreement=disagreement)
    steps = tuple(dict.fromkeys(s for p in parts for s in p.sequence))
    if len(parts) > 1 and len(texts) == 1 and len(read_dose_text(texts[0], vocabulary).sequence) == len(steps):
        steps = read_dose_text(texts[0], vocabulary).sequence
    routes = {p.route for p in parts if p.route}
    sources = {p.read_from for p in parts}
    return Dose(
        text=text,
        parsed=True,
        sequence=steps,
        daily=daily_amount(steps, product, vocabulary),
        route=routes.pop() if len(routes) == 1 else None,
        read_from=sources.pop() if len(sources) == 1 else "both",
    )


def _read_one(dosage: WrittenDosage, vocabulary: Vocabulary) -> Dose:
    text = dosage.text or dosage.patient_instruction
    said = read_dose_text(text, vocabulary) if text else None
    step = step_of(dosage, vocabulary)
    complete = step is not None and (step.period is not None or step.as_needed or step.once)
    if said is None:
        if step is None or not complete:
            return Dose(why_not="no dose is stated" if step is None else "its structure names no times")
        return Dose(parsed=True, sequence=(step,), read_from="structure")
    if not said.parsed or step is None:
        return said
    differing = _disagree(said.sequence, step)
    if differing:
        words = f"text and structure disagree: {differing}"
        return Dose(text=text, why_not=words, disagreement=words)
    return Dose(text=text, parsed=True, sequence=said.sequence, route=said.route, read_from="both")


def _disagree(steps: Sequence[DoseStep], step: DoseStep) -> str | None:
    """What differs between words and structure, both values named; what only one of them says is no conflict."""
    if len(steps) != 1:
        return None
    one = steps[0]
    ours, theirs = _rate(one), _rate(step)
    if ours and theirs and ours != theirs:
        return f"{_times(one)} in words, {_times(step)} in structure"
    same_unit = one.unit == step.unit or one.unit is None
    if same_unit and one.low is not None and step.low is not None and (one.low, one.high) != (step.low, step.high):
        return f"{_amount(one)} in words, {_amount(step)} in structure"
    if one.days and step.days and set(one.days) != set(step.days):
        return f"{', '.join(one.days)} in words, {', '.join(step.days)} in structure"
    return None


def _rate(step: DoseStep) -> tuple[Decimal, Decimal | None] | None:
    """Times per hour, so that "twice a day" and "every 12 hours" agree; with the longest interval as second."""
    hours = {"h": Decimal(1), "d": Decimal(24), "wk": Decimal(168), "mo": Decimal(720), "min": Decimal(1) / 60}
    if step.frequency is None or not step.period or step.period_unit not in hours:
        return None
    unit = hours[step.period_unit]
    longest = step.period_max * unit if step.period_max else None
    return Decimal(step.frequency_max or step.frequency) / (step.period * unit), longest


def _times(step: DoseStep) -> str:
    return f"{step.frequency or 1} in {step.period} {step.period_unit}"


def _amount(step: DoseStep) -> str:
    low, high = format(step.low or 0, "f"), format(step.high or 0, "f")
    return f"{low if low == high else f'{low} to {high}'} {step.unit or ''}".strip()
