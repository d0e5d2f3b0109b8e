"""`python -m conformance.speed.audit_forms`: our MINAP Questionnaire, populated by us and by @aehrc/sdc-populate.

The same Questionnaire and contexts of invented stays; their terminology and resources are answered at once from memory.
Prints a line each and writes build/audit-forms.json; says loudly where node, npm or the package cannot be had.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from conformance.accuracy.audit_stays import stays
from conformance.accuracy.audits import facts_of
from conformance.peers import ROOT, NotRun
from gateway.actions.populate import pack_questionnaire, populator
from gateway.actions.reconcile import load_knowledge
from gateway.clinical_audit.members import members_of
from gateway.clinical_audit.packs import load_packs
from gateway.clinical_audit.prefill import answers_from
from gateway.fhir.sdc.case_bundle import launch_contexts
from gateway.fhir.sdc.questionnaire import value_sets

PACKAGE, FORMS, SEED = "@aehrc/sdc-populate@4.6.2", 40, 11
FOLDER = ROOT / "build" / "sdc-populate"


def main() -> int:
    knowledge, pack = load_knowledge(), load_packs()["minap"]
    facts = [facts_of(one, knowledge) for one in stays(FORMS, SEED)]
    contexts = [launch_contexts(one, "Patient/p1") for one in facts]
    ready = populator(pack.id, knowledge.vocabulary)
    ours, took = _timed(lambda n: ready.answers(contexts[n]))
    _, pure = _timed(lambda n: answers_from(pack, facts[n], knowledge.vocabulary))
    found: dict[str, Any] = {"forms": FORMS, "fields": len(pack.questions), "ours_ms": took, "prefill_ms": pure}
    sets = {
        url: sorted(map(list, codes)) for url, codes in value_sets(pack, members_of(pack, knowledge.vocabulary)).items()
    }
    given = {"questionnaire": pack_questionnaire(pack.id), "valueSets": sets, "cases": contexts}
    try:
        theirs = _peer(given)
        mine = [{q: code for q, code in one.items() if code is not None} for one in ours]
        differing = [
            sorted(q for q in ready.links if a.get(q) != b.get(q)) for a, b in zip(mine, theirs["answers"], strict=True)
        ]
        found |= {
            "theirs_ms": statistics.median(theirs["ms"]),
            "same_forms": sum(not one for one in differing),
            "differing_fields": sorted({q for one in differing for q in one}),
            "abstained": {
                "ours": sum(len(pack.questions) - len(one) for one in mine),
                "theirs": sum(len(pack.questions) - len(one) for one in theirs["answers"]),
            },
        }
    except NotRun as reason:
        sys.stdout.write(f"NOT MEASURED: {PACKAGE}. {reason}\n")
    (ROOT / "build" / "audit-forms.json").write_text(json.dumps(found, indent=2) + "\n")
    sys.stdout.write("".join(f"{name}: {value}\n" for name, value in found.items()))
    return 0


def _timed(work: Any) -> tuple[list[Any], float]:
    """Results, and the median of a warm call in milliseconds of processor time."""
    work(0)
    results, took = [], []
    for number in range(FORMS):
        start = time.thread_time()
        results.append(work(number))
        took.append((time.thread_time() - start) * 1000)
    return results, statistics.median(took)


def _peer(given: dict[str, Any]) -> Any:
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise NotRun(f"{tool} is not installed on this machine")
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not (FOLDER / "node_modules" / "@aehrc").is_dir():
        (FOLDER / "package.json").write_text("{}")
        call = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", PACKAGE]
        if subprocess.run(call, cwd=FOLDER, check=False, timeout=300, capture_output=True).returncode:
            raise NotRun("npm install failed")
    (FOLDER / "cases.json").write_text(json.dumps(given))
    script = Path(__file__).with_name("sdc_populate.mjs")
    done = subprocess.run(
        ["node", str(script), "cases.json"], cwd=FOLDER, check=False, timeout=300, capture_output=True, text=True
    )
    if done.returncode:
        raise NotRun(f"it ended with status {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())
