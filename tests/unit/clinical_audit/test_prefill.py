"""Audit answers for MINAP at discharge, as cases: what the lists and the pharmacist say, and what is then proposed.

"No" is the dangerous answer; most cases here are ways in which it must not be given.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from gateway.actions.reconcile import reconcile
from gateway.clinical_audit.packs import load_packs
from gateway.clinical_audit.prefill import prefill
from gateway.errors import KnowledgeError
from gateway.records.audit import AuditQuestion, TimePoint
from gateway.records.decision import Decision, Outcome
from gateway.records.lists import ListAsWritten, ListRole, ListState
from tests.fhir_builders import Json, request
from tests.unit.clinical_audit.ward import (
    ACE_OR_ARB,
    ALDOSTERONE,
    ASPIRIN,
    AT,
    BETA_BLOCKER,
    DAILY,
    REFUSED,
    STATIN,
    THIENO,
    TICAGRELOR,
    Ward,
    allergy,
    entry_of,
    left,
    medicine,
    row_of,
    written,
)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        (BETA_BLOCKER, "Bisoprolol 2.5mg tablets"),
        (BETA_BLOCKER, "Carvedilol 6.25mg tablets"),
        (BETA_BLOCKER, "Cardicor 2.5mg tablets"),
        (ACE_OR_ARB, "Ramipril 5mg capsules"),
        (ACE_OR_ARB, "Losartan 50mg tablets"),
        (ACE_OR_ARB, "Sacubitril 49mg / Valsartan 51mg tablets"),
        (STATIN, "Atorvastatin 80mg tablets"),
        (ASPIRIN, "Aspirin 75mg dispersible tablets"),
        (THIENO, "Clopidogrel 75mg tablets"),
        (THIENO, "Prasugrel 10mg tablets"),
        (ALDOSTERONE, "Eplerenone 25mg tablets"),
        (TICAGRELOR, "Ticagrelor 90mg tablets"),
    ],
)
def test_taken_on_leaving_is_yes_with_the_entry_as_evidence(ward: Ward, question: str, name: str) -> None:
    answer = ward.ask(question, ward.discharged_on(medicine(name)), signed=False)
    assert (answer.code, answer.abstained, answer.abstention_code) == ("1", None, None)
    (evidence,) = answer.evidence
    assert evidence.list == "discharge"
    assert evidence.words == f"{name} – {DAILY}"
    assert evidence.entry is not None
    assert evidence.entry.startswith("discharge/MedicationStatement/")
    assert evidence.document is not None
    assert len(evidence.document) == 64


@pytest.mark.parametrize(
    ("question", "name"),
    [
        (ASPIRIN, "Clopidogrel 75mg tablets"),
        (THIENO, "Ticagrelor 90mg tablets"),
        (TICAGRELOR, "Clopidogrel 75mg tablets"),
        (ALDOSTERONE, "Furosemide 40mg tablets"),
        (BETA_BLOCKER, "Amlodipine 5mg tablets"),
        (STATIN, "Ezetimibe 10mg tablets"),
        (BETA_BLOCKER, "Timolol 0.5% eye drops"),
        (BETA_BLOCKER, "Dorzolamide 2% / Timolol 0.5% eye drops"),
    ],
)
def test_a_near_neighbour_does_not_count(ward: Ward, question: str, name: str) -> None:
    assert ward.ask(question, ward.discharged_on(medicine(name))).code == "0"


@pytest.mark.parametrize(
    ("disposition", "words"), [("exp", "the patient died"), ("other-hcf", "transferred to another hospital")]
)
def test_died_or_transferred_is_not_applicable_even_where_a_list_says_taken(
    ward: Ward, disposition: str, words: str
) -> None:
    one = ward.discharged_on(medicine("Bisoprolol 2.5mg tablets"), left(disposition))
    for question in (BETA_BLOCKER, STATIN):
        answer = ward.ask(question, one, signed=False)
        assert answer.code == "4"
        assert words in answer.why
        assert answer.evidence[0].entry == "discharge/Encounter/e1"


def test_going_home_is_not_not_applicable(ward: Ward) -> None:
    assert ward.ask(STATIN, ward.discharged_on(left("home"))).code == "0"


def test_declined_with_a_coded_reason(ward: Ward) -> None:
    one = ward.discharged_on(request("r1", "Atorvastatin 80mg tablets", dose=DAILY, **REFUSED))
    answer = ward.ask(STATIN, one, signed=False)
    assert answer.code == "3"
    assert answer.evidence[0].entry == "discharge/MedicationRequest/r1"


def test_declined_once_and_taken_now_is_taken(ward: Ward) -> None:
    declined = request("r1", "Simvastatin 40mg tablets", dose=DAILY, **REFUSED)
    assert ward.ask(STATIN, ward.discharged_on(declined, medicine("Atorvastatin 80mg tablets"))).code == "1"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (STATIN, "Atorvastatin"),
        (STATIN, "Adverse reaction to statins"),
        (ASPIRIN, "Allergy to aspirin"),
        (BETA_BLOCKER, "Bisoprolol"),
        (TICAGRELOR, "Ticagrelor"),
    ],
)
def test_a_recorded_allergy_is_proposed_as_contraindicated(ward: Ward, question: str, words: str) -> None:
    answer = ward.ask(question, ward.discharged_on(allergy(words)), signed=False)
    assert answer.code == "2"
    assert answer.evidence[0].entry == "discharge/AllergyIntolerance/a1"
    assert words in answer.evidence[0].words


@pytest.mark.parametrize(
    ("question", "recorded"),
    [
        (STATIN, allergy("Penicillin")),
        (STATIN, allergy("Atorvastatin", clinicalStatus={"coding": [{"code": "resolved"}]})),
        (STATIN, allergy("Atorvastatin", verificationStatus={"coding": [{"code": "refuted"}]})),
        (ACE_OR_ARB, allergy("Ramipril")),
        (ASPIRIN, allergy("Ibuprofen")),
    ],
    ids=["of another medicine", "resolved", "refuted", "one field for two classes", "of the same family only"],
)
def test_an_allergy_that_settles_nothing(ward: Ward, question: str, recorded: Json) -> None:
    assert ward.ask(question, ward.discharged_on(recorded)).code == "0"


def test_taken_in_spite_of_an_allergy_is_taken(ward: Ward) -> None:
    one = ward.discharged_on(allergy("Simvastatin"), medicine("Atorvastatin 80mg tablets"))
    assert ward.ask(STATIN, one).code == "1"


def test_no_needs_every_list_the_discharge_list_read_and_a_signature(ward: Ward) -> None:
    one = ward.discharged_on(medicine("Amlodipine 5mg tablets"), before=(medicine("Amlodipine 5mg tablets"),))
    answer = ward.ask(STATIN, one)
    assert answer.code == "0"
    assert answer.evidence
    assert {(e.list, len(e.document or "")) for e in answer.evidence} == {("discharge", 64)}


def test_stopped_on_leaving_is_no_though_taken_before(ward: Ward) -> None:
    one = ward.discharged_on(before=(medicine("Atorvastatin 80mg tablets"),))
    assert ward.ask(STATIN, one).code == "0"
    stopped = medicine("Atorvastatin 80mg tablets", status="stopped")
    assert ward.ask(STATIN, ward.discharged_on(stopped)).code == "0"


GP_DOWN = ListAsWritten(name="gp", state=ListState.FAILED, causes=("it does not answer",))
NO_STATUS = {k: v for k, v in medicine("Amlodipine 5mg tablets").items() if k != "status"}


def test_abstains_without_a_discharge_list(ward: Ward) -> None:
    answer = ward.ask(STATIN, reconcile([written("gp")], ward.knowledge, AT))
    assert (answer.code, answer.abstention_code) == (None, "no-discharge-list")
    assert answer.abstained == answer.why != ""


def test_abstains_where_the_discharge_list_did_not_arrive(ward: Ward) -> None:
    failed = msgspec.structs.replace(GP_DOWN, name="discharge")
    answer = ward.ask(STATIN, ward.lists(failed, written("gp", medicine("Atorvastatin 80mg tablets"))))
    assert (answer.code, answer.abstention_code) == (None, "no-discharge-list")


def test_abstains_where_two_lists_are_of_discharge(ward: Ward) -> None:
    roles = {"one": ListRole.DISCHARGE, "two": ListRole.DISCHARGE}
    answer = ward.ask(STATIN, reconcile([written("one"), written("two")], ward.knowledge, AT, roles))
    assert (answer.code, answer.abstention_code) == (None, "no-discharge-list")


@pytest.mark.parametrize(
    ("lists", "named"),
    [
        ((GP_DOWN, written("discharge")), "gp"),
        ((written("gp"), written("discharge", NO_STATUS)), "discharge"),
        ((msgspec.structs.replace(written("gp"), state=ListState.WITHHELD), written("discharge")), "gp"),
    ],
    ids=["failed", "partial", "withheld"],
)
def test_abstains_while_a_list_is_not_complete_and_names_it(
    ward: Ward, lists: tuple[ListAsWritten, ...], named: str
) -> None:
    answer = ward.ask(STATIN, ward.lists(*lists))
    assert (answer.code, answer.abstention_code) == (None, "list-not-complete")
    assert [e.list for e in answer.evidence] == [named]
    assert named in answer.why


def test_yes_does_not_wait_for_the_other_lists(ward: Ward) -> None:
    one = ward.lists(GP_DOWN, written("discharge", medicine("Atorvastatin 80mg tablets")))
    assert ward.ask(STATIN, one, signed=False).code == "1"


def test_abstains_over_a_medicine_nobody_could_read(ward: Ward) -> None:
    answer = ward.ask(STATIN, ward.discharged_on(medicine("Qqtext 80mg tablets")))
    assert (answer.code, answer.abstention_code) == (None, "unread-medicine")
    assert answer.evidence[0].words.startswith("Qqtext 80mg tablets")


def test_abstains_until_it_is_signed(ward: Ward) -> None:
    answer = ward.ask(STATIN, ward.discharged_on(medicine("Amlodipine 5mg tablets")), signed=False)
    assert (answer.code, answer.abstention_code) == (None, "not-signed")


@pytest.mark.parametrize(
    ("question", "given", "words"),
    [
        (STATIN, medicine("Atorvastatin 80mg tablets", status="on-hold"), "suspended"),
        (ASPIRIN, medicine("Aspirin 300mg tablets", "Two to be taken four times a day"), "above 300 mg"),
        (ASPIRIN, medicine("Aspirin 300mg tablets", "One or two every 4 hours when required"), "not certain"),
        (ASPIRIN, medicine("Aspirin 75mg tablets", "As directed"), "not certain"),
    ],
    ids=["suspended", "analgesic dose", "analgesic when required", "dose not read"],
)
def test_abstains_where_the_list_leaves_it_unclear(ward: Ward, question: str, given: Json, words: str) -> None:
    answer = ward.ask(question, ward.discharged_on(given))
    assert (answer.code, answer.abstention_code) == (None, "unclear")
    assert words in answer.why
    assert answer.evidence[0].list == "discharge"


def test_preventive_aspirin_beside_analgesic_aspirin_is_yes(ward: Ward) -> None:
    one = ward.discharged_on(
        medicine("Aspirin 75mg tablets"), medicine("Aspirin 300mg tablets", "Two to be taken four times a day")
    )
    assert ward.ask(ASPIRIN, one).code == "1"


LISTED = (medicine("Atorvastatin 80mg tablets"),)
NOT_LISTED: tuple[Json, ...] = ()


@pytest.mark.parametrize(
    ("on_discharge", "outcome", "more", "code", "abstention"),
    [
        (LISTED, Outcome.STOP, {}, "0", None),
        (LISTED, Outcome.NOT_TAKING, {}, "0", None),
        (LISTED, Outcome.ASK, {}, None, "unclear"),
        (LISTED, Outcome.WITHHOLD, {"restart": "in two weeks"}, None, "unclear"),
        (LISTED, Outcome.CHANGE, {"change_to": "40 mg daily"}, "1", None),
        (NOT_LISTED, Outcome.CONTINUE, {"as_on": ("gp/MedicationStatement/Atorvastatin-80mg-tablets",)}, "1", None),
        (NOT_LISTED, Outcome.STOP, {}, "0", None),
    ],
)
def test_a_persons_decision_outweighs_the_list(
    ward: Ward,
    on_discharge: tuple[Json, ...],
    outcome: Outcome,
    more: Json,
    code: str | None,
    abstention: str | None,
) -> None:
    one = ward.discharged_on(*on_discharge, before=LISTED)
    answer = ward.ask(STATIN, one, Decision(row=row_of(one, "atorvastatin"), outcome=outcome, **more))
    assert (answer.code, answer.abstention_code) == (code, abstention)


def test_what_a_person_continued_is_not_said_to_stand_on_the_discharge_list(ward: Ward) -> None:
    one = ward.discharged_on(before=LISTED)
    kept = entry_of(one, "gp", "atorvastatin")
    answer = ward.ask(STATIN, one, Decision(row=row_of(one, "atorvastatin"), outcome=Outcome.CONTINUE, as_on=(kept,)))
    assert answer.why == "atorvastatin was decided as continue."
    assert [e.entry for e in answer.evidence] == [kept]


def test_a_continued_aspirin_is_judged_by_the_dose_that_is_continued(ward: Ward) -> None:
    one = ward.discharged_on(
        medicine("Aspirin 300mg tablets", "Two to be taken four times a day"),
        before=(medicine("Aspirin 75mg tablets"),),
    )
    for kept, code in (("gp", "1"), ("discharge", None)):
        decision = Decision(
            row=row_of(one, "aspirin"), outcome=Outcome.CONTINUE, as_on=(entry_of(one, kept, "aspirin"),)
        )
        assert ward.ask(ASPIRIN, one, decision).code == code


def test_a_change_to_another_medicine_is_left_to_a_person_for_both(ward: Ward) -> None:
    """The words of a change are free text: "No" for the new medicine or "Yes" for the old one would be wrong."""
    one = ward.discharged_on(medicine("Clopidogrel 75mg tablets"))
    change = Decision(row=row_of(one, "clopidogrel"), outcome=Outcome.CHANGE, change_to="Ticagrelor 90mg twice a day")
    for question in (THIENO, TICAGRELOR):
        answer = ward.ask(question, one, change)
        assert (answer.code, answer.abstention_code) == (None, "unclear")
    assert ward.ask(STATIN, one, change).code == "0"


def test_a_changed_dose_of_aspirin_is_not_certain(ward: Ward) -> None:
    one = ward.discharged_on(medicine("Aspirin 75mg tablets"))
    change = Decision(row=row_of(one, "aspirin"), outcome=Outcome.CHANGE, change_to="600 mg four times a day")
    assert ward.ask(ASPIRIN, one, change).abstention_code == "unclear"


def test_a_question_of_another_time_is_not_answered_from_the_discharge_list(ward: Ward) -> None:
    for when, cause in (
        (TimePoint.IN_HOSPITAL, "no-inpatient-list"),
        (TimePoint.ADMINISTERED, "no-administration-record"),
        (TimePoint.FOLLOW_UP, "other-time-point"),
    ):
        questions = tuple(msgspec.structs.replace(q, time_point=when) for q in ward.pack.questions)
        pack = msgspec.structs.replace(ward.pack, questions=questions)
        answer = ward.ask(STATIN, ward.discharged_on(*LISTED), pack=pack)
        assert (answer.code, answer.abstention_code) == (None, cause)


def test_contraindicated_comes_before_declined(ward: Ward) -> None:
    one = ward.discharged_on(allergy("Atorvastatin"), request("r1", "Simvastatin 40mg tablets", dose=DAILY, **REFUSED))
    assert ward.ask(STATIN, one).code == "2"


def test_not_indicated_and_unknown_are_a_persons_alone(ward: Ward) -> None:
    assert ward.pack.never_proposed == ("8", "9")
    forbidden = msgspec.structs.replace(ward.pack, never_proposed=("1",))
    with pytest.raises(KnowledgeError, match="code 1 is never proposed"):
        ward.ask(STATIN, ward.discharged_on(*LISTED), pack=forbidden)


@pytest.mark.parametrize("field", ["members", "contraindicated_by_allergy_to", "routes"])
def test_a_misspelt_class_stops_instead_of_answering_no(ward: Ward, field: str) -> None:
    def slipped(q: AuditQuestion) -> AuditQuestion:
        if field == "contraindicated_by_allergy_to":
            return msgspec.structs.replace(q, contraindicated_by_allergy_to=("statinn",))
        wrong = {name: msgspec.structs.replace(one, **{field: ("statinn",)}) for name, one in q.sets.items()}
        return msgspec.structs.replace(q, sets=wrong)

    questions = tuple(slipped(q) for q in ward.pack.questions)
    pack = msgspec.structs.replace(ward.pack, questions=questions)
    with pytest.raises(KnowledgeError, match=r"2\.04: statinn is not in the vocabulary"):
        ward.ask(STATIN, ward.discharged_on(*LISTED), pack=pack)


def test_one_answer_for_each_question_and_its_code_is_an_option(ward: Ward) -> None:
    one = ward.discharged_on(*LISTED, medicine("Aspirin 75mg tablets"))
    answers = prefill(ward.pack, one, ward.knowledge.vocabulary, signed=True)
    assert [a.question for a in answers] == [q.id for q in ward.pack.questions]
    for answer, question in zip(answers, ward.pack.questions, strict=True):
        assert answer.code is None or answer.code in {o.code for o in question.options}
        assert answer.rule_version == "minap 2026.2"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("time_point: discharge", "time_point: yesterday"), "Invalid enum value 'yesterday'"),
        (('verdicts: {taken: "1"', 'verdicts: {taken: "7"'), "7 is no option of it"),
        (('verdicts: {taken: "1"', 'verdicts: {taken: "9"'), "which is never proposed"),
        (("members: [beta-blocker]", "members: []"), "names no medicine or class"),
        (('id: "4.06"', 'id: "4.05"'), "two questions have one id"),
        (("routes: [systemic]", "rutes: [systemic]"), "rutes"),
    ],
)
def test_a_slip_in_a_pack_names_the_file(change: tuple[str, str], words: str, tmp_path: Path) -> None:
    folder = tmp_path / "clinical_audit"
    folder.mkdir()
    source = Path(__file__).parents[3] / "mappings" / "clinical_audit" / "minap.yaml"
    (folder / source.name).write_text(source.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"minap\.yaml") as error:
        load_packs(tmp_path)
    assert words in error.value.words


def stay(disposition: str, start: str, id_: str) -> Json:
    return left(disposition) | {"id": id_, "period": {"start": start}}


STAYS = [
    (
        "an earlier stay ended in a transfer",
        "discharge",
        [("other-hcf", "2024-01-05", "e1"), ("home", "2026-11-10", "e2")],
        "1",
    ),
    (
        "this stay ended in a transfer",
        "discharge",
        [("home", "2024-01-05", "e1"), ("other-hcf", "2026-11-10", "e2")],
        "4",
    ),
    ("the practice remembers a transfer", "gp", [("other-hcf", "2026-11-12", "e1")], "1"),
]


@pytest.mark.parametrize(("why", "list_", "stays", "code"), STAYS, ids=[s[0] for s in STAYS])
def test_only_how_this_admission_ended_makes_a_question_not_applicable(
    ward: Ward, why: str, list_: str, stays: list[tuple[str, str, str]], code: str
) -> None:
    told = [stay(*one) for one in stays]
    taken = medicine("Atorvastatin 80mg tablets")
    lists = [
        written("gp", *(told if list_ == "gp" else ())),
        written("discharge", taken, *(told if list_ != "gp" else ())),
    ]
    assert ward.ask(STATIN, ward.lists(*lists)).code == code


def test_an_unread_medicine_that_a_person_continues_from_another_list_forbids_no(ward: Ward) -> None:
    one = ward.lists(
        written("gp", medicine("Foomycin 10mg tablets")), written("discharge", medicine("Aspirin 75mg tablets"))
    )
    row = next(row for row in one.rows if not row.ingredients)
    assert ward.ask(STATIN, one).code == "0"
    answer = ward.ask(STATIN, one, Decision(row=row.id, outcome=Outcome.CONTINUE, as_on=row.entries))
    assert (answer.code, answer.abstention_code) == (None, "unread-medicine")
