"""An integrator connects an organisation in the browser, with and without JavaScript: draft, sign-in, test, active."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]

#: Of the demo: the first story's patient, made for tests.
PATIENT = "9990147213"
TOKEN = "handed-out-token-0815"


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_hospital_is_connected_and_tried(open_page: Any, script: bool) -> None:
    page = open_page("integrator", javascript=script)
    page.goto("/sources")
    page.get_by_role("link", name="St Aldate's Hospital").click()
    address = page.locator("dt", has_text="Address").locator("..").locator("dd").inner_text()

    page.goto("/sources/new")
    page.get_by_label("FHIR base address").fill(address)
    page.get_by_label("Short name").fill(f"second-{'script' if script else 'plain'}")
    page.get_by_label("Organisation", exact=True).fill("Second Hospital")
    page.get_by_label("Hospital", exact=True).check()
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_role("heading", name="Second Hospital")).to_be_visible()
    expect(page.get_by_text("A draft: it is not asked for patients yet.")).to_be_visible()

    page.get_by_label("NHS number of a test patient").fill("9990147214")
    page.get_by_role("button", name="Test now").click()
    expect(page.get_by_role("alert")).to_contain_text("right check digit")
    page.get_by_label("NHS number of a test patient").fill(PATIENT)
    page.get_by_role("button", name="Test now").click()
    expect(page.get_by_text("Test list: complete")).to_be_visible()
    expect(page.get_by_text("6 = 6 entries + 0 set aside + 0 not understood")).to_be_visible()
    assert PATIENT not in page.content()

    page.get_by_label("How the gateway signs in").select_option("bearer")
    page.get_by_label("Fixed token").fill(TOKEN)
    page.get_by_role("button", name="Save sign-in").click()
    expect(page.get_by_text("with a secret that is kept encrypted and not shown")).to_be_visible()
    assert TOKEN not in page.content()

    page.get_by_role("button", name="Make active").click()
    expect(page.get_by_text("active: it is asked for every patient")).to_be_visible()
    page.get_by_role("button", name="Retire").click()
    expect(page).to_have_url(re.compile(r"/sources$"))
    expect(page.get_by_role("link", name="Second Hospital")).to_have_count(0)


def test_metrics_hold_counts_and_no_patient(site: Any) -> None:
    with site.client() as client:
        answer = client.get("/metrics")
    assert answer.status_code == 200
    assert 'gateway_source_answers_last_day{source="gp",state="complete"}' in answer.text
    assert not re.search(r"\b\d{10}\b", answer.text)
