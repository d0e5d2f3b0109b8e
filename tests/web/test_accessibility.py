"""WCAG 2.2 AA by axe on every kind of page, whole attributes, nothing cut, nothing preselected."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]

WIDTHS = (320, 360, 390, 480, 600, 768, 1024, 1280, 1440)


def _worklist(page: Page) -> None:
    page.goto("/worklist")


def _review(page: Page) -> None:
    page.goto("/worklist")
    page.get_by_role("link", name="Review Stanley Wainwright").click()


def _panel(page: Page) -> None:
    _review(page)
    page.get_by_role("button", name="Decide warfarin").click()
    page.locator("#panel").wait_for()


def _panel_with_error(page: Page) -> None:
    _panel(page)
    page.get_by_role("button", name="Save decision").click()
    page.get_by_role("alert").wait_for()


def _panel_read_back(page: Page) -> None:
    _panel(page)
    page.get_by_role("radio", name="Change to something else").check()
    page.get_by_label("Or all of it in words").fill("3 mg once a day")
    page.get_by_role("button", name="Save decision").click()
    page.locator("#read-back").wait_for()


def _merged(page: Page) -> None:
    _review(page)
    page.get_by_role("link", name="Merge lists that agree").click()
    page.get_by_text("Keyboard shortcuts").click()


def _missing(page: Page) -> None:
    page.goto("/worklist")
    page.get_by_role("link", name="Review Ken Nakamura").click()


def _evidence(page: Page) -> None:
    _review(page)
    page.get_by_role("link", name="See the record of warfarin").click()
    page.get_by_text("The record as received").first.click()


def _by_hand(page: Page) -> None:
    _review(page)
    page.get_by_role("link", name="Enter a medicine by hand").click()


def _by_hand_read_back(page: Page) -> None:
    _by_hand(page)
    page.get_by_role("radio", name="The patient", exact=False).first.check()
    page.get_by_label("Medicine, with strength and form").fill("ibuprofen 400 mg tablets")
    page.get_by_role("button", name="See how it is read").click()
    page.locator("#read-back").wait_for()


def _parts(page: Page) -> None:
    _review(page)
    page.get_by_role("link", name="Decide in parts for warfarin").click()
    page.get_by_role("button", name="Decide them apart").wait_for()


def _timeline(page: Page) -> None:
    _review(page)
    page.get_by_role("link", name="Medicines over time").click()
    page.get_by_role("heading", name="The same as a table").wait_for()


def _sign_off(page: Page) -> None:
    _missing(page)
    page.get_by_role("button", name="Check and sign").click()


def _audits(page: Page) -> None:
    page.goto("/audits")


def _audit(page: Page) -> None:
    _audits(page)
    page.get_by_role("link", name="Open the form of Bruno Castellano").click()


def _audit_change(page: Page) -> None:
    _audit(page)
    page.get_by_role("link", name="Change 4.06").click()


def _audit_lookup(page: Page) -> None:
    _audit(page)
    page.get_by_role("link", name="I looked elsewhere for 4.06").click()


def _audit_ask(page: Page) -> None:
    _audit(page)
    page.get_by_role("link", name="Ask the ward about 4.06").click()


def _audit_enter(page: Page) -> None:
    page.goto("/audits/enter")
    page.get_by_role("heading", level=1).wait_for()


def _audit_lock_refused(page: Page) -> None:
    _audit(page)
    page.get_by_role("button", name="Lock", exact=True).click()
    page.get_by_role("alert").wait_for()


def _labour(page: Page) -> None:
    page.goto("/labour")


def _sources(page: Page) -> None:
    page.goto("/sources")


def _source_new(page: Page) -> None:
    page.goto("/sources/new")


def _source_new_with_error(page: Page) -> None:
    _source_new(page)
    page.get_by_role("button", name="Keep as a draft").click()
    page.get_by_role("alert").wait_for()


def _source(page: Page) -> None:
    _sources(page)
    page.get_by_role("link", name="Elm Tree Surgery").click()
    for one in page.locator("summary").all():
        one.click()


def _not_found(page: Page) -> None:
    page.goto("/nowhere")


PAGES = [
    ("pharmacist", _worklist), ("pharmacist", _review), ("pharmacist", _panel), ("pharmacist", _panel_with_error),
    ("pharmacist", _panel_read_back), ("pharmacist", _merged),
    ("pharmacist", _by_hand), ("pharmacist", _by_hand_read_back), ("pharmacist", _parts), ("pharmacist", _timeline),
    ("pharmacist", _missing), ("pharmacist", _evidence), ("pharmacist", _sign_off), ("audit-clerk", _audits),
    ("audit-clerk", _audit), ("audit-clerk", _audit_change), ("audit-clerk", _audit_lookup),
    ("audit-clerk", _audit_ask), ("audit-clerk", _audit_enter), ("audit-clerk", _audit_lock_refused),
    ("manager", _labour),
    ("integrator", _sources), ("integrator", _source_new), ("integrator", _source_new_with_error),
    ("integrator", _source), ("manager", _sources), ("pharmacist", _not_found),
]  # fmt: skip


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(("who", "going"), PAGES, ids=[f"{who} {going.__name__.strip('_')}" for who, going in PAGES])
def test_axe_finds_nothing(open_page: Any, who: str, going: Any, width: int) -> None:
    page = open_page(who, width=width)
    going(page)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    said = [(v["id"], v["help"], [n["html"][:160] for n in v["nodes"]][:3]) for v in found.response["violations"]]
    assert said == []


def test_the_sign_in_page_too(browser: Any, site: Any) -> None:
    page = browser.new_page(base_url=site.address)
    page.goto("/sign-in")
    assert Axe().run(page).response["violations"] == []
    page.close()


def test_nothing_scrolls_sideways_and_no_dose_is_broken(open_page: Any) -> None:
    """CUI: no sideways scrolling; an amount and its unit are never on two lines, at nine widths."""
    page = open_page("pharmacist")
    for name in ("Doris Hargreaves", "Erik Lindqvist", "Harold Brightwell", "Agnes Fairbairn"):
        page.goto("/worklist")
        page.get_by_role("link", name=f"Review {name}").click()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, width)
            broken = page.evaluate(
                "[...document.querySelectorAll('.gw-nowrap')].filter(e => e.getClientRects().length > 1)"
                ".map(e => e.textContent)"
            )
            assert broken == [], (name, width)


#: Pairs of texts within one cell, list item or section head that stand on each other, as "one | other".
_OVERLAPS = """() => {
  const found = [];
  for (const cell of document.querySelectorAll('main td, main th, main li, main .gw-section__head')) {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), seen = [];
    for (let node; (node = walker.nextNode());) {
      if (!node.data.trim() || node.parentElement.closest('.nhsuk-u-visually-hidden')) continue;
      if (!node.parentElement.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const r of range.getClientRects()) {
        for (const [text, s] of seen) {
          const wide = Math.min(r.right, s.right) - Math.max(r.left, s.left);
          const high = Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top);
          if (text !== node && wide > 2 && high > 4) found.push(text.data.trim() + ' | ' + node.data.trim());
        }
        seen.push([node, r]);
      }
    }
  }
  return found;
}"""


def test_no_text_stands_on_another(open_page: Any) -> None:
    """A label that wraps must never cover a strength: every row of four reviews, in both layouts, at nine widths."""
    page = open_page("pharmacist")
    for name in ("Edith Whitcombe", "Stanley Wainwright", "Ken Nakamura", "Doris Hargreaves"):
        page.goto("/worklist")
        page.get_by_role("link", name=f"Review {name}").click()
        expect(page.locator("main td").nth(3)).to_be_visible()
        for layout in ("One column per list", "Merge lists that agree"):
            chosen = page.get_by_role("link", name=layout)
            if chosen.get_attribute("aria-current") != "true":
                chosen.click()
                expect(chosen).to_have_attribute("aria-current", "true")
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate(_OVERLAPS) == [], (name, layout, width)


def test_nothing_is_cut_off(open_page: Any) -> None:
    page = open_page("pharmacist", width=390)
    for going in (_worklist, _review, _panel, _panel_read_back, _merged, _missing):
        going(page)
        cut = page.evaluate(
            """[...document.querySelectorAll('main *, .gw-banner *')].filter(e => {
                const style = getComputedStyle(e);
                const hidden = e.closest('.nhsuk-u-visually-hidden, thead, details:not([open])');
                return style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none'
                    || (!hidden && style.overflowX === 'hidden' && e.scrollWidth > e.clientWidth + 1);
            }).map(e => e.className)"""
        )
        assert cut == [], going.__name__


def test_nothing_is_preselected_and_nothing_accepts_all(open_page: Any) -> None:
    page = open_page("pharmacist")
    for going in (_worklist, _review, _panel, _merged, _sign_off):
        going(page)
        assert page.locator("input:checked").count() == 0
        assert page.evaluate("[...document.querySelectorAll('select')].every(s => s.value === '')")
        assert not re.search(r"accept all|confirm all|continue all", page.content(), re.IGNORECASE)
    clerk = open_page("audit-clerk")
    for going in (_audit, _audit_change):
        going(clerk)
        assert clerk.locator("input:checked").count() == 0
        assert not re.search(r"accept all|confirm all", clerk.content(), re.IGNORECASE)
