"""Clinical audit: packs of questions, and proposals with their evidence."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Origin(StrEnum):
    """Where an answer that stands came from (DTR information-origin: auto-server, override, manual)."""

    AUTO = "auto-server"
    OVERRIDE = "override"
    MANUAL = "manual"


class AnswerOption(Struct, frozen=True):
    code: str
    label: str


class CodedWords(Struct, frozen=True):
    """A code and what it says in words."""

    code: str
    words: str


class AuditQuestion(Struct, frozen=True, kw_only=True):
    """One field of a dataset. `members` are class names of the vocabulary or ingredient names; `time_point` is
    admission, in-hospital or discharge; `routes` limit which kinds of route count. `daily_at_most_mg` keeps another use
    of the same substance out (analgesic aspirin). `verify` marks remembered facts that need checking."""

    id: str
    field: str
    text: str
    options: tuple[AnswerOption, ...]
    time_point: str
    members: tuple[str, ...]
    routes: tuple[str, ...] = ()
    contraindicated_by_allergy_to: tuple[str, ...] = ()
    daily_at_most_mg: int | None = None
    note: str | None = None
    verify: bool = False


class AuditPack(Struct, frozen=True, kw_only=True):
    """One dataset. `case_conditions` are the coded conditions (SNOMED CT) that put an admission into it."""

    id: str
    title: str
    version: str
    dataset_date: str
    source: str
    review_state: str
    questions: tuple[AuditQuestion, ...]
    never_proposed: tuple[str, ...] = ()
    not_applicable_dispositions: tuple[CodedWords, ...] = ()
    declined_reasons: tuple[CodedWords, ...] = ()
    case_conditions: tuple[CodedWords, ...] = ()


class Evidence(Struct, frozen=True, kw_only=True):
    """One pointer: `list`, `entry` id, `field`, `document` hash, and the words to show."""

    words: str
    list: str | None = None
    entry: str | None = None
    document: str | None = None


class PrefilledAnswer(Struct, frozen=True, kw_only=True):
    """A proposal. `code` is None when the gateway abstains; then `abstained` says the cause in one sentence."""

    question: str
    code: str | None
    why: str
    evidence: tuple[Evidence, ...]
    rule_version: str
    abstained: str | None = None
    abstention_code: str | None = None
