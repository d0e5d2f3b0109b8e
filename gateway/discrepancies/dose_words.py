"""One sentence about doses that differ, with every value and who says it."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.discrepancies.comparison import Contest, Kind, Side
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import dose, listed, names, relation
from gateway.records.lists import ListRole

#: The later the list in the patient's way, the more it is what the sentence is about.
_ORDER = {ListRole.PRE_ADMISSION: 0, ListRole.SUPPLY: 1, ListRole.INPATIENT: 2, ListRole.DISCHARGE: 3}


def dose_message(medicine: str, contest: Contest, sides: Sequence[Side], view: RuleView) -> str:
    """ "The ward dose of apixaban, 2.5 mg twice a day, is half of the gp and pharmacy dose, 5 mg twice a day." """
    groups = _groups(contest, sides)
    groups.sort(key=lambda g: (-max(_ORDER[view.by_name[s.list].role] for s in g), g[0].list))
    if len(groups) != 2:
        return f"The doses of {medicine} differ: {'; '.join(f'{_lists(g)}, {_value(g, view)}' for g in groups)}."
    one, two = groups
    return (
        f"The {_lists(one)} dose of {medicine}, {_value(one, view)}, {_relation(contest, one[0], two[0])} "
        f"the {_lists(two)} dose, {_value(two, view)}."
    )


def side_words(side: Side, view: RuleView) -> str:
    """The doses of one list; part doses stand together."""
    return listed(dose(e, view) for e in side.entries)


def _value(group: list[Side], view: RuleView) -> str:
    return listed(side_words(side, view) for side in group)


def _lists(group: list[Side]) -> str:
    return names(side.list for side in group)


def _groups(contest: Contest, sides: Sequence[Side]) -> list[list[Side]]:
    """Sides that agree stand together."""
    groups: list[list[Side]] = []
    for side in sides:
        n = contest.sides.index(side)
        for group in groups:
            m = contest.sides.index(group[0])
            if contest.pairs[min(m, n), max(m, n)].kind is Kind.SAME:
                group.append(side)
                break
        else:
            groups.append([side])
    return groups


def _relation(contest: Contest, one: Side, two: Side) -> str:
    i, j = contest.sides.index(one), contest.sides.index(two)
    difference = contest.pairs[min(i, j), max(i, j)]
    if difference.kind is not Kind.DOSE or not difference.ratios:
        return "differs from"
    larger = difference.first_is_larger if i < j else not difference.first_is_larger
    return f"is {relation(difference.ratios[0], first_is_larger=larger)}"
