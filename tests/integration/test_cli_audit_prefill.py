"""`gateway audit prefill`: what a pack proposes for files, and that files alone never earn a "No"."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fhir_builders import bundle, patient, request, statement
from tests.integration.cli import assert_one_safe_line, gateway

DAILY = "One to be taken daily"
AT_DISCHARGE = ("4.05", "4.06", "4.07", "4.08", "4.27", "4.28", "4.31")


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    gp, ward = tmp_path / "gp.json", tmp_path / "ward.json"
    gp.write_text(json.dumps(bundle(patient(), statement("1", "Atorvastatin 80mg tablets", dose=DAILY))))
    leaves_on = (
        request("1", "Bisoprolol 2.5mg tablets", dose=DAILY),
        request("2", "Timolol 0.5% eye drops", dose="One drop twice a day"),
    )
    ward.write_text(json.dumps(bundle(patient(), *leaves_on)))
    return f"gp={gp}", f"ward={ward}"


def answers(*arguments: str) -> dict[str, dict[str, Any]]:
    ran = gateway("audit", "prefill", "minap", *arguments, "--at", "2026-11-24", "--format", "json")
    shown = ran.json()
    assert (ran.status, shown["schema"], shown["pack"]) == (0, "audit-prefill/1", "minap")
    return {one["question"]: one for one in shown["answers"]}


def test_yes_with_its_entry_and_no_without_a_sign_off_for_what_is_absent(files: tuple[str, str]) -> None:
    found = answers(*files, "--discharge", "ward")
    yes = found["4.05"]
    assert (yes["code"], yes["field"], yes["abstained"]) == ("1", "4.05 Betablocker", None)
    (evidence,) = yes["evidence"]
    assert (evidence["list"], evidence["words"]) == ("ward", f"Bisoprolol 2.5mg tablets – {DAILY}")
    assert len(evidence["document"]) == 64
    others = [found[question] for question in AT_DISCHARGE if question != "4.05"]
    assert {(one["code"], one["abstention_code"]) for one in others} == {(None, "not-signed")}


def test_without_a_discharge_list_nothing_is_proposed(files: tuple[str, str]) -> None:
    found = answers(files[0])
    assert {(found[q]["code"], found[q]["abstention_code"]) for q in AT_DISCHARGE} == {(None, "no-discharge-list")}


def test_the_table_says_what_is_proposed_and_why_the_rest_is_not(files: tuple[str, str]) -> None:
    ran = gateway("audit", "prefill", "minap", *files, "--discharge", "ward", "--at", "2026-11-24")
    shown = ran.out.decode()
    assert (ran.status, ran.err) == (0, "")
    assert "4.05 Betablocker: 1 Yes\n  bisoprolol" in shown.replace("Bisoprolol", "bisoprolol")
    assert "4.07 Statin: not proposed\n  The discharge list is not signed off yet." in shown


def test_an_incomplete_list_ends_with_status_3_and_is_named(files: tuple[str, str], tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    ran = gateway("audit", "prefill", "minap", *files, f"other={broken}", "--discharge", "ward", "--format", "json")
    assert ran.status == 3
    statin = next(one for one in ran.json()["answers"] if one["question"] == "4.07")
    assert (statin["code"], statin["abstention_code"]) == (None, "list-not-complete")
    assert "other" in statin["why"]


def test_a_pack_that_is_not_there_is_said_with_those_that_are(files: tuple[str, str]) -> None:
    ran = gateway("audit", "prefill", "minapp", *files)
    assert ran.status == 2
    assert_one_safe_line(ran)
    assert "ssnap" in ran.err
