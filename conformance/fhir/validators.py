"""Three looks at a Bundle: fhir.resources (structure), Medplum's validator (invariants, bindings), its own references.

Medplum's validator tells the type of a reference by its text and doubts every `urn:uuid:`; each such doubt is settled
here by looking at what stands at that address in the Bundle, and becomes an error where that is of another type.
Absolute addresses are given to it as `Type/id`, of the type that stands there in the Bundle: those it tells by itself.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

from conformance.peers import NotRun, node

Json = dict[str, Any]
#: Given along each time: a validator that has nothing to say about it looks at nothing.
_WRONG = {"resourceType": "DetectedIssue", "status": "bogus"}
_DOUBT = re.compile(r'Invalid reference: got "(urn:uuid:[^"]+)", expected (.*) @')
_ISSUE = re.compile(r"\[(error|fatal|warning|information)\] (.*?)(?= ; \[|$)")


def by_fhir_resources(content: bytes) -> list[str]:
    """One line for each error."""
    try:
        Bundle.model_validate_json(content)
    except ValidationError as error:
        return [f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors(include_input=False)]
    return []


def by_references(bundle: Json) -> list[str]:
    """References that lead nowhere in the Bundle, and addresses that stand twice.

    A reference to a version leads somewhere only where that very version stands in the Bundle.
    """
    urls = [entry.get("fullUrl") for entry in bundle.get("entry", [])]
    versions = {f"{url}/_history/{v}" for url, v in _versions(bundle)}
    found = [f"fullUrl {url} stands twice" for url in sorted({str(u) for u in urls if urls.count(u) > 1})]
    return found + sorted(
        {f"reference {r} is not in the Bundle" for r in _references(bundle) if r not in urls and r not in versions}
    )


def _versions(bundle: Json) -> Iterator[tuple[str, str]]:
    for entry in bundle.get("entry", []):
        if version := entry["resource"].get("meta", {}).get("versionId"):
            yield entry["fullUrl"], version


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "reference" and isinstance(inner, str):
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def by_medplum(folder: Path, bundles: dict[str, Json]) -> dict[str, list[tuple[str, str]]]:
    """(severity, words) of each Bundle and each resource in it, by the Bundle's name. Raises NotRun.

    Resources are given to it one by one, too: whether it looks into a Bundle's entries is its own affair.
    """
    whose = {}
    for number, (name, bundle) in enumerate(bundles.items()):
        for place, one in enumerate([bundle, *(entry["resource"] for entry in bundle.get("entry", []))]):
            path = folder / f"bundle-{number}-{place}.json"
            path.write_text(json.dumps(_relative(one, {e["fullUrl"]: e["resource"] for e in bundle.get("entry", [])})))
            whose[path.name] = name
    types = {
        name: {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle.get("entry", [])}
        for name, bundle in bundles.items()
    }
    (folder / "wrong.json").write_text(json.dumps(_WRONG))
    call = [*node(), "fhir-validate.mjs", "wrong.json", *whose]
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in bundles}
    verdict_on_wrong, *lines = done.stdout.splitlines() or [""]
    if verdict_on_wrong.split()[:2] != ["ERR", "wrong.json"]:
        raise NotRun("fhir-validate.mjs did not object to a resource that is wrong")
    seen = set()
    for line in lines:
        verdict, file, *rest = line.split(maxsplit=2)
        seen.add(file)
        issues = _ISSUE.findall(rest[0]) if rest else []
        if verdict == "ERR" and not any(severity in {"error", "fatal"} for severity, _ in issues):
            issues.append(("error", rest[0] if rest else "no words"))
        found[whose[file]] += [settled for one in issues if (settled := _settle(one, types[whose[file]]))]
    if seen != set(whose):
        raise NotRun(f"fhir-validate.mjs answered for {len(seen)} of {len(whose)} files: {done.stderr.strip()[-500:]}")
    return found


def _relative(value: Any, there: dict[str, Json]) -> Any:
    """The same tree; a reference to an absolute address of the Bundle as `Type/id`, with its version if it has one."""
    if isinstance(value, list):
        return [_relative(inner, there) for inner in value]
    if not isinstance(value, dict):
        return value
    made = {key: _relative(inner, there) for key, inner in value.items()}
    url, _, version = str(made.get("reference", "")).partition("/_history/")
    if url.startswith("http") and url in there:
        place = f"{there[url]['resourceType']}/{there[url]['id']}"
        made["reference"] = f"{place}/_history/{version}" if version else place
    return made


def _settle(issue: tuple[str, str], types: dict[str, str]) -> tuple[str, str] | None:
    """The issue; None for a doubt about a reference that leads to a type it may lead to."""
    doubt = _DOUBT.match(issue[1])
    if doubt is None:
        return issue
    allowed = {url.rsplit("/", 1)[-1] for url in re.findall(r'"([^"]+)"', doubt[2])}
    return None if types.get(doubt[1]) in allowed else ("error", issue[1])
