"""How it is to be taken."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct


class Amount(Struct, frozen=True):
    value: Decimal
    unit: str


class AmountRange(Struct, frozen=True):
    low: Decimal
    high: Decimal
    unit: str


class Maximum(Struct, frozen=True):
    """At most `value` `unit` in `period` `period_unit` (h, d, wk, mo)."""

    value: Decimal
    unit: str
    period: Decimal
    period_unit: str


class DoseStep(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a dose. `low` to `high` of `unit`, `frequency` (to `frequency_max`) times in `period` `period_unit`.

    `period_unit` is a FHIR code: s, min, h, d, wk, mo, a. `when` holds FHIR event codes (MORN, NOON, EVE, NIGHT, HS,
    AC, PC, CM ...), `days` mon ... sun, `times` HH:MM. `frequency` None with a `frequency_max` is "up to".
    `duration` (to `duration_max` of the same unit; at most that long where `duration_up_to`) or `until`, in words,
    bounds the step. `count`: so many doses in all; `once` is one. `over` (to `over_max`): how long one dose takes to
    give or stays on. `equal_to` is one dose in a second unit, as written: 4 tablets (10 mg). `also_at_most` holds
    further maxima. An amount of 0 is a pause.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    frequency: int | None = None
    frequency_max: int | None = None
    period: Decimal | None = None
    period_max: Decimal | None = None
    period_unit: str | None = None
    when: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    duration: Amount | None = None
    maximum: Maximum | None = None
    as_needed: bool = False
    as_needed_for: str | None = None
    once: bool = False
    count: int | None = None
    until: str | None = None
    duration_max: Decimal | None = None
    duration_up_to: bool = False
    over: Amount | None = None
    over_max: Decimal | None = None
    equal_to: AmountRange | None = None
    also_at_most: tuple[Maximum, ...] = ()


class DailyAmount(Struct, frozen=True):
    """Amount per day, only where it is certain; in mg or micrograms where the strength allows, else in dose units."""

    low: Decimal
    high: Decimal
    unit: str


class Dose(Struct, frozen=True, kw_only=True):
    """Instructions as understood. `parsed` is False when they must stay text; then `sequence` is empty.

    `read_from` is text, structure or both; `disagreement` says in words how text and structure differ (then `parsed` is
    False: neither is used silently). `repeats`: after its last step the sequence begins again (21 days on, 7 off).
    """

    text: str | None = None
    parsed: bool = False
    sequence: tuple[DoseStep, ...] = ()
    daily: DailyAmount | None = None
    route: str | None = None
    read_from: str | None = None
    why_not: str | None = None
    disagreement: str | None = None
    repeats: bool = False
