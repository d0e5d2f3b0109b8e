"""What a stranger, or a careless script, may send to the pages: a clear answer, no 5xx, and nothing is lost."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("web")

PAGES = {
    "pharmacist": ("/worklist", "/audits", "/sources", "/labour"),
    "audit-clerk": ("/audits", "/labour"),
    "integrator": ("/sources", "/sources/new", "/labour"),
    "manager": ("/sources", "/labour"),
}
DENIED = {
    "audit-clerk": ("/worklist", "/sources"),
    "integrator": ("/worklist", "/audits"),
    "manager": ("/worklist", "/audits", "/sources/new"),
    "pharmacist": ("/sources/new",),
}


def first_review(client: httpx.Client) -> str:
    found = re.search(r"/reviews/[\w-]+", client.get("/worklist").text)
    assert found
    return found.group()


def token(text: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found
    return found.group(1)


def test_every_page_wants_a_sign_in(site: Any) -> None:
    with site.client() as client:
        for address in (
            "/",
            "/worklist",
            "/audits",
            "/labour",
            "/sources",
            "/sources/new",
            "/sources/x",
            "/reviews/x",
            "/audits/x",
            "/fetching/x",
        ):
            answer = client.get(address)
            assert answer.status_code == 303, address
            assert answer.headers["location"].startswith("/sign-in"), address
        assert client.post("/reviews/x/rows/r1", data={"choice": "stop"}).headers["location"] == "/sign-in"


@pytest.mark.parametrize("name", PAGES)
def test_a_role_sees_its_pages_and_no_others(site: Any, name: str) -> None:
    with site.client(name) as client:
        for address in PAGES[name]:
            assert client.get(address).status_code == 200, address
        for address in DENIED.get(name, ()):
            answer = client.get(address)
            assert answer.status_code == 403, address
            assert "Your role" in answer.text
        if name != "pharmacist":
            with site.client("pharmacist") as pharmacist:
                assert client.get(first_review(pharmacist)).status_code == 403


def test_headers_keep_everything_at_home(site: Any) -> None:
    with site.client("pharmacist") as client:
        for address in ("/worklist", "/nowhere", "/static/gateway.css", "/healthz"):
            answer = client.get(address)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "http" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
        page = client.get("/worklist")
        assert page.headers["cache-control"] == "no-store"
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)
        assert not re.findall(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", page.text)
        cookie = client.post("/sign-in", data={"name": "pharmacist", "password": site.passwords["pharmacist"]})
        assert "httponly" in cookie.headers["set-cookie"].lower()
        assert "samesite=lax" in cookie.headers["set-cookie"].lower()


def test_a_form_without_its_token_changes_nothing(site: Any) -> None:
    with site.client("pharmacist") as client:
        review = first_review(client)
        before = client.get(review).text.count("gw-tag--done")
        for csrf in ("", "x", "a.b", "é.è", "x" * 5000):
            answer = client.post(f"{review}/rows/r1", data={"choice": "stop", "reason": "allergy", "csrf": csrf})
            assert answer.status_code == 403, csrf
        with site.client("pharmacist") as other:
            foreign = token(other.get(review).text)
        answer = client.post(f"{review}/rows/r1", data={"choice": "stop", "csrf": foreign})
        assert answer.status_code == 403
        assert client.get(review).text.count("gw-tag--done") == before


FORMS: tuple[dict[str, str], ...] = (
    {},
    {"version": "0"},
    {"version": "x", "choice": "stop", "reason": "allergy"},
    {"version": "0", "choice": "nonsense"},
    {"version": "0", "choice": "continue:not-an-entry"},
    {"version": "0", "choice": "continue:"},
    {"version": "0", "choice": "stop"},
    {"version": "0", "choice": "stop", "reason": "no-such-reason"},
    {"version": "0", "choice": "change", "reason": "allergy"},
    {"version": "0", "choice": "withhold", "reason": "interaction"},
    {"version": "0", "choice": "stop", "reason": "other"},
    {"version": "0", "choice": "change", "reason": "interaction", "change_to": "5 mg", "change_amount": "5"},
    {"version": "0", "choice": "change", "reason": "interaction", "change_amount": "\0"},
    {"version": "0", "choice": "change", "reason": "interaction", "change_to": "x" * 2000},
    {"version": "0", "choice": "ask", "reason": "more-information-needed"},
    {"version": "0", "choice": "stop", "reason": "allergy", "intent": "guess"},
    {"version": "0", "choice": "stop", "reason": "allergy", "note": "x" * 5000},
    {"version": "0", "choice": "stop", "reason": "allergy", "note": "\0"},
    {"version": "7", "choice": "stop", "reason": "allergy"},
    {"version": "99999999999999999999999", "choice": "stop", "reason": "allergy"},
    {"version": "0", "choice": "stop", "reason": "allergy", "note": "x" * 100_000},
)


@pytest.mark.parametrize("form", FORMS, ids=range(len(FORMS)))
def test_a_form_that_is_not_whole_is_refused_in_words(site: Any, form: dict[str, str]) -> None:
    with site.client("pharmacist") as client:
        review = first_review(client)
        page = client.get(review).text
        row = re.findall(r'<tr id="(r\d+)"', page)[-1]
        answer = client.post(f"{review}/rows/{row}", data={"csrf": token(page), **form})
        assert 400 <= answer.status_code < 500
        assert "Traceback" not in answer.text
        assert "problem" in answer.text or "changed" in answer.text
        after = re.search(rf'<tr id="{row}".*?</tr>', client.get(review).text, re.DOTALL)
        assert after
        assert "gw-tag--done" not in after.group()


def test_addresses_that_nobody_gave_out(site: Any) -> None:
    odd = ["x", "..", "%00", "a/b", "é", "'; drop table review; --", "x" * 3000, "<script>x</script>", "{{7*191}}", "0"]
    with site.client("pharmacist") as client:
        for word in odd:
            for shape in (
                "/reviews/{}",
                "/reviews/{}/rows/{}/evidence",
                "/reviews/{}/rows/{}/names",
                "/audits/{}",
                "/fetching/{}",
                "/static/{}",
            ):
                address = shape.replace("{}", quote(word, safe=""))
                answer = client.get(address)
                assert answer.status_code in {303, 404}, address
                assert not word.startswith(("<", "{")) or word not in answer.text, address
                assert "1337" not in answer.text, address
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            assert client.request(method, "/worklist").status_code == 405
        assert client.post("/worklist", content=b"{}", headers={"content-type": "application/json"}).status_code == 400
        broken = client.post(
            "/worklist", content=b"csrf=%ff\xff", headers={"content-type": "application/x-www-form-urlencoded"}
        )
        assert broken.status_code == 400


def test_sign_in_leads_only_to_our_own_pages(site: Any) -> None:
    with site.client() as client:
        for away in ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "\r\nX: y"):
            given = {"name": "manager", "password": site.passwords["manager"], "next": away}
            answer = client.post("/sign-in", data=given)
            assert answer.headers["location"] == "/"
        wrong = client.post("/sign-in", data={"name": "manager", "password": "no"})
        nobody = client.post("/sign-in", data={"name": "nobody", "password": "no"})
        assert (wrong.status_code, nobody.status_code) == (401, 401)
        assert "is not right" in wrong.text
        assert "is not right" in nobody.text


def test_a_wrong_nhs_number_asks_nobody(site: Any) -> None:
    with site.client("pharmacist") as client:
        csrf = token(client.get("/worklist").text)
        for number in ("", "1", "9990147214", "999014721x", "９９９０１４７２１３", "9" * 5000):
            answer = client.post("/worklist", data={"csrf": csrf, "nhs_number": number})
            assert answer.status_code == 422, number
            assert "check digit" in answer.text


def test_no_nhs_number_stands_in_an_address_or_the_log(site: Any) -> None:
    with site.client("pharmacist") as client:
        page = client.get("/worklist").text
        shown = [n.replace(" ", "") for n in re.findall(r"999 \d{3} \d{4}", page)]
        assert len(set(shown)) == 15
        addresses = "".join(re.findall(r'(?:href|action|src)="([^"]*)"', page + client.get(first_review(client)).text))
        log = site.log.read_text()
        for number in shown:
            assert number not in addresses
            assert number not in log
        assert "Hargreaves" not in log


def test_it_says_that_it_lives_and_can_serve(site: Any) -> None:
    with site.client() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"status": "ok"}


def test_the_progress_of_a_fetch_is_told_as_events_until_it_is_done(site: Any) -> None:
    with site.client("pharmacist") as client:
        form = {"csrf": token(client.get("/worklist").text), "nhs_number": "9990147213"}
        under_way = client.post("/worklist", data=form).headers["location"]
        with client.stream("GET", f"{under_way}/events") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            told = "".join(answer.iter_text())
        kinds = re.findall(r"^event: (\w+)$", told, re.MULTILINE)
        assert kinds[-1] == "done"
        assert set(kinds[:-1]) <= {"progress"}
        assert told.count("<h2>Elm Tree Surgery</h2>") == len(kinds)
        assert "9990147213" not in told
        assert client.get(under_way).headers["location"].startswith("/reviews/")
    with site.client("pharmacist-2") as other:
        assert other.get(f"{under_way}/events").status_code == 404
