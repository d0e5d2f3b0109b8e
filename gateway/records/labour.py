"""What the work costs: facts of it that can be counted, and figures with their sample size; never by person."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct


class LabourMeasure(Struct, frozen=True, kw_only=True):
    """One figure. `value` is None where `suppressed` (a cell under the minimum); `n` is its sample size.

    `unit` is share, seconds, minutes or count; `low` and `high` bound a 95 % interval where there is one.
    """

    name: str
    label: str
    unit: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    group: tuple[tuple[str, str], ...] = ()
    suppressed: bool = False
    source: str = ""


class StepFact(NamedTuple):
    """One act of a person. `week` is its Monday, `system` what was looked at outside, `timing` how time was known."""

    week: str
    ward: str
    pack: str
    role: str
    staff_group: str
    band: str
    kind: str
    reason: str
    system: str
    timing: str


class GapFact(NamedTuple):
    """Time between two acts of one person on one case or review, from which active time is read for any threshold."""

    week: str
    ward: str
    pack: str
    role: str


class AnswerFact(NamedTuple):
    """What became of one audit field of one case.

    `proposed` is proposed, abstained or withheld; `cause` of an abstention. `outcome` is untouched, confirmed,
    overridden, cleared or entered, by the last act. `verified`: evidence opened, or how long it was looked at.
    `entries`: one, policy, workaround or both. `reworked`: changed again after the case was locked, or rejected.
    """

    week: str
    pack: str
    field: str
    source: str
    rule_version: str
    proposed: str
    cause: str
    outcome: str
    reason: str
    verified: str
    entries: str
    reworked: str
    role: str


class CaseFact(NamedTuple):
    """One audit case. `systems` is the number of systems consulted, `locked` yes or no, `right_first` where locked."""

    week: str
    pack: str
    systems: str
    locked: str
    right_first: str


class ReviewFact(NamedTuple):
    """One patient's review. `week` is of its sign-off, or of its opening where it is not signed.

    `within_24_h`: from admission to sign-off, not-known without a time of admission; `unresolved`: whether something
    was left open at sign-off; `lists_missing`: lists not complete when it was opened.
    """

    week: str
    ward: str
    state: str
    within_24_h: str
    unresolved: str
    lists_missing: str
    reopened: str


class ListFact(NamedTuple):
    """One fetch of one organisation's list. `cause` is of a list that is not complete."""

    week: str
    source: str
    state: str
    cause: str


class DefectFact(NamedTuple):
    """Something that a source's records made a person do: by cause, with the time it took."""

    week: str
    source: str
    cause: str
    role: str


Fact = StepFact | GapFact | AnswerFact | CaseFact | ReviewFact | ListFact | DefectFact

#: Each kind of fact by the name of its table.
FACTS: dict[str, type[Fact]] = {
    "step": StepFact,
    "gap": GapFact,
    "answer": AnswerFact,
    "case": CaseFact,
    "review": ReviewFact,
    "list": ListFact,
    "defect": DefectFact,
}
