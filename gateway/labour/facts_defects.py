"""Work that a source's records made a person do, by source and cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.labour.weeks import week_of
from gateway.records.labour import DefectFact
from gateway.records.ledger import LedgerEntry

#: Kinds of act that may be a source's doing.
CAUSED = frozenset(
    {
        "quarantine.understood",
        "alias.confirmed",
        "answer.overridden",
        "answer.cleared",
        "lookup.outside",
        "entry.second",
    }
)


def defect_facts(rows: Sequence[LedgerEntry]) -> Iterator[tuple[DefectFact, int | None]]:
    """An act counts for a source where its row, or the proposal it overrules, names that source."""
    sources: dict[str, str] = {}
    for row in rows:
        act, item = row.act, row.act.item or ""
        source, cause = "", ""
        if act.kind in ("answer.proposed", "answer.abstained"):
            sources[item] = str(act.payload.get("source") or "")
        elif act.kind == "quarantine.understood":
            source, cause = item.partition("/")[0], "item-not-understood"
        elif act.kind == "alias.confirmed":
            source, cause = item, "name-not-read"
        elif act.kind in ("answer.overridden", "answer.cleared"):
            source, cause = sources.get(item, ""), act.reason or "not-stated"
        elif act.kind in ("lookup.outside", "entry.second"):
            source, cause = sources.get(item, ""), "record-not-enough"
        if cause and act.role != "gateway":
            yield (
                DefectFact(week_of(row.at), source, cause, act.role),
                None if act.seconds is None else round(act.seconds),
            )
