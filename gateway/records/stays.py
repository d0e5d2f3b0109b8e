"""A patient's stay in hospital as the hospital tells it, before any list is asked for."""

from __future__ import annotations

from msgspec import Struct

from gateway.records.lists import Encounter, PatientIdentity


class Arrival(Struct, frozen=True, kw_only=True):
    """One Encounter and whose it is; `patient` is None, with `why` in words, where the record does not say."""

    encounter: Encounter
    patient: PatientIdentity | None
    why: str | None = None
