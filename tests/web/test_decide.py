"""The Decide line in a real browser: read back, ask and reply, keyboard, layouts, two windows; also without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web.running import Site, running_demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]

BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
MOST_KEYS = 5


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo of its own: what is decided here is not decided for other tests."""
    with running_demo(tmp_path_factory.mktemp("decide")) as running:
        yield running


def review(page: Page, patient: str) -> None:
    page.goto("/worklist")
    page.get_by_role("link", name=f"Review {patient}").click()


def row(page: Page, medicine: str) -> Any:
    return page.locator("tr.gw-row", has=page.locator(".gw-medicine", has_text=re.compile(f"^{medicine}$")))


def axe(page: Page) -> list[str]:
    return [v["id"] for v in Axe().run(page).response["violations"]]


@BOTH
def test_a_change_is_shown_back_before_it_is_saved(open_page: Any, javascript: bool) -> None:
    page = open_page("pharmacist", javascript=javascript, width=1440 if javascript else 390)
    review(page, "Doris Hargreaves")
    page.get_by_role("button", name=re.compile("(Decide|Change) apixaban")).click()
    expect(page.get_by_role("textbox", name="Amount")).to_be_hidden()  # out of the way until it is asked for
    page.get_by_role("radio", name="Change to something else").check()
    page.get_by_role("textbox", name="Amount").fill("2.5")
    page.get_by_role("textbox", name="Unit").fill("mg")
    page.get_by_role("combobox", name="How often").fill("twice a day")
    page.get_by_label("Reason", exact=True).select_option(label="Dose changed for kidney function")
    page.get_by_role("button", name="Save decision").click()
    expect(page.get_by_role("status")).to_contain_text("Understood as: apixaban – 2.5\u00a0mg twice a day")
    if javascript:
        assert axe(page) == []
    expect(row(page, "apixaban")).not_to_contain_text("Change to: 2.5 mg")

    # what is corrected after it was shown is shown again
    page.get_by_role("textbox", name="Amount").fill("5")
    page.get_by_role("button", name="Save decision").click()
    expect(page.get_by_role("status")).to_contain_text("Understood as: apixaban – 5\u00a0mg twice a day")
    page.get_by_role("button", name="Save decision").click()
    expect(row(page, "apixaban")).to_contain_text("Change to: 5 mg twice a day (understood as")

    page.get_by_role("button", name="Change apixaban").click()
    page.get_by_role("radio", name="Change to something else").check()
    page.get_by_label("Or all of it in words").fill("as agreed on the round")
    page.get_by_label("Reason", exact=True).select_option(label="Dose changed for kidney function")
    page.get_by_role("button", name="Save decision").click()
    expect(page.get_by_role("status")).to_contain_text("Not understood, kept as written: as agreed on the round")
    page.get_by_role("button", name="Save decision").click()
    expect(row(page, "apixaban")).to_contain_text("as agreed on the round (not understood, kept as written)")
    page.get_by_role("button", name="Undo the decision on apixaban").click()
    expect(row(page, "apixaban")).not_to_contain_text("Change to")


@BOTH
def test_a_question_to_the_prescriber_and_its_reply(open_page: Any, javascript: bool) -> None:
    page = open_page("pharmacist", javascript=javascript, width=1440 if javascript else 390)
    review(page, "Stanley Wainwright")
    page.get_by_role("button", name="Decide warfarin").click()
    page.get_by_role("radio", name="Ask the prescriber").check()
    page.get_by_label("Reason", exact=True).select_option(label="More information is needed")
    page.get_by_role("button", name="Save decision").click()
    expect(page.get_by_role("alert")).to_contain_text("Say what you ask")
    page.get_by_label("your question to the prescriber").fill("Which dose from Friday?")
    page.get_by_role("button", name="Save decision").click()
    cell = row(page, "warfarin")
    expect(cell).to_contain_text("Which dose from Friday?")
    expect(page.get_by_text("1 waiting for the prescriber")).to_be_visible()

    cell.get_by_text("Record the reply").click()
    cell.get_by_role("button", name="Save reply").click()
    expect(page.get_by_role("alert")).to_contain_text("what was replied")
    cell.get_by_label("Who replied, by role").fill("Cardiology registrar")
    cell.get_by_label("What they replied").fill("3 mg until the INR on Monday")
    if javascript:
        assert axe(page) == []
    cell.get_by_role("button", name="Save reply").click()
    expect(cell).to_contain_text("Cardiology registrar replied: 3 mg until the INR on Monday")
    expect(page.get_by_text("1 waiting for the prescriber")).to_be_visible()  # a reply is no decision
    cell.get_by_role("button", name="Undo the decision on warfarin").click()
    expect(page.get_by_text("waiting for the prescriber")).to_have_count(0)


@BOTH
def test_somebody_else_was_faster(open_page: Any, javascript: bool) -> None:
    mine, theirs = open_page("pharmacist", javascript=javascript), open_page("pharmacist")
    for page in (mine, theirs):
        review(page, "Mary Thistlewood")
        page.get_by_role("button", name="Decide levothyroxine").click()
    theirs.get_by_role("radio", name="The patient does not take it").check()
    theirs.get_by_label("Reason", exact=True).select_option(label="The patient reports not taking it")
    theirs.get_by_role("button", name="Save decision").click()
    expect(row(theirs, "levothyroxine")).to_contain_text("Not taking")
    mine.get_by_role("radio", name="Stop this medicine").check()
    mine.get_by_label("Reason", exact=True).select_option(label="Adverse effect")
    mine.get_by_role("button", name="Save decision").click()
    expect(mine.get_by_role("alert")).to_contain_text(re.compile(r"changed this row \d+ seconds? ago"))
    box = mine.locator("#panel .gw-facts")
    expect(box).to_contain_text("What stands now")
    expect(box).to_contain_text("Not taking")
    expect(box).to_contain_text("What you chose, not saved")
    expect(box).to_contain_text("Stop")
    if javascript:
        assert axe(mine) == []
    mine.get_by_role("button", name="Save decision").click()  # knowing of it, one may still
    expect(row(mine, "levothyroxine").locator(".gw-col-decision")).to_contain_text("Stop")
    mine.get_by_role("button", name="Undo the decision on levothyroxine").click()
    expect(row(mine, "levothyroxine").locator(".gw-col-decision")).not_to_contain_text("Stop")


class Keys:
    """Counts what is pressed."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)


def test_twelve_differing_rows_in_at_most_five_keystrokes_each(open_page: Any) -> None:
    """Enter, 1, Tab, a letter of the reason, Ctrl+Enter; the focus goes on to the next medicine by itself."""
    page = open_page("pharmacist")
    page.goto("/worklist")
    reviews = [a.get_attribute("href") for a in page.get_by_role("link", name=re.compile(": review ")).all()]
    decided, most = 0, 0
    for address in reviews:
        page.goto(f"{address}?show=to-decide")
        differing = page.locator(".gw-section--differs .gw-row:not(.gw-row--decided) [data-decide]")
        left = differing.count()
        if not left or not page.get_by_role("button", name="Check and sign").count():
            continue
        differing.first.focus()  # from here on keys alone
        for _ in range(min(left, 12 - decided)):
            name = page.evaluate("document.activeElement.closest('.gw-row').id")
            keys = Keys(page)
            keys.press("Enter")
            expect(page.locator("#panel legend:focus")).to_have_count(1)
            keys.press("1")
            keys.press("Tab")
            keys.press("c")
            keys.press("Control+Enter")
            page.locator("#panel").wait_for(state="detached")
            most, decided = max(most, keys.count), decided + 1
            assert keys.count <= MOST_KEYS
            if decided < 12 and left > 1:
                expect(page.locator("[data-decide]:focus")).to_have_count(1)
                assert page.evaluate("document.activeElement.closest('.gw-row').id") != name
            left -= 1
        page.goto(address)
        decisions = page.locator(".gw-section--differs .gw-row--decided .gw-col-decision")
        expect(decisions.filter(has_text="Confirmed with the prescriber or team").first).to_be_visible()
        # Z in a row takes one back, and only there
        undone = page.locator(".gw-section--differs .gw-row--decided").first
        before = page.locator(".gw-row--decided").count()
        page.locator("h1").click()
        page.keyboard.press("z")
        assert page.locator(".gw-row--decided").count() == before
        undone.locator("[data-decide]").focus()
        page.keyboard.press("z")
        expect(page.locator(".gw-row--decided")).to_have_count(before - 1)
        if decided == 12:
            break
    assert decided == 12
    assert most <= MOST_KEYS


def test_digits_do_not_choose_while_typing_and_escape_closes(open_page: Any) -> None:
    page = open_page("pharmacist")
    review(page, "Doris Hargreaves")
    page.locator("[data-decide]").last.focus()
    page.keyboard.press("Enter")
    page.locator("#panel").wait_for()
    page.get_by_label("Note for the GP and pharmacy").focus()
    page.keyboard.type("12z")
    expect(page.get_by_label("Note for the GP and pharmacy")).to_have_value("12z")
    expect(page.locator("#panel input:checked")).to_have_count(0)
    page.keyboard.press("Escape")
    page.locator("#panel").wait_for(state="detached")
    expect(page.locator("[data-decide]").last).to_be_focused()


@BOTH
def test_lists_that_agree_can_be_merged(open_page: Any, javascript: bool) -> None:
    page = open_page("pharmacist", javascript=javascript)
    review(page, "Doris Hargreaves")
    columns = page.locator(".gw-review thead th").count()
    page.get_by_role("link", name="Merge lists that agree").click()
    expect(page.locator(".gw-review thead th")).to_have_count(3)
    assert columns > 3
    for each in page.locator("tr.gw-row").all():
        chips = each.locator(".gw-chips li").all_inner_texts()
        assert len(chips) == columns - 2  # every list is named once, also one without the medicine
        assert len(set(chips)) == len(chips)
    page.get_by_role("link", name=re.compile("^To decide")).click()  # the layout stays
    expect(page.get_by_role("link", name="Merge lists that agree")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name=re.compile("^Decide")).first.click()
    page.get_by_role("button", name="Save decision").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose what")
    expect(page.get_by_role("link", name="Merge lists that agree")).to_have_attribute("aria-current", "true")
    if javascript:
        page.get_by_text("Keyboard shortcuts").click()
        assert axe(page) == []
        for width in (320, 360, 390, 480, 600, 768, 1024, 1280, 1440, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
            assert page.evaluate(
                "[...document.querySelectorAll('.gw-nowrap')].every(e => e.getClientRects().length < 2)"
            ), width


@pytest.mark.parametrize("width", [320, 390, 768, 1440, 1920])
def test_the_dose_editor_fits(open_page: Any, width: int) -> None:
    page = open_page("pharmacist", width=width)
    review(page, "Doris Hargreaves")
    page.locator("[data-decide]").first.click()
    page.get_by_role("radio", name="Change to something else").check()
    expect(page.get_by_role("combobox", name="How often")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert axe(page) == []
