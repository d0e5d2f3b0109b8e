"""What the review page weighs and asks for, and what a screen reader is told of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Request, expect

from tests.web.running import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]

#: SCREENS, "Budget": 70 kB gzipped, under 10 requests, none external.
MOST_BYTES, MOST_REQUESTS = 70 * 1024, 10


def test_the_review_page_is_light_and_asks_nobody_else(open_page: Any, site: Site) -> None:
    page = open_page("pharmacist")
    address = page.get_by_role("link", name="review Doris Hargreaves").get_attribute("href")
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one))  # Playwright takes no builtin
    page.goto(address, wait_until="networkidle")
    assert asked
    sent = [one for one in asked if not one.url.startswith("data:")]
    assert [one.url for one in sent if not one.url.startswith(site.address)] == []
    assert len(sent) < MOST_REQUESTS
    with site.client("pharmacist") as client:
        weight = 0
        for url in {one.url.removeprefix(site.address) for one in sent}:
            with client.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as answer:
                assert answer.status_code == 200
                weight += sum(len(part) for part in answer.iter_raw())
    assert weight <= MOST_BYTES, weight


def test_what_a_screen_reader_is_told_of_a_row(open_page: Any) -> None:
    page = open_page("pharmacist")
    page.get_by_role("link", name="review Doris Hargreaves").click()
    row = page.get_by_role("row", name=re.compile("^furosemide"))
    expect(row).to_match_aria_snapshot("""
- row /^furosemide Moderate Dose differs/:
  - rowheader /^furosemide/:
    - strong: Moderate
    - strong: Dose differs
    - link "Decide in parts for furosemide"
    - link "See the record of furosemide"
  - cell /^GP practice and community pharmacy agree/:
    - paragraph: GP practice and community pharmacy agree
    - paragraph: 40 mg – tablet
    - paragraph:
      - text: DOSE
      - strong: 40 mg
      - mark: once a day in the morning (differs)
  - cell /twice a day \\(differs\\)/:
    - paragraph: 40 mg – tablet
  - cell "Decide furosemide":
    - paragraph:
      - button "Decide furosemide"
""")
