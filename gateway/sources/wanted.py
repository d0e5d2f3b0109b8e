"""Which test results are asked for: `mappings/sources/observations.yaml`."""

from __future__ import annotations

from pathlib import Path

import msgspec
import yaml

from gateway.errors import KnowledgeError
from gateway.settings import mappings_dir, read_once


class WantedTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One test by its codes, LOINC and SNOMED CT alike: a search by code alone finds both."""

    words: str
    codes: tuple[str, ...]


class WantedTests(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: dict[str, str | None]
    codes: tuple[WantedTest, ...]


@read_once
def observation_codes(mappings: Path | None = None) -> str:
    """All codes as one search value. Raises KnowledgeError where the file does not fit its schema."""
    path = (mappings or mappings_dir()) / "sources" / "observations.yaml"
    try:
        read = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), WantedTests)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"mappings/sources/observations.yaml: {error}") from None
    return ",".join(dict.fromkeys(code for one in read.codes for code in one.codes))
