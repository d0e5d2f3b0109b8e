"""What a source wrote, in one shape for STU3, R4 and R5, before anything is understood.

`gateway.fhir` builds these; `gateway.normalise` reads them. Text is kept exactly as written. A field that the source
did not fill is None or an empty tuple.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct


class Coding(Struct, frozen=True, omit_defaults=True):
    """A code in a system, with the display that came with it."""

    system: str | None = None
    code: str | None = None
    display: str | None = None


class Concept(Struct, frozen=True, omit_defaults=True):
    """A CodeableConcept."""

    text: str | None = None
    codings: tuple[Coding, ...] = ()

    @property
    def words(self) -> str | None:
        """Text, else the first display, else the first code."""
        if self.text:
            return self.text
        for coding in self.codings:
            if coding.display:
                return coding.display
        return next((c.code for c in self.codings if c.code), None)


class Quantity(Struct, frozen=True, omit_defaults=True):
    """A Quantity; `unit` is the printed unit, `code` the coded one. A comparator makes the value inexact."""

    value: Decimal | None = None
    unit: str | None = None
    code: str | None = None
    system: str | None = None
    comparator: str | None = None


class Ratio(Struct, frozen=True, omit_defaults=True):
    numerator: Quantity | None = None
    denominator: Quantity | None = None


class WrittenIngredient(Struct, frozen=True):
    """Medication.ingredient: what, how much, and whether it is active (None: not said)."""

    concept: Concept
    strength: Ratio | None = None
    active: bool | None = None


class WrittenMedicine(Struct, frozen=True, omit_defaults=True):
    """The medication of a statement, request or dispense: inline, contained or referenced, already resolved."""

    concept: Concept = Concept()
    form: Concept | None = None
    ingredients: tuple[WrittenIngredient, ...] = ()
    reference: str | None = None


class WrittenTiming(Struct, frozen=True, omit_defaults=True):
    """Dosage.timing; `code` is Timing.code (BID ...), the rest is Timing.repeat with FHIR's own names and units.

    `when` and `days` are FHIR codes (MORN, mon); `times` are HH:MM. `bounds` is boundsDuration, or a range as (low,
    high); a boundsPeriod is `start` and `end` as written.
    """

    code: Concept | None = None
    events: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    bounds: Quantity | None = None
    bounds_high: Quantity | None = None
    count: int | None = None
    count_max: int | None = None
    duration: Decimal | None = None
    duration_max: Decimal | None = None
    duration_unit: str | None = None
    frequency: int | None = None
    frequency_max: int | None = None
    period: Decimal | None = None
    period_max: Decimal | None = None
    period_unit: str | None = None
    days: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    offset_minutes: int | None = None


class WrittenDosage(Struct, frozen=True, omit_defaults=True):
    """One Dosage element. A doseRange fills `dose` (low) and `dose_high`; a doseQuantity fills `dose` alone."""

    sequence: int | None = None
    text: str | None = None
    patient_instruction: str | None = None
    additional: tuple[Concept, ...] = ()
    timing: WrittenTiming | None = None
    as_needed: bool | None = None
    as_needed_for: tuple[Concept, ...] = ()
    route: Concept | None = None
    site: Concept | None = None
    method: Concept | None = None
    dose: Quantity | None = None
    dose_high: Quantity | None = None
    rate: Ratio | None = None
    max_per_period: tuple[Ratio, ...] = ()


class EntryAsWritten(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One medicine on one list, as its source wrote it.

    `id` is LIST/TYPE/ID; `resource` is TYPE/ID. `status` is the normalised FHIR code (active, on-hold, intended,
    completed, stopped, cancelled, not-taken, unknown ...), `status_as_written` what stood there. Dates are ISO strings
    as written (partial dates stay partial). `document` is the SHA-256 of the SourceDocument that held it. `folded`
    names the resources that this entry absorbed (a GP Connect plan and its orders).
    """

    id: str
    list: str
    resource: str
    kind: str
    status: str
    status_as_written: str
    medicine: WrittenMedicine
    dosages: tuple[WrittenDosage, ...] = ()
    intent: str | None = None
    do_not_perform: bool = False
    category: tuple[Concept, ...] = ()
    status_reason: tuple[Concept, ...] = ()
    reason: tuple[Concept, ...] = ()
    notes: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    asserted: str | None = None
    last_issued: str | None = None
    handed_over: str | None = None
    quantity: Quantity | None = None
    days_supply: Quantity | None = None
    prescription_type: str | None = None
    prescribed_elsewhere: str | None = None
    change_note: str | None = None
    restart: str | None = None
    substitution: str | None = None
    folded: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    document: str | None = None
