"""`python -m conformance.speed.fan_out`: asking 3, 10 and 50 organisations at once, beside plain httpx in the same run.

The organisations run in a process of their own and answer after 50 ms, so that what is measured is the gateway's.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from conformance.speed.many_organisations import MEDICINES, NHS, REQUESTS
from gateway.records.lists import ListState
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.sources.fetch import fetch_all
from gateway.sources.source import Dialect, Kind, PatientQuery, SourceSystem

DELAY_MS = 50.0
_SETTINGS = Settings(allowed_networks=("127.0.0.0/8",))
_QUERY = PatientQuery(identifier=NHS)
_OUT = Path(__file__).parents[2] / "build" / "fan_out.json"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@contextmanager
def organisations(count: int, milliseconds: float) -> Iterator[list[int]]:
    """Their ports."""
    call = [sys.executable, "-m", "conformance.speed.many_organisations", str(count), str(milliseconds)]
    with subprocess.Popen(call, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def source(port: int) -> SourceSystem:
    return SourceSystem(
        name=f"o{port}",
        organisation=f"Organisation {port}",
        kind=Kind.HOSPITAL,
        base_url=f"http://127.0.0.1:{port}",
        dialect=Dialect.GENERIC_R4,
    )


async def _fetch(sources: Sequence[SourceSystem], ways: Connections) -> float:
    """Milliseconds; a list that did not arrive would be fast, so all must be whole."""
    began = time.perf_counter()
    found = await fetch_all(sources, _QUERY, _SETTINGS, connections=ways)
    took = (time.perf_counter() - began) * 1000
    for one in found:
        if one.state is not ListState.COMPLETE or len(one.list.entries) != MEDICINES:
            raise AssertionError(f"{one.source.name} is {one.state.value}: {'; '.join(one.causes)}")
    return took


async def above_the_slowest(ports: Sequence[int], repeats: int) -> tuple[float, float]:
    """Medians in milliseconds: one organisation alone, and all at once; turn by turn, over open connections."""
    sources = [source(port) for port in ports]
    alone, together = [], []
    async with Connections(_SETTINGS) as ways:
        await _fetch(sources, ways)
        for _ in range(repeats):
            alone.append(await _fetch(sources[:1], ways))
            together.append(await _fetch(sources, ways))
    return statistics.median(alone), statistics.median(together)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def requests_per_cpu_second(ports: Sequence[int], count: int) -> tuple[float, float]:
    """Of the gateway's transport and of httpx's own client, the same requests, 32 at a time."""
    until = asyncio.get_running_loop().time() + 600

    async def ours(port: int, ways: Connections) -> None:
        path = "MedicationStatement/_search"
        answer = await ways.of(source(port)).call("POST", path, until=until, body=b"patient=p1", headers=_FORM)
        assert answer.status == 200

    async def plain(port: int, client: httpx.AsyncClient) -> None:
        url = f"http://127.0.0.1:{port}/MedicationStatement/_search"
        assert (await client.post(url, content=b"patient=p1", headers=_FORM)).status_code == 200

    async def spent(each: Any) -> float:
        numbers = iter(range(count))

        async def worker() -> None:
            for n in numbers:
                await each(ports[n % len(ports)])

        began = _cpu()
        await asyncio.gather(*(worker() for _ in range(32)))
        return count / (_cpu() - began)

    async with Connections(_SETTINGS) as ways, httpx.AsyncClient(timeout=60) as client:
        await spent(lambda port: ours(port, ways))
        await spent(lambda port: plain(port, client))
        return await spent(lambda port: ours(port, ways)), await spent(lambda port: plain(port, client))


async def many_patients(ports: Sequence[int], count: int) -> tuple[float, int]:
    """Seconds for so many patients' fetches at once over these organisations, and the most connections to one."""
    sources = [source(port) for port in ports]
    async with Connections(_SETTINGS) as ways:
        began = time.perf_counter()
        await asyncio.gather(*(_fetch(sources, ways) for _ in range(count)))
        took = time.perf_counter() - began
        answer = await ways.of(sources[0]).call("GET", "most", until=asyncio.get_running_loop().time() + 5)
    return took, max(json.loads(answer.body).values())


async def cpu_per_resource(ports: Sequence[int], repeats: int) -> tuple[float, float]:
    """Microseconds of processor for one fetched medicine: the whole fetch, and parsing alone of the same bodies."""
    from conformance.speed.many_organisations import _Organisation

    sources = [source(port) for port in ports]
    async with Connections(_SETTINGS) as ways:
        await _fetch(sources, ways)
        began = _cpu()
        for _ in range(repeats):
            await _fetch(sources, ways)
        whole = (_cpu() - began) / (repeats * len(ports) * MEDICINES)
    bodies = [body for kind, body in _Organisation.bodies.items() if kind != "metadata"]
    parse, _ = _parser()
    began = _cpu()
    for _ in range(repeats * len(ports) * 20):
        for body in bodies:
            parse(body)
    parsing = (_cpu() - began) / (repeats * len(ports) * 20 * MEDICINES)
    return whole * 1e6, parsing * 1e6


def _parser() -> tuple[Callable[[bytes], object], str]:
    """A bench-only requirement, else the standard library's."""
    try:
        import orjson
    except ImportError:
        return json.loads, "json (orjson is not installed)"
    return orjson.loads, "orjson"


def main() -> None:
    rows: list[tuple[str, str, str]] = []
    with organisations(50, DELAY_MS) as ports:
        for count in (3, 4, 10, 50):
            alone, together = asyncio.run(above_the_slowest(ports[:count], 15))
            goal = {4: "at most 3 ms above", 10: "ratio 1.2 or less"}.get(count, "")
            words = f"{together:.1f} ms, {together - alone:.1f} ms above one alone ({alone:.1f} ms)"
            words += f", ratio {together / alone:.2f}"
            rows.append((f"{count} organisations at {DELAY_MS:g} ms each", words, goal))
        took, most = asyncio.run(many_patients(ports[:3], 500))
        rows.append(
            (
                "500 patients at once over 3 organisations",
                f"{took:.1f} s, no error, {most} connections at most",
                "8 a source",
            )
        )
    with organisations(4, 0) as ports:
        ours, plain = asyncio.run(requests_per_cpu_second(ports, 2000))
        words = f"{ours:,.0f}; httpx's client {plain:,.0f}; {ours / plain:.1f} times"
        rows.append(("requests per second of processor", words, "4 times or more"))
        whole, parsing = asyncio.run(cpu_per_resource(ports, 20))
        words = f"{whole:.0f} µs; {_parser()[1]} alone {parsing:.1f} µs; {REQUESTS} requests for {MEDICINES} medicines"
        rows.append(("processor for one fetched medicine", words, ""))
    table = Table(title="Asking many organisations, one run", title_justify="left")
    for column in ("What", "measured", "goal"):
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    Console(width=150).print(table)
    _OUT.parent.mkdir(exist_ok=True)
    _OUT.write_text(
        json.dumps([dict(zip(("what", "measured", "goal"), row, strict=True)) for row in rows], indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
