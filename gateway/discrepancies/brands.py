"""The brand or named maker of an entry."""

from __future__ import annotations

import re

from gateway.discrepancies.view import RuleView
from gateway.records.lists import MedicineEntry
from gateway.terminology.vocabulary import normalise_words

#: An entry with its brand in the record's words, None where it names none.
Named = tuple[MedicineEntry, str | None]

#: Both words mean one thing: these are not exchangeable with what releases at once.
SLOW_RELEASES = frozenset({"modified", "prolonged"})
_BRACKETS = re.compile(r"\(([^()]+)\)\s*$")


def brand_of(entry: MedicineEntry, view: RuleView) -> str | None:
    """The brand, else a maker in brackets at the end of the name ("... tablets (Teva UK Ltd)")."""
    if entry.product.brand:
        return entry.product.brand
    found = _BRACKETS.search(entry.text)
    if found is None:
        return None
    words = f" {normalise_words(found.group(1))} "
    maker = any(f" {s} " in words for s in view.vocabulary.suppliers) or words.endswith((" ltd ", " limited ", " plc "))
    return found.group(1).strip() if maker else None


def same_brand(a: Named, b: Named) -> bool:
    """Equal, or one is the other shortened (MST and MST Continus) and both release alike."""
    one, two = normalise_words(a[1] or ""), normalise_words(b[1] or "")
    if one == two:
        return True
    shortened = f"{one} ".startswith(f"{two} ") or f"{two} ".startswith(f"{one} ")
    return shortened and (a[0].product.release in SLOW_RELEASES) == (b[0].product.release in SLOW_RELEASES)
