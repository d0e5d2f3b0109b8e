"""What a password must be: long, not the person's name, not one that everybody tries first.

No rule about kinds of characters and no expiry (NCSC "Password policy: updating your approach"; NIST SP 800-63B).
"""

from __future__ import annotations

import re
import secrets

from argon2 import PasswordHasher

from gateway.errors import UsageError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

#: OWASP's minimum for argon2id (19 MiB, 2 rounds); about 20 ms here, so that a sign-in does not stall the others.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

#: Words and runs of keys that lead every published list of guessed passwords, and those of this place.
_COMMON = (
    "passw0rd", "password", "passwort", "pa55word", "p@ssw0rd", "p@ssword", "qwertyuiop", "qwerty", "asdfghjkl",
    "asdfgh", "zxcvbnm", "1qaz2wsx3edc", "1qaz2wsx", "qazwsx", "1q2w3e4r5t", "1q2w3e4r", "letmein", "welcome",
    "iloveyou", "administrator", "admin", "changeme", "default", "secret", "monkey", "dragon", "football", "baseball",
    "liverpool", "arsenal", "chelsea", "princess", "sunshine", "superman", "batman", "pokemon", "master", "login",
    "trustno", "whatever", "starwars", "summer", "winter", "spring", "autumn", "january", "february", "october",
    "november", "december", "monday", "friday", "hospital", "pharmacist", "pharmacy", "medicines", "medicine",
    "gateway", "medrec", "doctor", "nurse", "ward", "nhs", "user", "test", "abcdefghijkl", "abcdef", "abc",
    "0123456789", "1234567890", "123456789", "12345678", "1234567", "123456", "12345", "1234", "123", "0987654321",
    "987654321", "654321",
)  # fmt: skip
_COMMON_PART = re.compile("|".join(map(re.escape, sorted(_COMMON, key=len, reverse=True))))
_RUN = re.compile(r"(.)\1{2,}")
_REPEATED = re.compile(r"(.{1,6})\1+")
_YEAR = re.compile(r"(19|20)\d\d")

#: With common words, runs and years taken out, at least so much must be left.
_LEAST_LEFT = 6


def check_password(password: str, *, name: str, display_name: str = "") -> None:
    """Raises UsageError saying what to do otherwise."""
    if len(password) < SHORTEST_PASSWORD:
        raise UsageError(f"a password has at least {SHORTEST_PASSWORD} characters; three random words do well")
    if len(password) > LONGEST_PASSWORD or "\0" in password:
        raise UsageError(f"a password has at most {LONGEST_PASSWORD} characters")
    low = password.casefold()
    for part in (name, *re.split(r"[\s.,-]+", display_name)):
        if len(part) >= 3 and part.casefold() in low and len(low.replace(part.casefold(), "")) < SHORTEST_PASSWORD:
            raise UsageError("the password is little more than the name; choose one without it")
    left = _YEAR.sub("", _COMMON_PART.sub("", _RUN.sub("", low)))
    left = re.sub(r"[\W_]", "", left)
    if len(left) < _LEAST_LEFT or _REPEATED.fullmatch(low):
        raise UsageError("this password is among the first that somebody would guess; three random words do better")


def one_time_password() -> str:
    """64 random bits, easy to read out."""
    return "-".join(secrets.token_hex(2) for _ in range(4))
