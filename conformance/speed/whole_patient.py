"""The whole patient, 4 lists of 15, against a typed decode and a full validation of the same bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gateway.actions.reconcile import Knowledge, reconcile
from gateway.fhir.read import read_list
from gateway.matching.rows import match
from gateway.normalise.lists import normalise_list
from gateway.records.lists import SourceDocument


class _Text(msgspec.Struct):
    text: str | None = None


class _Statement(msgspec.Struct):
    resourceType: str  # noqa: N815
    id: str | None = None
    status: str | None = None
    medicationCodeableConcept: _Text | None = None  # noqa: N815
    dosage: list[_Text] = []


class _Entry(msgspec.Struct):
    resource: _Statement


class _Bundle(msgspec.Struct):
    entry: list[_Entry] = []


def steps(
    documents: Mapping[str, SourceDocument], knowledge: Knowledge, at: dt.date
) -> dict[str, tuple[Callable[[], Any], str]]:
    """What to time, with its goal; each step warm."""
    contents = [one.content for one in documents.values()]
    decoder = msgspec.json.Decoder(_Bundle)
    written = [read_list(name, [one]) for name, one in documents.items()]
    lists = tuple(normalise_list(one, knowledge.vocabulary, at, None) for one in written)

    def middle() -> object:
        return match(
            tuple(normalise_list(one, knowledge.vocabulary, at, None) for one in written), knowledge.vocabulary
        )

    def whole() -> object:
        return reconcile([read_list(name, [one]) for name, one in documents.items()], knowledge, at)

    from fhir.resources.R4B.bundle import Bundle

    return {
        "reference: msgspec typed decode": (lambda: [decoder.decode(one) for one in contents], ""),
        "fhir.resources validation": (lambda: [Bundle.model_validate_json(one) for one in contents], ""),
        "read": (lambda: [read_list(name, [one]) for name, one in documents.items()], ""),
        "normalise": (lambda: [normalise_list(one, knowledge.vocabulary, at, None) for one in written], ""),
        "match": (lambda: match(lists, knowledge.vocabulary), ""),
        "normalise and match": (middle, "5 ms, 3 decodes"),
        "whole patient, rules too": (whole, "5 ms; 40x fhir.resources"),
    }
