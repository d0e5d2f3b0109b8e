"""NHS numbers: ten digits of which the last checks the others (modulus 11; NHS Data Dictionary)."""

from __future__ import annotations

SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"


def is_valid(text: str) -> bool:
    """Whether `text` (spaces and hyphens allowed) is ten digits with a right check digit."""
    digits = compact(text)
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return False
    remainder = sum(int(d) * (10 - i) for i, d in enumerate(digits[:9])) % 11
    check = (11 - remainder) % 11
    return check != 10 and check == int(digits[9])


def compact(text: str) -> str:
    return text.replace(" ", "").replace("-", "").strip()


def spaced(text: str) -> str:
    """3 3 4, as the NHS Common User Interface asks (NUM-0001)."""
    digits = compact(text)
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}" if len(digits) == 10 else text
