"""A case's answers as a QuestionnaireResponse.

Each answer carries DTR's `information-origin`. Beside it, on the item, stands our own extension, since an answer that
was cleared has no element that could carry anything, and since DTR cannot tell a confirmed answer from one that nobody
looked at.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from gateway.fhir.sdc.names import ITEM, ORIGIN, REASON, questionnaire_url
from gateway.fhir.sdc.questionnaire import option_system
from gateway.records.audit import AuditPack, Evidence, Origin, ValueType
from gateway.records.audit_answers import StandingAnswer

Json = dict[str, Any]
#: DTR 2.0.1 wrote `auto` where 2.2.0 writes who filled it.
_READ = {"auto": Origin.AUTO, "auto-client": Origin.AUTO}
_DONE = {"confirmed", "overridden", "entered", "cleared"}


def questionnaire_response(pack: AuditPack, answers: list[StandingAnswer], *, subject: str, authored: str) -> Json:
    """`subject` is the patient's reference; `authored` ISO 8601 with zone. Completed once a person settled each."""
    groups = []
    for number, (when, standing) in enumerate(groupby(answers, key=lambda a: a.question.time_point), 1):
        groups.append({"linkId": f"group-{number}-{when.value}", "item": [_item(pack, one) for one in standing]})
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{questionnaire_url(pack.id)}|{pack.version}",
        "status": "completed" if all(a.state in _DONE for a in answers) else "in-progress",
        "subject": {"reference": subject},
        "authored": authored,
        "item": groups,
    }


def _item(pack: AuditPack, one: StandingAnswer) -> Json:
    found: Json = {"extension": [_ours(pack, one)], "linkId": one.question.id, "text": one.question.text}
    if one.shown is not None:
        origin = one.origin or Origin.AUTO.value
        found["answer"] = [{"extension": [_origin(origin, one.role)], **_value(pack, one, one.shown)}]
    return found


def _origin(origin: str, role: str | None) -> Json:
    parts: list[Json] = [{"url": "source", "valueCode": origin}]
    if origin in {Origin.OVERRIDE.value, Origin.MANUAL.value}:
        author = [{"url": "role", "valueCodeableConcept": {"text": role or "unknown"}}]
        parts.append({"url": "author", "extension": author})
    return {"url": ORIGIN, "extension": parts}


def origin_of(answer: Json) -> Origin | None:
    """What an answer that came in says of its origin, in the codes of DTR 2.0.1 or 2.2.0; None where it says none."""
    for extension in answer.get("extension", ()):
        for part in extension.get("extension", ()) if extension.get("url") == ORIGIN else ():
            if part.get("url") == "source":
                code = part.get("valueCode")
                return _READ.get(code) or next((o for o in Origin if o.value == code), None)
    return None


def _value(pack: AuditPack, one: StandingAnswer, code: str) -> Json:
    if one.question.value_type is ValueType.BOOLEAN:
        return {"valueBoolean": code == "true"}
    if one.question.value_type is ValueType.INTEGER:
        return {"valueInteger": int(code)}
    return {"valueCoding": _coding(pack, one, code)}


def _coding(pack: AuditPack, one: StandingAnswer, code: str) -> Json:
    label = next((o.label for o in one.question.options if o.code == code), None)
    found = {"system": option_system(pack.id, one.question.id), "code": code}
    return found | ({"display": label} if label else {})


def _ours(pack: AuditPack, one: StandingAnswer) -> Json:
    proposal = one.proposal
    parts: list[Json] = [{"url": "decision", "valueCode": one.state}]
    if proposal.code is not None:
        parts.append({"url": "proposedValue", "valueCoding": _coding(pack, one, proposal.code)})
    elif proposal.abstained:
        parts.append({"url": "abstained", "valueString": proposal.abstained})
    if one.reason:
        parts.append({"url": "reason", "valueCoding": {"system": REASON, "code": one.reason}})
    if one.decided_at:
        parts.append({"url": "decidedAt", "valueDateTime": one.decided_at})
    if proposal.confidence:
        parts.append({"url": "confidence", "valueString": proposal.confidence})
    parts += [_evidence(each) for each in proposal.evidence]
    parts.append({"url": "ruleVersion", "valueString": proposal.rule_version})
    return {"url": ITEM, "extension": parts}


def _evidence(one: Evidence) -> Json:
    parts: list[Json] = [{"url": "words", "valueString": one.words}]
    for url, value in (("list", one.list), ("entry", one.entry), ("document", one.document), ("row", one.decision)):
        if value:
            parts.append({"url": url, "valueString": value})
    return {"url": "evidence", "extension": parts}
