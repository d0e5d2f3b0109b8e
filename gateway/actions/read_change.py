"""What a medicine changes to, as fields or as words: how the gateway reads it, for showing back before it is saved."""

from __future__ import annotations

import datetime as dt
import re

from msgspec import Struct

from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import dose, strengths
from gateway.errors import InputError
from gateway.normalise.lists import normalise_list
from gateway.normalise.product import read_name
from gateway.records.as_written import Concept, EntryAsWritten, WrittenDosage, WrittenMedicine
from gateway.records.decision import Understood
from gateway.records.lists import ListAsWritten, ListState, MedicineEntry
from gateway.records.matching import Matching, Row
from gateway.terminology.vocabulary import Vocabulary

LONGEST = 1_000

#: Where the medicine may end and the dose begin in words: "apixaban 2.5 mg tablets, one twice a day".
_BREAK = re.compile(r"\s*(?:[,;:\n]|\s[-–—]\s|\bDOSE\b)\s*")


class ChangeFields(Struct, frozen=True, kw_only=True):
    """The fields of the editor, as typed; an empty medicine is the one of the row."""

    words: str = ""
    medicine: str = ""
    strength: str = ""
    form: str = ""
    amount: str = ""
    unit: str = ""
    often: str = ""
    as_needed: bool = False
    needed_for: str = ""
    until: str = ""

    @property
    def structured(self) -> bool:
        named = (self.medicine, self.strength, self.form, self.amount, self.unit, self.often, self.needed_for)
        return any(named) or bool(self.until) or self.as_needed


class ReadChange(Struct, frozen=True, kw_only=True):
    """`text` is what was written, in one line. `understood` is None where it stays text; `why_not` says why.

    `another` is set where the medicine named is another one than that of the row.
    """

    text: str
    understood: Understood | None = None
    why_not: str | None = None
    another: bool = False


def read_change(fields: ChangeFields, row: Row, vocabulary: Vocabulary) -> ReadChange:
    """Raises InputError where nothing was written, or fields and words both."""
    if fields.words and fields.structured:
        raise InputError("Fill in the fields or write it in words, not both.")
    if not fields.words and not fields.structured:
        raise InputError("Say what the dose changes to.")
    text = fields.words or _in_one_line(fields)
    if len(text) > LONGEST or "\0" in text:
        raise InputError(f"What it changes to has at most {LONGEST} characters.")
    readings = _parts(fields, row, vocabulary)
    why_not = "the medicine and the dose were not both found"
    for name, instruction in readings:
        entry, view = read_entry(_written(name, instruction), vocabulary)
        if not entry.product.understood:
            why_not = "the medicine is not known"
        elif not entry.dose.parsed:
            why_not = entry.dose.disagreement or entry.dose.why_not or "the dose is not known"
        else:
            understood = Understood(words=entry_in_words(entry, view), product=entry.product, dose=entry.dose)
            another = bool(row.ingredients) and entry.product.ingredients != row.ingredients
            return ReadChange(text=text, understood=understood, another=another)
    return ReadChange(text=text, why_not=why_not)


def _in_one_line(fields: ChangeFields) -> str:
    name = " ".join(filter(None, (fields.medicine, fields.strength, fields.form)))
    return ", ".join(filter(None, (name, _instruction(fields))))


def _instruction(fields: ChangeFields) -> str:
    parts = [fields.amount, fields.unit, fields.often]
    if fields.as_needed or fields.needed_for:
        parts.append(f"when needed for {fields.needed_for}" if fields.needed_for else "when needed")
    if fields.until:
        parts.append(fields.until if fields.until.startswith(("for ", "until ")) else f"until {fields.until}")
    return " ".join(filter(None, parts))


def _parts(fields: ChangeFields, row: Row, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """(medicine, instruction) to be tried in this order. Words are parted only at a break that was written."""
    own = row.medicine
    if not fields.words:
        name = " ".join(filter(None, (fields.medicine or own, fields.strength, fields.form)))
        return [(name, _instruction(fields))]
    breaks = [(fields.words[: b.start()], fields.words[b.end() :]) for b in _BREAK.finditer(fields.words)]
    named = [(name, rest) for name, rest in breaks if rest and read_name(name, vocabulary).understood]
    return named or [(own, fields.words)]


def _written(name: str, instruction: str) -> EntryAsWritten:
    return EntryAsWritten(
        id="decision/MedicationStatement/1",
        list="decision",
        resource="MedicationStatement/1",
        kind="MedicationStatement",
        status="active",
        status_as_written="active",
        medicine=WrittenMedicine(concept=Concept(text=name)),
        dosages=(WrittenDosage(text=instruction),) if instruction else (),
    )


def read_entry(written: EntryAsWritten, vocabulary: Vocabulary) -> tuple[MedicineEntry, RuleView]:
    """Read as an entry of any list is, so that what a person writes and a list are understood alike."""
    one = ListAsWritten(name=written.list, state=ListState.COMPLETE, entries=(written,))
    at = dt.date(1970, 1, 1)  # nothing that is read here depends on the day
    normal = normalise_list(one, vocabulary, at)
    return normal.entries[0], RuleView.build(None, at, (normal,), Matching(rows=(), suggestions=()), vocabulary)


def entry_in_words(entry: MedicineEntry, view: RuleView) -> str:
    """In one line, with what was not understood as it was written."""
    product = entry.product
    parts = [
        " + ".join(product.ingredients) or product.name,
        product.brand.upper() if product.brand else "",
        strengths(entry) if product.strengths else "",
        "modified release" if product.release == "modified" else "",
        product.form or "",
        dose(entry, view) if entry.dose.parsed else entry.dose.text or "",
    ]
    return " – ".join(filter(None, parts))
