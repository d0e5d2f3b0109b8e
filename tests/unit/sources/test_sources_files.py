"""Files: bounded, tolerant of what stands beside them, and clear about what cannot be read."""

from __future__ import annotations

import gzip
import json
import resource
from pathlib import Path

import pytest

from gateway.errors import InputError
from gateway.sources.files import read_path
from tests.fhir_builders import bundle, patient

MIB = 1024 * 1024


def test_a_folder_is_read_in_order_and_other_files_are_left_out(tmp_path: Path) -> None:
    for name in ("b.json", "a.xml", "notes.txt", ".hidden.json", "deep/c.ndjson.gz"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.compress(b"{}") if name.endswith("gz") else b"{}")
    found = read_path(tmp_path, max_bytes=MIB)
    assert [d.origin for d in found] == ["a.xml", "b.json", "deep/c.ndjson.gz"]
    assert found[2].content == b"{}"


@pytest.mark.parametrize("name", ["nothing", "empty-folder"])
def test_nothing_to_read_is_an_error_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty-folder").mkdir()
    with pytest.raises(InputError) as error:
        read_path(tmp_path / name, max_bytes=MIB)
    assert "\n" not in error.value.words


def test_a_gzip_bomb_stops_at_the_limit_and_in_little_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.json.gz"
    with gzip.open(bomb, "wb") as file:
        for _ in range(300):
            file.write(b" " * MIB)
    assert bomb.stat().st_size < MIB
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match="unpacks to more"):
        read_path(bomb, max_bytes=8 * MIB)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024, f"memory grew by {grown} KiB"


def test_a_cut_gzip_is_told_or_read_as_what_is_there(tmp_path: Path) -> None:
    whole = gzip.compress(json.dumps(bundle(patient())).encode() * 50)
    cut = tmp_path / "cut.json.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="not a whole gzip"):
        read_path(cut, max_bytes=MIB)


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    big = tmp_path / "big.json"
    big.write_bytes(b" " * (2 * MIB))
    with pytest.raises(InputError, match="larger than"):
        read_path(big, max_bytes=MIB)
