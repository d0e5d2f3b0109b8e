"""Play a fault of the catalogue before one organisation and judge what the gateway made of it.

Whatever the fault: nothing raises, the deadline holds, the other lists are what they are without it, no medicine is
missing from a list that calls itself complete, and nothing that is said names the patient.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import Struct

from conformance.safety.certificates import Authority, pem_of
from conformance.safety.organisations import DEADLINE_S, NOW, PATIENT, POSITIONS, Ways, behind_proxies, fetch
from conformance.safety.plays import PLAYS
from conformance.safety.proxy import Exchange, FaultProxy
from gateway.actions.reconcile import load_knowledge, reconcile
from gateway.errors import InputError, PatientMismatch
from gateway.records.dates import LONDON
from gateway.records.lists import ListState
from gateway.records.reconciliation import Reconciliation
from gateway.review.changes import changes
from gateway.sources.credentials import Credentials, SignInKind
from gateway.sources.source import Fetched

CATALOGUE = Path(__file__).parent / "catalogue.yaml"


class Instead(Struct, frozen=True, forbid_unknown_fields=True):
    expect: str
    why: str


class Fault(Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the catalogue; `play` names one or several plays. `whole`: nothing of the list may be used."""

    number: int
    words: str
    play: str
    expect: str
    state: ListState | None = None
    whole: bool = False
    instead: dict[str, Instead] = {}
    only: tuple[str, ...] = POSITIONS


class Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    faults: tuple[Fault, ...]


class Result(Struct, frozen=True, kw_only=True):
    """One fault at one position. `wrong` names in words what should not be; empty where all is well."""

    number: int
    words: str
    play: str
    position: str
    expect: str
    outcome: str
    seconds: float
    wrong: tuple[str, ...]


def catalogue() -> Catalogue:
    return msgspec.convert(yaml.safe_load(CATALOGUE.read_text(encoding="utf-8")), Catalogue)


class Drill:
    """Use as `async with Drill() as drill`."""

    async def __aenter__(self) -> Drill:
        self._stack = AsyncExitStack()
        self.proxies = await self._stack.enter_async_context(behind_proxies())
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="medrec-drill-")))
        self._knowledge = load_knowledge()
        self._healthy = {one.list.name: one for one in await fetch(self.proxies)}
        assert all(one.state is ListState.COMPLETE for one in self._healthy.values())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def play(self, fault: Fault, name: str, position: str) -> Result:
        for proxy in self.proxies.values():
            proxy.play(Exchange.ordinary)
        expect = fault.instead[position].expect if position in fault.instead else fault.expect
        began = time.monotonic()
        wrong: list[str] = []
        outcome = ""
        try:
            found, stopped, ways = await self._fetched(name, position)
            outcome, wrong = self._judge(fault, expect, position, found, stopped, ways)
        except Exception as error:  # whatever a fault does, it is a row of the table
            wrong = [f"raised {type(error).__name__}"]
        seconds = time.monotonic() - began
        if seconds > DEADLINE_S + 1.0 and name != "vanished":
            wrong.append(f"took {seconds:.1f} s with a deadline of {DEADLINE_S} s")
        return Result(
            number=fault.number,
            words=fault.words,
            play=name,
            position=position,
            expect=expect,
            outcome=outcome,
            seconds=round(seconds, 2),
            wrong=tuple(wrong),
        )

    async def _fetched(self, name: str, position: str) -> tuple[tuple[Fetched, ...], str | None, Mapping[str, Ways]]:
        if name == "wrong-check-digit":
            try:
                return await fetch(self.proxies, number=PATIENT.nhs_number[:-1] + "0"), None, {}
            except InputError as error:
                return (), error.words, {}
        async with AsyncExitStack() as stack:
            ways = {position: found} if (found := await self._ways(name, position, stack)) else {}
            if name in PLAYS:
                self.proxies[position].play(PLAYS[name])
            elif name in _OWN:
                self.proxies[position].play(_OWN[name])
            lists = await fetch(self.proxies, ways)
        try:
            self._reconciled(lists)
        except PatientMismatch as error:
            return lists, error.words, ways
        return lists, None, ways

    async def _ways(self, name: str, position: str, stack: AsyncExitStack) -> Ways | None:
        proxy = self.proxies[position]
        kind, _, value = name.partition(":")
        if kind == "address":
            return Ways(base_url=value, allowed=())
        if kind == "resolves":
            return Ways(base_url="https://fhir.example.nhs.uk/r4", look_up=_resolving(value.split()), allowed=())
        if kind == "plain-http":
            return Ways(base_url="http://fhir.example.nhs.uk/r4", look_up=_resolving(["93.184.216.34"]), allowed=())
        if kind == "rebinding":
            answers = iter([["127.0.0.1"]] + [["169.254.169.254"]] * 99)
            return Ways(base_url=f"http://fhir.internal:{proxy.port}", look_up=lambda _h, _p: _soon(next(answers)))
        if kind == "no-name":
            return Ways(base_url="https://no-such-host.invalid/r4", look_up=_no_name)
        if kind == "refused-connection":
            return Ways(base_url=f"http://127.0.0.1:{_closed_port()}/")
        if kind == "token-down":
            return Ways(credentials=_smart(f"http://127.0.0.1:{_closed_port()}/token"))
        if kind == "tls":
            port, authority = await _tls_server(value, self._folder, stack)
            trust = Credentials(trusted_ca=authority.pem) if value != "self-signed" else None
            return Ways(base_url=f"https://localhost:{port}", credentials=trust, allowed=("127.0.0.0/8", "::1/128"))
        return None

    def _reconciled(self, lists: Sequence[Fetched]) -> Reconciliation:
        return reconcile([one.list for one in lists], self._knowledge, NOW.astimezone(LONDON).date())

    def _judge(
        self,
        fault: Fault,
        expect: str,
        position: str,
        lists: Sequence[Fetched],
        stopped: str | None,
        ways: Mapping[str, Ways],
    ) -> tuple[str, list[str]]:
        said = [stopped or "", *(c for one in lists for c in (*one.causes, *one.list.warnings))]
        wrong = ["the patient's number is said"] if any(PATIENT.nhs_number in text for text in said) else []
        if expect == "stopped":
            return f"stopped: {stopped}", wrong + ([] if stopped else ["it was not stopped"])
        if stopped:
            return f"stopped: {stopped}", [*wrong, "it was stopped"]
        others = [one for one in lists if one.list.name != position]
        changed = [one.list.name for one in others if _content(one) != _content(self._healthy[one.list.name])]
        wrong += [f"the list {name} is another one" for name in changed]
        it = next(one for one in lists if one.list.name == position)
        wrong += self._of_list(fault, expect, it, self._healthy[position])
        if expect == "refused" and position in ways and self.proxies[position].asked:
            wrong.append("it was connected to")
        causes = "; ".join(it.causes)[:160]
        return f"{it.state.value}{': ' + causes if causes else ''}", wrong

    def _of_list(self, fault: Fault, expect: str, it: Fetched, healthy: Fetched) -> list[str]:
        """Each rule of the table: whether it is broken, and the words for that."""
        entries, before = len(it.list.entries), len(healthy.list.entries)
        unread, aside = len(it.list.quarantined), len(it.list.set_aside) - len(healthy.list.set_aside)
        complete = it.state is ListState.COMPLETE
        whole, counts = complete and entries == before, f"{entries} of {before} entries"
        rules = {
            "received is not entries + set aside + not understood": it.list.received
            != entries + unread + len(it.list.set_aside),
            "SILENT OMISSION: the list calls itself complete": complete and entries + max(0, aside) + unread < before,
            f"the list is {it.state.value}": fault.state is not None and it.state is not fault.state,
            "something of the answer was used": fault.whole and entries > 0,
            f"{counts}, {unread} not understood": expect == "quarantined" and not (unread and entries == before - 1),
            f"the list is {it.state.value} with {counts}": expect in _WHOLE and not whole,
            f"complete {complete}, {counts}, {aside} set aside": expect == "set-aside"
            and not (complete and entries == before - 1 and aside >= 1),
            f"{aside} set aside, not 1": expect == "deduplicated" and aside != 1,
        }
        if expect in {"not-complete", "refused"}:
            rules |= {"it calls itself complete": complete, "no cause is said": not complete and not it.causes}
        if expect == "not-current":
            now, then = (_current(self._reconciled([one])) for one in (it, healthy))
            rules["it counts as current"] = now != then - 1
        wrong = [words for words, broken in rules.items() if broken]
        return wrong + (self._vanished(it, healthy) if fault.play == "vanished" else [])

    def _vanished(self, it: Fetched, healthy: Fetched) -> list[str]:
        """Without the fault nothing changed; with its first item taken away, that is said."""
        entries = healthy.list.entries[1:]
        less = msgspec.structs.replace(healthy, list=msgspec.structs.replace(healthy.list, entries=entries))
        found = changes(self._reconciled([it]), self._reconciled([less]))
        return [] if [one.what for one in found] == ["gone"] else ["the change is not said"]


#: Every entry is there.
_WHOLE = frozenset({"kept", "followed", "not-current", "deduplicated"})


def _content(one: Fetched) -> tuple[object, ...]:
    return (one.state, tuple(e.id for e in one.list.entries), one.causes)


def _current(one: Reconciliation) -> int:
    return sum(entry.current for each in one.lists for entry in each.entries)


def _resolving(addresses: list[str]) -> Any:
    async def look_up(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return look_up


async def _soon(addresses: list[str]) -> Sequence[str]:
    return addresses


async def _no_name(_host: str, _port: int) -> Sequence[str]:
    raise socket.gaierror


def _closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _smart(token_url: str) -> Credentials:
    from cryptography.hazmat.primitives.asymmetric import ec

    key = pem_of(ec.generate_private_key(ec.SECP384R1()))
    return Credentials(
        kind=SignInKind.SMART_BACKEND,
        token_url=token_url,
        client_id="gateway",
        key_id="1",
        algorithm="ES384",
        scope="system/*.rs",
        private_key=key,
    )


async def _tls_server(kind: str, folder: Path, stack: AsyncExitStack) -> tuple[int, Authority]:
    authority = Authority(folder)
    how: dict[str, dict[str, object]] = {"expired": {"days": -1, "ago": 5}, "other-host": {"host": "elsewhere.example"}}
    certificate, key = authority.files(kind, **how.get(kind, {}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if kind == "old":
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that it is deprecated is the point
            context.maximum_version = context.minimum_version = ssl.TLSVersion.TLSv1_1

    async def nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(nothing, "127.0.0.1", 0, ssl=context)
    stack.callback(server.close)
    return int(server.sockets[0].getsockname()[1]), authority


async def _without_allergies(at: Exchange) -> None:
    """Nothing is recorded: an empty answer, or GP Connect's empty list of allergies."""
    if at.path.startswith("AllergyIntolerance"):
        await at.json({"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": []})
    else:
        await at.ordinary()


_OWN = {"allergies": _without_allergies}

__all__ = ["CATALOGUE", "Drill", "Fault", "FaultProxy", "Result", "catalogue"]
