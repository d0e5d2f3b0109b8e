"""What the rules know names classes, kinds of route and forms of the vocabulary; a slip in a file names its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.discrepancies.clinical_knowledge import MedicineSet
from gateway.discrepancies.pack import load_rules
from gateway.errors import KnowledgeError
from gateway.settings import mappings_dir


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def medicine_sets(knowledge: Knowledge) -> list[MedicineSet]:
    known = knowledge.rules.clinical
    sets: list[MedicineSet] = [*known.brands.medicines, *known.devices.medicines]
    return [*sets, *known.courses.carry_over, *known.courses.short_courses, *known.pincer.sets.values()]


def test_classes_kinds_of_route_and_forms_exist(knowledge: Knowledge) -> None:
    vocabulary = knowledge.vocabulary
    kinds = {route.kind for route in vocabulary.routes.values()}
    forms = {form.name for form in vocabulary.forms.values()} | {"transdermal patch"}
    for one in medicine_sets(knowledge):
        assert set(one.classes) <= set(vocabulary.classes), one.words
        assert set(one.kinds) <= kinds, one.words
    for branded in knowledge.rules.clinical.brands.medicines:
        assert set(branded.forms) | set(branded.not_forms) <= forms, branded.words
    for device in knowledge.rules.clinical.devices.devices:
        assert set(device.forms) <= forms, device.kind
    for group in knowledge.rules.duplicates.classes:
        assert set(group.classes) <= set(vocabulary.classes), group.id
    assert set(knowledge.rules.thresholds.apart_forms) <= forms


def test_every_set_of_medicines_has_members(knowledge: Knowledge) -> None:
    vocabulary = knowledge.vocabulary
    for one in medicine_sets(knowledge):
        members = {m for c in one.classes for m in vocabulary.classes[c].members}
        members |= {i for i in one.ingredients if i in vocabulary.ingredients}
        assert members - set(one.leave_out) or not (one.classes or one.ingredients), one.words
    for monitored in knowledge.rules.clinical.monitoring.medicines:
        assert monitored.ingredient in vocabulary.ingredients


def test_every_file_says_its_source_and_that_it_is_drafted() -> None:
    for path in sorted((mappings_dir() / "discrepancies").glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert content["source"].strip(), path.name
        assert content["review"] == {"state": "drafted", "by": None, "date": None}, path.name


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("pincer.yaml", "without: gastroprotection", "without: antacids", "antacids is no set"),
        ("pincer.yaml", "'\\basthma(tic)?\\b'", "'\\basthma('", "pincer.yaml, asthma"),
        ("courses.yaml", "only_new: true", "only_new: 3", "courses.yaml"),
        ("devices.yaml", "fostair: pressurised inhaler", "fostair: trumpet", "trumpet is no device"),
        ("brands.yaml", "named: always, why", "named: sometimes, why", "named is no such way"),
        ("monitoring.yaml", "tests: [thyroid]", "tests: [spleen]", "spleen is no test"),
        ("process_flags.yaml", "since: admission", "since: birth", "since is no such time"),
        ("absorbs.yaml", "by: omission", "by: omisson", "omisson is no rule"),
    ],
)
def test_a_slip_names_its_place(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    shutil.copytree(mappings_dir(), tmp_path / "mappings")
    path = tmp_path / "mappings" / "discrepancies" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load_rules(tmp_path / "mappings")
    assert said in str(caught.value)
