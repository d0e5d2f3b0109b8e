"""Compare wards, sources, audits or roles on the same measures, with intervals; people are never compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from gateway.actions.access import Person, require
from gateway.actions.labour_page import labour_cube
from gateway.actions.metric_cards_page import WEEKS, mondays
from gateway.errors import NotFound
from gateway.labour.spine import SpineLine, spine
from gateway.records.card import MetricCard
from gateway.store.database import Database

#: What may be compared, in the words of the page.
PLACES = {"ward": "wards", "source": "sources", "pack": "audits", "field": "audit fields"}


def compare_places(
    database: Database, cards: Sequence[MetricCard], *, what: str, by: Person, now: dt.datetime
) -> tuple[SpineLine, ...]:
    """Raises NotFound for what cannot be compared."""
    require(by, "labour.see")
    if what not in PLACES:
        raise NotFound("There is no such comparison.")
    weeks = mondays(now, WEEKS)
    cube, _ = labour_cube(database, since=weeks[0])
    return spine(cards, cube, weeks, what)
