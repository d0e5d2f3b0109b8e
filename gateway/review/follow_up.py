"""After discharge: what practices and pharmacies did since, beside what was signed. Each finding is a task.

Only what a date proves counts as done after discharge; what no date tells is said to be untold, never taken for well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from gateway.records.dates import first_day, last_day
from gateway.records.decision import Decision
from gateway.records.lists import ListState, MedicineEntry, MedicineList
from gateway.records.matching import Row
from gateway.records.reconciliation import Reconciliation
from gateway.review.signed_outcome import Expected, Medicine, expected_of, in_the_community, known_as, same_dose
from gateway.review.words import date, incomplete_words, title

_DISPENSE, _REQUEST = "MedicationDispense", "MedicationRequest"
_NOT_GIVEN = {"cancelled", "not-taken", "declined", "draft", "entered-in-error"}


class Seen(Struct, frozen=True, kw_only=True):
    """One entry that a finding rests on, as written; `dated` is the date of issue or hand-over, as written."""

    entry: str
    list: str
    text: str
    dose: str | None
    dated: str | None


class Finding(Struct, frozen=True, kw_only=True):
    """`what` is stopped-issued, dose-not-followed, new-not-issued, not-told or not-checked; `list` the list's name."""

    what: str
    words: str
    medicine: str | None = None
    list: str | None = None
    evidence: tuple[Seen, ...] = ()

    @property
    def key(self) -> str:
        """The same for the same finding on the same evidence, whenever it is looked at."""
        seen = sorted(f"{e.entry}@{e.dated}" for e in self.evidence)
        return "|".join([self.what, self.medicine or "", self.list or "", self.words if not seen else "", *seen])


def follow_up(
    signed: Reconciliation, decisions: Mapping[str, Decision], since: Reconciliation, *, after: dt.date, last: bool
) -> tuple[Finding, ...]:
    """What must become a task, by medicine; lists that could not be checked come last.

    `since` are the lists as fetched now; `after` is the day of discharge, that day itself not counted; `last`: no
    further check is planned, so that what was to be issued by now is missed.
    """
    expected = expected_of(signed, decisions)
    community = [one for one in since.lists if in_the_community(one)]
    found: list[Finding] = []
    for one in expected:
        for each in community:
            found += _of_list(one, each, since, expected, after)
        if last and one.new and not one.ends_by(after, since.at) and not _shown(one, community, since, after):
            found += _never_issued(one, community)
    found.sort(key=lambda f: (f.medicine or "", f.list or "", f.words))
    if expected:
        found += _unchecked(signed, community)
    return tuple(found)


def _of_list(
    one: Expected, each: MedicineList, since: Reconciliation, expected: Sequence[Expected], after: dt.date
) -> Iterator[Finding]:
    entries = {e.id: e for e in each.entries}
    for row in since.rows:
        here = [entries[e] for e in row.entries if e in entries and _may_count(entries[e])]
        if not here or not _is(one.medicine, row, expected, stopped=one.stopped is not None):
            continue
        dated = [e for e in here if _after(e, after) is True]
        if one.stopped is not None:
            yield from _of_stopped(one, one.stopped, each, here, dated, after)
        elif one.changed_for(each.name):
            yield from _of_dose(one, each, dated)


def _is(medicine: Medicine, row: Row, expected: Sequence[Expected], *, stopped: bool) -> bool:
    """Whether the row is this medicine, or, of one that was stopped, a combination that holds it and nobody decided."""
    there = known_as(row)
    if medicine.same(there):
        return True
    hidden = bool(medicine.ingredients) and set(medicine.ingredients) < set(there.ingredients)
    return stopped and hidden and not any(e.stopped is None and e.medicine.same(there) for e in expected)


def _of_stopped(
    one: Expected, how: str, each: MedicineList, here: list[MedicineEntry], dated: list[MedicineEntry], after: dt.date
) -> Iterator[Finding]:
    for entry in _newest(dated):
        did = "handed it over" if entry.written.kind == _DISPENSE else "issued it"
        inside = "" if entry.product.ingredients == one.medicine.ingredients else f", in {entry.text}"
        words = f"{one.medicine.name} {how}, and {_who(each)} {did} on {date(_dated(entry))}{inside}."
        yield _finding("stopped-issued", words, one, each, dated)
    if dated:
        return
    untold = [e for e in here if _after(e, after) is None and (e.current or e.written.kind == _DISPENSE)]
    for entry in _newest(untold):
        said = _untold(entry)
        words = f"{one.medicine.name} {how} and is still on the list of {_who(each)}; {said}."
        yield _finding("not-told", words, one, each, untold)


def _untold(entry: MedicineEntry) -> str:
    text = _dated(entry)
    if text is None:
        return "when it was last issued is not recorded"
    if entry.written.kind == _REQUEST and not entry.written.last_issued:
        return f"the request is of {date(text)}, and whether it was issued since discharge is not recorded"
    return f"it was last issued in {date(text)}, and whether that was after discharge is not recorded"


def _of_dose(one: Expected, each: MedicineList, dated: list[MedicineEntry]) -> Iterator[Finding]:
    """All that was issued since, taken together; of a medicine with one part each issue must be that part."""
    judged = [same_dose(one.wanted, [e]) for e in dated] if len(one.wanted) == 1 else None
    if judged is None:
        whole = same_dose(one.wanted, dated) if dated else True
        off, untold = (dated if whole is False else []), (dated if whole is None else [])
    else:
        off = [e for e, same in zip(dated, judged, strict=True) if same is False]
        untold = [e for e, same in zip(dated, judged, strict=True) if same is None]
    for entry in _newest(off):
        yield _finding("dose-not-followed", f"{_told(one, each, entry)}.", one, each, off)
    if not off:
        for entry in _newest(untold):
            words = f"{_told(one, each, entry)}. Whether that is the same dose could not be told."
            yield _finding("not-told", words, one, each, untold)


def _told(one: Expected, each: MedicineList, entry: MedicineEntry) -> str:
    did = "handed over" if entry.written.kind == _DISPENSE else "issued"
    dose = entry.dose.text or "a dose that is not recorded"
    return (
        f"{one.medicine.name} was changed at discharge to {one.said}; {_who(each)} {did} “{dose}” ({entry.text}) on "
        f"{date(_dated(entry))}"
    )


def _never_issued(one: Expected, community: Sequence[MedicineList]) -> Iterator[Finding]:
    """Only lists that came whole say so."""
    if community and all(each.state is ListState.COMPLETE for each in community):
        words = (
            f"{one.medicine.name} was new at discharge, and no GP practice or pharmacy list shows that it was issued "
            "since."
        )
        yield Finding(
            what="new-not-issued",
            words=words,
            medicine=one.medicine.name,
            evidence=tuple(_seen(e) for e in one.on),
        )


def _shown(one: Expected, community: Sequence[MedicineList], since: Reconciliation, after: dt.date) -> bool:
    rows = [row for row in since.rows if one.medicine.same(known_as(row))]
    ids = {e for row in rows for e in row.entries}
    return any(e.id in ids and (e.current or _after(e, after)) for each in community for e in each.entries)


def _unchecked(signed: Reconciliation, community: Sequence[MedicineList]) -> Iterator[Finding]:
    begin = "What was issued could not be checked against all that was signed."
    for each in community:
        if each.state is not ListState.COMPLETE:
            causes = "; ".join(each.written.causes)
            words = f"{begin} {incomplete_words(each)}{f' – {causes}' if causes else ''}."
            yield Finding(what="not-checked", words=words, list=each.name)
    there = {each.name for each in community}
    for gone in signed.lists:
        if gone.name not in there and in_the_community(gone):
            yield Finding(what="not-checked", words=f"{begin} {_who(gone)}: not asked any more.", list=gone.name)
    if not there and not any(in_the_community(one) for one in signed.lists):
        yield Finding(what="not-checked", words=f"{begin} No GP practice or pharmacy is asked.")


def _who(each: MedicineList) -> str:
    """With the organisation's own name, so that the right one is rung."""
    name = each.written.organisation
    return f"{title(each)} ({name})" if name and name != title(each) else title(each)


def _may_count(entry: MedicineEntry) -> bool:
    return entry.written.status not in _NOT_GIVEN and not entry.written.do_not_perform


def _dated(entry: MedicineEntry) -> str | None:
    """When it was issued or handed over; of a request without an issue, when it was written."""
    written = entry.written
    if written.kind == _DISPENSE:
        return written.handed_over or written.asserted
    return written.last_issued or (written.asserted if written.kind == _REQUEST else None)


def _after(entry: MedicineEntry, day: dt.date) -> bool | None:
    """Whether it was issued after that day; None where no date tells."""
    text = _dated(entry)
    first, last = first_day(text), last_day(text)
    if first is None or last is None:
        return None
    if first > day:
        return True
    if last > day:
        return None
    # A request of before may be a repeat that is issued again and again under its first date.
    return None if entry.written.kind == _REQUEST and not entry.written.last_issued and entry.current else False


def _newest(entries: list[MedicineEntry]) -> list[MedicineEntry]:
    return sorted(entries, key=lambda e: (_dated(e) or "", e.id))[-1:]


def _finding(what: str, words: str, one: Expected, each: MedicineList, on: list[MedicineEntry]) -> Finding:
    evidence = tuple(_seen(e) for e in sorted(on, key=lambda e: e.id))
    return Finding(what=what, words=words, medicine=one.medicine.name, list=each.name, evidence=evidence)


def _seen(entry: MedicineEntry) -> Seen:
    return Seen(entry=entry.id, list=entry.list, text=entry.text, dose=entry.dose.text, dated=_dated(entry))
