"""Answer an RxNorm or NDC code from the imported file."""

from __future__ import annotations

import re
import sqlite3

from gateway.terminology.coded import CodedMedicine, Substance

#: relation -> how it leads towards the ingredients; `x RELA y` is read "x has relation RELA to y".
_DOWN = ("has_ingredient", "has_part", "consists_of", "tradename_of")
_DEEPEST = 4
#: A chain of replaced codes longer than this is a circle.
_LONGEST_CHAIN = 10
_GENERIC = {"SCD", "SCDF", "SCDC", "SCDG", "IN", "PIN", "MIN"}


def find(connection: sqlite3.Connection, code: str) -> CodedMedicine | None:
    current = _current(connection, code)
    row = _concept(connection, current) if current else None
    if current is None or row is None:
        return None
    code = current
    kind, name = row
    substances = _ingredients(connection, code, kind, 0)
    generic = name if kind in _GENERIC else _generic(connection, code)
    return CodedMedicine(
        code=code,
        kind=kind,
        name=name,
        generic=generic,
        moiety=next(iter(substances)) if len(substances) == 1 else None,
        substances=tuple(Substance(name=n) for n in sorted(substances)),
        form=_form(connection, code),
        atc=_atc(connection, code),
    )


def _current(connection: sqlite3.Connection, code: str) -> str | None:
    """The code itself where it is active or nothing replaced it, else what did; None where that is more than one."""
    seen = code
    for _ in range(_LONGEST_CHAIN):
        row = connection.execute("SELECT invalid FROM concept WHERE code = ?", (seen,)).fetchone()
        if row and not row[0]:
            return seen
        then = connection.execute("SELECT now FROM previous WHERE code = ?", (seen,)).fetchone()
        if then is None:
            return seen if row else None
        if then[0] is None:
            return None
        seen = str(then[0])
    return None


def find_ndc(connection: sqlite3.Connection, code: str) -> CodedMedicine | None:
    """By the package code of eleven digits; None where two products claim it."""
    digits = ndc_digits(code)
    row = connection.execute("SELECT code FROM ndc WHERE ndc = ?", (digits,)).fetchone() if digits else None
    return find(connection, str(row[0])) if row and row[0] else None


def ndc_digits(code: str) -> str | None:
    """The form of eleven digits. Ten digits without hyphens could be three different packs, and are not read."""
    if re.fullmatch(r"\d{11}", code):
        return code
    parts = re.fullmatch(r"(\d{4,5})-(\d{3,4})-(\d{1,2})", code)
    return parts[1].zfill(5) + parts[2].zfill(4) + parts[3].zfill(2) if parts else None


def _concept(connection: sqlite3.Connection, code: str) -> tuple[str, str] | None:
    row: tuple[str, str] | None = connection.execute(
        "SELECT kind, name FROM concept WHERE code = ?", (code,)
    ).fetchone()
    return row


def _related(connection: sqlite3.Connection, code: str, relation: str) -> list[str]:
    sql = "SELECT target FROM relation WHERE source = ? AND name = ? ORDER BY target"
    return [str(t) for (t,) in connection.execute(sql, (code, relation))]


def _ingredients(connection: sqlite3.Connection, code: str, kind: str, depth: int) -> set[str]:
    """Names of the IN concepts below; empty where any branch does not end in one, and for packs."""
    if kind in {"IN", "PIN"}:
        row = _concept(connection, code)
        return {row[1]} if row else set()
    if kind in {"GPCK", "BPCK"} or depth >= _DEEPEST:
        return set()
    for relation in _DOWN:
        below = _related(connection, code, relation)
        kinds = [(b, row[0] if (row := _concept(connection, b)) else "") for b in below]
        parts = [_ingredients(connection, b, k, depth + 1) for b, k in kinds]
        if parts and all(parts):
            return set().union(*parts)
        if parts:
            return set()
    return set()


def _generic(connection: sqlite3.Connection, code: str) -> str | None:
    """The name of the one generic product that a branded one is a trade name of."""
    names = [row for t in _related(connection, code, "tradename_of") if (row := _concept(connection, t))]
    return names[0][1] if len(names) == 1 and names[0][0] in _GENERIC else None


def _form(connection: sqlite3.Connection, code: str) -> str | None:
    forms = [row[1] for t in _related(connection, code, "has_dose_form") if (row := _concept(connection, t))]
    return forms[0] if len(forms) == 1 else None


def _atc(connection: sqlite3.Connection, code: str) -> str | None:
    rows = connection.execute("SELECT DISTINCT atc FROM classed WHERE code = ?", (code,)).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else None
