"""Which rows of the real records are kept aside: a tenth, by hash, that nobody looks at while tuning."""

from __future__ import annotations

import hashlib


def held_out(text: str) -> bool:
    """The same answer for a text in any letter case and spacing, on every machine."""
    return hashlib.sha256(" ".join(text.lower().split()).encode()).digest()[0] % 10 == 0
