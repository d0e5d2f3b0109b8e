"""PINCER indicators: which current medicines make a hazard, and whether a protecting one is taken."""

from __future__ import annotations

import datetime as dt
from itertools import product

from msgspec import Struct

from gateway.discrepancies.clinical_knowledge import Indicator, MedicineSet, Pincer
from gateway.discrepancies.medicine_sets import is_in
from gateway.discrepancies.present import latest, may_still_be_taken, taken
from gateway.discrepancies.view import RuleView, absence_words
from gateway.discrepancies.words import listed, names
from gateway.records.lists import ListState, MedicineEntry
from gateway.records.matching import Row


class Taking(Struct, frozen=True):
    """A row with the entries by which it is taken; `still` where only a list from before admission says so."""

    row: Row
    entries: tuple[MedicineEntry, ...]
    still: bool = False


class Hazard(Struct, frozen=True):
    """The medicines of a hazard, in the order of the indicator's sets."""

    indicator: Indicator
    members: tuple[Taking, ...]

    @property
    def rows(self) -> frozenset[str]:
        return frozenset(m.row.id for m in self.members)


def hazards(view: RuleView, known: Pincer, indicators: tuple[Indicator, ...]) -> tuple[Hazard, ...]:
    """Every indicator whose medicines are taken; protection, age, conditions and tests are judged by the rule."""
    found = []
    for one in indicators:
        sets = [members(view, known.sets[name]) for name in one.of]
        usable = [[t for t in found_in if one.still or not t.still] for found_in in sets]
        if not all(usable):
            continue
        pairs = [combination for combination in product(*usable) if not all(t.still for t in combination)]
        if pairs:
            rows = {t.row.id: t for combination in pairs for t in combination}
            found.append(Hazard(one, tuple(rows.values())))
    return tuple(found)


def members(view: RuleView, one: MedicineSet) -> list[Taking]:
    """Rows of the set that are taken, or may still be."""
    found = []
    for row in view.rows:
        if not is_in(row, one, view):
            continue
        if now := taken(view, row):
            found.append(Taking(row, now))
        elif before := may_still_be_taken(view, row):
            found.append(Taking(row, before, still=True))
    return found


def unprotected(view: RuleView, known: Pincer, one: Indicator) -> tuple[bool, str | None]:
    """Whether no protecting medicine is taken; or a cause why that cannot be said."""
    if one.without is None:
        return True, None
    if members(view, known.sets[one.without]):
        return False, None
    broken = [x for x in latest(view) if x.state is not ListState.COMPLETE]
    nameless = [e for row in view.rows if not row.ingredients for e in taken(view, row)]
    if broken or nameless:
        said = [f"{x.name}: {absence_words(x.state).lower()}" for x in broken]
        said += [f"{e.list}: a name is not understood" for e in nameless[:1]]
        return False, f"whether a {known.sets[one.without].words} is taken cannot be said ({'; '.join(said)})"
    return True, None


def age_at(birth_date: str | None, at: dt.date) -> tuple[int, int] | None:
    """The least and the most age in years that the date of birth, which may be partial, allows; None without one."""
    if not birth_date or not birth_date[:4].isdigit():
        return None
    year = int(birth_date[:4])
    if len(birth_date) < 10:
        return at.year - year - 1, at.year - year
    years = at.year - year - (at.strftime("%m-%d") < birth_date[5:10])
    return years, years


def taking_words(hazard: Hazard) -> str:
    """ "naproxen (gp) and apixaban (discharge)"."""
    return listed(f"{m.row.medicine} ({names(e.list for e in m.entries)})" for m in hazard.members)


def entries_of(hazard: Hazard) -> tuple[MedicineEntry, ...]:
    return tuple({e.id: e for m in hazard.members for e in m.entries}.values())
