"""A discharge list that says of a new medicine that it replaces an old one, by the old one's name."""

from __future__ import annotations

from gateway.discrepancies.knowledge import ChangeWords
from gateway.discrepancies.texts import instructions, notes, reasons, says
from gateway.discrepancies.view import RuleView
from gateway.records.lists import ListRole, MedicineEntry
from gateway.records.matching import Row
from gateway.terminology.vocabulary import normalise_words


def replacement_of(view: RuleView, row: Row, words: ChangeWords) -> MedicineEntry | None:
    """The current discharge entry of another row whose words name this medicine beside a word of replacing."""
    texts = _replacing(view, words)
    if not texts:
        return None
    names = {row.medicine, *row.ingredients, *(e.product.brand or "" for e in view.entries(row))}
    ours = [f" {n} " for n in (normalise_words(name) for name in names) if n]
    return next((e for r, e, text in texts if r != row.id and any(n in text for n in ours)), None)


def _replacing(view: RuleView, words: ChangeWords) -> list[tuple[str, MedicineEntry, str]]:
    """Row, entry and text of everything on discharge lists that speaks of replacing; worked out once."""
    found = view.memo.get(("replacing", ""))
    if isinstance(found, list):
        return found
    discharge = view.with_role(ListRole.DISCHARGE)
    texts = [
        (row.id, entry, f" {normalise_words(text)} ")
        for row in view.rows
        for entry in view.current_on(row, discharge)
        for text in (*notes(entry), *reasons(entry), *instructions(entry))
        if says([text], words.replaces)
    ]
    view.memo["replacing", ""] = texts
    return texts
