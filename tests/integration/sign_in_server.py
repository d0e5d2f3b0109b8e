"""An organisation behind a sign-in: a token endpoint that checks the assertion, and FHIR only for a token it gave."""

from __future__ import annotations

import json
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import jwt
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

NHS = "9990000018"
SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
_PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [{"system": SYSTEM, "value": NHS}]}
_STATEMENT = {
    "resourceType": "MedicationStatement",
    "id": "m1",
    "status": "active",
    "subject": {"reference": "Patient/p1"},
    "medicationCodeableConcept": {"text": "Aspirin 75mg tablets"},
}


class SignInServer:
    """`expires_in` is what its tokens are said to live; `forget_after` calls it takes no token that it gave before."""

    def __init__(self, public_key: Any = None, *, algorithms: tuple[str, ...] = (), scope: str | None = None) -> None:
        self.public_key, self.algorithms, self.scope = public_key, algorithms, scope
        self.expires_in = 300
        self.token_status = 200
        self.assertions: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.token_requests: list[dict[str, str]] = []
        self.valid: set[str] = set()
        self.base = ""
        self.identifier = {"system": SYSTEM, "value": NHS}
        self.app = Starlette(
            routes=[
                Route("/token", self._token, methods=["POST"]),
                Route("/fhir/{path:path}", self._fhir, methods=["GET", "POST"]),
            ]
        )

    async def _token(self, request: Request) -> Response:
        form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        self.token_requests.append({k.lower(): v for k, v in request.headers.items()})
        if self.token_status != 200:
            return JSONResponse({"error": "server_error"}, self.token_status)
        header = jwt.get_unverified_header(form["client_assertion"])
        try:
            claims = jwt.decode(
                form["client_assertion"],
                self.public_key,
                algorithms=list(self.algorithms),
                audience=f"{self.base}/token",
                leeway=30,  # as a server whose clock differs from ours
                options={"require": ["exp", "iat", "jti", "iss", "sub"]},
            )
        except jwt.PyJWTError:
            return JSONResponse({"error": "invalid_client"}, 400)
        if claims["jti"] in {one["jti"] for one in self.assertions} or form.get("scope") != self.scope:
            return JSONResponse({"error": "invalid_request"}, 400)
        self.assertions.append({**claims, "kid": header["kid"], "alg": header["alg"]})
        token = secrets.token_urlsafe(16)
        self.valid.add(token)
        return JSONResponse({"access_token": token, "token_type": "bearer", "expires_in": self.expires_in})

    async def _fhir(self, request: Request) -> Response:
        self.headers.append({k.lower(): v for k, v in request.headers.items()})
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.valid:
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        kind = request.path_params["path"].split("/")[0]
        if kind == "metadata":
            offered = [
                {"type": t, "interaction": [{"code": "search-type"}]} for t in ("Patient", "MedicationStatement")
            ]
            statement = {
                "resourceType": "CapabilityStatement",
                "fhirVersion": "4.0.1",
                "rest": [{"mode": "server", "resource": offered}],
            }
            return Response(json.dumps(statement), media_type="application/fhir+json")
        patient = _PATIENT | {"identifier": [self.identifier]}
        held = {"Patient": patient, "MedicationStatement": _STATEMENT}.get(kind)
        found = {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"resource": held}]}
        return Response(json.dumps(found), media_type="application/fhir+json")


@contextmanager
def serving(server: SignInServer, **tls: Any) -> Iterator[SignInServer]:
    """On a free loopback port, in a thread; with `ssl_certfile` and so on over HTTPS."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    scheme, host = ("https", "localhost") if tls else ("http", "127.0.0.1")
    server.base = f"{scheme}://{host}:{listening.getsockname()[1]}"
    if tls.get("ssl_ca_certs"):
        tls["ssl_cert_reqs"] = ssl.CERT_REQUIRED
    own = uvicorn.Server(uvicorn.Config(server.app, log_level="critical", lifespan="off", ws="none", **tls))
    thread = threading.Thread(target=own.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not own.started and thread.is_alive():
        time.sleep(0.01)
    yield server
    own.should_exit = True
    thread.join(timeout=10)
    listening.close()
