"""`gateway terminology status` and `import`: what vocabulary is loaded, and loading a licensed release."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def terminology() -> None:
    """What vocabulary is loaded; import an NHS dm+d or RxNorm release."""


@terminology.command()
def status() -> None:
    """Version and size of the vocabulary, the review state of its blocks, and the releases that are loaded."""
    from gateway.actions.reconcile import load_vocabulary_only
    from gateway.terminology.releases import KINDS

    vocabulary = load_vocabulary_only()
    brands = sum(name.kind == "brand" for name in vocabulary.names.values())
    click.echo(f"starter vocabulary {vocabulary.version.split('+')[0]}, drafted, not yet reviewed by a pharmacist")
    click.echo(f"{len(vocabulary.ingredients)} substances, {brands} brands, {len(vocabulary.names)} names in all")
    click.echo(f"{len(vocabulary.forms)} forms, {len(vocabulary.routes)} routes, {len(vocabulary.units)} units")
    click.echo(f"{len(vocabulary.confusable)} names that are confusable with another")
    click.echo(f"{len(vocabulary.ambiguous)} names that mean more than one medicine, and are not read")
    loaded = {info.kind: info for info in (vocabulary.release.infos if vocabulary.release else ())}
    for kind, label in KINDS.items():
        info = loaded.get(kind)
        if info is None:
            click.echo(f"no {label} release is loaded")
        else:
            counts = ", ".join(f"{n} {what}" for what, n in sorted(info.counts.items()))
            click.echo(f"{label} release {info.version} from {info.source}: {counts}")


@terminology.command("import")
@click.argument("path", type=click.Path(path_type=Path))
def import_(path: Path) -> None:
    """Load the dm+d (XML) or RxNorm (RRF) release at PATH, a folder or a zip, in its official form.

    It replaces the release of its kind that was loaded, in one step and only once all of it was read.
    """
    from gateway.errors import SettingsError
    from gateway.settings import Settings
    from gateway.terminology.load import cache_folder
    from gateway.terminology.release_import import import_release
    from gateway.terminology.releases import KINDS

    folder = cache_folder(Settings.from_environment().cache_dir)
    if folder is None:
        raise SettingsError(
            "GATEWAY_CACHE_DIR: this user has no cache folder; set it to where the release is to be kept"
        )
    info = import_release(path, folder, lambda line: click.echo(line, err=True))
    click.echo(f"{KINDS[info.kind]} release {info.version} is loaded")
