"""The access log as FHIR R4 AuditEvents in the shapes of IHE BALP: PatientRead, PatientQuery, Query, Read, sign-in.

BALP's read and query profiles are for what succeeded; a denial has the same entities and agents, outcome 8, and
claims no profile. Shapes: profiles.ihe.net/ITI/BALP 1.1.4.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

from fhir.resources.R4B.auditevent import AuditEvent

from gateway.fhir.build import BASE
from gateway.fhir.r4_values import without_controls
from gateway.records.access import AccessLine
from gateway.records.nhs_number import SYSTEM as NHS_NUMBER

Json = dict[str, Any]

_BALP = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_REST = {"system": f"{_TERMS}audit-event-type", "code": "rest", "display": "Restful Operation"}
_SIGN = {
    "sign-in": {"system": _DICOM, "code": "110122", "display": "Login"},
    "sign-out": {"system": _DICOM, "code": "110123", "display": "Logout"},
}
#: Looks at a list, or searches: BALP's query; everything else is a read.
_QUERIES = {"worklist.see", "audits.see", "patient.search", "access-log.see", "access-log.export"}
_DENIED = {
    "sign-in": "The name or the password was not right, or the account was locked or disabled.",
}


def audit_events(lines: Iterable[AccessLine], identifier_system: str = NHS_NUMBER) -> Iterator[bytes]:
    """One line of NDJSON for each. Raises pydantic's ValidationError if we built something that is no R4."""
    for line in lines:
        yield (
            AuditEvent.model_validate(without_controls(audit_event(line, identifier_system))).model_dump_json().encode()
            + b"\n"
        )


def audit_event(line: AccessLine, identifier_system: str = NHS_NUMBER) -> Json:
    """The resource as JSON, not yet validated."""
    resource: Json = {
        "resourceType": "AuditEvent",
        "id": f"access-{line.seq}",
        "recorded": line.at,
        "outcome": "0" if line.allowed else "8",
        "source": {
            "observer": {"identifier": {"system": f"{BASE}/device", "value": "gateway"}, "type": "Device",
                         "display": "MedRec Gateway"},
            "type": [{"system": f"{_TERMS}security-source-type", "code": "4", "display": "Application Server"}],
        },
    }  # fmt: skip
    if not line.allowed:
        resource["outcomeDesc"] = _DENIED.get(line.action, "The person's role does not include this, or there is none.")
    if line.action in _SIGN:
        kind = {"system": _DICOM, "code": "110114", "display": "User Authentication"}
        return resource | {"type": kind, "subtype": [_SIGN[line.action]], "action": "E", "agent": [_user(line)]}
    query = line.action in _QUERIES
    interaction = "search" if query else "read"
    if line.allowed:
        profile = f"{'Patient' if line.patient else ''}{'Query' if query else 'Read'}"
        resource["meta"] = {"profile": [_BALP + profile]}
    return resource | {
        "type": _REST,
        "subtype": [
            {"system": "http://hl7.org/fhir/restful-interaction", "code": interaction, "display": interaction},
            {"system": f"{BASE}/CodeSystem/access", "code": line.action, "display": line.words},
        ],
        "action": "E" if query else "R",
        # To BALP the source is who sends data in a read and who sends the question in a query.
        "agent": [
            _machine("110153" if query else "110152", "MedRec Gateway pages", f"{BASE}/pages"),
            _machine("110152" if query else "110153", "MedRec Gateway", BASE),
            _user(line),
        ],
        "entity": [_what(line, query), *([_patient(line, identifier_system)] if line.patient else [])],
    }


def _machine(code: str, name: str, address: str) -> Json:
    words = {"110152": "Destination Role ID", "110153": "Source Role ID"}[code]
    return {
        "type": {"coding": [{"system": _DICOM, "code": code, "display": words}]},
        "who": {"type": "Device", "display": name},
        "requestor": False,
        "network": {"address": address, "type": "5"},
    }


def _user(line: AccessLine) -> Json:
    participation = {"system": f"{_TERMS}v3-ParticipationType", "code": "IRCP", "display": "information recipient"}
    return {
        "type": {"coding": [participation]},
        "role": [{"coding": [{"system": f"{BASE}/CodeSystem/role", "code": line.role}], "text": line.role}],
        "who": {"identifier": {"system": f"{BASE}/account", "value": line.account}, "display": line.name},
        "name": line.name,
        "requestor": True,
    }


def _what(line: AccessLine, query: bool) -> Json:
    thing = {"system": f"{_TERMS}audit-entity-type", "code": "2", "display": "System Object"}
    if query:
        # What was typed is not kept; the act is the query. A patient's number would stand here in plain sight.
        asked = base64.b64encode(line.action.encode()).decode()
        role = {"system": f"{_TERMS}object-role", "code": "24", "display": "Query"}
        return {"type": thing, "role": role, "query": asked, "description": line.words}
    role = {"system": f"{_TERMS}object-role", "code": "4", "display": "Domain Resource"}
    what = {"identifier": {"system": f"{BASE}/access", "value": line.id}, "display": line.words}
    return {"type": thing, "role": role, "what": what}


def _patient(line: AccessLine, system: str) -> Json:
    number = (system, line.nhs_number) if line.nhs_number else (f"{BASE}/patient", line.patient)
    return {
        "type": {"system": f"{_TERMS}audit-entity-type", "code": "1", "display": "Person"},
        "role": {"system": f"{_TERMS}object-role", "code": "1", "display": "Patient"},
        "what": {"type": "Patient", "identifier": {"system": number[0], "value": number[1]}},
    }
