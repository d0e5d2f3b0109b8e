"""Which list is the practice's own."""

from __future__ import annotations

from gateway.discrepancies.clinical_knowledge import GpList
from gateway.discrepancies.view import RuleView
from gateway.records.lists import ListRole, MedicineList
from gateway.terminology.vocabulary import normalise_words


def gp_lists(view: RuleView, known: GpList) -> tuple[MedicineList, ...]:
    """Lists from before admission that are a practice's by kind or code, else by name; in whatever state."""
    before = view.with_role(ListRole.PRE_ADMISSION)
    said = tuple(
        one
        for one in before
        if one.written.kind in known.kinds or any(c.code in known.codes for c in one.written.list_codes)
    )
    return said or tuple(one for one in before if one.written.kind is None and _named(one.name, known))


def _named(name: str, known: GpList) -> bool:
    words = f" {normalise_words(name)} "
    return any(f" {one} " in words for one in known.names)
