"""Confirm how an unread name is to be read: one row and its ledger row in one transaction; a new version each time.

An alias teaches, it never joins: a name that the gateway reads itself stays as it is read, so that two names known as
different medicines stay two rows whatever a person says.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from gateway.actions.access import Person, require
from gateway.actions.aliases import versions_of
from gateway.actions.ids import new_id
from gateway.errors import Conflict, InputError, Stale
from gateway.normalise.aliases import other_names_in
from gateway.normalise.product import read_name
from gateway.records.ledger import Act
from gateway.records.matching import ConfirmedAlias
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import AliasVersion
from gateway.terminology.vocabulary import Vocabulary, normalise_words

_TABLE = AliasVersion.__table__  # type: ignore[attr-defined]

LONGEST_NAME = 1_000
LONGEST_REASON = 4_000


def confirm_alias(
    database: Database,
    vocabulary: Vocabulary,
    *,
    written: str,
    read_as: str,
    organisation: str | None = None,
    reason: str,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
) -> ConfirmedAlias:
    """The version that now stands for this name, on the lists of `organisation` (a source's name) or on all.

    Raises NotAllowed for another role than a pharmacist; Conflict where the gateway reads `written` itself; InputError
    where it does not read `read_as` surely or the reason is missing; Stale where another person was faster.
    """
    require(by, "alias.confirm")
    name = _checked_name(written)
    ingredients = _meaning(written, read_as, vocabulary)
    check_reason(reason)
    place = (organisation or "").strip()
    try:
        with database.write() as connection:
            before = versions_of(connection, name, place)
            made = ConfirmedAlias(
                id=new_id(),
                written=name,
                read_as=read_as.strip(),
                ingredients=ingredients,
                organisation=place or None,
                version=len(before) + 1,
                by=by.account,
                role=by.role,
                at=now.isoformat(),
                reason=reason.strip(),
            )
            scope = (_TABLE.c.written == name, _TABLE.c.organisation == place)
            connection.execute(update(_TABLE).where(*scope).values(standing=False))
            connection.execute(insert(_TABLE), [_row(made)])
            act = Act(
                kind="alias.confirmed",
                subject=made.id,
                item=place or None,
                actor=by.account,
                role=by.role,
                reason=made.reason,
                seconds=seconds,
                timing=timing,
                payload={
                    "written_sha256": hashlib.sha256(name.encode()).hexdigest(),
                    "read_as": made.read_as,
                    "ingredients": list(ingredients),
                    "version": made.version,
                },
            )
            ledger.append(connection, [act], now.isoformat())
    except IntegrityError:
        raise Stale("Somebody else confirmed this name in the meantime; look at theirs first.") from None
    return made


def check_reason(reason: str) -> None:
    """Raises InputError."""
    if not reason.strip():
        raise InputError("Say why; what was confirmed or reversed needs a reason.")
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise InputError(f"A reason has at most {LONGEST_REASON} characters.")


def _checked_name(written: str) -> str:
    name = normalise_words(written)
    if not name or len(written) > LONGEST_NAME or "\0" in written:
        raise InputError(f"The name to be taught has letters or digits, and at most {LONGEST_NAME} characters.")
    return name


def _meaning(written: str, read_as: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The ingredients of `read_as`. Refuses what would change how a known name is read."""
    meant = read_name(read_as, vocabulary) if len(read_as) <= LONGEST_NAME and "\0" not in read_as else None
    if meant is None or not meant.understood or meant.appliance or meant.corrected:
        raise InputError("The name it is to be read as must be one that the gateway reads itself, spelt right.")
    known = read_name(written, vocabulary)
    if known.understood and known.ingredients != meant.ingredients:
        raise Conflict(
            f"This name is known as {' + '.join(known.ingredients)}, the other as {' + '.join(meant.ingredients)}: "
            "two different medicines stay two rows."
        )
    if known.understood:
        raise Conflict("The gateway reads this name so already; there is nothing to teach.")
    if known.contradictions:
        raise Conflict("This name contradicts itself, so it is not read as anything; the source must be asked.")
    others = other_names_in(written, meant.ingredients, vocabulary)
    if others:
        name, means = others[0]
        raise Conflict(f"The name to be taught names {name}, which is {means}: that stays another medicine.")
    return meant.ingredients


def _row(made: ConfirmedAlias) -> dict[str, object]:
    return {
        "id": made.id,
        "written": made.written,
        "organisation": made.organisation or "",
        "version": made.version,
        "read_as": made.read_as,
        "ingredients": json.dumps(made.ingredients),
        "standing": True,
        "actor": made.by,
        "role": made.role,
        "at": made.at,
        "reason": made.reason,
    }
