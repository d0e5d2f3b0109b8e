"""Patients of the real records for the alert burden, and how another organisation would write the same list."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from gateway.actions.reconcile import Knowledge, reconcile
from gateway.discrepancies.status import last_seen
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import dose
from gateway.errors import InputError
from gateway.fhir.read import read_list
from gateway.records.as_written import Concept, EntryAsWritten
from gateway.records.lists import ListAsWritten, ListRole, ListState, SourceDocument
from gateway.records.matching import Matching
from gateway.sources.files import read_path

#: Group -> folders of files with one record each, or files with one patient's bundle a line.
GROUPS = {
    "GP Connect": ("gp_connect_stu3",),
    "UK Core": ("uk_core_r4_examples", "uk_core_r4_digital_medicines", "nhs_eps_r4"),
    "US Core, IPS, AU": ("us_core_r4", "ips_r4", "au_r4"),
    "Synthea": ("synthea/synthea_r4_dev.ndjson.gz", "synthea/synthea_stu3_dev.ndjson.gz"),
}
MOST = 150
COPY = "copy"


class NoRecords(Exception):
    """Where the records should be; said loudly, and nothing is measured."""


class RealPatient(Struct, frozen=True):
    """One real list with a current medicine, and the last day that it shows."""

    group: str
    label: str
    list: ListAsWritten
    role: ListRole
    at: dt.date


def patients(knowledge: Knowledge) -> Iterator[RealPatient]:
    """At most `MOST` of a group, evenly taken; lists without a current medicine have nothing to alarm about."""
    asked = os.environ.get("GATEWAY_RECORDS", "")
    records = Path(asked) if asked else Path(__file__).resolve().parents[3] / "shared" / "records"
    if not (records / "gp_connect_stu3").is_dir():
        raise NoRecords("set GATEWAY_RECORDS to the folder of real records, which is not part of the project")
    for group, places in GROUPS.items():
        documents = [one for place in places for one in _documents(records / place)]
        step = max(1, len(documents) // MOST)
        for label, given in documents[::step][:MOST]:
            read = read_list("list", given)
            at = _last_day(read)
            if read.state is ListState.FAILED or at is None:
                continue
            (one,) = reconcile([read], knowledge, at).lists
            if any(entry.current for entry in one.entries):
                yield RealPatient(group, label, read, one.role, at)


def _documents(place: Path) -> list[tuple[str, tuple[SourceDocument, ...]]]:
    if place.suffix == ".gz":
        lines = gzip.decompress(place.read_bytes()).splitlines()
        return [
            (f"{place.name}:{n}", (SourceDocument(content=line, sha256=hashlib.sha256(line).hexdigest()),))
            for n, line in enumerate(lines, start=1)
            if json.loads(line).get("resourceType") == "Bundle"
        ]
    found = []
    for path in sorted(p for p in place.iterdir() if p.suffix in {".json", ".xml"}):
        try:
            found.append((path.name, read_path(path, max_bytes=1 << 26)))
        except InputError:
            continue
    return found


def _last_day(one: ListAsWritten) -> dt.date | None:
    """The latest day of issue, supply, start or statement; a record without any date is taken as of today."""
    days = [last_seen(_Dated(entry)) for entry in one.entries]  # type: ignore[arg-type]
    if not days:
        return None
    latest = max((day for day in days if day), default=None)
    return dt.date.fromisoformat(latest) if latest else dt.date(2026, 11, 24)


class _Dated(Struct, frozen=True):
    written: EntryAsWritten


def same_again(one: ListAsWritten) -> ListAsWritten:
    """The list word for word, from an organisation of another name."""
    return msgspec.structs.replace(
        one,
        name=COPY,
        entries=tuple(_renamed(entry) for entry in one.entries),
        allergies=tuple(msgspec.structs.replace(a, list=COPY, id=_moved(a.id)) for a in one.allergies),
        encounters=(),
    )


def in_another_style(one: ListAsWritten, knowledge: Knowledge, at: dt.date) -> ListAsWritten:
    """The same list as another system would write it: names in capitals and without codes, doses in other words.

    A dose that was read is said by its amount ("5 mg twice a day" for one tablet twice a day). What was not read stays,
    and so does the dose of a combination, of which nobody writes every amount.
    """
    (normal,) = reconcile([one], knowledge, at).lists
    view = RuleView.build(None, at, (normal,), Matching(rows=(), suggestions=()), knowledge.vocabulary)
    by_id = {entry.id: entry for entry in normal.entries}
    entries = []
    for written in one.entries:
        entry = by_id[written.id]
        text = entry.text.upper().replace(" TABLETS", " TABS").replace(" CAPSULES", " CAPS")
        medicine = msgspec.structs.replace(written.medicine, concept=Concept(text=text), ingredients=())
        dosages = written.dosages
        if entry.dose.parsed and len(dosages) == 1 and len(entry.product.ingredients) < 2:
            plain = msgspec.structs.replace(dosages[0], text=dose(entry, view), timing=None, dose=None, dose_high=None)
            dosages = (msgspec.structs.replace(plain, as_needed=None, as_needed_for=(), rate=None, max_per_period=()),)
        entries.append(msgspec.structs.replace(_renamed(written), medicine=medicine, dosages=dosages))
    return msgspec.structs.replace(same_again(one), entries=tuple(entries))


def _renamed(entry: EntryAsWritten) -> EntryAsWritten:
    return msgspec.structs.replace(entry, list=COPY, id=_moved(entry.id))


def _moved(id_: str) -> str:
    return f"{COPY}/{id_.partition('/')[2]}"
