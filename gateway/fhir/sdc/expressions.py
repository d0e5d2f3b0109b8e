"""What a question asks, as one FHIRPath expression over the variables of its Questionnaire.

`{}` abstains. The order is that of gateway.clinical_audit.verdicts, written a second time on purpose: a test holds the
two against each other.
"""

from __future__ import annotations

from gateway.fhir.sdc.names import DAILY_MG, camel, value_set_url
from gateway.records.audit import Ask, AuditPack, AuditQuestion, TimePoint, ValueType, Verdict

NOTHING = "{}"


def moments_of(pack: AuditPack) -> tuple[TimePoint, ...]:
    """The time-points at which the pack asks about medicines, each a launch context of its own."""
    asked = {q.time_point for q in pack.questions if q.ask in {Ask.ON_MEDICINE, Ask.WHICH_MEDICINE}}
    return tuple(when for when in TimePoint if when in asked)


def variables(pack: AuditPack) -> dict[str, str]:
    """Name and expression, in the order in which they are evaluated."""
    found = {
        "endedBy": "%case.entry.resource.ofType(Encounter).hospitalization.dischargeDisposition.coding",
        "allergies": "%case.entry.resource.ofType(AllergyIntolerance).code",
        "conditions": "%case.entry.resource.ofType(Condition).code",
        "observations": "%case.entry.resource.ofType(Observation)",
        "notApplicable": f"%endedBy.where(memberOf('{value_set_url(pack.id, 'pack', 'not-applicable')}')).exists()",
    }
    refused = value_set_url(pack.id, "pack", "declined")
    for when in moments_of(pack):
        name = camel(when)
        concept = "medicationCodeableConcept"
        found |= {
            f"{name}All": f"%{name}.entry.resource.ofType(MedicationStatement)",
            f"{name}Active": f"%{name}All.where(status = 'active')",
            f"{name}Taken": f"%{name}Active.{concept}",
            f"{name}Open": f"%{name}All.where(status != 'not-taken').{concept}",
            f"{name}Refused": f"%{name}All.where(statusReason.where(memberOf('{refused}')).exists()).{concept}",
            f"{name}Shown": f"%{name}.entry.resource.ofType(List).emptyReason.coding.code",
            f"{name}Unseen": f"%{name}Shown.empty() or %{name}Shown = 'unavailable'",
            f"{name}None": f"%{name}Shown = 'nilknown'",
        }
        if any(q.ask is Ask.WHICH_MEDICINE and q.time_point is when for q in pack.questions):
            found[f"{name}Unclear"] = f"%{name}All.where(status = 'unknown').{concept}"
    return found


def expression(pack: AuditPack, question: AuditQuestion) -> str:
    return {
        Ask.ON_MEDICINE: _medicine,
        Ask.WHICH_MEDICINE: _medicine,
        Ask.HOW_STAY_ENDED: _how_stay_ended,
        Ask.HAS_CONDITION: _has_condition,
        Ask.IN_TIME: _in_time,
        Ask.DISCREPANCIES: _discrepancies,
    }[question.ask](pack, question)


def _literal(question: AuditQuestion, code: str | None) -> str:
    if code is None:
        return NOTHING
    return code if question.value_type in {ValueType.BOOLEAN, ValueType.INTEGER} else f"'{code}'"


def _coded(question: AuditQuestion, verdict: Verdict) -> str:
    return _literal(question, question.verdicts.get(verdict))


def _in(variable: str, url: str) -> str:
    return f"%{variable}.exists(memberOf('{url}'))"


def _medicine(pack: AuditPack, question: AuditQuestion) -> str:
    name = camel(question.time_point)
    steps: list[tuple[str, str]] = []
    if question.time_point is TimePoint.DISCHARGE:
        steps.append(("%notApplicable", _coded(question, Verdict.NOT_APPLICABLE)))
    steps.append((f"%{name}Unseen", NOTHING))
    if question.ask is Ask.ON_MEDICINE:
        steps += _one_set(pack, question, name)
    else:
        steps += _several_sets(pack, question, name)
    if question.contraindicated_by_allergy_to:
        url = value_set_url(pack.id, question.id, "allergens")
        steps.append((_in("allergies", url), _coded(question, Verdict.CONTRAINDICATED)))
    if question.contraindicated_by_conditions:
        url = value_set_url(pack.id, question.id, "contraindications")
        steps.append((_in("conditions", url), _coded(question, Verdict.CONTRAINDICATED)))
    possible = value_set_url(pack.id, question.id, "any-possible")
    steps.append((_in(f"{name}Refused", possible), _coded(question, Verdict.DECLINED)))
    steps.append((f"%{name}None", _coded(question, Verdict.NOT_TAKEN)))
    return chain(steps)


def chain(steps: list[tuple[str, str]]) -> str:
    """The first condition that holds gives its answer."""
    text = NOTHING
    for condition, answer in reversed(steps):
        if not (answer == NOTHING and text == NOTHING):
            text = f"iif({condition}, {answer}, {text})"
    return text


def _one_set(pack: AuditPack, question: AuditQuestion, name: str) -> list[tuple[str, str]]:
    counted = value_set_url(pack.id, question.id, "members")
    possible = value_set_url(pack.id, question.id, "any-possible")
    taken = _in(f"{name}Taken", counted)
    if question.daily_at_most_mg is not None:
        low = f"extension.where(url = '{DAILY_MG}').valueDecimal <= {question.daily_at_most_mg}"
        taken = f"%{name}Active.where(medicationCodeableConcept.memberOf('{counted}')).exists({low})"
    return [(taken, _coded(question, Verdict.TAKEN)), (_in(f"{name}Open", possible), NOTHING)]


def _several_sets(pack: AuditPack, question: AuditQuestion, name: str) -> list[tuple[str, str]]:
    """Any member that is taken or unclear settles the question, if only by leaving it to a person."""
    counted = {s: _in(f"{name}Taken", value_set_url(pack.id, question.id, s)) for s in question.sets}
    possible = value_set_url(pack.id, question.id, "any-possible")
    unknown = value_set_url(pack.id, question.id, "any-unknown")
    steps = [(f"{_in(f'{name}Unclear', possible)} or {_in(f'{name}Taken', unknown)}", NOTHING)]
    for choice in question.choices:
        needs = [counted[s] for s in choice.when] + [f"{counted[s]}.not()" for s in choice.without]
        steps.append((" and ".join(needs), _literal(question, choice.code)))
    return [(_in(f"{name}Open", possible), chain(steps))]


def _how_stay_ended(_: AuditPack, question: AuditQuestion) -> str:
    return chain(
        [(f"%endedBy.where(code = '{c}').exists()", _literal(question, to)) for c, to in question.codes.items()]
    )


def _has_condition(pack: AuditPack, question: AuditQuestion) -> str:
    url = value_set_url(pack.id, question.id, "conditions")
    return chain([(_in("conditions", url), _coded(question, Verdict.TAKEN))])


def _in_time(_: AuditPack, question: AuditQuestion) -> str:
    state = f"%observations.where(code.coding.code = '{question.flag}').valueString"
    return chain(
        [
            (f"{state} = 'in-time'", _coded(question, Verdict.TAKEN)),
            (f"{state} = 'late'", _coded(question, Verdict.NOT_TAKEN)),
        ]
    )


def _discrepancies(_: AuditPack, question: AuditQuestion) -> str:
    counts = " + ".join(f"%observations.where(code.coding.code = '{i}').valueInteger" for i in question.intents)
    if not question.any_of_them:
        return counts
    return chain(
        [
            (f"({counts}) > 0", _coded(question, Verdict.TAKEN)),
            (f"({counts}) = 0", _coded(question, Verdict.NOT_TAKEN)),
        ]
    )
