"""`gateway audit packs|prefill|cohort`: the packs, what one proposes for files, and a cohort's cases."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gateway.records.audit import AuditPack, PrefilledAnswer


@click.group()
def audit() -> None:
    """Clinical audit packs."""


@audit.command()
def packs() -> None:
    """Every pack with its questions, source and review state."""
    from gateway.actions.audit_packs import audit_packs

    for pack in audit_packs().values():
        click.echo(f"{pack.id} {pack.version}: {pack.title} (dataset {pack.dataset_date}, {pack.review_state})")
        for question in pack.questions:
            click.echo(f"  {question.field}: {question.text}")
        click.echo(f"  Source: {pack.source}")


@audit.command()
@click.argument("pack")
@click.argument("lists", nargs=-1, required=True, metavar="NAME=PATH ...")
@click.option("--discharge", metavar="NAME", help="The list that says what the patient leaves on.")
@click.option("--at", metavar="YYYY-MM-DD", help="The day that counts as today; default: today in London.")
@click.option("--patient", metavar="ID", help="Of a file with several patients, the one with this NHS number or id.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def prefill(
    pack: str, lists: tuple[str, ...], discharge: str | None, at: str | None, patient: str | None, form: str
) -> None:
    """What PACK proposes for the lists of one patient, with the evidence, or why it abstains.

    Files carry no sign-off, so "No" is never proposed here: a person answers it.

    Exit status: 0 every list complete; 3 done, but some list is not complete; 2 wrong usage; 1 no list usable, or
    lists of different patients.
    """
    from gateway.actions.audit_prefill import pack_named, prefill_json, prefill_lists
    from gateway.actions.reconcile import load_knowledge
    from gateway.cli.reconcile import from_files
    from gateway.settings import Settings

    chosen = pack_named(pack)
    result = from_files(lists, (), discharge, None, (), at, patient, with_aliases=False)
    settings = Settings.from_environment()
    vocabulary = load_knowledge(settings.cache_dir, settings.site_file).vocabulary
    answers = prefill_lists(chosen, result, vocabulary)
    if form == "json":
        sys.stdout.buffer.write(prefill_json(chosen, answers))
        sys.stdout.flush()
    else:
        _print(chosen, answers)
    if not result.complete:
        raise click.exceptions.Exit(3)


@audit.command()
@click.argument("pack")
@click.argument("file", type=click.File("rb"))
@click.option("--by", "account", required=True, metavar="NAME", help="Sign-in name of the audit clerk who enters them.")
def cohort(pack: str, file: IO[bytes], account: str) -> None:
    """Enter the patients of FILE (CSV with the column nhs_number, and why) into PACK.

    Exit status: 0 all entered; 3 done, but some line was not entered, as its line says; 2 wrong usage.
    """
    import datetime as dt

    from gateway.actions.accounts import list_accounts
    from gateway.actions.audit_prefill import pack_named
    from gateway.actions.enter_case import import_cohort
    from gateway.actions.reconcile import load_knowledge
    from gateway.errors import UsageError
    from gateway.settings import Settings
    from gateway.store.database import open_database

    chosen = pack_named(pack)
    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    try:
        who = next((one for one in list_accounts(database) if one.name == account), None)
        if who is None:
            raise UsageError("no account has this sign-in name; gateway user list names them")
        lines = import_cohort(
            database,
            pack=chosen.id,
            content=file.read(),
            by=who,
            vocabulary=load_knowledge(settings.cache_dir, settings.site_file).vocabulary,
            now=dt.datetime.now(dt.UTC),
        )
    finally:
        database.close()
    for one in lines:
        if one.case is None:
            click.echo(f"line {one.line}: not entered: {one.problem}")
    entered = sum(one.case is not None for one in lines)
    click.echo(f"{entered} of {len(lines)} entered into {chosen.title}.")
    if entered != len(lines):
        raise click.exceptions.Exit(3)


def _print(pack: AuditPack, answers: tuple[PrefilledAnswer, ...]) -> None:
    click.echo(f"{pack.title}, {pack.id} {pack.version} (dataset {pack.dataset_date}, {pack.review_state})")
    for question, answer in zip(pack.questions, answers, strict=True):
        label = next((o.label for o in question.options if o.code == answer.code), None)
        click.echo(f"{question.field}: {f'{answer.code} {label}' if label else 'not proposed'}")
        click.echo(f"  {answer.why}")
        for evidence in answer.evidence:
            click.echo(f"  {evidence.list}: {evidence.words}")
    click.echo("Every answer is a proposal for a person to confirm.")
