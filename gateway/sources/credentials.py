"""How the gateway signs in to a source, and what it needs for that. Secrets stay out of every text and repr."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import Struct

from gateway.errors import InputError


class SignInKind(StrEnum):
    """`smart-backend`: SMART Backend Services 2.2; `nhs-signed-jwt`: NHS API platform, application-restricted.

    `gp-connect-jwt`: the audit token that GP Connect takes from the Spine Security Proxy's consumers, not signed.
    """

    NONE = "none"
    BEARER = "bearer"
    SMART_BACKEND = "smart-backend"
    NHS_SIGNED_JWT = "nhs-signed-jwt"
    GP_CONNECT_JWT = "gp-connect-jwt"


#: Which signatures each kind may use; the first is taken where none is said.
ALGORITHMS = {
    SignInKind.SMART_BACKEND: ("RS384", "ES384"),
    SignInKind.NHS_SIGNED_JWT: ("RS512",),
}

_SECRET = ("bearer", "private_key", "client_key")


class Credentials(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`bearer`, `private_key` and `client_key` (PEM) are secret; certificates (PEM) and the rest are not.

    `trusted_ca` replaces the system's trust for this source. `client_certificate` with `client_key` is mutual TLS, with
    any kind. For GP Connect: `organisation` and `device` say who asks, `asid_from` and `asid_to` are the Spine's ids of
    both systems.
    """

    kind: SignInKind = SignInKind.NONE
    token_url: str | None = None
    client_id: str | None = None
    key_id: str | None = None
    algorithm: str | None = None
    scope: str | None = None
    organisation: str | None = None
    device: str | None = None
    asid_from: str | None = None
    asid_to: str | None = None
    trusted_ca: str | None = None
    client_certificate: str | None = None
    bearer: str | None = None
    private_key: str | None = None
    client_key: str | None = None

    def __repr__(self) -> str:
        return f"Credentials({self.kind.value})"

    @property
    def secrets(self) -> dict[str, str]:
        return {name: value for name in _SECRET if (value := getattr(self, name))}

    @property
    def public(self) -> dict[str, str]:
        """What may be shown and stored in the clear."""
        held = msgspec.to_builtins(self)
        return {name: str(value) for name, value in held.items() if name not in _SECRET and value}


class SignIn(Protocol):
    """What the transport asks before each call."""

    async def headers(self, until: float) -> Mapping[str, str]:
        """Headers that sign the call in. `until` is the event loop's time; raises SourceProblem where it cannot."""

    def refused(self) -> bool:
        """The source answered 401: whether asking again with fresh headers can help."""


def restored(public: Mapping[str, str], secrets: Mapping[str, str]) -> Credentials:
    """What `public` and `secrets` of one Credentials were."""
    return msgspec.convert({**public, **secrets}, Credentials)


def check_credentials(name: str, held: Credentials) -> Credentials:
    """The same; raises InputError naming the field that is missing or unusable, never what it holds."""
    needed = {
        SignInKind.BEARER: ("bearer",),
        SignInKind.SMART_BACKEND: ("token_url", "client_id", "key_id", "private_key", "scope"),
        SignInKind.NHS_SIGNED_JWT: ("token_url", "client_id", "key_id", "private_key"),
        SignInKind.GP_CONNECT_JWT: ("organisation", "device", "asid_from", "asid_to"),
    }
    for field in needed.get(held.kind, ()):
        if not getattr(held, field):
            raise InputError(f"{name}: sign-in {held.kind.value} needs {field.replace('_', ' ')}")
    _check_lines(name, held)
    _check_token_url(name, held)
    if held.kind in ALGORITHMS:
        _check_key(name, held)
    if bool(held.client_certificate) != bool(held.client_key):
        raise InputError(f"{name}: mutual TLS needs both a client certificate and its key")
    if held.client_key:
        _load_key(name, "client key", held.client_key)
    for field in ("trusted_ca", "client_certificate"):
        if getattr(held, field):
            certificates(name, field.replace("_", " "), getattr(held, field))
    return held


def algorithm_of(held: Credentials) -> str:
    return held.algorithm or ALGORITHMS[held.kind][0]


def certificates(name: str, field: str, pem: str) -> list[x509.Certificate]:
    """Raises InputError where the text holds no PEM certificate."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise InputError(f"{name}: the {field} is no certificate in PEM form") from None


def _check_lines(name: str, held: Credentials) -> None:
    """These go into headers, where a line break or a letter beyond ASCII would start a header of its own."""
    for field in ("bearer", "client_id", "key_id", "scope", "asid_from", "asid_to"):
        value = getattr(held, field)
        if value and not (value.isascii() and value.isprintable()):
            raise InputError(f"{name}: the {field.replace('_', ' ')} holds a character that cannot be sent")


def _check_token_url(name: str, held: Credentials) -> None:
    if held.token_url is None:
        return
    try:
        parts = urlsplit(held.token_url)
        _ = parts.port
    except ValueError:
        raise InputError(f"{name}: the token address is no URL") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise InputError(f"{name}: the token address must be an https:// or http:// address without a user name")


def _check_key(name: str, held: Credentials) -> None:
    algorithm = algorithm_of(held)
    if algorithm not in ALGORITHMS[held.kind]:
        raise InputError(f"{name}: sign-in {held.kind.value} takes {' or '.join(ALGORITHMS[held.kind])} only")
    key = _load_key(name, "private key", held.private_key or "")
    if algorithm.startswith("RS") and not (isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048):
        raise InputError(f"{name}: {algorithm} needs an RSA private key of at least 2048 bits")
    if algorithm == "ES384" and not (isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == "secp384r1"):
        raise InputError(f"{name}: ES384 needs a private key on the curve P-384")


def _load_key(name: str, field: str, pem: str) -> object:
    try:
        return load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise InputError(f"{name}: the {field} is no private key in PEM form without a password") from None
