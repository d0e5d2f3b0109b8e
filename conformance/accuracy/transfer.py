"""A patient's GP record before and after its transfer between practices: are the real differences found, and how many
alerts are false?

The truth is read from the resources alone, without the gateway: a transfer keeps the ids of MedicationStatements, so
that a medicine is the same on both sides whatever became of its codes and display. A real difference is a medicine that
is active on one side only, or active on both with other words for its dose. An alert is a finding between the lists
about a row; it is false where the row holds no real difference.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from rapidfuzz import fuzz

from conformance.accuracy import records
from conformance.accuracy.counts import Counts, Line, total
from conformance.accuracy.pairs import GATEWAY
from gateway.actions.reconcile import Knowledge, reconcile
from gateway.fhir.read import read_list
from gateway.records.lists import ListAsWritten
from gateway.records.reconciliation import Reconciliation
from gateway.sources.files import read_path

Json = dict[str, Any]
AT = dt.date(2021, 6, 2)

#: Name of the pair: the record before, the record after. The last five went through another supplier's system.
PAIRS: dict[str, tuple[str, str]] = {
    "Gainsford": ("tc4_9465698679_Gainsford_full_20210119", "tc7_9465698679_Gainsford_full_20210602"),
    "Magre": ("tc4_9465699918_Magre_full_20210119", "tc7_9465699918_Magre_full_20210602"),
    "Yamura": ("tc4_9465700339_Yamura_full_20210119", "tc7_9465700339_Yamura_full_20210602"),
    "Nel": ("tc4_9465701459_Nel_full_20210119", "tc7_9465701459_Nel_full_20210602"),
    "PWTP2, Nel": ("EMISPatientStructurede2eResponsePWTP2", "tc4_9465701459_Nel_full_20210119"),
    "PWTP2": ("EMISPatientStructurede2eResponsePWTP2", "pss_PWTP2-output"),
    "PWTP7": ("EMISPatientStructurede2eResponsePWTP7", "pss_PWTP7_vis-output"),
    "PWTP10": ("EMISPatientStructurede2eResponsePWTP10", "pss_PWTP10-output"),
    "PWTP11": ("EMISPatientStructurede2eResponsePWTP11", "pss_PWTP11-output"),
}


class Outcome(msgspec.Struct, frozen=True):
    """Ids of MedicationStatements that really differ, those found, and each false alert in words."""

    real: frozenset[str]
    found: frozenset[str]
    false: tuple[str, ...]
    said: tuple[str, ...] = ()


def measure(knowledge: Knowledge) -> list[Line]:
    ours = {name: outcome(name, knowledge) for name in PAIRS}
    found = [_line(GATEWAY, ours, goal="all real, at most 1 false")]
    found.append(_line(f"{GATEWAY}, rows alone", {name: rows_outcome(name, knowledge) for name in PAIRS}))
    for method, same in (("equal set of codes", _equal_codes), ("rapidfuzz token_set_ratio 85", _alike)):
        found.append(_line(method, {name: _plain(name, same) for name in PAIRS}))
    return found


def _line(method: str, outcomes: Mapping[str, Outcome], goal: str = "") -> Line:
    """All records are measured and none is tuned on by row, so nothing is kept aside here."""
    errors = [f"FALSE\t{name}\t{words}" for name, one in outcomes.items() for words in one.false]
    errors += [f"missed\t{name}\t{i}" for name, one in outcomes.items() for i in sorted(one.real - one.found)]
    counted = total(
        Counts(positives=len(one.real), right=len(one.found), wrong=len(one.false)) for one in outcomes.values()
    )
    alerts = f"{counted.wrong} false alerts in {len(outcomes)} transfers"
    return Line(measure="GP transfer", method=method, tuned=counted, goal=goal, note=alerts, errors=tuple(errors))


def outcome(name: str, knowledge: Knowledge) -> Outcome:
    real = real_differences(*(_resources(stem) for stem in PAIRS[name]))
    result = reconcile(_lists(name), knowledge, AT)
    rows = {row.id: row for row in result.rows}
    found: set[str] = set()
    false, said = [], []
    for one in result.discrepancies:
        if one.row is None or one.scope != "between":
            continue
        about = {entry.rpartition("/")[2] for entry in rows[one.row].entries} & real
        found |= about
        said.append(f"{one.rule} {one.severity}: {one.message}")
        if not about:
            false.append(said[-1])
    return Outcome(real, frozenset(found), tuple(false), tuple(said))


def rows_outcome(name: str, knowledge: Knowledge) -> Outcome:
    """What the rows say, whatever the lists' states allow a rule to conclude: a current entry alone on its side."""
    real = real_differences(*(_resources(stem) for stem in PAIRS[name]))
    alone = alone_in_row(reconcile(_lists(name), knowledge, AT))
    return Outcome(real, frozenset(alone & real), tuple(sorted(alone - real)))


def alone_in_row(result: Reconciliation) -> frozenset[str]:
    """Ids, without list and type, of current entries beside which the other list has none that is current."""
    current = {e.id: e.list for e in result.entries().values() if e.current}
    found = set()
    for row in result.rows:
        entries = [e for e in row.entries if e in current]
        if len({current[e] for e in entries}) == 1:
            found |= {e.rpartition("/")[2] for e in entries}
    return frozenset(found)


def _lists(name: str) -> list[ListAsWritten]:
    return [_list(side, stem) for side, stem in zip(("before", "after"), PAIRS[name], strict=True)]


def _list(side: str, stem: str) -> ListAsWritten:
    """Without the patient: PWTP2 and Nel are one record under two invented identities."""
    read = read_list(side, read_path(path_of(stem), max_bytes=1 << 26))
    return msgspec.structs.replace(read, patients=())


def path_of(stem: str) -> Path:
    return records.folder() / "gp_connect_stu3" / f"{stem}.json"


def _resources(stem: str) -> list[Json]:
    bundle = json.loads(path_of(stem).read_text(encoding="utf-8-sig"))
    return [entry["resource"] for entry in bundle["entry"]]


def real_differences(before: list[Json], after: list[Json]) -> frozenset[str]:
    """Ids of statements that are active on one side only, or on both with another dose.

    A statement active here counts as there, too, where one with an equal code is active there under another id.
    """
    one, two = _active(before), _active(after)
    found = set()
    for here, there in ((one, two), (two, one)):
        for key, (codes, dose) in here.items():
            if key in there:
                if dose != there[key][1]:
                    found.add(key)
            elif not any(codes & other for other, _ in there.values()):
                found.add(key)
    return frozenset(found)


def _active(resources: list[Json]) -> dict[str, tuple[frozenset[str], str]]:
    """Codes and words of the dose of each active statement, by id."""
    medications = {r["id"]: r for r in resources if r["resourceType"] == "Medication"}
    found = {}
    for one in resources:
        if one["resourceType"] != "MedicationStatement" or one["status"] != "active":
            continue
        concept = medications[one["medicationReference"]["reference"].rpartition("/")[2]]["code"]
        dose = " ".join((one.get("dosage") or [{}])[0].get("text", "").lower().split())
        found[one["id"]] = (frozenset(c["code"] for c in concept["coding"]), dose)
    return found


def _plain(name: str, same: Any) -> Outcome:
    """What a plain comparison of the active statements says: each without a partner is an alert."""
    sides = [_resources(stem) for stem in PAIRS[name]]
    real = real_differences(*sides)
    lists = [_concepts(one) for one in sides]
    alerts = {i for here, there in (lists, lists[::-1]) for i, a in here if not any(same(a, b) for _, b in there)}
    return Outcome(real, frozenset(alerts & real), tuple(sorted(alerts - real)))


def _concepts(resources: list[Json]) -> list[tuple[str, Json]]:
    medications = {r["id"]: r for r in resources if r["resourceType"] == "Medication"}
    return [
        (one["id"], medications[one["medicationReference"]["reference"].rpartition("/")[2]]["code"])
        for one in resources
        if one["resourceType"] == "MedicationStatement" and one["status"] == "active"
    ]


def _equal_codes(a: Json, b: Json) -> bool:
    return {(c["system"], c["code"]) for c in a["coding"]} == {(c["system"], c["code"]) for c in b["coding"]}


def _alike(a: Json, b: Json) -> bool:
    left, right = (c.get("text") or c["coding"][0]["display"] for c in (a, b))
    return fuzz.token_set_ratio(left.lower(), right.lower()) >= 85
