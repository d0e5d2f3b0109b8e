"""Rows that a person wants decided in parts. Only a person parts a row, and a part never joins another row."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gateway.records.by_hand import Split
from gateway.records.matching import MatchLevel, Row


def set_apart(rows: Sequence[Row], splits: Sequence[Split]) -> tuple[Row, ...]:
    """Each split takes its entries out of the one row that holds them into a row of their own, right behind it.

    A split whose entries are gone, or are all that is left of a row, changes nothing.
    """
    found = list(rows)
    for split in splits:
        apart = set(split.entries)
        for n, row in enumerate(found):
            mine = tuple(e for e in row.entries if e in apart)
            rest = tuple(e for e in row.entries if e not in apart)
            if mine and rest:
                # No other row has this id: those of the matcher are r and a number.
                behind = f"{row.id}-{sum(r.id.split('-')[0] == row.id.split('-')[0] for r in found)}"
                found[n : n + 1] = [_part(row, rest, row.id, split), _part(row, mine, behind, split)]
                break
    return tuple(found)


def _part(row: Row, entries: tuple[str, ...], id_: str, split: Split) -> Row:
    kept = set(entries)
    lines = (tuple(e for e in line if e in kept) for line in row.lines)
    return msgspec.structs.replace(
        row,
        id=id_,
        entries=entries,
        lines=tuple(line for line in lines if line),
        level=row.level if len(entries) > 1 else MatchLevel.SINGLE,
        reasons=(*row.reasons, f"considered apart by a {split.role} on {split.at[:10]}: {split.reason}"),
        apart=(*row.apart, split.id),
    )
