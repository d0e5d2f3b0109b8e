"""TLS for one source: the system's trust, or the source's own authority; the gateway's certificate for mutual TLS."""

from __future__ import annotations

import ssl
import tempfile
from functools import cache
from pathlib import Path

from gateway.errors import InputError
from gateway.sources.credentials import Credentials


@cache
def shared_tls() -> ssl.SSLContext:
    """The system's trust, TLS 1.2 or later; one context for all sources, because building one costs 20 ms."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def tls_for(held: Credentials | None) -> ssl.SSLContext:
    """Raises InputError where certificate and key do not belong together."""
    if held is None or not (held.trusted_ca or held.client_certificate):
        return shared_tls()
    context = ssl.create_default_context(cadata=held.trusted_ca) if held.trusted_ca else ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if held.client_certificate and held.client_key:
        # The ssl module reads a key from a file only: one that nobody else may read, for a moment.
        with tempfile.TemporaryDirectory() as folder:
            chain = Path(folder) / "chain.pem"
            chain.touch(mode=0o600)
            chain.write_text(held.client_certificate.rstrip() + "\n" + held.client_key)
            try:
                context.load_cert_chain(chain)
            except ssl.SSLError:
                raise InputError("the client certificate and its key do not belong together") from None
    return context
