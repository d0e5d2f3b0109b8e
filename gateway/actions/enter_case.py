"""Put a patient into an audit by hand, or all patients of a cohort file: their newest review, with proposals.

A cohort is a CSV file with a column `nhs_number`, and `why` if each has its own reason.
"""

from __future__ import annotations

import csv
import datetime as dt
import io

from msgspec import Struct
from sqlalchemy import select

from gateway.actions.access import Person, require
from gateway.actions.audit_packs import audit_packs
from gateway.actions.open_case import open_case
from gateway.errors import InputError, NotFound
from gateway.records.nhs_number import compact, is_valid
from gateway.store.database import Database
from gateway.store.tables import Patient, Review
from gateway.terminology.vocabulary import Vocabulary

_REVIEWS = Review.__table__  # type: ignore[attr-defined]
_PATIENTS = Patient.__table__  # type: ignore[attr-defined]
MOST_ROWS = 100_000


class CohortLine(Struct, frozen=True):
    """`line` is the line of the file; `case` None where it was not entered, as `problem` says without the number."""

    line: int
    case: str | None
    problem: str = ""


def enter_case(
    database: Database,
    *,
    pack: str,
    review: str,
    why: str,
    by: Person,
    vocabulary: Vocabulary,
    now: dt.datetime,
    entered_by: str = "hand",
    withheld_share: float = 0.0,
) -> str:
    """The case's id. Raises InputError without a reason, NotFound for an unknown audit or review."""
    require(by, "audit.answer")
    if not why.strip() or len(why) > 400 or "\0" in why:
        raise InputError("Say in at most 400 characters why this patient belongs in the audit.")
    if pack not in audit_packs():
        raise NotFound("There is no such audit.")
    with database.read() as connection:
        if connection.execute(select(_REVIEWS.c.id).where(_REVIEWS.c.id == review)).first() is None:
            raise NotFound("There is no such review.")
    return open_case(
        database,
        pack=pack,
        review=review,
        why=why.strip(),
        vocabulary=vocabulary,
        now=now,
        entered_by=entered_by,
        by=by,
        withheld_share=withheld_share,
    )


def enter_patient(
    database: Database, *, pack: str, nhs_number: str, why: str, by: Person, vocabulary: Vocabulary,
    now: dt.datetime, withheld_share: float = 0.0,
) -> str:  # fmt: skip
    """The case of a patient's newest review. Raises InputError where there is none, or no such patient or audit."""
    require(by, "audit.answer")
    if pack not in audit_packs():
        raise InputError("Choose an audit.")
    review, problem = _review_of(database, nhs_number)
    if review is None:
        raise InputError(f"Not entered: {problem}.")
    return enter_case(
        database, pack=pack, review=review, why=why, by=by, vocabulary=vocabulary, now=now,
        withheld_share=withheld_share,
    )  # fmt: skip


def import_cohort(
    database: Database,
    *,
    pack: str,
    content: bytes,
    by: Person,
    vocabulary: Vocabulary,
    now: dt.datetime,
    withheld_share: float = 0.0,
) -> tuple[CohortLine, ...]:
    """One result for each line, none dropped. Raises InputError where the file is no such CSV."""
    require(by, "audit.answer")
    if pack not in audit_packs():
        raise NotFound("There is no such audit.")
    rows = _rows(content)
    found = []
    for line, number, why in rows:
        review, problem = _review_of(database, number)
        case = None
        if review:
            case = enter_case(
                database,
                pack=pack,
                review=review,
                why=why or "In the imported cohort.",
                by=by,
                vocabulary=vocabulary,
                now=now,
                entered_by="cohort",
                withheld_share=withheld_share,
            )
        found.append(CohortLine(line, case, problem))
    return tuple(found)


def _rows(content: bytes) -> list[tuple[int, str, str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("The file is not UTF-8 text; save it as CSV in UTF-8.") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        names = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
        if "nhs_number" not in names:
            raise InputError("The file has no column named nhs_number.")
        rows = []
        for row in reader:
            why = row.get(names.get("why", "")) or ""
            rows.append((reader.line_num, row[names["nhs_number"]] or "", why.replace("\0", " ").strip()[:400]))
            if len(rows) > MOST_ROWS:
                raise InputError(f"The file has more than {MOST_ROWS:,} lines; split it.")
    except csv.Error:
        raise InputError("The file is no CSV that can be read.") from None
    return rows


def _review_of(database: Database, number: str) -> tuple[str | None, str]:
    given = compact(number)
    if not is_valid(given):
        return None, "the NHS number has no ten digits or a wrong check digit"
    query = (
        select(_REVIEWS.c.id)
        .join(_PATIENTS, _PATIENTS.c.id == _REVIEWS.c.patient)
        .where(_PATIENTS.c.nhs_number == given)
        .order_by(_REVIEWS.c.opened_at.desc())
    )
    with database.read() as connection:
        row = connection.execute(query.limit(1)).first()
    return (str(row.id), "") if row else (None, "no review of this patient is stored; fetch the lists first")
