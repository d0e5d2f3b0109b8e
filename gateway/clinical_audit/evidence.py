"""Pointers from an answer to what bears it out."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.records.audit import Evidence, Gap
from gateway.records.lists import ListState, MedicineEntry, MedicineList
from gateway.records.reconciliation import Reconciliation


def of_entries(entries: Iterable[MedicineEntry], decision: str | None = None) -> tuple[Evidence, ...]:
    """`decision` is the row that a person decided."""
    return tuple(
        Evidence(
            words=f"{e.text} – {e.dose.text}" if e.dose.text else e.text,
            list=e.list,
            entry=e.id,
            document=e.written.document,
            decision=decision,
        )
        for e in entries
    )


def of_documents(one: MedicineList) -> tuple[Evidence, ...]:
    return tuple(Evidence(words=f"{one.name}, complete", list=one.name, document=d) for d in one.written.documents)


def missing_lists(one: Reconciliation) -> Gap | None:
    missing = [each for each in one.lists if each.state is not ListState.COMPLETE]
    if not missing:
        return None
    said = tuple(Evidence(words=f"{m.name}: {m.state.value}", list=m.name) for m in missing)
    names = ", ".join(f"{m.name} ({m.state.value})" for m in missing)
    return Gap(code="list-not-complete", words=f"Not every list is complete: {names}.", evidence=said)


def unread(entries: Iterable[MedicineEntry], when: str) -> Gap | None:
    found = [e for e in entries if not e.product.understood and not e.product.appliance]
    if not found:
        return None
    words = f"{len(found)} medicine(s) {when} could not be read; one of them may be it."
    return Gap(code="unread-medicine", words=words, evidence=of_entries(found))


def not_signed(signed: bool) -> Gap | None:
    return None if signed else Gap(code="not-signed", words="The discharge list is not signed off yet.")
