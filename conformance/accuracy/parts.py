"""The parts of the table. Each is measured by a function of the knowledge; heavy ones are imported when asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from msgspec import Struct

from conformance.accuracy.counts import Line
from gateway.actions.reconcile import Knowledge


class Figures(Struct, frozen=True):
    """Rows of (label, value in words, how many) for what has no precision and recall."""

    rows: tuple[tuple[str, str, str], ...]


class NotThere(Exception):
    """A part of the table whose measure this version does not have; said loudly."""


class Part(Struct, frozen=True):
    """`aside` says what stands in the columns of what is kept aside."""

    name: str
    title: str
    measure: Callable[[Knowledge], list[Line] | Figures]
    aside: str = "the tenth kept aside, never looked at"


def _names(knowledge: Knowledge) -> list[Line]:
    from conformance.accuracy import names

    return names.measure(knowledge.vocabulary)


def _pairs(knowledge: Knowledge) -> list[Line]:
    from conformance.accuracy import pairs

    return pairs.measure(knowledge.vocabulary)


def _misspelt(knowledge: Knowledge) -> list[Line]:
    from conformance.accuracy import misspelt

    return misspelt.measure(knowledge.vocabulary)


def _transfer(knowledge: Knowledge) -> list[Line]:
    from conformance.accuracy import transfer

    return transfer.measure(knowledge)


def _population(knowledge: Knowledge) -> list[Line]:
    from conformance.accuracy import population_lines

    return population_lines.measure(knowledge.vocabulary)


def _doses(_: Knowledge) -> Figures:
    from conformance.accuracy import records

    try:
        doses = importlib.import_module("conformance.accuracy.doses")
    except ModuleNotFoundError as error:
        raise NotThere(str(error)) from None
    return Figures(tuple(doses.rows(records.folder())))


def _alerts(knowledge: Knowledge) -> Figures:
    from conformance.accuracy import alert_burden, alert_patients

    try:
        return Figures(alert_burden.rows(knowledge))
    except alert_patients.NoRecords as error:
        raise NotThere(str(error)) from None


def _audits(knowledge: Knowledge) -> Figures:
    from conformance.accuracy import audits

    return Figures(tuple(audits.rows(knowledge)))


PARTS = (
    Part("pairs", "Pairs of names", _pairs),
    Part("names", "Names read as ingredients", _names),
    Part("misspelt", "Names with a slip, invented", _misspelt, "none: invented anew in each run"),
    Part("doses", "Dosage instructions", _doses),
    Part("transfer", "A GP record before and after a transfer", _transfer, "none: nothing here was tuned by row"),
    Part("alerts", "Findings that a real patient gives", _alerts),
    Part("audits", "Clinical-audit answers of invented stays", _audits),
    Part("population", "Lines of invented patients", _population, "the second half of the patients"),
)
