"""The whole review of one patient as a page shows it: lists as columns in time order, medicines as rows by section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from gateway.records.decision import Decision
from gateway.records.discrepancy import Discrepancy
from gateway.records.lists import Allergy, ListRole, ListState, MedicineList
from gateway.records.reconciliation import Reconciliation
from gateway.review import words
from gateway.review.entries import EntryWords
from gateway.review.rows import FindingView, RowView, row_view

_ORDER = (ListRole.PRE_ADMISSION, ListRole.SUPPLY, ListRole.INPATIENT, ListRole.DISCHARGE)

SECTIONS = (
    ("differs", "Differences between lists"),
    ("one-list", "On one list only"),
    ("same", "Same on every list"),
    ("not-current", "No longer current"),
)


class Column(Struct, frozen=True, kw_only=True):
    """One list: who, when, how much of it arrived, in words."""

    name: str
    title: str
    when_in_care: str
    organisation: str | None
    received_at: str | None
    medicines: int
    state: str
    complete: bool
    causes: tuple[str, ...]
    warnings: tuple[str, ...]
    baseline: bool
    received: int
    entries: int
    set_aside: tuple[tuple[str, int], ...]
    quarantined: tuple[tuple[str, str], ...]
    role_reason: str
    by_hand: bool = False


class Section(Struct, frozen=True, kw_only=True):
    key: str
    title: str
    rows: tuple[RowView, ...]


class SuggestionView(Struct, frozen=True, kw_only=True):
    """Two entries that may be the same medicine; the gateway does not join them by itself."""

    names: tuple[str, ...]
    why: str
    similarity: int


class ReviewView(Struct, frozen=True, kw_only=True):
    """`total` counts rows that are to be decided: those with a current entry. `about_lists` belongs to no row;
    `not_evaluated` pairs a cause with the rules that it kept from looking."""

    columns: tuple[Column, ...]
    sections: tuple[Section, ...]
    about_lists: tuple[FindingView, ...]
    not_evaluated: tuple[tuple[str, tuple[str, ...]], ...]
    pack: str
    switched_off: tuple[str, ...]
    suggestions: tuple[SuggestionView, ...]
    allergies: tuple[str, ...]
    allergies_said: bool
    total: int
    decided: int
    open_questions: int

    @property
    def rows(self) -> tuple[RowView, ...]:
        return tuple(row for section in self.sections for row in section.rows)

    @property
    def to_decide(self) -> tuple[RowView, ...]:
        return tuple(r for r in self.rows if r.section != "not-current" and not r.decided)

    @property
    def high_risk(self) -> tuple[RowView, ...]:
        return tuple(r for r in self.rows if r.severity == 3)

    @property
    def missing(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if not c.complete)


def review_view(
    reconciliation: Reconciliation,
    said: Mapping[str, EntryWords],
    rule_words: Mapping[str, str],
    reasons: Mapping[str, str],
    decisions: Mapping[str, tuple[Decision | None, int]],
    critical: frozenset[str] = frozenset(),
    rule_review: Mapping[str, str] | None = None,
    pack: str = "",
    look_again: Mapping[str, Decision] | None = None,
) -> ReviewView:
    """`critical` names rows of critical medicines; `rule_review` says by rule whether a person has signed it, `pack`
    is the version that says so. `said` holds every entry's strength and dose in words;
    `rule_words` and `reasons` name rules and reasons; `look_again` is what was decided of rows before they changed.
    """
    lists = in_time_order(reconciliation.lists)
    entries = reconciliation.entries()
    signed = rule_review or {}
    row_of = {entry: row.id for row in reconciliation.rows for entry in row.entries}
    found: dict[str | None, list[FindingView]] = {}
    for finding in reconciliation.discrepancies:
        # A switch or a duplicate concerns two rows and stands on both.
        concerned = {finding.row, *(row_of.get(e) for e in finding.entries)} if finding.row else {None}
        for row_id in concerned:
            found.setdefault(row_id, []).append(_finding(finding, rule_words, signed, pack))
    rows = []
    parts = _parts(reconciliation)
    for row in reconciliation.rows:
        decision, version = decisions.get(row.id, (None, 0))
        mine = sorted(found.get(row.id, []), key=lambda f: (-f.finding.severity, f.finding.rule))
        rows.append(
            row_view(
                row,
                lists,
                entries,
                said,
                mine,
                decision,
                version,
                reasons,
                critical=row.id in critical,
                part=parts.get(row.id),
                look_again=(look_again or {}).get(row.id),
            )
        )
    all_complete = all(one.state is ListState.COMPLETE for one in lists)
    sections = []
    for key, title in SECTIONS:
        mine_ = sorted((r for r in rows if r.section == key), key=lambda r: (-_grade(r), r.medicine, r.id))
        if mine_:
            said_of = title if all_complete or key != "same" else "Same on every complete list"
            sections.append(Section(key=key, title=said_of, rows=tuple(mine_)))
    deciding = [r for r in rows if r.section != "not-current"]
    return ReviewView(
        columns=tuple(_column(one) for one in lists),
        sections=tuple(sections),
        about_lists=tuple(found.get(None, ())),
        not_evaluated=_by_cause(reconciliation, rule_words),
        pack=pack,
        switched_off=tuple(rule_words.get(r, r) for r in reconciliation.switched_off),
        suggestions=tuple(
            SuggestionView(
                names=tuple(f"{entries[e].text} ({entries[e].list})" for e in s.entries),
                why=s.why,
                similarity=s.similarity,
            )
            for s in reconciliation.suggestions
        ),
        allergies=allergies_of(lists),
        allergies_said=any(one.written.allergies for one in lists),
        total=len(deciding),
        decided=sum(r.decided for r in deciding),
        open_questions=sum(bool(r.decision and r.decision.open) for r in deciding),
    )


def _parts(one: Reconciliation) -> dict[str, str]:
    """ "part 1 of 2" for each row that a person parted from others of its medicine."""
    together: dict[str, list[str]] = {}
    for row in one.rows:
        if row.apart:
            together.setdefault(row.apart[0], []).append(row.id)
    return {r: f"part {n} of {len(rows)}" for rows in together.values() for n, r in enumerate(rows, start=1)}


def in_time_order(lists: Sequence[MedicineList]) -> list[MedicineList]:
    """Before admission first, the discharge list last."""
    return sorted(lists, key=lambda one: (_ORDER.index(one.role), one.name))


def _by_cause(one: Reconciliation, rule_words: Mapping[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(cause, rules in words) in the order in which causes first appear."""
    found: dict[str, list[str]] = {}
    for each in one.not_evaluated:
        found.setdefault(each.cause, []).append(rule_words.get(each.rule, each.rule))
    return tuple((cause, tuple(rules)) for cause, rules in found.items())


def _grade(row: RowView) -> int:
    return -1 if row.severity is None else row.severity


def _finding(
    finding: Discrepancy, rule_words: Mapping[str, str], rule_review: Mapping[str, str], pack: str
) -> FindingView:
    """What is known of the review of a rule is said of the version that is loaded only."""
    signed = rule_review.get(finding.rule, "")
    return FindingView(
        review=signed if finding.rule_version == pack else "an earlier version of the rules",
        finding=finding,
        title=rule_words.get(finding.rule, finding.rule),
        severity=words.SEVERITY[finding.severity],
    )


def _column(one: MedicineList) -> Column:
    written = one.written
    aside: dict[str, int] = {}
    for item in written.set_aside:
        cause = "folded into the entry they belong to" if item.cause.startswith("folded into") else item.cause
        aside[cause] = aside.get(cause, 0) + 1
    return Column(
        name=one.name,
        title=words.title(one),
        when_in_care=words.when_in_care(one),
        organisation=written.organisation,
        by_hand=written.by_hand,
        received_at=words.time(written.as_of) if one.state is not ListState.FAILED else None,
        medicines=sum(e.current for e in one.entries),
        state=words.STATE[one.state],
        complete=one.state is ListState.COMPLETE,
        causes=written.causes,
        warnings=written.warnings,
        baseline=words.when_in_care(one) == "This admission",
        received=written.received,
        entries=len(one.entries),
        set_aside=tuple(sorted(aside.items())),
        quarantined=tuple((q.resource, q.cause) for q in written.quarantined),
        role_reason=one.role_reason,
    )


def allergies_of(lists: Sequence[MedicineList]) -> tuple[str, ...]:
    """Active ones of all lists, each once, with its reaction; "No known allergy" only where that was recorded."""
    said: dict[str, None] = {}
    for one in lists:
        for allergy in one.written.allergies:
            if allergy.active:
                said.setdefault(_allergy(allergy))
    real = [a for a in said if not a.lower().startswith("no known")]
    return tuple(real or said)


def _allergy(one: Allergy) -> str:
    name = one.concept.words or "not named"
    if one.none_known:
        return "No known allergy"
    name = name.removeprefix("Allergy to ").removeprefix("allergy to ")
    parts = [name, *(r for r in one.reactions if r)]
    year = f" ({one.recorded[:4]})" if one.recorded and one.recorded[:4].isdigit() else ""
    return " – ".join(parts) + year
