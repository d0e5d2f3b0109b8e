"""Credentials of sources, encrypted where they lie (Fernet: AES-128-CBC with HMAC-SHA-256).

The keys come from GATEWAY_SECRET_KEY and stand in no database and no backup of one. The first key encrypts, all of them
decrypt, so that a key can be replaced: put the new one first, run `gateway secret rotate`, then drop the old one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from gateway.errors import SettingsError


class SecretBox:
    """Without a key it holds nothing and says what is missing."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises SettingsError for what is no key."""
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None
        except ValueError:
            raise SettingsError(
                "GATEWAY_SECRET_KEY holds something that is no key; `gateway secret new` prints one"
            ) from None

    def close(self, secrets: Mapping[str, str]) -> bytes | None:
        """Encrypted; None for nothing. Raises SettingsError where no key is set."""
        if not secrets:
            return None
        if self._fernet is None:
            raise SettingsError(
                "GATEWAY_SECRET_KEY is not set, so no credentials can be kept; `gateway secret new` prints a key"
            )
        return self._fernet.encrypt(json.dumps(dict(secrets), sort_keys=True).encode())

    def open(self, sealed: bytes | None) -> dict[str, str] | None:
        """What was closed; None where none of the keys opens it."""
        if sealed is None:
            return {}
        if self._fernet is None:
            return None
        try:
            return dict(json.loads(self._fernet.decrypt(sealed)))
        except InvalidToken:
            return None

    def renew(self, sealed: bytes) -> bytes | None:
        """Under the first key; None where none of the keys opens it."""
        if self._fernet is None:
            return None
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            return None


def new_key() -> str:
    return Fernet.generate_key().decode()
