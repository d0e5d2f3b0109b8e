"""`gateway terminology status`: what vocabulary is loaded."""

from __future__ import annotations

import click


@click.group()
def terminology() -> None:
    """What vocabulary is loaded."""


@terminology.command()
def status() -> None:
    """Version and size of the vocabulary, and the review state of its blocks."""
    from gateway.actions.reconcile import load_vocabulary_only

    vocabulary = load_vocabulary_only()
    brands = sum(name.kind == "brand" for name in vocabulary.names.values())
    click.echo(f"starter vocabulary {vocabulary.version}, drafted, not yet reviewed by a pharmacist")
    click.echo(f"{len(vocabulary.ingredients)} substances, {brands} brands, {len(vocabulary.names)} names in all")
    click.echo(f"{len(vocabulary.forms)} forms, {len(vocabulary.routes)} routes, {len(vocabulary.units)} units")
    click.echo(f"{len(vocabulary.confusable)} names that are confusable with another")
    click.echo("no NHS dm+d or RxNorm release is loaded")
