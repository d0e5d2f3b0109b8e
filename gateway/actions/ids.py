"""Opaque ids: random words that say nothing and fit an address."""

from __future__ import annotations

import secrets


def new_id() -> str:
    return secrets.token_urlsafe(12)
