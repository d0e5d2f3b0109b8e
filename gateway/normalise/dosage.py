"""Text and structure of the dosages of one entry, read together. Where they disagree, neither is used silently."""

from __future__ import annotations

import msgspec

from gateway.normalise.daily import amount_in_mass, daily_amount
from gateway.normalise.dosage_conflicts import disagreement
from gateway.normalise.dosage_structure import step_of
from gateway.normalise.dose_text import read_dose_text, sends_elsewhere
from gateway.records.as_written import WrittenDosage
from gateway.records.dose import Dose, DoseStep
from gateway.records.product import Product
from gateway.terminology.vocabulary import Vocabulary

#: Doses kept; the same product with the same dosage comes again and again.
_KEPT = 50_000


def read_dosages(dosages: tuple[WrittenDosage, ...], product: Product, vocabulary: Vocabulary) -> Dose:
    """One Dose for all dosages of an entry; if any of them is not certain, the whole stays text.

    What was read of mere words for the same product object is remembered, as `read_product` gives one object for one
    medicine. Structure is read anew: 1.0 and 1 are equal keys and stay as written.
    """
    if any(d.timing or d.dose or d.dose_high or d.rate or d.max_per_period for d in dosages):
        return _read_dosages(dosages, product, vocabulary)
    version, known = _LAST[0]
    if version != vocabulary.version or len(known) > _KEPT:
        known = {}
        _LAST[0] = (vocabulary.version, known)
    key = (dosages, id(product))
    found = known.get(key)
    if found is None or found[0] is not product:
        # The product is kept beside its id, so that the id stays its own.
        found = known[key] = (product, _read_dosages(dosages, product, vocabulary))
    return found[1]


# One value, so that a thread never sees the version of one vocabulary and the doses of another.
_LAST: list[tuple[str, dict[tuple[tuple[WrittenDosage, ...], int], tuple[Product, Dose]]]] = [("", {})]


def _read_dosages(dosages: tuple[WrittenDosage, ...], product: Product, vocabulary: Vocabulary) -> Dose:
    if not dosages:
        return Dose(why_not="no dose is stated")
    ordered = sorted(dosages, key=lambda d: d.sequence or 0) if all(d.sequence for d in dosages) else list(dosages)
    texts = list(dict.fromkeys(t for d in ordered if (t := d.text or d.patient_instruction)))
    text = "; ".join(texts) or None
    parts = [_read_one(d, product, vocabulary) for d in ordered]
    differing = next((p.disagreement for p in parts if p.disagreement), None)
    why_not = next((p.why_not for p in parts if not p.parsed), None)
    if differing or why_not:
        return Dose(text=text, why_not=differing or why_not, disagreement=differing)
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
        repeats=any(p.repeats for p in parts),
    )


def _read_one(dosage: WrittenDosage, product: Product, vocabulary: Vocabulary) -> Dose:
    text = dosage.text or dosage.patient_instruction
    said = read_dose_text(text, vocabulary) if text else None
    step = step_of(dosage, vocabulary)
    if said is None:
        return _structure_alone(dosage, step, vocabulary)
    if not said.parsed:
        return said
    strength = _against_strength(said.sequence, product, vocabulary)
    if strength:
        return Dose(text=text, why_not=strength, disagreement=strength)
    if step is None:
        return said
    differing = disagreement(said.sequence, step, dosage, product, vocabulary)
    if differing:
        words = f"text and structure disagree: {differing}"
        return Dose(text=text, why_not=words, disagreement=words)
    steps = (_filled(said.sequence[0], step),) if len(said.sequence) == 1 else said.sequence
    return msgspec.structs.replace(said, sequence=steps, read_from="both")


def _structure_alone(dosage: WrittenDosage, step: DoseStep | None, vocabulary: Vocabulary) -> Dose:
    if step is None:
        return Dose(why_not="no dose is stated" if dosage.rate is None else "it states a rate and no dose")
    if step.period is None and not step.as_needed and not step.once:
        return Dose(why_not="its structure names no times")
    notes = [w for c in dosage.additional if (w := c.words)]
    elsewhere = next((n for n in notes if sends_elsewhere(n, vocabulary)), None)
    if elsewhere:
        return Dose(why_not=f'its structure is not the whole: "{elsewhere}"')
    return Dose(parsed=True, sequence=(step,), read_from="structure")


def _filled(one: DoseStep, step: DoseStep) -> DoseStep:
    """What only the structure says is added: the amount of "twice a day", that it is as needed, a maximum."""
    added: dict[str, object] = {}
    if one.low is None and step.low is not None:
        added |= {"low": step.low, "high": step.high, "unit": step.unit}
    elif one.unit is None and (one.low, one.high) == (step.low, step.high):
        added["unit"] = step.unit
    if step.as_needed and not one.as_needed:
        added |= {"as_needed": True, "as_needed_for": step.as_needed_for}
    elif one.as_needed and one.as_needed_for is None:
        added["as_needed_for"] = step.as_needed_for
    if one.maximum is None and step.maximum is not None:
        added |= {"maximum": step.maximum, "also_at_most": step.also_at_most}
    if one.duration is None and one.until is None and step.duration is not None and one.over is None:
        added |= {
            "duration": step.duration,
            "duration_max": step.duration_max,
            "duration_up_to": step.duration_up_to,
        }
    if one.period is None and not one.once and step.period is not None:
        added |= {
            "frequency": step.frequency,
            "frequency_max": step.frequency_max,
            "period": step.period,
            "period_max": step.period_max,
            "period_unit": step.period_unit,
        }
    for name in ("when", "days", "times"):
        if not getattr(one, name) and getattr(step, name):
            added[name] = getattr(step, name)
    return msgspec.structs.replace(one, **added) if added else one


def _against_strength(steps: tuple[DoseStep, ...], product: Product, vocabulary: Vocabulary) -> str | None:
    """ "4 tablets (10 mg)" of a tablet of 10 mg: one of the two is wrong, and nobody can say which."""
    for step in steps:
        also = step.equal_to
        if also is None or step.low is None or step.low != step.high:
            continue
        first = amount_in_mass(step, product, vocabulary)
        second = amount_in_mass(DoseStep(low=also.low, high=also.high, unit=also.unit), product, vocabulary)
        if first is None or second is None or first[2] != second[2] or first[0] == second[0]:
            continue
        one, other = f"{format(step.low, 'f')} {step.unit}", f"{format(also.low, 'f')} {also.unit}"
        if first[0] == second[0] * step.low:
            continue
        return f"its text says that {one} are {other}, which does not fit the strength of the product"
    return None
