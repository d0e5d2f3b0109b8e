"""How the doses of one medicine on several lists relate. Rules 9, 10, 11 and 15 are readings of this one comparison.

One entry a list: all are compared. Several entries on a list (part doses, warfarin 1 mg and 3 mg): by their total where
every list has one, else line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from msgspec import Struct

from gateway.discrepancies.amounts import Span, Times
from gateway.discrepancies.knowledge import Thresholds
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.part_doses import parts_of_one_dose
from gateway.discrepancies.plausibility import cannot_be_meant
from gateway.discrepancies.status import last_day
from gateway.discrepancies.view import ByList, RuleView
from gateway.records.lists import ListRole, MedicineEntry
from gateway.records.matching import Row


class Kind(StrEnum):
    """`unknown`: both were read, and their amounts cannot be compared (a strength is missing).

    `apart`: forms or routes whose doses are not meant to be alike (nebules against an inhaler, by vein and by mouth).
    """

    SAME = "same"
    DOSE = "dose"
    FREQUENCY = "frequency"
    UNKNOWN = "unknown"
    UNREAD = "unread"
    APART = "apart"


class Difference(Struct, frozen=True):
    """`ratios` are larger over smaller, of the most and of the least; empty where amounts are not comparable."""

    kind: Kind
    ratios: tuple[Decimal, ...] = ()
    first_is_larger: bool = False


class Side(Struct, frozen=True, kw_only=True):
    """What one list says in a comparison: one entry, or the total of its part doses. Amounts are per day."""

    list: str
    entries: tuple[MedicineEntry, ...]
    average: Span | None
    count: Span | None
    times: Times | None


class Contest(Struct, frozen=True):
    """Sides that are compared with each other, and how each pair (i < j) relates; `alike`: every pair is the same."""

    sides: tuple[Side, ...]
    pairs: dict[tuple[int, int], Difference]
    alike: bool

    def of(self, *kinds: Kind) -> list[tuple[Side, Side, Difference]]:
        return [(self.sides[i], self.sides[j], d) for (i, j), d in self.pairs.items() if d.kind in kinds]


_SAME = Difference(Kind.SAME)


def contests(view: RuleView, row: Row, pack: RulePack) -> tuple[Contest, ...]:
    """Worked out once a row, for all rules that ask. A dose that cannot be meant hides no difference of the others."""
    key = ("contests", row.id)
    found = view.memo.get(key)
    if not isinstance(found, tuple):
        all_of_row = [_contest(sides, view, pack.thresholds) for sides in _sides(view, row)]
        found = tuple(one if one.alike else _of_what_can_be_meant(one, view, pack) for one in all_of_row)
        view.memo[key] = found
    return found


def _of_what_can_be_meant(one: Contest, view: RuleView, pack: RulePack) -> Contest:
    def meant(entry: MedicineEntry) -> bool:
        regimen = view.regimen(entry)
        return regimen is None or cannot_be_meant(regimen, pack.plausible) is None

    kept = tuple(side for side in one.sides if all(meant(e) for e in side.entries))
    return one if len(kept) in {0, len(one.sides)} else _contest(kept, view, pack.thresholds)


def _sides(view: RuleView, row: Row) -> Iterator[tuple[Side, ...]]:
    on = view.current[row.id]
    if len(on) < 2 or _one_value(on, view):
        return
    if view.with_role(ListRole.SUPPLY):
        on = {name: entries for name, entries in on.items() if not _older_than_plan(name, entries, view, row)}
    if len(on) < 2:
        return
    by_list = {name: entries if len(entries) == 1 else _standing(entries) for name, entries in on.items()}
    whole = [_side(name, entries, view) for name, entries in sorted(by_list.items())]
    single = all(len(entries) == 1 for entries in by_list.values())
    units = {side.average.unit if side.average else None for side in whole}
    if single or (len(units) == 1 and None not in units):
        yield tuple(whole)
        return
    for line in view.current_lines(row):
        yield tuple(_side(e.list, (e,), view) for e in sorted(line, key=lambda e: (e.list, e.id)))


def _one_value(on: ByList, view: RuleView) -> bool:
    """Every list has one entry, with one dose of one strength: there is nothing to compare, in most rows."""
    seen = {id(view.regimen(entries[0])) if len(entries) == 1 else -1 for entries in on.values()}
    if len(seen) > 1 or -1 in seen:
        return False
    regimen = view.regimen(next(iter(on.values()))[0])
    return regimen is not None and regimen.average is not None


def _older_than_plan(name: str, entries: tuple[MedicineEntry, ...], view: RuleView, row: Row) -> bool:
    """Supplies handed over before every list from before admission began the plan it has: history, no conflict."""
    if view.by_name[name].role is not ListRole.SUPPLY:
        return False
    plans = view.current_on(row, view.with_role(ListRole.PRE_ADMISSION))
    began = [last_day(e.written.start) for e in plans]
    handed = [last_day(e.written.handed_over) for e in entries]
    if not began or not handed or None in began or None in handed:
        return False
    return max(day for day in handed if day) < min(day for day in began if day)


def _standing(entries: tuple[MedicineEntry, ...]) -> tuple[MedicineEntry, ...]:
    """Without what is suspended beside an active entry, and without the same product and dose a second time."""
    active = tuple(e for e in entries if e.written.status != "on-hold") or entries
    seen: dict[object, MedicineEntry] = {}
    for entry in active:
        product = entry.product
        seen.setdefault((product.strengths, product.form, product.release, entry.dose.sequence, entry.dose.text), entry)
    return tuple(seen.values())


def _side(name: str, entries: tuple[MedicineEntry, ...], view: RuleView) -> Side:
    if len(entries) == 1:
        one = view.regimen(entries[0])
        if one is None:
            return Side(list=name, entries=entries, average=None, count=None, times=None)
        return Side(list=name, entries=entries, average=one.average, count=one.average_count, times=one.times_a_day)
    regimens = [view.regimen(e) for e in entries]
    known = [r for r in regimens if r is not None]
    complete = len(known) == len(entries)
    return Side(
        list=name,
        entries=entries,
        average=_total(r.average for r in known) if complete else None,
        count=_total(r.average_count for r in known) if complete else None,
        times=_times_of(entries, [r.times_a_day for r in known]) if complete else None,
    )


def _times_of(entries: tuple[MedicineEntry, ...], times: list[Times | None]) -> Times | None:
    """Of part doses that are not told apart by time (1 mg and 3 mg, each once a day) it is open how often that is."""
    said = [t for t in times if t is not None]
    if not said or len(said) != len(times):
        return None
    loose, high = any(t.loose for t in said), sum((t.high for t in said), Decimal(0))
    if all(parts_of_one_dose(a, b) for a, b in combinations(entries, 2)):
        return Times(sum((t.low for t in said), Decimal(0)), high, loose)
    return Times(max(t.low for t in said), high, loose, joint=True)


def _total(spans: Iterable[Span | None]) -> Span | None:
    total: Span | None = None
    for one in spans:
        if one is None or (total is not None and not total.comparable(one)):
            return None
        total = one if total is None else total.plus(one)
    return total


def _contest(sides: tuple[Side, ...], view: RuleView, thresholds: Thresholds) -> Contest:
    first, *others = sides
    if first.average is not None and all(s.average == first.average and s.times == first.times for s in others):
        return Contest(sides, dict.fromkeys(combinations(range(len(sides)), 2), _SAME), True)
    # Most lists repeat one of few values, and what was found of two values holds for all that have them.
    values = [_value(side, view) for side in sides]
    found: dict[object, Difference] = {}
    pairs = {}
    for i, j in combinations(range(len(sides)), 2):
        key = (values[i], values[j])
        if key not in found:
            found[key] = relate(sides[i], sides[j], view, thresholds)
        pairs[i, j] = found[key]
    return Contest(sides, pairs, all(d.kind is Kind.SAME for d in pairs.values()))


def _value(side: Side, view: RuleView) -> object:
    """Equal for sides of which `relate` says the same: one entry with the same dose of the same product and route."""
    if len(side.entries) != 1:
        return side.list
    (entry,) = side.entries
    regimen = view.regimen(entry)
    return side.list if regimen is None else (id(regimen), entry.route)


def relate(a: Side, b: Side, view: RuleView, thresholds: Thresholds) -> Difference:
    """The average over the days where both have one in one unit, else amount and interval directly."""
    if a.average is not None and a.average == b.average and a.times == b.times:
        return _SAME
    if _forms_apart(a, b, thresholds.apart_forms):
        return Difference(Kind.APART)
    found = _relate(a, b, view, thresholds.dose_difference_share)
    if found.kind is Kind.SAME or not _routes_apart(a, b):
        return found
    # By another route another dose is meant; only a slip of the decimal point is still told.
    slip = any(band.low <= ratio <= band.high for ratio in found.ratios for band in thresholds.tenfold_ratios)
    return found if slip else Difference(Kind.APART)


def _relate(a: Side, b: Side, view: RuleView, share: Decimal) -> Difference:
    loose = bool(a.times and a.times.loose) or bool(b.times and b.times.loose)
    if a.average and b.average and a.average.comparable(b.average):
        if _apart(a.average, b.average, share, loose=loose) and not _within(a, b, view, share):
            return _dose(a.average, b.average)
        return Difference(_times(a.times, b.times))
    if any(view.regimen(e) is None for e in (*a.entries, *b.entries)):
        return Difference(Kind.UNREAD)
    if len(a.entries) == 1 and len(b.entries) == 1:
        return _direct(a, b, view, share)
    return Difference(Kind.UNKNOWN)


def _forms_apart(a: Side, b: Side, apart: tuple[str, ...]) -> bool:
    one, two = ({e.product.form for e in side.entries} for side in (a, b))
    return any((form in one) != (form in two) for form in apart)


def _within(a: Side, b: Side, view: RuleView, share: Decimal) -> bool:
    """ "One or two" against "two": one leaves a choice and both allow the same most. Not for a critical medicine."""
    if (
        a.average is None
        or b.average is None
        or any(view.vocabulary.is_critical(e.product.ingredients) for e in (*a.entries, *b.entries))
    ):
        return False
    choice = a.average.low != a.average.high or b.average.low != b.average.high
    return choice and not a.average.most().differs(b.average.most(), share)


def _routes_apart(a: Side, b: Side) -> bool:
    one, two = ({e.route for e in side.entries if e.route} for side in (a, b))
    return bool(one and two) and one.isdisjoint(two)


def _direct(a: Side, b: Side, view: RuleView, share: Decimal) -> Difference:
    one, two = view.regimen(a.entries[0]), view.regimen(b.entries[0])
    if one is None or two is None:
        return Difference(Kind.UNREAD)
    if one.stepped or two.stepped:
        return _stepped(a.entries[0], b.entries[0])
    amounts = _amounts(one.amounts, two.amounts, one.counts, two.counts)
    regular = one.as_needed is False and two.as_needed is False
    if amounts is not None and one.as_needed and two.as_needed:
        # When needed, the patient chooses within the range: "one or two" and "two" are alike, their most decides.
        most = amounts[0].most(), amounts[1].most()
        if _apart(*most, share, loose=False):
            # How many times the one is of the other is said only where the whole ranges are apart.
            return _dose(*most) if amounts[0].disjoint(amounts[1]) else Difference(Kind.DOSE)
        amounts = most
    elif amounts is not None and _apart(*amounts, share, loose=False):
        return _dose(*amounts)
    if one.as_needed != two.as_needed:
        return Difference(Kind.SAME if amounts else Kind.UNKNOWN)
    times = _times(one.times_a_day, two.times_a_day)
    if times is Kind.FREQUENCY and regular and amounts is not None:
        return _by_interval(amounts, one.times_a_day, two.times_a_day)
    nothing_said = not any((*one.counts, *two.counts))
    return Difference(times if amounts is not None or nothing_said or times is Kind.FREQUENCY else Kind.UNKNOWN)


def _by_interval(amounts: tuple[Span, Span], a: Times | None, b: Times | None) -> Difference:
    """The same amount at another interval is another dose."""
    if a is None or b is None:
        return Difference(Kind.FREQUENCY)
    return _dose(amounts[0].times(a.low, a.high), amounts[1].times(b.low, b.high))


def _stepped(a: MedicineEntry, b: MedicineEntry) -> Difference:
    """Tapers are the same when every step is; how far they are apart has no one number."""
    return Difference(Kind.SAME if a.dose.sequence == b.dose.sequence else Kind.DOSE)


def _amounts(
    a: tuple[Span | None, ...],
    b: tuple[Span | None, ...],
    counts_a: tuple[Span | None, ...],
    counts_b: tuple[Span | None, ...],
) -> tuple[Span, Span] | None:
    """The one amount a time of each: measured, or counted where neither is measured or the counts are equal."""
    if len(a) != 1 or len(b) != 1:
        return None
    if a[0] and b[0]:
        return (a[0], b[0]) if a[0].comparable(b[0]) else None
    one, two = counts_a[0], counts_b[0]
    if one and two and one.comparable(two) and (one == two or (a[0] is None and b[0] is None)):
        return one, two
    return None


def _apart(a: Span, b: Span, share: Decimal, *, loose: bool) -> bool:
    return a.disjoint(b) and a.differs(b, share) if loose else a.differs(b, share)


def _dose(a: Span, b: Span) -> Difference:
    return Difference(Kind.DOSE, a.ratios(b), sum(a.high) > sum(b.high))


def _times(a: Times | None, b: Times | None) -> Kind:
    if a is None or b is None:
        return Kind.SAME
    if a.loose or b.loose or a.joint or b.joint:
        return Kind.FREQUENCY if a.high < b.low or b.high < a.low else Kind.SAME
    return Kind.SAME if (a.low, a.high) == (b.low, b.high) else Kind.FREQUENCY
