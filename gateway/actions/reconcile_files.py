"""Reconcile files: each NAME=PATH is one list; an unusable file among others is a list in state `failed`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from gateway.actions.reconcile import Knowledge, reconcile
from gateway.errors import InputError
from gateway.fhir.read import read_list
from gateway.normalise.aliases import NO_ALIASES, Aliases
from gateway.records.lists import ListAsWritten, ListRole, ListState
from gateway.records.reconciliation import Reconciliation
from gateway.sources.files import read_path

#: Of one file once unpacked. The largest real record at hand is 1 MB; a gzip bomb must stop early.
MAX_BYTES = 64 * 1024 * 1024


def reconcile_files(
    named: Sequence[tuple[str, Path]],
    knowledge: Knowledge,
    at: dt.date,
    *,
    roles: Mapping[str, ListRole] | None = None,
    patient: str | None = None,
    fhir_versions: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    aliases: Aliases = NO_ALIASES,
) -> Reconciliation:
    """Raises InputError when no list is usable, PatientMismatch when lists are of different patients."""
    versions = fhir_versions or {}
    lists = [read_named(name, path, versions.get(name), patient, max_bytes) for name, path in named]
    if all(one.state is ListState.FAILED for one in lists):
        causes = "; ".join(f"{one.name}: {' '.join(one.causes) or 'not usable'}" for one in lists)
        raise InputError(
            f"no list is usable ({causes}); give at least one FHIR file, folder or NDJSON that can be read"
        )
    return reconcile(lists, knowledge, at, roles, aliases=aliases)


def read_named(name: str, path: Path, version: str | None, patient: str | None, max_bytes: int) -> ListAsWritten:
    """One list from one path; what cannot be read at all is a failed list with its cause."""
    try:
        documents = read_path(path, max_bytes=max_bytes)
    except InputError as error:
        return ListAsWritten(name=name, state=ListState.FAILED, causes=(error.words,))
    return read_list(name, documents, fhir_version=version, patient=patient)
