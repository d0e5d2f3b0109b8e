"""An organisation that takes documents over real HTTP, and can be told to answer badly first."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.demo.documents import Documents
from gateway.demo.loopback import served


class Receiver:
    """`answers` are given first, one each: a status, or `slow`; afterwards documents are taken."""

    def __init__(self, *answers: int | str) -> None:
        self.documents = Documents()
        self.answers = list(answers)
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.address = ""

    @property
    def keys(self) -> Counter[str]:
        """How often each Idempotency-Key came."""
        return Counter(one["idempotency-key"] for one in self.headers)

    async def take(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        self.bodies.append(await request.body())
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, str):
                await asyncio.sleep(3)
            else:
                issue = {"severity": "error", "code": "business-rule", "diagnostics": "Ann Example is unknown here"}
                return Response(
                    json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}),
                    answer,
                    media_type="application/fhir+json",
                )
        return await self.documents.take(request)


@contextmanager
def receiving(*answers: int | str) -> Iterator[Receiver]:
    one = Receiver(*answers)
    with served({"receiver": Starlette(routes=[Route("/Bundle", one.take, methods=["POST"])])}) as addresses:
        one.address = addresses["receiver"]
        yield one
