"""One synthetic patient with several lists, for measuring; written by us, with names and instructions of every day."""

from __future__ import annotations

import hashlib
import json
import random

from gateway.records.lists import SourceDocument

LISTS = ("gp", "pharmacy", "ward", "clinic")

MEDICINES = (
    ("Apixaban 5mg tablets", "Eliquis 5mg tablets", "one twice a day"),
    ("Ramipril 5mg capsules", "Tritace 5mg capsules", "one daily"),
    ("Atorvastatin 40mg tablets", "Lipitor 40mg tablets", "one at night"),
    ("Bisoprolol 2.5mg tablets", "Cardicor 2.5mg tablets", "one each morning"),
    ("Furosemide 40mg tablets", "Lasix 40mg tablets", "one twice a day"),
    ("Metformin 500mg tablets", "Glucophage 500mg tablets", "two twice a day with food"),
    ("Omeprazole 20mg gastro-resistant capsules", "Losec 20mg gastro-resistant capsules", "one daily"),
    ("Levothyroxine sodium 100microgram tablets", "Eltroxin 100microgram tablets", "one each morning"),
    ("Salbutamol 100micrograms/dose inhaler CFC free", "Ventolin Evohaler", "two puffs when required"),
    ("Paracetamol 500mg tablets", "Panadol 500mg tablets", "two four times a day when required for pain"),
    ("Sertraline 50mg tablets", "Lustral 50mg tablets", "one daily"),
    ("Amlodipine 5mg tablets", "Istin 5mg tablets", "one daily"),
    ("Co-codamol 30mg/500mg tablets", "Solpadol 30mg/500mg tablets", "two four times a day"),
    ("Alendronic acid 70mg tablets", "Fosamax 70mg tablets", "one weekly on Monday"),
    ("Insulin glargine 100units/ml solution for injection", "Lantus 100units/ml", "20 units at night"),
    ("Gabapentin 300mg capsules", "Neurontin 300mg capsules", "one three times a day"),
)


def lists_of_one_patient(items: int, lists: int, seed: int = 7) -> dict[str, SourceDocument]:
    """`lists` documents of `items` R4 MedicationStatements each; brand or generic and a changed dose by chance."""
    chance = random.Random(seed)
    found = {}
    for name in LISTS[:lists]:
        entries = []
        for n, (generic, brand, dose) in enumerate(MEDICINES[:items]):
            statement = {
                "resourceType": "MedicationStatement",
                "id": str(n),
                "status": "active",
                "medicationCodeableConcept": {"text": chance.choice((generic, generic, brand))},
                "subject": {"reference": "Patient/p"},
                "dosage": [{"text": dose if chance.random() < 0.8 else "one daily"}],
            }
            entries.append({"resource": statement})
        content = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
        found[name] = SourceDocument(content=content, sha256=hashlib.sha256(content).hexdigest(), origin=f"{name}.json")
    return found
