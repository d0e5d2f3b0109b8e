"""A signed list is sent where the pharmacist chooses, and a task after discharge is closed: real server, real browser.

The clock of this gateway is moved by hand, so that day 7 comes at once; its worker runs in it as in `gateway serve`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.reconcile import load_knowledge
from gateway.actions.register_source import change_source, source_of
from gateway.app import create_app
from gateway.settings import Settings
from gateway.store.database import open_database
from tests.fhir_builders import dispense
from tests.integration.test_follow_up import SIMVASTATIN, Site, day, signed
from tests.integration.test_review_actions import NOW
from tests.web.running import Site as Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]

PASSWORD = "a-long-password-for-tests"


@contextmanager
def gateway_of(site: Site, settings: Settings) -> Iterator[str]:
    """Served with its worker, on the site's clock."""
    app = create_app(settings, database=site.database, now=lambda: site.at)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, lifespan="on"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive()


class Place:
    """The gateway, and a browser on it."""

    def __init__(self, site: Site, address: str, browser: Browser) -> None:
        self.site, self.address, self.browser = site, address, browser

    def page(self, *, width: int = 1440, javascript: bool = True) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript, base_url=self.address
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/sign-in")
        page.get_by_label("Name").fill("pat")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        return page


@pytest.fixture
def place(tmp_path: Path, browser: Browser) -> Iterator[Place]:
    database = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    by: Person = create_account(database, name="pat", display_name="Pat", role="pharmacist", password=PASSWORD, now=NOW)
    settings = Settings(allowed_networks=("127.0.0.0/8",), secure_cookies=False, cache_dir=tmp_path / "cache")
    with signed(database, load_knowledge(settings.cache_dir), by) as site:
        for name in ("gp", "pharmacy"):
            one = source_of(database, name)
            change_source(database, source=one.id, fields={"post_url": f"{one.base_url}/Bundle"}, now=NOW)
        with gateway_of(site, settings) as address:
            yield Place(site, address, browser)
    database.close()


def until(page: Page, words: str) -> None:
    """The page is drawn anew until it says so: a worker works beside it."""
    for _ in range(60):
        if page.get_by_text(words).count():
            return
        page.wait_for_timeout(200)
        page.reload()
    raise AssertionError(f"never said: {words}")


def fits(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("javascript", "width"), [(True, 1440), (False, 390)])
def test_a_signed_list_is_sent_where_the_pharmacist_chooses(place: Place, javascript: bool, width: int) -> None:
    page = place.page(width=width, javascript=javascript)
    page.goto(f"/reviews/{place.site.review}/sign-off")
    form = page.get_by_role("group", name="Send the signed list as FHIR document to")
    expect(form.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Choose who the signed list is sent to")

    form.get_by_label("The gp").check()
    page.get_by_role("button", name="Send", exact=True).click()
    until(page, "kept there as")
    sent = page.get_by_role("region", name="Sending").get_by_role("listitem")
    expect(sent).to_contain_text("Sent FHIR document to The gp")
    assert len(place.site.gp.documents.taken) == 1
    assert place.site.pharmacy.documents.received == 0

    # the same to the same once more is told, not sent
    form.get_by_label("The gp").check()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("was sent to The gp already")
    assert place.site.gp.documents.received == 1
    if javascript:
        fits(page)


def test_what_is_refused_says_why_and_can_be_tried_again_and_what_waits_can_be_withdrawn(place: Place) -> None:
    place.site.gp.refuses_documents = 403
    page = place.page()
    page.goto(f"/reviews/{place.site.review}/sign-off")
    page.get_by_label("The gp").check()
    page.get_by_role("button", name="Send", exact=True).click()
    until(page, "It refused the document (403: forbidden).")
    fits(page)
    place.site.gp.refuses_documents = 503
    page.get_by_role("button", name=re.compile("^Try again.*to The gp")).click()
    until(page, "It reported an error of its own (503: forbidden).")
    expect(page.get_by_role("region", name="Sending")).to_contain_text("given up 25-Nov-2026 10:00")
    fits(page)
    page.get_by_role("button", name=re.compile("^Withdraw.*to The gp")).click()
    sent = page.get_by_role("region", name="Sending").get_by_role("listitem")
    expect(sent).to_contain_text("Withdrawn")
    expect(sent).to_contain_text("may have arrived all the same")
    assert place.site.gp.documents.taken == {}


@pytest.mark.parametrize(("javascript", "width"), [(True, 1440), (False, 390)])
def test_a_task_after_discharge_stands_on_the_worklist_until_it_is_closed(
    place: Place, javascript: bool, width: int
) -> None:
    place.site.pharmacy.held.append(
        dispense("d2", SIMVASTATIN[0], handed=day(5), dosageInstruction=[{"text": SIMVASTATIN[1]}])
    )
    place.site.at += dt.timedelta(days=7)
    page = place.page(width=width, javascript=javascript)
    until(page, "After discharge: 1 task")
    task = page.get_by_role("article", name=re.compile("Stopped medicine issued: Ann Example"))
    expect(task).to_contain_text(
        "simvastatin was stopped at discharge, and Community pharmacy (The pharmacy) handed it over on"
    )
    task.get_by_text("What this rests on").click()
    expect(task.get_by_text("pharmacy/MedicationDispense/d2")).to_be_visible()
    if javascript:
        fits(page)

    task.get_by_role("button", name="Close this task").click()
    expect(page.get_by_role("alert")).to_contain_text("Say what was done about it")
    task.get_by_label("What was done about it").fill("Rang the pharmacy; it takes the item off the repeat")
    task.get_by_role("button", name="Close this task").click()
    expect(page.get_by_role("heading", name="Discharges to review")).to_be_visible()
    expect(page.get_by_text("After discharge:")).to_have_count(0)


def test_the_demo_sends_to_its_practice(open_page: object, site: Demo) -> None:
    """`make run` as a user sees it: the practice of the demo takes the document once."""
    page: Page = open_page("pharmacist")  # type: ignore[operator]
    page.get_by_role("link", name=re.compile("^Review Agnes Fairbairn")).click()
    page.get_by_role("button", name="Check and sign").click()
    page.get_by_label("To sign all the same").fill("Shown to somebody")
    page.get_by_label("I checked this list").check()
    page.get_by_role("button", name="Sign the list").click()
    page.get_by_role("group", name=re.compile("^Send the signed list")).get_by_role("radio").first.check()
    page.get_by_role("button", name="Send", exact=True).click()
    until(page, "kept there as")
