"""One answer looked at before it is used: what it is, how it goes on, and whose items it holds."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from gateway.errors import InputError
from gateway.fhir.elements import trees, whole
from gateway.fhir.parse import parse
from gateway.records.lists import ListState
from gateway.sources.problem import SourceProblem, Unsupported
from gateway.sources.transport import Answer

Tree = dict[str, Any]

#: Bodies above this are read in a thread, so that one source's size does not cost another source its deadline.
_IN_A_THREAD = 128 * 1024
_GONE = 410

#: Of one answer; counted before it is read, because reading a hundred thousand entries outlasts any deadline.
MOST_ENTRIES = 10_000


class Page(Struct, frozen=True, kw_only=True):
    """A Bundle: its resources, how many matches (not includes) it holds, and where it goes on.

    `asked` are the parameter names of its self link, None where it has none or they cannot be told; `took_nothing`: it
    has a self link, and that names no parameter at all. `outcomes` are issue codes of OperationOutcomes with severity
    error or fatal among the entries.
    """

    resources: tuple[Tree, ...]
    matches: tuple[str, ...]
    total: int | None
    next: str | None
    asked: frozenset[str] | None
    took_nothing: bool
    outcomes: tuple[str, ...]


def check_status(answer: Answer, what: str) -> None:
    """Raises SourceProblem for anything but 200 or 201: withheld for 401 and 403, Unsupported for 404, 405 and 501."""
    status = answer.status
    if status in {200, 201}:
        return
    if status == 401:
        raise SourceProblem("it did not accept the gateway's sign-in (401)", status=status)
    if status == 403:
        raise SourceProblem(f"it refused to give {what} (403)", ListState.WITHHELD, status=status)
    if status in {404, 405, 501}:
        raise Unsupported(f"it does not have {what} ({status})", status=status)
    if status == _GONE:
        raise SourceProblem(f"{what} was withdrawn while it was being fetched (410)", status=status)
    if status == 429:
        raise SourceProblem("it was asked too often and did not answer (429)", status=status)
    if status in {204, 205}:
        raise SourceProblem(f"it answered with nothing instead of {what}", status=status)
    words = "it reported an error of its own" if status >= 500 else "it did not accept the question"
    raise SourceProblem(f"{words} ({status})", status=status)


async def read_resource(answer: Answer, what: str) -> Tree:
    """The one resource of an answer. Raises SourceProblem where the body is no FHIR, or far larger than any list."""
    if answer.body.count(b'"resourceType"') > 2 * MOST_ENTRIES:
        raise SourceProblem(f"it sent more than {MOST_ENTRIES} entries at once")
    if len(answer.body) > _IN_A_THREAD:
        return await asyncio.to_thread(_resource, answer, what)
    return _resource(answer, what)


async def read_page(answer: Answer, what: str) -> Page:
    """The Bundle of an answer. Raises SourceProblem for another resource, an OperationOutcome, or no FHIR."""
    tree = await read_resource(answer, what)
    if tree.get("resourceType") != "Bundle":
        raise SourceProblem(f"it answered with something else than {what}")
    return _page(tree)


def _resource(answer: Answer, what: str) -> Tree:
    try:
        found = parse(answer.body, answer.media_type)
    except InputError as error:
        raise SourceProblem(f"its answer cannot be used: {error.words}") from None
    if len(found) != 1 or not isinstance(found[0], dict):
        raise SourceProblem(f"it answered with something else than {what}")
    tree = found[0]
    if tree.get("resourceType") == "OperationOutcome":
        codes = _codes(tree)
        withheld = bool(set(codes) & {"forbidden", "suppressed", "security"})
        state = ListState.WITHHELD if withheld else ListState.FAILED
        raise SourceProblem(f"it reported a problem instead of {what} ({', '.join(codes) or 'no code'})", state)
    return tree


def issue_codes(answer: Answer) -> tuple[str, ...]:
    """Codes of the OperationOutcome that an answer holds; empty where it holds none. Never its words."""
    try:
        found = parse(answer.body, answer.media_type)
    except InputError:
        return ()
    return tuple(
        code
        for tree in found
        if isinstance(tree, dict) and tree.get("resourceType") == "OperationOutcome"
        for code in _codes(tree)
    )


def _page(tree: Tree) -> Page:
    """In XML one entry or link stands alone and numbers are texts: read as in JSON, or the next page is missed."""
    resources: list[Tree] = []
    matches: list[str] = []
    outcomes: list[str] = []
    for entry in trees(tree.get("entry")):
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            continue
        search = entry.get("search")
        mode = search.get("mode") if isinstance(search, dict) else None
        if resource.get("resourceType") == "OperationOutcome":
            outcomes += _codes(resource)
            continue
        resources.append(resource)
        if mode in (None, "match"):
            matches.append(f"{resource.get('resourceType')}/{resource.get('id')}")
    links = {one.get("relation"): one.get("url") for one in trees(tree.get("link"))}
    following = links.get("next")
    return Page(
        resources=tuple(resources),
        matches=tuple(matches),
        total=whole(tree.get("total")),
        next=following if isinstance(following, str) and following else None,
        asked=_parameters(links.get("self")),
        took_nothing=isinstance(own := links.get("self"), str) and "?" not in own,
        outcomes=tuple(outcomes),
    )


def _parameters(url: object) -> frozenset[str] | None:
    if not isinstance(url, str):
        return None
    try:
        names = {name.split(":")[0].split(".")[0] for name, _ in parse_qsl(urlsplit(url).query)}
    except ValueError:
        return None
    # An opaque page address (`?_getpages=...`) says nothing about what was asked.
    telling = {n for n in names if not n.startswith("_")}
    return frozenset(telling) or None


def _codes(outcome: Tree) -> list[str]:
    """Codes of issues that matter; never their words, which may name the patient."""
    found = []
    for issue in trees(outcome.get("issue")):
        code = issue.get("code")
        if issue.get("severity") in {"error", "fatal"}:
            plain = isinstance(code, str) and code.replace("-", "").isalpha() and len(code) < 40
            found.append(str(code) if plain else "unknown")
    return sorted(set(found))
