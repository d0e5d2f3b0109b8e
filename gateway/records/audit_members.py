"""A set of a question, ready to be asked: its ingredients and routes."""

from __future__ import annotations

from msgspec import Struct

from gateway.records.audit import MedicineFact, Standing


class Members(Struct, frozen=True):
    """`kinds` are the kinds of route of its routes, where it names routes."""

    ingredients: frozenset[str]
    routes: frozenset[str]
    kinds: frozenset[str]

    def holds(self, fact: MedicineFact) -> bool:
        """By ingredient, of the medicine or of what it was changed to."""
        return not self.ingredients.isdisjoint(fact.ingredients) or not self.ingredients.isdisjoint(fact.another)

    def standing(self, fact: MedicineFact) -> tuple[Standing, str] | None:
        """How a member stands; None where its route is another (timolol eye drops)."""
        if not self.routes or fact.another:
            return fact.standing, fact.why
        if fact.kind_of_route in self.routes or fact.route in self.routes:
            return fact.standing, fact.why
        known = fact.route is not None or (fact.kind_of_route is not None and fact.kind_of_route not in self.kinds)
        if known:
            return None
        if fact.standing is Standing.TAKEN:
            return Standing.UNCLEAR, f"The route of {fact.medicine} is not stated."
        return fact.standing, fact.why


#: By question and name of the set.
PackMembers = dict[str, dict[str, Members]]
