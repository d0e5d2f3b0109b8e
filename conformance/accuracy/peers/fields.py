"""The fields that a developer would give a record linkage library: name, first word, strength and form, by pattern."""

from __future__ import annotations

import re

_STRENGTH = re.compile(r"\d[\d.,]*\s*(?:mg|micrograms?|mcg|g|units?|ml|%|unt|meq)?(?:\s*/\s*[\d.,]*\s*[a-z]+)*")
_FORMS = re.compile(
    r"\b(tablet|capsule|solution|suspension|cream|ointment|gel|inhaler|inhalation|injection|patch|drops|spray|powder|"
    r"suppositor|granules|sachet|lotion|foam|pessar|syringe|pen)"
)


def fields(name: str) -> dict[str, str | None]:
    text = " ".join(name.lower().split())
    words = re.findall(r"[a-z][a-z-]+", text)
    strength = " ".join(re.sub(r"\s", "", s) for s in _STRENGTH.findall(text))
    form = _FORMS.search(text)
    return {
        "name": text,
        "first_word": words[0] if words else None,
        "strength": strength or None,
        "form": form.group(1) if form else None,
    }
