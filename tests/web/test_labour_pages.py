"""The pages of hidden work, over an invented month: figures, measures, sources, report, and one's own log."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert

from conformance.labour.month import ROLES as MONTH_ROLES
from conformance.labour.month import Month
from gateway.actions.access import ROLES
from gateway.actions.accounts import create_account
from gateway.app import create_app
from gateway.demo.loopback import served
from gateway.settings import Settings
from gateway.store import ledger
from gateway.store.database import open_database
from gateway.store.tables import Account

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("labour")]

#: A Friday in the last week of the invented month.
NOW = dt.datetime(2026, 10, 30, 16, 0, tzinfo=dt.UTC)
PASSWORD = "a-long-password-for-tests"
MONTH = Month(5)
PAGES = ("/labour", "/labour/cards", "/labour/cards/lists-missing", "/labour/sources", "/labour/report?month=2026-10",
         "/labour/compare/source", "/labour/staffing", "/labour/moved?change=2026-10-14&weeks=1", "/labour/notes",
         "/labour/notes/new")  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("labour")
    database = open_database(f"sqlite:///{folder / 'g.sqlite3'}")
    people = [
        {"id": who, "name": who, "display_name": who, "role": "pharmacist", "password_hash": "-", "created_at": "-",
         "staff_group": group, "band": band or None, "disabled": True, "failures": 0}
        for accounts, group, band in MONTH_ROLES.values()
        for who in accounts
    ]  # fmt: skip
    with database.write() as connection:
        connection.execute(insert(Account.__table__), people)  # type: ignore[attr-defined]
        ledger.append_dated(connection, MONTH.acts)
    for role in ROLES:
        create_account(database, name=role, display_name=role, role=role, password=PASSWORD, now=NOW)
    settings = Settings(secure_cookies=False, cache_dir=folder)
    app = create_app(settings, database=database, now=lambda: NOW)
    with served({"gateway": app}) as found:
        yield found["gateway"]
    database.close()


@contextmanager
def signed_in(address: str, role: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        assert client.post("/sign-in", data={"name": role, "password": PASSWORD}).status_code == 303
        yield client


@pytest.fixture
def open_as(browser: Browser, address: str) -> Iterator[Any]:
    contexts = []

    def opening(role: str, *, width: int = 1440, javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript, base_url=address
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/sign-in")
        page.get_by_label("Name").fill(role)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        return page

    yield opening
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", [*PAGES, "/my-work"])
def test_no_barrier_and_no_sideways_scroll(open_as: Any, path: str, width: int) -> None:
    page = open_as("manager", width=width)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    found = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_card_shows_its_number_its_bars_and_its_table(open_as: Any) -> None:
    page = open_as("manager", javascript=False)
    page.goto("/labour/cards")
    truth = MONTH.truth
    card = page.get_by_role("region", name="Lists not received whole")
    share = round(100 * truth.not_complete.total() / truth.fetched.total())
    expect(card).to_contain_text(f"{share} % of {truth.fetched.total()}")
    expect(card).to_contain_text("Goal: at most 2 %: not met")
    assert card.locator("rect").count() == 9
    card.get_by_role("link", name="Detail and data").click()
    rows = page.get_by_role("table").filter(has_text="By source").get_by_role("row")
    assert rows.count() == 1 + len(truth.fetched)


def test_the_csv_holds_what_the_card_draws(address: str) -> None:
    with signed_in(address, "manager") as client:
        answer = client.get("/labour/cards/lists-missing/csv")
        assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(answer.text.splitlines()))
    whole = rows[0]
    assert (int(whole["part"]), int(whole["of"])) == (MONTH.truth.not_complete.total(), MONTH.truth.fetched.total())
    by_source = [r for r in rows if r["broken down by"] == "source"]
    assert {r["group"]: int(r["part"]) for r in by_source if r["suppressed"] == "no"} == dict(MONTH.truth.not_complete)


def test_what_a_source_cost_goes_to_its_owner_as_csv_and_json(address: str) -> None:
    with signed_in(address, "integrator") as client:
        report = json.loads(client.get("/labour/sources/json").content)
        table = list(csv.DictReader(client.get("/labour/sources/csv").text.splitlines()))
        assert client.get("/labour/sources/pdf").status_code == 404
    found = {(one["source"], part["cause"]): part["acts"] for one in report["sources"] for part in one["causes"]}
    assert found == MONTH.truth.defects
    assert {(r["source"], r["cause"]): int(r["acts"]) for r in table} == found
    assert report["schema"] == "source-defects/1"


def test_the_monthly_report_compares_with_the_month_before(address: str) -> None:
    with signed_in(address, "manager") as client:
        page = client.get("/labour/report", params={"month": "2026-10"})
        rows = list(csv.DictReader(client.get("/labour/report/csv", params={"month": "2026-10"}).text.splitlines()))
        for bad in ("2026-13", "x", "2026", "0000-00"):
            refused = client.get("/labour/report", params={"month": bad})
            assert refused.status_code == 400
            assert "A month is written as" in refused.text
    assert "report of 2026-10" in page.text
    missing = next(r for r in rows if r["measure"] == "Lists not received whole")
    assert float(missing["value"]) == pytest.approx(MONTH.truth.not_complete.total() / MONTH.truth.fetched.total())
    assert missing["goal met"] == "no"


@pytest.mark.parametrize("javascript", [True, False])
def test_i_had_to_is_told_in_two_clicks_and_corrected(open_as: Any, javascript: bool) -> None:
    page = open_as("pharmacist" if javascript else "audit-clerk", javascript=javascript)
    page.goto("/my-work")
    assert page.locator("input:checked").count() == 0
    page.get_by_label("make a phone call").check()
    page.get_by_role("button", name="5 min").click()
    row = page.get_by_role("row").filter(has_text="Had to make a phone call").first
    expect(row).to_contain_text("5 min 0 s")
    expect(row).to_contain_text("as the person said")
    row.get_by_text("Correct", exact=False).first.click()
    row.get_by_label("It took, in minutes").fill("7.5")
    row.get_by_role("button", name="Save the correction").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    row = page.get_by_role("row").filter(has_text="Had to make a phone call").first
    row.get_by_label("It took, in minutes").fill("7.5")
    row.get_by_label("Why").fill("rang twice")
    row.get_by_role("button", name="Save the correction").click()
    row = page.get_by_role("row").filter(has_text="Had to make a phone call").first
    expect(row).to_contain_text("7 min 30 s")
    expect(row).to_contain_text("recorded as 5 min 0 s")
    expect(row).to_contain_text("rang twice")


def test_nobody_sees_or_corrects_another_persons_log(address: str) -> None:
    with signed_in(address, "manager") as manager, signed_in(address, "integrator") as other:
        manager_page = manager.get("/my-work").text
        token = manager_page.split('name="csrf" value="')[1].split('"')[0]
        told = {"csrf": token, "what": "ward-walk", "minutes": "10", "system": "Ward only mine"}
        assert manager.post("/my-work", data=told).status_code == 303
        step = manager.get("/my-work").text.split('id="step-')[1].split('"')[0]
        assert "walk to the ward" not in other.get("/my-work").text.split("What is counted")[1].split("<tbody>")[-1]
        token = other.get("/my-work").text.split('name="csrf" value="')[1].split('"')[0]
        stolen = other.post(f"/my-work/{step}", data={"csrf": token, "minutes": "1", "note": "mine now"})
        assert stolen.status_code == 404


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"minutes": "5"}, "Choose what you had to do."),
        ({"what": "phone-call"}, "Say how many minutes it took."),
        ({"what": "phone-call", "minutes": "other", "other_minutes": "many"}, "Minutes are a number"),
        ({"what": "phone-call", "minutes": "nan"}, "Minutes are a number"),
        ({"what": "phone-call", "minutes": "481"}, "Minutes are a number"),
        ({"what": "phone-call", "minutes": "0"}, "Minutes are a number above 0"),
        ({"what": "phone-call", "minutes": "5", "system": "x" * 90}, "at most 80 characters"),
    ],
)
def test_what_is_not_right_is_said_and_nothing_is_counted(address: str, form: dict[str, str], words: str) -> None:
    with signed_in(address, "administrator") as client:
        token = client.get("/my-work").text.split('name="csrf" value="')[1].split('"')[0]
        answer = client.post("/my-work", data=form | {"csrf": token})
        assert answer.status_code in (400, 422)
        assert words in answer.text
        assert "Had to" not in client.get("/my-work").text


def test_a_sites_own_card_takes_its_place_and_a_bad_one_stops_the_page_with_its_name(tmp_path: Path) -> None:
    from gateway.actions.metric_cards_page import cards_of
    from gateway.errors import SettingsError
    from gateway.labour.card_files import metric_cards

    good = json.loads((Path("mappings") / "metric_cards" / "cards" / "lists-missing.json").read_text(encoding="utf-8"))
    (tmp_path / "mine.json").write_text(json.dumps(good | {"title": "Ours"}))
    assert {c.metric: c.title for c in cards_of(tmp_path)}["lists-missing"] == "Ours"
    assert len(cards_of(tmp_path)) == len(metric_cards())
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(SettingsError) as stopped:
        cards_of(tmp_path)
    assert "GATEWAY_METRIC_CARDS: bad.json" in stopped.value.words


def test_staffing_is_worked_out_from_what_was_counted(address: str) -> None:
    with signed_in(address, "manager") as client:
        rows = list(csv.DictReader(client.get("/labour/staffing/csv").text.splitlines()))
        more = list(
            csv.DictReader(client.get("/labour/staffing/csv", params={"category_percent": "56"}).text.splitlines())
        )
        for bad, words in (("x", "a number is wanted"), ("-1", "from 0 to 10,000"), ("NaN", "from 0 to 10,000")):
            refused = client.get("/labour/staffing", params={"hours_a_day": bad})
            assert refused.status_code == 400
            assert words in refused.text
        assert "leave some of the time" in client.get("/labour/staffing", params={"category_percent": "100"}).text
    checked = next(r for r in rows if r["activity"].startswith("names matched by hand"))
    matched = [act for act, at in MONTH.acts if act.kind == "alias.confirmed" and at < "2026-10-26"]
    assert checked["staff group"] == "Add Prof Scientific and Technic"
    assert float(checked["minutes for one"]) == 0.75
    assert round(len(matched) * 52 / 3) == int(checked["a year"])
    assert float(checked["people (WTE)"]) == pytest.approx(len(matched) * 52 / 3 * 0.75 / 60 / 1627.5, abs=1e-4)
    required = [float(r["people (WTE)"]) for r in rows if r["activity"].startswith("required")]
    doubled = [float(r["people (WTE)"]) for r in more if r["activity"].startswith("required")]
    assert doubled == pytest.approx([2 * n for n in required], abs=3e-4)


def test_sources_stand_beside_each_other_with_intervals(open_as: Any) -> None:
    page = open_as("manager", javascript=False)
    page.goto("/labour/compare/source")
    card = page.locator("section").filter(has_text="Lists not received whole")
    for source, n in MONTH.truth.fetched.items():
        share = round(100 * MONTH.truth.not_complete[source] / n)
        expect(card.get_by_role("row", name=source)).to_contain_text(f"{share} % of {n}")
    assert card.locator("circle").count() == len(MONTH.truth.fetched)
    assert page.request.get("/labour/compare/actor").status == 404


def test_what_was_saved_and_what_only_moved(address: str) -> None:
    def side(first: str, last: str) -> tuple[dict[str, float], int]:
        inside = [act for act, at in MONTH.acts if first <= at[:10] <= last]
        minutes: dict[str, float] = {}
        for act in inside:
            if act.seconds is not None and act.role != "gateway":
                minutes[act.role] = minutes.get(act.role, 0) + act.seconds / 60
        return minutes, sum(act.kind == "review.signed" for act in inside)

    before, reviews_before = side("2026-10-05", "2026-10-11")
    after, reviews_after = side("2026-10-19", "2026-10-25")
    with signed_in(address, "manager") as client:
        page = client.get("/labour/moved", params={"change": "2026-10-14", "weeks": "1"}).text.replace("\xa0", " ")
        for change in ("2026-13-01", "soon", "2030-01-01", "0001-01-01"):
            assert client.get("/labour/moved", params={"change": change}).status_code == 400
        assert client.get("/labour/moved", params={"change": "2026-10-14", "weeks": "99"}).status_code == 400
    assert f"{reviews_before} signed reviews in the 1 week before, {reviews_after} in the 1 week after" in page
    clerk = [before["audit-clerk"] / reviews_before, after["audit-clerk"] / reviews_after]
    row = page.split(">Audit clerk</th>")[1].split("</tr>")[0].replace("&nbsp;", " ")
    assert f"{clerk[0]:.1f} min" in row
    assert f"{clerk[1]:.1f} min" in row


@pytest.mark.parametrize("javascript", [True, False])
def test_a_realist_note_is_written_linked_changed_and_exported(open_as: Any, javascript: bool) -> None:
    page = open_as("manager", javascript=javascript)
    outcome = f"Fewer look-ups {'with' if javascript else 'without'} a script"
    page.goto("/labour/notes/new")
    assert page.locator("input:checked").count() == 0
    page.get_by_label("Context: where and for whom").fill("A ward with one pharmacist")
    page.get_by_label("Mechanism").fill("The list is trusted")
    page.get_by_label("What it took away").fill("The call to the practice")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Outcome: write something.")
    expect(page.get_by_label("Mechanism")).to_have_value("The list is trusted")
    page.get_by_label("Outcome", exact=True).fill(outcome)
    page.get_by_label("Mixed").check()
    page.get_by_label("Conjectured").check()
    page.get_by_text("Measures it is about").first.click()
    page.get_by_label("Lists not received whole").check()
    page.get_by_role("button", name="Save").click()
    card = page.locator("section").filter(has_text=outcome)
    expect(card).to_contain_text("Lists not received whole")
    expect(card).to_contain_text("The call to the practice")
    card.get_by_role("link", name="Change").click()
    page.get_by_label("Supported").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("section").filter(has_text=outcome)).to_contain_text("version 2")
    rows = list(csv.DictReader(page.request.get("/labour/notes/csv").text().splitlines()))
    assert [r["status"] for r in rows if r["outcome"] == outcome] == ["supported"]


def test_a_note_of_an_older_version_does_not_write_over_a_newer_one(address: str) -> None:
    text = {"context": "c", "mechanism": "m", "outcome": "Two people at once", "polarity": "mixed", "status": "refined"}
    with signed_in(address, "pharmacist") as client:
        token = client.get("/labour/notes/new").text.split('name="csrf" value="')[1].split('"')[0]
        assert client.post("/labour/notes/new", data=text | {"csrf": token}).status_code == 303
        page = client.get("/labour/notes").text
        note = page[page.index("Two people at once") :].split('href="/labour/notes/')[1].split('"')[0]
        form = text | {"csrf": token, "version": "1"}
        assert client.post(f"/labour/notes/{note}", data=form | {"mechanism": "first"}).status_code == 303
        late = client.post(f"/labour/notes/{note}", data=form | {"mechanism": "second"})
        assert late.status_code in (409, 412)
        assert "Somebody else changed this note" in late.text
        assert "second" in late.text
        assert client.get("/labour/notes/x").status_code == 404
