"""Clinical audit: packs of questions, what is known of one stay, and proposals with their evidence."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


class Origin(StrEnum):
    """Where an answer that stands came from (DTR information-origin: auto-server, override, manual)."""

    AUTO = "auto-server"
    OVERRIDE = "override"
    MANUAL = "manual"


class Verdict(StrEnum):
    """What the record shows, before a dataset's own code is given to it."""

    TAKEN = "taken"
    NOT_TAKEN = "not-taken"
    CONTRAINDICATED = "contraindicated"
    DECLINED = "declined"
    NOT_APPLICABLE = "not-applicable"


class Ask(StrEnum):
    """What a question asks of the record; how each is answered stands in gateway.clinical_audit."""

    ON_MEDICINE = "on-medicine"
    WHICH_MEDICINE = "which-medicine"
    HOW_STAY_ENDED = "how-stay-ended"
    HAS_CONDITION = "has-condition"
    IN_TIME = "in-time"
    DISCREPANCIES = "discrepancies"


class TimePoint(StrEnum):
    """When. `follow-up` is months after the stay and is never read from its lists."""

    ADMISSION = "admission"
    IN_HOSPITAL = "in-hospital"
    ADMINISTERED = "administered"
    DISCHARGE = "discharge"
    FOLLOW_UP = "follow-up"


class ValueType(StrEnum):
    CHOICE = "choice"
    BOOLEAN = "boolean"
    INTEGER = "integer"


class AnswerOption(Struct, frozen=True):
    code: str
    label: str


class CodedWords(Struct, frozen=True):
    """A code and what it says in words."""

    code: str
    words: str


class ClassSet(Struct, frozen=True, kw_only=True):
    """Which medicines count. `members` and `excluded` are classes or ingredients of the vocabulary; `routes` are routes
    or kinds of route, all where empty."""

    members: tuple[str, ...]
    routes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


class Choice(Struct, frozen=True, kw_only=True):
    """`code` where each set of `when` is taken and none of `without`; None leaves it to a person, as `why` says."""

    when: tuple[str, ...]
    code: str | None = None
    without: tuple[str, ...] = ()
    why: str | None = None


class ConsistencyCheck(Struct, frozen=True, kw_only=True):
    """Answers that do not go together: found where every question of `when` stands answered with one of its codes."""

    id: str
    words: str
    when: dict[str, tuple[str, ...]]


class AuditQuestion(Struct, frozen=True, kw_only=True):
    """One field of a dataset. `sets` are by name; a question on one medicine has the one set `members`.

    `verdicts` are the dataset's codes for what the record shows; a verdict without a code is left to a person.
    `daily_at_most_mg` keeps another use of the same substance out (analgesic aspirin). `codes` are what a stay's end or
    a condition is answered with. `flag` is a process flag, `intents` are those of decisions, `any_of_them` asks whether
    there is one instead of how many. `also_headed` are other headers that sites give the column; `most` is the highest
    number that is taken for an answer. `verify` marks remembered facts that need checking."""

    id: str
    field: str
    text: str
    options: tuple[AnswerOption, ...]
    time_point: TimePoint
    ask: Ask = Ask.ON_MEDICINE
    value_type: ValueType = ValueType.CHOICE
    verdicts: dict[Verdict, str] = {}
    sets: dict[str, ClassSet] = {}
    choices: tuple[Choice, ...] = ()
    codes: dict[str, str] = {}
    flag: str | None = None
    intents: tuple[str, ...] = ()
    any_of_them: bool = False
    contraindicated_by_allergy_to: tuple[str, ...] = ()
    contraindicated_by_conditions: tuple[CodedWords, ...] = ()
    daily_at_most_mg: int | None = None
    note: str | None = None
    verify: bool = False
    also_headed: tuple[str, ...] = ()
    most: int | None = None

    def accepts(self, code: str) -> bool:
        """Whether a person may answer so."""
        if self.value_type is ValueType.INTEGER:
            return code.isascii() and code.isdigit() and len(code) <= 4 and int(code) <= (self.most or 9999)
        return any(option.code == code for option in self.options)


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
    checks: tuple[ConsistencyCheck, ...] = ()


class Evidence(Struct, frozen=True, kw_only=True):
    """One pointer: `list`, `entry` id, `document` hash, the row whose `decision` says it, and the words to show."""

    words: str
    list: str | None = None
    entry: str | None = None
    document: str | None = None
    decision: str | None = None


class PrefilledAnswer(Struct, frozen=True, kw_only=True):
    """A proposal. `code` is None when the gateway abstains; then `abstained` says the cause in one sentence.

    `confidence` says in words how far the proposal is borne out.
    """

    question: str
    code: str | None
    why: str
    evidence: tuple[Evidence, ...]
    rule_version: str
    abstained: str | None = None
    abstention_code: str | None = None
    confidence: str | None = None


class Standing(StrEnum):
    TAKEN = "taken"
    NOT_TAKEN = "not-taken"
    UNCLEAR = "unclear"


class MedicineFact(Struct, frozen=True, kw_only=True):
    """How one medicine stands at one time-point, whatever is asked of it.

    `another` are ingredients that a person's change names and the medicine does not hold. `daily_mg` is the lowest
    certain daily amount. `refusals` are the codes of the reasons that its entries give. `route` is None where entries
    differ. `decided`: a person's decision says so.
    """

    medicine: str
    ingredients: tuple[str, ...]
    standing: Standing
    why: str
    evidence: tuple[Evidence, ...] = ()
    kind_of_route: str | None = None
    route: str | None = None
    daily_mg: Decimal | None = None
    another: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    decided: bool = False
    by_text: bool = False


class Gap(Struct, frozen=True, kw_only=True):
    """Why absence proves nothing at a time-point."""

    code: str
    words: str
    evidence: tuple[Evidence, ...] = ()


class Moment(Struct, frozen=True, kw_only=True):
    """What is known of one time-point. `unseen`: nothing tells of it at all. `gap` None: absence means "No";
    `proof` are then the documents that show it."""

    medicines: tuple[MedicineFact, ...] = ()
    unseen: Gap | None = None
    gap: Gap | None = None
    proof: tuple[Evidence, ...] = ()


class NamedFact(Struct, frozen=True, kw_only=True):
    """A recorded allergy (`names` are its ingredients and their classes), condition or end of a stay (`names` are
    codes)."""

    names: tuple[str, ...]
    evidence: Evidence


class CaseFacts(Struct, frozen=True, kw_only=True):
    """All that the questions of any pack are answered from, for one stay of one patient."""

    moments: dict[TimePoint, Moment]
    allergies: tuple[NamedFact, ...] = ()
    conditions: tuple[NamedFact, ...] = ()
    ended: NamedFact | None = None
    process: dict[str, str] = {}
    intents: dict[str, int] = {}
    intents_gap: Gap | None = None
    signed: bool = False
