"""Codes that the rules and sources name are well formed: a slip of a digit would look for nothing, silently."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.settings import mappings_dir

_TURN = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")
_TIMES = tuple(
    tuple((a + b) % 5 if a < 5 and b < 5 else (b + a) % 5 + 5 if a < 5 else (a - b) % 5 + 5 if b < 5 else (a - b) % 5
          for b in range(10))
    for a in range(10)
)  # fmt: skip
FILES = sorted(p for folder in ("discrepancies", "sources") for p in (mappings_dir() / folder).glob("*.yaml"))


def snomed_is_well_formed(code: str) -> bool:
    """The Verhoeff check digit of SNOMED CT."""
    check = 0
    for n, digit in enumerate(reversed(code)):
        check = _TIMES[check][int(_TURN[n % 8][int(digit)])]
    return check == 0


def loinc_is_well_formed(code: str) -> bool:
    """The Luhn check digit of LOINC."""
    body, _, check = code.partition("-")
    doubled = [int(d) * (2 - n % 2) for n, d in enumerate(reversed(body))]
    return (10 - sum(d // 10 + d % 10 for d in doubled) % 10) % 10 == int(check)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_codes_have_their_check_digit(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [c for c in re.findall(r'"(\d{6,18})"', text) if not snomed_is_well_formed(c)] == []
    assert [c for c in re.findall(r'"(\d{3,5}-\d)"', text) if not loinc_is_well_formed(c)] == []


def test_a_slip_of_a_digit_is_seen() -> None:
    assert snomed_is_well_formed("195967001")
    assert not snomed_is_well_formed("195967002")
    assert not snomed_is_well_formed("159967001")
    assert loinc_is_well_formed("33914-3")
    assert not loinc_is_well_formed("33914-4")
