"""Every audit pack as Questionnaire, with QuestionnaireResponses of invented stays in each state of an answer."""

from __future__ import annotations

import json
import uuid
from typing import Any

from conformance.accuracy.audit_stays import stays
from conformance.accuracy.audits import facts_of
from gateway.actions.reconcile import load_knowledge
from gateway.clinical_audit.packs import load_packs
from gateway.clinical_audit.prefill import answers_from
from gateway.fhir.sdc.questionnaire import questionnaire
from gateway.fhir.sdc.response import questionnaire_response
from gateway.records.audit_answers import StandingAnswer

NOW = "2026-11-24T10:00:00+00:00"
_STATES = (("untouched", None), ("confirmed", "auto-server"), ("overridden", "override"), ("cleared", "override"))


def audit_bundle() -> bytes:
    knowledge, patient = load_knowledge(), uuid.uuid5(uuid.NAMESPACE_URL, "patient").urn
    resources: list[tuple[str, dict[str, Any]]] = [(patient, {"resourceType": "Patient", "active": True})]
    for pack in load_packs().values():
        made = questionnaire(pack)
        resources.append((made["url"], made))
        for number, stay in enumerate(stays(4, 20)):
            answers = answers_from(pack, facts_of(stay, knowledge), knowledge.vocabulary)
            state, origin = _STATES[number]
            standing = [
                StandingAnswer(
                    question=q,
                    proposal=a,
                    state=state,
                    code=a.code if state in {"confirmed", "overridden"} else None,
                    origin=origin,
                    reason="stale" if origin == "override" else None,
                    decided_at=NOW if origin else None,
                    role="audit-clerk",
                )
                for q, a in zip(pack.questions, answers, strict=True)
            ]
            response = questionnaire_response(pack, standing, subject=patient, authored=NOW)
            resources.append((uuid.uuid5(uuid.NAMESPACE_URL, f"{pack.id}{number}").urn, response))
    entry = [{"fullUrl": url, "resource": one} for url, one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}).encode()
