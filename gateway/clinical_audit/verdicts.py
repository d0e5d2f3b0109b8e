"""What the record shows for one question: a code of the dataset with its evidence, or the cause of abstaining."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from gateway.clinical_audit.members import Found, found_in
from gateway.records.audit import (
    Ask,
    AuditPack,
    AuditQuestion,
    CaseFacts,
    Evidence,
    Gap,
    MedicineFact,
    NamedFact,
    TimePoint,
    Verdict,
)
from gateway.records.audit_members import Members

#: How far a proposal is borne out, in words.
FIRM = "Borne out by the signed list or by a person's decision"
LISTED = "Stands in the record; the review is not signed yet"
LOOK = "Look at the evidence: the record bears on it, but does not say it in so many words"

_NO_CODE = "the dataset has no code for it that the gateway may propose"


class Answered(Struct, frozen=True, kw_only=True):
    """`code` None abstains; then `abstention` is the cause's code."""

    code: str | None
    why: str
    evidence: tuple[Evidence, ...] = ()
    abstention: str | None = None
    confidence: str | None = None


class Asked(Struct, frozen=True):
    """One question with what it is answered from."""

    question: AuditQuestion
    pack: AuditPack
    facts: CaseFacts
    members: dict[str, Members]

    def coded(self, verdict: Verdict, why: str, evidence: Iterable[Evidence], confidence: str) -> Answered:
        code = self.question.verdicts.get(verdict)
        shown = tuple(evidence)
        if code is None:
            return Answered(code=None, why=f"{why} ({_NO_CODE}.)", evidence=shown, abstention="no-code")
        return Answered(code=code, why=why, evidence=shown, confidence=confidence)


def abstain(gap: Gap) -> Answered:
    return Answered(code=None, why=gap.words, evidence=gap.evidence, abstention=gap.code)


def answered(asked: Asked) -> Answered:
    """Died or transferred; taken; unclear; contraindicated; declined; "No" where absence proves it; else abstain."""
    return _ASKS[asked.question.ask](asked)


def _medicine(asked: Asked, decide: Callable[[Asked], Answered | None]) -> Answered:
    """The order that every question about medicines keeps; `decide` says what being taken means for it."""
    question, facts = asked.question, asked.facts
    moment = facts.moments[question.time_point]
    if question.time_point is TimePoint.DISCHARGE:
        known = {c.code: c.words for c in asked.pack.not_applicable_dispositions}
        code = next((c for c in facts.ended.names if c in known), None) if facts.ended else None
        if code and facts.ended:
            where = facts.ended.evidence
            said = Evidence(words=f"{where.list}: {known[code]}.", list=where.list, entry=where.entry)
            return asked.coded(Verdict.NOT_APPLICABLE, said.words, (said,), LOOK)
    if moment.unseen:
        return abstain(moment.unseen)
    found = decide(asked)
    if found is not None:
        return found
    held = [f for f in moment.medicines if any(m.holds(f) and m.standing(f) for m in asked.members.values())]
    contra = _contraindicated(asked)
    if contra:
        return asked.coded(Verdict.CONTRAINDICATED, contra.words, (contra,), LOOK)
    declined = _declined(asked.pack, held)
    if declined:
        return asked.coded(Verdict.DECLINED, declined.words, (declined,), LOOK)
    if moment.gap:
        return abstain(moment.gap)
    words = "Every list is complete, and the signed discharge list holds no such medicine."
    if question.time_point is not TimePoint.DISCHARGE:
        words = f"Every list is complete and read, and none holds such a medicine ({question.time_point.value})."
    return asked.coded(Verdict.NOT_TAKEN, words, moment.proof, FIRM)


def _unclear(found: Iterable[Found]) -> Answered | None:
    unclear = [s for each in found for s in each.unclear]
    if not unclear:
        return None
    return Answered(
        code=None,
        why=" ".join(dict.fromkeys(why for _, why in unclear)),
        evidence=tuple(e for fact, _ in unclear for e in fact.evidence),
        abstention="unclear",
    )


def _on_medicine(asked: Asked) -> Answered | None:
    moment = asked.facts.moments[asked.question.time_point]
    found = found_in(moment, asked.members["members"], asked.question.daily_at_most_mg)
    if not found.taken:
        return _unclear([found])
    names = " and ".join(dict.fromkeys(why for _, why in found.taken))
    evidence = tuple(e for fact, _ in found.taken for e in fact.evidence)
    return asked.coded(Verdict.TAKEN, names, evidence, _confidence(asked, [fact for fact, _ in found.taken]))


def _which_medicine(asked: Asked) -> Answered | None:
    """A medicine that is unclear leaves the whole question to a person: it could be another choice."""
    moment = asked.facts.moments[asked.question.time_point]
    found = {name: found_in(moment, one, None) for name, one in asked.members.items()}
    unclear = _unclear(found.values())
    if unclear:
        return unclear
    taken = {name for name, one in found.items() if one.taken}
    if not taken:
        return None
    facts = [fact for one in found.values() for fact, _ in one.taken]
    evidence = tuple(dict.fromkeys(e for fact in facts for e in fact.evidence))
    names = " and ".join(dict.fromkeys(why for one in found.values() for _, why in one.taken))
    for choice in asked.question.choices:
        if taken.issuperset(choice.when) and taken.isdisjoint(choice.without):
            if choice.code is None:
                return Answered(code=None, why=choice.why or names, evidence=evidence, abstention="person-decides")
            return Answered(code=choice.code, why=names, evidence=evidence, confidence=_confidence(asked, facts))
    return Answered(code=None, why=f"{names} No choice of the dataset fits.", evidence=evidence, abstention="no-code")


def _confidence(asked: Asked, taken: list[MedicineFact]) -> str:
    if asked.question.time_point in {TimePoint.IN_HOSPITAL, TimePoint.ADMINISTERED}:
        return LOOK
    return FIRM if asked.facts.signed or any(fact.decided for fact in taken) else LISTED


def _contraindicated(asked: Asked) -> Evidence | None:
    allergens = set(asked.question.contraindicated_by_allergy_to)
    conditions = {c.code for c in asked.question.contraindicated_by_conditions}
    for known, facts in ((allergens, asked.facts.allergies), (conditions, asked.facts.conditions)):
        found = _first(facts, known)
        if found:
            return found.evidence
    return None


def _first(facts: Iterable[NamedFact], known: set[str]) -> NamedFact | None:
    return next((fact for fact in facts if known.intersection(fact.names)), None)


def _declined(pack: AuditPack, held: list[MedicineFact]) -> Evidence | None:
    known = {c.code: c.words for c in pack.declined_reasons}
    for fact in held:
        code = next((c for c in fact.refusals if c in known), None)
        if code:
            first = fact.evidence[0]
            return Evidence(
                words=f"{fact.medicine}: {known[code]}.", list=first.list, entry=first.entry, document=first.document
            )
    return None


def _how_stay_ended(asked: Asked) -> Answered:
    ended = asked.facts.ended
    if ended is None:
        return abstain(Gap(code="end-not-coded", words="No hospital's record says in code how the stay ended."))
    code = next((asked.question.codes[c] for c in ended.names if c in asked.question.codes), None)
    if code is None:
        words = f"{ended.evidence.words}. The dataset's codes do not follow from it."
        return abstain(Gap(code="no-code", words=words, evidence=(ended.evidence,)))
    return Answered(code=code, why=f"{ended.evidence.words}.", evidence=(ended.evidence,), confidence=LISTED)


def _has_condition(asked: Asked) -> Answered:
    """A condition that is not coded may still be there: never "No"."""
    found = _first(asked.facts.conditions, set(asked.question.codes))
    if found is None:
        return abstain(
            Gap(code="not-coded", words="No list records it in code, which does not show that it is absent.")
        )
    return asked.coded(Verdict.TAKEN, found.evidence.words, (found.evidence,), LISTED)


def _in_time(asked: Asked) -> Answered:
    state = asked.facts.process.get(asked.question.flag or "")
    if state not in {"in-time", "late"}:
        return abstain(Gap(code="time-not-known", words="When it was done, or when the stay began, is not recorded."))
    verdict = Verdict.TAKEN if state == "in-time" else Verdict.NOT_TAKEN
    return asked.coded(verdict, f"It was done {'in time' if state == 'in-time' else 'late'}.", (), FIRM)


def _discrepancies(asked: Asked) -> Answered:
    """Counts what people classed; without a complete and signed review there is nothing to count."""
    gap = asked.facts.intents_gap
    if gap:
        return abstain(gap)
    number = sum(asked.facts.intents.get(intent, 0) for intent in asked.question.intents)
    words = f"{number} difference(s) were classed so by the people who decided them."
    if asked.question.any_of_them:
        return asked.coded(Verdict.TAKEN if number else Verdict.NOT_TAKEN, words, (), FIRM)
    return Answered(code=str(number), why=words, confidence=FIRM)


_ASKS: dict[Ask, Callable[[Asked], Answered]] = {
    Ask.ON_MEDICINE: lambda asked: _medicine(asked, _on_medicine),
    Ask.WHICH_MEDICINE: lambda asked: _medicine(asked, _which_medicine),
    Ask.HOW_STAY_ENDED: _how_stay_ended,
    Ask.HAS_CONDITION: _has_condition,
    Ask.IN_TIME: _in_time,
    Ask.DISCREPANCIES: _discrepancies,
}
