"""Audit cases as they are stored: each question with what was proposed, what a person made of it, and what is open."""

from __future__ import annotations

from typing import Any

import msgspec
import yaml
from msgspec import Struct
from sqlalchemy import Connection, select

from gateway.actions.access import Person, require
from gateway.actions.audit_packs import audit_packs
from gateway.actions.patient_banner import PatientBanner
from gateway.actions.reviews import read_review
from gateway.clinical_audit.consistency import found_conflicts
from gateway.errors import Conflict, NotFound
from gateway.records.audit import AuditPack, AuditQuestion, ConsistencyCheck, PrefilledAnswer
from gateway.records.ledger import LedgerEntry
from gateway.settings import mappings_dir, read_once
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import AuditAnswer, AuditCase, AuditQuery

_CASES = AuditCase.__table__  # type: ignore[attr-defined]
_ANSWERS = AuditAnswer.__table__  # type: ignore[attr-defined]
_QUERIES = AuditQuery.__table__  # type: ignore[attr-defined]

# Built here, by one thread: two that are the first to decode a type at the same moment end the process (read_once).
PROPOSAL = msgspec.json.Decoder(PrefilledAnswer)

WITHHELD = "Enter your own answer: what would have been proposed is shown afterwards, to measure what it changes."


class OverrideReason(Struct, frozen=True):
    code: str
    group: str
    words: str


class WardQuery(Struct, frozen=True, kw_only=True):
    id: str
    question: str
    asked: str
    raised_at: str
    reply: str | None
    answered_by: str | None
    recorded_at: str | None


class AnswerLine(Struct, frozen=True, kw_only=True):
    """One question on the form. `state` is untouched, confirmed, overridden, entered or cleared.

    `newer` is what the record proposes by now where that is another code than the one that was decided on.
    """

    question: AuditQuestion
    proposal: PrefilledAnswer
    state: str
    code: str | None
    origin: str | None
    reason: str | None
    note: str | None
    version: int
    actor: str | None = None
    decided_at: str | None = None
    newer: PrefilledAnswer | None = None
    withheld: bool = False
    queries: tuple[WardQuery, ...] = ()
    history: tuple[LedgerEntry, ...] = ()

    @property
    def hidden(self) -> bool:
        """The proposal is kept from the form until a person has entered their own answer."""
        return self.withheld and self.state == "untouched"


class CasePage(Struct, frozen=True, kw_only=True):
    id: str
    pack: AuditPack
    review: str
    why: str
    patient: PatientBanner
    entered_by: str = "criteria"
    excluded: str | None = None
    locked_at: str | None = None
    created_at: str
    lines: tuple[AnswerLine, ...]
    conflicts: tuple[ConsistencyCheck, ...] = ()

    @property
    def checked(self) -> int:
        return sum(line.state != "untouched" for line in self.lines)

    @property
    def abstained(self) -> int:
        """Questions that nobody has answered and for which nothing is proposed."""
        return sum(line.state == "untouched" and line.proposal.code is None for line in self.lines)

    @property
    def changed(self) -> int:
        return sum(line.newer is not None for line in self.lines)

    @property
    def waiting(self) -> int:
        """Questions to the ward without a reply."""
        return sum(query.reply is None for line in self.lines for query in line.queries)


@read_once
def override_reasons() -> tuple[OverrideReason, ...]:
    """Why the record was wrong for this purpose; mappings/clinical_audit/override_reasons.yaml."""
    path = mappings_dir() / "clinical_audit" / "override_reasons.yaml"
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8"))["reasons"], tuple[OverrideReason, ...])


def list_cases(database: Database, *, by: Person) -> tuple[CasePage, ...]:
    """Cases that are not excluded, what needs attention first: conflicting, changed since, then most left open."""
    require(by, "audit.see")
    with database.read() as connection:
        query = select(_CASES.c.id).where(_CASES.c.excluded_at.is_(None)).order_by(_CASES.c.created_at)
        ids = [row.id for row in connection.execute(query)]
        pages = [read_case(connection, case) for case in ids]
    return tuple(sorted(pages, key=_attention))


def _attention(page: CasePage) -> tuple[object, ...]:
    done = page.checked == len(page.lines)
    return (page.locked_at is not None and not page.changed, -len(page.conflicts), -page.changed, done,
            -page.abstained, page.patient.name, page.id)  # fmt: skip


def review_of_case(database: Database, case: str) -> str | None:
    """None where there is no such case."""
    with database.read() as connection:
        row = connection.execute(select(_CASES.c.review).where(_CASES.c.id == case)).first()
    return str(row.review) if row else None


def read_case(connection: Connection, case: str) -> CasePage:
    """Raises NotFound."""
    row = connection.execute(select(_CASES).where(_CASES.c.id == case)).first()
    if row is None:
        raise NotFound("There is no such audit case.")
    pack = audit_packs()[row.pack]
    answers = {a.question: a for a in connection.execute(select(_ANSWERS).where(_ANSWERS.c.audit_case == case)).all()}
    queries: dict[str, list[WardQuery]] = {}
    for one in connection.execute(
        select(_QUERIES).where(_QUERIES.c.audit_case == case).order_by(_QUERIES.c.raised_at, _QUERIES.c.id)
    ):
        queries.setdefault(one.question, []).append(
            WardQuery(**{name: getattr(one, name) for name in WardQuery.__struct_fields__})
        )
    lines = tuple(_line(q, answers[q.id], tuple(queries.get(q.id, ()))) for q in pack.questions if q.id in answers)
    return CasePage(
        id=row.id,
        pack=pack,
        review=row.review,
        why=row.why,
        entered_by=row.entered_by,
        excluded=row.excluded_reason,
        patient=read_review(connection, row.review).patient,
        locked_at=row.locked_at,
        created_at=row.created_at,
        lines=lines,
        conflicts=found_conflicts(pack, {x.question.id: x.code for x in lines if x.code is not None}),
    )


def with_history(connection: Connection, page: CasePage) -> CasePage:
    """The case with what was done about each field, oldest first."""
    by_field: dict[str, list[LedgerEntry]] = {}
    for entry in ledger.entries(connection, page.id):
        if entry.act.item and entry.act.kind != "answer.withheld":
            by_field.setdefault(entry.act.item, []).append(entry)
    replace = msgspec.structs.replace
    return replace(page, lines=tuple(replace(x, history=tuple(by_field.get(x.question.id, ()))) for x in page.lines))


def open_line(connection: Connection, case: str, question: str) -> AnswerLine:
    """The question of a case that can be worked on. Raises NotFound, Conflict where it is locked or excluded."""
    page = read_case(connection, case)
    if page.locked_at is not None:
        raise Conflict("This case is locked; unlock it with a reason to change it.")
    if page.excluded is not None:
        raise Conflict("This case was taken out of the audit.")
    line = next((x for x in page.lines if x.question.id == question), None)
    if line is None:
        raise NotFound("There is no such question in this audit.")
    return line


def _line(question: AuditQuestion, row: Any, queries: tuple[WardQuery, ...]) -> AnswerLine:
    proposal = PROPOSAL.decode(row.proposal)
    if row.withheld and row.state == "untouched":
        # Masked where it is read, so that no page, export or evidence can show it by mistake.
        proposal = PrefilledAnswer(
            question=question.id, code=None, why=WITHHELD, evidence=(), rule_version=proposal.rule_version,
            abstained=WITHHELD, abstention_code="withheld",
        )  # fmt: skip
    return AnswerLine(
        question=question,
        proposal=proposal,
        state=row.state,
        code=row.code,
        origin=row.origin,
        reason=row.reason,
        note=row.note,
        version=row.version,
        actor=row.actor,
        decided_at=row.decided_at,
        newer=PROPOSAL.decode(row.newer) if row.newer else None,
        withheld=row.withheld,
        queries=queries,
    )
