"""Who may sign in, and who is signed in."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class Account(SQLModel, table=True):
    """A person who signs in. `password_hash` is argon2id; `must_change`: it was given once, by an administrator."""

    id: str = Field(primary_key=True)
    name: str = Field(unique=True, index=True)
    display_name: str
    role: str
    password_hash: str
    staff_group: str | None = None
    band: str | None = None
    disabled: bool = False
    failures: int = 0
    locked_until: str | None = None
    created_at: str
    must_change: bool = False


class SignedIn(SQLModel, table=True):
    """A session. Only the SHA-256 of the cookie's token is kept."""

    __tablename__ = "signed_in"

    token_hash: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    csrf_secret: str
    created_at: str
    last_seen_at: str
    expires_at: str
