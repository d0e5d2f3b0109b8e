"""The main job in a real browser, with JavaScript and without: decide, confirm, override, and see the work counted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]


def count(page: Page, act: str) -> int:
    """How often an act stands in the person's own log; figures for others are not shown below five."""
    here = page.url
    page.goto("/my-work")
    found = page.get_by_role("row").filter(has_text=act).count()
    page.goto(here)
    return found


@pytest.mark.parametrize(
    ("javascript", "patient", "medicine", "as_on", "width"),
    [
        (True, "Doris Hargreaves", "apixaban", "as on Hospital discharge", 1440),
        (False, "Mary Thistlewood", "levothyroxine", "as on GP practice", 390),
    ],
    ids=["javascript", "no-javascript"],
)
def test_decide_confirm_override_and_count(
    open_page: Any, javascript: bool, patient: str, medicine: str, as_on: str, width: int
) -> None:
    page = open_page("pharmacist", width=width, javascript=javascript)
    decided = count(page, "Medicines decided")
    page.get_by_role("link", name=f"Review {patient}").click()
    expect(page.get_by_role("heading", name="Review medicines before discharge")).to_be_visible()
    page.get_by_role("button", name=f"Decide {medicine}").click()
    panel = page.get_by_role("group", name=re.compile("What should the patient take"))
    expect(panel.get_by_role("radio", checked=True)).to_have_count(0)

    # a change without its reason comes back, with what was filled in, and nothing is decided
    panel.get_by_role("radio", name="Stop this medicine").check()
    page.get_by_label("Note for the GP and pharmacy").fill("Asked the ward")
    page.get_by_role("button", name="Save decision").click()
    expect(page.get_by_role("alert")).to_contain_text("Give a reason")
    expect(page.get_by_label("Note for the GP and pharmacy")).to_have_value("Asked the ward")

    panel.get_by_role("radio", name=re.compile(as_on)).check()
    page.get_by_label("Reason", exact=True).select_option(label="Confirmed with the prescriber or team")
    page.get_by_role("button", name="Save decision").click()
    row = page.get_by_role("row", name=re.compile(f"^{medicine}"))
    expect(row).to_contain_text("Decided")
    expect(row).to_contain_text("Confirmed with the prescriber or team")
    expect(page.get_by_text(re.compile(r"^1 of \d+ decided"))).to_be_visible()

    clerk = open_page("audit-clerk", width=width, javascript=javascript)
    before = {act: count(clerk, act) for act in ("Audit answers confirmed", "Audit answers changed")}
    clerk.get_by_role("link", name=f"Open the form of {patient}").click()
    confirmed, changed = clerk.locator("tr", has_text="4.05").first, clerk.locator("tr", has_text="4.07").first
    expect(confirmed).to_contain_text("bisoprolol is on the discharge list")
    confirmed.get_by_role("button", name=re.compile("^Confirm")).click()
    expect(clerk.locator("tr", has_text="4.05").first).to_contain_text("Confirmed as proposed")
    changed.get_by_role("link", name="Change 4.07").click()
    clerk.get_by_role("radio", name="No", exact=True).check()
    clerk.get_by_role("button", name="Save answer").click()
    expect(clerk.get_by_role("alert")).to_contain_text("reason")
    clerk.get_by_role("radio", name="No", exact=True).check()
    clerk.get_by_label("Why the proposed answer is not right").select_option(index=1)
    clerk.get_by_role("button", name="Save answer").click()
    expect(clerk.locator("tr", has_text="4.07").first).to_contain_text("Proposed was: Yes")

    assert count(page, "Medicines decided") == decided + 1
    assert {act: count(clerk, act) for act in before} == {act: n + 1 for act, n in before.items()}
    manager = open_page("manager", javascript=javascript)
    manager.goto("/labour")
    reasons = manager.get_by_role("table").first
    expect(reasons).to_contain_text("Confirmed with the prescriber or team")
    expect(reasons).to_contain_text("fewer than five")


def test_a_missing_list_is_said_in_words_on_every_row(open_page: Any) -> None:
    page = open_page("pharmacist")
    page.get_by_role("link", name="Review Ken Nakamura").click()
    expect(page.get_by_text("Community pharmacy: not received.").first).to_be_visible()
    rows = page.locator("tr.gw-row")
    assert rows.count() == 5
    for row in rows.all():
        expect(row).to_contain_text("No list received")
    page.goto("/worklist")
    page.get_by_role("link", name="Review Simone Delacroix").click()
    for row in page.locator("tr.gw-row").all():
        expect(row).to_contain_text("Withheld")
    page.goto("/worklist")
    page.get_by_role("link", name="Review Iain MacAllister").click()
    expect(page.locator("tr.gw-row", has_text="enoxaparin")).to_contain_text("Not in the part received")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_fetching_shows_progress_and_ends_on_the_review(open_page: Any, javascript: bool) -> None:
    page = open_page("pharmacist", javascript=javascript)
    page.get_by_label("Fetch a patient's lists by NHS number").fill("999 757 4915")  # whose hospital is slow
    page.get_by_role("button", name="Fetch").click()
    expect(page.get_by_role("heading", name="Fetching the lists")).to_be_visible()
    expect(page.get_by_role("heading", name="Bridge Street Pharmacy")).to_be_visible()
    expect(page.get_by_role("heading", name="Review medicines before discharge")).to_be_visible(timeout=20_000)
    assert "9997574915" not in page.url


def test_a_review_is_signed_only_with_every_medicine_decided(open_page: Any) -> None:
    page = open_page("pharmacist")
    page.get_by_role("link", name="Review Edith Whitcombe").click()
    page.get_by_role("button", name="Check and sign").click()
    page.get_by_label("I checked this list").check()
    page.get_by_role("button", name="Sign the list").click()
    expect(page.get_by_role("alert")).to_contain_text("aspirin is not decided")
    page.get_by_role("link", name="Back to the review").click()
    for medicine in ("aspirin", "atorvastatin", "timolol"):
        page.get_by_role("button", name=f"Decide {medicine}").click()
        page.get_by_role("radio", name=re.compile("as on .*ospital discharge")).check()
        page.get_by_role("button", name="Save decision").click()
        expect(page.get_by_role("row", name=re.compile(f"^{medicine}"))).to_contain_text("Decided")
    page.get_by_role("button", name="Check and sign").click()
    page.get_by_label("I checked this list").check()
    page.get_by_role("button", name="Sign the list").click()
    expect(page.get_by_role("heading", name="Signed medicines list")).to_be_visible()

    clerk = open_page("audit-clerk")
    clerk.get_by_role("link", name="Open the form of Edith Whitcombe").click()
    beta_blocker = clerk.locator("tr", has_text="4.05").first  # timolol eye drops are none
    expect(beta_blocker).to_contain_text("the signed discharge list holds no such medicine")
    beta_blocker.get_by_role("link", name="See the record").click()
    expect(clerk.get_by_role("heading", name=re.compile("the record behind it"))).to_be_visible()
