"""The wheel as others install it: built from what the checkout holds, installed alone, and run from there."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.fhir_builders import bundle, patient, statement
from tests.web.running import running_demo

#: What vendor_parts.py takes from the pinned packages, with the stamp that says what they were made from.
VENDOR = Path("gateway/web/static/vendor")


def run(*call: str | Path, cwd: Path, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {k: v for k, v in os.environ.items() if not k.startswith(("GATEWAY_", "PYTHON"))} | environment
    done = subprocess.run(call, cwd=cwd, env=given, capture_output=True, text=True, timeout=300, check=False)
    assert not check or done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done


def ours(*folders: str) -> set[str]:
    """What git tracks, or would track once it is added."""
    listed = run("git", "ls-files", "-co", "--exclude-standard", *folders, cwd=ROOT).stdout.splitlines()
    return {path for path in listed if (ROOT / path).is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one sdist and one wheel, built from a copy: no file that git ignores takes part.

    The browser parts that the installation fetched are the one exception. Where they are stale, or hatchling is not
    installed, the build asks the package registries.
    """
    source, out = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("dist")
    for path in ours():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, source / path)
    if (ROOT / VENDOR).is_dir():
        shutil.copytree(ROOT / VENDOR, source / VENDOR)
    here = ["--no-isolation"] if importlib.util.find_spec("hatchling") else []
    run(sys.executable, "-m", "build", "--sdist", "--wheel", *here, "--outdir", out, source, cwd=out)
    return out


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    run(*pip, target, wheel, cwd=target)
    return target


def gateway(installed: Path, folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """The installed command, away from the checkout; the libraries are those of the tests."""
    program = installed / "bin" / "gateway"
    return run(
        sys.executable, program, *arguments, cwd=folder, check=check, PYTHONPATH=str(installed),
        GATEWAY_CACHE_DIR=str(folder),
    )  # fmt: skip


def python(installed: Path, folder: Path, code: str) -> Any:
    """What the code prints as JSON, with the installed package in front of the checkout's own."""
    return json.loads(run(sys.executable, "-c", code, cwd=folder, PYTHONPATH=str(installed)).stdout)


def test_every_file_of_ours_is_in_the_wheel_as_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        expected = {path: path for path in ours("gateway")} | {path: f"gateway/{path}" for path in ours("mappings")}
        assert [path for path, inside in expected.items() if inside not in names] == []
        assert [p for p, inside in expected.items() if archive.read(inside) != (ROOT / p).read_bytes()] == []
        rest = names - set(expected.values())
    meta = {name for name in rest if re.match(r"medrec_gateway-[\d.]+\.dist-info/", name)}
    parts = {name for name in rest if Path(name).parent == VENDOR}
    assert rest - meta - parts == set()
    assert any(name.endswith("/licenses/LICENSE") for name in meta)


def test_the_browser_parts_are_in_the_wheel(wheel: Path) -> None:
    spec = importlib.util.spec_from_file_location("vendor_parts", ROOT / "gateway" / "web" / "vendor_parts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    wanted = {name for files in module.WANTED.values() for name in files.values()}
    with zipfile.ZipFile(wheel) as archive:
        sizes = {Path(i.filename).name: i.file_size for i in archive.infolist() if Path(i.filename).parent == VENDOR}
        assert set(sizes) == wanted | {"made-from"}
        assert [name for name, size in sizes.items() if size == 0] == []
        css = archive.read(str(VENDOR / "nhsuk-frontend.min.css")).decode()
    assert "nhsuk-button" in css
    assert "@font-face" not in css
    assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", css)


def test_nothing_of_others_is_in_the_checkout_or_the_sdist(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        packed = {name.split("/", 1)[1] for name in (m.name for m in archive.getmembers() if m.isfile())}
    assert packed - ours() == {"PKG-INFO"}
    assert {"hatch_build.py", "gateway/web/package-lock.json", "requirements.txt"} <= packed
    foreign = re.compile(r"(^|/)(vendor|node_modules|site-packages)/|\.min\.(js|css)$|\.(woff2?|ttf|eot|whl|tgz|jar)$")
    assert [path for path in ours() if foreign.search(path)] == []


def test_the_command_knows_its_version(installed: Path, wheel: Path, tmp_path: Path) -> None:
    assert gateway(installed, tmp_path, "--version").stdout == f"gateway, version {wheel.name.split('-')[1]}\n"


def test_knowledge_comes_from_inside_the_package(installed: Path, tmp_path: Path) -> None:
    code = "import json, gateway.settings as s; print(json.dumps([s.__file__, str(s.mappings_dir())]))"
    own, mappings = python(installed, tmp_path, code)
    assert Path(own).is_relative_to(installed)
    assert Path(mappings) == installed / "gateway" / "mappings"
    rules = json.loads(gateway(installed, tmp_path, "rules", "--format", "json").stdout)
    assert len(rules) > 20


def test_two_lists_are_reconciled(installed: Path, tmp_path: Path) -> None:
    gp = bundle(patient(), statement("1", "Apixaban 5mg tablets", dose="One tablet twice a day"))
    ward = bundle(patient(), statement("1", "Eliquis 2.5mg tablets", dose="One tablet twice a day"))
    for name, tree in (("gp", gp), ("ward", ward)):
        (tmp_path / f"{name}.json").write_text(json.dumps(tree))
    call = ["reconcile", "gp=gp.json", "ward=ward.json", "--discharge", "ward", "--format", "json"]
    result = json.loads(gateway(installed, tmp_path, *call).stdout)
    assert [row["medicine"] for row in result["rows"]] == ["apixaban"]
    assert "dose-differs" in {one["rule"] for one in result["discrepancies"]}


def test_a_database_is_made_and_the_invented_people_are_there(installed: Path, tmp_path: Path) -> None:
    code = """
import json
from gateway.demo.stories import load_stories
from gateway.store.database import open_database
opened = open_database("sqlite:///new.sqlite3")
with opened.read() as connection:
    tables = [row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
opened.close()
print(json.dumps([tables, len(load_stories().patients)]))
"""
    tables, people = python(installed, tmp_path, code)
    assert {"ledger", "review", "alembic_version"} <= set(tables)
    assert people == 15


def test_installed_alone_it_serves_every_page(installed: Path, tmp_path: Path) -> None:
    program = [installed / "bin" / "gateway"]
    environment = {"PYTHONPATH": str(installed), "GATEWAY_CACHE_DIR": str(tmp_path)}
    pages = {
        "pharmacist": ["/worklist", "/audits", "/sources", "/labour"],
        "audit-clerk": ["/audits", "/labour"],
        "integrator": ["/sources"],
        "manager": ["/labour"],
    }
    with running_demo(tmp_path, program, **environment) as site:
        for name, addresses in pages.items():
            with site.client(name) as client:
                seen: set[str] = set()
                for address in addresses:
                    page = client.get(address)
                    assert page.status_code == 200, address
                    seen |= set(re.findall(r'(?:href|src|action)="(/[^"#]*)', page.text))
                for address in sorted(a for a in seen if not a.startswith(("/sign-out", "/fetching"))):
                    assert client.get(address).status_code in {200, 303}, address
