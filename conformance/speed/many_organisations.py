"""Many small organisations in a process of their own, each on a port, that answer after a set time.

`python -m conformance.speed.many_organisations COUNT MILLISECONDS` prints the ports as JSON and serves until ended.
"""

from __future__ import annotations

import asyncio
import json
import sys

NHS = "9990147213"
#: Medicines of each organisation's one patient.
MEDICINES = 10
#: Requests that one fetch makes once the CapabilityStatement is known: the patient, and each type offered.
REQUESTS = 4

_NAMES = ("Amlodipine 5mg tablets", "Ramipril 5mg capsules", "Bisoprolol 2.5mg tablets", "Omeprazole 20mg capsules")


def _bodies() -> dict[str, bytes]:
    patient: dict[str, object] = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": NHS}],
    }
    statements: list[dict[str, object]] = [
        {
            "resourceType": "MedicationStatement",
            "id": f"m{n}",
            "status": "active",
            "subject": {"reference": "Patient/p1"},
            "medicationCodeableConcept": {"text": _NAMES[n % 4]},
            "dosage": [{"text": "One to be taken daily"}],
        }
        for n in range(MEDICINES)
    ]
    kinds = ("Patient", "MedicationStatement", "AllergyIntolerance", "Condition")
    rest = [{"type": k, "interaction": [{"code": "search-type"}]} for k in kinds]
    statement = {
        "resourceType": "CapabilityStatement",
        "fhirVersion": "4.0.1",
        "rest": [{"mode": "server", "resource": rest}],
    }
    found: dict[str, list[dict[str, object]]] = {"Patient": [patient], "MedicationStatement": statements}
    return {"metadata": json.dumps(statement).encode()} | {
        kind: json.dumps(
            {
                "resourceType": "Bundle",
                "type": "searchset",
                "total": len(found.get(kind, [])),
                "entry": [{"resource": r} for r in found.get(kind, [])],
            }
        ).encode()
        for kind in kinds
    }


class _Organisation(asyncio.Protocol):
    """HTTP/1.1 with kept connections, as little as a client needs; `most` is how many were open at once."""

    bodies = _bodies()
    open_now: dict[int, int] = {}
    most: dict[int, int] = {}

    def __init__(self, delay: float) -> None:
        self._delay, self._data = delay, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._port: int = transport.get_extra_info("sockname")[1]
        self.open_now[self._port] = self.open_now.get(self._port, 0) + 1
        self.most[self._port] = max(self.most.get(self._port, 0), self.open_now[self._port])

    def connection_lost(self, exc: Exception | None) -> None:
        self.open_now[self._port] -= 1

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, end, rest = self._data.partition(b"\r\n\r\n")
        if not end:
            return
        length = next(
            (int(x.split(b":")[1]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length")), 0
        )
        if len(rest) < length:
            return
        self._data = rest[length:]
        kind = head.split(b" ")[1].decode().lstrip("/").split("/")[0]
        body = json.dumps(self.most).encode() if kind == "most" else self.bodies.get(kind, b"{}")
        answer = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
        asyncio.get_running_loop().call_later(self._delay, self._send, answer)

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


async def serve(count: int, milliseconds: float) -> None:
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(lambda: _Organisation(milliseconds / 1000), "127.0.0.1", 0) for _ in range(count)
    ]
    sys.stdout.write(json.dumps([one.sockets[0].getsockname()[1] for one in servers]) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
