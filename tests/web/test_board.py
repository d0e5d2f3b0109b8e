"""The worklist as ward board, in a real browser: arrivals, filters, refresh that takes nothing away, handover."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web.running import Site, running_demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]

BOTH = pytest.mark.parametrize(
    ("javascript", "width"), [(True, 1440), (False, 390)], ids=["javascript", "no-javascript"]
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo of its own: other files count what stands on the worklist."""
    with running_demo(tmp_path_factory.mktemp("board")) as running:
        yield running


def axe(page: Page, javascript: bool = True) -> list[str]:
    """Nothing can be looked into where scripts do not run; the page is the same."""
    if not javascript:
        return []
    return [v["id"] for v in Axe().run(page).response["violations"]]


def line(page: Page, name: str) -> Any:
    return page.locator(".gw-board tbody tr", has_text=name)


@BOTH
def test_a_line_says_all_that_the_ward_needs(open_page: Any, javascript: bool, width: int) -> None:
    page = open_page("pharmacist", javascript=javascript, width=width)
    page.goto("/worklist")
    first = page.locator(".gw-board tbody tr").first
    expect(first).to_contain_text("Grace Adeyemi")  # the soonest discharge; it is late, and says so in words
    expect(first.locator("[data-label='Discharge planned']")).to_contain_text(re.compile(r"\d+ min late"))
    expect(first.locator("[data-label=Bed]")).to_contain_text("Ward 3 Medicine")
    expect(first.locator("[data-label='Since admission']")).to_contain_text("Late: 24 h passed")
    expect(first.locator("[data-label=Lists]")).to_contain_text("3 of 3 complete")
    expect(first.locator("[data-label='High risk']")).to_contain_text("1 high")
    nakamura = line(page, "Ken Nakamura")
    expect(nakamura.locator("[data-label=Lists]")).to_contain_text("Bridge Street Pharmacy: not received")
    expect(nakamura.locator("[data-label='Discharge planned']")).to_contain_text(re.compile(r"in \d h"))
    expect(nakamura.get_by_role("link", name="Start")).to_be_visible()
    assert axe(page, javascript) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_the_board_fits_its_screen(open_page: Any, width: int) -> None:
    page = open_page("pharmacist", width=width)
    page.goto("/worklist")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []


@BOTH
def test_looking_for_new_patients_sets_aside_whom_nobody_can_ask_for(
    open_page: Any, javascript: bool, width: int
) -> None:
    page = open_page("pharmacist", javascript=javascript, width=width)
    page.goto("/worklist")
    rows = page.locator(".gw-board tbody tr").count()
    page.get_by_role("button", name="Look for new patients").click()
    expect(page.get_by_text(re.compile("St Aldate's Hospital: 0 new"))).to_be_visible()
    aside = page.get_by_role("region", name="Set aside")
    expect(aside).to_contain_text("Chiara Marchetti")
    expect(aside).to_contain_text("the patient has no NHS number")
    assert page.locator(".gw-board tbody tr").count() == rows
    assert axe(page, javascript) == []


@BOTH
def test_filters_are_removed_one_by_one_and_an_empty_list_says_so(open_page: Any, javascript: bool, width: int) -> None:
    page = open_page("pharmacist", javascript=javascript, width=width)
    page.goto("/worklist")
    everybody = page.locator(".gw-board tbody tr").count()
    page.get_by_label("Ward").select_option(label="Ward 7 Renal (2)")
    page.get_by_label("Status").select_option(value="missing")
    page.get_by_role("button", name="Filter").click()
    assert not re.search(r"Renal|\d{10}", page.url), "an address holds no word of a record"
    expect(page.get_by_text("Nobody on the worklist fits these filters.")).to_be_visible()
    expect(page.locator("#board-applied")).to_contain_text(f"Shown: 0 of {everybody}.")
    expect(page.locator("#board-applied")).to_contain_text("List missing (3)")
    assert axe(page, javascript) == []
    page.get_by_role("link", name="Remove the filter List missing").click()
    expect(page.locator(".gw-board tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Remove the filter Ward 7 Renal").click()
    expect(page.locator(".gw-board tbody tr")).to_have_count(everybody)


def test_the_refresh_keeps_what_is_typed_and_where_the_person_is(open_page: Any) -> None:
    page = open_page("pharmacist")
    page.clock.install()
    page.goto("/worklist")
    field = page.get_by_label("Fetch a patient's lists by NHS number")
    field.fill("999 0")
    page.get_by_label("Status").select_option(value="late")
    page.get_by_label("Mine").check()
    page.get_by_label("Mine").focus()
    page.evaluate("document.querySelector('#board-sums').textContent = 'old'")
    with page.expect_response("**/worklist") as answered:
        page.clock.run_for(31_000)
    assert answered.value.request.headers["x-gateway-refresh"] == "30s"
    expect(page.locator("#board-sums")).to_contain_text("soonest discharge first")
    expect(field).to_have_value("999 0")
    expect(page.get_by_label("Status")).to_have_value("late")
    expect(page.get_by_label("Mine")).to_be_checked()
    expect(page.get_by_label("Mine")).to_be_focused()


def test_a_refresh_that_fails_says_so(open_page: Any) -> None:
    page = open_page("pharmacist")
    page.clock.install()
    page.goto("/worklist")
    expect(page.get_by_text("Not refreshed.")).to_be_hidden()
    page.route("**/worklist", lambda route: route.abort())
    page.clock.run_for(31_000)
    expect(page.get_by_text("Not refreshed.")).to_be_visible()
    expect(page.locator(".gw-board tbody tr").first).to_be_visible()
    page.unroute("**/worklist")
    page.clock.run_for(31_000)
    expect(page.get_by_text("Not refreshed.")).to_be_hidden()


@BOTH
def test_a_review_is_taken_and_handed_over(open_page: Any, javascript: bool, width: int) -> None:
    who, note = ("Leonard Okafor", "Ask about the eye drops") if javascript else ("Erik Lindqvist", "Scan is at four")
    page = open_page("pharmacist", javascript=javascript, width=width)
    page.goto("/worklist")
    other = open_page("pharmacist-2", javascript=javascript, width=width)
    other.goto("/worklist")
    line(page, who).get_by_role("button", name="Take").click()
    expect(line(page, who).locator("[data-label=Pharmacist]")).to_contain_text("You")

    line(other, who).get_by_role("button", name="Take").click()  # from a page that is older
    expect(other.get_by_role("alert")).to_contain_text("took this review")
    assert axe(other, javascript) == []

    line(page, who).get_by_role("link", name="Hand over").click()
    assert axe(page, javascript) == []
    page.get_by_label("Give it to").select_option(index=1)
    page.get_by_label("What they need to know").fill(note)
    page.get_by_role("button", name="Hand over").click()
    expect(line(page, who).locator("[data-label=Pharmacist]")).to_contain_text(note)

    other.goto("/worklist?mine=yes")
    expect(line(other, who)).to_be_visible()
    line(other, who).get_by_role("link", name="Start").click()
    expect(other.get_by_text(note)).to_be_visible()
    assert axe(other, javascript) == []
