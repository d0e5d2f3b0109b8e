"""The part a list plays at this transition, and why it was given that part."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import yaml

from gateway.errors import KnowledgeError
from gateway.records.lists import ListAsWritten, ListRole
from gateway.settings import mappings_dir, read_once


class CodeRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    role: ListRole
    words: str


class DefaultRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    role: ListRole
    words: str


class RoleKnowledge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: dict[str, str | None]
    list_codes: tuple[CodeRole, ...]
    categories: tuple[CodeRole, ...]
    kinds: tuple[CodeRole, ...]
    default: DefaultRole


@read_once
def load_roles(mappings: Path | None = None) -> RoleKnowledge:
    """Raises KnowledgeError where mappings/sources/list_roles.yaml does not fit its schema."""
    path = (mappings or mappings_dir()) / "sources" / "list_roles.yaml"
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), RoleKnowledge)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"mappings/sources/list_roles.yaml: {error}") from None


def role_of(one: ListAsWritten, knowledge: RoleKnowledge | None = None) -> tuple[ListRole, str]:
    """Role and the reason in words: dispenses, then what the entries say, the list's code, the kind of organisation."""
    known = knowledge or load_roles()
    kinds = Counter(entry.kind for entry in one.entries)
    if kinds and set(kinds) == {"MedicationDispense"}:
        return ListRole.SUPPLY, "every entry is a dispense"
    for found in (_by_category(one, known), _by_list_code(one, known)):
        if found:
            return found.role, f"it holds {found.words}"
    for kind in known.kinds:
        if kind.code == one.kind:
            return kind.role, f"it comes from {kind.words}"
    return known.default.role, known.default.words


def _by_category(one: ListAsWritten, known: RoleKnowledge) -> CodeRole | None:
    """A discharge request outweighs inpatient ones: a hospital that sends both tells what the patient leaves on."""
    codes = {c.code for e in one.entries if e.kind == "MedicationRequest" for k in e.category for c in k.codings}
    return next((role for role in known.categories if role.code in codes), None)


def _by_list_code(one: ListAsWritten, known: RoleKnowledge) -> CodeRole | None:
    codes = {c.code for c in one.list_codes}
    return next((role for role in known.list_codes if role.code in codes), None)
