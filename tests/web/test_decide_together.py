"""In a browser on a database of its own: an unread name is joined, an item noted, and two people meet at one row."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from gateway.actions.accounts import create_account
from gateway.actions.reconcile import load_knowledge, reconcile
from gateway.actions.record_fetch import known_patient
from gateway.actions.reviews import open_review
from gateway.app import create_app
from gateway.demo.loopback import served
from gateway.fhir.read import read_list
from gateway.records.lists import ListRole
from gateway.settings import Settings
from gateway.store.database import open_database
from tests.fhir_builders import bundle, document, patient, statement
from tests.web.running import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]

PASSWORD = "a-long-password-for-tests"
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])


@pytest.fixture
def site(tmp_path: Any) -> Iterator[Site]:
    """The practice writes a name that nobody knows and one broken item; the ward writes the medicine by its name."""
    now = dt.datetime.now(dt.UTC)
    database = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    for name, said in (("pat", "Pat Example"), ("sam", "Sam Sample")):
        create_account(database, name=name, display_name=said, role="pharmacist", password=PASSWORD, now=now)
    gp = bundle(
        patient(),
        statement("1", "Zzybrexafoo 5mg tablets", dose="one twice a day"),
        statement("2", "Aspirin 75mg tablets", dose="one daily"),
        {"resourceType": "MedicationStatement", "id": "9", "status": "active", "subject": {"reference": "Patient/p1"}},
    )
    ward = bundle(
        patient(),
        statement("1", "Apixaban 5mg tablets", dose="one twice a day"),
        statement("2", "Aspirin 300mg tablets", dose="one daily"),
    )
    lists = [read_list("gp", [document(gp)]), read_list("ward", [document(ward)])]
    one = reconcile(lists, load_knowledge(), now.date(), {"ward": ListRole.DISCHARGE})
    who = known_patient(database, nhs_number="9990000018", name="Ann Example", birth_date="1950-01-01")
    open_review(database, patient=who, reconciliation=one, now=now)
    app = create_app(Settings(secure_cookies=False), database=database)
    with served({"gateway": app}) as addresses:
        yield Site(addresses["gateway"], {"pat": PASSWORD, "sam": PASSWORD}, tmp_path)
    database.close()


def review(page: Page) -> None:
    page.goto("/worklist")
    page.get_by_role("link", name="Review Ann Example").click()


def axe(page: Page) -> list[str]:
    return [v["id"] for v in Axe().run(page).response["violations"]]


@BOTH
def test_an_unread_name_is_joined_and_taken_apart_again(open_page: Any, javascript: bool) -> None:
    page = open_page("pat", javascript=javascript, width=1440 if javascript else 390)
    review(page)
    rows = page.locator("tr.gw-row")
    expect(rows).to_have_count(3)
    page.get_by_role("link", name="Say which medicine this is").click()
    if javascript:
        assert axe(page) == []
    assert page.locator("input:checked").count() == 0
    page.get_by_label("Which medicine it is").fill("apixaban 5mg tablets")
    page.get_by_label("How you know").fill("Asked the practice")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("alert")).to_contain_text("this organisation or everywhere")
    expect(page.get_by_label("Which medicine it is")).to_have_value("apixaban 5mg tablets")
    page.get_by_role("radio", name="On lists of this organisation only").check()
    page.get_by_role("button", name="Join").click()
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="Joined by a person").click()
    expect(page.get_by_text("confirmed as apixaban 5mg tablets by a pharmacist")).to_be_visible()
    if javascript:
        assert axe(page) == []
    page.get_by_label("Why it is taken back").fill("It was another medicine")
    page.get_by_role("button", name="Take it back").click()
    expect(rows).to_have_count(3)


@BOTH
def test_an_item_is_seen_and_noted(open_page: Any, javascript: bool) -> None:
    page = open_page("pat", javascript=javascript, width=1440 if javascript else 390)
    review(page)
    hinders = "1 item(s) of the list gp could not be understood"
    page.get_by_role("button", name="Check and sign").click()
    expect(page.get_by_text(hinders)).to_be_visible()
    page.get_by_role("link", name="Back to the review").click()
    page.get_by_text("See it, and say what it is").click()
    expect(page.get_by_role("region", name="MedicationStatement/9 as received")).to_contain_text('"status": "active"')
    if javascript:
        assert axe(page) == []
    page.get_by_label("What it is, and how you know").fill("An empty record, the practice says")
    page.get_by_role("button", name="Mark as understood").click()
    expect(page.get_by_text("An empty record, the practice says")).to_be_visible()
    page.get_by_role("button", name="Check and sign").click()
    expect(page.get_by_text("aspirin is not decided")).to_be_visible()
    expect(page.get_by_text(hinders)).to_have_count(0)
    page.get_by_role("link", name="Back to the review").click()
    page.get_by_role("button", name="Undo the note on MedicationStatement/9").click()
    expect(page.get_by_text("An empty record, the practice says")).to_have_count(0)


@BOTH
def test_two_people_at_one_row(open_page: Any, javascript: bool) -> None:
    pat, sam = open_page("pat", javascript=javascript), open_page("sam", javascript=javascript)
    review(pat)
    pat.get_by_role("button", name="Decide aspirin").click()
    review(sam)
    expect(sam.get_by_text(re.compile(r"Pat Example \(pharmacist\), \d+ seconds? ago"))).to_be_visible()
    sam.get_by_role("button", name="Decide aspirin").click()
    sam.get_by_role("radio", name="Stop this medicine").check()
    sam.get_by_label("Reason", exact=True).select_option(label="Adverse effect")
    sam.get_by_role("button", name="Save decision").click()
    expect(sam.get_by_text(re.compile("^1 of 3 decided"))).to_be_visible()
    pat.get_by_role("radio", name=re.compile("as on .*[Hh]ospital discharge|as on ward")).check()
    with pat.expect_response(lambda r: r.request.method == "POST") as answer:
        pat.get_by_role("button", name="Save decision").click()
    assert answer.value.status == 412
    expect(pat.get_by_role("alert")).to_contain_text(
        re.compile(r"Sam Sample \(pharmacist\) changed this row \d+ seconds? ago")
    )
    facts = pat.locator("#panel .gw-facts")
    expect(facts.locator("div").first).to_contain_text("Stop")
    expect(facts.locator("div").last).to_contain_text("Continue as on")
