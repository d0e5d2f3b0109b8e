"""Read the XML files of an NHS dm+d release into the tables of a new lookup file, one record at a time."""

from __future__ import annotations

import hashlib
import io
import re
import sqlite3
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from gateway.errors import ReleaseRefused
from gateway.terminology.release_files import ReleasePart

TABLES = """
CREATE TABLE concept (code TEXT PRIMARY KEY, kind TEXT, name TEXT, parent TEXT, invalid INTEGER) WITHOUT ROWID;
CREATE TABLE previous (code TEXT PRIMARY KEY, now TEXT) WITHOUT ROWID;
CREATE TABLE substance (product TEXT, n INTEGER, substance TEXT, value TEXT, unit TEXT, per_value TEXT, per_unit TEXT,
                        PRIMARY KEY (product, n)) WITHOUT ROWID;
CREATE TABLE substance_name (code TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID;
CREATE TABLE has (product TEXT, what TEXT, term TEXT, PRIMARY KEY (product, what, term)) WITHOUT ROWID;
CREATE TABLE term (list TEXT, code TEXT, words TEXT, PRIMARY KEY (list, code)) WITHOUT ROWID;
CREATE TABLE classed (code TEXT PRIMARY KEY, bnf TEXT, atc TEXT) WITHOUT ROWID;
"""
INDEXES = "CREATE INDEX concept_parent ON concept (parent, kind);"
FILES = ("f_vtm2", "f_vmp2", "f_amp2", "f_vmpp2", "f_ampp2", "f_ingredient2", "f_lookup2")
#: Published beside the release, in its own zip.
EXTRA = "f_bnf"
#: The longest record of a release has a few thousand characters.
_LONGEST_RECORD = 1024**2
_SAY_EVERY = 50_000
_CODE = re.compile(r"\d{1,18}")
#: record -> (kind, its code, its parent's code, its earlier code)
_CONCEPTS = {
    "VTM": ("VTMID", None, "VTMIDPREV"),
    "VMP": ("VPID", "VTMID", "VPIDPREV"),
    "AMP": ("APID", "VPID", "APIDPREV"),
    "VMPP": ("VPPID", "VPID", None),
    "AMPP": ("APPID", "APID", None),
}
_RECORDS = {
    "f_vtm2": {"VTM"},
    "f_vmp2": {"VMP", "VPI", "DFORM", "DROUTE"},
    "f_amp2": {"AMP"},
    "f_vmpp2": {"VMPP"},
    "f_ampp2": {"AMPP"},
    "f_ingredient2": {"ING"},
    "f_lookup2": {"INFO"},
    EXTRA: {"VMP", "AMP"},
}


def stem(name: str) -> str | None:
    """`f_vtm2` of `f_vtm2_3011124.xml`; None for any other file."""
    lower = name.lower()
    if not lower.endswith(".xml"):
        return None
    return next((s for s in (*FILES, EXTRA) if lower.startswith(s) and not lower[len(s) : len(s) + 1].isalpha()), None)


def read_part(part: ReleasePart, into: sqlite3.Connection, say: Callable[[str], None]) -> str:
    """Read one file; returns a hash of its bytes. Raises ReleaseRefused naming the file, never with its content."""
    file = stem(part.name) or ""
    count = 0
    with part.open() as stream:
        hashed = _Hashed(stream, part.name)
        try:
            for tag, parent, record in _records(hashed, _RECORDS[file]):
                _store(into, file, tag, parent, record)
                count += 1
                if count % _SAY_EVERY == 0:
                    say(f"{part.name}: {count:,} records")
        except (ParseError, DefusedXmlException, UnicodeDecodeError, LookupError):
            raise ReleaseRefused(
                f"{part.place}: is not well-formed XML of a dm+d release after record {count}"
            ) from None
        except _Odd as error:
            raise ReleaseRefused(f"{part.place}: record {count + 1}: {error}") from None
    if not count and file != EXTRA:
        raise ReleaseRefused(f"{part.place}: holds no {' or '.join(sorted(_RECORDS[file]))} record")
    say(f"{part.name}: {count:,} records, done")
    return hashed.digest.hexdigest()


class _Odd(Exception):
    """A record that does not fit the official form."""


class _Hashed:
    """Bytes for the parser, hashed on the way; `since` counts them from the last record on."""

    def __init__(self, stream: io.RawIOBase, name: str) -> None:
        self._stream, self._name = stream, name
        self.digest = hashlib.sha256()
        self.since = 0

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(min(size, 65_536) if size > 0 else 65_536) or b""
        self.digest.update(block)
        self.since += len(block)
        if self.since > _LONGEST_RECORD:
            raise ReleaseRefused(f"{self._name}: a record longer than {_LONGEST_RECORD} bytes, or none of the kind")
        return block


def _records(stream: _Hashed, wanted: set[str]) -> Iterator[tuple[str, str, Element]]:
    """(tag, its parent's tag, element); each is dropped from memory after its turn, wanted or not."""
    open_: list[Element] = []
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            open_.append(element)
            if len(open_) > 8:
                raise _Odd("elements too deep within each other")
            continue
        open_.pop()
        if not open_:
            continue
        if any(e.tag in wanted for e in open_):
            continue
        if element.tag in wanted and len(element):
            yield element.tag, open_[-1].tag, element
        open_[-1].clear()
        stream.since = 0


def _store(into: sqlite3.Connection, file: str, tag: str, parent: str, record: Element) -> None:
    if file == EXTRA:
        row = (_code(record, "VPID" if tag == "VMP" else "APID"), _text(record, "BNF"), _text(record, "ATC"))
        into.execute("INSERT OR REPLACE INTO classed VALUES (?, ?, ?)", row)
    elif tag in _CONCEPTS:
        _concept(into, tag, record)
    elif tag == "VPI":
        product = _code(record, "VPID")
        sql = "INSERT INTO substance SELECT ?, count(*), ?, ?, ?, ?, ? FROM substance WHERE product = ?"
        into.execute(sql, (product, _code(record, "ISID"), *_strength(record), product))
    elif tag in {"DFORM", "DROUTE"}:
        what, term = ("form", "FORMCD") if tag == "DFORM" else ("route", "ROUTECD")
        into.execute("INSERT OR IGNORE INTO has VALUES (?, ?, ?)", (_code(record, "VPID"), what, _code(record, term)))
    elif tag == "ING":
        code = _code(record, "ISID")
        into.execute("INSERT OR REPLACE INTO substance_name VALUES (?, ?)", (code, _need(record, "NM")))
        _replaced(into, _text(record, "ISIDPREV"), code)
    elif tag == "INFO" and (words := _text(record, "DESC")):
        # The official list of reasons for a change of name has an entry without words.
        into.execute("INSERT OR REPLACE INTO term VALUES (?, ?, ?)", (parent, _need(record, "CD"), words))


def _concept(into: sqlite3.Connection, kind: str, record: Element) -> None:
    key, parent, earlier = _CONCEPTS[kind]
    code = _code(record, key)
    above = _text(record, parent) if parent else None
    name = _need(record, "NM")
    row = (code, kind, name, above, 1 if _text(record, "INVALID") == "1" else 0)
    try:
        into.execute("INSERT INTO concept VALUES (?, ?, ?, ?, ?)", row)
    except sqlite3.IntegrityError:
        raise _Odd(f"code {code} stands there twice") from None
    if earlier:
        _replaced(into, _text(record, earlier), code)


def _replaced(into: sqlite3.Connection, old: str | None, new: str) -> None:
    """A code that two claim to have replaced leads nowhere."""
    if old and old != new:
        sql = "INSERT INTO previous VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET now = NULL"
        into.execute(f"{sql} WHERE now IS NOT excluded.now", (old, new))


def _strength(record: Element) -> tuple[str | None, ...]:
    values = [_text(record, f"STRNT_{part}_VAL") for part in ("NMRTR", "DNMTR")]
    for value in values:
        try:
            if value is not None and not 0 <= Decimal(value) < Decimal("1e15"):
                raise _Odd("a strength that is no amount")
        except InvalidOperation:
            raise _Odd("a strength that is no number") from None
    return (values[0], _text(record, "STRNT_NMRTR_UOMCD"), values[1], _text(record, "STRNT_DNMTR_UOMCD"))


def _text(record: Element, tag: str) -> str | None:
    return " ".join((record.findtext(tag) or "").split()) or None


def _need(record: Element, tag: str) -> str:
    text = _text(record, tag)
    if text is None:
        raise _Odd(f"no {tag}")
    return text


def _code(record: Element, tag: str) -> str:
    code = _need(record, tag)
    if not _CODE.fullmatch(code):
        raise _Odd(f"its {tag} is no code")
    return code
