"""The other commands: the shapes that scripts rely on, and an answer for every line, blank ones too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.fhir_builders import bundle, patient, request
from tests.integration.cli import assert_one_safe_line, gateway

LINES = "Bisoprolol 2.5mg tablets\n\nQqtext 5mg\n   \nApixaban 5mg tablets"


def lines(*arguments: str, stdin: bytes) -> list[dict[str, Any]]:
    ran = gateway(*arguments, stdin=stdin)
    assert (ran.status, ran.err) == (0, "")
    return [json.loads(line) for line in ran.out.splitlines()]


def test_every_medicine_line_is_answered_in_order() -> None:
    found = lines("read", "medicine", "-", stdin=LINES.encode())
    assert [one["text"] for one in found] == LINES.split("\n")
    assert all(list(one) == ["text", "product", "dose", "abstained"] for one in found)
    read = [one["product"] and one["product"]["ingredients"] for one in found]
    assert read == [["bisoprolol"], None, None, None, ["apixaban"]]
    assert [one["abstained"] for one in found] == [
        None,
        "there is no text",
        "the name is not known",
        "there is no text",
        None,
    ]
    assert found[0]["product"]["strengths"] == [{"value": "2.5", "unit": "mg"}]


def test_every_dose_line_is_answered_in_order() -> None:
    found = lines("read", "dose", "-", stdin=b"One to be taken twice a day\n\nas the moon rises\n")
    assert all(list(one) == ["text", "product", "dose", "abstained"] for one in found)
    assert [one["dose"] is not None for one in found] == [True, False, False]
    assert [one["abstained"] is None for one in found] == [True, False, False]
    (step,) = found[0]["dose"]["sequence"]
    assert (step["low"], step["high"], step["frequency"], step["period"]) == ("1", "1", 2, 1)


def test_a_line_of_no_utf_8_is_answered_too() -> None:
    found = lines("read", "medicine", "-", stdin=b"\xff\xfe\nBisoprolol 5mg tablets\r\n")
    assert [one["product"] is not None for one in found] == [False, True]
    assert found[1]["text"] == "Bisoprolol 5mg tablets"


def test_one_text_on_the_command_line() -> None:
    (one,) = lines("read", "medicine", "Apixaban", "5mg", "tablets", stdin=b"")
    assert one["product"]["ingredients"] == ["apixaban"]


def test_every_pair_is_answered_in_order() -> None:
    pairs = [
        ("Apixaban 5mg tablets", "Apixaban 5mg tablets", "same-product", False),
        ("Apixaban 5mg tablets", "Eliquis 5mg tablets", "same-generic", False),
        ("Apixaban 5mg tablets", "Apixaban 2.5mg tablets", "same-ingredients", False),
        ("Apixaban 5mg tablets", "Rivaroxaban 20mg tablets", "apart", False),
        ("", "", "apart", False),
        ("Apixaban 5mg tablets", "", "apart", False),
        ("Цитрамон", "Аспирин", "apart", False),
        ("Qqtext 5mg", "Qqtext 5mg", "apart", True),
    ]
    found = lines("compare", "-", stdin="\n".join(f"{a}\t{b}" for a, b, _, _ in pairs).encode() + b"\n\nalone\n")
    assert all(list(one) == ["a", "b", "level", "suggestion", "reasons"] for one in found)
    assert [(o["a"], o["b"], o["level"], o["suggestion"]) for o in found[: len(pairs)]] == pairs
    assert [(o["a"], o["b"], o["level"]) for o in found[len(pairs) :]] == [("", "", "apart"), ("alone", "", "apart")]
    assert all(one["reasons"] for one in found)


@pytest.mark.parametrize(
    "arguments", [("compare", "a"), ("compare", "a", "b", "c"), ("read", "drug", "x"), ("read",), ("nothing",)]
)
def test_wrong_usage_is_one_line(arguments: tuple[str, ...]) -> None:
    ran = gateway(*arguments)
    assert ran.status == 2
    assert_one_safe_line(ran)


def test_the_rule_catalogue_as_json_and_as_a_table() -> None:
    ran = gateway("rules", "--format", "json")
    assert (ran.status, ran.err) == (0, "")
    rules = ran.json()
    assert len(rules) >= 29
    assert len({one["id"] for one in rules}) == len(rules)
    assert all(one["words"] and one["source"] and one["review"]["state"] for one in rules)
    for width in (80, 160):
        table = gateway("rules", "--width", str(width))
        shown = table.out.decode()
        assert table.status == 0
        assert max(map(len, shown.splitlines())) <= width
        assert "…" not in shown
        assert f"{len(rules)} of them are drafted: no clinical safety officer has signed them yet." in shown
        assert all(re.search(rf"\b{one['id']}\b", shown) for one in rules)


def test_the_site_file_is_shown_with_the_rules_and_used_by_reconcile(tmp_path: Path) -> None:
    site, record = tmp_path / "site.yaml", tmp_path / "ward.json"
    site.write_text(
        "site: Example Trust\nswitched_off: [{rule: uncoded, why: No codes yet.}]\nroles: {ward: inpatient}\n",
        encoding="utf-8",
    )
    record.write_text(json.dumps(bundle(patient(), request("1", "Ramipril 5mg capsules"))), encoding="utf-8")
    settings = {"GATEWAY_SITE_FILE": str(site)}
    shown = gateway("rules", "--width", "80", settings=settings)
    assert "Switched off at this site: No codes yet." in shown.out.decode()
    ran = gateway("reconcile", f"ward={record}", "--format", "json", "--at", "2026-11-24", settings=settings)
    assert ran.json()["switched_off"] == ["uncoded"]
    (one,) = ran.json()["lists"]
    assert (one["role"], one["role_reason"]) == ("inpatient", "set in the site file of Example Trust")
    given = gateway("reconcile", f"ward={record}", "--discharge", "ward", "--width", "80", settings=settings)
    assert "ward is taken as discharge: set by the person who asked" in given.out.decode()
    site.write_text("site: Example Trust\nswitched_off: [{rule: source-incomplete, why: x}]\n", encoding="utf-8")
    for call in (("rules",), ("reconcile", f"ward={record}"), ("serve", "--port", "0")):
        stopped = gateway(*call, settings=settings)
        assert stopped.status == 2
        assert_one_safe_line(stopped)
        assert "GATEWAY_SITE_FILE: switched_off, source-incomplete" in stopped.err


def test_what_vocabulary_is_loaded_and_that_nobody_has_signed_it() -> None:
    ran = gateway("terminology", "status")
    assert (ran.status, ran.err) == (0, "")
    assert "not yet reviewed by a pharmacist" in ran.out.decode()
    assert "no NHS dm+d release is loaded\nno RxNorm release is loaded" in ran.out.decode()


def test_every_audit_pack_with_questions_source_and_review_state() -> None:
    ran = gateway("audit", "packs")
    assert (ran.status, ran.err) == (0, "")
    shown = ran.out.decode()
    assert "minap" in shown
    assert "4.08 AspirinSecondary" in shown
    assert "Source: " in shown
    assert "drafted" in shown
