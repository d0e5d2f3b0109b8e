"""The three organisations on loopback, as the gateway registers them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.demo.loopback import served
from gateway.demo.organisations import gp_practice, hospital, pharmacy
from gateway.demo.stories import Stories
from gateway.sources.source import Dialect, Kind, SourceSystem

Now = Callable[[], dt.datetime]

_APPLICATIONS = {
    "gp": (gp_practice, Kind.GP, Dialect.GP_CONNECT_STU3, "3.0.1"),
    "hospital": (hospital, Kind.HOSPITAL, Dialect.UK_CORE_R4, "4.0.1"),
    "pharmacy": (pharmacy, Kind.COMMUNITY_PHARMACY, Dialect.UK_CORE_R4, "4.0.1"),
}


@contextmanager
def organisations(stories: Stories, now: Now) -> Iterator[tuple[SourceSystem, ...]]:
    """All three answer while the block is open and are gone when it ends."""
    with served({name: make(stories, now) for name, (make, *_) in _APPLICATIONS.items()}) as addresses:
        yield tuple(
            SourceSystem(
                name=name,
                organisation=stories.organisations[name].name,
                kind=kind,
                base_url=addresses[name],
                dialect=dialect,
                ods_code=stories.organisations[name].ods,
                fhir_version=version,
            )
            for name, (_, kind, dialect, version) in _APPLICATIONS.items()
        )
