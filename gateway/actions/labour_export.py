"""The ledger for research: pseudonymised events as OCEL 2.0, XES, CSV or Parquet, with a data dictionary."""

from __future__ import annotations

import csv
import hashlib
import hmac
import importlib
import io
from pathlib import Path
from typing import Literal

from gateway.errors import InputError, SettingsError
from gateway.labour.event_log import LEFT_OUT, Event, events
from gateway.labour.ocel import ATTRIBUTES, ocel_json
from gateway.labour.work_steps import work_steps
from gateway.labour.xes import xes
from gateway.settings import Settings
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.ocel_sqlite import write_ocel_sqlite

Form = Literal["ocel-json", "ocel-sqlite", "xes", "csv", "parquet"]

_COLUMNS = ("id", "at", "activity", *ATTRIBUTES, "things")
_MEANING = {
    "id": "e and the number of the ledger row",
    "at": "when it was recorded, ISO 8601 with zone",
    "activity": "kind of step; mappings/labour/work_steps.yaml says each in words",
    "role": "role of the account at that moment; gateway where nobody acted",
    "staff_group": "ESR staff group of the account at that moment",
    "band": "Agenda for Change band of the account at that moment",
    "category": "decision, cross-check, double-entry, query, verification, waiting or outside",
    "reason": "coded reason, cause or level; typed reasons are left out",
    "timing": "page: seconds in view and in use; request-gap: between two requests; told: as the person said",
    "seconds": "active seconds of the step; empty where not known",
    "resource": "keyed hash of the account, only where asked for; other hashes after the secret key was rotated",
    "things": "object type and id of what it was about: review and case as keyed hashes, field, source, system",
}


def export_labour(database: Database, settings: Settings, *, form: Form, out: Path, people: bool = False) -> int:
    """Write `out` and `out`.dictionary.csv; how many events. For who runs the machine.

    Raises InputError where a file is there already or Parquet is asked for without pyarrow, SettingsError without
    GATEWAY_SECRET_KEY, from which the key of the pseudonyms is made.
    """
    if not settings.secret_key:
        raise SettingsError("GATEWAY_SECRET_KEY is needed: pseudonyms are made with a key that is derived from it")
    key = hmac.new(settings.secret_key[0].encode(), b"labour export", hashlib.sha256).digest()
    dictionary = out.with_name(out.name + ".dictionary.csv")
    for path in (out, dictionary):
        if path.exists():
            raise InputError(f"{path.name} is there already; an export does not write over a file")
    with database.read() as connection:
        found = list(events(ledger.entries(connection), work_steps(), key=key, people=people))
    if form == "ocel-sqlite":
        write_ocel_sqlite(out, found)
    elif form == "parquet":
        _parquet(out, found)
    else:
        out.write_bytes({"ocel-json": ocel_json, "xes": xes, "csv": _csv}[form](found))
    dictionary.write_text(_dictionary(), encoding="utf-8")
    return len(found)


def _rows(found: list[Event]) -> list[dict[str, object]]:
    return [
        {name: getattr(one, name) for name in _COLUMNS[:-1]} | {"things": " ".join(f"{k}:{n}" for k, n in one.things)}
        for one in found
    ]


def _csv(found: list[Event]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    writer.writerows(_rows(found))
    return text.getvalue().encode()


def _parquet(out: Path, found: list[Event]) -> None:
    try:
        pyarrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise InputError("Parquet needs pyarrow: pip install 'medrec-gateway[parquet]'") from None
    kinds = {name: pyarrow.float64() if name == "seconds" else pyarrow.string() for name in _COLUMNS}
    parquet.write_table(pyarrow.Table.from_pylist(_rows(found), schema=pyarrow.schema(list(kinds.items()))), out)


def _dictionary() -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("column", "meaning"))
    writer.writerows(_MEANING.items())
    writer.writerows(("(left out)", words) for words in LEFT_OUT)
    return text.getvalue()
