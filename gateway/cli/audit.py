"""`gateway audit packs`: the clinical audit packs."""

from __future__ import annotations

import click


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
