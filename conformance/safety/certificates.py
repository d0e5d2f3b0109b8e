"""A certificate authority of its own, for servers and clients on loopback."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID


class Authority:
    """`pem` is its own certificate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.pem = _pem(self._sign(self._name, self._key.public_key(), authority=True))

    def issue(self, name: str, *, days: int = 10, ago: int = 1, host: str = "localhost") -> tuple[str, str]:
        """Certificate and key, PEM; valid from `ago` days ago for `days` days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return _pem(self._sign(subject, key.public_key(), days=days, ago=ago, host=host)), pem_of(key)

    def files(self, name: str, **how: Any) -> tuple[str, str]:
        """Paths of certificate and key, as servers take them."""
        paths = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        for path, text in zip(paths, self.issue(name, **how), strict=True):
            path.write_text(text)
        return str(paths[0]), str(paths[1])

    def _sign(
        self,
        subject: x509.Name,
        public: Any,
        *,
        authority: bool = False,
        days: int = 10,
        ago: int = 1,
        host: str = "localhost",
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=ago))
            .not_valid_after(now + dt.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if not authority:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return made.sign(self._key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """PKCS #8 without a password."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
