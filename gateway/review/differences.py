"""What differs between the lists of a row, whether or not a rule found it worth a word.

A dose that was raised with a recorded reason raises no finding, and is still another dose: the page marks it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from gateway.records.lists import MedicineEntry
from gateway.review.entries import EntryWords

_UNIT = re.compile(r"[\d,.]+(?: to [\d,.]+)? ?")

_Said = dict[str, str]


def differing(entries: Sequence[MedicineEntry], said: Mapping[str, EntryWords]) -> frozenset[str]:
    """The marks (amount, rest, strength, form, release, route) of attributes in which current entries of lists differ.

    An attribute that one list does not state is not marked, nor amounts in units that cannot be compared, nor the
    strength where the amount differs already.
    """
    by_list: dict[str, list[_Said]] = defaultdict(list)
    for entry in entries:
        if entry.current:
            by_list[entry.list].append(_attributes(entry, said[entry.id]))
    marks = {name for name in ("amount", "rest", "strength", "form", "release", "route") if _differs(name, by_list)}
    if "amount" in marks:
        marks -= {"strength", "rest"}
    return frozenset(marks)


def _differs(name: str, by_list: Mapping[str, Sequence[_Said]]) -> bool:
    values = [tuple(sorted(one[name] for one in found)) for found in by_list.values()]
    stated = {value for value in values if all(value)}
    if name == "amount" and len({_UNIT.sub("", one) for value in stated for one in value}) > 1:
        return False
    return len(stated) > 1


def _attributes(entry: MedicineEntry, said: EntryWords) -> _Said:
    product = entry.product
    return {
        "amount": "; ".join(amount for amount, _ in said.dose),
        "rest": "; ".join(rest for _, rest in said.dose),
        "strength": said.strength,
        "form": product.form or "",
        # A form without a word on its release is of immediate release.
        "release": product.release or ("immediate" if product.form else ""),
        "route": entry.route or "",
    }
