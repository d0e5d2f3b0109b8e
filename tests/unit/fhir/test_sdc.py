"""Each pack as a Questionnaire: it agrees with the YAML, and `$populate` answers as the pure prefill does."""

from __future__ import annotations

import re

import msgspec
import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from conformance.accuracy.audit_stays import stays
from conformance.accuracy.audits import facts_of
from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.clinical_audit.members import members_of
from gateway.clinical_audit.packs import load_packs
from gateway.clinical_audit.prefill import answers_from
from gateway.errors import KnowledgeError
from gateway.fhir.sdc.case_bundle import launch_contexts
from gateway.fhir.sdc.names import ITEM, ORIGIN, SDC, VARIABLE
from gateway.fhir.sdc.populate import Populator
from gateway.fhir.sdc.questionnaire import questionnaire, value_sets
from gateway.fhir.sdc.response import origin_of, questionnaire_response
from gateway.records.audit import AuditPack, Origin, ValueType
from gateway.records.audit_answers import StandingAnswer
from tests.fhir_builders import Json

PACKS = load_packs()
EACH_PACK = pytest.mark.parametrize("pack", PACKS.values(), ids=list(PACKS))


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def ready(pack: AuditPack, knowledge: Knowledge) -> Populator:
    return Populator(questionnaire(pack), value_sets(pack, members_of(pack, knowledge.vocabulary)))


@EACH_PACK
def test_the_questionnaire_says_what_the_yaml_says(pack: AuditPack, knowledge: Knowledge) -> None:
    made = questionnaire(pack)
    Questionnaire.model_validate(made)
    items = {item["linkId"]: item for group in made["item"] for item in group["item"]}
    assert list(items) == [q.id for q in pack.questions]
    for q in pack.questions:
        item = items[q.id]
        assert (item["prefix"], item["text"], item["type"]) == (q.field, q.text, q.value_type.value)
        options = [(o["valueCoding"]["code"], o["valueCoding"]["display"]) for o in item.get("answerOption", ())]
        assert options == ([(o.code, o.label) for o in q.options] if q.value_type is ValueType.CHOICE else [])
        (told,) = [e for e in item["extension"] if e["url"] == f"{SDC}initialExpression"]
        proposed = set(q.verdicts.values()) | set(q.codes.values()) | {c.code for c in q.choices if c.code}
        written = re.findall(r", '([^']+)', ", told["valueExpression"]["expression"])
        assert set(written) <= proposed
    sets = value_sets(pack, members_of(pack, knowledge.vocabulary))
    text = str(made)
    assert set(re.findall(r"memberOf\('([^']+)'\)", text)) <= set(sets)
    assert {e["url"] for e in made["extension"]} == {f"{SDC}launchContext", VARIABLE}


@EACH_PACK
def test_populate_answers_as_the_pure_prefill_does(pack: AuditPack, knowledge: Knowledge) -> None:
    one = ready(pack, knowledge)
    given: set[str | None] = set()
    for stay in stays(60, seed=20261126):
        facts = facts_of(stay, knowledge)
        pure = {a.question: a.code for a in answers_from(pack, facts, knowledge.vocabulary)}
        assert one.answers(launch_contexts(facts, "Patient/p1")) == pure, stay.faults
        given |= set(pure.values())
    assert pack.id == "picanet" or len(given) > 1


@EACH_PACK
def test_nothing_is_answered_from_an_empty_bundle(pack: AuditPack, knowledge: Knowledge) -> None:
    one, empty = ready(pack, knowledge), {"resourceType": "Bundle", "type": "collection"}
    names = ("case", "admission", "inHospital", "administered", "discharge", "followUp")
    for contexts in ({}, dict.fromkeys(names, empty)):
        assert set(one.answers(contexts).values()) == {None}


def test_a_value_set_that_is_not_ours_is_an_error_and_never_no(knowledge: Knowledge) -> None:
    pack = PACKS["minap"]
    facts = facts_of(stays(1, seed=3)[0], knowledge)
    with pytest.raises(KnowledgeError, match="no value set"):
        Populator(questionnaire(pack), {}).answers(launch_contexts(facts, "Patient/p1"))


def standing(knowledge: Knowledge) -> tuple[AuditPack, list[StandingAnswer]]:
    pack = PACKS["minap"]
    stay = next(s for s in stays(50, seed=5) if not s.faults and s.truth["4.05"] == "1" and s.truth["4.07"] == "1")
    answers = answers_from(pack, facts_of(stay, knowledge), knowledge.vocabulary)
    return pack, [StandingAnswer(question=q, proposal=a) for q, a in zip(pack.questions, answers, strict=True)]


def item_of(response: Json, link: str) -> Json:
    return next(i for group in response["item"] for i in group["item"] if i["linkId"] == link)


def ours(item: Json) -> Json:
    (told,) = [e for e in item["extension"] if e["url"] == ITEM]
    return {part["url"]: next(v for k, v in part.items() if k != "url") for part in told["extension"]}


def test_confirmed_untouched_changed_and_cleared_are_four_states(knowledge: Knowledge) -> None:
    pack, answers = standing(knowledge)
    at = "2026-11-24T10:00:00+00:00"
    acts: dict[str, Json] = {
        "4.05": {"state": "confirmed", "code": "1", "origin": "auto-server", "decided_at": at},
        "4.07": {"state": "cleared", "code": None, "origin": "override", "reason": "stale", "decided_at": at},
        "4.08": {"state": "overridden", "code": "2", "origin": "override", "reason": "stale", "decided_at": at},
        "3.20": {"state": "entered", "code": "1", "origin": "manual", "decided_at": at},
    }
    answers = [
        msgspec.structs.replace(a, **acts[a.question.id], role="audit-clerk") if a.question.id in acts else a
        for a in answers
    ]
    made = questionnaire_response(pack, answers, subject="Patient/p1", authored=at)
    QuestionnaireResponse.model_validate(made)
    assert made["status"] == "in-progress"
    untouched, confirmed = item_of(made, "4.06"), item_of(made, "4.05")
    assert (ours(untouched)["decision"], ours(confirmed)["decision"]) == ("untouched", "confirmed")
    assert origin_of(confirmed["answer"][0]) is Origin.AUTO
    assert "decidedAt" not in ours(untouched)
    cleared = item_of(made, "4.07")
    assert "answer" not in cleared
    assert ours(cleared)["proposedValue"]["code"] == "1"
    assert (ours(cleared)["decision"], ours(cleared)["reason"]["code"]) == ("cleared", "stale")
    assert {"evidence", "ruleVersion"} <= set(ours(cleared))
    assert origin_of(item_of(made, "4.08")["answer"][0]) is Origin.OVERRIDE
    assert origin_of(item_of(made, "3.20")["answer"][0]) is Origin.MANUAL
    authors = {
        link: any(p["url"] == "author" for p in item_of(made, link)["answer"][0]["extension"][0]["extension"])
        for link in ("4.05", "4.08", "3.20")
    }
    assert authors == {"4.05": False, "4.08": True, "3.20": True}  # dtrx-1


@pytest.mark.parametrize(("code", "origin"), [("auto", Origin.AUTO), ("override", Origin.OVERRIDE), ("odd", None)])
def test_codes_of_the_older_guide_are_read_too(code: str, origin: Origin | None) -> None:
    answer = {"extension": [{"url": ORIGIN, "extension": [{"url": "source", "valueCode": code}]}]}
    assert origin_of(answer) is origin
