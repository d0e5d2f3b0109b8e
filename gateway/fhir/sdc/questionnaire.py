"""A pack as a FHIR R4 Questionnaire with SDC expressions, and its value sets; the pack's YAML is the only truth."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from gateway.fhir.sdc.expressions import expression, variables
from gateway.fhir.sdc.names import (
    ALLERGEN,
    MEDICINE,
    MOMENT,
    SDC,
    SNOMED,
    VARIABLE,
    camel,
    counted,
    possible,
    questionnaire_url,
    value_set_url,
)
from gateway.records.audit import Ask, AuditPack, AuditQuestion, ValueType
from gateway.records.audit_members import PackMembers

Json = dict[str, Any]
_LAUNCH = "http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext"
_DISPOSITION = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
_WHEN = {
    "admission": "On admission",
    "in-hospital": "In hospital",
    "administered": "Given in intensive care",
    "discharge": "On leaving",
    "follow-up": "Months later",
}


def option_system(pack: str, question: str) -> str:
    """The system of a question's answers: codes mean something within their field only."""
    return f"{questionnaire_url(pack)}/options/{question.replace(' ', '-')}"


def questionnaire(pack: AuditPack) -> Json:
    """Questions stand in groups by time-point, in the pack's order; linkId is the question's id."""
    groups = []
    for number, (when, questions) in enumerate(groupby(pack.questions, key=lambda q: q.time_point), 1):
        context = f"%{camel(when)}.entry.resource.ofType(List)"
        groups.append(
            {
                "extension": [
                    {
                        "url": f"{SDC}itemPopulationContext",
                        "valueExpression": {
                            "name": f"{camel(when)}List{number}",
                            "language": "text/fhirpath",
                            "expression": context,
                        },
                    }
                ],
                "linkId": f"group-{number}-{when.value}",
                "text": _WHEN[when.value],
                "type": "group",
                "item": [_item(pack, q) for q in questions],
            }
        )
    return {
        "resourceType": "Questionnaire",
        "id": pack.id,
        "url": questionnaire_url(pack.id),
        "version": pack.version,
        "name": "".join(word.capitalize() for word in pack.id.split("-")),
        "title": pack.title,
        "status": "draft" if pack.review_state == "drafted" else "active",
        "subjectType": ["Patient"],
        "copyright": pack.source,
        "extension": [
            _launch("patient", "Patient", "The patient"),
            _launch("case", "Bundle", "How the stay ended, allergies, conditions and the process"),
            *(
                _launch(camel(when), "Bundle", f"Medicines, {when.value}")
                for when in sorted({q.time_point for q in pack.questions})
            ),
            *(
                {
                    "url": VARIABLE,
                    "valueExpression": {"name": name, "language": "text/fhirpath", "expression": text},
                }
                for name, text in variables(pack).items()
            ),
        ],
        "item": groups,
    }


def _launch(name: str, type_: str, words: str) -> Json:
    return {
        "url": f"{SDC}launchContext",
        "extension": [
            {"url": "name", "valueCoding": {"system": _LAUNCH if name == "patient" else MOMENT, "code": name}},
            {"url": "type", "valueCode": type_},
            {"url": "description", "valueString": words},
        ],
    }


def _item(pack: AuditPack, q: AuditQuestion) -> Json:
    found: Json = {
        "extension": [
            {
                "url": f"{SDC}initialExpression",
                "valueExpression": {"language": "text/fhirpath", "expression": expression(pack, q)},
            }
        ],
        "linkId": q.id,
        "prefix": q.field,
        "text": q.text,
        "type": {ValueType.CHOICE: "choice", ValueType.BOOLEAN: "boolean", ValueType.INTEGER: "integer"}[q.value_type],
    }
    if q.value_type is ValueType.CHOICE:
        system = option_system(pack.id, q.id)
        found["answerOption"] = [
            {"valueCoding": {"system": system, "code": o.code, "display": o.label}} for o in q.options
        ]
    return found


def value_sets(pack: AuditPack, members: PackMembers) -> dict[str, frozenset[tuple[str, str]]]:
    """(system, code) of every value set that the Questionnaire names, by its address."""
    found = {
        value_set_url(pack.id, "pack", "not-applicable"): _pairs(
            _DISPOSITION, (c.code for c in pack.not_applicable_dispositions)
        ),
        value_set_url(pack.id, "pack", "declined"): _pairs(SNOMED, (c.code for c in pack.declined_reasons)),
    }
    for q in pack.questions:
        for name, one in members[q.id].items():
            found[value_set_url(pack.id, q.id, name)] = _pairs(MEDICINE, counted(one))
        any_possible = frozenset(code for one in members[q.id].values() for code in possible(one))
        unknown = frozenset(code for one in members[q.id].values() for code in possible(one) - counted(one))
        found[value_set_url(pack.id, q.id, "any-possible")] = _pairs(MEDICINE, any_possible)
        found[value_set_url(pack.id, q.id, "any-unknown")] = _pairs(MEDICINE, unknown)
        found[value_set_url(pack.id, q.id, "allergens")] = _pairs(ALLERGEN, q.contraindicated_by_allergy_to)
        contra = (c.code for c in q.contraindicated_by_conditions)
        found[value_set_url(pack.id, q.id, "contraindications")] = _pairs(SNOMED, contra)
        if q.ask is Ask.HAS_CONDITION:
            found[value_set_url(pack.id, q.id, "conditions")] = _pairs(SNOMED, q.codes)
    return found


def _pairs(system: str, codes: Any) -> frozenset[tuple[str, str]]:
    return frozenset((system, code) for code in codes)
