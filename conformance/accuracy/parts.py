"""The parts of the table. Each is measured by a function of the knowledge; heavy ones are imported when asked for."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from conformance.accuracy.counts import Line
from gateway.actions.reconcile import Knowledge


class Figures(Struct, frozen=True):
    """Rows of (label, value in words, how many) for what has no precision and recall."""

    rows: tuple[tuple[str, str, str], ...]


class Part(Struct, frozen=True):
    name: str
    title: str
    measure: Callable[[Knowledge], list[Line] | Figures]


def _names(knowledge: Knowledge) -> list[Line]:
    from conformance.accuracy import names

    return names.measure(knowledge.vocabulary)


def _pairs(knowledge: Knowledge) -> list[Line]:
    from conformance.accuracy import pairs

    return pairs.measure(knowledge.vocabulary)


def _transfer(knowledge: Knowledge) -> list[Line]:
    from conformance.accuracy import transfer

    return transfer.measure(knowledge)


PARTS = (
    Part("pairs", "Pairs of names", _pairs),
    Part("names", "Names read as ingredients", _names),
    Part("transfer", "A GP record before and after a transfer", _transfer),
)
