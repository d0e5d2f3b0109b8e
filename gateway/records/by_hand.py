"""What a person entered by hand: a medicine that no organisation's list holds, and entries to be considered apart."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

#: The kind of a list that people entered. It says what was told or seen, never what was not.
BY_HAND = "by-hand"

#: Ends the name of such a list; no source may be named so.
SUFFIX = "(by hand)"


class Teller(StrEnum):
    """From whom or what a medicine is known. `organisation`: one whose list did not come, by telephone or on paper."""

    PATIENT = "patient"
    CARER = "carer"
    CARE_HOME = "care-home"
    OWN_DRUGS = "own-drugs"
    PAPER_LIST = "paper-list"
    ORGANISATION = "organisation"


class HandEntry(Struct, frozen=True, kw_only=True):
    """`medicine` and `dose` as typed. `about` is the list that is missing, for `Teller.ORGANISATION` only.

    `told_on` is a date as typed (YYYY-MM-DD) or None; `corrects` the entry whose place it took. What was taken back
    stays, not standing, with who, when and why.
    """

    id: str
    teller: Teller
    medicine: str
    dose: str = ""
    about: str | None = None
    told_on: str | None = None
    note: str | None = None
    corrects: str | None = None
    standing: bool = True
    role: str = ""
    at: str = ""
    taken_back_role: str | None = None
    taken_back_at: str | None = None
    taken_back_reason: str | None = None

    @property
    def list(self) -> str:
        """The list that it stands on: one for each teller, and for each organisation whose list did not come."""
        return f"{self.about or self.teller.value} {SUFFIX}"


class Split(Struct, frozen=True, kw_only=True):
    """A person's word that these entries of a row are to be decided apart from the rest of it."""

    id: str
    entries: tuple[str, ...]
    reason: str
    role: str = ""
    at: str = ""
