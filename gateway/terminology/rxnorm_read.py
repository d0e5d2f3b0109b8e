"""Read the RRF files of an RxNorm release into the tables of a new lookup file, one line at a time."""

from __future__ import annotations

import hashlib
import io
import sqlite3
from collections.abc import Callable, Iterator

from gateway.errors import ReleaseRefused
from gateway.terminology.release_files import ReleasePart
from gateway.terminology.rxnorm_lookup import ndc_digits

TABLES = """
CREATE TABLE concept (code TEXT PRIMARY KEY, kind TEXT, name TEXT, invalid INTEGER) WITHOUT ROWID;
CREATE TABLE previous (code TEXT PRIMARY KEY, now TEXT) WITHOUT ROWID;
CREATE TABLE relation (source TEXT, name TEXT, target TEXT, PRIMARY KEY (source, name, target)) WITHOUT ROWID;
CREATE TABLE classed (code TEXT, atc TEXT, PRIMARY KEY (code, atc)) WITHOUT ROWID;
CREATE TABLE ndc (ndc TEXT PRIMARY KEY, code TEXT) WITHOUT ROWID;
"""
INDEXES = ""
FILES = ("rxnconso", "rxnrel", "rxnsat")
#: Retired concepts and what replaced them; part of every release, read where it is there.
EXTRA = "rxncui"
_KINDS = {
    "IN", "PIN", "MIN", "BN", "SCD", "SBD", "SCDC", "SBDC", "SCDF", "SBDF", "SCDG", "SBDG", "GPCK", "BPCK", "DF",
}  # fmt: skip
_RELATIONS = {
    "has_ingredient", "has_part", "consists_of", "tradename_of", "has_dose_form",
}  # fmt: skip
_COLUMNS = {"rxnconso": 18, "rxnrel": 16, "rxnsat": 13, EXTRA: 5}
_LONGEST_LINE = 256 * 1024
_SAY_EVERY = 500_000


def stem(name: str) -> str | None:
    lower = name.lower()
    return next((s for s in (*FILES, EXTRA) if lower == f"{s}.rrf"), None)


def read_part(part: ReleasePart, into: sqlite3.Connection, say: Callable[[str], None]) -> str:
    """Read one file; returns a hash of its bytes. Raises ReleaseRefused naming the file and line, never its content."""
    file = stem(part.name) or ""
    digest = hashlib.sha256()
    count = 0
    with part.open() as stream:
        for line in _lines(stream, part, digest):
            count += 1
            fields = line.rstrip("\r\n").split("|")
            if len(fields) < _COLUMNS[file]:
                raise ReleaseRefused(f"{part.place}: line {count}: {len(fields)} columns instead of {_COLUMNS[file]}")
            _STORE[file](into, fields)
            if count % _SAY_EVERY == 0:
                say(f"{part.name}: {count:,} lines")
    if not count and file != EXTRA:
        raise ReleaseRefused(f"{part.place}: is empty")
    say(f"{part.name}: {count:,} lines, done")
    return digest.hexdigest()


def _lines(stream: io.RawIOBase, part: ReleasePart, digest: hashlib._Hash) -> Iterator[str]:
    buffered = io.BufferedReader(stream, 1024 * 1024)
    number = 0
    while block := buffered.readline(_LONGEST_LINE + 1):
        number += 1
        digest.update(block)
        if len(block) > _LONGEST_LINE:
            raise ReleaseRefused(f"{part.place}: line {number} is longer than {_LONGEST_LINE} bytes")
        try:
            yield block.decode("utf-8")
        except UnicodeDecodeError:
            raise ReleaseRefused(f"{part.place}: line {number} is not UTF-8") from None


def _conso(into: sqlite3.Connection, fields: list[str]) -> None:
    """RXCUI|LAT|TS|LUI|STT|SUI|ISPREF|RXAUI|SAUI|SCUI|SDUI|SAB|TTY|CODE|STR|SRL|SUPPRESS|CVF"""
    code, source, kind, own, name, suppressed = fields[0], fields[11], fields[12], fields[13], fields[14], fields[16]
    if source == "ATC" and own and own[0].isalpha():
        into.execute("INSERT OR IGNORE INTO classed VALUES (?, ?)", (code, own))
    if source != "RXNORM" or kind not in _KINDS or not name:
        return
    # An active name wins over a suppressed one, whichever comes first.
    invalid = 0 if suppressed in {"N", ""} else 1
    sql = (
        "INSERT INTO concept VALUES (?, ?, ?, ?) ON CONFLICT (code) DO UPDATE SET kind = excluded.kind,"
        " name = excluded.name, invalid = excluded.invalid WHERE excluded.invalid < concept.invalid"
    )
    into.execute(sql, (code, kind, name, invalid))


def _rel(into: sqlite3.Connection, fields: list[str]) -> None:
    """RXCUI1|RXAUI1|STYPE1|REL|RXCUI2|RXAUI2|STYPE2|RELA|RUI|SRUI|SAB|...: the second has RELA to the first."""
    target, source, relation = fields[0], fields[4], fields[7]
    current = fields[14] in {"N", ""}
    if fields[10] == "RXNORM" and current and relation in _RELATIONS and source and target:
        into.execute("INSERT OR IGNORE INTO relation VALUES (?, ?, ?)", (source, relation, target))


def _sat(into: sqlite3.Connection, fields: list[str]) -> None:
    """RXCUI|LUI|SUI|RXAUI|STYPE|CODE|ATUI|SATUI|ATN|SAB|ATV|SUPPRESS|CVF; of these the NDC of a product."""
    if fields[8] == "NDC" and fields[9] == "RXNORM" and (ndc := ndc_digits(fields[10])):
        _once(into, "ndc", "ndc", ndc, fields[0])


def _cui(into: sqlite3.Connection, fields: list[str]) -> None:
    """CUI1|VER_START|VER_END|CARDINALITY|CUI2; one that became several leads nowhere."""
    if fields[0] != fields[4] and fields[4]:
        _once(into, "previous", "code", fields[0], fields[4])


def _once(into: sqlite3.Connection, table: str, key: str, code: str, means: str) -> None:
    value = "now" if table == "previous" else "code"
    sql = f"INSERT INTO {table} VALUES (?, ?) ON CONFLICT ({key}) DO UPDATE SET {value} = NULL WHERE {value} IS NOT excluded.{value}"  # noqa: S608, E501
    into.execute(sql, (code, means))


_STORE = {"rxnconso": _conso, "rxnrel": _rel, "rxnsat": _sat, EXTRA: _cui}
