"""The demo as a user starts it, and a real browser on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.fetch_browser import find
from tests.web.running import Site, running_demo


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


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
