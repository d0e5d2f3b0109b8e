"""One organisation's list of one patient's medicines at one time."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from gateway.records.as_written import Coding, Concept, EntryAsWritten
from gateway.records.by_hand import BY_HAND
from gateway.records.dose import Dose
from gateway.records.product import Product


class ListState(StrEnum):
    """Whether the whole list arrived. Only `complete` permits "not on this list"."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    WITHHELD = "withheld"
    FAILED = "failed"

    @classmethod
    def worst(cls, *states: ListState) -> ListState:
        order = list(cls)
        return max(states, key=order.index, default=cls.COMPLETE)


class ListRole(StrEnum):
    PRE_ADMISSION = "pre-admission"
    INPATIENT = "inpatient"
    DISCHARGE = "discharge"
    SUPPLY = "supply"


class GivenRole(Struct, frozen=True):
    """A role that was set and not inferred; `why` says by whom, in words."""

    role: ListRole
    why: str


class SourceDocument(Struct, frozen=True, kw_only=True):
    """The bytes exactly as fetched. `sha256` is of `content`; `fetched_at` is ISO 8601 with zone, or None for a file.

    `origin` is a file name or the path of a request, never with a patient identifier.
    """

    content: bytes
    sha256: str
    media_type: str | None = None
    origin: str = ""
    fetched_at: str | None = None


class PatientIdentity(Struct, frozen=True, kw_only=True):
    """Who a list says it is about. `nhs_number` has ten digits and a valid check digit, or is None."""

    resource: str | None = None
    nhs_number: str | None = None
    identifiers: tuple[Coding, ...] = ()
    family: str | None = None
    given: tuple[str, ...] = ()
    prefix: str | None = None
    birth_date: str | None = None
    gender: str | None = None
    replaced_by: str | None = None

    @property
    def name(self) -> str | None:
        parts = [*self.given, *([self.family] if self.family else [])]
        return " ".join(parts) or None


class Allergy(Struct, frozen=True, kw_only=True):
    """AllergyIntolerance. `none_known`: a coded "no known allergy". `active` is False for resolved or refuted."""

    id: str
    list: str
    concept: Concept
    active: bool = True
    none_known: bool = False
    category: tuple[str, ...] = ()
    criticality: str | None = None
    reactions: tuple[str, ...] = ()
    recorded: str | None = None


class Encounter(Struct, frozen=True, kw_only=True):
    """An admission: class code (IMP, AMB ...), status, start and end as written, ward or location in words.

    `bed` only where the record tells it apart from the ward. `planned_end` where the record has an element for it.
    """

    id: str
    list: str
    class_code: str | None = None
    status: str | None = None
    start: str | None = None
    end: str | None = None
    location: str | None = None
    bed: str | None = None
    planned_end: str | None = None
    discharge: Concept | None = None


class Condition(Struct, frozen=True, kw_only=True):
    """`active` is False for what is over, refuted or entered in error; `refuted` for the last two."""

    id: str
    list: str
    concept: Concept
    active: bool = True
    recorded: str | None = None
    refuted: bool = False


class Observation(Struct, frozen=True, kw_only=True):
    """A result as written; `comparator` is the FHIR code (`<`, `>=` ...) where the value is a limit."""

    id: str
    list: str
    concept: Concept
    value: str | None = None
    unit: str | None = None
    at: str | None = None
    status: str | None = None
    comparator: str | None = None


class Administration(Struct, frozen=True, kw_only=True):
    """A medicine that was given, or not: no item of the list. `words` name it as written, None where nothing does."""

    id: str
    list: str
    words: str | None
    status: str | None = None
    route: Concept | None = None
    at: str | None = None
    document: str | None = None


class Quarantined(Struct, frozen=True):
    """An item that could not be understood: shown to a person, never matched, never dropped.

    `resource` is TYPE/ID, or a place such as `entry[12]` or `line 7`. `cause` is one safe sentence without patient
    data. `raw` is the item as compact JSON or text, bounded, for the person who looks at it.
    """

    list: str
    resource: str
    cause: str
    raw: str | None = None


class SetAside(Struct, frozen=True):
    """An item that is no medicine on the list, with its cause in words (`entered in error`, `folded into ...`)."""

    list: str
    resource: str
    cause: str


#: The cause of a partial list whose only lack are items that could not be understood.
QUARANTINED_ITEMS = "item(s) could not be understood and are quarantined"


class ListAsWritten(Struct, frozen=True, kw_only=True):
    """A list as read from its documents; `received = entries + set_aside + quarantined` always.

    `causes` are safe sentences that say why `state` is not complete. `list_codes` are codes of List.code and
    Composition.type, for the role. `organisation` is the name the record gives itself.
    """

    name: str
    state: ListState
    causes: tuple[str, ...] = ()
    fhir_version: str | None = None
    received: int = 0
    entries: tuple[EntryAsWritten, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    patients: tuple[PatientIdentity, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    allergies_received: bool = False
    encounters: tuple[Encounter, ...] = ()
    conditions: tuple[Condition, ...] = ()
    observations: tuple[Observation, ...] = ()
    administrations: tuple[Administration, ...] = ()
    list_codes: tuple[Coding, ...] = ()
    organisation: str | None = None
    kind: str | None = None
    as_of: str | None = None
    documents: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def by_hand(self) -> bool:
        """Entered by people: it says what was told or seen, and nothing of what is not on it."""
        return self.kind == BY_HAND

    @property
    def lacks_only_quarantined(self) -> bool:
        """Everything arrived; it is partial for nothing but items that could not be understood."""
        only = (f"{len(self.quarantined)} {QUARANTINED_ITEMS}",)
        return self.state is ListState.PARTIAL and bool(self.quarantined) and self.causes == only


class MedicineEntry(Struct, frozen=True, kw_only=True):
    """One medicine on one list, understood as far as it can be; `written` keeps what the source said."""

    id: str
    list: str
    product: Product
    dose: Dose
    route: str | None
    current: bool
    written: EntryAsWritten
    why_not_current: str | None = None

    @property
    def text(self) -> str:
        return self.product.name


class MedicineList(Struct, frozen=True, kw_only=True):
    """A normalised list with the role it plays in this reconciliation and why it was given that role."""

    written: ListAsWritten
    role: ListRole
    role_reason: str
    entries: tuple[MedicineEntry, ...] = ()

    @property
    def name(self) -> str:
        return self.written.name

    @property
    def state(self) -> ListState:
        return self.written.state
