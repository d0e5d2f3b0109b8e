"""Three organisations as FHIR servers: a GP practice (STU3), a hospital and a community pharmacy (R4).

They answer as such servers do, also badly: each person's `trouble` says which organisation is down, refuses, is slow or
loses a page. They hold no secret and bind to loopback only.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.demo.documents import Documents
from gateway.demo.records_r4 import NHS_NUMBER, encounter, hospital_records, patient, pharmacy_records
from gateway.demo.records_stu3 import structured_record
from gateway.demo.stories import Holding, Stories, StoryPatient, Trouble, Visitor

Tree = dict[str, Any]
Now = Callable[[], dt.datetime]

_FHIR = "application/fhir+json"
_HOSPITAL_TYPES = ("Patient", "MedicationRequest", "MedicationStatement", "List", "AllergyIntolerance", "Encounter",
                   "Condition", "Observation")  # fmt: skip
_PHARMACY_TYPES = ("Patient", "MedicationDispense", "MedicationRequest")


def gp_practice(stories: Stories, now: Now) -> Starlette:
    """STU3 with the one operation that GP Connect offers for medicines."""
    people = {one.nhs_number: one for one in stories.patients}
    name = stories.organisations["gp"].name

    async def metadata(_: Request) -> Response:
        return answer(capability("3.0.1", ("Patient",)))

    async def operation(request: Request) -> Response:
        try:
            asked = json.loads(await request.body())
            number = asked["parameter"][0]["valueIdentifier"]["value"]
        except (ValueError, KeyError, IndexError, TypeError):
            return outcome(400, "invalid", "patientNHSNumber is missing")
        one = people.get(number)
        if one is None:
            return outcome(404, "not-found", "no such patient")
        refused = await troubled(one.gp.trouble)
        return refused or answer(structured_record(one, name, now()))

    routes = [
        Route("/metadata", metadata),
        Route("/Patient/$gpc.getstructuredrecord", operation, methods=["POST"]),
        Documents().route,
    ]
    return Starlette(routes=routes)


def hospital(stories: Stories, now: Now) -> Starlette:
    """R4 by search, UK Core style. Its records are of the moment it opened: asked twice, it says the same."""
    opened = now()

    def on_wards() -> list[Tree]:
        people: list[StoryPatient | Visitor] = [*stories.patients, *stories.visitors]
        stays = [
            encounter(one, opened) | ({"status": "finished"} if one.key in stories.finished else {}) for one in people
        ]
        return [*(patient(one) for one in people), *stays]

    return _searchable(
        stories, _HOSPITAL_TYPES, lambda one: hospital_records(one, stories, opened), lambda one: one.hospital,
        on_wards=on_wards,
    )  # fmt: skip


def pharmacy(stories: Stories, now: Now) -> Starlette:
    """R4 by search: dispenses."""
    return _searchable(
        stories,
        _PHARMACY_TYPES,
        lambda one: pharmacy_records(one, now()),
        lambda one: one.pharmacy,
        [Documents().route],
    )


def _searchable(
    stories: Stories,
    types: tuple[str, ...],
    records: Callable[[StoryPatient], list[Tree]],
    holding: Callable[[StoryPatient], Holding],
    further: Sequence[Route] = (),
    on_wards: Callable[[], list[Tree]] = list,
) -> Starlette:
    people = {one.key: one for one in stories.patients}

    async def metadata(_: Request) -> Response:
        return answer(capability("4.0.1", types))

    async def search(request: Request) -> Response:
        kind = request.path_params["kind"]
        if kind not in types:
            return outcome(404, "not-supported", f"no resource type {kind[:40]}")
        asked: Mapping[str, Any] = request.query_params
        if request.method == "POST":
            asked = await request.form()
        if asked.get("_id") or (kind == "Encounter" and asked.get("status")):
            # Not about one patient: who is on the wards, or records by their ids.
            ids, statuses = (set(str(asked.get(name, "")).split(",")) - {""} for name in ("_id", "status"))
            meant = [r for r in on_wards() if _is(r, kind) and (r["id"] in ids or not ids)]
            meant = [r for r in meant if not statuses or r.get("status") in statuses]
            return answer(_page(request, kind, meant, {"_id": ""}, 0, len(meant)))
        if kind == "Patient":
            number = str(asked.get("identifier", "")).removeprefix(f"{NHS_NUMBER}|")
            found = [r for p in people.values() if p.nhs_number == number for r in records(p) if _is(r, "Patient")]
            return answer(_page(request, kind, found, {"identifier": str(asked.get("identifier", ""))}, 0, 50))
        one = people.get(str(asked.get("patient", "")).removeprefix("Patient/"))
        if one is None:
            return answer(_page(request, kind, [], {"patient": ""}, 0, 50))
        trouble, start = holding(one).trouble, int(asked.get("start", 0))
        refused = await troubled(trouble, medicines=kind.startswith("Medication"), further_page=start > 0)
        if refused:
            return refused
        found = [r for r in records(one) if _is(r, kind)]
        return answer(_page(request, kind, found, {"patient": f"Patient/{one.key}"}, start, holding(one).page))

    routes = [
        Route("/metadata", metadata),
        Route("/{kind}/_search", search, methods=["POST"]),
        *further,
        Route("/{kind}", search),
    ]
    return Starlette(routes=routes)


def _is(resource: Tree, kind: str) -> bool:
    return bool(resource["resourceType"] == kind)


async def troubled(trouble: Trouble, *, medicines: bool = True, further_page: bool = False) -> Response | None:
    """The answer that the trouble makes of this call, None where it goes well (after a wait, where it is slow)."""
    if trouble.slow_s and medicines:
        await asyncio.sleep(trouble.slow_s)
    if trouble.down:
        return outcome(503, "transient", "the service is not available")
    if trouble.refuses:
        return outcome(403, "forbidden", "the patient's record is not shared")
    if trouble.loses_pages and further_page:
        return outcome(500, "exception", "the result set is gone")
    return None


def _page(request: Request, kind: str, found: list[Tree], asked: dict[str, str], start: int, size: int) -> Tree:
    base = str(request.base_url)
    links = [{"relation": "self", "url": f"{base}{kind}?{urlencode(asked)}"}]
    if start + size < len(found):
        links.append({"relation": "next", "url": f"{base}{kind}?{urlencode(asked | {'start': str(start + size)})}"})
    entries = [
        {"fullUrl": f"{base}{kind}/{r['id']}", "resource": r, "search": {"mode": "match"}}
        for r in found[start : start + size]
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": links, "entry": entries}


def capability(version: str, types: tuple[str, ...]) -> Tree:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-01",
        "kind": "instance",
        "fhirVersion": version,
        "format": ["json"],
        "rest": [
            {"mode": "server", "resource": [{"type": t, "interaction": [{"code": "search-type"}]} for t in types]}
        ],
    }


def outcome(status: int, code: str, words: str) -> Response:
    issue = {"severity": "error", "code": code, "diagnostics": words}
    return answer({"resourceType": "OperationOutcome", "issue": [issue]}, status)


def answer(tree: Tree, status: int = 200) -> Response:
    return Response(json.dumps(tree), status, media_type=_FHIR)
