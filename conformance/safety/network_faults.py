"""Faults of the connection, the transfer, status codes, redirects, paging and bodies that are no FHIR."""

from __future__ import annotations

import asyncio
import json
import zlib
from functools import cache
from typing import Any
from xml.etree import ElementTree

from conformance.safety.proxy import Exchange, Fault
from conformance.safety.raw_http import Json

_GZIP = {"Content-Encoding": "gzip"}


def on_medicines(fault: Fault) -> Fault:
    """The fault on what holds medicines alone; everything else is in order."""

    async def answer(at: Exchange) -> None:
        await (fault(at) if at.about_medicines else at.ordinary())

    return answer


def redirected(host: str) -> Fault:
    async def answer(at: Exchange) -> None:
        there = f"http://{host}:{at.proxy.port}/{at.path}"
        await at.send(302, b"", {"Location": there})

    return on_medicines(answer)


def followed_by(link: str) -> Fault:
    """A page that announces another one, which is never there; `{base}` is the source's own address."""

    async def answer(at: Exchange) -> None:
        if "page=" in at.query:
            await at.json(
                {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}, 404
            )
            return
        await at.json(_with_next(at, link.format(base=at.proxy.base, path=at.path.removesuffix("/_search"))))

    return on_medicines(answer)


def status(code: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Fault:
    async def answer(at: Exchange) -> None:
        await at.send(code, body, headers)

    return on_medicines(answer)


def said(body: bytes, media: str = "application/fhir+json", code: int = 200) -> Fault:
    async def answer(at: Exchange) -> None:
        await at.send(code, body, media=media)

    return on_medicines(answer)


def _with_next(at: Exchange, url: str) -> Json:
    tree = at.tree
    links = [one for one in tree.get("link", ()) if one.get("relation") != "next"]
    return tree | {"link": [*links, {"relation": "next", "url": url}]}


@on_medicines
async def reset(at: Exchange) -> None:
    at.writer.transport.abort()


@on_medicines
async def bomb(at: Exchange) -> None:
    await at.send(200, _bomb(), _GZIP)


@cache
def _bomb() -> bytes:
    """300 MiB of zeros. After a full flush every block packs to the same bytes, so one is packed and repeated."""
    packer = zlib.compressobj(9, wbits=31)
    zeros = b"0" * (1024 * 1024)
    first = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + (packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)) * 299


@on_medicines
async def endless_body(at: Exchange) -> None:
    await at.send(200, b'{"resourceType": "Bundle", "x": "', length=-1)
    for _ in range(400):
        at.writer.write(b"a" * (128 * 1024))
        await at.writer.drain()


@on_medicines
async def trickled_body(at: Exchange) -> None:
    await at.send(200, b"", length=len(at.body))
    for byte in at.body:
        at.writer.write(bytes([byte]))
        await at.writer.drain()
        await asyncio.sleep(0.05)


@on_medicines
async def trickled_head(at: Exchange) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 2000:
        at.writer.write(bytes([byte]))
        await at.writer.drain()
        await asyncio.sleep(0.05)


@on_medicines
async def silence(at: Exchange) -> None:
    await asyncio.sleep(60)


@on_medicines
async def short_length(at: Exchange) -> None:
    await at.send(200, at.body[: len(at.body) // 2], length=len(at.body))


@on_medicines
async def cut_json(at: Exchange) -> None:
    await at.send(200, at.body[: len(at.body) * 2 // 3])


@on_medicines
async def xml_instead(at: Exchange) -> None:
    """The same Bundle in FHIR's XML, although JSON was asked for."""
    await at.send(200, as_xml(at.tree), media="application/fhir+xml")


def as_xml(tree: Json) -> bytes:
    """A resource in FHIR's XML. Elements stand in the order of the JSON, which readers need not mind."""
    root = ElementTree.Element(tree["resourceType"], {"xmlns": "http://hl7.org/fhir"})
    _fill(root, tree)
    return ElementTree.tostring(root)


def _fill(parent: ElementTree.Element, tree: Json) -> None:
    for name, value in tree.items():
        for one in value if isinstance(value, list) else [value]:
            if name == "resourceType":
                continue
            if name == "url" and parent.tag == "extension":
                parent.set("url", one)
                continue
            child = ElementTree.SubElement(parent, name)
            if not isinstance(one, dict):
                child.set("value", str(one).lower() if isinstance(one, bool) else str(one))
            elif "resourceType" in one:
                _fill(ElementTree.SubElement(child, one["resourceType"]), one)
            else:
                _fill(child, one)


@on_medicines
async def invalid_utf8(at: Exchange) -> None:
    await at.send(200, at.body[:-1] + b', "x": "\xe9"}')


@on_medicines
async def utf16(at: Exchange) -> None:
    await at.send(200, at.body.decode().encode("utf-16"))


@on_medicines
async def deep(at: Exchange) -> None:
    await at.send(200, at.body[:-1] + b', "x": ' + b'{"a":' * 80 + b"1" + b"}" * 80 + b"}")


@on_medicines
async def many_entries(at: Exchange) -> None:
    tree = at.tree
    entry = {"resource": {"resourceType": "Basic"}}
    tree["entry"] = tree["entry"] + [entry] * 100_000
    await at.send(200, json.dumps(tree).encode())


@on_medicines
async def unavailable(at: Exchange) -> None:
    await at.json({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}, 503)


def unavailable_once(headers: dict[str, str]) -> Fault:
    @on_medicines
    async def answer(at: Exchange) -> None:
        if at.path in at.proxy.once:
            await at.ordinary()
            return
        at.proxy.once.add(at.path)
        await at.send(503, b"", headers)

    return answer


@on_medicines
async def gone_in_the_middle(at: Exchange) -> None:
    """The second page was withdrawn (410), each time."""
    if "page=" in at.query:
        await at.send(410, b"")
    else:
        await at.json(_with_next(at, f"{at.proxy.base}/{at.path.removesuffix('/_search')}?page=2"))


async def next_gone(at: Exchange) -> None:
    if "page=" in at.query:
        await at.send(410, b"")
    elif at.about_medicines:
        await at.json(_with_next(at, f"{at.proxy.base}/{at.path.removesuffix('/_search')}?page=2"))
    else:
        await at.ordinary()


async def endless_pages(at: Exchange) -> None:
    """Page after page, each with the same entries and another next link."""
    number = int(at.query.rpartition("page=")[2] or 0) if "page=" in at.query else 0
    if number or at.about_medicines:
        tree = at.tree if at.body.startswith(b'{"resourceType": "Bundle"') or at.about_medicines else _empty()
        tree = tree if tree.get("resourceType") == "Bundle" else _empty()
        url = f"{at.proxy.base}/{at.path.removesuffix('/_search')}?page={number + 1}"
        await at.json(tree | {"link": [{"relation": "next", "url": url}]})
    else:
        await at.ordinary()


def circle(pages: int) -> Fault:
    """A next link that leads back: to itself with one page, A to B to A with two."""

    async def answer(at: Exchange) -> None:
        if "page=" in at.query:
            here = int(at.query.rpartition("page=")[2])
            there = (here + 1) % pages
            await at.json(_empty() | {"link": [{"relation": "next", "url": f"{at.proxy.base}/{at.path}?page={there}"}]})
        elif at.about_medicines:
            await at.json(_with_next(at, f"{at.proxy.base}/{at.path.removesuffix('/_search')}?page=0"))
        else:
            await at.ordinary()

    return answer


async def relative_next(at: Exchange) -> None:
    """Half of the entries on a second page, whose link is relative to the base."""
    if "page=2" in at.query:
        await at.json(at.proxy.held.pop(at.path, _empty()))
    elif at.about_medicines and at.path.endswith("/_search"):
        tree = at.tree
        half = max(1, len(tree["entry"]) // 2)
        kind = at.path.removesuffix("/_search")
        at.proxy.held[kind] = tree | {"entry": tree["entry"][half:], "link": []}
        await at.json(tree | {"entry": tree["entry"][:half], "link": [{"relation": "next", "url": f"{kind}?page=2"}]})
    else:
        await at.ordinary()


async def empty_page_with_next(at: Exchange) -> None:
    """The first page is empty and says that there is more: everything is on the second."""
    if "page=2" in at.query:
        await at.json(at.proxy.held.pop(at.path, _empty()))
    elif at.about_medicines and at.path.endswith("/_search"):
        kind = at.path.removesuffix("/_search")
        at.proxy.held[kind] = at.tree | {"link": []}
        first = at.tree | {"entry": [], "link": [{"relation": "next", "url": f"{at.proxy.base}/{kind}?page=2"}]}
        await at.json(first)
    else:
        await at.ordinary()


def _empty() -> Json:
    return {"resourceType": "Bundle", "type": "searchset", "entry": []}


def on_everything(fault: Fault) -> Fault:
    return fault


async def down(at: Exchange) -> None:
    await at.send(503, b"")


async def not_found_patient(at: Exchange) -> None:
    await (at.send(404, b"") if at.about_patient else at.ordinary())


def all_are(code: int) -> Fault:
    async def answer(at: Exchange) -> None:
        await (at.ordinary() if at.path == "metadata" else at.send(code, b""))

    return answer


def outcome_in_200(at: Any) -> Any:
    issue = {"severity": "error", "code": "exception", "diagnostics": "none"}
    return at.json({"resourceType": "OperationOutcome", "issue": [issue]})
