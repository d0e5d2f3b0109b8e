"""The ward board in a browser on a hospital of its own: arrivals, filters, refresh, take, hand over; with and without
JavaScript."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from gateway.actions.accounts import create_account
from gateway.app import create_app
from gateway.demo.loopback import served
from gateway.demo.register import register_demo_sources
from gateway.demo.start import organisations
from gateway.demo.stories import load_stories
from gateway.settings import Settings
from gateway.store.database import open_database
from tests.web.running import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]

PASSWORD = "a-long-password-for-tests"
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
WIDTHS = pytest.mark.parametrize("width", [1440, 390])
PEOPLE = ("hargreaves", "adeyemi", "whitcombe", "delacroix")


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def site(tmp_path: Any) -> Iterator[Site]:
    """Four people on two wards and a visitor; nobody's lists are fetched yet."""
    told = load_stories()
    stories = msgspec.structs.replace(told, patients=tuple(p for p in told.patients if p.key in PEOPLE))
    database = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    for name, said in (("pat", "Pat Example"), ("sam", "Sam Sample")):
        create_account(database, name=name, display_name=said, role="pharmacist", password=PASSWORD, now=utc_now())
    settings = Settings(secure_cookies=False, allowed_networks=("127.0.0.0/8",), cache_dir=tmp_path)
    with organisations(stories, utc_now) as sources:
        register_demo_sources(database, sources, utc_now(), lambda _: None)
        app = create_app(settings, database=database)
        with served({"gateway": app}, lifespan="on") as addresses:
            yield Site(addresses["gateway"], {"pat": PASSWORD, "sam": PASSWORD}, tmp_path)
    database.close()


def arrive(page: Page) -> None:
    page.goto("/worklist")
    page.get_by_role("button", name="Look for new patients").click()
    expect(page.get_by_text("4 new, 0 changed, 0 left, 0 as before, 1 set aside")).to_be_visible()


def start(page: Page, name: str) -> None:
    page.goto("/worklist")
    page.get_by_role("button", name=f"fetch the lists of {name}").click()
    page.wait_for_url("**/reviews/*")


def names(page: Page) -> list[str]:
    return page.locator("#board tbody th strong").all_inner_texts()


def violations(page: Page) -> list[str]:
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    return [
        v["id"] for v in Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response["violations"]
    ]


@BOTH
def test_patients_arrive_and_are_filtered(open_page: Any, javascript: bool) -> None:
    page = open_page("pat", javascript=javascript)
    page.goto("/worklist")
    expect(page.get_by_text("Nobody is on the worklist.")).to_be_visible()
    arrive(page)
    assert names(page) == ["Grace Adeyemi", "Edith Whitcombe", "Doris Hargreaves", "Simone Delacroix"]
    late = page.get_by_role("row").filter(has_text="Grace Adeyemi")
    expect(late).to_contain_text(re.compile(r"\d+ min late"))
    expect(page.get_by_role("row").filter(has_text="Simone Delacroix")).to_contain_text("left of 24 h")
    expect(page.get_by_role("region", name="Set aside")).to_contain_text("Chiara Marchetti, Ward 3 Medicine, bed 8")

    page.get_by_label("Ward").select_option("Ward 12 Cardiology (2)")
    page.get_by_role("button", name="Filter").click()
    assert names(page) == ["Edith Whitcombe", "Doris Hargreaves"]
    expect(page.get_by_text("Shown: 2 of 4.")).to_be_visible()
    assert "Cardiology" not in page.url
    page.get_by_label("Status").select_option("Late (1)")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("Nobody on the worklist fits these filters.")).to_be_visible()
    page.get_by_role("link", name="Remove the filter Ward 12 Cardiology").click()
    assert names(page) == ["Grace Adeyemi"]
    page.get_by_role("link", name="Remove the filter Late").click()
    assert len(names(page)) == 4
    page.get_by_role("link", name="Refresh").click()
    assert len(names(page)) == 4


@BOTH
def test_taken_handed_over_and_told(open_page: Any, javascript: bool) -> None:
    pat, sam = (open_page(name, javascript=javascript) for name in ("pat", "sam"))
    arrive(pat)
    start(pat, "Doris Hargreaves")
    expect(pat.get_by_text("Nobody has taken this review")).to_be_visible()
    sam.goto("/worklist")
    expect(sam.get_by_role("row").filter(has_text="Doris Hargreaves")).to_contain_text("Open: Pat Example")
    pat.goto("/worklist")
    pat.get_by_role("button", name="Take Doris Hargreaves").click()
    expect(pat.get_by_role("row").filter(has_text="Doris Hargreaves")).to_contain_text("You")
    # Sam's page is older: the button still stands there.
    sam.get_by_role("button", name="Take Doris Hargreaves").click()
    expect(sam.get_by_role("alert")).to_contain_text(re.compile(r"Pat Example took this review \d+ seconds? ago"))

    pat.get_by_role("link", name="Hand over Doris Hargreaves").click()
    pat.get_by_role("button", name="Hand over").click()
    expect(pat.get_by_role("alert")).to_contain_text("Choose who is to go on with it.")
    pat.get_by_label("Give it to").select_option("Sam Sample")
    pat.get_by_label("What they need to know").fill("The ward rings at three.")
    pat.get_by_role("button", name="Hand over").click()
    row = pat.get_by_role("row").filter(has_text="Doris Hargreaves")
    expect(row).to_contain_text("Sam Sample")
    expect(row).to_contain_text("The ward rings at three.")

    sam.goto("/worklist?mine=yes")
    assert names(sam) == ["Doris Hargreaves"]
    sam.get_by_role("link", name="review Doris Hargreaves").click()
    expect(sam.get_by_text("You have this review")).to_be_visible()
    expect(sam.get_by_text("The ward rings at three.")).to_be_visible()
    sam.get_by_role("link", name="Hand over").click()
    expect(sam.get_by_role("listitem").filter(has_text="Pat Example gave it to Sam Sample")).to_be_visible()
    expect(sam.get_by_role("listitem").filter(has_text="Pat Example took it")).to_be_visible()


def test_the_board_refreshes_itself_and_keeps_what_is_typed_and_the_focus(open_page: Any, site: Site) -> None:
    page, other = open_page("pat"), open_page("sam")
    arrive(page)
    start(page, "Doris Hargreaves")
    page.clock.install()
    page.goto("/worklist")
    page.get_by_label("Fetch a patient's lists").fill("999 01")
    page.get_by_label("Status").select_option("Late (1)")
    link = page.get_by_role("link", name="Assign Doris Hargreaves")
    link.focus()
    other.goto("/worklist")
    other.get_by_role("button", name="Take Doris Hargreaves").click()
    expect(other.get_by_role("row").filter(has_text="Doris Hargreaves")).to_contain_text("You")
    page.clock.fast_forward(31_000)
    row = page.get_by_role("row").filter(has_text="Doris Hargreaves")
    expect(row).to_contain_text("Sam Sample")
    expect(page.get_by_label("Fetch a patient's lists")).to_have_value("999 01")
    expect(page.get_by_label("Status")).to_have_value("late")
    expect(page.get_by_role("link", name="Hand over Doris Hargreaves")).to_be_focused()
    expect(page.get_by_text("Not refreshed.")).to_be_hidden()

    page.route("**/worklist*", lambda route: route.abort())
    page.clock.fast_forward(31_000)
    expect(page.get_by_text("Not refreshed.")).to_be_visible()
    page.unroute("**/worklist*")
    # Signed out meanwhile: nothing of the patients stays on the screen.
    page.context.clear_cookies()
    page.clock.fast_forward(31_000)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_text("Doris Hargreaves")).to_have_count(0)


def test_a_refresh_does_not_keep_a_session_alive(tmp_path: Any) -> None:
    """Nobody is at the screen: thirty minutes of refreshing end in a sign-out, one page that is asked for does not."""
    now = [utc_now()]
    database = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    create_account(database, name="pat", display_name="Pat", role="pharmacist", password=PASSWORD, now=now[0])
    settings = Settings(secure_cookies=False, cache_dir=tmp_path)
    app = create_app(settings, database=database, now=lambda: now[0])
    half = dt.timedelta(minutes=settings.session_idle_minutes * 0.6)
    with served({"gateway": app}) as addresses, httpx.Client(base_url=addresses["gateway"]) as client:
        by_itself = {"X-Gateway-Refresh": "30s", "HX-Request": "true"}
        for headers, after in (({}, 200), (by_itself, 401)):
            client.post("/sign-in", data={"name": "pat", "password": PASSWORD})
            now[0] += half
            assert client.get("/worklist", headers=headers).status_code == 200
            now[0] += half
            answer = client.get("/worklist", headers=headers)
            assert answer.status_code == after
        assert answer.headers["hx-redirect"].startswith("/sign-in?")
    database.close()


@WIDTHS
def test_axe_finds_nothing_on_any_state_of_the_board(open_page: Any, width: int) -> None:
    page = open_page("pat", width=width)
    page.goto("/worklist")
    found = {"empty": violations(page)}
    arrive(page)
    found["arrived"] = violations(page)
    page.goto("/worklist?status=signed")
    found["nobody fits"] = violations(page)
    start(page, "Doris Hargreaves")
    found["review"] = violations(page)
    page.goto("/worklist")
    page.get_by_role("link", name="Assign Doris Hargreaves").click()
    found["handover"] = violations(page)
    page.get_by_role("button", name="Assign").click()
    found["handover with error"] = violations(page)
    page.get_by_label("Give it to").select_option("Sam Sample")
    page.get_by_label("What they need to know").fill("The ward rings at three, " * 4)
    page.get_by_role("button", name="Assign").click()
    found["handed over"] = violations(page)
    assert found == {state: [] for state in found}
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
