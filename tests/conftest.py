"""Fixtures for all tests: the records folder, a vocabulary loaded once."""

from __future__ import annotations

import os
import warnings
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from gateway.terminology.load import load_vocabulary
from gateway.terminology.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parent.parent

#: What lands must not turn on luck; a developer's run still looks for new examples each time.
settings.register_profile("landing", derandomize=True)
if os.environ.get("GATEWAY_FORBID_SKIPS"):
    settings.load_profile("landing")


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


@pytest.hookimpl(hookwrapper=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
    """Skips are said last and in capitals, so that a green run without a browser does not look like a full one."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("SKIPPED: what stands above was not tested here", sep="!", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """`.ci/run` allows no skip."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("GATEWAY_FORBID_SKIPS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
