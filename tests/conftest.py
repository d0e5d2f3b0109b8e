"""Fixtures for all tests: the records folder, a vocabulary loaded once."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

from gateway.terminology.load import load_vocabulary
from gateway.terminology.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def records_dir() -> Path:
    """The folder of real and realistic public records; it is not part of the project, so its absence is said loudly."""
    folder = Path(os.environ.get("GATEWAY_RECORDS", ROOT.parent / "shared" / "records"))
    if not (folder / "gp_connect_stu3").is_dir():
        pytest.skip(f"NO RECORDS: {folder} is absent; set GATEWAY_RECORDS to test on real records")
    return folder


@pytest.fixture(scope="session")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load_vocabulary(cache_dir=tmp_path_factory.mktemp("vocabulary"))
