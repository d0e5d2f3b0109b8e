"""Collect the resources of all documents of one source: Bundles in Bundles, Parameters, arrays, NDJSON lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from gateway.errors import InputError
from gateway.fhir.elements import Tree, text, trees
from gateway.fhir.parse import MAX_ENTRIES, Item, parse
from gateway.records.lists import ListState, SourceDocument

_DEEPEST_BUNDLE = 8


class Collected(Struct, frozen=True, kw_only=True):
    """Items with the hash of their document, in document order; what is wrong with whole documents is in `causes`."""

    items: tuple[tuple[Item, str], ...]
    state: ListState
    causes: tuple[str, ...]
    warnings: tuple[str, ...]
    documents: tuple[str, ...]
    as_of: str | None


def collect(documents: Sequence[SourceDocument], *, pages_followed: bool = False) -> Collected:
    """All items. Without `pages_followed`, a page that is announced and whose own address is not there is a cause."""
    items: list[tuple[Item, str]] = []
    causes: list[str] = []
    warnings: list[str] = []
    pages = _Pages()
    for document in sorted(documents, key=lambda d: (d.origin, d.sha256)):
        said: list[str] = []
        try:
            for n, top in enumerate(parse(document.content, document.media_type, said)):
                found = [top] if isinstance(top, Item) else _resources(top, f"item[{n}]", None, 0, pages)
                items += [(item, document.sha256) for item in islice(found, MAX_ENTRIES + 1)]
                if len(items) > MAX_ENTRIES:
                    break
        except InputError as error:
            causes.append(_about(document, error.words))
        warnings += [_about(document, words) for words in said]
    kept = []
    for item, sha in items:
        kind = (item.tree or {}).get("resourceType")
        if kind == "OperationOutcome":
            problem = _problem(item.tree or {})
            if problem:
                causes.append(problem)
            continue
        kept.append((item, sha))
    if not pages_followed:
        causes += pages.missing()
    if len(items) > MAX_ENTRIES:
        kept, causes = [], [f"it holds more than {MAX_ENTRIES} entries"]
    state = ListState.PARTIAL if causes else ListState.COMPLETE
    return Collected(
        items=tuple(kept),
        state=state if kept else ListState.FAILED,
        causes=tuple(sorted(set(causes))),
        warnings=tuple(warnings),
        documents=tuple(sorted({d.sha256 for d in documents})),
        as_of=max(pages.dates, default=None),
    )


def _about(document: SourceDocument, words: str) -> str:
    return f"{document.origin}: {words}" if document.origin else words


def _resources(tree: Tree, place: str, full_url: str | None, depth: int, pages: _Pages) -> Iterator[Item]:
    kind = tree.get("resourceType")
    if kind in ("Bundle", "Parameters"):
        # Of two `entry` arrays only the last is there; what stood in the first must not be missed silently.
        if "\0" in tree:
            yield Item(place, cause="a key stands twice in one object")
        if depth >= _DEEPEST_BUNDLE:
            yield Item(place, cause=f"it is nested in more than {_DEEPEST_BUNDLE} Bundles")
            return
    if kind == "Bundle":
        pages.saw(tree)
        for n, one in enumerate(
            tree.get("entry") or () if isinstance(tree.get("entry"), list) else [tree.get("entry")]
        ):
            yield from _bundle_entry(one, f"entry[{n}]", depth, pages)
    elif kind == "Parameters":
        for place_in, resource in _parameters(trees(tree.get("parameter")), "parameter", depth):
            if resource is None:
                yield Item(place_in, cause=f"it is nested in more than {_DEEPEST_BUNDLE} parts")
            else:
                yield from _resources(resource, place_in, None, depth + 1, pages)
    else:
        if kind == "Composition" and (date := text(tree.get("date"))):
            pages.dates.append(date)
        yield Item(place, tree=tree, full_url=full_url)


def _parameters(parts: Sequence[Tree], place: str, depth: int) -> Iterator[tuple[str, Tree | None]]:
    """Every resource of parameters and of their parts; None where they are nested too deep."""
    for n, one in enumerate(parts):
        here = f"{place}[{n}]"
        for resource in trees(one.get("resource")):
            yield here, resource
        within = trees(one.get("part"))
        if within and depth + 1 >= _DEEPEST_BUNDLE:
            yield here, None
        elif within:
            yield from _parameters(within, f"{here}.part", depth + 1)


def _bundle_entry(one: object, place: str, depth: int, pages: _Pages) -> Iterator[Item]:
    if one is None:
        return
    if not isinstance(one, dict):
        yield Item(place, cause="the entry is no object")
        return
    resource = one.get("resource")
    if isinstance(resource, dict):
        if "\0" in one:
            yield Item(place, tree=one, cause="a key stands twice in one object")
        else:
            yield from _resources(resource, place, text(one.get("fullUrl")), depth + 1, pages)
    elif resource is not None or not ({"response", "request"} & set(one)):
        yield Item(place, cause="the entry holds no resource")


def _problem(outcome: Tree) -> str | None:
    """Only the issue's code: the words of an outcome may name the patient."""
    for issue in trees(outcome.get("issue")):
        if issue.get("severity") in {"error", "fatal"}:
            code = text(issue.get("code")) or "unknown"
            return f"the source reported a problem ({code if code.replace('-', '').isalpha() else 'unknown'})"
    return None


class _Pages:
    """Links of searchset pages: a page that was announced must be there."""

    def __init__(self) -> None:
        self.own: set[str] = set()
        self.announced: set[str] = set()
        self.dates: list[str] = []

    def saw(self, bundle: Tree) -> None:
        for link in trees(bundle.get("link")):
            url = text(link.get("url"))
            if url and link.get("relation") == "self":
                self.own.add(url)
            elif url and link.get("relation") == "next":
                self.announced.add(url)
        if date := text(bundle.get("timestamp")):
            self.dates.append(date)

    def missing(self) -> list[str]:
        return ["a further page was announced and is not there"] if self.announced - self.own else []
