"""The demo as a user starts it, and a real browser on it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import Struct
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.fetch_browser import find

_SIGN_IN = re.compile(r"^  ([\w-]+)\s+([0-9a-f-]{14})$", re.MULTILINE)


class Site(Struct, frozen=True):
    """A running demo: its address and the password of each account."""

    address: str
    passwords: dict[str, str]
    log: Path

    @contextmanager
    def client(self, name: str | None = None) -> Iterator[httpx.Client]:
        """An HTTP client, signed in where an account is named."""
        with httpx.Client(base_url=self.address, follow_redirects=False, timeout=30) as client:
            if name:
                answer = client.post("/sign-in", data={"name": name, "password": self.passwords[name]})
                assert answer.status_code == 303, answer.text
            yield client


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`gateway demo` as a process of its own."""
    folder = tmp_path_factory.mktemp("demo")
    out, log = folder / "out", folder / "log"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")}
    with out.open("w") as stdout, log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "demo", "--port", "0"], stdout=stdout, stderr=stderr, env=environment
        )
        try:
            yield _wait(process, out, log)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _wait(process: subprocess.Popen[bytes], out: Path, log: Path) -> Site:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        said = out.read_text()
        if "Ctrl-C" in said:
            found = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert found
            return Site(found.group(), dict(_SIGN_IN.findall(said)), log)
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(f"the demo did not start: {log.read_text()}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each module: while Playwright is open its event loop runs, and no other test may start one."""
    executable = find()
    if executable is None:
        pytest.skip("NO BROWSER: install chromium, or set GATEWAY_CHROMIUM; the pages were not tested in a browser")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Any]:
    """open_page("pharmacist", width=390, javascript=False) signs in and gives the page; errors of scripts fail."""
    contexts, problems = [], []

    def opening(name: str, *, width: int = 1440, javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript, base_url=site.address
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto("/sign-in")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(site.passwords[name])
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        return page

    yield opening
    for context in contexts:
        context.close()
    assert problems == []
