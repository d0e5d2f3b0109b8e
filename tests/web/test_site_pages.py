"""What a site does otherwise stands on the pages of fetched reviews, and the rules say that they are drafted."""

from __future__ import annotations

import html
import re
from pathlib import Path

import httpx
import pytest

from tests.web.running import running_demo

pytestmark = pytest.mark.xdist_group("web")


def review_of(client: httpx.Client, name: str) -> str:
    page = client.get("/worklist").text
    found = re.search(rf'href="(/reviews/[\w-]+)"[^>]*>(?:(?!</a>).)*{name}', page, re.DOTALL)
    assert found, name
    return found.group(1)


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_pages_say_what_the_site_switched_off_and_graded(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        "site: Example Trust\n"
        "switched_off: [{rule: new-no-indication, why: Recorded elsewhere.}]\n"
        "regrade: [{rule: strength-only, base: 1, why: Seen here.}]\n",
        encoding="utf-8",
    )
    with running_demo(tmp_path, GATEWAY_SITE_FILE=str(site)) as running, running.client("pharmacist") as client:
        address = review_of(client, "Lindqvist")
        page = client.get(address).text
        shown = text_of(page)
        assert "New without an indication : switched off at this site" in shown
        assert "Graded by this site; 0 in the rule pack." in shown
        assert "no clinical safety officer has signed yet" in shown
        row = re.search(r'<tr id="(\w+)"(?:(?!</tr>).)*Graded by this site', page, re.DOTALL)
        assert row
        behind = text_of(client.get(f"{address}/rows/{row.group(1)}/evidence").text)
        assert "rule strength-only, version" in behind
        assert "drafted, not yet signed by a clinical safety officer" in behind
        assert (
            "Graded so because: 1: graded so by this site; in the rule pack 0: cannot be decided (this rule's grade)"
            in behind
        )
        assert "What settles it: " in behind
        assert "Read from: " in behind
        about = text_of(client.get(review_of(client, "Nakamura")).text)
        assert not re.search(r"\b[a-z]+(-[a-z0-9]+)+-late\b", about)
        assert re.search(r"Why, and what settles it .* Graded so because: 2: .* What settles it: .* Read from: ", about)
