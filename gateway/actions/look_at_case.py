"""Open a case's form: the look is noted, and the proposals are brought up to what the review says now."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from gateway.actions.access import Person
from gateway.actions.access_log import look
from gateway.actions.audit_cases import CasePage, read_case, review_of_case, with_history
from gateway.actions.open_case import open_case
from gateway.errors import NotFound
from gateway.store.database import Database
from gateway.store.tables import AuditCase
from gateway.terminology.vocabulary import Vocabulary

_CASES = AuditCase.__table__  # type: ignore[attr-defined]


def look_at_case(
    database: Database, *, case: str, by: Person, vocabulary: Vocabulary, now: dt.datetime, withheld_share: float = 0.0
) -> CasePage:
    """The form, with proposals as the review stands now. Raises NotFound."""
    look(database, what="audit.see", review=review_of_case(database, case), by=by, now=now)
    with database.read() as connection:
        row = connection.execute(select(_CASES).where(_CASES.c.id == case)).first()
    if row is None:
        raise NotFound("There is no such audit case.")
    open_case(
        database,
        pack=row.pack,
        review=row.review,
        why=row.why,
        vocabulary=vocabulary,
        now=now,
        withheld_share=withheld_share,
    )
    with database.read() as connection:
        return with_history(connection, read_case(connection, case))
