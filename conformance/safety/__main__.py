"""`make faults`: the catalogue before each of three organisations, as a table and as build/faults.json."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import track
from rich.table import Table

from conformance.safety.drill import Drill, Result, catalogue
from conformance.safety.organisations import POSITIONS

_OUT = Path(__file__).parents[2] / "build" / "faults.json"


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


def main() -> int:
    results = asyncio.run(run([int(one) for one in sys.argv[1:]]))
    show(results)
    _OUT.parent.mkdir(exist_ok=True)
    _OUT.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
    return 1 if any(one.wrong for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
