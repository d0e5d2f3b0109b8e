"""`gateway source add|list|check|set|activate|remove`: the organisations that are asked.

Secrets come from files or the environment, never from the command line, which every user of the machine can read.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gateway.actions.check_source import SourceReport
    from gateway.settings import Settings
    from gateway.sources.credentials import Credentials
    from gateway.store.database import Database
    from gateway.store.secrets import SecretBox

_PEM = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def source() -> None:
    """The organisations whose FHIR endpoints are asked."""


@source.command()
@click.argument("name")
@click.option("--organisation", required=True, help="As pages show it.")
@click.option("--kind", required=True, help="gp, hospital, community-pharmacy or other")
@click.option("--url", required=True, help="The FHIR base address.")
@click.option("--dialect", required=True, help="gp-connect-stu3, uk-core-r4, generic-r4, generic-r5 or generic-stu3")
@click.option("--ods-code", help="The organisation's ODS code.")
@click.option("--role", help="pre-admission, inpatient, discharge or supply; default: as its lists say.")
@click.option("--coverage", default="", help="One sentence: what this source does not hold.")
@click.option("--post-url", help="Where it takes documents by FHIR POST, at the same server; default: nowhere.")
@click.option("--contact", default="", help="Who owns the endpoint.")
@click.option("--deadline", "deadline_s", default=0.0, help="Seconds for one whole answer; default: the setting.")
@click.option(
    "--sign-in", default="none", show_default=True, help="none, bearer, smart-backend, nhs-signed-jwt or gp-connect-jwt"
)
@click.option("--token-url", help="Where a token is fetched.")
@click.option("--client-id")
@click.option("--key-id")
@click.option("--algorithm", help="RS384 or ES384 (smart-backend), RS512 (nhs-signed-jwt)")
@click.option("--scope")
@click.option("--private-key", type=_PEM, help="PEM file.")
@click.option("--bearer-from", metavar="VARIABLE", help="Environment variable that holds the token.")
@click.option("--client-certificate", type=_PEM, help="PEM file, for mutual TLS.")
@click.option("--client-key", type=_PEM, help="PEM file, for mutual TLS.")
@click.option(
    "--trusted-ca", type=_PEM, help="PEM file: the only authority that this source's certificate may be from."
)
@click.option("--asking-organisation", help="gp-connect-jwt: ODS code of who asks.")
@click.option("--asking-device", help="gp-connect-jwt: address that names this system.")
@click.option("--asid-from", help="gp-connect-jwt: this system's ASID.")
@click.option("--asid-to", help="gp-connect-jwt: the practice system's ASID.")
@click.option("--draft", is_flag=True, help="Do not ask it for patients yet.")
def add(name: str, organisation: str, kind: str, url: str, dialect: str, draft: bool, **given: object) -> None:
    """Register an endpoint under NAME (lower-case letters, digits, hyphens). It is not asked anything yet."""
    from gateway.actions.register_source import register_source

    with _opened() as (database, settings):
        made = register_source(
            database,
            now=dt.datetime.now(dt.UTC),
            box=_box(settings),
            credentials=_credentials(given),
            name=name,
            organisation=organisation,
            kind=kind,
            base_url=url,
            dialect=dialect,
            fhir_version="",
            ods_code=given["ods_code"],
            role=given["role"],
            coverage=given["coverage"],
            contact=given["contact"],
            post_url=given["post_url"],
            deadline_s=given["deadline_s"],
            state="draft" if draft else "active",
        )
    click.echo(f"{made.name}: registered ({made.state}); try it with `gateway source check {made.name}`")


@source.command("list")
def list_() -> None:
    """Name, state, kind, dialect, sign-in and address of each."""
    from gateway.actions.register_source import STATES, registered_sources

    with _opened() as (database, _):
        for one in registered_sources(database, *STATES):
            sign_in = one.public.get("kind", "none")
            click.echo(f"{one.name}\t{one.state}\t{one.kind}\t{one.dialect}\t{sign_in}\t{one.base_url}")


@source.command()
@click.argument("name")
@click.option("--patient", metavar="NHS-NUMBER|-", help="A test patient; - reads the number from stdin.")
def check(name: str, patient: str | None) -> None:
    """What the source offers, and with --patient what of a test patient's list is understood. The report is kept.

    Exit status: 0 all well; 3 the list is not complete; 1 the source could not be used.
    """
    from gateway.actions.check_source import check_source
    from gateway.actions.reconcile import load_knowledge
    from gateway.cli.source_report import lines_of

    number = sys.stdin.readline().strip() if patient == "-" else patient
    with _opened() as (database, settings):
        report: SourceReport = asyncio.run(
            check_source(
                database,
                settings,
                load_knowledge(settings.cache_dir, settings.site_file),
                source=name,
                nhs_number=number,
                now=lambda: dt.datetime.now(dt.UTC),
            )
        )
    for line in lines_of(report):
        click.echo(line)
    if not report.good:
        sys.exit(3 if report.fetch and report.fetch.entries else 1)


@source.command("set")
@click.argument("name")
@click.option("--post-url", required=True, help="Where it takes documents by FHIR POST; empty: nowhere.")
def set_(name: str, post_url: str) -> None:
    """Change where documents are posted. A pharmacist chooses each time whether something is sent."""
    _change(name, {"post_url": post_url.strip() or None})


@source.command()
@click.argument("name")
def activate(name: str) -> None:
    """From now on ask it for every patient."""
    _change(name, {"state": "active"})


@source.command()
@click.argument("name")
def remove(name: str) -> None:
    """Ask it no more. What it sent is kept."""
    _change(name, {"state": "retired"})


def _change(name: str, fields: dict[str, object]) -> None:
    from gateway.actions.register_source import change_source, source_of

    with _opened() as (database, settings):
        found = source_of(database, name)
        change_source(database, source=found.id, fields=fields, now=dt.datetime.now(dt.UTC), box=_box(settings))
    for field, value in fields.items():
        click.echo(f"{name}: {field.replace('_', ' ')} {value or 'none'}" if field != "state" else f"{name}: {value}")


@contextmanager
def _opened() -> Iterator[tuple[Database, Settings]]:
    from gateway.settings import Settings
    from gateway.store.database import open_database

    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    try:
        yield database, settings
    finally:
        database.close()


def _box(settings: Settings) -> SecretBox:
    from gateway.store.secrets import SecretBox

    return SecretBox(settings.secret_key)


def _credentials(given: dict[str, object]) -> Credentials | None:
    """Raises UsageError for an unknown sign-in or a variable that is not set."""
    from gateway.errors import UsageError
    from gateway.sources.credentials import Credentials, SignInKind

    try:
        kind = SignInKind(str(given["sign_in"]))
    except ValueError:
        raise UsageError(f"--sign-in is one of {', '.join(SignInKind)}") from None
    variable = given["bearer_from"]
    bearer = os.environ.get(str(variable)) if variable else None
    if variable and not bearer:
        raise UsageError(f"the environment variable {variable} holds no token")
    files = {f: p.read_text(encoding="utf-8") for f in _FILES if isinstance(p := given[f], Path)}
    texts = {f: str(given[o]) for f, o in _TEXTS.items() if given[o]}
    if kind is SignInKind.NONE and not files and not bearer:
        return None
    return Credentials(kind=kind, bearer=bearer, **files, **texts)


_FILES = ("private_key", "client_certificate", "client_key", "trusted_ca")
_TEXTS = {
    "token_url": "token_url",
    "client_id": "client_id",
    "key_id": "key_id",
    "algorithm": "algorithm",
    "scope": "scope",
    "organisation": "asking_organisation",
    "device": "asking_device",
    "asid_from": "asid_from",
    "asid_to": "asid_to",
}
