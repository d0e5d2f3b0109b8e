"""The outcome of a signed review as files: the FHIR document, the GP's list, the pharmacy's referral."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from gateway.actions.access import Person
from gateway.actions.access_log import look
from gateway.actions.outcome import FoundOutcome, read_outcome
from gateway.errors import Conflict, NotFound
from gateway.fhir.document import outcome_document
from gateway.records.ledger import Act
from gateway.records.lists import PatientIdentity
from gateway.review.datasets import Dataset, about_of, completeness, lines_of, load_dataset
from gateway.review.words import date, time
from gateway.store import ledger
from gateway.store.database import Database

#: Kind -> what it is, for whom; the name ends in what follows the last hyphen.
KINDS = {
    "document": "FHIR document",
    "gp-csv": "GP practice, table (CSV)",
    "gp-json": "GP practice, JSON",
    "dms-csv": "Community pharmacy, table (CSV)",
    "dms-json": "Community pharmacy, JSON",
}
_DATASETS = {"gp": "gp_discharge", "dms": "dms_referral"}
#: A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class OutcomeFile(Struct, frozen=True, kw_only=True):
    """`name` holds no patient data."""

    name: str
    media_type: str
    body: bytes


def outcome_file(
    database: Database,
    *,
    review: str,
    kind: str,
    by: Person,
    now: dt.datetime,
    contact: str | None = None,
    draft: bool = False,
) -> OutcomeFile:
    """One file, noted in the access log and, as an export, in the ledger.

    `contact` says whom to ask about the list. `draft` lets the document of a review that is not signed out, marked as
    preliminary. Raises NotAllowed, NotFound (review or kind), Conflict where the review is not signed, or its lists
    were fetched again since.
    """
    look(database, what="outcome.export", review=review, by=by, now=now)
    if kind not in KINDS:
        raise NotFound("There is no such file of a review.")
    with database.read() as connection:
        found = read_outcome(connection, review, now)
    outcome = found.outcome
    if outcome.superseded:
        raise Conflict("The lists were fetched again since; take the file from the newer review.")
    if outcome.draft and not (draft and kind == "document"):
        raise Conflict("The list is not signed; there is nothing to send yet.")
    made = _file(found, kind, contact, now)
    with database.write() as connection:
        act = Act(kind="outcome.exported", subject=review, item=kind, actor=by.account, role=by.role,
                  payload={"draft": outcome.draft, "signed_at": found.stored.signed_at})  # fmt: skip
        ledger.append(connection, [act], now.isoformat())
    return made


def _file(found: FoundOutcome, kind: str, contact: str | None, now: dt.datetime) -> OutcomeFile:
    if kind == "document":
        return OutcomeFile(
            name=f"medicines-{found.stored.id}.fhir.json",
            media_type="application/fhir+json",
            body=outcome_document(
                found.outcome,
                found.stored.reconciliation,
                patient=_identity(found),
                hospital=found.hospital,
                at=found.stored.signed_at or now.isoformat(),
            ),
        )
    whose, form = kind.split("-")
    dataset = load_dataset(_DATASETS[whose])
    about = about_of(dataset, _about(found, contact))
    name = f"medicines-{found.stored.id}-{whose}.{form}"
    if form == "csv":
        return OutcomeFile(name=name, media_type="text/csv; charset=utf-8", body=_csv(found, dataset, about))
    return OutcomeFile(name=name, media_type="application/json", body=_json(found, dataset, about))


def _about(found: FoundOutcome, contact: str | None) -> dict[str, str | None]:
    patient, outcome = found.stored.patient, found.outcome
    return {
        "nhs-number": patient.nhs_number,
        "name": patient.name,
        "birth-date": date(patient.birth_date),
        "gender": patient.gender,
        "hospital": found.hospital,
        "ward": patient.ward,
        "discharge-at": time(patient.discharge_at),
        "contact": contact,
        "allergies": "; ".join(outcome.allergies) or None,
        "signed-at": time(found.stored.signed_at),
        "completeness": completeness(outcome),
    }


def _identity(found: FoundOutcome) -> PatientIdentity:
    """Of the hospital's record of the patient; the name in parts where the lists give it."""
    patient, one = found.stored.patient, found.stored.reconciliation.patient
    named = one if one and one.name else PatientIdentity(family=patient.name)
    return msgspec.structs.replace(
        named, nhs_number=patient.nhs_number, birth_date=patient.birth_date, gender=patient.gender
    )


def _csv(found: FoundOutcome, dataset: Dataset, about: dict[str, str | None]) -> bytes:
    """One line for each medicine; a byte order mark, since spreadsheets take UTF-8 for another set without it."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([*about, "Section", *(c.heading for c in dataset.fields)])
    for section, values in lines_of(found.outcome, dataset):
        writer.writerow(_safe([*about.values(), section, *values.values()]))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _safe(cells: Iterable[str | None]) -> list[str]:
    """An apostrophe before what a spreadsheet would calculate, also behind spaces; nothing else is touched."""
    said = [cell or "" for cell in cells]
    return [f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell for cell in said]


def _json(found: FoundOutcome, dataset: Dataset, about: dict[str, str | None]) -> bytes:
    outcome, signed = found.outcome, found.outcome.signed
    sections: dict[str, list[dict[str, str | None]]] = {s.heading: [] for s in dataset.sections}
    for section, values in lines_of(outcome, dataset):
        sections[section].append(values)
    made = {
        "schema": f"{dataset.block}/1",
        "about": about,
        "lists": [
            {"list": s.title, "organisation": s.organisation, "state": s.state.value, "causes": list(s.causes)}
            for s in outcome.sources
        ],
        "signed_over": {"open": list(signed.overridden), "why": signed.override}
        if signed and signed.override
        else None,
        "no_longer_current": list(outcome.no_longer_current),
        "sections": sections,
        "source_of_headings": {"source": dataset.source, "verify": dataset.verify},
    }
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"
