"""NHS numbers: ten digits of which the last checks the others (modulus 11; NHS Data Dictionary)."""

from __future__ import annotations

from gateway.errors import InputError

SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"

#: Of any other system: what fits into a search parameter as it is.
_LONGEST = 64


def checked_identifier(text: str, system: str = SYSTEM) -> str:
    """A patient's identifier as it is asked for. Raises InputError for what cannot be one; the text is not repeated."""
    if system == SYSTEM:
        if not is_valid(text):
            raise InputError("The NHS number must have ten digits and a right check digit; nothing was asked for.")
        return compact(text)
    plain = text.strip()
    if (
        not plain
        or len(plain) > _LONGEST
        or not (plain.isascii() and plain.isprintable())
        or set(plain) & set("|,$\\ ")
    ):
        raise InputError(
            "The patient's identifier has 1 to 64 letters, digits and signs but | , $ \\; nothing was asked for."
        )
    return plain


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
