"""`gateway audit packs|prefill`: the clinical audit packs, and what one proposes for files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

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


def _print(pack: AuditPack, answers: tuple[PrefilledAnswer, ...]) -> None:
    click.echo(f"{pack.title}, {pack.id} {pack.version} (dataset {pack.dataset_date}, {pack.review_state})")
    for question, answer in zip(pack.questions, answers, strict=True):
        label = next((o.label for o in question.options if o.code == answer.code), None)
        click.echo(f"{question.field}: {f'{answer.code} {label}' if label else 'not proposed'}")
        click.echo(f"  {answer.why}")
        for evidence in answer.evidence:
            click.echo(f"  {evidence.list}: {evidence.words}")
    click.echo("Every answer is a proposal for a person to confirm.")
