"""Whether texts of a record say something: expressions of the knowledge, over lower-case text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from gateway.records.lists import MedicineEntry


def says(texts: Iterable[str | None], patterns: tuple[str, ...]) -> bool:
    """Any of the texts fits any of the patterns."""
    if not patterns:
        return False
    search = _compiled(patterns).search
    return any(text is not None and search(text.lower()) is not None for text in texts)


def after(text: str, patterns: tuple[str, ...]) -> str | None:
    """What stands behind the first place that fits, in lower case; None where none does."""
    found = _compiled(patterns).search(text.lower())
    return text.lower()[found.end() :] if found else None


def notes(entry: MedicineEntry) -> tuple[str, ...]:
    """Free text beside the dose: notes, and why the status is what it is."""
    written = entry.written
    if not written.status_reason:
        return written.notes
    return (*written.notes, *(r.words or "" for r in written.status_reason))


def instructions(entry: MedicineEntry) -> tuple[str, ...]:
    """How it is to be taken, in all words that the record gives for it."""
    written = entry.written.dosages
    if len(written) == 1:
        only = written[0]
        if only.text and only.text == entry.dose.text and not only.patient_instruction and not only.additional:
            return (only.text,)
    found = [entry.dose.text or ""]
    for dosage in written:
        found += [dosage.text or "", dosage.patient_instruction or "", *(a.words or "" for a in dosage.additional)]
    return tuple(dict.fromkeys(text for text in found if text))


def reasons(entry: MedicineEntry) -> tuple[str, ...]:
    """What it is for."""
    return tuple(r.words or "" for r in entry.written.reason)


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns))
