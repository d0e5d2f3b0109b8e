"""`gateway read medicine|dose` and `gateway compare`: one JSON object for each line, blank ones too."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

import click
import msgspec

from gateway.errors import UsageError


@click.command()
@click.argument("kind", type=click.Choice(["medicine", "dose"]))
@click.argument("text", nargs=-1)
def read(kind: str, text: tuple[str, ...]) -> None:
    """How TEXT is understood; - reads lines and writes one JSON object a line."""
    from gateway.actions import read_texts
    from gateway.actions.reconcile import load_vocabulary_only

    vocabulary = load_vocabulary_only()
    show: Callable[[str], dict[str, Any]]
    if kind == "medicine":
        show = lambda line: read_texts.medicine(line, vocabulary)  # noqa: E731
    else:
        show = lambda line: read_texts.dose(line, vocabulary)  # noqa: E731
    if text in {(), ("-",)}:
        _write(show(line) for line in _lines())
    else:
        _write([show(" ".join(text))])


@click.command("compare")
@click.argument("names", nargs=-1)
def compare_names(names: tuple[str, ...]) -> None:
    """How two medicine names relate: compare A B, or - for tab-separated pairs on standard input."""
    from gateway.actions import read_texts
    from gateway.actions.reconcile import load_vocabulary_only

    vocabulary = load_vocabulary_only()
    if names in {(), ("-",)}:
        pairs = (([*line.split("\t", 1), ""])[:2] for line in _lines())
        _write(read_texts.pair(a, b, vocabulary) for a, b in pairs)
    elif len(names) == 2:
        _write([read_texts.pair(names[0], names[1], vocabulary)])
    else:
        raise UsageError("compare takes two names, or - for tab-separated pairs")


def _lines() -> Iterable[str]:
    """Lines of standard input; bytes that are no UTF-8 are replaced, so that every line has its answer."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace").rstrip("\r\n")


def _write(rows: Iterable[dict[str, Any]]) -> None:
    out = sys.stdout.buffer
    for row in rows:
        out.write(msgspec.json.encode(row) + b"\n")
    out.flush()
