"""`gateway reconcile NAME=PATH ...`: files in, reconciliation out; or `--patient NHS-NUMBER` from the organisations."""

from __future__ import annotations

import datetime as dt
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from gateway.errors import UsageError
from gateway.records.lists import ListRole

if TYPE_CHECKING:
    from gateway.normalise.aliases import Aliases
    from gateway.records.reconciliation import Reconciliation
    from gateway.settings import Settings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
VERSION = re.compile(r"(?i)stu3|r3|r4|r4b|r5|3\.0(\.\d)?|4\.[03](\.\d)?|5\.0(\.\d)?")


@click.command()
@click.argument("lists", nargs=-1, metavar="NAME=PATH ...")
@click.option("--role", "roles", multiple=True, metavar="NAME=ROLE", help="pre-admission, inpatient, discharge, supply")
@click.option("--discharge", metavar="NAME", help="The same as --role NAME=discharge.")
@click.option("--inpatient", metavar="NAME", help="The same as --role NAME=inpatient.")
@click.option("--fhir-version", "versions", multiple=True, metavar="NAME=VERSION", help="3.0, 4.0, 4.3 or 5.0")
@click.option("--at", metavar="YYYY-MM-DD", help="The day that counts as today; default: today in London.")
@click.option(
    "--patient",
    metavar="ID",
    help="Without files: the NHS number to ask the registered organisations for, - reads it from stdin. "
    "With files: of a file with several patients, the one with this NHS number or id.",
)
@click.option("--aliases", "with_aliases", is_flag=True, help="Files: honour the aliases in the settings' database.")
@click.option("--format", "form", type=click.Choice(["table", "json", "fhir"]), default="table", show_default=True)
@click.option("--all", "show_all", is_flag=True, help="Table: show entries that are not current, too.")
@click.option("--width", type=click.IntRange(40, 400), help="Table: columns; default: the terminal's, or 160.")
def reconcile(
    lists: tuple[str, ...],
    roles: tuple[str, ...],
    discharge: str | None,
    inpatient: str | None,
    versions: tuple[str, ...],
    at: str | None,
    patient: str | None,
    with_aliases: bool,
    form: str,
    show_all: bool,
    width: int | None,
) -> None:
    """Line up the lists of one patient and explain each difference.

    PATH is a FHIR Bundle, a single resource, a folder of resources, NDJSON, or .gz of these; JSON or XML; STU3, R4, R5.
    Without any PATH, --patient asks the registered organisations (gateway source add) for the patient's lists.

    Exit status: 0 every list complete; 3 done, but some list is not complete; 2 wrong usage; 1 no list usable, or
    lists of different patients.
    """
    if lists:
        result = from_files(lists, roles, discharge, inpatient, versions, at, patient, with_aliases)
    elif patient:
        if at or versions or with_aliases:
            raise UsageError("--at, --fhir-version and --aliases are for files; the organisations are asked now")
        result = _from_sources(patient, roles, discharge, inpatient)
    else:
        raise UsageError("name at least one list (gateway reconcile gp=FILE ward=FILE), or --patient NHS-NUMBER")
    _print(result, form, width=width, show_all=show_all)
    if not result.complete:
        raise click.exceptions.Exit(3)


def from_files(
    lists: tuple[str, ...],
    roles: tuple[str, ...],
    discharge: str | None,
    inpatient: str | None,
    versions: tuple[str, ...],
    at: str | None,
    patient: str | None,
    with_aliases: bool,
) -> Reconciliation:
    from gateway.actions.reconcile import load_knowledge
    from gateway.actions.reconcile_files import reconcile_files
    from gateway.normalise.aliases import NO_ALIASES
    from gateway.settings import Settings

    named = [(name, Path(path)) for name, path in _pairs(lists, "NAME=PATH")]
    names = [name for name, _ in named]
    wanted = _roles(roles, discharge, inpatient, names)
    settings = Settings.from_environment()
    return reconcile_files(
        named,
        load_knowledge(settings.cache_dir, settings.site_file),
        _day(at),
        roles=wanted,
        patient=patient,
        fhir_versions=_versions(versions, names),
        max_bytes=settings.max_document_bytes,
        aliases=_aliases(settings) if with_aliases else NO_ALIASES,
    )


def _aliases(settings: Settings) -> Aliases:
    from gateway.actions.aliases import standing_aliases
    from gateway.store.database import open_database

    database = open_database(settings.database_url)
    try:
        return standing_aliases(database)
    finally:
        database.close()


def _from_sources(patient: str, roles: tuple[str, ...], discharge: str | None, inpatient: str | None) -> Reconciliation:
    from gateway.actions.fetch_progress import Progress
    from gateway.actions.reconcile import load_knowledge
    from gateway.actions.reconcile_patient import reconcile_patient
    from gateway.actions.register_source import registered_sources
    from gateway.settings import Settings
    from gateway.store.database import open_database

    async def on_progress(news: Progress) -> None:
        click.echo(f"{news.source}: {news.words} ({news.seconds:.1f} s)", err=True)

    number = sys.stdin.readline().strip() if patient == "-" else patient
    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    try:
        names = [one.name for one in registered_sources(database)]
        return reconcile_patient(
            database,
            settings,
            load_knowledge(settings.cache_dir, settings.site_file),
            nhs_number=number,
            now=lambda: dt.datetime.now(dt.UTC),
            on_progress=on_progress,
            roles=_roles(roles, discharge, inpatient, names),
        )
    finally:
        database.close()


def _print(result: Reconciliation, form: str, *, width: int | None, show_all: bool) -> None:
    if form == "json":
        from gateway.actions.reconciliation_json import as_json

        sys.stdout.buffer.write(as_json(result))
    elif form == "fhir":
        from gateway.fhir.build import reconciliation_bundle

        sys.stdout.buffer.write(reconciliation_bundle(result))
    else:
        from gateway.cli.table import print_table

        print_table(result, width=width, show_all=show_all)
    sys.stdout.flush()


def _pairs(given: tuple[str, ...], shape: str, known: list[str] | None = None) -> list[tuple[str, str]]:
    pairs = []
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not value or not NAME.fullmatch(name):
            raise UsageError(f"{text!r} is not {shape}; a NAME has letters, digits, dot, dash, underscore")
        if known is not None and name not in known:
            raise UsageError(f"no list is named {name}; the lists are: {', '.join(known)}")
        pairs.append((name, value))
    twice = {name for name, _ in pairs if [n for n, _ in pairs].count(name) > 1}
    if twice:
        raise UsageError(f"{min(twice)} is named twice; give each list a name of its own")
    return pairs


def _roles(
    roles: tuple[str, ...], discharge: str | None, inpatient: str | None, names: list[str]
) -> dict[str, ListRole]:
    shorthand = ((discharge, "discharge"), (inpatient, "inpatient"))
    given = [*roles, *(f"{name}={role}" for name, role in shorthand if name)]
    found = {}
    for name, text in _pairs(tuple(given), "NAME=ROLE", names):
        try:
            found[name] = ListRole(text)
        except ValueError:
            raise UsageError(f"{text!r} is no role; roles: {', '.join(r.value for r in ListRole)}") from None
    return found


def _versions(given: tuple[str, ...], names: list[str]) -> dict[str, str]:
    found = dict(_pairs(given, "NAME=VERSION", names))
    for text in found.values():
        if not VERSION.fullmatch(text):
            raise UsageError(f"{text!r} is no FHIR version that is read; versions: 3.0, 4.0, 4.3, 5.0")
    return found


def _day(text: str | None) -> dt.date:
    if text is None:
        return dt.datetime.now(ZoneInfo("Europe/London")).date()
    try:
        if len(text) != 10:
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--at {text!r} is no day; write it as YYYY-MM-DD") from None
