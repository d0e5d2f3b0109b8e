"""`gateway reconcile` on input that is broken, foreign or hostile: its exit status, one line, and nothing lost.

Every broken file is run twice: alone, and beside a list that is in order and must come through whole.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fhir_builders import Json, bundle, patient, statement
from tests.integration.broken_input import BISOPROLOL, GOOD, ODD, PARTLY, UNUSABLE, WHO, XML, text
from tests.integration.cli import (
    FAMILY,
    MARKERS,
    ROOT,
    Ran,
    assert_one_safe_line,
    environment,
    gateway,
)
from tests.integration.fault_server import BOMB

AT = ("--at", "2026-11-22")


@pytest.fixture
def good(tmp_path: Path) -> str:
    return f"good={put(tmp_path, 'good.json', text(GOOD))}"


def put(folder: Path, name: str, content: str | bytes | None) -> Path:
    path = folder / name
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def reconcile(*lists: str, form: str = "json") -> Ran:
    return gateway("reconcile", *lists, *AT, "--format", form)


def assert_adds_up(ran: Ran) -> dict[str, Any]:
    """The lists by name; what the record holds is in no cause."""
    assert ran.err == ""
    shown = ran.json()
    for one in shown["lists"]:
        assert one["received"] == one["entries"] + one["set_aside"] + one["quarantined"], one
    safe = [shown["quarantined"], shown["set_aside"], *([o["causes"], o["warnings"]] for o in shown["lists"])]
    assert not [m for m in MARKERS if m in json.dumps(safe).lower()]
    assert shown["complete"] == all(one["state"] == "complete" for one in shown["lists"])
    return {one["name"]: one for one in shown["lists"]}


def assert_good_is_whole(lists: dict[str, Any]) -> None:
    good = lists["good"]
    assert (good["state"], good["received"], good["entries"], good["causes"]) == ("complete", 2, 2, [])


@pytest.mark.parametrize("case", UNUSABLE)
def test_nothing_of_it_can_be_used(case: str, tmp_path: Path, good: str) -> None:
    name, content, words = UNUSABLE[case]
    bad = f"bad={put(tmp_path, name, content)}"
    alone = reconcile(bad)
    assert alone.status == 1
    assert_one_safe_line(alone)
    assert words in alone.err
    beside = reconcile(bad, good)
    assert beside.status == 3
    lists = assert_adds_up(beside)
    assert lists["bad"]["state"] == "failed"
    assert words in " ".join(lists["bad"]["causes"])
    assert lists["bad"]["causes"]
    assert_good_is_whole(lists)


def test_a_folder_with_nothing_to_read_in_it(tmp_path: Path, good: str) -> None:
    (tmp_path / "folder").mkdir()
    put(tmp_path / "folder", f"{FAMILY}.txt", "x")
    alone = reconcile(f"bad={tmp_path / 'folder'}")
    assert alone.status == 1
    assert_one_safe_line(alone)
    assert "holds no .json" in alone.err
    assert reconcile(f"bad={tmp_path / 'folder'}", good).status == 3


def test_a_file_of_a_folder_that_leads_nowhere_is_not_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    put(folder, "a.json", text(GOOD))
    (folder / "b.json").symlink_to(folder / "gone.json")
    ran = reconcile(f"bad={folder}")
    assert ran.status == 1
    assert_one_safe_line(ran)
    assert "b.json cannot be read" in ran.err


@pytest.mark.parametrize("case", PARTLY)
def test_a_part_of_it_cannot_be_used(case: str, tmp_path: Path, good: str) -> None:
    name, content, received, entries, cause = PARTLY[case]
    bad = f"bad={put(tmp_path, name, content)}"
    ran = reconcile(bad, good)
    assert ran.status == 3
    lists = assert_adds_up(ran)
    found = lists["bad"]
    assert (found["state"], found["received"], found["entries"], found["quarantined"]) == (
        "partial",
        received,
        entries,
        received - entries,
    )
    assert cause in " ".join(q["cause"] for q in ran.json()["quarantined"])
    assert_good_is_whole(lists)


@pytest.mark.parametrize("case", ODD)
def test_odd_and_all_of_it_can_be_used(case: str, tmp_path: Path) -> None:
    name, content, entries, warning = ODD[case]
    ran = reconcile(f"odd={put(tmp_path, name, content)}")
    assert ran.status == 0
    found = assert_adds_up(ran)["odd"]
    assert (found["state"], found["entries"], found["quarantined"]) == ("complete", entries, 0)
    assert warning in " ".join(found["warnings"])
    assert bool(found["warnings"]) == bool(warning)


def test_what_r4_does_not_allow_is_still_written_as_r4(tmp_path: Path) -> None:
    name, content, _, _ = ODD["dates and codes that R4 does not allow"]
    ran = reconcile(f"odd={put(tmp_path, name, content)}", form="fhir")
    assert (ran.status, ran.err) == (0, "")
    written = [one["resource"] for one in ran.json()["entry"]]
    assert not [one for one in written if "birthDate" in one]
    (medicine,) = (one for one in written if one["resourceType"] == "MedicationStatement")
    # its code system is no address, and a code without its system could be taken for another: the name stands alone
    assert medicine["medicationCodeableConcept"]["text"]
    assert "coding" not in medicine["medicationCodeableConcept"]


def test_the_table_says_the_warning_of_a_list(tmp_path: Path) -> None:
    ran = reconcile(f"odd={put(tmp_path, 'a.xml', XML.format(''))}", form="table")
    assert (ran.status, ran.err) == (0, "")
    assert "lacks the FHIR namespace" in ran.out.decode()


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (patient(nhs="9990000026", family=FAMILY), "NHS numbers differ"),
        (patient(nhs=None, family=FAMILY, born="1950-01-02"), "birth dates differ"),
        (patient(nhs=None, family="Somebody"), "names differ"),
    ],
    ids=["NHS number", "birth date", "name"],
)
def test_lists_of_two_patients_are_never_compared(other: Json, words: str, tmp_path: Path, good: str) -> None:
    ran = reconcile(f"other={put(tmp_path, 'other.json', text(bundle(other, BISOPROLOL)))}", good)
    assert ran.status == 1
    assert_one_safe_line(ran)
    assert words in ran.err
    assert "good and other are of different patients" in ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name at least one list"),
        (("good.json",), "is not NAME=PATH"),
        (("gp=good.json", "gp=good.json"), "gp is named twice"),
        (("gp=good.json", "--role", "ward=discharge"), "no list is named ward"),
        (("gp=good.json", "--discharge", "ward"), "no list is named ward"),
        (("gp=good.json", "--role", "gp=leaving"), "is no role"),
        (("gp=good.json", "--at", "22/11/2026"), "is no day"),
        (("gp=good.json", "--at", "2026-02-30"), "is no day"),
        (("gp=good.json", "--fhir-version", "gp=9"), "is no FHIR version"),
        (("gp=good.json", "--format", "pdf"), "is not one of"),
        (("gp=good.json", "--frmat", "json"), "No such option"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], words: str) -> None:
    ran = gateway("reconcile", *arguments)
    assert ran.status == 2
    assert_one_safe_line(ran)
    assert words in ran.err


def test_the_patient_asked_for_is_not_there(tmp_path: Path) -> None:
    path = put(tmp_path, "good.json", text(GOOD))
    ran = gateway("reconcile", f"gp={path}", "--patient", "9990000026")
    assert ran.status == 1
    assert_one_safe_line(ran)
    assert "9990000026" not in ran.err


MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bomb.json.gz", lambda: BOMB),
        ("one-text-of-60-MB.json", lambda: b'{"resourceType": "Binary", "data": "' + b"a" * 60_000_000 + b'"}'),
        ("tags.xml", lambda: b'<Bundle xmlns="http://hl7.org/fhir">' + b"<a/>" * 10_000_000 + b"</Bundle>"),
    ],
    ids=["300 MB in 300 kB of gzip", "one text of 60 MB", "ten million tags"],
)
def test_what_is_large_is_refused_quickly_and_in_bounded_memory(
    name: str, content: Callable[[], bytes], tmp_path: Path
) -> None:
    """Through a small process between, since a child's peak on Linux begins with that of its parent."""
    path = put(tmp_path, name, content())
    command = [sys.executable, "-c", MEASURED, sys.executable, "-m", "gateway", "reconcile", f"big={path}"]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment(), timeout=20, check=True)
    status, megabytes = map(int, done.stdout.split())
    assert status == 1
    assert megabytes < 320


def test_json_is_one_object_alone_and_the_same_bytes_twice(tmp_path: Path, good: str) -> None:
    bad = f"bad={put(tmp_path, 'bad.json', PARTLY['no status'][1])}"
    first = reconcile(bad, good)
    assert first.err == ""
    assert first.json()["schema"] == "reconciliation/1"
    assert reconcile(bad, good).out == first.out
    assert reconcile(good, bad).out == first.out


LONG_NAME = "Hydrocortisone-and-something-else-that-somebody-typed-without-any-space-in-it 0.1% cream"


@pytest.mark.parametrize("width", [80, 160])
def test_the_table_fits_its_width_and_cuts_no_name(width: int, tmp_path: Path) -> None:
    names = [
        "Ramipril 5mg capsules",
        "Sacubitril 49mg / Valsartan 51mg tablets",
        "Insulin glargine 100units/ml solution for injection 3ml pre-filled disposable devices",
        LONG_NAME,
    ]
    written = [statement(str(n), name, dose="One to be taken each morning") for n, name in enumerate(names)]
    lists = [
        f"{who}={put(tmp_path, f'{who}.json', text(bundle(WHO, *medicines)))}"
        for who, medicines in {
            "a-practice-with-a-long-name": written,
            "ward": written[1:],
            "pharmacy": written[:2],
        }.items()
    ]
    bad = f"bad={put(tmp_path, 'bad.json', 'x')}"
    ran = gateway("reconcile", *lists, bad, *AT, "--width", str(width))
    assert ran.status == 3
    shown = ran.out.decode()
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    assert "..." not in shown
    for word in (word for name in names for word in name.split() if word != LONG_NAME.split()[0]):
        assert word in shown, word
    if width == 80:  # wide tables fold a cell beside other cells, so that only the narrow one shows a name in one run
        run = re.sub(r"\s", "", shown)
        assert not [name for name in names if re.sub(r"\s", "", name) not in run]
    assert "bad is failed" in shown
