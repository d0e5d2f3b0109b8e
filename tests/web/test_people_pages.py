"""The administrator's pages in a real browser, and headers on every answer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web.running import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]

PASSWORD = "plain violet engine"


def _axe(page: Page) -> list[Any]:
    return [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [1440, 390])
def test_from_a_new_account_to_its_own_password(open_page: Any, width: int, javascript: bool) -> None:
    name = f"nora-{width}-{'script' if javascript else 'plain'}"
    page = open_page("administrator", width=width, javascript=javascript)
    page.get_by_role("link", name="New account").click()
    assert page.locator("input:checked").count() == 0
    page.get_by_label("Name to sign in with").fill(name)
    page.get_by_label("Name as others see it").fill("N Quist")
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose what the person does here.")
    expect(page.get_by_label("Name to sign in with")).to_have_value(name)
    page.get_by_role("radio", name="Manager").check()
    page.get_by_label("Agenda for Change band").select_option("8a")
    page.get_by_role("button", name="Create the account").click()
    given = page.locator(".gw-once code").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto("/accounts")
    assert given not in page.content()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(given)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
    page.goto("/labour")
    expect(page.get_by_text("You signed in with a one-time password")).to_be_visible()
    page.get_by_label("The one-time password").fill(given)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    page.goto("/labour")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Hidden"))


def _accounts(page: Page) -> None:
    page.goto("/accounts")


def _account(page: Page) -> None:
    page.goto("/accounts")
    page.get_by_role("link", name="S Lowe").click()


def _account_new(page: Page) -> None:
    page.goto("/accounts/new")


def _password(page: Page) -> None:
    page.goto("/password")


def _password_with_error(page: Page) -> None:
    page.goto("/password")
    for label in ("The password you have now", "New password again"):
        page.get_by_label(label).fill("x")
    page.get_by_label("New password", exact=True).fill("y")
    page.get_by_role("button", name="Change the password").click()
    page.get_by_role("alert").wait_for()


def _access_log(page: Page) -> None:
    page.goto("/access-log")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(
    "going", [_accounts, _account, _account_new, _password, _password_with_error, _access_log], ids=lambda g: g.__name__
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page: Any, going: Any, width: int) -> None:
    page = open_page("administrator", width=width)
    going(page)
    assert _axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("javascript", [True, False])
def test_who_opened_a_patient_is_found_and_the_number_stands_in_no_address(open_page: Any, javascript: bool) -> None:
    pharmacist = open_page("pharmacist")
    pharmacist.get_by_role("link", name="Review Doris Hargreaves").click()
    page = open_page("administrator", javascript=javascript)
    page.goto("/access-log")
    page.get_by_label("NHS number of the patient").fill("999 014 7213")
    page.get_by_role("button", name="Search").click()
    expect(
        page.locator("tbody tr").filter(has_text="A Patel").filter(has_text="Opened the review").first
    ).to_be_visible()
    assert {t.strip() for t in page.locator("tbody td:nth-child(4) br + span").all_inner_texts()} == {"999 014 7213"}
    assert "9990147213" not in page.url.replace("%20", "")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export these as FHIR").click()
    assert '"resourceType":"AuditEvent"' in Path(download.value.path()).read_text()


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("administrator", ("/accounts", "/accounts/new", "/access-log", "/password")),
        ("pharmacist", ("/worklist", "/nowhere", "/labour", "/sources")),
        ("audit-clerk", ("/audits", "/worklist")),
        ("integrator", ("/sources", "/sources/new")),
    ],
)
def test_no_page_breaks_its_own_policy(open_page: Any, who: str, paths: tuple[str, ...]) -> None:
    page = open_page(who)
    page.add_init_script(
        "window.broken = [];"
        "document.addEventListener('securitypolicyviolation', e => window.broken.push(e.violatedDirective))"
    )
    for path in paths:
        page.goto(path)
        assert page.evaluate("window.broken") == [], path
    if who == "pharmacist":
        page.goto("/worklist")
        page.get_by_role("link", name="Review Stanley Wainwright").click()
        page.get_by_role("button", name="Decide warfarin").click()
        page.locator("#panel").wait_for()
        assert page.evaluate("window.broken") == []
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")
    page.wait_for_function("window.broken.length")  # the listener does hear


def test_headers_stand_on_every_answer(site: Site) -> None:
    with site.client("pharmacist") as client:
        answers = {
            path: client.get(path)
            for path in ("/", "/worklist", "/nowhere", "/accounts", "/healthz", "/static/gateway.css")
        }
        answers["405"] = client.post("/healthz")
        answers["400"] = client.post("/worklist", content=b"x")
    assert {a.status_code for a in answers.values()} >= {200, 303, 400, 403, 404, 405}
    nonces = set()
    for path, answer in answers.items():
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy, path
        nonces.add(re.findall(r"script-src 'self' 'nonce-([\w-]{16,})'; style-src 'self';", policy)[0])
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "camera=()" in answer.headers["permissions-policy"]
        assert path.startswith("/static") or answer.headers["cache-control"] == "no-store", path
    assert len(nonces) == len(answers)
    assert all(f'nonce="{n}"' in answers["/worklist"].text or f"nonce-{n}" not in
               answers["/worklist"].headers["content-security-policy"] for n in nonces)  # fmt: skip
