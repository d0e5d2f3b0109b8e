"""Which medicines of a time-point belong to a set of a question, by ingredient and route."""

from __future__ import annotations

from msgspec import Struct

from gateway.records.audit import AuditPack, ClassSet, MedicineFact, Moment, Standing
from gateway.records.audit_members import Members, PackMembers
from gateway.terminology.vocabulary import Vocabulary


def ingredients_of(one: ClassSet, vocabulary: Vocabulary) -> frozenset[str]:
    """The members' ingredients, without the excluded ones."""
    return _named(one.members, vocabulary) - _named(one.excluded, vocabulary)


def _named(names: tuple[str, ...], vocabulary: Vocabulary) -> frozenset[str]:
    found: set[str] = set()
    for name in names:
        known = vocabulary.classes.get(name)
        found |= set(known.members) if known else {name}
    return frozenset(found)


def members_of(pack: AuditPack, vocabulary: Vocabulary) -> PackMembers:
    """By question and name of the set."""
    return {
        q.id: {
            name: Members(
                ingredients_of(one, vocabulary),
                frozenset(one.routes),
                frozenset(vocabulary.routes[r].kind for r in one.routes if r in vocabulary.routes),
            )
            for name, one in q.sets.items()
        }
        for q in pack.questions
    }


class Found(Struct, frozen=True):
    """The members at a time-point, by how they stand, each with its words."""

    taken: tuple[tuple[MedicineFact, str], ...] = ()
    unclear: tuple[tuple[MedicineFact, str], ...] = ()
    not_taken: tuple[tuple[MedicineFact, str], ...] = ()


def found_in(moment: Moment, members: Members, daily_at_most_mg: int | None) -> Found:
    """`daily_at_most_mg`: a member that is taken in more, or in an amount that is not certain, is unclear."""
    piles: dict[Standing, list[tuple[MedicineFact, str]]] = {each: [] for each in Standing}
    for fact in moment.medicines:
        known = members.standing(fact) if members.holds(fact) else None
        if known is None:
            continue
        standing, why = known
        above = daily_at_most_mg is not None and (fact.daily_mg is None or fact.daily_mg > daily_at_most_mg)
        if standing is Standing.TAKEN and above:
            standing = Standing.UNCLEAR
            why = f"The daily dose of {fact.medicine} is above {daily_at_most_mg} mg or not certain."
        piles[standing].append((fact, why))
    return Found(*(tuple(piles[each]) for each in (Standing.TAKEN, Standing.UNCLEAR, Standing.NOT_TAKEN)))
