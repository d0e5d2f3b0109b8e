"""What the board says of a review's lists, counted once for each snapshot.

Kept in this process by the SHA-256 of the snapshot's bytes: the same bytes give the same counts, so what is kept cannot
go stale, neither by a change in the database nor, as a stored column would, by a newer version that counts otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from gateway.records.lists import ListState
from gateway.records.reconciliation import Reconciliation
from gateway.review.words import incomplete_words
from gateway.store.tables import Review

_REVIEWS = Review.__table__  # type: ignore[attr-defined]

_SNAPSHOT = msgspec.msgpack.Decoder(Reconciliation)

#: More reviews than a hospital has beds; a summary takes about a kilobyte.
_MOST = 5_000
_AT_ONCE = 50


class Summary(Struct, frozen=True, kw_only=True):
    """`missing` says in words which lists are not complete; `current` are ids of rows that ask for a decision."""

    lists: int
    missing: tuple[str, ...]
    current: frozenset[str]
    high_risk: int


_kept: dict[str, Summary] = {}


def summaries(connection: Connection, wanted: Mapping[str, str]) -> dict[str, Summary]:
    """By review; `wanted` gives for each review the SHA-256 of its snapshot."""
    absent = [review for review, sha256 in wanted.items() if sha256 not in _kept]
    fresh: dict[str, Summary] = {}
    for some in _portions(absent):
        query = select(_REVIEWS.c.snapshot, _REVIEWS.c.snapshot_sha256).where(_REVIEWS.c.id.in_(some))
        fresh |= {row.snapshot_sha256: _summary(_SNAPSHOT.decode(row.snapshot)) for row in connection.execute(query)}
    found = {review: fresh.get(sha256) or _kept[sha256] for review, sha256 in wanted.items()}
    if len(_kept) + len(fresh) > _MOST:
        _kept.clear()
    _kept.update(fresh)
    return found


def _portions(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _summary(one: Reconciliation) -> Summary:
    entries = one.entries()
    current = frozenset(r.id for r in one.rows if any(entries[e].current for e in r.entries))
    severe = {d.row for d in one.discrepancies if d.severity == 3 and d.row}
    return Summary(
        lists=len(one.lists),
        missing=tuple(incomplete_words(x) for x in one.lists if x.state is not ListState.COMPLETE),
        current=current,
        high_risk=len(current & severe),
    )
