"""`gateway labour check-card`: a file is looked at before it is used."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.settings import mappings_dir
from tests.integration.cli import gateway


def test_a_card_that_is_shipped_is_one() -> None:
    path = mappings_dir() / "metric_cards" / "cards" / "lists-missing.json"
    done = gateway("labour", "check-card", path)
    assert done.status == 0
    assert "lists-missing: Lists not received whole" in done.out.decode()


def test_a_bad_card_is_refused_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"schemaVersion": 1}')
    done = gateway("labour", "check-card", tmp_path / "bad.json")
    assert done.status == 2
    assert "bad.json: " in done.err


def test_a_qualdash_file_is_told_with_its_trap(tmp_path: Path) -> None:
    mss = {"metric": "m", "y": "v", "yaggregates": "count", "yfilters": {"v": {"where": {"a": 1, "b": 2}}}}
    (tmp_path / "old.json").write_text(json.dumps(mss))
    done = gateway("labour", "check-card", "--qualdash", tmp_path / "old.json")
    assert done.status == 0
    assert "m: count of v, rows where a is 1 AND b is 2" in done.out.decode()
    assert "warning: old.json: [0].yfilters.v" in done.out.decode()
