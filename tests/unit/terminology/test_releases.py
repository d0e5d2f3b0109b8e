"""A licensed release: imported whole or not at all, and then codes mean what the release says."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gateway.errors import GatewayError, KnowledgeError, ReleaseRefused, UsageError
from gateway.matching.compare import compare
from gateway.normalise.product import read_product
from gateway.records.as_written import Coding, Concept, WrittenMedicine
from gateway.records.matching import MatchLevel
from gateway.records.product import Product
from gateway.terminology.load import load_vocabulary
from gateway.terminology.release_import import import_release
from gateway.terminology.releases import open_releases, release_file
from gateway.terminology.vocabulary import Vocabulary
from tests.release_builders import dmd_files, rxnorm_files, write

DMD = "https://dmd.nhs.uk"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"


def silent(_: str) -> None:
    return None


def zipped(files: dict[str, str | bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    """The starter vocabulary with both small releases."""
    folder = tmp_path_factory.mktemp("cache")
    import_release(write(folder / "dmd", dmd_files()), folder, silent)
    import_release(write(folder / "rxnorm", rxnorm_files()), folder, silent)
    return load_vocabulary(cache_dir=folder)


def product(vocabulary: Vocabulary, code: str, text: str | None = None, system: str = DMD) -> Product:
    concept = Concept(text=text, codings=(Coding(system=system, code=code),))
    return read_product(WrittenMedicine(concept=concept), vocabulary)


def test_a_code_without_any_text_is_read_and_says_so(loaded: Vocabulary) -> None:
    read = product(loaded, "319283006")
    assert (read.ingredients, read.known_by, read.form) == (("amlodipine",), "code", "tablet")
    assert [(str(s.value), s.unit) for s in read.strengths] == [("5", "mg")]


def test_a_medicine_that_the_starter_vocabulary_lacks_is_known_by_its_code(loaded: Vocabulary) -> None:
    generic, brand = product(loaded, "777100001"), product(loaded, "777300002", system=SNOMED)
    assert generic.ingredients == brand.ingredients == ("zyvarostat",)
    assert [(str(s.value), s.unit) for s in generic.strengths] == [("20", "mg")]
    assert compare(generic, brand, loaded).level is not MatchLevel.APART
    assert compare(generic, product(loaded, "319283006"), loaded).level is MatchLevel.APART


@pytest.mark.parametrize("code", ["777500001", "777600001", "777000001"])
def test_packs_and_the_moiety_lead_to_the_same_medicine(loaded: Vocabulary, code: str) -> None:
    assert product(loaded, code).ingredients == ("zyvarostat",)


def test_a_combination_keeps_all_its_ingredients(loaded: Vocabulary) -> None:
    assert product(loaded, "322341003").ingredients == ("codeine", "paracetamol")
    assert product(loaded, "777000002").ingredients == ("codeine", "paracetamol")


def test_a_replaced_code_is_the_same_product_as_its_successor(loaded: Vocabulary) -> None:
    old, new = product(loaded, "134400001"), product(loaded, "319283006")
    assert [c.code for c in old.codes] == ["134400001"]
    assert [c.code for c in old.replaced] == ["319283006"]
    relation = compare(old, new, loaded)
    assert relation.level is MatchLevel.SAME_PRODUCT
    assert "319283006" in relation.reasons[0]


def test_a_code_that_two_products_claim_to_have_replaced_is_not_read(loaded: Vocabulary) -> None:
    assert not product(loaded, "134400009").understood


def test_text_and_code_that_name_different_medicines_are_a_contradiction(loaded: Vocabulary) -> None:
    read = product(loaded, "319283006", "Amiloride 5mg tablets")
    assert not read.understood
    assert "amiloride; amlodipine" in read.contradictions[0]


def test_text_and_code_that_name_different_strengths_are_told(loaded: Vocabulary) -> None:
    read = product(loaded, "319283006", "Amlodipine 10mg tablets")
    assert read.ingredients == ("amlodipine",)
    assert "different strengths" in read.contradictions[0]


def test_a_code_of_another_system_or_of_nobody_is_left_to_the_text(loaded: Vocabulary) -> None:
    assert not product(loaded, "319283006", system="http://example.org/own").understood
    assert not product(loaded, "999999999999").understood
    assert product(loaded, "999999999999", "Amlodipine 5mg tablets").known_by == "name"


def test_rxnorm_products_brands_and_packages(loaded: Vocabulary) -> None:
    for code in ("9001", "9002", "9003", "9004", "9005", "8000"):
        assert product(loaded, code, system=RXNORM).ingredients == ("zyvarostat",), code
    assert product(loaded, "197361", system=RXNORM).ingredients == ("amlodipine",)
    assert product(loaded, "55555-0001-28", system=NDC).ingredients == ("zyvarostat",)


@pytest.mark.parametrize(
    ("system", "code", "why"),
    [
        (RXNORM, "9100", "a pack with several products"),
        (RXNORM, "8001", "a retired code that became two"),
        (NDC, "55555-0002-28", "a package code that two products claim"),
        (NDC, "5555500012", "ten digits that could be three packs"),
    ],
)
def test_what_could_be_two_things_is_not_read(loaded: Vocabulary, system: str, code: str, why: str) -> None:
    assert not product(loaded, code, system=system).understood, why


def test_what_the_release_says_beside_the_name(loaded: Vocabulary) -> None:
    assert loaded.release is not None
    brand = loaded.release.find("dmd", "777600001")
    assert brand is not None
    assert (brand.kind, brand.bnf, brand.atc, brand.routes) == ("AMPP", "0212000ZZAAAAAA", "C10AA99", ("Oral",))
    found = loaded.release.find("rxnorm", "17767")
    assert found is not None
    assert found.atc == "C08CA01"


def test_a_lookup_works_in_another_process(loaded: Vocabulary) -> None:
    assert loaded.release is not None
    copy = pickle.loads(pickle.dumps(loaded.release))
    assert copy.find("dmd", "319283006") == loaded.release.find("dmd", "319283006")


def test_zip_in_zip_and_folder_give_the_same_release_each_time(tmp_path: Path) -> None:
    files = dmd_files()
    bonus = zipped({n: c for n, c in files.items() if n.startswith("f_bnf")})
    (tmp_path / "week.zip").write_bytes(zipped({**{n: c for n, c in files.items() if "bnf" not in n}, "b.zip": bonus}))
    first = import_release(write(tmp_path / "files", files), tmp_path / "cache", silent)
    content = release_file(tmp_path / "cache", "dmd").read_bytes()
    assert import_release(tmp_path / "files", tmp_path / "cache", silent) == first
    assert release_file(tmp_path / "cache", "dmd").read_bytes() == content
    again = import_release(tmp_path / "week.zip", tmp_path / "cache", silent)
    assert (again.version, again.counts) == (first.version, first.counts)
    assert [p.name for p in (tmp_path / "cache").iterdir()] == ["release-dmd.sqlite3"]


def test_the_prescribable_subset_in_rxnorms_own_zip_is_not_a_second_release(tmp_path: Path) -> None:
    files = rxnorm_files()
    inside: dict[str, str | bytes] = {f"rrf/{n}": c for n, c in files.items()}
    (tmp_path / "r.zip").write_bytes(zipped({**inside, **{f"prescribe/rrf/{n}": c for n, c in files.items()}}))
    assert import_release(tmp_path / "r.zip", tmp_path, silent).counts["SCD"] == 2


def _without(name: str) -> dict[str, str]:
    return {n: c for n, c in dmd_files().items() if not n.startswith(name)}


def _with(name: str, change: tuple[str, str]) -> dict[str, str]:
    return {n: c.replace(*change) if n.startswith(name) else c for n, c in dmd_files().items()}


BROKEN = {
    "no AMP file": (_without("f_amp2"), "f_amp2 is missing"),
    "cut off": (_with("f_vmp2", ("</VIRTUAL_MED_PRODUCTS>", "")), "not well-formed XML"),
    "an entity": (_with("f_vtm2", ("?>", '?><!DOCTYPE x [<!ENTITY e "e">]>')), "not well-formed XML"),
    "a name gone": (_with("f_vmp2", ("<NM>Amlodipine 5mg tablets</NM>", "")), "no NM"),
    "no code": (_with("f_vmp2", ("<VPID>319283006</VPID>", "<VPID>x' --</VPID>")), "its VPID is no code"),
    "a code twice": (_with("f_vmp2", ("<VPID>322341003</VPID>", "<VPID>319283006</VPID>")), "stands there twice"),
    "strength": (_with("f_vmp2", (">20.0<", ">twenty<")), "strength that is no number"),
    "no records": (_with("f_ampp2", ("AMPP>", "OTHER>")), "holds no AMPP record"),
    "endless": (_with("f_vtm2", ("Amlodipine", "a" * 3_000_000)), "a record longer than"),
    "two releases": ({**dmd_files(), **rxnorm_files()}, "both a dm+d and an RxNorm"),
    "twice": ({**dmd_files(), "f_vtm2_1.xml": "<a/>"}, "f_vtm2 twice"),
    "short line": ({**rxnorm_files(), "RXNREL.RRF": "1|2\n"}, "line 1: 2 columns instead of 16"),
    "no rxnsat": ({n: c for n, c in rxnorm_files().items() if n != "RXNSAT.RRF"}, "rxnsat is missing"),
    "nothing": ({"readme.txt": "x"}, "holds no file of a dm+d release"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_release_is_refused_in_one_line_and_the_old_one_stays(case: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for files in (dmd_files(), rxnorm_files()):
        import_release(write(tmp_path / files.__len__().__str__(), files), cache, silent)
    before = {p.name: p.read_bytes() for p in cache.iterdir()}
    files, words = BROKEN[case]
    with pytest.raises(ReleaseRefused) as refused:
        import_release(write(tmp_path / "broken", files), cache, silent)
    assert words in refused.value.words
    assert "\n" not in refused.value.words
    assert {p.name: p.read_bytes() for p in cache.iterdir()} == before


def test_a_bomb_a_torn_zip_and_nothing_at_all(tmp_path: Path) -> None:
    bomb: dict[str, str | bytes] = {**dmd_files(), "f_vtm2_3011124.xml": b"<VTMS>" + b" " * 40_000_000}
    (tmp_path / "bomb.zip").write_bytes(zipped(bomb))
    whole = zipped({**dmd_files()})
    (tmp_path / "torn.zip").write_bytes(whole[: len(whole) // 2])
    deep = zipped({**dmd_files()})
    for _ in range(4):
        deep = zipped({"in.zip": deep})
    (tmp_path / "deep.zip").write_bytes(deep)
    for name, words in (("bomb.zip", "record longer"), ("torn.zip", "zip in it"), ("deep.zip", "too deep")):
        with pytest.raises(ReleaseRefused, match=words):
            import_release(tmp_path / name, tmp_path / "cache", silent)
    with pytest.raises(UsageError, match="no such file"):
        import_release(tmp_path / "absent.zip", tmp_path / "cache", silent)
    assert not list((tmp_path / "cache").glob("*"))


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_file_in_a_whole_zip_is_refused_however_it_is_packed(packing: int, tmp_path: Path) -> None:
    archive = bytearray(zipped({**dmd_files()}, packing))
    first = zipfile.ZipFile(io.BytesIO(archive)).infolist()[0]
    start = 30 + len(first.filename)  # the local header stands before the packed bytes
    for at in range(start + 9, start + first.compress_size):
        archive[at] ^= 0x5A
    (tmp_path / "damaged.zip").write_bytes(archive)
    with pytest.raises(ReleaseRefused, match="cannot be read"):
        import_release(tmp_path / "damaged.zip", tmp_path / "cache", silent)


@pytest.mark.parametrize(("field", "value"), [("password", 1), ("packing", 97)])
def test_a_zip_with_a_password_or_an_unknown_packing_is_refused(field: str, value: int, tmp_path: Path) -> None:
    archive = bytearray(zipped({**dmd_files()}))
    directory = archive.index(b"PK\x01\x02")
    for header in (0, directory):
        at = header + {"password": 6, "packing": 8}[field] + (2 if header else 0)
        archive[at : at + 2] = value.to_bytes(2, "little")
    (tmp_path / "locked.zip").write_bytes(archive)
    with pytest.raises(ReleaseRefused, match="cannot be read"):
        import_release(tmp_path / "locked.zip", tmp_path / "cache", silent)


def test_an_inner_zip_that_unpacks_without_end_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "bomb.zip").write_bytes(zipped({"inner.zip": b"\0" * 60_000_000}))
    with pytest.raises(ReleaseRefused, match="unpacks to more than any release holds"):
        import_release(tmp_path / "bomb.zip", tmp_path / "cache", silent)


def test_a_lookup_file_that_cannot_be_read_is_said_and_never_silently_left_out(tmp_path: Path) -> None:
    release_file(tmp_path, "dmd").write_bytes(b"not a database" * 100)
    with pytest.raises(KnowledgeError, match=r"release-dmd.sqlite3 .* import the NHS dm\+d release again"):
        open_releases(tmp_path)


def test_without_a_release_the_starter_stands_alone(tmp_path: Path) -> None:
    vocabulary = load_vocabulary(cache_dir=tmp_path)
    assert vocabulary.release is None
    assert not product(vocabulary, "319283006").understood


def test_the_command_says_progress_on_stderr_and_its_exit_status(tmp_path: Path) -> None:
    write(tmp_path / "dmd", dmd_files())

    def gateway(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gateway", "terminology", *arguments],
            env={"GATEWAY_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": ":".join(p for p in sys.path if p)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert "no NHS dm+d release is loaded" in gateway("status").stdout
    done = gateway("import", str(tmp_path / "dmd"))
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert "f_vmp2_3011124.xml: 23 records, done" in done.stderr
    status = gateway("status").stdout
    assert "from dmd:" in status
    assert "6 VMP" in status
    for path, code in ((tmp_path / "absent", 2), (tmp_path, 2)):
        (tmp_path / "f_vtm2_1.xml").write_text("<broken")
        refused = gateway("import", str(path))
        assert (refused.returncode, refused.stderr.count("\n"), refused.stdout) == (code, 1, "")


def test_every_refusal_is_an_error_that_knows_its_exit_status() -> None:
    assert {issubclass(e, GatewayError) for e in (ReleaseRefused, UsageError, KnowledgeError)} == {True}
    assert {e.exit_status for e in (ReleaseRefused, UsageError, KnowledgeError)} == {2}
