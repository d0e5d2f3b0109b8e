"""The outcome in a real browser: its page, the two pages for paper as A4 PDF, the files; axe on each."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web.running import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]


def axe(page: Page) -> list[str]:
    return [
        v["id"]
        for v in Axe()
        .run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        .response["violations"]
    ]


def outcome_of(page: Page, patient: str) -> str:
    page.goto("/worklist")
    page.get_by_role("link", name=f"Review {patient}").click()
    page.get_by_role("button", name="Check and sign").click()
    page.get_by_role("link", name="Outcome:").first.click()
    expect(page.get_by_role("heading", name="Outcome of the review")).to_be_visible()
    return re.sub(r"/outcome$", "", page.url)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_draft_says_so_on_every_page_and_gives_no_file_for_others(
    open_page: Any, javascript: bool, site: Site
) -> None:
    page = open_page("pharmacist", javascript=javascript)
    address = outcome_of(page, "Ken Nakamura")
    expect(page.get_by_text("DRAFT – not signed.")).to_be_visible()
    for title in ("New", "Changed", "Stopped, withheld or not taken"):
        expect(page.get_by_role("heading", name=re.compile(rf"^{title} \(\d+\)$"))).to_be_visible()
    assert page.goto(f"{address}/gp.csv").status == 409
    expect(page.get_by_role("alert")).to_contain_text("not signed")
    for paper in ("print", "patient-list"):
        page.goto(f"{address}/{paper}")
        expect(page.get_by_text("DRAFT – not signed.")).to_be_visible()
        assert page.locator("body").evaluate("e => e.scrollWidth <= innerWidth") if javascript else True


@pytest.mark.parametrize("width", [1440, 390, 320])
def test_axe_finds_nothing_on_the_outcome_and_on_paper(open_page: Any, width: int) -> None:
    page = open_page("pharmacist", width=width)
    address = outcome_of(page, "Ken Nakamura")
    for place in ("outcome", "print", "patient-list", "gp.csv"):
        page.goto(f"{address}/{place}")
        assert axe(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place
