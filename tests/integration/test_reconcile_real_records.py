"""`reconcile` over every real record at hand: no crash, every item accounted for, the same output in any order."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.actions.reconciliation_json import as_json, as_object
from gateway.errors import InputError
from gateway.fhir.build import reconciliation_bundle
from gateway.fhir.read import read_list
from gateway.records.lists import ListAsWritten, SourceDocument
from gateway.sources.files import read_path
from tests.fhir_builders import document

AT = dt.date(2021, 6, 2)
GOLDEN = Path(__file__).parents[1] / "golden" / "gp_transfer.yaml"
FOLDERS = (
    "gp_connect_stu3",
    "gp_connect_stu3_datamodel",
    "uk_core_r4_examples",
    "uk_core_r4_digital_medicines",
    "nhs_eps_r4",
    "ips_r4",
    "au_r4",
    "be_r4",
    "ch_emed_r4",
    "eu_mpd_r4",
    "nictiz_mp9_r4",
    "us_core_r4",
    "hl7_official_r3",
    "hl7_official_r4",
    "hl7_official_r5",
    "nhs_dose_syntax_stu3",
    "synthea",
)

pytestmark = pytest.mark.records


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix in {".json", ".xml", ".gz"})


def read(path: Path, name: str = "one", patient: str | None = None) -> ListAsWritten:
    return read_list(name, read_path(path, max_bytes=1 << 26), patient=patient)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_is_accounted_for_and_gives_the_same_output_twice(
    folder: str, records_dir: Path, knowledge: Knowledge
) -> None:
    paths = files(records_dir / folder)
    assert paths
    for path in paths:
        one = read(path)
        assert one.received == len(one.entries) + len(one.set_aside) + len(one.quarantined), path.name
        first = as_json(reconcile([one], knowledge, AT))
        assert first == as_json(reconcile([read(path)], knowledge, AT)), path.name
        shown = json.loads(first)
        in_rows = Counter(e for row in shown["rows"] for e in row["entries"])
        assert in_rows == Counter(e["id"] for e in shown["entries"]), path.name
        in_lines = Counter(e for row in shown["rows"] for line in row["lines"] for e in line)
        assert in_lines == in_rows, path.name


def shuffled(path: Path, seed: int) -> SourceDocument:
    """The same Bundle with its entries in another order."""
    bundle = json.loads(path.read_text(encoding="utf-8-sig"))
    random.Random(seed).shuffle(bundle["entry"])
    return document(bundle, path.name)


def without_documents(shown: dict[str, Any]) -> str:
    return json.dumps(shown, sort_keys=True)


def test_shuffled_entries_of_gp_records_change_nothing(records_dir: Path, knowledge: Knowledge) -> None:
    for path in files(records_dir / "gp_connect_stu3"):
        plain = as_object(reconcile([read(path)], knowledge, AT))
        for seed in range(2):
            mixed = read_list("one", [shuffled(path, seed)])
            again = as_object(reconcile([mixed], knowledge, AT))
            assert without_documents(again) == without_documents(plain), path.name


PAIRS = {
    "gainsford": "9465698679_Gainsford",
    "magre": "9465699918_Magre",
    "yamura": "9465700339_Yamura",
    "nel": "9465701459_Nel",
}


def pair(records_dir: Path, name: str) -> list[ListAsWritten]:
    folder = records_dir / "gp_connect_stu3"
    before = next(folder.glob(f"tc4_{PAIRS[name]}*"))
    after = next(folder.glob(f"tc7_{PAIRS[name]}*"))
    return [read(before, "before"), read(after, "after")]


def summary(shown: dict[str, Any]) -> dict[str, Any]:
    """Counts only: nothing of the record's text."""
    return {
        "received": {one["name"]: one["received"] for one in shown["lists"]},
        "entries": {one["name"]: one["entries"] for one in shown["lists"]},
        "current": sum(e["current"] for e in shown["entries"]),
        "rows": len(shown["rows"]),
        "levels": dict(sorted(Counter(row["level"] for row in shown["rows"]).items())),
        "understood": sum(bool(e["product"]["ingredients"]) for e in shown["entries"]),
        "doses_read": sum(e["dose"]["parsed"] for e in shown["entries"]),
        "findings": dict(sorted(Counter(f"{d['rule']} {d['severity']}" for d in shown["discrepancies"]).items())),
    }


@pytest.mark.parametrize("name", PAIRS)
def test_the_same_patient_before_and_after_a_transfer(name: str, records_dir: Path, knowledge: Knowledge) -> None:
    lists = pair(records_dir, name)
    shown = as_object(reconcile(lists, knowledge, AT))
    assert summary(shown) == yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))[name]
    assert without_documents(as_object(reconcile(lists[::-1], knowledge, AT))) == without_documents(shown)


def test_no_row_of_any_gp_record_holds_two_ingredient_sets(records_dir: Path, knowledge: Knowledge) -> None:
    paths = files(records_dir / "gp_connect_stu3")
    for path in paths:
        result = reconcile([read(path)], knowledge, AT)
        entries = result.entries()
        for row in result.rows:
            sets = {entries[e].product.ingredients for e in row.entries} - {()}
            assert len(sets) <= 1, (path.name, row.id)


def test_every_gp_record_is_written_as_r4(records_dir: Path, knowledge: Knowledge) -> None:
    for path in files(records_dir / "gp_connect_stu3"):
        built = json.loads(reconciliation_bundle(reconcile([read(path)], knowledge, AT)))
        assert built["resourceType"] == "Bundle"


def test_records_of_two_patients_are_refused(records_dir: Path, knowledge: Knowledge) -> None:
    one, two = pair(records_dir, "magre")[0], pair(records_dir, "nel")[1]
    with pytest.raises(InputError, match="different patients"):
        reconcile([one, two], knowledge, AT)


def test_one_patient_of_a_synthea_file_of_many(records_dir: Path, knowledge: Knowledge) -> None:
    path = records_dir / "synthea" / "synthea_r4_dev.ndjson.gz"
    everyone = read(path)
    assert everyone.causes[-1].startswith("wrong-patient")
    bundles = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    resources = [entry["resource"] for one in bundles for entry in one["entry"]]
    asked = next(r["id"] for r in resources if r["resourceType"] == "Patient")
    mine = read(path, patient=asked)
    of_them = sum(
        r["resourceType"].startswith("Medication")
        and r["resourceType"] != "Medication"
        and r["subject"]["reference"].endswith(asked)
        for r in resources
    )
    of_others = sum("another patient" in s.cause for s in mine.set_aside)
    assert of_them > 5
    assert mine.received - of_others == of_them
    assert len(mine.entries) + len(mine.set_aside) - of_others == of_them
