"""Every route of the application before every role and before nobody: one table says who may, all else is refused."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select

from gateway.actions.access import ROLES
from gateway.actions.accounts import create_account
from gateway.actions.sign_in import csrf_token, session_of, sign_in
from gateway.app import create_app
from gateway.settings import Settings
from gateway.store.database import Database, open_database
from gateway.store.tables import AccessEvent
from gateway.web.asked import COOKIE
from gateway.web.pages import PAGES

NOW = dt.datetime(2026, 11, 26, 10, 0, tzinfo=dt.UTC)
PASSWORD = "a-long-password-for-tests"

EVERYBODY = frozenset(ROLES)
PHARMACIST = frozenset({"pharmacist"})
CLERK = frozenset({"audit-clerk"})
ADMINISTRATOR = frozenset({"administrator"})
INTEGRATOR = frozenset({"integrator"})
BESIDE_A_FORM = PHARMACIST | CLERK
#: These answer without a sign-in and hold nothing about a patient.
OPEN = {("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")}

MAY = {
    ("GET", "/"): EVERYBODY,
    ("POST", "/sign-out"): EVERYBODY,
    ("GET", "/worklist"): PHARMACIST,
    ("POST", "/worklist"): PHARMACIST,
    ("GET", "/fetching/{job}"): PHARMACIST,
    ("GET", "/fetching/{job}/events"): PHARMACIST,
    ("GET", "/reviews/{review}"): PHARMACIST,
    ("POST", "/reviews/{review}/rows/{row}"): PHARMACIST,
    ("POST", "/reviews/{review}/rows/{row}/undo"): PHARMACIST,
    ("POST", "/reviews/{review}/rows/{row}/check"): PHARMACIST,
    ("GET", "/reviews/{review}/rows/{row}/evidence"): PHARMACIST,
    ("POST", "/reviews/{review}/reopen"): PHARMACIST,
    ("GET", "/reviews/{review}/sign-off"): PHARMACIST,
    ("POST", "/reviews/{review}/sign-off"): PHARMACIST,
    ("GET", "/reviews/{review}/outcome"): PHARMACIST,
    ("GET", "/reviews/{review}/print"): PHARMACIST,
    ("GET", "/reviews/{review}/patient-list"): PHARMACIST,
    ("GET", "/reviews/{review}/document.json"): PHARMACIST,
    ("GET", "/reviews/{review}/gp.csv"): PHARMACIST,
    ("GET", "/reviews/{review}/gp.json"): PHARMACIST,
    ("GET", "/reviews/{review}/dms.csv"): PHARMACIST,
    ("GET", "/reviews/{review}/dms.json"): PHARMACIST,
    ("POST", "/reviews/{review}/send"): PHARMACIST,
    ("POST", "/reviews/{review}/send/{item}/{what}"): PHARMACIST,
    ("POST", "/follow-up/{task}/close"): PHARMACIST,
    ("POST", "/reviews/{review}/queries/{query}"): PHARMACIST,
    ("GET", "/reviews/{review}/handover"): PHARMACIST,
    ("POST", "/reviews/{review}/handover"): PHARMACIST,
    ("POST", "/reviews/{review}/not-understood"): PHARMACIST,
    ("POST", "/reviews/{review}/not-understood/{note}/undo"): PHARMACIST,
    ("GET", "/reviews/{review}/rows/{row}/names"): PHARMACIST,
    ("GET", "/reviews/{review}/timeline"): PHARMACIST,
    ("GET", "/reviews/{review}/by-hand"): PHARMACIST,
    ("POST", "/reviews/{review}/by-hand"): PHARMACIST,
    ("POST", "/reviews/{review}/by-hand/{entry}/take-back"): PHARMACIST,
    ("GET", "/reviews/{review}/rows/{row}/parts"): PHARMACIST,
    ("POST", "/reviews/{review}/rows/{row}/parts"): PHARMACIST,
    ("POST", "/reviews/{review}/rows/{row}/names"): PHARMACIST,
    ("GET", "/audits"): BESIDE_A_FORM,
    ("GET", "/audits/{case}"): BESIDE_A_FORM,
    ("GET", "/audits/{case}/questions/{question}/evidence"): BESIDE_A_FORM,
    ("POST", "/audits/{case}/questions/{question}"): CLERK,
    ("POST", "/audits/{case}/questions/{question}/lookup"): CLERK,
    ("GET", "/labour"): EVERYBODY - {"administrator"},
    ("GET", "/my-work"): EVERYBODY,
    ("POST", "/my-work"): EVERYBODY,
    ("POST", "/my-work/{step}"): EVERYBODY,
    ("GET", "/labour/sources"): EVERYBODY - {"administrator"},
    ("GET", "/labour/sources/{form}"): EVERYBODY - {"administrator"},
    ("GET", "/labour/moved"): EVERYBODY - {"administrator"},
    ("GET", "/labour/notes"): EVERYBODY - {"administrator"},
    ("GET", "/labour/notes/csv"): EVERYBODY - {"administrator"},
    ("GET", "/labour/notes/{note}"): EVERYBODY - {"administrator", "integrator"},
    ("POST", "/labour/notes/{note}"): EVERYBODY - {"administrator", "integrator"},
    ("GET", "/labour/staffing"): EVERYBODY - {"administrator"},
    ("GET", "/labour/staffing/csv"): EVERYBODY - {"administrator"},
    ("GET", "/labour/compare/{what}"): EVERYBODY - {"administrator"},
    ("GET", "/labour/report"): EVERYBODY - {"administrator"},
    ("GET", "/labour/report/csv"): EVERYBODY - {"administrator"},
    ("GET", "/labour/cards"): EVERYBODY - {"administrator"},
    ("GET", "/labour/cards/{metric}"): EVERYBODY - {"administrator"},
    ("GET", "/labour/cards/{metric}/csv"): EVERYBODY - {"administrator"},
    ("GET", "/password"): EVERYBODY,
    ("POST", "/password"): EVERYBODY,
    ("GET", "/accounts"): ADMINISTRATOR,
    ("GET", "/accounts/new"): ADMINISTRATOR,
    ("POST", "/accounts/new"): ADMINISTRATOR,
    ("GET", "/accounts/{account}"): ADMINISTRATOR,
    ("POST", "/accounts/{account}/{what}"): ADMINISTRATOR,
    ("GET", "/access-log"): ADMINISTRATOR,
    ("POST", "/access-log"): ADMINISTRATOR,
    ("POST", "/access-log/export"): ADMINISTRATOR,
    ("GET", "/sources"): frozenset({"integrator", "manager", "pharmacist"}),
    ("GET", "/sources/new"): INTEGRATOR,
    ("POST", "/sources/new"): INTEGRATOR,
    ("GET", "/sources/{source}"): frozenset({"integrator", "manager", "pharmacist"}),
    ("POST", "/sources/{source}/{what}"): INTEGRATOR,
}

ROUTES = sorted(
    (method, route.path)
    for part in PAGES
    for route in part.router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
)
_PLACES = {"what": "check"}


def address(path: str) -> str:
    """Something that is not there: who may not look is not told so."""
    for name in re.findall(r"{(\w+)}", path):
        path = path.replace("{" + name + "}", _PLACES.get(name, "x"))
    return path


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    opened = open_database(f"sqlite:///{tmp_path_factory.mktemp('roles') / 'g.sqlite3'}")
    for role in ROLES:
        create_account(opened, name=role, display_name=role, role=role, password=PASSWORD, now=NOW)
    return opened


def answers(database: Database, cache: Path, role: str | None, *, token: bool) -> dict[tuple[str, str], httpx.Response]:
    """What each route answers to a person of the role, or to nobody; `token`: forms carry the anti-forgery token."""
    settings = Settings(secure_cookies=False, cache_dir=cache)
    app = create_app(settings, database=database, now=lambda: NOW)
    cookies, form = {}, {}
    transport = httpx.ASGITransport(app)

    async def walk() -> dict[tuple[str, str], httpx.Response]:
        found = {}
        for method, path in ROUTES:
            if role:
                given = sign_in(database, settings, name=role, password=PASSWORD, now=NOW)
                cookies[COOKIE] = given
                if token:
                    form["csrf"] = csrf_token(session_of(database, settings, token=given, now=NOW))
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway", cookies=cookies) as client:
                if method == "POST":
                    found[method, path] = await client.post(address(path), data=form or {"x": ""})
                else:
                    found[method, path] = await client.get(address(path))
        return found

    return asyncio.run(walk())


def test_the_table_names_every_route_and_no_other(database: Database, tmp_path: Path) -> None:
    assert set(MAY) | OPEN == set(ROUTES)
    app = create_app(Settings(secure_cookies=False, cache_dir=tmp_path), database=database, now=lambda: NOW)
    served = {
        (m, path)
        for route in app.routes
        if (path := getattr(route, "path", None)) is not None
        for m in getattr(route, "methods", None) or ()
        if m != "HEAD"
    }
    assert served <= set(ROUTES)


def test_nobody_gets_past_the_sign_in(database: Database, tmp_path: Path) -> None:
    found = answers(database, tmp_path, None, token=False)
    wrong = {
        route: answer.status_code
        for route, answer in found.items()
        if route not in OPEN and not (answer.status_code == 303 and answer.headers["location"].startswith("/sign-in"))
    }
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_the_table_says_and_nothing_else(database: Database, tmp_path: Path, role: str) -> None:
    found = answers(database, tmp_path, role, token=True)
    assert max(answer.status_code for route, answer in found.items() if route not in OPEN) < 500
    allowed = {route for route, answer in found.items() if route not in OPEN and answer.status_code != 403}
    assert allowed == {route for route, roles in MAY.items() if role in roles}


@pytest.mark.parametrize("role", ROLES)
def test_no_form_is_taken_without_its_token(database: Database, tmp_path: Path, role: str) -> None:
    found = answers(database, tmp_path, role, token=False)
    taken = {
        route: answer.status_code
        for route, answer in found.items()
        if route[0] == "POST" and route not in OPEN and answer.status_code != 403
    }
    assert taken == {}


def test_each_look_at_a_patient_is_noted_also_where_it_was_denied(database: Database, tmp_path: Path) -> None:
    answers(database, tmp_path, "integrator", token=True)
    table = AccessEvent.__table__  # type: ignore[attr-defined]
    with database.read() as connection:
        noted = connection.execute(select(table).where(table.c.role == "integrator")).all()
    assert {"review.see", "evidence.row", "evidence.cited", "audit.see"} <= {one.action for one in noted}
    assert not any(one.allowed for one in noted if one.action not in {"sign-in", "sign-out"})


def test_signing_in_gives_a_new_session_and_ends_the_old_one(database: Database, tmp_path: Path) -> None:
    app = create_app(Settings(secure_cookies=False, cache_dir=tmp_path), database=database, now=lambda: NOW)
    signing_in = {"name": "pharmacist", "password": PASSWORD}

    async def walk() -> tuple[str, str, list[int]]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            client.cookies.set(COOKIE, planted := "planted-by-somebody-else")
            first = (await client.post("/sign-in", data=signing_in)).cookies[COOKIE]
            client.cookies = httpx.Cookies({COOKIE: first})
            second = (await client.post("/sign-in", data=signing_in)).cookies[COOKIE]
            codes = []
            for token in (planted, first, second):
                client.cookies = httpx.Cookies({COOKIE: token})
                codes.append((await client.get("/worklist")).status_code)
        return first, second, codes

    first, second, codes = asyncio.run(walk())
    assert first != second
    assert codes == [303, 303, 200]
