"""What one site does otherwise than the rule pack: its own settings, never part of the reviewed knowledge."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from gateway.records.lists import ListRole


class SwitchedOff(Struct, frozen=True, forbid_unknown_fields=True):
    rule: str
    why: str


class Regrade(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not given stays as in the pack. `grades` are those that the rule names, with the site's severity."""

    rule: str
    why: str
    base: int | None = None
    critical: int | None = None
    grades: dict[str, int] = {}


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`site` names it. `roles` are by the name of a list; `critical_medicines` are names of ingredients."""

    site: str
    switched_off: tuple[SwitchedOff, ...] = ()
    regrade: tuple[Regrade, ...] = ()
    critical_medicines: tuple[str, ...] = ()
    roles: dict[str, ListRole] = {}
    thresholds: dict[str, Any] = {}
