"""Propose an answer with its evidence, or abstain with the cause.

Codes that a pack names as never proposed are a person's alone. "No" is the dangerous answer: a reference implementation
gives it for an empty bundle and for drugs on page 2.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.clinical_audit.facts import case_facts
from gateway.clinical_audit.members import members_of
from gateway.clinical_audit.verdicts import Asked, answered
from gateway.errors import KnowledgeError
from gateway.records.audit import AuditPack, AuditQuestion, CaseFacts, PrefilledAnswer
from gateway.records.audit_members import Members
from gateway.records.decision import Decision
from gateway.records.reconciliation import Reconciliation
from gateway.terminology.vocabulary import Vocabulary


def prefill(
    pack: AuditPack,
    reconciliation: Reconciliation,
    vocabulary: Vocabulary,
    *,
    signed: bool,
    discharge: str | None = None,
    decisions: Mapping[str, Decision] | None = None,
) -> tuple[PrefilledAnswer, ...]:
    """One answer for each question of the pack, in its order; the arguments are those of `case_facts`.

    Raises KnowledgeError where the pack names a medicine, class or route that the vocabulary does not have: a misspelt
    class would answer "No" for everybody.
    """
    facts = case_facts(reconciliation, vocabulary, signed=signed, discharge=discharge, decisions=decisions)
    return answers_from(pack, facts, vocabulary)


def answers_from(pack: AuditPack, facts: CaseFacts, vocabulary: Vocabulary) -> tuple[PrefilledAnswer, ...]:
    """The same, from facts that are there already."""
    check(pack, vocabulary)
    members = members_of(pack, vocabulary)
    return tuple(_answer(q, pack, facts, members[q.id]) for q in pack.questions)


def check(pack: AuditPack, vocabulary: Vocabulary) -> None:
    """Raises KnowledgeError for a name that the vocabulary does not have."""
    routes = {route.kind for route in vocabulary.routes.values()} | set(vocabulary.routes)
    for q in pack.questions:
        named = [*q.contraindicated_by_allergy_to, *(n for s in q.sets.values() for n in (*s.members, *s.excluded))]
        unknown = [n for n in named if n not in vocabulary.classes and n not in vocabulary.ingredients]
        unknown += [route for s in q.sets.values() for route in s.routes if route not in routes]
        if unknown:
            raise KnowledgeError(f"pack {pack.id}: question {q.id}: {unknown[0]} is not in the vocabulary")


def _answer(question: AuditQuestion, pack: AuditPack, facts: CaseFacts, members: dict[str, Members]) -> PrefilledAnswer:
    found = answered(Asked(question, pack, facts, members))
    if found.code in pack.never_proposed:
        raise KnowledgeError(f"pack {pack.id}: code {found.code} is never proposed, and would have been")
    return PrefilledAnswer(
        question=question.id,
        code=found.code,
        why=found.why,
        evidence=found.evidence,
        rule_version=f"{pack.id} {pack.version}",
        abstained=found.why if found.code is None else None,
        abstention_code=found.abstention,
        confidence=found.confidence,
    )
