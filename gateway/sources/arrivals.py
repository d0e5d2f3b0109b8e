"""Who is in a hospital now: its Encounters under way and their Patients, asked by search. Nothing here raises because
of the source; what went wrong is told as causes in words."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Collection, Sequence

from msgspec import Struct

from gateway.errors import InputError
from gateway.fhir.arrivals import arrivals, patient_ids
from gateway.records.stays import Arrival
from gateway.sources.attempt import Calls
from gateway.sources.connections import Connections
from gateway.sources.pages import Tree
from gateway.sources.problem import SourceProblem
from gateway.sources.search import Withdrawn, first_page, next_page
from gateway.sources.source import Dialect, SourceSystem

_LOG = logging.getLogger(__name__)

#: Encounter statuses of a patient who is in hospital, in STU3, R4 and R5.
UNDER_WAY = ("arrived", "in-progress", "onleave")

#: Ids in one question.
_IDS_AT_ONCE = 50
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")

#: GP Connect has no Encounters to search for.
_SEARCHABLE = frozenset({Dialect.UK_CORE_R4, Dialect.GENERIC_R4, Dialect.GENERIC_R5, Dialect.GENERIC_STU3})


class Present(Struct, frozen=True, kw_only=True):
    """`arrivals` are stays under way, and those of `known` that are so no longer. `causes`: why it may not be all."""

    arrivals: tuple[Arrival, ...] = ()
    causes: tuple[str, ...] = ()


async def look_for_stays(
    source: SourceSystem,
    connections: Connections,
    *,
    classes: Collection[str],
    known: Collection[str],
    deadline_s: float,
) -> Present:
    """Stays of these `classes` (v3 ActCode). `known` are ids of Encounters that were under way at the last look: one
    that is not among the answers is asked for by its id, and never taken to be over because it was not mentioned."""
    if source.dialect not in _SEARCHABLE:
        return Present(causes=("it cannot be asked who is in hospital",))
    try:
        transport = connections.of(source)
        transport.breaker.enter()
    except (InputError, SourceProblem) as problem:
        return Present(causes=(problem.words,))
    calls = Calls(transport, asyncio.get_running_loop().time() + deadline_s)
    found: list[Tree] = []
    try:
        async with asyncio.timeout_at(calls.until):
            await _ask(calls, found, classes, known)
    except TimeoutError:
        calls.note(SourceProblem(f"no whole answer within {deadline_s:g} seconds"))
    except SourceProblem as problem:
        calls.note(problem)
    except Exception as error:
        # A fault of ours must not become a missing page; its text may hold patient data, so only its kind is told.
        _LOG.error("source %s: %s while looking for stays", source.name, type(error).__name__)
        calls.note(SourceProblem("the gateway could not read its answer (a fault of the gateway)"))
    finally:
        if calls.answered:
            transport.breaker.worked()
        else:
            transport.breaker.failed()
    told = {one.encounter.id: one for one in arrivals(found, source.name)}
    stays = [one for one in told.values() if _meant(one, classes) or short_id(one) in known]
    return Present(arrivals=tuple(stays), causes=tuple(dict.fromkeys(calls.causes)))


def short_id(one: Arrival) -> str:
    """The Encounter's own id, without the list and the type before it."""
    return one.encounter.id.rpartition("/")[2]


def _meant(one: Arrival, classes: Collection[str]) -> bool:
    """A server may not know a parameter and answer with all it has."""
    return one.encounter.status in UNDER_WAY and one.encounter.class_code in classes


async def _ask(calls: Calls, found: list[Tree], classes: Collection[str], known: Collection[str]) -> None:
    """Fill `found` as answers come, so that what came before a time-out is not lost."""
    asked = (("status", ",".join(UNDER_WAY)), ("class", ",".join(sorted(classes))), ("_count", "100"))
    await _all(calls, "Encounter", asked, found)
    mentioned = {str(one.get("id")) for one in found}
    await _by_id(calls, "Encounter", sorted(set(known) - mentioned), found)
    await _by_id(calls, "Patient", patient_ids(found), found)


async def _by_id(calls: Calls, kind: str, ids: Sequence[str], found: list[Tree]) -> None:
    good = [one for one in ids if _ID.fullmatch(one)]
    for start in range(0, len(good), _IDS_AT_ONCE):
        some = good[start : start + _IDS_AT_ONCE]
        there: list[Tree] = []
        await _all(calls, kind, (("_id", ",".join(some)), ("_count", str(_IDS_AT_ONCE))), there)
        found += [one for one in there if str(one.get("id")) in some]


async def _all(calls: Calls, kind: str, asked: Sequence[tuple[str, str]], found: list[Tree]) -> None:
    """Every page; a page that does not come is noted, and what came before it stays."""
    answer, page = await first_page(calls, kind, asked)
    seen, number = {answer.url}, 1
    while True:
        found += [one for one in page.resources if one.get("resourceType") == kind]
        if page.outcomes:
            calls.note(SourceProblem(f"it reported a problem ({', '.join(page.outcomes)})"), kind)
        if page.next is None:
            return
        try:
            answer, page = await next_page(calls, kind, page.next, seen, number)
        except Withdrawn:
            calls.note(SourceProblem("its pages were withdrawn while they were being fetched (410)"), kind)
            return
        except SourceProblem as problem:
            calls.note(problem, f"page {number + 1} of {kind} is missing")
            return
        number += 1
