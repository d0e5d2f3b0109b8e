"""Signing in to organisations, over real HTTP and TLS, against a token endpoint that verifies what it is sent."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from conformance.safety.certificates import Authority, pem_of
from gateway.errors import InputError
from gateway.records.lists import ListState
from gateway.settings import Settings
from gateway.sources.asked_by import AskedBy, asking_for
from gateway.sources.connections import Connections
from gateway.sources.credentials import Credentials, SignInKind
from gateway.sources.fetch import fetch_all
from gateway.sources.source import Dialect, Fetched, Kind, PatientQuery, SourceSystem, check_source
from tests.integration.sign_in_server import NHS, SignInServer, serving

LOOPBACK = Settings(allowed_networks=("127.0.0.0/8", "::1/128"), source_deadline_s=3.0)


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def p384_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


class Clock:
    def __init__(self) -> None:
        self.ahead = dt.timedelta()

    def __call__(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.ahead


def system(server: SignInServer, credentials: Credentials | None) -> SourceSystem:
    return SourceSystem(
        name="ward",
        organisation="Signed Hospital",
        kind=Kind.HOSPITAL,
        base_url=f"{server.base}/fhir",
        dialect=Dialect.GENERIC_R4,
        credentials=credentials,
    )


def keyed(server: SignInServer, kind: SignInKind, algorithm: str, **more: str) -> Credentials:
    key = p384_key() if algorithm == "ES384" else rsa_key()
    return Credentials(
        kind=kind,
        token_url=f"{server.base}/token",
        client_id="gateway-client",
        key_id="key-1",
        algorithm=algorithm,
        private_key=pem_of(key),
        **more,
    )


def fetch(
    source: SourceSystem, times: int = 1, clock: Clock | None = None, between: Callable[[], None] = lambda: None
) -> list[Fetched]:
    async def run() -> list[Fetched]:
        found: list[Fetched] = []
        async with Connections(LOOPBACK, clock or Clock()) as connections:
            for n in range(times):
                if n:
                    between()
                found += await fetch_all([source], PatientQuery(identifier=NHS), LOOPBACK, connections=connections)
        return found

    return asyncio.run(run())


SIGNED = [
    (SignInKind.SMART_BACKEND, "RS384", "system/*.rs"),
    (SignInKind.SMART_BACKEND, "ES384", "system/*.rs"),
    (SignInKind.NHS_SIGNED_JWT, "RS512", None),
]


@pytest.fixture(params=SIGNED, ids=[f"{kind.value} {algorithm}" for kind, algorithm, _ in SIGNED])
def signed(request: pytest.FixtureRequest) -> Iterator[tuple[SignInServer, Credentials]]:
    kind, algorithm, scope = request.param
    key = p384_key() if algorithm == "ES384" else rsa_key()
    with serving(SignInServer(key.public_key(), algorithms=(algorithm,), scope=scope)) as server:
        yield server, keyed(server, kind, algorithm, **({"scope": scope} if scope else {}))


def test_a_key_fetches_a_token_and_the_token_fetches_the_list(signed: tuple[SignInServer, Credentials]) -> None:
    server, credentials = signed
    first, second = fetch(system(server, credentials), times=2)
    assert (first.state, len(first.list.entries)) == (ListState.COMPLETE, 1), first.causes
    assert second.state is ListState.COMPLETE
    (assertion,) = server.assertions  # one token served both fetches and every call in them
    assert (assertion["iss"], assertion["sub"], assertion["kid"]) == ("gateway-client", "gateway-client", "key-1")
    assert 0 < assertion["exp"] - assertion["iat"] <= 300
    assert all("authorization" not in head for head in server.token_requests)


def test_the_token_is_fetched_anew_shortly_before_it_ends(signed: tuple[SignInServer, Credentials]) -> None:
    server, credentials = signed
    clock = Clock()
    server.expires_in = 40

    def later() -> None:
        clock.ahead += dt.timedelta(seconds=22)

    first, second = fetch(system(server, credentials), times=2, clock=clock, between=later)
    assert [first.state, second.state] == [ListState.COMPLETE] * 2
    assert len({one["jti"] for one in server.assertions}) == 2


def test_a_token_that_is_refused_is_fetched_anew_once(signed: tuple[SignInServer, Credentials]) -> None:
    server, credentials = signed
    _, second = fetch(system(server, credentials), times=2, between=server.valid.clear)
    assert second.state is ListState.COMPLETE, second.causes
    # Both calls that go out first may be refused; each asks again at most once.
    assert 2 <= len(server.assertions) <= 3


def test_a_source_that_refuses_every_token_fails_and_is_not_asked_for_ever(
    signed: tuple[SignInServer, Credentials],
) -> None:
    server, credentials = signed
    server.valid = Refusing()
    (only,) = fetch(system(server, credentials))
    assert only.state is ListState.FAILED
    assert "did not accept the gateway's sign-in (401)" in " ".join(only.causes)
    assert len(server.headers) <= 4


class Refusing(set[str]):
    def __contains__(self, token: object) -> bool:
        return False


@pytest.mark.parametrize(
    ("status", "words"), [(500, "its sign-in gave no token (500)"), (401, "did not accept the gateway's key")]
)
def test_a_token_endpoint_that_is_down_fails_the_list_in_words(
    signed: tuple[SignInServer, Credentials], status: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server, credentials = signed
    server.token_status = status
    (only,) = fetch(system(server, credentials))
    assert only.state is ListState.FAILED
    assert words in " ".join(only.causes)
    assert server.headers == []
    key = credentials.private_key or ""
    assert not [m for m in (*caplog.messages, *only.causes, repr(only.source), repr(credentials)) if key[40:80] in m]


def test_a_wrong_key_is_not_accepted_and_nothing_is_fetched() -> None:
    other = rsa.generate_private_key(65537, 2048)
    with serving(SignInServer(other.public_key(), algorithms=("RS384",), scope="s")) as server:
        (only,) = fetch(system(server, keyed(server, SignInKind.SMART_BACKEND, "RS384", scope="s")))
    assert "did not accept the gateway's key (400)" in " ".join(only.causes)


def test_a_fixed_token_goes_to_its_source() -> None:
    with serving(SignInServer()) as server:
        server.valid = {"handed-out"}
        (only,) = fetch(system(server, Credentials(kind=SignInKind.BEARER, bearer="handed-out")))
    assert only.state is ListState.COMPLETE, only.causes


def test_gp_connect_sends_who_asks_and_why_with_every_call() -> None:
    held = Credentials(
        kind=SignInKind.GP_CONNECT_JWT,
        organisation="X26",
        device="https://gateway.example",
        asid_from="200000000001",
        asid_to="200000000002",
    )
    with serving(SignInServer()) as server:
        fetch(system(server, held))
        heads, base = server.headers, f"{server.base}/fhir"
    assert heads
    assert len({head["ssp-traceid"] for head in heads}) == len(heads)
    for head in heads:
        claims = jwt.decode(head["authorization"].removeprefix("Bearer "), options={"verify_signature": False})
        assert (head["ssp-from"], head["ssp-to"]) == ("200000000001", "200000000002")
        assert claims["aud"] == base
        assert claims["reason_for_request"] == "directcare"
        assert claims["exp"] - claims["iat"] == 300
        assert claims["requesting_organization"]["identifier"][0]["value"] == "X26"
        assert claims["sub"] == "gateway"
        assert "by itself, for no person" in claims["requesting_practitioner"]["name"][0]["given"]


def test_gp_connect_is_told_which_person_asks_and_only_while_they_ask() -> None:
    held = Credentials(
        kind=SignInKind.GP_CONNECT_JWT, organisation="X26", device="https://gateway.example", asid_from="1", asid_to="2"
    )
    with serving(SignInServer()) as server:
        with asking_for(AskedBy(account="acc-7", name="A Patel", role="pharmacist")):
            fetch(system(server, held))
        asked = len(server.headers)
        fetch(system(server, held))
        heads = server.headers
    told = [
        jwt.decode(head["authorization"].removeprefix("Bearer "), options={"verify_signature": False}) for head in heads
    ]
    assert 0 < asked < len(told)
    for claims in told[:asked]:
        assert claims["sub"] == "acc-7"
        assert claims["requesting_practitioner"]["id"] == "acc-7"
        assert claims["requesting_practitioner"]["name"][0]["text"] == "A Patel"
        assert claims["requesting_practitioner"]["practitionerRole"][0]["role"]["text"] == "pharmacist"
    assert {claims["sub"] for claims in told[asked:]} == {"gateway"}


def test_mutual_tls_with_an_authority_of_its_own(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.files("server")
    (tmp_path / "ca.pem").write_text(authority.pem)
    server = SignInServer()
    server.valid = {"t"}
    ours = dict(zip(("client_certificate", "client_key"), authority.issue("gateway"), strict=True))
    with serving(server, ssl_certfile=certificate, ssl_keyfile=key, ssl_ca_certs=str(tmp_path / "ca.pem")):
        held = Credentials(kind=SignInKind.BEARER, bearer="t", trusted_ca=authority.pem, **ours)
        (with_it,) = fetch(system(server, held))
        (without,) = fetch(system(server, Credentials(kind=SignInKind.BEARER, bearer="t", trusted_ca=authority.pem)))
        (untrusting,) = fetch(system(server, Credentials(kind=SignInKind.BEARER, bearer="t")))
    assert with_it.state is ListState.COMPLETE, with_it.causes
    assert without.state is ListState.FAILED
    assert "certificate is not trusted" in " ".join(untrusting.causes)


@pytest.mark.parametrize(
    "how", [{"days": -1, "ago": 5}, {"host": "elsewhere.example"}], ids=["expired", "another name"]
)
def test_a_certificate_that_does_not_hold_is_refused(tmp_path: Path, how: dict[str, object]) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.files("server", **how)
    server = SignInServer()
    server.valid = {"t"}
    with serving(server, ssl_certfile=certificate, ssl_keyfile=key):
        (only,) = fetch(system(server, Credentials(kind=SignInKind.BEARER, bearer="t", trusted_ca=authority.pem)))
    assert only.state is ListState.FAILED
    assert "its certificate is not trusted, has expired, or is for another name" in only.causes
    assert server.headers == []


RSA_1024 = "an RSA private key of at least 2048 bits"
WRONG: list[tuple[dict[str, str | None], str]] = [
    ({"private_key": None}, "needs private key"),
    ({"scope": None}, "needs scope"),
    ({"private_key": "not a key"}, "no private key in PEM form"),
    ({"algorithm": "HS256"}, "takes RS384 or ES384 only"),
    ({"algorithm": "ES384"}, "ES384 needs a private key on the curve P-384"),
    ({"token_url": "ftp://token.example/t"}, "must be an https:// or http:// address"),
    ({"client_id": "a\r\nX-Admin: 1"}, "the client id holds a character that cannot be sent"),
    ({"client_certificate": "x"}, "needs both a client certificate and its key"),
    ({"trusted_ca": "x"}, "the trusted ca is no certificate in PEM form"),
]


@pytest.mark.parametrize(("change", "words"), WRONG, ids=[w for _, w in WRONG])
def test_credentials_that_cannot_work_are_refused_by_name(change: dict[str, str | None], words: str) -> None:
    server = SignInServer()
    server.base = "http://127.0.0.1:9"
    good = keyed(server, SignInKind.SMART_BACKEND, "RS384", scope="system/*.rs")
    assert check_source(system(server, good)).credentials == good
    with pytest.raises(InputError, match=words) as caught:
        check_source(system(server, msgspec.structs.replace(good, **change)))
    assert (good.private_key or "")[40:80] not in str(caught.value)
