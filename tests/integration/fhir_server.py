"""A small FHIR R4 server that keeps what is put: it stands where HAPI stands in docker-compose.yml.

It is strict where HAPI is: a transaction is all or nothing, a reference must lead somewhere, an id that the client
chooses must not be a number, pages have opaque addresses, and at first it is still starting.
"""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Json = dict[str, Any]
TYPES = ("Patient", "Encounter", "Condition", "AllergyIntolerance", "List", "MedicationRequest", "MedicationDispense",
         "MedicationStatement")  # fmt: skip
PAGE = 5


class FhirServer:
    """`held` is what was put, by TYPE/ID; `starting` is how many calls are still answered with 503."""

    def __init__(self, *, starting: int = 0, fhir_version: str = "4.0.1", refuses: str | None = None) -> None:
        self.held: dict[str, Json] = {}
        self.transactions = 0
        self.calls: list[str] = []
        self.base = ""
        self._starting, self._version, self._refuses = starting, fhir_version, refuses
        self._pages: dict[str, tuple[str, list[Json]]] = {}
        self.app = Starlette(
            routes=[
                Route("/fhir/metadata", self._metadata),
                Route("/fhir", self._transaction, methods=["POST"]),
                Route("/fhir", self._further),
                Route("/fhir/{kind}/_search", self._search, methods=["POST"]),
                Route("/fhir/{kind}/{id}", self._read),
            ]
        )

    async def _metadata(self, request: Request) -> Response:
        self.calls.append("metadata")
        if len(self.calls) <= self._starting:
            return answer(outcome("transient"), 503)
        offered = [{"type": kind, "interaction": [{"code": "search-type"}]} for kind in TYPES]
        rest = [{"mode": "server", "resource": offered}]
        return answer({"resourceType": "CapabilityStatement", "fhirVersion": self._version, "rest": rest})

    async def _transaction(self, request: Request) -> Response:
        self.calls.append("transaction")
        bundle = json.loads(await request.body())
        entries = bundle["entry"]
        new = {e["request"]["url"]: e["resource"] for e in entries if e["request"]["method"] == "PUT"}
        if bundle["type"] != "transaction" or len(new) != len(entries):
            return answer(outcome("not-supported"), 400)
        for place, resource in new.items():
            if place != f"{resource['resourceType']}/{resource['id']}" or resource["id"].isdigit():
                return answer(outcome("invalid"), 400)
            if resource["resourceType"] == self._refuses:
                return answer(outcome("processing"), 422)
            if not set(references(resource)) <= {*self.held, *new}:
                return answer(outcome("not-found"), 400)
        codes = ["200 OK" if place in self.held else "201 Created" for place in new]
        self.held |= new
        self.transactions += 1
        said = [{"response": {"status": code}} for code in codes]
        return answer({"resourceType": "Bundle", "type": "transaction-response", "entry": said})

    async def _search(self, request: Request) -> Response:
        kind, asked = request.path_params["kind"], dict(await request.form())
        self.calls.append(f"search {kind}")
        of_kind = [r for place, r in self.held.items() if place.startswith(f"{kind}/")]
        found = [r for r in of_kind if matches(r, {k: str(v) for k, v in asked.items() if not k.startswith("_")})]
        return answer(self._page(kind, found, len(found)))

    async def _read(self, request: Request) -> Response:
        place = f"{request.path_params['kind']}/{request.path_params['id']}"
        self.calls.append(f"read {place}")
        return answer(self.held[place]) if place in self.held else answer(outcome("not-found"), 404)

    async def _further(self, request: Request) -> Response:
        kind, rest = self._pages.pop(request.query_params["_getpages"])
        return answer(self._page(kind, rest, None))

    def _page(self, kind: str, found: list[Json], total: int | None) -> Json:
        entries = [
            {"fullUrl": f"{self.base}/{kind}/{r['id']}", "resource": r, "search": {"mode": "match"}}
            for r in found[:PAGE]
        ]  # fmt: skip
        page: Json = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        if total is not None:
            page["total"] = total
        if found[PAGE:]:
            key = str(uuid.uuid4())
            self._pages[key] = (kind, found[PAGE:])
            page["link"] = [{"relation": "next", "url": f"{self.base}?_getpages={key}&_bundletype=searchset"}]
        return page


def matches(resource: Json, asked: Mapping[str, str]) -> bool:
    for name, value in asked.items():
        if name == "identifier":
            held: set[str | None] = {f"{one['system']}|{one['value']}" for one in resource.get("identifier", [])}
        elif name == "patient":
            held = {(resource.get("subject") or resource.get("patient") or {}).get("reference")}
        elif name == "status":
            held = {resource.get("status")}
        else:
            raise AssertionError(f"the server does not know the parameter {name}")
        if value not in held:
            return False
    return True


def references(tree: Any) -> Iterator[str]:
    """Every literal reference inside a resource."""
    if isinstance(tree, dict):
        if isinstance(tree.get("reference"), str):
            yield tree["reference"]
        for value in tree.values():
            yield from references(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from references(value)


def outcome(code: str) -> Json:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]}


def answer(tree: Json, status: int = 200) -> Response:
    return Response(json.dumps(tree), status, media_type="application/fhir+json")


@contextmanager
def running(server: FhirServer) -> Iterator[FhirServer]:
    """The server on a free loopback port, in a thread of its own."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server.base = f"http://127.0.0.1:{listening.getsockname()[1]}/fhir"
    own = uvicorn.Server(uvicorn.Config(server.app, log_level="critical", lifespan="off", ws="none"))
    thread = threading.Thread(target=own.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not own.started and thread.is_alive():
        time.sleep(0.01)
    yield server
    own.should_exit = True
    thread.join(timeout=10)
    listening.close()
