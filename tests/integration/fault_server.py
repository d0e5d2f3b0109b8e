"""A small organisation that misbehaves on demand: raw asyncio, so that it can do what no web framework would.

`http://127.0.0.1:PORT/FAULT/fhir` is an R4 server with one patient and three medicines that shows the fault named.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

from conformance.safety.raw_http import Json, RawAnswer, RawRequest, RawServer

NHS = "9990000018"
OTHER_NHS = "9990000026"
SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"

#: Writes the whole answer. Given the writer, method, the path below /FAULT/fhir/, and the ordinary resource.
Fault = Callable[["Exchange"], Awaitable[None]]


class Exchange(RawAnswer):
    """One request and the way to answer it."""

    def __init__(
        self, server: FaultServer, writer: asyncio.StreamWriter, method: str, target: str, body: bytes
    ) -> None:
        super().__init__(writer)
        self.server, self.method, self.body = server, method, body
        parts = urlsplit(target)
        _, self.fault, _, *rest = parts.path.split("/")
        self.path = "/".join(rest)
        self.query = parse_qs(parts.query)
        self.base = f"http://127.0.0.1:{server.port}/{self.fault}/fhir"

    @property
    def kind(self) -> str:
        return self.path.split("/")[0]

    async def ordinary(self) -> None:
        tree = resource(self)
        await self.json(tree or outcome("not-found"), 200 if tree else 404)


class FaultServer(RawServer):
    """Use as `async with FaultServer() as server`; `asked` holds (fault, method, path) of every request."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str, str]] = []
        self.heads: list[str] = []

    def url(self, fault: str) -> str:
        return f"http://127.0.0.1:{self.port}/{fault}/fhir"

    async def answer(self, request: RawRequest, writer: asyncio.StreamWriter) -> None:
        self.heads.append(request.head)
        exchange = Exchange(self, writer, request.method, request.target, request.body)
        self.asked.append((exchange.fault, exchange.method, exchange.path))
        await FAULTS[exchange.fault](exchange)


def outcome(code: str) -> Json:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code, "diagnostics": NHS}]}


def patient(number: str = NHS, own: str = "p1") -> Json:
    return {
        "resourceType": "Patient",
        "id": own,
        "identifier": [{"system": SYSTEM, "value": number}],
        "name": [{"family": "Testcase", "given": ["Faulty"]}],
        "birthDate": "1950-01-01",
    }


def statement(n: int, subject: str = "p1") -> Json:
    names = ["Bisoprolol 2.5mg tablets", "Ramipril 5mg capsules", "Omeprazole 20mg gastro-resistant capsules"]
    return {
        "resourceType": "MedicationStatement",
        "id": f"m{n}",
        "status": "active",
        "medicationCodeableConcept": {"text": names[n % 3]},
        "subject": {"reference": f"Patient/{subject}"},
        "dosage": [{"text": "One to be taken daily"}],
    }


def bundle(*resources: Json, total: int | None = None, following: str | None = None) -> Json:
    tree: Json = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(resources) if total is None else total,
        "entry": [{"resource": r, "search": {"mode": "match"}} for r in resources],
    }
    if following:
        tree["link"] = [{"relation": "next", "url": following}]
    return tree


def resource(at: Exchange) -> Json | None:
    if at.path == "metadata":
        kinds = ["Patient", "MedicationStatement", "AllergyIntolerance"]
        rest = [{"type": k, "interaction": [{"code": "search-type"}]} for k in kinds]
        return {
            "resourceType": "CapabilityStatement",
            "fhirVersion": "4.0.1",
            "rest": [{"mode": "server", "resource": rest}],
        }
    return {
        "Patient": bundle(patient()),
        "MedicationStatement": bundle(*(statement(n) for n in range(3))),
        "AllergyIntolerance": bundle(),
    }.get(at.kind)


async def healthy(at: Exchange) -> None:
    await at.ordinary()


def on_medicines(fault: Fault) -> Fault:
    """The fault on the search for medicines alone; everything else is in order."""

    async def answer(at: Exchange) -> None:
        await (fault(at) if at.kind == "MedicationStatement" else at.ordinary())

    return answer


async def unavailable(at: Exchange) -> None:
    await at.json(outcome("exception"), 503)


async def unavailable_once(at: Exchange) -> None:
    before = sum(1 for one in at.server.asked if one[0] == at.fault and one[2] == at.path)
    await (at.json(outcome("transient"), 503, {"Retry-After": "0"}) if before == 1 else at.ordinary())


async def unavailable_for_long(at: Exchange) -> None:
    await at.json(outcome("throttled"), 429, {"Retry-After": "1000000000"})


async def slow(at: Exchange) -> None:
    await asyncio.sleep(0.1)
    await at.ordinary()


async def html(at: Exchange) -> None:
    await at.send(200, b"<!DOCTYPE html><html><body>Please sign in</body></html>", media="text/html")


async def truncated(at: Exchange) -> None:
    body = json.dumps(resource(at)).encode()
    await at.send(200, body[: len(body) // 2])


async def short_length(at: Exchange) -> None:
    body = json.dumps(resource(at)).encode()
    await at.send(200, body[: len(body) // 2], length=len(body))


async def bomb(at: Exchange) -> None:
    await at.send(200, BOMB, {"Content-Encoding": "gzip"})


def _bomb() -> bytes:
    """300 MiB of zeros. After a full flush every block packs to the same bytes, so one is packed and repeated."""
    packer = zlib.compressobj(9, wbits=31)
    zeros = b"0" * (1024 * 1024)
    first = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + (packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)) * 299


BOMB = _bomb()


async def endless(at: Exchange) -> None:
    await at.send(200, b'{"resourceType": "Bundle", "x": "', length=-1)
    for _ in range(400):
        at.writer.write(b"a" * (128 * 1024))
        await at.writer.drain()


async def packed(at: Exchange) -> None:
    await at.send(200, gzip.compress(json.dumps(resource(at)).encode()), {"Content-Encoding": "gzip"})


async def redirect(at: Exchange) -> None:
    await at.send(302, b"", {"Location": f"http://localhost:{at.server.port}/healthy/fhir/{at.path}"})


async def foreign_next(at: Exchange) -> None:
    there = f"http://localhost:{at.server.port}/healthy/fhir/MedicationStatement?page=2"
    await at.json(bundle(statement(0), statement(1), total=3, following=there))


async def next_to_itself(at: Exchange) -> None:
    await at.json(bundle(statement(0), total=3, following=f"{at.base}/MedicationStatement?page=a"))


async def two_pages_in_a_circle(at: Exchange) -> None:
    here = at.query.get("page", ["a"])[0]
    there = "b" if here == "a" else "a"
    await at.json(bundle(statement(0 if here == "a" else 1), total=2, following=f"MedicationStatement?page={there}"))


async def fresh_pages_for_ever(at: Exchange) -> None:
    here = int(at.query.get("page", ["0"])[0])
    await at.json(bundle(statement(here), following=f"{at.base}/MedicationStatement?page={here + 1}"))


async def three_relative_pages(at: Exchange) -> None:
    here = int(at.query.get("page", ["0"])[0])
    following = (f"?page={here + 1}" if here else "MedicationStatement?page=1") if here < 2 else None
    await at.json(bundle(statement(here), total=3, following=following))


async def xml_page_of_one(at: Exchange) -> None:
    """In XML a list of one is a single element and numbers are texts."""
    if "page" in at.query:
        await at.json(bundle(statement(1), total=2))
        return
    one = statement(0)
    body = (
        '<Bundle xmlns="http://hl7.org/fhir"><total value="2"/><link><relation value="next"/>'
        f'<url value="{at.base}/MedicationStatement?page=2"/></link><entry><resource><MedicationStatement>'
        f'<id value="m0"/><status value="active"/><medicationCodeableConcept><text value="'
        f'{one["medicationCodeableConcept"]["text"]}"/></medicationCodeableConcept><subject><reference '
        'value="Patient/p1"/></subject></MedicationStatement></resource></entry></Bundle>'
    )
    await at.send(200, body.encode(), media="application/fhir+xml")


async def second_page_gone_once(at: Exchange) -> None:
    asked = sum(1 for one in at.server.asked if one[0] == at.fault and one[1] == "GET" and one[2] == at.path)
    if "page" in at.query and asked == 1:
        await at.json(outcome("deleted"), 410)
    elif "page" in at.query:
        await at.json(bundle(statement(2), total=3))
    else:
        following = f"{at.base}/MedicationStatement?page=2"
        await at.json(bundle(statement(0), statement(1), total=3, following=following))


async def second_page_down(at: Exchange) -> None:
    if "page" in at.query:
        await at.json(outcome("exception"), 500)
    else:
        following = f"{at.base}/MedicationStatement?page=2"
        await at.json(bundle(statement(0), statement(1), total=3, following=following))


async def total_too_high(at: Exchange) -> None:
    await at.json(bundle(statement(0), statement(1), total=14))


async def trickled_body(at: Exchange) -> None:
    body = json.dumps(resource(at)).encode()
    await at.send(200, b"", length=len(body))
    for byte in body:
        at.writer.write(bytes([byte]))
        await at.writer.drain()
        await asyncio.sleep(0.05)


async def trickled_head(at: Exchange) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 1000:
        at.writer.write(bytes([byte]))
        await at.writer.drain()
        await asyncio.sleep(0.05)


async def silence(at: Exchange) -> None:
    await asyncio.sleep(60)


async def reset(at: Exchange) -> None:
    at.writer.transport.abort()


async def other_patient_among(at: Exchange) -> None:
    await at.json(bundle(statement(0), statement(1, "p2"), statement(2)))


async def other_allergy(at: Exchange) -> None:
    if at.kind == "AllergyIntolerance":
        allergy = {
            "resourceType": "AllergyIntolerance",
            "id": "a1",
            "code": {"text": "Penicillin"},
            "patient": {"reference": "Patient/p2"},
        }
        await at.json(bundle(allergy))
    else:
        await at.ordinary()


async def not_found(at: Exchange) -> None:
    await at.json(outcome("not-found"), 404)


async def forbidden(at: Exchange) -> None:
    await at.json(outcome("forbidden"), 403)


async def empty(at: Exchange) -> None:
    await at.send(200, b"")


async def no_content(at: Exchange) -> None:
    await at.send(204, b"")


async def outcome_in_200(at: Exchange) -> None:
    await at.json(outcome("exception"))


async def no_patient(at: Exchange) -> None:
    await (at.json(bundle()) if at.kind == "Patient" else at.ordinary())


async def two_patients(at: Exchange) -> None:
    await (at.json(bundle(patient(), patient(own="p9"))) if at.kind == "Patient" else at.ordinary())


async def wrong_patient(at: Exchange) -> None:
    await (at.json(bundle(patient(OTHER_NHS))) if at.kind == "Patient" else at.ordinary())


async def replaced_patient(at: Exchange) -> None:
    link = [{"type": "replaced-by", "other": {"reference": "Patient/p7"}}]
    await (at.json(bundle(patient() | {"link": link})) if at.kind == "Patient" else at.ordinary())


async def lost_filter(at: Exchange) -> None:
    tree = resource(at) or {}
    tree["link"] = [{"relation": "self", "url": f"{at.base}/MedicationStatement?status=active"}]
    await at.json(tree)


async def ignores_forms(at: Exchange) -> None:
    """It looks at addresses alone (Asymmetrik's server): a search by POST answers with everybody, and says so."""
    if at.kind == "Patient" and at.method == "POST":
        tree = bundle(patient(), patient(OTHER_NHS, "p2"))
        await at.json(tree | {"link": [{"relation": "self", "url": f"{at.base}/Patient/_search"}]})
    elif at.method == "POST":
        await at.json(bundle(statement(0), statement(1, "p2")))
    else:
        await at.ordinary()


async def get_only(at: Exchange) -> None:
    await (at.send(405, b"") if at.method == "POST" else at.ordinary())


async def no_allergies(at: Exchange) -> None:
    await (unavailable(at) if at.kind == "AllergyIntolerance" else at.ordinary())


async def utf16(at: Exchange) -> None:
    await at.send(200, json.dumps(resource(at)).encode("utf-16"))


async def latin1(at: Exchange) -> None:
    await at.send(200, json.dumps(resource(at)).encode()[:-1] + b', "x": "\xe9"}')


FAULTS: dict[str, Fault] = {
    "healthy": healthy,
    "slow": slow,
    "packed": packed,
    "get-only": get_only,
    "ignores-forms": ignores_forms,
    "everything-down": unavailable,
    "reset": reset,
    "no-patient": no_patient,
    "two-patients": two_patients,
    "wrong-patient": wrong_patient,
    "replaced-patient": replaced_patient,
    "patient-404": not_found,
    "patient-empty": empty,
    "all-403": forbidden,
    "allergies-down": no_allergies,
    "other-allergy": other_allergy,
    "silence": silence,
    **{
        name: on_medicines(fault)
        for name, fault in {
            "503": unavailable,
            "503-once": unavailable_once,
            "429-for-long": unavailable_for_long,
            "html": html,
            "truncated": truncated,
            "short-length": short_length,
            "bomb": bomb,
            "endless": endless,
            "redirect": redirect,
            "foreign-next": foreign_next,
            "next-to-itself": next_to_itself,
            "circle": two_pages_in_a_circle,
            "fresh-pages": fresh_pages_for_ever,
            "relative-pages": three_relative_pages,
            "xml-page": xml_page_of_one,
            "gone-once": second_page_gone_once,
            "second-page-down": second_page_down,
            "total-too-high": total_too_high,
            "trickled-body": trickled_body,
            "trickled-head": trickled_head,
            "other-patient": other_patient_among,
            "medicines-404": not_found,
            "medicines-403": forbidden,
            "empty": empty,
            "204": no_content,
            "outcome": outcome_in_200,
            "lost-filter": lost_filter,
            "utf-16": utf16,
            "latin-1": latin1,
        }.items()
    },
}
