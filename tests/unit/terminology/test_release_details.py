"""What real releases hold beside the plain case, and imports that are killed, large, or may not read or write."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.errors import ReleaseRefused
from gateway.normalise.product import read_product
from gateway.records.as_written import Coding, Concept, Quantity, Ratio, WrittenIngredient, WrittenMedicine
from gateway.terminology.load import load_vocabulary
from gateway.terminology.release_import import import_release
from gateway.terminology.releases import release_file
from gateway.terminology.vocabulary import Vocabulary
from tests.release_builders import dmd_files, rxnorm_files, write

DMD = "https://dmd.nhs.uk"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def silent(_: str) -> None:
    return None


def with_change(files: dict[str, str], name: str, old: str, new: str) -> dict[str, str]:
    assert any(n.startswith(name) and old in c for n, c in files.items())
    return {n: c.replace(old, new) if n.startswith(name) else c for n, c in files.items()}


def loaded_with(folder: Path, *releases: dict[str, str]) -> Vocabulary:
    for number, files in enumerate(releases):
        import_release(write(folder / f"release{number}", files), folder / "cache", silent)
    return load_vocabulary(cache_dir=folder / "cache")


def coded(code: str, system: str = DMD) -> Concept:
    return Concept(codings=(Coding(system, code),))


def test_an_entry_of_the_lookup_file_without_words_is_left_out(tmp_path: Path) -> None:
    """The official NAMECHANGE_REASON list has one."""
    files = with_change(dmd_files(), "f_lookup2", "<SUPPLIER>", "<NAMECHANGE_REASON><INFO><CD>0000</CD><DESC> </DESC></INFO></NAMECHANGE_REASON><SUPPLIER>")  # fmt: skip  # noqa: E501
    assert read_product(WrittenMedicine(concept=coded("319283006")), loaded_with(tmp_path, files)).understood


def test_ingredients_and_form_given_as_codes_alone_are_read(tmp_path: Path) -> None:
    files = with_change(dmd_files(), "f_ingredient2", "<NM>Zyvarostat sodium</NM>", "<ISIDPREV>777200000</ISIDPREV><NM>Zyvarostat sodium</NM>")  # fmt: skip  # noqa: E501
    vocabulary = loaded_with(tmp_path, files)
    strength = Ratio(numerator=Quantity(value=Decimal(20), unit="mg"))
    for code in ("777200001", "777200000"):
        product = read_product(
            WrittenMedicine(
                form=coded("385055001", "http://snomed.info/sct"),
                ingredients=(WrittenIngredient(concept=coded(code, "http://snomed.info/sct"), strength=strength),),
            ),
            vocabulary,
        )
        assert (product.ingredients, product.form, product.known_by) == (("zyvarostat sodium",), "tablet", "code")


def test_a_salt_in_the_coded_ingredient_list_is_the_moiety_of_the_product(tmp_path: Path) -> None:
    vocabulary = loaded_with(tmp_path, dmd_files())
    item = WrittenIngredient(concept=coded("777200001"))
    product = read_product(WrittenMedicine(concept=coded("777100001"), ingredients=(item,)), vocabulary)
    assert (product.ingredients, product.contradictions) == (("zyvarostat",), ())


def test_an_invalid_product_leads_to_what_replaced_it(tmp_path: Path) -> None:
    gone = (
        "<VMP><VPID>134400001</VPID><VTMID>774656009</VTMID><INVALID>1</INVALID><NM>Amlodipine 5mg tablets</NM></VMP>"
    )
    vocabulary = loaded_with(tmp_path, with_change(dmd_files(), "f_vmp2", "<VMPS>", f"<VMPS>{gone}"))
    product = read_product(WrittenMedicine(concept=coded("134400001")), vocabulary)
    assert [c.code for c in product.replaced] == ["319283006"]


def test_an_obsolete_rxnorm_code_leads_to_what_replaced_it(tmp_path: Path) -> None:
    obsolete = "8000|ENG||||||A8000||||RXNORM|SCD|8000|zyvarostat 20 MG Tablet||O|4096|\n"
    files = rxnorm_files()
    files["RXNCONSO.RRF"] = obsolete + files["RXNCONSO.RRF"]
    product = read_product(WrittenMedicine(concept=coded("8000", RXNORM)), loaded_with(tmp_path, files))
    assert [c.code for c in product.replaced] == ["9003"]
    assert (product.ingredients, product.known_by) == (("zyvarostat",), "code")


def test_a_suppressed_relation_says_nothing(tmp_path: Path) -> None:
    files = rxnorm_files()
    files["RXNREL.RRF"] += "17767||CUI|RO|9002||CUI|has_ingredient|||RXNORM||||O|4096|\n"
    product = read_product(WrittenMedicine(concept=coded("9003", RXNORM)), loaded_with(tmp_path, files))
    assert product.ingredients == ("zyvarostat",)


def large_dmd(products: int) -> dict[str, str]:
    more = "".join(
        f"<VMP><VPID>9{n:08d}1</VPID><VTMID>777000001</VTMID><NM>Zyvarostat {n}mg tablets</NM></VMP>"
        for n in range(products)
    )
    return with_change(dmd_files(), "f_vmp2", "</VMPS>", f"{more}</VMPS>")


def test_memory_does_not_grow_with_the_release(tmp_path: Path) -> None:
    rows = "".join(f"{n}|ENG||||||A{n}||||RXNORM|SCD|{n}|zyvarostat {n} MG||N|4096|\n" for n in range(100_000, 150_000))
    files = rxnorm_files()
    files["RXNCONSO.RRF"] += rows
    for name, content, size in (("dmd", large_dmd(40_000), 2_000_000), ("rxnorm", files, 2_000_000)):
        folder = write(tmp_path / name, content)
        assert sum(p.stat().st_size for p in folder.iterdir()) > size
        tracemalloc.start()
        try:
            import_release(folder, tmp_path / "cache", silent)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        # Buffers, and 1 MiB read ahead; the files alone are larger than this together.
        assert peak < 4_000_000, (name, peak)


def test_an_import_killed_in_the_middle_leaves_the_old_release_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    import_release(write(tmp_path / "old", dmd_files()), cache, silent)
    before = release_file(cache, "dmd").read_bytes()
    write(tmp_path / "large", large_dmd(150_000))
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "terminology", "import", str(tmp_path / "large")],
        env={"GATEWAY_CACHE_DIR": str(cache), "PYTHONPATH": ":".join(p for p in sys.path if p)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "f_vmp2" in line and "50,000" in line:
            break
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    process.stderr.close()
    assert process.returncode == -signal.SIGKILL
    assert release_file(cache, "dmd").read_bytes() == before
    assert list(cache.glob("*.partial"))
    import_release(tmp_path / "old", cache, silent)
    assert [p.name for p in cache.iterdir()] == ["release-dmd.sqlite3"]
    assert release_file(cache, "dmd").read_bytes() == before


def test_a_running_import_of_somebody_else_is_not_cleaned_away(tmp_path: Path) -> None:
    import fcntl

    cache = tmp_path / "cache"
    cache.mkdir()
    theirs = cache / "release-dmd-other.partial"
    with theirs.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        import_release(write(tmp_path / "dmd", dmd_files()), cache, silent)
        assert theirs.exists()


@pytest.mark.parametrize("what", ["read", "write"])
def test_a_file_that_may_not_be_read_or_written_is_one_line(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "dmd", dmd_files())

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    if what == "read":
        monkeypatch.setattr(Path, "open", refuse)
    else:
        monkeypatch.setattr(os, "makedirs", refuse)
        monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ReleaseRefused, match="Permission denied") as refused:
        import_release(folder, tmp_path / "cache", silent)
    assert "\n" not in refused.value.words
    assert refused.value.exit_status == 2
