"""Put a patient into an audit: a proposal for each question is stored with its evidence.

Proposing again never touches an answer that a person has decided.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from gateway.actions.access import Person
from gateway.actions.audit_cases import PROPOSAL
from gateway.actions.audit_packs import audit_packs
from gateway.actions.ids import new_id
from gateway.actions.reviews import read_review
from gateway.clinical_audit.prefill import prefill
from gateway.records.audit import Origin, PrefilledAnswer
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import AuditAnswer, AuditCase
from gateway.terminology.vocabulary import Vocabulary

_CASES = AuditCase.__table__  # type: ignore[attr-defined]
_ANSWERS = AuditAnswer.__table__  # type: ignore[attr-defined]


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
    withheld_share: float = 0.0,
) -> str:
    """Put a review's patient into a pack with a proposal for each question; proposes again where the case is there.

    `withheld_share` of the proposed answers (0 to 1) are kept from the form until a person has entered their own.
    """
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
        row = connection.execute(
            select(_CASES.c.id, _CASES.c.locked_at).where(_CASES.c.pack == pack, _CASES.c.review == review)
        ).first()
        case = str(row.id) if row else new_id()
        if row is None:
            values = {"id": case, "pack": pack, "review": review, "why": why, "created_at": now.isoformat()}
            connection.execute(insert(_CASES), [values | {"entered_by": entered_by}])
        acts = [_entered(case, why, entered_by, by)] if row is None and by else []
        kept = {a.question: a for a in connection.execute(select(_ANSWERS).where(_ANSWERS.c.audit_case == case))}
        locked = row is not None and row.locked_at is not None
        for answer in answers:
            there = kept.get(answer.question)
            if there is None:
                withheld = answer.code is not None and is_withheld(case, answer.question, withheld_share)
                acts.append(_first(connection, pack, case, answer, withheld=withheld))
            elif there.state == "untouched" and not locked:
                acts += _again(connection, pack, there, answer)
            else:
                acts += _later(connection, pack, there, answer)
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


def is_withheld(case: str, question: str, share: float) -> bool:
    """Drawn by case and field, so that the same field of the same case is always drawn alike."""
    drawn = int.from_bytes(hashlib.sha256(f"{case}/{question}".encode()).digest()[:8], "big")
    return drawn < share * 2**64


def _first(connection: Connection, pack: str, case: str, answer: PrefilledAnswer, *, withheld: bool) -> Act:
    values = {"id": new_id(), "audit_case": case, "question": answer.question, "proposal": _kept(answer)}
    connection.execute(insert(_ANSWERS), [values | {"state": "untouched", "version": 1, "withheld": withheld}])
    return _act(pack, case, answer, withheld=withheld)


def _again(connection: Connection, pack: str, there: Row[Any], answer: PrefilledAnswer) -> list[Act]:
    """Nobody has answered yet: the proposal is what the record says now."""
    if there.proposal == _kept(answer):
        return []
    connection.execute(
        update(_ANSWERS).where(_ANSWERS.c.id == there.id).values(proposal=_kept(answer), version=there.version + 1)
    )
    return [_act(pack, there.audit_case, answer, withheld=there.withheld)]


def _later(connection: Connection, pack: str, there: Row[Any], answer: PrefilledAnswer) -> list[Act]:
    """A person has answered, and that stays. What the record says now stands beside it where it is another code."""
    other = PROPOSAL.decode(there.proposal).code != answer.code
    newer = _kept(answer) if other else None
    # DTR: a value that would have been asserted makes a manual answer an override.
    asserted = there.state == "entered" and there.origin == Origin.MANUAL.value and other and answer.code is not None
    if newer == there.newer and not asserted:
        return []
    values = {"newer": newer, "version": there.version + 1} | ({"origin": Origin.OVERRIDE.value} if asserted else {})
    connection.execute(update(_ANSWERS).where(_ANSWERS.c.id == there.id).values(values))
    return [_act(pack, there.audit_case, answer)] if asserted else []


def _kept(answer: PrefilledAnswer) -> str:
    return msgspec.json.encode(answer).decode()


def _act(pack: str, case: str, answer: PrefilledAnswer, *, withheld: bool = False) -> Act:
    proposed = "answer.withheld" if withheld else "answer.proposed"
    return Act(
        kind=proposed if answer.code is not None else "answer.abstained",
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
