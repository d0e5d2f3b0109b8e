"""What changed on each list between two fetches: a medicine that vanished or is new, another dose, another state.

A medicine that is gone from a list that is not complete now is not called gone: the list's state is the change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from gateway.records.lists import ListState, MedicineEntry, MedicineList
from gateway.records.reconciliation import Reconciliation
from gateway.review.words import incomplete_words, title
from gateway.terminology.vocabulary import normalise_words


class Change(Struct, frozen=True, kw_only=True):
    """`what` is gone, new, dose, product, status or list. `before` and `after` are as written, None where absent."""

    list: str
    title: str
    what: str
    medicine: str
    before: str | None
    after: str | None
    words: str


def changes(before: Reconciliation, after: Reconciliation) -> tuple[Change, ...]:
    """By list, then in the order of the medicines' names. Empty where every list says what it said before."""
    then = {one.name: one for one in before.lists}
    now = {one.name: one for one in after.lists}
    found: list[Change] = []
    for name in sorted(then | now):
        found += _of_list(then.get(name), now.get(name))
    return tuple(found)


def _of_list(before: MedicineList | None, after: MedicineList | None) -> Iterator[Change]:
    one = after or before
    assert one is not None
    if (before is None or after is None) and one.written.by_hand:
        yield from _by_hand(one, added=before is None)
        return
    if before is None or after is None:
        words = "is asked now, and was not before" if before is None else "was asked before, and is not any more"
        yield _change(one, "list", title(one), None, None, f"{title(one)} {words}.")
        return
    if before.state is not after.state:
        said = (_state(before), _state(after))
        yield _change(one, "list", title(one), *said, f"{title(one)}: was {said[0]}, is now {said[1]}.")
    rest_before, rest_after = _current(before), _current(after)
    for old, new in _pairs(rest_before, rest_after):
        yield from _of_entry(after, old, new)
        rest_before.remove(old)
        rest_after.remove(new)
    if one.written.by_hand:
        for entries, added in ((rest_before, False), (rest_after, True)):
            yield from (_hand_entry(one, entry, added=added) for entry in entries)
        return
    # Of a list that did not come whole, what is absent is not known to be gone or, before, to have been absent.
    if after.state is ListState.COMPLETE:
        for old in rest_before:
            words = f"{old.text} was on this list and is not any more."
            yield _change(after, "gone", old.text, _said(old), None, words)
    for new in rest_after:
        words = f"{new.text} is on this list and was not before."
        if before.state is not ListState.COMPLETE:
            words = f"{new.text} is on this list; before, the list had not come whole."
        yield _change(after, "new", new.text, None, _said(new), words)


def _by_hand(one: MedicineList, *, added: bool) -> Iterator[Change]:
    return (_hand_entry(one, entry, added=added) for entry in _current(one))


def _hand_entry(one: MedicineList, entry: MedicineEntry, *, added: bool) -> Change:
    """People add to such a list and take back from it; nobody asks it."""
    words = f"{entry.text} was added by hand." if added else f"{entry.text}, entered by hand, was taken back."
    said = _said(entry)
    before, after = (None, said) if added else (said, None)
    return _change(one, "new" if added else "gone", entry.text, before, after, words)


def _current(one: MedicineList) -> list[MedicineEntry]:
    return sorted((e for e in one.entries if e.current), key=lambda e: (e.text.lower(), e.id))


def _pairs(
    before: Sequence[MedicineEntry], after: Sequence[MedicineEntry]
) -> list[tuple[MedicineEntry, MedicineEntry]]:
    """By id where the id still names the same medicine, then by medicine in order: sources renew their ids."""
    by_id = {e.id: e for e in after}
    pairs = [(e, by_id[e.id]) for e in before if e.id in by_id and _medicine(e) == _medicine(by_id[e.id])]
    taken_before, taken_after = {a.id for a, _ in pairs}, {b.id for _, b in pairs}
    left: dict[tuple[object, ...], list[MedicineEntry]] = {}
    for new in after:
        if new.id not in taken_after:
            left.setdefault(_medicine(new), []).append(new)
    for same in (True, False):  # what is wholly the same first, so that a change meets what is left
        for old in before:
            found = left.get(_medicine(old), [])
            match = next((new for new in found if not same or _signature(old) == _signature(new)), None)
            if old.id in taken_before or match is None:
                continue
            pairs.append((old, match))
            taken_before.add(old.id)
            found.remove(match)
    return pairs


def _of_entry(one: MedicineList, old: MedicineEntry, new: MedicineEntry) -> Iterator[Change]:
    if _product(old) != _product(new):
        words = f"{new.text}: it was {old.text} before."
        yield _change(one, "product", new.text, old.text, new.text, words)
    if _dose(old) != _dose(new):
        said = (old.dose.text or "not recorded", new.dose.text or "not recorded")
        yield _change(one, "dose", new.text, *said, f"{new.text}: the dose was “{said[0]}”, it is now “{said[1]}”.")
    if old.written.status != new.written.status:
        said = (old.written.status_as_written, new.written.status_as_written)
        yield _change(one, "status", new.text, *said, f"{new.text}: it was {said[0]}, it is now {said[1]}.")


def _medicine(entry: MedicineEntry) -> tuple[object, ...]:
    product = entry.product
    return (product.ingredients or (normalise_words(product.name),), entry.route)


def _product(entry: MedicineEntry) -> tuple[object, ...]:
    product = entry.product
    named = product.understood or normalise_words(product.name)
    return (product.ingredients, product.strengths, product.form, product.release, product.brand, product.device, named)


def _dose(entry: MedicineEntry) -> object:
    if entry.dose.parsed:
        return entry.dose.sequence
    return " ".join((entry.dose.text or "").lower().split())


def _signature(entry: MedicineEntry) -> tuple[object, ...]:
    return (_product(entry), _dose(entry), entry.written.status)


def _said(entry: MedicineEntry) -> str:
    return f"{entry.text} – {entry.dose.text}" if entry.dose.text else entry.text


def _state(one: MedicineList) -> str:
    return (
        "complete" if one.state is ListState.COMPLETE else incomplete_words(one).partition(": ")[2] or one.state.value
    )


def _change(one: MedicineList, what: str, medicine: str, before: str | None, after: str | None, words: str) -> Change:
    return Change(
        list=one.name, title=title(one), what=what, medicine=medicine, before=before, after=after, words=words
    )
