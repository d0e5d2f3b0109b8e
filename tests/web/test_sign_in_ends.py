"""A sign-in that ends while somebody types, the way back to where they were, and the cookie over HTTPS."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gateway.actions.accounts import create_account
from gateway.app import create_app
from gateway.settings import Settings
from gateway.store.database import Database, open_database

NOW = dt.datetime(2026, 11, 26, 10, 0, tzinfo=dt.UTC)
PASSWORD = "plain violet engine"


class Client:
    """One browser: it keeps its cookies and follows nothing."""

    def __init__(self, app: FastAPI, base_url: str) -> None:
        self._transport, self._base_url, self._cookies = httpx.ASGITransport(app), base_url, httpx.Cookies()

    def _ask(
        self, method: str, path: str, data: dict[str, str] | None, headers: dict[str, str] | None
    ) -> httpx.Response:
        async def ask() -> httpx.Response:
            client = httpx.AsyncClient(transport=self._transport, base_url=self._base_url, cookies=self._cookies)
            async with client:
                answer = await client.request(method, path, data=data, headers=headers)
                self._cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, data: dict[str, str], headers: dict[str, str] | None = None) -> httpx.Response:
        return self._ask("POST", path, data, headers)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    for name in ("pat", "sam"):
        create_account(opened, name=name, display_name=name, role="integrator", password=PASSWORD, now=NOW)
    return opened


class Clock:
    now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


def test_over_https_the_cookie_is_bound_to_the_host(database: Database, tmp_path: Path) -> None:
    app = create_app(Settings(cache_dir=tmp_path), database=database, now=lambda: NOW)
    client = Client(app, "https://gateway")
    answer = client.post("/sign-in", data={"name": "pat", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-gateway-session=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {p.strip() for p in cookie.split(";")}
    assert "Domain" not in cookie
    assert "strict-transport-security" in answer.headers
    assert client.get("/sources").status_code == 200


@pytest.mark.parametrize("script", [False, True])
def test_what_was_typed_when_the_sign_in_ended_is_sent_after_it(
    database: Database, tmp_path: Path, script: bool
) -> None:
    clock = Clock()
    app = create_app(Settings(secure_cookies=False, cache_dir=tmp_path), database=database, now=clock)
    client = Client(app, "http://gateway")
    client.post("/sign-in", data={"name": "pat", "password": PASSWORD})
    csrf = _hidden(client.get("/sources/new"), "csrf")
    clock.now += dt.timedelta(minutes=31)
    headers = {"referer": "http://gateway/sources/new"} | ({"HX-Request": "true"} if script else {})
    typed = {"csrf": csrf, "name": "typed-before", "base_url": ""}
    over = client.post("/sources/new", data=typed, headers=headers)
    assert over.status_code == 401
    assert "nothing was done for 30 minutes" in over.text
    assert over.headers["hx-retarget"] == "#main"
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', over.text))
    assert kept["kept:name"] == "typed-before"
    assert kept["next"] == "/sources/new"
    assert "kept:csrf" not in kept
    # somebody else at the same screen does not get it
    other = client.post("/sign-in", data=kept | {"name": "sam", "password": PASSWORD})
    assert (other.status_code, other.headers["location"]) == (303, "/sources/new")
    again = client.post("/sign-in", data=kept | {"name": "pat", "password": "wrong"})
    assert "typed-before" in again.text
    page = client.post("/sign-in", data=kept | {"name": "pat", "password": PASSWORD})
    assert page.status_code == 200
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text.split("<main")[1]))
    assert (fields["name"], fields["base_url"]) == ("typed-before", "")
    sent = client.post("/sources/new", data=fields)
    assert sent.status_code == 422 or "typed-before" in sent.text


def test_a_form_of_another_site_is_not_kept(database: Database, tmp_path: Path) -> None:
    clock = Clock()
    app = create_app(Settings(secure_cookies=False, cache_dir=tmp_path), database=database, now=clock)
    client = Client(app, "http://gateway")
    client.post("/sign-in", data={"name": "pat", "password": PASSWORD})
    clock.now += dt.timedelta(hours=13)
    answer = client.post("/sources/new", data={"csrf": "forged", "name": "x"}, headers={"referer": "http://evil/a"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?why=idle")
    assert (
        client.get("/sources/new?x=1", headers={}).headers["location"] == "/sign-in?next=/sources/new%3Fx%3D1&why=ended"
    )
    part = client.get("/sources", headers={"HX-Request": "true", "referer": "http://gateway/sources"})
    assert part.headers["hx-redirect"] == "/sign-in?next=/sources&why=ended"


@pytest.mark.parametrize("back", ["//evil", "https://evil", "/\\evil", "/sign-in?next=/", "/a\nb", "evil"])
def test_nobody_is_led_elsewhere(database: Database, tmp_path: Path, back: str) -> None:
    app = create_app(Settings(secure_cookies=False, cache_dir=tmp_path), database=database, now=lambda: NOW)
    client = Client(app, "http://gateway")
    answer = client.post("/sign-in", data={"name": "pat", "password": PASSWORD, "next": back})
    assert answer.headers["location"] == "/"


def _hidden(answer: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', answer.text)
    assert found
    return found.group(1)
