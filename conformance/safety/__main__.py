"""`make faults`: the catalogue before each of three organisations, then kills and races on both databases.

The catalogue as a table and as build/faults.json, the drills of durability as lines and as build/durability.json.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.progress import track
from rich.table import Table

from conformance.safety import kills, outbox_kills, races
from conformance.safety.drill import Drill, Result, catalogue
from conformance.safety.organisations import POSITIONS

_BUILD = Path(__file__).parents[2] / "build"
_OUT = _BUILD / "faults.json"

#: So many decisions are taken under strace.
_SYNCED = 50


async def run(numbers: Sequence[int] = ()) -> list[Result]:
    """Every play of the faults of these numbers, or of all, at every position where it can occur."""
    chosen = [one for one in catalogue().faults if not numbers or one.number in numbers]
    plays = [(one, name, at) for one in chosen for name in one.play.split(",") for at in one.only]
    async with Drill() as drill:
        return [await drill.play(*one) for one in track(plays, "Faults", console=Console(stderr=True))]


def show(results: Sequence[Result]) -> None:
    table = Table(title="Faults before each of three organisations")
    for heading in ("no.", "fault", *POSITIONS):
        table.add_column(heading)
    for (number, words), rows in groupby(results, key=lambda one: (one.number, one.words)):
        held = list(rows)
        cells = [_cell([one for one in held if one.position == at]) for at in POSITIONS]
        table.add_row(str(number), words, *cells)
    console = Console(width=200)
    console.print(table)
    bad = [one for one in results if one.wrong]
    for one in bad:
        console.print(f"WRONG {one.number} {one.play} at {one.position}: {'; '.join(one.wrong)} ({one.outcome})")
    silent = sum("SILENT" in words for one in results for words in one.wrong)
    numbers = len({one.number for one in results})
    console.print(
        f"{numbers} faults, {len(results)} plays: {len(results) - len(bad)} as wanted, {len(bad)} not; "
        f"{silent} silent omissions; slowest {max(one.seconds for one in results)} s"
    )


def _cell(results: Sequence[Result]) -> str:
    if not results:
        return "cannot occur"
    words = dict.fromkeys(one.outcome.partition(":")[0] if not one.wrong else "WRONG" for one in results)
    return f"{results[0].expect}: {', '.join(words)}"


class Durability(Struct, frozen=True, kw_only=True):
    """`syncs` is None where strace is not installed."""

    kills: list[kills.Killed]
    outbox: list[outbox_kills.Killed]
    races: list[races.Raced]
    decisions: int
    syncs: int | None

    @property
    def good(self) -> bool:
        synced = self.syncs is None or self.syncs >= self.decisions
        return synced and all(
            [one.good for one in self.kills] + [one.good for one in self.outbox] + [one.good for one in self.races]
        )


def durability(times: int = 100, rounds: int = 1_000) -> Durability:
    """So many kills and so many races on each database; a line for each."""
    found = Durability(
        kills=kills.drill(times),
        outbox=outbox_kills.drill(times),
        races=races.drill(rounds),
        decisions=_SYNCED,
        syncs=kills.syncs_of(_SYNCED),
    )
    for kill in found.kills:
        print(
            f"{kill.database}: {kill.kills} kill -9, {kill.acknowledged} decisions acknowledged: {kill.lost} lost, "
            f"{kill.doubled} doubled, {kill.broken} broken"
        )
    for sent in found.outbox:
        print(
            f"{sent.database}: {sent.kills} kill -9 of the worker, {sent.documents} documents sent, "
            f"{sent.interrupted} attempts cut off by a kill, {sent.repeated} requests repeated: {sent.lost} lost, "
            f"{sent.doubled} taken twice, {sent.broken} broken"
        )
    for race in found.races:
        print(f"{race.database}: {race.races} races of two people: {race.fair} with one winner and the other told")
    if found.syncs is None:
        print("sqlite: NOT MEASURED how often a decision is synchronised: strace is not installed")
    else:
        print(f"sqlite: {found.decisions} decisions, {found.syncs} times synchronised to the disk")
    return found


def main() -> int:
    if sys.argv[1:] == ["durability"]:
        return _durability()
    results = asyncio.run(run([int(one) for one in sys.argv[1:]]))
    show(results)
    _OUT.parent.mkdir(exist_ok=True)
    _OUT.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
    lasting = 0 if sys.argv[1:] else _durability()
    return 1 if lasting or any(one.wrong for one in results) else 0


def _durability() -> int:
    found = durability()
    _BUILD.mkdir(exist_ok=True)
    (_BUILD / "durability.json").write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1))
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())
