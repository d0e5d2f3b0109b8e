"""Propose an answer with its evidence, or abstain with the cause.

Order: died or transferred; a member at the discharge time-point; declined; contraindicated by a recorded allergy; "No"
only when every list is complete, nothing on the discharge list is unread, and the review is signed; otherwise abstain.
Codes that a pack names as never proposed are a person's alone. "No" is the dangerous answer: a reference implementation
gives it for an empty bundle and for drugs on page 2.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from gateway.clinical_audit.members import MemberRow, Standing, standings
from gateway.errors import KnowledgeError
from gateway.records.audit import AuditPack, AuditQuestion, Evidence, PrefilledAnswer
from gateway.records.decision import Decision
from gateway.records.lists import Allergy, ListRole, ListState, MedicineList
from gateway.records.reconciliation import Reconciliation
from gateway.terminology.named import classes_named, ingredients_named
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
    """One answer for each question of the pack, in its order.

    `discharge` names the list that tells what the patient leaves on; default: the one with the discharge role. A
    person's decision on a row outweighs what the list says. `signed` is whether the review is signed off. Raises
    KnowledgeError where the pack names a medicine, class or kind of route that the vocabulary does not have: a misspelt
    class would answer "No" for everybody.
    """
    _check(pack, vocabulary)
    leaving = _discharge_list(reconciliation, discharge)
    return tuple(
        _answer(q, pack, reconciliation, vocabulary, leaving, signed=signed, decisions=decisions or {})
        for q in pack.questions
    )


def _check(pack: AuditPack, vocabulary: Vocabulary) -> None:
    kinds = {route.kind for route in vocabulary.routes.values()}
    for q in pack.questions:
        named = (*q.members, *q.contraindicated_by_allergy_to)
        unknown = [n for n in named if n not in vocabulary.classes and n not in vocabulary.ingredients]
        unknown += [kind for kind in q.routes if kind not in kinds]
        if unknown:
            raise KnowledgeError(f"pack {pack.id}: question {q.id}: {unknown[0]} is not in the vocabulary")


def _discharge_list(reconciliation: Reconciliation, name: str | None) -> MedicineList | None:
    found = [
        one
        for one in reconciliation.lists
        if (one.name == name if name else one.role is ListRole.DISCHARGE) and one.state is not ListState.FAILED
    ]
    return found[0] if len(found) == 1 else None


class _Verdict(Struct, frozen=True):
    """`code` None abstains; then `abstention` is the cause's code."""

    code: str | None
    why: str
    evidence: tuple[Evidence, ...] = ()
    abstention: str | None = None


def _answer(
    question: AuditQuestion,
    pack: AuditPack,
    reconciliation: Reconciliation,
    vocabulary: Vocabulary,
    leaving: MedicineList | None,
    *,
    signed: bool,
    decisions: Mapping[str, Decision],
) -> PrefilledAnswer:
    verdict = _verdict(question, pack, reconciliation, vocabulary, leaving, signed=signed, decisions=decisions)
    if verdict.code in pack.never_proposed:
        raise KnowledgeError(f"pack {pack.id}: code {verdict.code} is never proposed, and would have been")
    return PrefilledAnswer(
        question=question.id,
        code=verdict.code,
        why=verdict.why,
        evidence=verdict.evidence,
        rule_version=f"{pack.id} {pack.version}",
        abstained=verdict.why if verdict.code is None else None,
        abstention_code=verdict.abstention,
    )


def _verdict(
    question: AuditQuestion,
    pack: AuditPack,
    reconciliation: Reconciliation,
    vocabulary: Vocabulary,
    leaving: MedicineList | None,
    *,
    signed: bool,
    decisions: Mapping[str, Decision],
) -> _Verdict:
    if question.time_point != "discharge":
        words = f"What the patient took at another time ({question.time_point}) is not read from these lists yet."
        return _Verdict(None, words, abstention="other-time-point")
    ended = _died_or_transferred(pack, reconciliation)
    if ended:
        return _Verdict("4", ended.words, (ended,))
    if leaving is None:
        words = "No discharge list was received, so nothing shows what the patient left on."
        return _Verdict(None, words, abstention="no-discharge-list")
    found = standings(question, reconciliation, leaving, vocabulary, decisions)
    taken = [s for s in found if s.standing is Standing.TAKEN]
    if taken:
        names = " and ".join(dict.fromkeys(s.why for s in taken))
        return _Verdict("1", names, tuple(e for s in taken for e in s.evidence))
    unclear = [s for s in found if s.standing is Standing.UNCLEAR]
    if unclear:
        why = " ".join(s.why for s in unclear)
        return _Verdict(None, why, tuple(e for s in unclear for e in s.evidence), "unclear")
    declined = _declined(pack, found)
    if declined:
        return _Verdict("3", declined.words, (declined,))
    allergy = _contraindicated(question, reconciliation, vocabulary)
    if allergy:
        return _Verdict("2", allergy.words, (allergy,))
    return _no_or_abstain(reconciliation, leaving, decisions, signed=signed)


def _no_or_abstain(
    reconciliation: Reconciliation, leaving: MedicineList, decisions: Mapping[str, Decision], *, signed: bool
) -> _Verdict:
    missing = [one for one in reconciliation.lists if one.state is not ListState.COMPLETE]
    if missing:
        said = tuple(Evidence(words=f"{m.name}: {m.state.value}", list=m.name) for m in missing)
        names = ", ".join(f"{m.name} ({m.state.value})" for m in missing)
        return _Verdict(None, f"Not every list is complete: {names}.", said, "list-not-complete")
    entries = reconciliation.entries()
    continued = [entries[e] for d in decisions.values() for e in d.as_on if e in entries and e not in _ids(leaving)]
    standing = [*(e for e in leaving.entries if e.current), *continued]
    unread = [e for e in standing if not e.product.understood and not e.product.appliance]
    if unread:
        said = tuple(Evidence(words=e.text, list=e.list, entry=e.id, document=e.written.document) for e in unread)
        words = f"{len(unread)} medicine(s) that the patient leaves on could not be read; one of them may be it."
        return _Verdict(None, words, said, "unread-medicine")
    if not signed:
        return _Verdict(None, "The discharge list is not signed off yet.", abstention="not-signed")
    documents = tuple(
        Evidence(words=f"{leaving.name}, complete", list=leaving.name, document=d) for d in leaving.written.documents
    )
    return _Verdict("0", "Every list is complete, and the signed discharge list holds no such medicine.", documents)


def _ids(one: MedicineList) -> frozenset[str]:
    return frozenset(entry.id for entry in one.entries)


def _died_or_transferred(pack: AuditPack, reconciliation: Reconciliation) -> Evidence | None:
    """How the admission that is asked about ended: the latest stay that a hospital's list tells of.

    An earlier stay, or one that a practice remembers, says nothing of what the patient left on this time.
    """
    known = {c.code: c.words for c in pack.not_applicable_dispositions}
    hospital = [one for one in reconciliation.lists if one.role in {ListRole.DISCHARGE, ListRole.INPATIENT}]
    stays = [(e.start or "", e.id, one, e) for one in hospital for e in one.written.encounters]
    if not stays:
        return None
    _, _, one, latest = max(stays, key=lambda stay: stay[:2])
    for coding in latest.discharge.codings if latest.discharge else ():
        if coding.code in known:
            return Evidence(words=f"{one.name}: {known[coding.code]}.", list=one.name, entry=latest.id)
    return None


def _declined(pack: AuditPack, found: list[MemberRow]) -> Evidence | None:
    known = {c.code: c.words for c in pack.declined_reasons}
    for one in found:
        for entry in one.entries:
            for reason in entry.written.status_reason:
                for coding in reason.codings:
                    if coding.code in known:
                        return Evidence(
                            words=f"{entry.text}: {known[coding.code]}.",
                            list=entry.list,
                            entry=entry.id,
                            document=entry.written.document,
                        )
    return None


def _contraindicated(
    question: AuditQuestion, reconciliation: Reconciliation, vocabulary: Vocabulary
) -> Evidence | None:
    for one in reconciliation.lists:
        for allergy in one.written.allergies:
            if allergy.active and not allergy.none_known and _touches(question, allergy, vocabulary):
                return Evidence(
                    words=f"{one.name} records an allergy or intolerance: {allergy.concept.words}.",
                    list=one.name,
                    entry=allergy.id,
                )
    return None


def _touches(question: AuditQuestion, allergy: Allergy, vocabulary: Vocabulary) -> bool:
    """Only what the allergy itself names: one statin not tolerated proposes, a related class does not."""
    texts = [allergy.concept.text, *(c.display for c in allergy.concept.codings)]
    named: set[str] = set()
    for text in filter(None, texts):
        substances = ingredients_named(text, vocabulary)
        named |= {*substances, *classes_named(text, vocabulary)}
        named |= {c for s in substances for c in vocabulary.classes_of(s)}
    return bool(named & set(question.contraindicated_by_allergy_to))
