"""The vocabulary: a slip in mappings/ stops with the file and the place; the cache is the source or nothing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.errors import KnowledgeError
from gateway.settings import mappings_dir
from gateway.terminology.load import load_vocabulary
from gateway.terminology.vocabulary import Vocabulary, normalise_words

MAPPINGS = sorted(mappings_dir().rglob("*.yaml"))
NAMES = [str(path.relative_to(mappings_dir())) for path in MAPPINGS]


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    """A copy to spoil."""
    shutil.copytree(mappings_dir(), tmp_path / "mappings")
    return tmp_path / "mappings"


def change(mappings: Path, name: str, old: str, new: str) -> None:
    path = mappings / "terminology" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


CARDIO = "substances/cardiovascular.yaml"


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        (CARDIO, "ingredients:", "ingrediants:", "ingrediants"),
        (CARDIO, "review:", "revieww:", "revieww"),
        (CARDIO, "- {name: bisoprolol", "- {nam: bisoprolol", "ingredients"),
        (CARDIO, "- {name: bisoprolol", "- {name: bisoprolol, clases: [x]", "clases"),
        (CARDIO, "- {name: bisoprolol", "- {name: ramipril", "ramipril stands there twice"),
        (CARDIO, "classes: [beta-blocker]", "classes: [beta-bloker]", "class beta-bloker is not in classes.yaml"),
        ("classes.yaml", "review:", "reviewed:", "reviewed"),
        ("forms.yaml", "routes: [oral]", "routes: [orally]", "route orally is not in routes.yaml"),
        ("routes.yaml", "kind: systemic", "kinds: systemic", "routes"),
        ("units.yaml", "units:", "units: [", ""),
        ("confusable.yaml", "pairs:", "pears:", "pears"),
        ("suppliers.yaml", "suppliers:", "supliers:", "supliers"),
    ],
)
def test_a_slip_names_the_file_and_the_place(mappings: Path, name: str, old: str, new: str, place: str) -> None:
    change(mappings, name, old, new)
    with pytest.raises(KnowledgeError) as error:
        load_vocabulary(mappings, cache_dir=mappings)
    assert f"mappings/terminology/{name}" in error.value.words
    assert place in error.value.words
    assert error.value.exit_status == 2


def test_a_file_that_is_missing_is_named(mappings: Path) -> None:
    (mappings / "terminology" / "units.yaml").unlink()
    with pytest.raises(KnowledgeError, match=r"mappings/terminology/units\.yaml"):
        load_vocabulary(mappings, cache_dir=mappings)


def test_a_file_of_no_utf_8_is_named(mappings: Path) -> None:
    (mappings / "terminology" / "units.yaml").write_bytes(b"units: \xff")
    with pytest.raises(KnowledgeError, match=r"mappings/terminology/units\.yaml"):
        load_vocabulary(mappings, cache_dir=mappings)


@pytest.mark.parametrize("factor", ["ten", "0", "-1", "NaN", "Infinity"])
def test_a_unit_whose_factor_is_no_number(mappings: Path, factor: str) -> None:
    path = mappings / "terminology" / "units.yaml"
    text, changed = re.subn(r'factor: "?[0-9.]+"?', f'factor: "{factor}"', path.read_text(encoding="utf-8"), count=1)
    assert changed
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=rf"units\.yaml: .*factor {factor}"):
        load_vocabulary(mappings, cache_dir=mappings)


def test_a_brand_of_an_unknown_form_is_named_with_its_file(mappings: Path) -> None:
    change(mappings, CARDIO, "brands: [", "brands: [{name: Zzbrand, form: tablett}, ")
    with pytest.raises(KnowledgeError, match=r"substances/cardiovascular\.yaml: brand Zzbrand: form tablett"):
        load_vocabulary(mappings, cache_dir=mappings)


def test_the_cache_gives_the_vocabulary_of_the_source(tmp_path: Path) -> None:
    compiled = load_vocabulary(cache_dir=tmp_path)
    (cached,) = tmp_path.iterdir()
    before = cached.stat().st_mtime_ns
    again = load_vocabulary(cache_dir=tmp_path)
    assert again == compiled
    assert list(again.names) == list(compiled.names)
    assert cached.stat().st_mtime_ns == before
    assert compiled.version in cached.name


@pytest.mark.parametrize("content", [b"", b"\xc1\xff", b"\x80", None], ids=["empty", "noise", "nothing in it", "cut"])
def test_a_broken_cache_is_made_anew(tmp_path: Path, content: bytes | None) -> None:
    compiled = load_vocabulary(cache_dir=tmp_path)
    (cached,) = tmp_path.iterdir()
    whole = cached.read_bytes()
    cached.write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert load_vocabulary(cache_dir=tmp_path) == compiled
    assert cached.read_bytes() == whole


def test_a_changed_source_does_not_use_the_old_cache(mappings: Path, tmp_path: Path) -> None:
    before = load_vocabulary(mappings, cache_dir=tmp_path / "cache")
    change(mappings, CARDIO, "- {name: nicorandil", "- {name: zzrandil")
    after = load_vocabulary(mappings, cache_dir=tmp_path / "cache")
    assert "zzrandil" not in before.ingredients
    assert "zzrandil" in after.ingredients
    assert before.version != after.version


def test_a_folder_that_cannot_be_written_costs_the_cache_only(tmp_path: Path, vocabulary: Vocabulary) -> None:
    (tmp_path / "file").write_text("no folder")
    assert load_vocabulary(cache_dir=tmp_path / "file" / "below") == vocabulary


class _Strict(yaml.SafeLoader):
    """YAML takes the last of two equal keys in silence."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    assert len(set(keys)) == len(keys), f"a key stands twice at line {node.start_mark.line + 1}: {keys}"
    return loader.construct_mapping(node, deep=True)


_Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@pytest.mark.parametrize("path", MAPPINGS, ids=NAMES)
def test_every_file_of_knowledge_says_its_source_and_who_reviewed_it(path: Path) -> None:
    block = yaml.load(path.read_text(encoding="utf-8"), _Strict)
    assert block["block"]
    assert len(block["source"]) > 20
    assert set(block["review"]) == {"state", "by", "date"}
    state, by, date = (block["review"][key] for key in ("state", "by", "date"))
    assert state in {"drafted", "reviewed"}
    assert (by is not None and date is not None) == (state == "reviewed")


def test_every_name_leads_to_known_ingredients(vocabulary: Vocabulary) -> None:
    unknown = {
        name.written: i
        for name in vocabulary.names.values()
        for i in name.ingredients
        if i not in vocabulary.ingredients
    }
    assert unknown == {}
    assert not set(vocabulary.names) & set(vocabulary.ambiguous)
    assert all(key == normalise_words(key) for key in vocabulary.names)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Co-codamol 30mg/500mg", "co codamol 30mg 500mg"),
        ("  ÉPILIM®  Chrono. ", "epilim chrono"),
        ("0.5% w/w", "0.5% w w"),
        ("", ""),
        ("...", ""),
        ("Цитрамон", ""),
    ],
)
def test_words_are_folded(text: str, words: str) -> None:
    assert normalise_words(text) == words
    assert normalise_words(words) == words
