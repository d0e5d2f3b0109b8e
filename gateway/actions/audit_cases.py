"""Audit cases: proposals are stored with their evidence, a person confirms, changes, enters or clears each one.

Proposing again never touches an answer that a person has decided.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import yaml
from msgspec import Struct
from sqlalchemy import Connection, insert, select, update

from gateway.actions.access import Person, require
from gateway.actions.access_log import look
from gateway.actions.audit_packs import audit_packs
from gateway.actions.ids import new_id
from gateway.actions.patient_banner import PatientBanner
from gateway.actions.reviews import read_review
from gateway.clinical_audit.prefill import prefill
from gateway.errors import InputError, NotFound, Stale
from gateway.records.audit import AuditPack, AuditQuestion, Origin, PrefilledAnswer
from gateway.records.ledger import Act
from gateway.settings import mappings_dir, read_once
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import AuditAnswer, AuditCase
from gateway.terminology.vocabulary import Vocabulary

_CASES = AuditCase.__table__  # type: ignore[attr-defined]
_ANSWERS = AuditAnswer.__table__  # type: ignore[attr-defined]

# Built here, by one thread: two that are the first to decode a type at the same moment end the process (read_once).
_PROPOSAL = msgspec.json.Decoder(PrefilledAnswer)


class OverrideReason(Struct, frozen=True):
    code: str
    group: str
    words: str


class AnswerLine(Struct, frozen=True, kw_only=True):
    """One question on the form. `state` is untouched, confirmed, overridden, entered or cleared."""

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


class CasePage(Struct, frozen=True, kw_only=True):
    id: str
    pack: AuditPack
    review: str
    why: str
    patient: PatientBanner
    entered_by: str = "criteria"
    excluded: str | None = None
    lines: tuple[AnswerLine, ...]

    @property
    def checked(self) -> int:
        return sum(line.state != "untouched" for line in self.lines)


@read_once
def override_reasons() -> tuple[OverrideReason, ...]:
    """Why the record was wrong for this purpose; mappings/clinical_audit/override_reasons.yaml."""
    path = mappings_dir() / "clinical_audit" / "override_reasons.yaml"
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8"))["reasons"], tuple[OverrideReason, ...])


def open_case(
    database: Database,
    *,
    pack: str,
    review: str,
    why: str,
    vocabulary: Vocabulary,
    now: dt.datetime,
    entered_by: str = "criteria",
    by: Person | None = None,
) -> str:
    """Put a review's patient into a pack with a proposal for each question; proposes again where the case is there."""
    dataset = audit_packs()[pack]
    with database.write() as connection:
        page = read_review(connection, review)
        answers = prefill(
            dataset,
            page.reconciliation,
            vocabulary,
            signed=page.state == "signed",
            decisions={row: s.decision for row, s in page.decisions.items() if s.decision is not None},
        )
        row = connection.execute(select(_CASES.c.id).where(_CASES.c.pack == pack, _CASES.c.review == review)).first()
        case = str(row.id) if row else new_id()
        if row is None:
            values = {"id": case, "pack": pack, "review": review, "why": why, "created_at": now.isoformat()}
            connection.execute(insert(_CASES), [values | {"entered_by": entered_by}])
        acts = [_entered(case, why, entered_by, by)] if row is None and by else []
        acts += [act for answer in answers if (act := _propose(connection, pack, case, answer))]
        ledger.append(connection, acts, now.isoformat())
    return case


def _entered(case: str, why: str, entered_by: str, by: Person) -> Act:
    return Act(
        kind="case.entered",
        subject=case,
        actor=by.account,
        role=by.role,
        reason=why,
        payload={"entered_by": entered_by},
    )


def _propose(connection: Connection, pack: str, case: str, answer: PrefilledAnswer) -> Act | None:
    """Store a proposal that is new or differs from the one before; None where nothing changed."""
    proposal = msgspec.json.encode(answer).decode()
    query = select(_ANSWERS).where(_ANSWERS.c.audit_case == case, _ANSWERS.c.question == answer.question)
    there = connection.execute(query).first()
    if there is not None and there.proposal == proposal:
        return None
    if there is None:
        values = {"id": new_id(), "audit_case": case, "question": answer.question, "proposal": proposal}
        connection.execute(insert(_ANSWERS), [values | {"state": "untouched", "version": 1}])
    elif there.state == "untouched":
        connection.execute(
            update(_ANSWERS).where(_ANSWERS.c.id == there.id).values(proposal=proposal, version=there.version + 1)
        )
    elif there.state == "entered" and there.origin == Origin.MANUAL.value and answer.code is not None:
        # DTR: a value that would have been asserted makes a manual answer an override; the answer itself stays.
        connection.execute(
            update(_ANSWERS)
            .where(_ANSWERS.c.id == there.id)
            .values(origin=Origin.OVERRIDE.value, version=there.version + 1)
        )
    else:
        return None
    return Act(
        kind="answer.proposed" if answer.code is not None else "answer.abstained",
        subject=case,
        item=answer.question,
        reason=answer.abstention_code,
        payload={
            "pack": pack,
            "code": answer.code,
            "rule_version": answer.rule_version,
            "evidence": len(answer.evidence),
            "source": ", ".join(sorted({e.list for e in answer.evidence if e.list})),
        },
    )


def list_cases(database: Database, *, by: Person) -> tuple[CasePage, ...]:
    """Cases that are not excluded, with the most left to do first."""
    require(by, "audit.see")
    with database.read() as connection:
        query = select(_CASES.c.id).where(_CASES.c.excluded_at.is_(None)).order_by(_CASES.c.created_at)
        ids = [row.id for row in connection.execute(query)]
        pages = [read_case(connection, case) for case in ids]
    return tuple(sorted(pages, key=lambda p: (p.checked == len(p.lines), p.patient.name)))


def look_at_case(database: Database, *, case: str, by: Person, vocabulary: Vocabulary, now: dt.datetime) -> CasePage:
    """The form, with proposals as the review stands now. Raises NotFound."""
    look(database, what="audit.see", review=review_of_case(database, case), by=by, now=now)
    with database.read() as connection:
        row = connection.execute(select(_CASES).where(_CASES.c.id == case)).first()
    if row is None:
        raise NotFound("There is no such audit case.")
    open_case(database, pack=row.pack, review=row.review, why=row.why, vocabulary=vocabulary, now=now)
    with database.read() as connection:
        return read_case(connection, case)


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
    return CasePage(
        id=row.id,
        pack=pack,
        review=row.review,
        why=row.why,
        entered_by=row.entered_by,
        excluded=row.excluded_reason,
        patient=read_review(connection, row.review).patient,
        lines=tuple(_line(q, answers[q.id]) for q in pack.questions if q.id in answers),
    )


def _line(question: AuditQuestion, row: Any) -> AnswerLine:
    return AnswerLine(
        question=question,
        proposal=_PROPOSAL.decode(row.proposal),
        state=row.state,
        code=row.code,
        origin=row.origin,
        reason=row.reason,
        note=row.note,
        version=row.version,
        actor=row.actor,
        decided_at=row.decided_at,
    )


def answer(
    database: Database,
    *,
    case: str,
    question: str,
    code: str,
    reason: str | None,
    note: str | None,
    expected_version: int,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
) -> None:
    """Take a person's answer: the proposal confirmed, changed (with a coded reason), or entered where none was made.

    Raises InputError for a code that is no option or a change without reason, Stale on another's change.
    """
    require(by, "audit.answer")
    with database.write() as connection:
        line = next((x for x in read_case(connection, case).lines if x.question.id == question), None)
        if line is None:
            raise NotFound("There is no such question in this audit.")
        if not line.question.accepts(code):
            raise InputError("Choose one of the answers of this question.")
        state, origin = _what(line, code)
        if state == "overridden" and reason not in {r.code for r in override_reasons()}:
            raise InputError("Give a reason from the list for changing the answer.")
        if note and (len(note) > 4_000 or "\0" in note):
            raise InputError("A note has at most 4,000 characters.")
        changed = connection.execute(
            update(_ANSWERS)
            .where(
                _ANSWERS.c.audit_case == case, _ANSWERS.c.question == question, _ANSWERS.c.version == expected_version
            )
            .values(
                state=state, code=code, origin=origin, reason=reason, note=note, actor=by.account,
                decided_at=now.isoformat(), version=expected_version + 1,
            )
        )  # fmt: skip
        if changed.rowcount != 1:
            raise Stale("Somebody else answered this question in the meantime; look at their answer first.")
        act = Act(
            kind=f"answer.{state}",
            subject=case,
            item=question,
            actor=by.account,
            role=by.role,
            reason=reason,
            seconds=seconds,
            timing=timing,
            payload={"proposed": line.proposal.code, "before": line.code, "after": code, "note": note},
        )
        ledger.append(connection, [act], now.isoformat())


def _what(line: AnswerLine, code: str) -> tuple[str, str]:
    if line.proposal.code is None:
        return "entered", Origin.MANUAL.value
    if code == line.proposal.code:
        return "confirmed", Origin.AUTO.value
    return "overridden", Origin.OVERRIDE.value


def outside_lookup(
    database: Database, *, case: str, question: str, system: str, minutes: float, by: Person, now: dt.datetime
) -> None:
    """ "I looked it up in another system": which, and how long it took."""
    require(by, "audit.answer")
    if not 0 < minutes <= 480:
        raise InputError("Minutes are a number above 0 and at most 480.")
    if not system.strip() or len(system) > 200 or "\0" in system:
        raise InputError("Name the other system in at most 200 characters.")
    with database.write() as connection:
        read_case(connection, case)
        act = Act(
            kind="lookup.outside",
            subject=case,
            item=question,
            actor=by.account,
            role=by.role,
            reason=system.strip(),
            seconds=minutes * 60,
            timing="told",
            payload={"minutes": minutes},
        )
        ledger.append(connection, [act], now.isoformat())
