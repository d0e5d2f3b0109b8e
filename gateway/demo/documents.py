"""How the demo's practice and pharmacy take documents: `POST /Bundle`, the same one once however often it comes."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_FHIR = "application/fhir+json"


class Documents:
    """What was taken, by identifier, in memory; `received` counts the requests, repeated ones too."""

    def __init__(self) -> None:
        self.taken: dict[str, str] = {}
        self.received = 0

    @property
    def route(self) -> Route:
        return Route("/Bundle", self.take, methods=["POST"])

    async def take(self, request: Request) -> Response:
        """201 for a new document, 200 for one that is there, both with its address; 400 and 422 for what is none."""
        self.received += 1
        try:
            tree = json.loads(await request.body())
            identifier = str(tree["identifier"]["value"])
            document = (tree["resourceType"], tree["type"]) == ("Bundle", "document")
        except (ValueError, KeyError, TypeError):
            return _outcome(400, "structure")
        if not document:
            return _outcome(422, "value")
        asked = parse_qs(request.headers.get("if-none-exist", "")).get("identifier", [identifier])[0]
        if asked.rpartition("|")[2] != identifier:
            return _outcome(422, "conflict")
        new = identifier not in self.taken
        place = self.taken.setdefault(identifier, uuid4().hex)
        return Response(
            status_code=201 if new else 200, headers={"location": f"{request.base_url}Bundle/{place}"}, media_type=_FHIR
        )


def _outcome(status: int, code: str) -> Response:
    tree: dict[str, Any] = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]}
    return Response(json.dumps(tree), status, media_type=_FHIR)
