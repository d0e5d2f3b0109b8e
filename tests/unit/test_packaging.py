"""Dockerfile, docker-compose.yml and what goes with them: held to their rules without an engine."""

from __future__ import annotations

import ast
import http.server
import importlib
import ipaddress
import json
import re
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

import click
import pytest
import yaml

from gateway.cli import COMMANDS
from gateway.settings import Settings
from tests.conftest import ROOT

Json = dict[str, Any]
#: (instruction, its words as written), one list for each stage.
Stage = list[tuple[str, str]]

FILES = ("Dockerfile", ".dockerignore", "docker-compose.yml", ".env.example", "requirements-postgresql.txt")
PINNED = re.compile(r"[a-z0-9./-]+:(?!latest)[\w.-]*\d[\w.-]*")
REQUIRED = re.compile(r"\$\{[A-Z_]+:\?[^}]+\}")
PORT_WITH_DEFAULT = re.compile(r"127\.0\.0\.1:\$\{[A-Z]+_PORT:-\d+\}:\d+")


def stages() -> list[Stage]:
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    found: list[Stage] = []
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            if word == "FROM":
                found.append([])
            found[-1].append((word, rest.strip()))
    return found


def compose() -> Json:
    tree: Json = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return tree


def services() -> list[tuple[str, Json]]:
    return list(compose()["services"].items())


def tracked(*folders: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def in_context(path: str) -> bool:
    """Whether .dockerignore lets a path through: the last pattern that fits it, or a folder above it, decides."""
    parts = path.split("/")
    above = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    kept = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip().removeprefix("!")
        if not pattern or pattern.startswith("#"):
            continue
        anywhere = pattern.removeprefix("**/")
        if any(fnmatch(a, pattern) or (anywhere != pattern and fnmatch(a.split("/")[-1], anywhere)) for a in above):
            kept = line.startswith("!")
    return kept


def health_check(stage: Stage) -> list[str]:
    (check,) = [rest for word, rest in stage if word == "HEALTHCHECK"]
    command: list[str] = json.loads(check[check.index("CMD ") + 4 :])
    return command


def test_each_image_is_pinned_by_a_version() -> None:
    built_from = [stage[0][1].split()[0] for stage in stages()]
    run = [service["image"] for _, service in services() if "image" in service]
    assert len(built_from) == 2
    assert len(run) == 3
    assert [image for image in built_from + run if not PINNED.fullmatch(image)] == []
    assert [name for name, service in services() if ("image" in service) == ("build" in service)] == []


def test_what_the_dockerfile_copies_is_there_and_enters_the_build() -> None:
    sources = [
        source
        for stage in stages()
        for word, rest in stage
        if word in {"COPY", "ADD"} and "--from=" not in rest
        for source in rest.split()[:-1]
    ]
    assert "gateway" in sources
    assert [one for one in sources if not (ROOT / one).exists() or not in_context(one)] == []


def test_the_build_gets_all_that_the_wheel_is_made_of() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {
        "pyproject.toml",
        project["project"]["readme"],
        *project["project"]["license-files"],
        project["tool"]["hatch"]["build"]["hooks"]["custom"]["path"],
        *wheel["packages"],
        *wheel["force-include"],
    }
    copied = {source for word, rest in stages()[0] if word == "COPY" for source in rest.split()[:-1]}
    assert needed <= copied
    assert [path for path in tracked("gateway", "mappings") if not in_context(path)] == []


@pytest.mark.parametrize(
    "path",
    [".env", "gateway/.env", "medrec-gateway.sqlite3", "gateway/x.sqlite3-wal", ".git/config", ".venv/bin/python",
     "tests/conftest.py", "gateway/web/static/vendor/htmx.min.js", "gateway/cli/__pycache__/read.cpython-312.pyc"],
)  # fmt: skip
def test_the_build_gets_nothing_else(path: str) -> None:
    assert not in_context(path)


def test_all_that_is_installed_is_checked_by_hash_or_is_our_own_wheel() -> None:
    installs = [
        part for word, rest in stages()[0] if word == "RUN" for part in rest.split("&&") if "pip install" in part
    ]
    assert len(installs) == 2
    assert all("--require-hashes" in part or "--no-deps --no-index" in part for part in installs)
    assert "pip" not in " ".join(rest for word, rest in stages()[1] if word == "RUN")


def test_it_runs_as_nobody_special() -> None:
    last = stages()[-1]
    users = [rest for word, rest in last if word == "USER"]
    assert users == ["10001:10001"]
    after = [word for word, _ in last[last.index(("USER", users[0])) :]]
    assert "CMD" in after
    assert "COPY" not in after
    for name, service in services():
        if "build" in service:
            assert service["cap_drop"] == ["ALL"], name
            assert service["read_only"] is True, name
            assert "user" not in service, name
        assert not service.get("privileged"), name


def test_the_commands_of_the_containers_fit_the_command_line() -> None:
    served = next(json.loads(rest) for word, rest in stages()[-1] if word == "CMD")
    loaded = compose()["services"]["loader"]["command"]
    assert served == ["gateway", "serve", "--host", "0.0.0.0", "--port", "8000"]
    for program, name, *given in (served, loaded):
        assert program == "gateway"
        module, attribute, _ = COMMANDS[name]
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        assert command.make_context(name, given).params


class _Health(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def health_port(request: pytest.FixtureRequest) -> Iterator[int]:
    handler = type("Health", (_Health,), {"status": request.param})
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def checked(port: int) -> int:
    program, *rest = health_check(stages()[-1])
    assert program == "python"
    call = [sys.executable, *(word.replace("8000", str(port)) for word in rest)]
    return subprocess.run(call, capture_output=True, timeout=30, check=False).returncode


@pytest.mark.parametrize(("health_port", "good"), [(200, True), (503, False), (302, False)], indirect=["health_port"])
def test_the_health_check_tells_a_gateway_that_is_well(health_port: int, good: bool) -> None:
    assert (checked(health_port) == 0) is good


def test_the_health_check_fails_where_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert checked(taken.getsockname()[1]) != 0


def test_the_image_and_the_compose_file_check_the_same() -> None:
    assert compose()["services"]["gateway"]["healthcheck"]["test"] == ["CMD", *health_check(stages()[-1])]


def test_what_is_published_is_published_to_this_machine_alone() -> None:
    ports = {name: service["ports"] for name, service in services() if "ports" in service}
    assert set(ports) == {"gateway", "hospital", "pharmacy"}
    assert [one for each in ports.values() for one in each if not PORT_WITH_DEFAULT.fullmatch(one)] == []
    assert [name for name, service in services() if service.get("network_mode") == "host"] == []


def test_every_password_comes_from_the_environment_and_must_be_given() -> None:
    secrets = {
        f"{name}.{key}": value
        for name, service in services()
        for key, value in service.get("environment", {}).items()
        if "PASSWORD" in key or "SECRET" in key
    }
    assert set(secrets) == {
        "gateway.PGPASSWORD", "loader.PGPASSWORD", "loader.DEMO_PASSWORD", "postgresql.POSTGRES_PASSWORD",
    }  # fmt: skip
    assert [key for key, value in secrets.items() if not REQUIRED.fullmatch(value)] == []
    text = (ROOT / "docker-compose.yml").read_text()
    required = set(re.findall(r"\$\{([A-Z_]+):\?", text))
    empty = re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert dict(empty) == dict.fromkeys(required, "")
    others = set(re.findall(r"\$\{[^}]*\}", text)) - set(REQUIRED.findall(text))
    assert [one for one in others if not re.fullmatch(r"\$\{[A-Z]+_PORT:-\d+\}", one)] == []
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_whoever_is_waited_for_exists_and_can_become_healthy() -> None:
    tree = compose()["services"]
    waits = [(n, on, how["condition"]) for n, s in tree.items() for on, how in s.get("depends_on", {}).items()]
    assert len(waits) == 4
    for name, on, condition in waits:
        assert on in tree, name
        can = bool(tree[on].get("healthcheck", {}).get("test"))
        assert condition == ("service_healthy" if can else "service_started"), (name, on)
    # The HAPI image has no shell; the loader asks both servers itself and ends.
    assert {n for n, s in tree.items() if not s.get("healthcheck", {}).get("test")} == {
        "hospital",
        "pharmacy",
        "loader",
    }
    assert tree["loader"]["restart"] == "no"


def test_networks_and_volumes_are_declared_and_the_database_is_alone() -> None:
    tree = compose()
    used = {network for _, service in services() for network in service["networks"]}
    assert used == set(tree["networks"])
    volumes = {one.split(":")[0] for _, service in services() for one in service.get("volumes", [])}
    assert volumes == set(tree["volumes"]) == {"postgresql"}
    assert tree["networks"]["database"]["internal"] is True
    assert {n for n, s in services() if "database" in s["networks"]} == {"gateway", "loader", "postgresql"}
    assert tree["services"]["postgresql"]["networks"] == ["database"]


@pytest.mark.parametrize("name", ["gateway", "loader"])
def test_the_settings_of_the_containers_are_settings(name: str) -> None:
    tree = compose()
    settings = Settings.from_environment(tree["services"][name]["environment"])
    subnet = tree["networks"]["organisations"]["ipam"]["config"][0]["subnet"]
    assert settings.allowed_networks == (subnet,)
    assert ipaddress.ip_network(subnet).is_private
    assert settings.database_url == "postgresql://gateway@postgresql:5432/gateway"
    assert settings.secure_cookies is False


def pins(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """package -> (version, hashes) of a requirements file."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for block in re.split(r"\n(?=\S)", (ROOT / name).read_text()):
        pinned = re.match(r"([a-z0-9-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", block)
        if pinned:
            found[pinned[1]] = (pinned[2], frozenset(re.findall(r"--hash=(sha256:[0-9a-f]{64})", block)))
    return found


def test_the_postgresql_driver_is_pinned_as_it_is_tested() -> None:
    driver, tested, base = pins("requirements-postgresql.txt"), pins("requirements-dev.txt"), pins("requirements.txt")
    assert set(driver) == {"psycopg", "psycopg-binary"}
    assert all(tested[name] == pin and pin[1] for name, pin in driver.items())
    assert {name for name, pin in base.items() if tested[name] != pin} == set()
    assert not set(driver) & set(base)


def test_no_address_of_a_registry_stands_in_any_of_it() -> None:
    text = "\n".join((ROOT / name).read_text() for name in FILES)
    hosts = set(re.findall(r"\w+://(?:[^/@\s]+@)?([^/:\s\"]+)", text))
    assert hosts == {"127.0.0.1", "hospital", "pharmacy", "postgresql"}
    images = re.findall(r"^FROM (\S+)|^\s*image: (\S+)", text, re.MULTILINE)
    assert [image for pair in images for image in pair if "." in image.split("/")[0].split(":")[0]] == []


def test_the_health_check_is_python() -> None:
    ast.parse(health_check(stages()[-1])[-1])
