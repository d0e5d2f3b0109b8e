"""What each source's records made people do: by cause, with the time it took, for the owner who can mend it."""

from __future__ import annotations

import csv
import datetime as dt
import io

import msgspec
from msgspec import Struct

from gateway.actions.access import Person, require
from gateway.actions.audit_cases import override_reasons
from gateway.actions.labour_page import labour_cube
from gateway.actions.metric_cards_page import mondays
from gateway.labour.defects import SourceDefects, defects_by_source
from gateway.labour.work_steps import work_steps
from gateway.store.database import Database

#: Weeks that the report looks back, the one that is going on among them.
WEEKS = 5


class DefectReport(Struct, frozen=True, kw_only=True):
    """`since` and `until` are ISO dates, both in it. `causes` are the words of the causes that appear."""

    schema: str = "source-defects/1"
    since: str
    until: str
    sources: tuple[SourceDefects, ...]
    causes: dict[str, str]


def source_defects(database: Database, *, by: Person | None, now: dt.datetime) -> DefectReport:
    """`by` is None for who runs the machine."""
    if by is not None:
        require(by, "labour.see")
    since = mondays(now, WEEKS)[0]
    cube, _ = labour_cube(database, since=since)
    found = defects_by_source(cube)
    words = work_steps().causes | {one.code: one.words for one in override_reasons()}
    causes = {part.cause for one in found for part in one.causes}
    return DefectReport(
        since=since, until=now.date().isoformat(), sources=found,
        causes={cause: words.get(cause, cause.replace("-", " ")) for cause in sorted(causes)},
    )  # fmt: skip


def defects_json(report: DefectReport) -> bytes:
    """One object without anything of FHIR, for whoever keeps the source's own tickets."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2)


def defects_csv(report: DefectReport) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("source", "cause", "in words", "acts", "acts timed", "minutes", "since", "until"))
    for one in report.sources:
        for part in one.causes:
            minutes = "" if part.seconds is None else round(part.seconds / 60, 1)
            source = f"'{one.source}" if one.source.startswith(("=", "+", "-", "@")) else one.source
            words = report.causes[part.cause]
            writer.writerow((source, part.cause, words, part.acts, part.timed, minutes, report.since, report.until))
    return text.getvalue()
