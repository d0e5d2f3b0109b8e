"""How well dosage instructions are read: `python -m conformance.accuracy.doses` prints the table.

A tenth of the sentences, by hash, is kept aside; of them only the figures are printed. What nobody says to be a dose
("as directed") must stay text and is counted by itself. A sentence counts as right if every field that its row states
is read so; rows whose own fields contradict their sentence are named, with the reason, in dose_gold_reviewed.yaml.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path

import yaml
from msgspec import Struct

from conformance.accuracy.dose_gold import GoldDose, GoldStep, gold_doses
from conformance.accuracy.split import held_out
from gateway.normalise.dose_text import read_dose_text
from gateway.records.dose import Dose, DoseStep
from gateway.terminology.load import load_vocabulary
from gateway.terminology.vocabulary import Vocabulary

Reader = Callable[[str], Dose]

_HOURS = {"s": 1 / Decimal(3600), "min": 1 / Decimal(60), "h": Decimal(1), "d": Decimal(24)}
_HOURS |= {"wk": Decimal(168), "mo": Decimal(720), "a": Decimal(8760)}
_PERIODS = {"day": "d", "days": "d", "hour": "h", "hours": "h", "week": "wk", "weeks": "wk", "month": "mo"}
_PUFFS = frozenset({"puff", "dose", "spray"})
#: Units that senders fill in where the sentence names none, or another counted form.
_COUNTED = frozenset({"tablet", "capsule", "unit dose", "ea", "tab", "dose", "suppository", "drop", "patch", "puff"})
#: Units of senders that the vocabulary does not hold.
_UNITS = {"tropfen": "drop", "opdrop": "drop", "[in_us]": "inch", "vagtab": "suppository", "stück": None}
_REVIEWED = Path(__file__).with_name("dose_gold_reviewed.yaml")


class Figure(Struct, frozen=True):
    """A row of the table: `value` in percent (or a count where `unit` is ""), measured over `n` sentences."""

    label: str
    value: float
    n: int
    unit: str = "%"


def measure(records: Path) -> list[Figure]:
    """All figures on records/dose, the tuned and the held-out part apart, weighted by use and not."""
    vocabulary = load_vocabulary()
    doses = [d for d in gold_doses(records / "dose" / "dose_gold.csv") if d.language != "nl"]
    reviewed = frozenset(yaml.safe_load(_REVIEWED.read_text(encoding="utf-8"))["rows"])
    return figures(doses, vocabulary, reviewed)


def rows(records: Path) -> list[tuple[str, str, str]]:
    """(label, value in words, how many sentences) for the table of `python -m conformance.accuracy`."""
    return [
        (f.label, f"{f.value:.2f} {f.unit}".strip() if f.unit else str(int(f.value)), str(f.n))
        for f in measure(records)
    ]


def figures(doses: Sequence[GoldDose], vocabulary: Vocabulary, reviewed: frozenset[str]) -> list[Figure]:
    found: list[Figure] = []
    for aside, part in ((False, "tuned"), (True, "held out")):
        some = [d for d in doses if held_out(d.text) is aside]
        sentences = [d for d in some if d.comparable and d.steps]
        used = [d for d in sentences if d.weight]
        for name, group in (
            ("English", [d for d in sentences if d.language != "de"]),
            ("German", [d for d in sentences if d.language == "de"]),
        ):
            found += _group(f"{name}, {part}", group, vocabulary, reviewed, weighted=False)
        found += _group(f"English weighted by use, {part}", used, vocabulary, reviewed, weighted=True)
        must = {d.text for d in some if d.must_stay}
        structured = sum(read_dose_text(t, vocabulary).parsed for t in must)
        found.append(Figure(f"must stay text but structured, {part}", structured, len(must), ""))
    return found


def _group(
    name: str, doses: Iterable[GoldDose], vocabulary: Vocabulary, reviewed: frozenset[str], *, weighted: bool
) -> list[Figure]:
    total = read = right = asked = Decimal(0)
    n = 0
    for dose in doses:
        share = dose.weight if weighted else Decimal(1)
        n, total = n + 1, total + share
        found = read_dose_text(dose.text, vocabulary)
        if not found.parsed:
            continue
        read += share
        if mark(dose) in reviewed:
            continue
        asked += share
        right += share * (not differences(found, dose, vocabulary))
    return [
        Figure(f"{name}: read", float(100 * read / total) if total else 0.0, n),
        Figure(f"{name}: right of those read", float(100 * right / asked) if asked else 0.0, n),
    ]


def mark(dose: GoldDose) -> str:
    """A short name of a row that does not repeat its words."""
    return hashlib.sha256(f"{dose.source}|{dose.text}|{dose.steps}".encode()).hexdigest()[:12]


def differences(found: Dose, gold: GoldDose, vocabulary: Vocabulary) -> list[str]:
    """What of the row is read otherwise; empty where all is right."""
    if len(found.sequence) == len(gold.steps):
        orders = (found.sequence, found.sequence[::-1])
        return min(
            ([d for a, b in zip(o, gold.steps, strict=True) for d in _step(a, b, vocabulary)] for o in orders), key=len
        )
    each = [_step(one, other, vocabulary) for one in found.sequence for other in gold.steps]
    if len(gold.steps) == 1 or len(found.sequence) == 1:
        return [d for ds in each for d in ds]
    spread = {(s.low, w) for s in found.sequence for w in (*s.when, *s.times)}
    other = {(s.low, w) for s in gold.steps for w in (*s.when, *s.times)}
    return [] if spread == other else [f"{len(found.sequence)} steps for {len(gold.steps)}"]


def _step(one: DoseStep, gold: GoldStep, vocabulary: Vocabulary) -> list[str]:
    checks = {
        "amount": _amount(one, gold, vocabulary),
        "times": _times(one, gold),
        "when": set(gold.when) <= _wider(one.when),
        "days": not gold.days or set(gold.days) == set(one.days),
        "clock": not gold.times
        or set(gold.times) == set(one.times)
        or (gold.times == ("12:00",) and "NOON" in one.when),
        "as needed": not gold.as_needed or one.as_needed,
        "duration": _duration(one, gold),
        "maximum": _maximum(one, gold, vocabulary),
        "once": not gold.once or one.once,
    }
    return [name for name, right in checks.items() if not right]


def _wider(when: tuple[str, ...]) -> set[str]:
    return {*when, *(w[:-1] for w in when if w[-1:] in "MDV" and len(w) > 1)}


def _unit(word: str | None, vocabulary: Vocabulary) -> str | None:
    return _UNITS[word] if word in _UNITS else vocabulary.unit_words.get(word or "", word)


def _amount(one: DoseStep, gold: GoldStep, vocabulary: Vocabulary) -> bool:
    if gold.low is None and gold.high is None:
        return True
    low = gold.low if gold.low is not None else gold.high
    high = gold.high if gold.high is not None else low
    unit = _unit(gold.unit, vocabulary)
    ways = [(one.low, one.high, one.unit)]
    if one.equal_to:
        ways.append((one.equal_to.low, one.equal_to.high, one.equal_to.unit))
    if unit and ("spoon" in unit or unit == "teelöffel"):
        low, high, unit = 5 * low if low else low, 5 * high if high else high, "ml"
    return any((a, b) == (low, high) and _same_unit(u, unit) for a, b, u in ways)


def _same_unit(ours: str | None, theirs: str | None) -> bool:
    if ours is None or theirs is None or ours == theirs or {ours, theirs} <= _PUFFS:
        return True
    return ours in _COUNTED and theirs in _COUNTED


def _times(one: DoseStep, gold: GoldStep) -> bool:
    if gold.period is None or gold.period_unit not in _HOURS:
        return True
    if one.period is None or one.period_unit is None:
        return False
    ours, theirs = one.period * _HOURS[one.period_unit], gold.period * _HOURS[gold.period_unit]
    if gold.frequency is None and gold.frequency_max:
        if one.frequency is None:
            return (one.frequency_max, ours) == (gold.frequency_max, theirs)
        return one.maximum is not None and one.maximum.value == gold.frequency_max
    if one.days and one.period_unit == "wk" and gold.days and gold.period_unit == "d":
        return (one.frequency or 0) == (gold.frequency or 1) * len(gold.days)
    if Decimal(one.frequency or 0) * theirs != Decimal(gold.frequency or 1) * ours:
        return False
    if gold.period_max is not None:
        return one.period_max == gold.period_max
    return gold.frequency_max is None or one.frequency_max == gold.frequency_max


def _duration(one: DoseStep, gold: GoldStep) -> bool:
    if gold.duration is None:
        return True
    value, unit = gold.duration
    length = one.duration or one.over
    return length is not None and length.value * _HOURS[length.unit] == value * _HOURS[_PERIODS.get(unit, unit)]


def _maximum(one: DoseStep, gold: GoldStep, vocabulary: Vocabulary) -> bool:
    if gold.maximum is None:
        return True
    value, unit, below, per = gold.maximum
    if one.maximum is None:
        return False
    most = one.maximum
    period = most.period * _HOURS[most.period_unit] == below * _HOURS[_PERIODS.get(per, per)]
    same = most.unit in {_unit(unit, vocabulary), "item"} or unit is None
    return period and most.value == value and same


def main() -> int:
    records = Path(os.environ.get("GATEWAY_RECORDS", "../shared/records"))
    if not (records / "dose").is_dir():
        print(f"no records at {records}: set GATEWAY_RECORDS", file=sys.stderr)
        return 2
    for label, value, n in rows(records):
        print(f"{label:<60} {value:>10}  of {n}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
