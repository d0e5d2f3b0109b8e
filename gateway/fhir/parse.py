"""Bytes to trees, one item for each resource, tolerantly: a fault inside one entry costs that entry alone.

JSON goes through the standard scanner with hooks, so that numbers stay exact and NaN, repeated keys, numbers beyond any
measure, NUL and lone surrogates are found where they stand. XML goes through defusedxml: no entities, no DTD.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import Struct

from gateway.errors import InputError
from gateway.fhir.xml import read_xml

MAX_DEPTH = 64
MAX_ENTRIES = 100_000
_LONGEST_NUMBER = 30
#: Values of one document: 64 MB of `{},{},` would take gigabytes once read. Real records have one in 17 bytes.
MAX_VALUES = 4_000_000
#: Possessive, or a text of 60 MB (an attachment) takes 7 GB to step over; an open string ends with the content.
_STRING = re.compile(rb'(?s)"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)')
_NO_MARK = bytes(set(range(256)) - set(b"{}[],"))
_NO_BRACKET = bytes(set(range(256)) - set(b"{}[]"))

Tree = dict[str, Any]


class Broken(Struct, frozen=True):
    """Stands in a tree where a value could not be taken; `cause` is safe words."""

    cause: str


class Item(Struct, frozen=True):
    """One resource, or one entry that is none: then `tree` is None and `cause` says why."""

    place: str
    tree: Tree | None = None
    cause: str | None = None
    full_url: str | None = None
    raw: str | None = None


def parse(content: bytes, media_type: str | None, warnings: list[str] | None = None) -> list[Tree | Item]:
    """Top-level trees of a document; an unreadable NDJSON line comes back as an Item with its cause.

    What was read although it is not quite right is said in `warnings`.
    Raises InputError where the document as a whole cannot be read.
    """
    text = _decode(content)
    head = text.lstrip()[:200].lower()
    if not head:
        raise InputError("the body is empty")
    if head.startswith("<"):
        if head.startswith(("<!doctype html", "<html")) or "<html" in head:
            raise InputError("it is HTML, not FHIR")
        tree, warning = read_xml(text)
        if warning and warnings is not None:
            warnings.append(warning)
        return [tree]
    marks = _STRING.sub(b"", content).translate(None, _NO_MARK)
    if len(marks) > MAX_VALUES:
        raise InputError(f"it holds more than {MAX_VALUES} values")
    if media_type == "application/fhir+ndjson":
        return list(_lines(text))
    if not head.startswith(("{", "[")):
        raise InputError("it is neither JSON nor XML")
    return _json(text, marks)


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:4]:
        raise InputError("it is UTF-16 or UTF-32; FHIR is UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("it is not valid UTF-8") from None


def _json(text: str, marks: bytes) -> list[Tree | Item]:
    if depth_of(marks) > MAX_DEPTH:
        raise InputError(f"it is nested deeper than {MAX_DEPTH} levels")
    try:
        tree = loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and text[: error.pos].count("\n") >= 1 and text[error.pos] == "{":
            return list(_lines(text))
        raise InputError(f"its JSON breaks off or is not valid at line {error.lineno}") from None
    except RecursionError:
        raise InputError(f"it is nested deeper than {MAX_DEPTH} levels") from None
    trees = tree if isinstance(tree, list) else [tree]
    return [t if isinstance(t, dict) else Item(f"item[{n}]", cause="it is no resource") for n, t in enumerate(trees)]


def _lines(text: str) -> Iterator[Tree | Item]:
    # Not splitlines: U+2028 and U+0085 may stand inside a string.
    for n, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            if depth_of(line.encode("utf-8", "surrogatepass")) > MAX_DEPTH:
                raise ValueError
            tree = loads(line)
        except (ValueError, RecursionError):
            yield Item(f"line[{n}]", cause="the line is no valid JSON", raw=line[:2000])
            continue
        yield tree if isinstance(tree, dict) else Item(f"line[{n}]", cause="the line is no resource", raw=line[:2000])


def loads(text: str) -> Any:
    """JSON with exact numbers; what cannot be taken stands as a `Broken` in its place."""
    return json.loads(
        text,
        object_pairs_hook=_object,
        parse_float=_float,
        parse_int=_int,
        parse_constant=lambda name: Broken(f"{name.lstrip('-')} is no JSON number"),
    )


def _object(pairs: list[tuple[str, Any]]) -> Tree:
    found = dict(pairs)
    if len(found) != len(pairs):
        found["\0"] = Broken("a key stands twice in one object")
    return found


def _float(text: str) -> Decimal | Broken:
    value = Decimal(text)
    if len(text) > _LONGEST_NUMBER * 2 or abs(value.adjusted()) > _LONGEST_NUMBER:
        return Broken("a number is beyond any measure")
    return value


def _int(text: str) -> int | Broken:
    return int(text) if len(text) <= _LONGEST_NUMBER else Broken("a number is beyond any measure")


def depth_of(content: bytes) -> int:
    """Depth of nesting, from the brackets outside strings."""
    depth = deepest = 0
    for byte in _STRING.sub(b"", content).translate(None, _NO_BRACKET):
        if byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


def defect(tree: Any) -> str | None:
    """The first thing in a tree that could not be taken, in safe words; None where there is none."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if not _clean(one):
                return "a text holds a NUL or half a character (lone surrogate)"
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, Broken):
            return one.cause
    return None


def _clean(text: str) -> bool:
    if "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)
