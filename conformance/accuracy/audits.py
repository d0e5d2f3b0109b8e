"""Audit answers of 500 invented stays against what is true of them, by the pure prefill and by `$populate`."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from msgspec import Struct, field

from conformance.accuracy.audit_stays import Stay, stays
from conformance.accuracy.synthetic import fresh_seed
from gateway.actions.populate import populate
from gateway.actions.reconcile import Knowledge, reconcile
from gateway.clinical_audit.facts import case_facts
from gateway.clinical_audit.packs import load_packs
from gateway.clinical_audit.prefill import answers_from
from gateway.fhir.read import read_list
from gateway.records.audit import CaseFacts
from gateway.records.lists import ListAsWritten, ListState

AT = dt.date(2026, 11, 22)
STAYS = 500
GOAL_PRECISION = 0.995


class Judged(Struct, kw_only=True):
    """`wrong_no` are proposals of "No" that are not true: the dangerous ones."""

    asked: int = 0
    proposed: int = 0
    right: int = 0
    wrong_no: int = 0
    disagreements: int = 0
    abstained: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / self.proposed if self.proposed else 0.0


def rows(knowledge: Knowledge) -> list[tuple[str, str, str]]:
    seed = fresh_seed()
    found = judge(knowledge, STAYS, seed)
    told = [
        (f"MINAP fields of {STAYS} stays, seed {seed}", str(found.asked), ""),
        (f"precision of what is proposed (goal {GOAL_PRECISION})", f"{found.precision:.4f}", str(found.proposed)),
        ('proposed "No" that is not true (goal 0)', str(found.wrong_no), str(found.proposed)),
        ("left to a person", f"{1 - found.proposed / found.asked:.3f}", str(found.asked)),
        ("$populate differs from the pure prefill (goal 0)", str(found.disagreements), ""),
    ]
    told += [(f"  left to a person: {cause}", str(n), "") for cause, n in found.abstained.most_common()]
    return told + [(f"  wrong: {error}", "", "") for error in found.errors]


def facts_of(stay: Stay, knowledge: Knowledge) -> CaseFacts:
    lists = [
        ListAsWritten(name=name, state=ListState.FAILED, causes=("it does not answer",))
        if name in stay.down
        else read_list(name, [one])
        for name, one in stay.documents.items()
    ]
    one = reconcile(lists, knowledge, AT, stay.roles)
    return case_facts(one, knowledge.vocabulary, signed=stay.signed)


def judge(knowledge: Knowledge, number: int, seed: int) -> Judged:
    pack, found = load_packs()["minap"], Judged()
    for stay in stays(number, seed):
        facts = facts_of(stay, knowledge)
        answers = answers_from(pack, facts, knowledge.vocabulary)
        populated = populate(pack.id, facts, knowledge.vocabulary, subject="Patient/p1")
        found.disagreements += sum(populated[a.question] != a.code for a in answers)
        for answer in answers:
            true = stay.truth.get(answer.question)
            if true is None:
                continue
            found.asked += 1
            if answer.code is None:
                found.abstained[answer.abstention_code or "?"] += 1
                continue
            found.proposed += 1
            found.right += answer.code == true
            if answer.code != true:
                found.wrong_no += answer.code == "0"
                found.errors.append(f"{answer.question}: {answer.code} for {true}: {answer.why} {stay.faults}")
    return found
