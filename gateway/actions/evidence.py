"""What stands behind a row: each entry as it was written, how it was read, why it was matched, who decided what."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, select

from gateway.actions.access import Person
from gateway.actions.access_log import look
from gateway.actions.audit_cases import read_case, review_of_case
from gateway.actions.reconcile import Knowledge
from gateway.actions.review_page import in_words
from gateway.actions.reviews import ReviewPage, read_review
from gateway.errors import NotFound
from gateway.records.ledger import Act, LedgerEntry
from gateway.records.lists import MedicineEntry, MedicineList
from gateway.review.rows import FindingView
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import Document, FetchRun

_DOCUMENTS = Document.__table__  # type: ignore[attr-defined]
_RUNS = FetchRun.__table__  # type: ignore[attr-defined]


class EntryEvidence(Struct, frozen=True, kw_only=True):
    """`resource` is the record as it was received, as indented JSON or text; None where it is not kept."""

    entry: MedicineEntry
    list: MedicineList
    resource: str | None
    origin: str | None
    fetched_at: str | None


class FoundEvidence(Struct, frozen=True, kw_only=True):
    """`says` are sentences; `history` is what people and the gateway did about it, from the ledger; `back` the page."""

    stored: ReviewPage
    title: str
    back: str
    says: tuple[str, ...]
    findings: tuple[FindingView, ...]
    entries: tuple[EntryEvidence, ...]
    history: tuple[LedgerEntry, ...]


def row_evidence(
    database: Database, knowledge: Knowledge, *, review: str, row: str, by: Person, now: dt.datetime,
    seconds: float | None = None, timing: str | None = None,
) -> FoundEvidence:  # fmt: skip
    """Raises NotAllowed or NotFound. That the evidence was opened goes into the ledger."""
    look(database, what="evidence.row", review=review, by=by, now=now)
    with database.read() as connection:
        stored = read_review(connection, review)
        shown = next((r for r in in_words(stored, knowledge).rows if r.id == row), None)
        if shown is None:
            raise NotFound("There is no such row in this review.")
        ids = [e.id for cell in shown.cells for e in (*cell.entries, *cell.others)]
        found = FoundEvidence(
            stored=stored,
            title=shown.medicine,
            back=f"/reviews/{review}#{row}",
            says=(f"Why these entries stand in one row: {shown.level}.", *(f"{r}." for r in shown.reasons)),
            findings=shown.findings,
            entries=_entries(connection, stored, ids),
            history=tuple(e for e in ledger.entries(connection, review) if e.act.item == row),
        )
    _opened(database, subject=review, item=row, by=by, now=now, seconds=seconds, timing=timing)
    return found


def answer_evidence(
    database: Database, *, case: str, question: str, by: Person, now: dt.datetime, seconds: float | None = None,
    timing: str | None = None,
) -> FoundEvidence:  # fmt: skip
    """The same for an audit answer's proposal. Raises NotAllowed or NotFound."""
    look(database, what="evidence.cited", review=review_of_case(database, case), by=by, now=now)
    with database.read() as connection:
        page = read_case(connection, case)
        line = next((x for x in page.lines if x.question.id == question), None)
        if line is None:
            raise NotFound("There is no such question in this audit.")
        stored = read_review(connection, page.review)
        known = stored.reconciliation.entries()
        pointers = line.proposal.evidence
        ids = list(dict.fromkeys(e.entry for e in pointers if e.entry in known))
        found = FoundEvidence(
            stored=stored,
            title=f"{question} {line.question.text}",
            back=f"/audits/{case}#q{question}",
            says=(line.proposal.why, *(e.words for e in pointers if e.entry not in known)),
            findings=(),
            entries=_entries(connection, stored, [i for i in ids if i]),
            history=tuple(e for e in ledger.entries(connection, case) if e.act.item == question),
        )
    _opened(database, subject=case, item=question, by=by, now=now, seconds=seconds, timing=timing)
    return found


def _opened(
    database: Database, *, subject: str, item: str, by: Person, now: dt.datetime, seconds: float | None,
    timing: str | None,
) -> None:  # fmt: skip
    """That somebody opened the evidence of a row of a review, or of an answer of an audit case."""
    with database.write() as connection:
        act = Act(
            kind="evidence.opened", subject=subject, item=item, actor=by.account, role=by.role, seconds=seconds,
            timing=timing,
        )  # fmt: skip
        ledger.append(connection, [act], now.isoformat())


def _entries(connection: Connection, stored: ReviewPage, ids: list[str]) -> tuple[EntryEvidence, ...]:
    entries = stored.reconciliation.entries()
    by_name = {one.name: one for one in stored.reconciliation.lists}
    kept = _kept(connection, stored.patient.id, {d for i in ids if (d := entries[i].written.document)})
    return tuple(_evidence(entries[i], by_name[entries[i].list], kept) for i in ids)


def _kept(connection: Connection, patient: str, hashes: set[str]) -> dict[str, Any]:
    query = (
        select(_DOCUMENTS.c.sha256, _DOCUMENTS.c.origin, _DOCUMENTS.c.fetched_at, _DOCUMENTS.c.content)
        .join_from(_DOCUMENTS, _RUNS, _DOCUMENTS.c.fetch_run == _RUNS.c.id)
        .where(_RUNS.c.patient == patient, _DOCUMENTS.c.sha256.in_(hashes))
        .order_by(_DOCUMENTS.c.fetched_at)
    )
    return {row.sha256: row for row in connection.execute(query)}


def _evidence(entry: MedicineEntry, one: MedicineList, kept: dict[str, Any]) -> EntryEvidence:
    found = kept.get(entry.written.document or "")
    return EntryEvidence(
        entry=entry,
        list=one,
        resource=_resource(zlib.decompress(found.content), entry.written.resource) if found else None,
        origin=found.origin if found else None,
        fetched_at=found.fetched_at if found else None,
    )


def _resource(content: bytes, name: str) -> str | None:
    """The one resource within a document, as it came; XML and what cannot be opened are given as text."""
    try:
        tree = json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")[:20_000]
    kind, _, key = name.partition("/")
    found = next((r for r in _resources(tree) if r.get("resourceType") == kind and r.get("id") == key), None)
    return json.dumps(found, indent=2, ensure_ascii=False) if found else None


def _resources(tree: Any) -> list[dict[str, Any]]:
    if not isinstance(tree, dict):
        return []
    entries = tree.get("entry")
    if tree.get("resourceType") != "Bundle" or not isinstance(entries, list):
        return [tree]
    return [r for e in entries if isinstance(e, dict) for r in _resources(e.get("resource"))]
