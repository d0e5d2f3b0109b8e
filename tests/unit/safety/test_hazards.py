"""Every hazard names tests that exist, or says what is not tested yet; nobody's score is invented."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
LOG = yaml.safe_load((ROOT / "conformance/safety/hazards.yaml").read_text(encoding="utf-8"))
HAZARDS: list[dict[str, Any]] = LOG["hazards"]


def test_all_28_are_there_once_and_in_order() -> None:
    assert [hazard["number"] for hazard in HAZARDS] == list(range(1, 29))


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: str(hazard["number"]))
def test_a_hazard_is_whole_and_its_tests_exist(hazard: dict[str, Any]) -> None:
    assert all(hazard[column] for column in ("hazard", "cause", "effect", "control"))
    for place in hazard["tests"]:
        file, name = place.split("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        assert name in {node.name for node in tree.body if isinstance(node, functions)}, place


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: str(hazard["number"]))
def test_the_status_says_what_is_tested_and_what_is_not(hazard: dict[str, Any]) -> None:
    lacks = bool(hazard.get("not_yet"))
    expected = ("partly tested" if lacks else "tested") if hazard["tests"] else "not tested"
    assert hazard["status"] == expected
    assert hazard["tests"] or lacks


def test_risk_is_left_to_a_clinical_safety_officer() -> None:
    assert LOG["review"] == {"state": "drafted", "by": None, "date": None}
    assert {hazard[column] for hazard in HAZARDS for column in ("initial_risk", "residual_risk", "owner")} == {None}
