"""Broken, foreign, hostile and odd input, by what is wrong with it; markers of a patient are planted in each."""

from __future__ import annotations

import json

from tests.fhir_builders import Json, bundle, patient, statement
from tests.integration.cli import FAMILY, NHS_NUMBER, SECRET_TEXT
from tests.integration.fault_server import BOMB

WHO = patient(nhs=NHS_NUMBER, family=FAMILY)
RAMIPRIL = statement("1", "Ramipril 5mg capsules", dose=f"One daily {SECRET_TEXT}")
BISOPROLOL = statement("2", "Bisoprolol 2.5mg tablets", dose="One to be taken each morning")
GOOD = bundle(WHO, RAMIPRIL, BISOPROLOL)
XML = (
    "<Bundle{0}><entry><resource>"
    f'<Patient><id value="p1"/><name><family value="{FAMILY}"/></name></Patient>'
    "</resource></entry><entry><resource>"
    '<MedicationStatement><id value="1"/><status value="active"/><medicationCodeableConcept><text value="Ramipril 5mg '
    f'capsules"/></medicationCodeableConcept><note><text value="{SECRET_TEXT}"/></note><subject><reference '
    'value="Patient/p1"/></subject></MedicationStatement>'
    "</resource></entry></Bundle>"
)
NAMESPACE = ' xmlns="http://hl7.org/fhir"'
DEEP = '{"resourceType": "Bundle", "x": %s"' + SECRET_TEXT + '"%s}'


def text(tree: Json) -> str:
    return json.dumps(tree)


def without(key: str, tree: Json) -> Json:
    return {k: v for k, v in tree.items() if k != key}


def two_entry_arrays() -> str:
    first, second = text(bundle(WHO, RAMIPRIL)), text(bundle(BISOPROLOL))
    return first[:-1] + ", " + second[second.index('"entry"') :]


def bundles_in_bundles(depth: int) -> Json:
    tree = bundle(WHO, RAMIPRIL)
    for _ in range(depth):
        tree = bundle(tree)
    return tree


#: Nothing of it can be used. file name, content, words that must be said
UNUSABLE: dict[str, tuple[str, str | bytes | None, str]] = {
    "there is no such file": ("gone.json", None, "does not exist"),
    "its name is too long for any file system": ("x" * 300 + ".json", None, "cannot be read"),
    "HTML of a sign-in page": ("a.json", f"<!DOCTYPE html><html><p>{FAMILY}</p></html>", "HTML, not FHIR"),
    "JSON that breaks off": ("a.json", text(GOOD)[:-40], "breaks off"),
    "no byte at all": ("a.json", "", "empty"),
    "a text that is neither": ("a.json", f"MSH|^~\\&|{FAMILY}|{NHS_NUMBER}", "neither JSON nor XML"),
    "bytes that are no UTF-8": ("a.json", text(GOOD).encode().replace(b"Ann", b"Ann\xff"), "UTF-8"),
    "JSON nested 100,000 deep": ("a.json", DEEP % ("[" * 100_000, "]" * 100_000), "nested deeper"),
    "XML nested 100,000 deep": ("a.xml", f"<Bundle{NAMESPACE}>" + "<a>" * 100_000 + "</a>" * 100_000, ""),
    "XML with an entity": ("a.xml", f'<!DOCTYPE b [<!ENTITY e "{FAMILY}">]>' + XML.format(NAMESPACE), "entities"),
    "XML of another kind": ("a.xml", f'<svg xmlns="http://www.w3.org/2000/svg"><a>{FAMILY}</a></svg>', "not FHIR"),
    "XML of another kind without namespace": ("a.xml", f"<Error><Message>{FAMILY}</Message></Error>", "not FHIR"),
    "an empty Bundle": ("a.json", '{"resourceType": "Bundle", "type": "searchset", "entry": []}', "nothing in it"),
    "another resource": ("a.json", text({"resourceType": "Basic", "id": FAMILY}), "neither a patient nor medicines"),
    "a gzip that breaks off": ("a.json.gz", BOMB[:1000], "not a whole gzip file"),
    "millions of empty objects": (
        "a.json",
        '{"resourceType": "Bundle", "entry": [' + "{}," * 4_100_000 + "{}]}",
        "values",
    ),
}

#: A part of it cannot be used. file name, content, received, entries, cause of the one quarantined item
PARTLY: dict[str, tuple[str, str, int, int, str]] = {
    "a status that stands twice": (
        "a.json",
        text(GOOD).replace('"status": "active"', '"status": "active", "status": "stopped"', 1),
        2,
        1,
        "stands twice",
    ),
    "two entry arrays in one Bundle": ("a.json", two_entry_arrays(), 2, 1, "stands twice"),
    "a dose of NaN": (
        "a.json",
        text(bundle(WHO, RAMIPRIL | {"dosage": [{"doseQuantity": {"value": 0.125}}]}, BISOPROLOL)).replace(
            "0.125", "NaN"
        ),
        2,
        1,
        "NaN is no JSON number",
    ),
    "no status": ("a.json", text(bundle(WHO, without("status", RAMIPRIL), BISOPROLOL)), 2, 1, "it has no status"),
    "no subject": ("a.json", text(bundle(WHO, without("subject", RAMIPRIL), BISOPROLOL)), 2, 1, "which patient"),
    "no medicine": (
        "a.json",
        text(bundle(WHO, without("medicationCodeableConcept", RAMIPRIL), BISOPROLOL)),
        2,
        1,
        "it names no medicine",
    ),
    "NDJSON with one bad line": (
        "a.ndjson",
        "\n".join([text(WHO), text(RAMIPRIL), f'{{"id": "9", {FAMILY} {NHS_NUMBER}', text(BISOPROLOL)]),
        3,
        2,
        "the line is no valid JSON",
    ),
    "NDJSON with one line nested 100,000 deep": (
        "a.ndjson",
        "\n".join([text(WHO), DEEP % ("[" * 100_000, "]" * 100_000), text(BISOPROLOL)]),
        2,
        1,
        "the line is no valid JSON",
    ),
    "a resource type that is a list": (
        "a.json",
        text(bundle(WHO, RAMIPRIL | {"resourceType": ["MedicationStatement"]}, BISOPROLOL)),
        2,
        1,
        "no FHIR resource",
    ),
    "Bundles in Bundles without end": (
        "a.json",
        text(bundle(bundles_in_bundles(9), WHO, RAMIPRIL)),
        2,
        1,
        "more than 8",
    ),
}

#: Odd, and every item of it can be used. file name, content, entries, words of the warning or none
ODD: dict[str, tuple[str, str, int, str]] = {
    "XML": ("a.xml", XML.format(NAMESPACE), 1, ""),
    "XML without the FHIR namespace": ("a.xml", XML.format(""), 1, "lacks the FHIR namespace"),
    "XML that loses its namespace half way": (
        "a.xml",
        XML.format(NAMESPACE).replace("<MedicationStatement>", '<MedicationStatement xmlns="">'),
        1,
        "lacks the FHIR namespace",
    ),
    "a wrong check digit": (
        "a.json",
        text(bundle(patient(nhs="9990000019", family=FAMILY), BISOPROLOL)),
        1,
        "wrong check digit",
    ),
    "a patient without medicines": ("a.json", text(bundle(WHO)), 0, "no medicine arrived"),
    "a byte order mark": ("a.json", "\ufeff" + text(GOOD), 2, ""),
    "NDJSON with a line separator inside a text": (
        "a.ndjson",
        text(WHO) + "\n" + json.dumps(BISOPROLOL | {"note": [{"text": "a\u2028b"}]}, ensure_ascii=False),
        1,
        "",
    ),
    "dates and codes that R4 does not allow": (
        "a.json",
        text(
            bundle(
                patient(nhs=NHS_NUMBER, family=FAMILY, born="12/03/1950"),
                BISOPROLOL | {"medicationCodeableConcept": {"coding": [{"system": "a list", "code": " a  b "}]}},
                timestamp="yesterday",
            )
        ),
        1,
        "",
    ),
}
