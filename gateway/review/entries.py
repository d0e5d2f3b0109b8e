"""One entry as a cell shows it: whole attributes, each of which may be marked as differing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from gateway.records.lists import MedicineEntry
from gateway.review import words

#: Of an entry's dose, per step: the amount and the rest, in words; empty where the dose was not read.
DoseParts = tuple[tuple[str, str], ...]


class EntryWords(Struct, frozen=True):
    """What a stage that knows amounts says of an entry: strengths in words ("5 mg", may be empty) and the dose."""

    strength: str
    dose: DoseParts


class EntryView(Struct, frozen=True, kw_only=True):
    """`marks` names the attributes that differ: name, strength, form, route, release, status, amount, rest.

    `dose` is empty where it was not read; then `written_dose` is all there is, and `dose_cause` says why.
    `dates` are (word, date) pairs.
    """

    id: str
    list: str
    name: str
    understood: bool
    brand: str | None
    strength: str
    form: str
    release: str | None
    route: str | None
    dose: DoseParts
    written_dose: str | None
    dose_from_text: bool
    dose_cause: str | None
    status: str | None
    suspended: bool
    status_reason: str | None
    indication: str | None
    notes: tuple[str, ...]
    dates: tuple[tuple[str, str], ...]
    current: bool
    why_not_current: str | None
    written_name: str
    corrected: tuple[tuple[str, str], ...]
    contradictions: tuple[str, ...]
    marks: frozenset[str]

    @property
    def value(self) -> tuple[object, ...]:
        """What two lists must share to stand in one cell; the text decides where the dose was not read."""
        dose = self.dose or (" ".join((self.written_dose or "").lower().split()),)
        return (self.name, self.brand, self.strength, self.form, self.release, self.route, dose, self.status)


def entry_view(entry: MedicineEntry, said: EntryWords, marks: frozenset[str], *, by_hand: bool = False) -> EntryView:
    """`by_hand`: a person entered it; its date is when it was told or seen, not since when it is taken."""
    product, dose, written = entry.product, entry.dose, entry.written
    status = words.STATUS.get(written.status) or (None if written.status == "active" else written.status)
    if written.do_not_perform:
        status = "Do not give"
    elif status == "Completed" and entry.current:  # a supply that was handed over
        status = None
    return EntryView(
        id=entry.id,
        list=entry.list,
        name=" + ".join(product.ingredients) if product.understood else product.name,
        understood=product.understood,
        brand=product.brand.upper() if product.brand else None,
        strength=said.strength,
        form=product.form or "",
        release={"modified": "modified release"}.get(product.release, product.release) if product.release else None,
        route=entry.route,
        dose=said.dose,
        written_dose=dose.text,
        dose_from_text=dose.read_from in {"text", "both"},
        dose_cause=dose.disagreement or dose.why_not,
        status=status,
        suspended=written.status == "on-hold",
        status_reason=_joined(c.words for c in written.status_reason),
        indication=_joined([*(c.words for c in written.reason)]),
        notes=written.notes,
        dates=_dates(entry, by_hand),
        current=entry.current,
        why_not_current=entry.why_not_current,
        written_name=product.name,
        corrected=product.corrected,
        contradictions=product.contradictions,
        marks=marks,
    )


def _joined(said: object) -> str | None:
    return "; ".join(dict.fromkeys(w for w in said if w)) or None  # type: ignore[attr-defined]


def _dates(entry: MedicineEntry, by_hand: bool) -> tuple[tuple[str, str], ...]:
    """At most the two that tell how fresh the entry is: last supply or issue, else the start."""
    written = entry.written
    found: list[tuple[str, str]] = []
    handed = words.date(written.handed_over)
    if handed:
        supply = written.days_supply
        days = f", {supply.value:f} days" if supply and supply.value is not None else ""
        found.append(("Dispensed", f"{handed}{days}"))
    elif written.last_issued:
        found.append(("Issued", words.date(written.last_issued) or ""))
    elif by_hand:
        found.append(("Told or seen", words.date(written.asserted) or ""))
    elif written.start or written.asserted:
        found.append(("Since", words.date(written.start or written.asserted) or ""))
    if written.change_note:
        found.append(("Dose changed", words.date(written.change_note) or ""))
    if written.end:
        found.append(("Until", words.date(written.end) or ""))
    return tuple(found)


def marks_of(pointers: Sequence[str]) -> dict[str, frozenset[str]]:
    """Evidence pointers `ENTRY-ID#field` of findings between lists, as marks of each entry."""
    found: dict[str, set[str]] = {}
    for pointer in pointers:
        entry, _, field = pointer.rpartition("#")
        mark = {"ingredients": "name"}.get(field, field)
        if mark in {"name", "strength", "form", "route", "release", "status", "dose"}:
            found.setdefault(entry, set()).add(mark)
    return {entry: frozenset(marks) for entry, marks in found.items()}


def narrowed(marks: Mapping[str, frozenset[str]], said: Mapping[str, EntryWords]) -> dict[str, frozenset[str]]:
    """A dose that differs is marked in its amount, its times, or both: only what is not the same everywhere."""
    doses = [said[e].dose for e, m in marks.items() if "dose" in m]
    amounts = {tuple(a for a, _ in dose) for dose in doses if dose}
    rests = {tuple(r for _, r in dose) for dose in doses if dose}
    which = {"amount"} if len(amounts) > 1 else set()
    which |= {"rest"} if len(rests) > 1 and not which else set()
    which = which or {"amount", "rest"}
    narrow = {}
    for entry, found in marks.items():
        parts = which if "dose" in found else set()
        narrow[entry] = (found - {"dose", "strength"} | parts) if parts else found
    return narrow
