"""Invented stays with what is true of them, to judge audit answers by: the truth is chosen first, then written as FHIR.

Which field a medicine belongs to stands here by its written name, apart from the gateway's vocabulary and packs.
"""

from __future__ import annotations

import hashlib
import json
import random
from typing import Any

from msgspec import Struct, field

from gateway.records.lists import ListRole, SourceDocument

Json = dict[str, Any]

#: MINAP fields at discharge, and those on admission that ask the same.
DISCHARGE = ("4.05", "4.06", "4.07", "4.08", "4.27", "4.28", "4.31")
ADMISSION = {"2.24": "4.05", "2.25": "4.06", "2.26": "4.07", "2.38": "4.27"}
DAILY = "One to be taken daily"
MEMBERS: dict[str, tuple[str, ...]] = {
    "4.05": ("Bisoprolol 2.5mg tablets", "Carvedilol 6.25mg tablets", "Cardicor 2.5mg tablets", "Atenolol 25mg tablets",
             "Perindopril erbumine 4mg / Bisoprolol 5mg tablets"),
    "4.06": ("Ramipril 5mg capsules", "Losartan 50mg tablets", "Entresto 49mg/51mg tablets", "Lisinopril 10mg tablets",
             "Perindopril erbumine 4mg / Bisoprolol 5mg tablets", "Candesartan 8mg tablets"),
    "4.07": ("Atorvastatin 80mg tablets", "Rosuvastatin 10mg tablets", "Lipitor 40mg tablets"),
    "4.08": ("Aspirin 75mg dispersible tablets", "Aspirin 75mg gastro-resistant tablets"),
    "4.27": ("Clopidogrel 75mg tablets", "Prasugrel 10mg tablets"),
    "4.28": ("Eplerenone 25mg tablets", "Spironolactone 25mg tablets"),
    "4.31": ("Ticagrelor 90mg tablets", "Brilique 90mg tablets"),
}  # fmt: skip
#: Near neighbours that belong to none of the fields.
OTHERS = (
    ("Timolol 0.5% eye drops", "One drop twice a day"),
    ("Amlodipine 5mg tablets", DAILY),
    ("Furosemide 40mg tablets", DAILY),
    ("Ezetimibe 10mg tablets", DAILY),
    ("Paracetamol 500mg tablets", "Two to be taken four times a day"),
    ("Lansoprazole 30mg capsules", DAILY),
    ("Enoxaparin 40mg/0.4ml solution for injection pre-filled syringes", "40mg once a day"),
    ("Metformin 500mg tablets", "One to be taken twice a day"),
)
ALLERGIES = {"4.07": "Atorvastatin", "4.08": "Aspirin", "4.05": "Bisoprolol", "4.28": "Spironolactone"}
FAULTS = (
    "page lost",
    "unreadable name",
    "practice down",
    "not signed",
    "on hold",
    "analgesic aspirin",
    "no list before",
)


class Stay(Struct, kw_only=True):
    """`truth` is the right code of each field; a field of `person` may only be left to a person (either answer of the
    gateway that is not that of `truth` is wrong). `down` lists failed altogether."""

    documents: dict[str, SourceDocument]
    roles: dict[str, ListRole]
    truth: dict[str, str]
    signed: bool = True
    down: tuple[str, ...] = ()
    faults: tuple[str, ...] = field(default_factory=tuple)


def stays(number: int, seed: int) -> list[Stay]:
    dice = random.Random(seed)
    return [_stay(dice) for _ in range(number)]


def _stay(dice: random.Random) -> Stay:
    after = {q for q in DISCHARGE if dice.random() < 0.55}
    before = {q for q in DISCHARGE if dice.random() < 0.35}
    leaves, leaves_true = _choose(dice, after)
    came, came_true = _choose(dice, before)
    faults = [f for f in FAULTS if dice.random() < 0.08]
    truth = {q: "1" if q in leaves_true else "0" for q in DISCHARGE}
    truth |= {a: "1" if q in came_true else "0" for a, q in ADMISSION.items()}
    more = [dice.choice(OTHERS) for _ in range(dice.randrange(4))]
    allergies, refusals = [], []
    for q, words in ALLERGIES.items():
        if truth[q] == "0" and dice.random() < 0.12:
            allergies.append(words)
            truth[q] = "2"
    if truth["4.07"] == "0" and dice.random() < 0.2:
        refusals.append("Atorvastatin 80mg tablets")
        truth["4.07"] = "3"
    ended = dice.choices(("home", "exp", "other-hcf"), (0.9, 0.05, 0.05))[0]
    if ended != "home":
        truth |= dict.fromkeys(DISCHARGE, "4")
    hospital = [_statement(name, dose) for name, dose in [*((n, DAILY) for n in leaves), *more]]
    hospital += [_refused(name) for name in refusals] + [_allergy(words, n) for n, words in enumerate(allergies)]
    if "analgesic aspirin" in faults and truth["4.08"] == "0":
        hospital.append(_statement("Aspirin 300mg tablets", "Two to be taken four times a day"))
    if "unreadable name" in faults:
        hospital.append(_statement(f"Zzqx{dice.randrange(999)} tablets", DAILY))
    if "on hold" in faults:
        for one in hospital:
            if one["resourceType"] == "MedicationStatement" and dice.random() < 0.3:
                one["status"] = "on-hold"
    dice.shuffle(hospital)
    link = {}
    if "page lost" in faults:
        hospital = hospital[: len(hospital) // 2]
        link = {"link": [{"relation": "next", "url": "https://organisation.example/next"}]}
    practice = [_statement(n, DAILY) for n in came]
    documents = {"hospital": _document("hospital", [_encounter(ended), *hospital], link)}
    roles = {"hospital": ListRole.DISCHARGE}
    if "no list before" not in faults:
        documents["gp"] = _document("gp", practice, {})
        roles["gp"] = ListRole.PRE_ADMISSION
    down = ("gp",) if "practice down" in faults and "gp" in documents else ()
    return Stay(
        documents=documents,
        roles=roles,
        truth=truth,
        signed="not signed" not in faults,
        down=down,
        faults=tuple(faults),
    )


def _choose(dice: random.Random, wanted: set[str]) -> tuple[list[str], set[str]]:
    """Names, and all fields that they fill: a combination fills two."""
    names = list(dict.fromkeys(dice.choice(MEMBERS[q]) for q in sorted(wanted)))
    return names, {q for q, members in MEMBERS.items() if set(members) & set(names)}


def _document(name: str, resources: list[Json], link: Json) -> SourceDocument:
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "Example"}],
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
    }
    entry = [{"resource": one} for one in (patient, *resources)]
    bundle = {"resourceType": "Bundle", "type": "searchset" if link else "collection", "entry": entry} | link
    content = json.dumps(bundle).encode()
    return SourceDocument(content=content, sha256=hashlib.sha256(content).hexdigest(), origin=f"{name}.json")


def _statement(name: str, dose: str) -> Json:
    return {
        "resourceType": "MedicationStatement",
        "id": hashlib.sha256(f"{name}{dose}".encode()).hexdigest()[:16],
        "status": "active",
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": {"text": name},
        "dosage": [{"text": dose}],
    }


def _refused(name: str) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": "refused",
        "status": "stopped",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": {"text": name},
        "statusReason": {"coding": [{"system": "http://snomed.info/sct", "code": "105480006"}]},
    }


def _allergy(words: str, number: int) -> Json:
    return {
        "resourceType": "AllergyIntolerance",
        "id": f"a{number}",
        "patient": {"reference": "Patient/p1"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"text": words},
    }


def _encounter(ended: str) -> Json:
    return {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/p1"},
        "period": {"start": "2026-11-10", "end": "2026-11-20"},
        "hospitalization": {"dischargeDisposition": {"coding": [{"code": ended}]}},
    }
