"""The outcome of a review as an R4 document Bundle, built through fhir.resources, which checks structure as it builds.

Composition first, then the patient, the two lists of the outcome, one MedicationStatement per medicine, one Provenance
per decision, what every source said, and the findings. Addresses are absolute under `BASE`, since a Provenance points
at a version, which a `urn:uuid:` cannot name; nothing is fetched from there.
"""

from __future__ import annotations

import html
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from fhir.resources.R4B.bundle import Bundle

from gateway.fhir.build import BASE, concept, identified, issue_resource, list_resource, patient_resource
from gateway.fhir.build import statement_resource as source_statement
from gateway.fhir.r4_values import coding, date_time, printable, without_controls
from gateway.records.lists import MedicineEntry, PatientIdentity
from gateway.records.outcome import ENDED, Became, MedicineOutcome, OutcomeOfReview, Said
from gateway.records.reconciliation import Reconciliation

Json = dict[str, Any]

_STATUS = {
    Became.NEW: "active",
    Became.PERHAPS_NEW: "active",
    Became.CHANGED: "active",
    Became.CONTINUED: "active",
    Became.STOPPED: "stopped",
    Became.WITHHELD: "on-hold",
    Became.NOT_TAKING: "not-taken",
    Became.UNDECIDED: "unknown",
}
_ON_THE_LIST = (
    Became.NEW, Became.PERHAPS_NEW, Became.CHANGED, Became.WITHHELD, Became.CONTINUED, Became.UNDECIDED,
)  # fmt: skip
_URN = "urn:ietf:rfc:3986"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, f"{BASE}/document")


def document_id(review: str, signed_at: str | None) -> str:
    """`urn:uuid:...` of the document of one signing of a review: always the same. All drafts of a review share one."""
    which = signed_at or "draft"
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, f'{review}|{which}')}"


def outcome_document(
    outcome: OutcomeOfReview, one: Reconciliation, *, patient: PatientIdentity, hospital: str | None, at: str
) -> bytes:
    """Indented UTF-8 JSON with a final newline; the same bytes for the same signed review.

    `at` is when it was signed, for a draft now. Raises pydantic's ValidationError if we built something that is no R4.
    """
    made = _Document(outcome, one, patient, hospital, at)
    bundle = {
        "resourceType": "Bundle",
        "identifier": {"system": _URN, "value": made.id},
        "type": "document",
        "timestamp": at,
        "entry": [{"fullUrl": address(r), "resource": r} for r in made.resources()],
    }
    text: str = Bundle.model_validate(without_controls(bundle)).model_dump_json(indent=2)
    return text.encode() + b"\n"


def address(resource: Json) -> str:
    return f"{BASE}/{resource['resourceType']}/{resource['id']}"


def version_of(resource: Json) -> str:
    return f"{address(resource)}/_history/{resource['meta']['versionId']}"


class _Document:
    """The resources of one document and how they refer to each other."""

    def __init__(
        self, outcome: OutcomeOfReview, one: Reconciliation, patient: PatientIdentity, hospital: str | None, at: str
    ) -> None:
        self.outcome, self.at = outcome, at
        self.id = document_id(outcome.review, outcome.signed.at if outcome.signed else None)
        self.patient = self._own(patient_resource(patient))
        self.subject = {"reference": address(self.patient)}
        self.organization = {
            "resourceType": "Organization",
            "id": self._key("Organization", "hospital"),
            "name": hospital if printable(hospital) else "Not named by any list",
        }
        self.device = {
            "resourceType": "Device",
            "id": identified("Device", "gateway"),
            "deviceName": [{"name": "MedRec Gateway", "type": "user-friendly-name"}],
        }
        self.entries = one.entries()
        self.lists = one.lists
        self.at_sources = {
            e.id: self._own(source_statement(e, self.subject)) for each in one.lists for e in each.entries
        }
        self.statements = {m.row: self._statements(m) for m in outcome.medicines}

    def _key(self, kind: str, key: str) -> str:
        return identified(kind, f"{self.outcome.review}|{key}")

    def _own(self, resource: Json) -> Json:
        """The same under an id of this review: two patients' entries may have one name, and addresses are absolute."""
        return resource | {"id": self._key(resource["resourceType"], resource["id"])}

    def resources(self) -> list[Json]:
        current = self._outcome_list("medicines", "Medications and medical devices", self.outcome.of(*_ON_THE_LIST))
        ended = self._outcome_list(
            "discontinued", "Medications discontinued", self.outcome.of(Became.STOPPED, Became.NOT_TAKING)
        )
        sources = [self._own(list_resource(x, self.at_sources, self.subject, self.at, address)) for x in self.lists]
        issues = [
            self._own(issue_resource(d, n, self.at_sources, self.subject, self.at, address))
            for n, d in enumerate(self.outcome.discrepancies)
        ]
        return [
            self._composition(current, ended, sources, issues),
            self.patient,
            self.organization,
            self.device,
            current,
            ended,
            *(s for m in self.outcome.medicines for s in self.statements[m.row]),
            *(self._provenance(m) for m in self.outcome.medicines if m.role and m.at),
            *sources,
            *self.at_sources.values(),
            *issues,
        ]

    def _composition(self, current: Json, ended: Json, sources: list[Json], issues: list[Json]) -> Json:
        signed, outcome = self.outcome.signed, self.outcome
        status = "preliminary" if signed is None else "amended" if signed.replaces else "final"
        made: Json = {
            "resourceType": "Composition",
            "id": self._key("Composition", signed.at if signed else "draft"),
            "identifier": {"system": _URN, "value": self.id},
            "status": status,
            "type": {
                "coding": [{"system": "http://loinc.org", "code": "56445-0", "display": "Medication summary Document"}],
                "text": "Medicines at discharge",
            },
            "subject": self.subject,
            "date": self.at,
            "author": [{"reference": address(self.organization)}, {"reference": address(self.device)}],
            "title": "Medicines at discharge" if signed else "Medicines at discharge: DRAFT, not signed",
            "custodian": {"reference": address(self.organization)},
            "section": [
                _section("Medications and medical devices", map(_line, outcome.of(*_ON_THE_LIST)), [current]),
                _section(
                    "Medications discontinued", map(_line, outcome.of(Became.STOPPED, Became.NOT_TAKING)), [ended]
                ),
                _section("Lists this rests on, and how complete they are", self._completeness(), sources),
                _section("Differences found between the lists", (d.message for d in outcome.discrepancies), issues),
            ],
        }
        if signed:
            made["attester"] = [{"mode": "professional", "time": signed.at}]
            if signed.replaces:
                earlier = {"system": _URN, "value": document_id(*signed.replaces)}
                made["relatesTo"] = [{"code": "replaces", "targetIdentifier": earlier}]
        return made

    def _completeness(self) -> list[str]:
        outcome, signed = self.outcome, self.outcome.signed
        said = [f"{s.title}: {s.state_words}. {'; '.join(s.causes)}".strip() for s in outcome.sources]
        if signed is None:
            return said + [f"Open: {words}" for words in outcome.open]
        if signed.override:
            said += [f"Open when it was signed: {words}" for words in signed.overridden]
            said.append(f"Signed all the same because: {signed.override}")
        return said

    def _outcome_list(self, key: str, title: str, medicines: Sequence[MedicineOutcome]) -> Json:
        made: Json = {
            "resourceType": "List",
            "id": self._key("List", key),
            "status": "current",
            "mode": "snapshot",
            "title": title,
            "code": {"coding": [{"system": f"{BASE}/CodeSystem/outcome-list", "code": key}], "text": title},
            "subject": self.subject,
            "date": self.at,
            "source": {"reference": address(self.device)},
            "note": [{"text": words} for words in self._completeness()],
        }
        entries = [
            {
                "flag": {"coding": [{"system": f"{BASE}/CodeSystem/became", "code": m.became.value}]},
                "item": {"reference": address(s)},
            }
            for m in medicines
            for s in self.statements[m.row]
        ]
        if entries:
            return made | {"entry": entries}
        system = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
        return made | {"emptyReason": {"coding": [{"system": system, "code": "nilknown"}], "text": "None decided"}}

    def _statements(self, medicine: MedicineOutcome) -> list[Json]:
        return [self._statement(medicine, part, n) for n, part in enumerate(medicine.named)]

    def _statement(self, medicine: MedicineOutcome, part: Said, n: int) -> Json:
        made: Json = {
            "resourceType": "MedicationStatement",
            "id": self._key("MedicationStatement", f"{medicine.row}|{n}"),
            "meta": {"versionId": str(max(medicine.version, 1))},
            "status": _STATUS[medicine.became],
            "medicationCodeableConcept": self._medication(part),
            "subject": self.subject,
        }
        if at := date_time(medicine.at):
            made["dateAsserted"] = at
        if medicine.reason:
            made["statusReason"] = [_reason(medicine)]
        if part.indication and printable(part.indication):
            made["reasonCode"] = [{"text": part.indication}]
        if part.dose and printable(part.dose.whole) and medicine.became not in ENDED:
            made["dosage"] = [{"text": part.dose.whole} | ({"route": {"text": part.route}} if part.route else {})]
        if notes := [{"text": text} for text in _notes(medicine, part) if printable(text)]:
            made["note"] = notes
        entries = part.entries or tuple(e for one in medicine.lists for e in one.entries)
        if entries:
            made["derivedFrom"] = [{"reference": address(self.at_sources[e])} for e in entries]
        return made

    def _medication(self, part: Said) -> Json:
        entry: MedicineEntry | None = self.entries.get(part.entries[0]) if part.entries else None
        return concept(entry) if entry else {"text": part.medicine if printable(part.medicine) else "not stated"}

    def _provenance(self, medicine: MedicineOutcome) -> Json:
        statements = self.statements[medicine.row]
        agents = [_agent("author", medicine.role or "not recorded")]
        if medicine.checked_at:
            agents.append(_agent("verifier", "second person"))
        made: Json = {
            "resourceType": "Provenance",
            "id": self._key("Provenance", medicine.row),
            "target": [{"reference": version_of(s)} for s in statements],
            "recorded": medicine.at,
            "activity": {
                "coding": [{"system": f"{BASE}/CodeSystem/became", "code": medicine.became.value}],
                "text": _line(medicine),
            },
            "agent": [*agents, _agent("assembler", None) | {"who": {"reference": address(self.device)}}],
        }
        if medicine.reason:
            made["reason"] = [_reason(medicine)]
        used = dict.fromkeys(e for one in (*medicine.before, *medicine.after) for e in one.entries)
        if used:
            made["entity"] = [{"role": "source", "what": {"reference": address(self.at_sources[e])}} for e in used]
        return made


def _agent(kind: str, who: str | None) -> Json:
    system = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
    return {"type": {"coding": [{"system": system, "code": kind}]}} | ({"who": {"display": who}} if who else {})


def _reason(medicine: MedicineOutcome) -> Json:
    made = coding(f"{BASE}/CodeSystem/decision-reason", medicine.reason, medicine.reason_words)
    return {"text": medicine.reason_words or "not stated", **({"coding": [made]} if made else {})}


def _notes(medicine: MedicineOutcome, part: Said) -> list[str]:
    was = [
        f"{b.medicine}, {b.dose.whole if b.dose else 'dose not recorded'} ({', '.join(b.lists)})"
        for b in medicine.before
    ]
    said = [f"Before admission: {'; '.join(was)}"] if was else []
    said += [f"Understood as: {part.understood}"] if part.understood else []
    said += [f"Restart: {medicine.restart}"] if medicine.restart else []
    said += [f"Asked of the prescriber: {medicine.question}"] if medicine.question else []
    said += [f"Intent: {medicine.intent.value}"] if medicine.intent else []
    said += ["The second check of this decision is missing."] if medicine.check_missing else []
    return [*said, *medicine.cautions, *([medicine.note] if medicine.note else [])]


def _line(medicine: MedicineOutcome) -> str:
    unsettled = medicine.became is Became.UNDECIDED
    said = "; ".join(
        f"{p.medicine}, {p.dose.whole if p.dose else 'dose not decided' if unsettled else 'dose not recorded'}"
        for p in medicine.named
    )
    why = f" ({medicine.reason_words})" if medicine.reason_words else ""
    return f"{medicine.became.value.replace('-', ' ')}: {said}{why}"


def _section(title: str, lines: Iterable[str], resources: list[Json]) -> Json:
    items = "".join(f"<li>{html.escape(without_controls(line))}</li>" for line in lines)
    body = f"<ul>{items}</ul>" if items else "<p>None</p>"
    made: Json = {
        "title": title,
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'},
    }
    if resources:
        made["entry"] = [{"reference": address(r)} for r in resources]
    return made
