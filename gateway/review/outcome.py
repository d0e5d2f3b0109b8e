"""Rows and decisions made into the outcome of a review. It needs the snapshot alone, no knowledge of medicines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from gateway.records.decision import Decision, Outcome
from gateway.records.dose import DoseStep
from gateway.records.lists import ListRole, ListState, MedicineEntry, MedicineList
from gateway.records.matching import Row
from gateway.records.outcome import (
    Became,
    DoseWords,
    MedicineOutcome,
    OutcomeOfReview,
    ReasonWords,
    Said,
    Signing,
    SourceSaid,
)
from gateway.records.reconciliation import Reconciliation
from gateway.review import words
from gateway.review.page import allergies_of, in_time_order

#: A list that came longer ago than this is called old: what was issued or given since is not on it.
OLD = dt.timedelta(hours=24)

_ENDED = {
    Outcome.STOP: Became.STOPPED,
    Outcome.WITHHOLD: Became.WITHHELD,
    Outcome.NOT_TAKING: Became.NOT_TAKING,
    Outcome.ASK: Became.UNDECIDED,
}
_BEFORE = (ListRole.PRE_ADMISSION, ListRole.SUPPLY)


def outcome_of(
    one: Reconciliation,
    *,
    review: str,
    fetched_at: str,
    decisions: Mapping[str, tuple[Decision | None, int]],
    doses: Mapping[str, DoseWords],
    reasons: Mapping[str, ReasonWords],
    to_check: frozenset[str],
    open_: Sequence[str],
    now: dt.datetime,
    signed: Signing | None = None,
    superseded: bool = False,
) -> OutcomeOfReview:
    """`doses` holds in words the dose of each entry that has one, and by row what a decision changes it to; `to_check`
    names rows that need a second person."""
    lists = in_time_order(one.lists)
    entries = one.entries()
    titles = {each.name: words.title(each) for each in lists}
    known = _before_admission_is_known(lists)
    medicines, past = [], []
    for row in one.rows:
        decision, version = decisions.get(row.id, (None, 0))
        mine = [entries[e] for e in row.entries]
        if decision is None and not any(e.current for e in mine):
            past.append(row.medicine)
            continue
        found = _Found(row, mine, lists, titles, doses)
        medicines.append(_medicine(found, decision, version, reasons, known, row.id in to_check))
    return OutcomeOfReview(
        review=review,
        fetched_at=fetched_at,
        medicines=tuple(medicines),
        sources=tuple(_source(each, fetched_at, now) for each in lists),
        open=tuple(open_),
        allergies=allergies_of(lists),
        allergies_said=any(each.written.allergies for each in lists),
        no_longer_current=tuple(past),
        discrepancies=one.discrepancies,
        signed=signed,
        superseded=superseded,
    )


def _before_admission_is_known(lists: Sequence[MedicineList]) -> bool:
    """Only then may a medicine be called new: a list from before admission exists, and all of them came whole."""
    before = [one for one in lists if one.role in _BEFORE]
    return any(one.role is ListRole.PRE_ADMISSION for one in before) and all(
        one.state is ListState.COMPLETE for one in before
    )


class _Found:
    """One row's entries, apart by when in the patient's care their lists stand."""

    def __init__(
        self,
        row: Row,
        entries: Sequence[MedicineEntry],
        lists: Sequence[MedicineList],
        titles: Mapping[str, str],
        doses: Mapping[str, DoseWords],
    ) -> None:
        self.row, self.entries, self.titles, self.doses = row, entries, titles, doses
        self._roles = {one.name: one.role for one in lists}
        self._order = [one.name for one in lists]

    def current(self, *roles: ListRole) -> list[MedicineEntry]:
        return [e for e in self.entries if e.current and (not roles or self._roles[e.list] in roles)]

    def was_on_list(self) -> bool:
        """It stands on a list from before admission, if only as ended."""
        return any(self._roles[e.list] in _BEFORE for e in self.entries)

    def said(self, entries: Sequence[MedicineEntry]) -> tuple[Said, ...]:
        """What is said, each once, with the lists that say it, in time order."""
        found: dict[tuple[object, ...], Said] = {}
        for entry in sorted(entries, key=lambda e: (self._order.index(e.list), e.id)):
            product = entry.product
            one = Said(
                medicine=product.name,
                form=product.form,
                route=entry.route,
                dose=self.doses.get(entry.id),
                lists=(self.titles[entry.list],),
                entries=(entry.id,),
                indication="; ".join(dict.fromkeys(c.words for c in entry.written.reason if c.words)) or None,
            )
            key = (
                one.medicine.lower(),
                one.form,
                one.route,
                one.dose.whole.lower() if one.dose else "",
                one.indication,
            )
            there = found.get(key)
            found[key] = one if there is None else _joined(there, one)
        return tuple(found.values())


def _joined(a: Said, b: Said) -> Said:
    lists = tuple(dict.fromkeys((*a.lists, *b.lists)))
    return msgspec.structs.replace(a, lists=lists, entries=a.entries + b.entries)


def _medicine(
    found: _Found,
    decision: Decision | None,
    version: int,
    reasons: Mapping[str, ReasonWords],
    known: bool,
    to_check: bool,
) -> MedicineOutcome:
    row = found.row
    before = found.current(*_BEFORE)
    shared = {
        "row": row.id,
        "medicine": row.medicine,
        "before": found.said(before),
        "lists": found.said(found.current()),
        "check_needed": to_check,
        "version": version,
    }
    if decision is None:
        return MedicineOutcome(became=Became.UNDECIDED, after=(), **shared)  # type: ignore[arg-type]
    reason = reasons.get(decision.reason or "")
    after, cautions, became, another = _after(found, decision, known)
    return MedicineOutcome(
        became=became,
        after=after,
        cautions=tuple(cautions),
        another_medicine=another,
        restart=decision.restart,
        question=decision.question,
        intent=decision.intent,
        reason=decision.reason,
        reason_words=reason.words if reason else decision.reason,
        reason_plain=reason.plain if reason else None,
        note=decision.note,
        actor=decision.actor,
        role=decision.role,
        at=decision.at,
        checked_at=decision.checked_at,
        **shared,  # type: ignore[arg-type]
    )


def _after(found: _Found, decision: Decision, known: bool) -> tuple[tuple[Said, ...], list[str], Became, bool]:
    """What is taken, what must not be missed about it, what that makes of the medicine, whether it is another one."""
    if decision.outcome in _ENDED:
        cautions = [] if found.current(*_BEFORE) or decision.open else ["It stood on no list from before admission."]
        return (), cautions, _ENDED[decision.outcome], False
    primary = found.current(ListRole.PRE_ADMISSION) or found.current(ListRole.SUPPLY)
    if decision.outcome is Outcome.CHANGE:
        after, another = _written(found, decision)
        cautions = [] if decision.understood else ["What it changes to was not understood and stands as written."]
        if another:
            cautions.append(f"Another medicine than before: {after.medicine} instead of {found.row.medicine}.")
        return (after,), cautions, Became.CHANGED if primary else _started(known), another
    kept = [e for e in found.entries if e.id in set(decision.as_on)]
    cautions = [f"{found.titles[e.list]} calls it {e.written.status}." for e in kept if not e.current]
    if not primary:
        if found.was_on_list():
            cautions.append("It stood on a list from before admission, but not as current.")
        return found.said(kept), cautions, _started(known), False
    became, more = _compared(found, primary, kept)
    return found.said(kept), cautions + more, became, False


def _started(known: bool) -> Became:
    return Became.NEW if known else Became.PERHAPS_NEW


def _written(found: _Found, decision: Decision) -> tuple[Said, bool]:
    """What a person wrote: as it was read, or where it was not read their own text as the dose."""
    read, row = decision.understood, found.row
    dose = found.doses.get(row.id)
    if read is None:
        return Said(medicine=row.medicine, form=None, route=None, dose=dose), False
    product = read.product
    said = Said(
        medicine=product.name,
        form=product.form,
        route=product.route or read.dose.route,
        dose=dose,
        understood=read.words,
    )
    return said, bool(row.ingredients) and product.ingredients != row.ingredients


def _compared(
    found: _Found, before: Sequence[MedicineEntry], kept: Sequence[MedicineEntry]
) -> tuple[Became, list[str]]:
    """Changed where any list that counts says otherwise; where that cannot be told, it is said and not guessed."""
    became, cautions = Became.CONTINUED, []
    for name in dict.fromkeys(e.list for e in before):
        same = _same([e for e in before if e.list == name], kept)
        if same is False:
            became = Became.CHANGED
        elif same is None:
            cautions.append(f"Whether {found.titles[name]} says the same could not be told; compare the two.")
    others = [e for e in found.current(ListRole.SUPPLY) if e not in before]
    apart = (n for n in dict.fromkeys(e.list for e in others) if not _same([e for e in others if e.list == n], kept))
    return became, [*cautions, *(f"{found.titles[name]} has it otherwise." for name in apart)]


def _same(before: Sequence[MedicineEntry], kept: Sequence[MedicineEntry]) -> bool | None:
    """Whether two lists' entries of one row say the same; None where a dose was not read and the texts differ."""
    if len(before) != len(kept):
        return False
    answers = [_same_entry(a, b) for a, b in zip(_sorted(before), _sorted(kept), strict=True)]
    return False if False in answers else None if None in answers else True


def _sorted(entries: Sequence[MedicineEntry]) -> list[MedicineEntry]:
    return sorted(entries, key=lambda e: (str(e.product.strengths), e.product.name.lower(), e.id))


def _same_entry(a: MedicineEntry, b: MedicineEntry) -> bool | None:
    one, two = a.product, b.product
    pairs = (
        (one.ingredients, two.ingredients),
        (one.strengths, two.strengths),
        (one.form, two.form),
        (one.release, two.release),
        (one.brand, two.brand),
        (a.route, b.route),
    )
    if any(x and y and x != y for x, y in pairs):  # what one list does not state is no difference
        return False
    if (a.written.status == "on-hold") != (b.written.status == "on-hold"):
        return False
    if a.dose.parsed and b.dose.parsed:
        return _same_dose(a, b)
    return True if _flat(a.dose.text) == _flat(b.dose.text) else None


def _same_dose(a: MedicineEntry, b: MedicineEntry) -> bool:
    """One 10 mg tablet once a day is 10 mg once a day; 10 mg once a day is not 5 mg twice a day."""
    if a.dose.sequence == b.dose.sequence and a.dose.repeats == b.dose.repeats:
        return True
    same_times = [_times(s) for s in a.dose.sequence] == [_times(s) for s in b.dose.sequence]
    return same_times and a.dose.daily is not None and a.dose.daily == b.dose.daily


def _times(step: DoseStep) -> DoseStep:
    return msgspec.structs.replace(step, low=None, high=None, unit=None, equal_to=None)


def _flat(text: str | None) -> str:
    return " ".join((text or "").lower().split())


def _source(one: MedicineList, fetched_at: str, now: dt.datetime) -> SourceSaid:
    written = one.written
    return SourceSaid(
        name=one.name,
        title=words.title(one),
        organisation=written.organisation,
        when_in_care=words.when_in_care(one),
        state=one.state,
        state_words=words.STATE[one.state],
        causes=written.causes,
        as_of=None if one.state is ListState.FAILED else written.as_of,
        complete=one.state is ListState.COMPLETE,
        old=now - dt.datetime.fromisoformat(fetched_at) > OLD,
    )
