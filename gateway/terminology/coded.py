"""What a release says of one code, in the release's own words; the stages read those words."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct


class Substance(Struct, frozen=True, kw_only=True):
    """One ingredient as the release names it, with its strength where the release has one."""

    name: str
    value: Decimal | None = None
    unit: str | None = None
    per_value: Decimal | None = None
    per_unit: str | None = None


class CodedMedicine(Struct, frozen=True, kw_only=True):
    """`code` is the current one, which may differ from the one asked for.

    `kind` is the release's own level (VTM, VMP, AMP, VMPP, AMPP; IN, SCD, SBD ...), `generic` the name of the product
    without brand, `moiety` the name of its only active moiety. `form` and `routes` are the release's words.
    """

    code: str
    kind: str
    name: str
    generic: str | None = None
    moiety: str | None = None
    substances: tuple[Substance, ...] = ()
    form: str | None = None
    routes: tuple[str, ...] = ()
    atc: str | None = None
    bnf: str | None = None
