"""Answer a dm+d code from the imported file: pack -> product -> generic product -> moiety."""

from __future__ import annotations

import sqlite3
from decimal import Decimal

from gateway.terminology.coded import CodedMedicine, Substance

#: A chain of replaced codes longer than this is a circle.
_LONGEST_CHAIN = 10


def find(connection: sqlite3.Connection, code: str) -> CodedMedicine | None:
    current = _current(connection, code)
    row = _concept(connection, current) if current else None
    if row is None:
        return _ingredient(connection, current or code)
    kind, name, _, _ = row
    chain = _chain(connection, str(current))
    product = next((c for c, k in chain if k == "VMP"), None)
    moiety = next((c for c, k in chain if k == "VTM"), None)
    substances = _substances(connection, product) if product else _of_moiety(connection, moiety)
    generic = _concept(connection, product) if product else None
    single = _concept(connection, moiety) if moiety and len(substances) == 1 else None
    return CodedMedicine(
        code=str(current),
        kind=kind,
        name=name,
        generic=generic[1] if generic else None,
        moiety=single[1] if single else None,
        substances=substances,
        form=_only(_terms(connection, "form", product)),
        routes=_terms(connection, "route", product),
        bnf=_extra(connection, [c for c, _ in chain], "bnf"),
        atc=_extra(connection, [c for c, _ in chain], "atc"),
    )


def term(connection: sqlite3.Connection, list_: str, code: str) -> str | None:
    """The words of a code of the release's own lists, such as FORM or ROUTE."""
    row = connection.execute("SELECT words FROM term WHERE list = ? AND code = ?", (list_, code)).fetchone()
    return str(row[0]) if row else None


def _ingredient(connection: sqlite3.Connection, code: str) -> CodedMedicine | None:
    """An ingredient by its own code, as Medication.ingredient carries it."""
    row = connection.execute("SELECT name FROM substance_name WHERE code = ?", (code,)).fetchone()
    if row is None:
        then = connection.execute("SELECT now FROM previous WHERE code = ?", (code,)).fetchone()
        code = str(then[0]) if then and then[0] else code
        row = connection.execute("SELECT name FROM substance_name WHERE code = ?", (code,)).fetchone()
    if row is None:
        return None
    return CodedMedicine(code=code, kind="ING", name=row[0], substances=(Substance(name=row[0]),))


def _current(connection: sqlite3.Connection, code: str) -> str | None:
    """The code itself where it is valid, else what replaced it; None where two products claim to have."""
    seen = code
    for _ in range(_LONGEST_CHAIN):
        row = _concept(connection, seen)
        if row and not row[3]:
            return seen
        then = connection.execute("SELECT now FROM previous WHERE code = ?", (seen,)).fetchone()
        if then is None:
            return seen if row else None
        if then[0] is None:
            return None
        seen = str(then[0])
    return None


def _concept(connection: sqlite3.Connection, code: str) -> tuple[str, str, str | None, int] | None:
    sql = "SELECT kind, name, parent, invalid FROM concept WHERE code = ?"
    row: tuple[str, str, str | None, int] | None = connection.execute(sql, (code,)).fetchone()
    return row


def _chain(connection: sqlite3.Connection, code: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at: str | None = code
    while at and len(found) < _LONGEST_CHAIN and (row := _concept(connection, at)):
        found.append((at, row[0]))
        at = row[2]
    return found


_SUBSTANCES = """
SELECT n.name, s.value, u.words, s.per_value, p.words
FROM substance s LEFT JOIN substance_name n ON n.code = s.substance
LEFT JOIN term u ON u.list = 'UNIT_OF_MEASURE' AND u.code = s.unit
LEFT JOIN term p ON p.list = 'UNIT_OF_MEASURE' AND p.code = s.per_unit
WHERE s.product = ? ORDER BY s.n
"""


def _substances(connection: sqlite3.Connection, product: str) -> tuple[Substance, ...]:
    """Nothing at all where one of them has no name: half a product is another product."""
    rows = connection.execute(_SUBSTANCES, (product,)).fetchall()
    if any(not name for name, *_ in rows):
        return ()
    return tuple(
        Substance(name=name, value=_number(value), unit=unit, per_value=_number(per), per_unit=per_unit)
        for name, value, unit, per, per_unit in rows
    )


def _of_moiety(connection: sqlite3.Connection, moiety: str | None) -> tuple[Substance, ...]:
    """The substances of a VTM, where all its products have the same."""
    if moiety is None:
        return ()
    sql = "SELECT code FROM concept WHERE parent = ? AND kind = 'VMP' AND invalid = 0 LIMIT 200"
    sets = {
        tuple(sorted({s.name for s in _substances(connection, code)}))
        for (code,) in connection.execute(sql, (moiety,)).fetchall()
    }
    return tuple(Substance(name=n) for n in sets.pop()) if len(sets) == 1 else ()


def _terms(connection: sqlite3.Connection, what: str, product: str | None) -> tuple[str, ...]:
    """Words of every form or route of a product, sorted."""
    sql = "SELECT t.words FROM has h JOIN term t ON t.list = ? AND t.code = h.term WHERE h.product = ? AND h.what = ?"
    rows = connection.execute(sql, (what.upper(), product, what)).fetchall() if product else []
    return tuple(sorted({words for (words,) in rows}))


def _only(words: tuple[str, ...]) -> str | None:
    return words[0] if len(words) == 1 else None


def _extra(connection: sqlite3.Connection, codes: list[str], what: str) -> str | None:
    for code in codes:
        row = connection.execute("SELECT bnf, atc FROM classed WHERE code = ?", (code,)).fetchone()
        if row and row[0 if what == "bnf" else 1]:
            return str(row[0 if what == "bnf" else 1])
    return None


def _number(text: str | None) -> Decimal | None:
    return Decimal(format(Decimal(text).normalize(), "f")) if text else None
