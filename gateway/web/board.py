"""Filters of the worklist: ward, status, mine. An address holds codes only, no word that came from a record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from msgspec import Struct

from gateway.actions.words import STATUS_WORDS, Status
from gateway.actions.worklist import WorklistLine

#: Value, words, which lines. Without a status everybody is shown who has not left hospital.
_KINDS: tuple[tuple[str, str, Callable[[WorklistLine], bool]], ...] = (
    ("late", "Late", lambda one: one.late),
    ("missing", "List missing", lambda one: bool(one.missing)),
    *((s.value, STATUS_WORDS[s], lambda one, s=s: one.status is s) for s in Status),
)
_NO_WARD = "Ward not recorded"


class Filters(Struct, frozen=True):
    """What the address asks for; what is not known counts as not asked for."""

    ward: str = ""
    status: str = ""
    mine: bool = False

    def address(self, **other: object) -> str:
        """Of the worklist with these filters, `other` changed."""
        asked = {"ward": self.ward, "status": self.status, "mine": self.mine, **other}
        query = urlencode({name: "yes" if value is True else value for name, value in asked.items() if value})
        return f"/worklist{'?' + query if query else ''}"


class Option(Struct, frozen=True):
    value: str
    words: str
    count: int


class Applied(Struct, frozen=True):
    """A filter that holds, how many it leaves by itself, and the address without it."""

    words: str
    count: int
    without: str


class Board(Struct, frozen=True, kw_only=True):
    """`lines` are shown; counts of options are of all lines. `left` counts who has left and is not shown."""

    lines: tuple[WorklistLine, ...]
    filters: Filters
    wards: tuple[Option, ...]
    statuses: tuple[Option, ...]
    mine: int
    applied: tuple[Applied, ...]
    total: int
    late: int
    left: int
    unreviewed: int


def asked_filters(given: Mapping[str, str]) -> Filters:
    """Of an address, or of a form that was sent from it."""
    status = given.get("status", "")
    ward = given.get("ward", "")
    return Filters(
        ward=ward if ward.isalnum() and ward.isascii() and len(ward) == _CODE else "",
        status=status if status in {value for value, *_ in _KINDS} else "",
        mine=given.get("mine", "") == "yes",
    )


def board(lines: Sequence[WorklistLine], filters: Filters, account: str) -> Board:
    there = [one for one in lines if one.status is not Status.LEFT]
    names = {ward_code(one): one.patient.ward or _NO_WARD for one in lines}
    tests: list[tuple[str, Callable[[WorklistLine], bool], str]] = []
    if filters.ward:
        words = names.get(filters.ward, "A ward with nobody on this list")
        tests.append((words, lambda one: ward_code(one) == filters.ward, filters.address(ward="")))
    if filters.status:
        words, fits = next((words, fits) for value, words, fits in _KINDS if value == filters.status)
        tests.append((words, fits, filters.address(status="")))
    if filters.mine:
        tests.append(("Mine", lambda one: _mine(one, account), filters.address(mine=False)))
    among = lines if filters.status == Status.LEFT else there
    return Board(
        lines=tuple(one for one in among if all(fits(one) for _, fits, _ in tests)),
        filters=filters,
        wards=tuple(
            Option(code, words, sum(ward_code(one) == code for one in among))
            for code, words in sorted(names.items(), key=lambda item: item[1])
        ),
        statuses=tuple(Option(value, words, sum(map(fits, lines))) for value, words, fits in _KINDS),
        mine=sum(_mine(one, account) for one in there),
        applied=tuple(Applied(words, sum(map(fits, among)), without) for words, fits, without in tests),
        total=len(there),
        late=sum(one.late for one in there),
        left=len(lines) - len(there),
        unreviewed=sum(one.status is Status.LEFT and one.review is None for one in lines),
    )


_CODE = 10


def ward_code(one: WorklistLine) -> str:
    """Stands for the ward in an address: its words come from a record and may hold anything."""
    return hashlib.sha256((one.patient.ward or "").encode()).hexdigest()[:_CODE]


def _mine(one: WorklistLine, account: str) -> bool:
    return one.given is not None and one.given.account == account
