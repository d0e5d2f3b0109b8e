"""What matching is told by `mappings/matching/thresholds.yaml`."""

from __future__ import annotations

from pathlib import Path

import msgspec
import yaml

from gateway.errors import KnowledgeError
from gateway.settings import mappings_dir, read_once


class NamesNothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    why: str


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`suggest_from` and the others of `suggest_` but two are rapidfuzz similarities, 0 to 100;
    `suggest_at_most` counts suggestions, `suggest_shortest_name` letters."""

    block: str
    source: str
    review: dict[str, str | None]
    suggest_from: int
    suggest_at_most: int
    suggest_shortest_name: int
    suggest_one_letter: int
    suggest_cut_off: int
    codes_that_name_nothing: tuple[NamesNothing, ...]

    def ignored_codes(self) -> frozenset[str]:
        return frozenset(one.code for one in self.codes_that_name_nothing)


@read_once
def load_thresholds(mappings: Path | None = None) -> Thresholds:
    """Raises KnowledgeError where the file does not fit its schema."""
    path = (mappings or mappings_dir()) / "matching" / "thresholds.yaml"
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Thresholds)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"mappings/matching/thresholds.yaml: {error}") from None
