"""A pack that nobody wrote code for: a file in a folder, with its own codes, options and value types."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.clinical_audit.facts import case_facts
from gateway.clinical_audit.members import members_of
from gateway.clinical_audit.packs import load_packs
from gateway.clinical_audit.prefill import check, prefill
from gateway.errors import KnowledgeError
from gateway.fhir.sdc.case_bundle import launch_contexts
from gateway.fhir.sdc.populate import Populator
from gateway.fhir.sdc.questionnaire import questionnaire, value_sets
from tests.unit.clinical_audit.ward import Ward, allergy, left, medicine

PACK = """
block: gout
source: invented for this test
review: {state: drafted}
id: gout
title: Gout
version: "1"
dataset_date: "2026"
never_proposed: [U]
options: [{code: J, label: Ja}, {code: N, label: Nein}, {code: K, label: Kontraindiziert}, {code: U, label: Unbekannt}]
verdicts: {taken: J, not-taken: N, contraindicated: K}
not_applicable_dispositions: [{code: exp, words: died}]
questions:
  - {id: ult, field: ULT, text: On allopurinol, time_point: discharge, members: [allopurinol],
     contraindicated_by_allergy_to: [allopurinol]}
  - {id: flag, field: FLAG, text: On colchicine, time_point: discharge, value_type: boolean, members: [colchicine],
     verdicts: {taken: "true", not-taken: "false"}}
"""


def folder_with(tmp_path: Path, text: str) -> Path:
    (tmp_path / "clinical_audit").mkdir()
    (tmp_path / "clinical_audit" / "gout.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_it_answers_in_its_own_codes_by_both_ways(ward: Ward, tmp_path: Path) -> None:
    pack = load_packs(folder_with(tmp_path, PACK))["gout"]
    vocabulary = ward.knowledge.vocabulary
    both = medicine("Allopurinol 100mg tablets"), medicine("Colchicine 500microgram tablets")
    for resources, expected in (
        (both, ("J", "true")),
        ((), ("N", "false")),
        ((allergy("Allopurinol"),), ("K", "false")),
        ((*both, left("exp")), (None, None)),
    ):
        one = ward.discharged_on(*resources)
        answers = prefill(pack, one, vocabulary, signed=True)
        assert tuple(a.code for a in answers) == expected
        populator = Populator(questionnaire(pack), value_sets(pack, members_of(pack, vocabulary)))
        facts = case_facts(one, vocabulary, signed=True)
        assert tuple(populator.answers(launch_contexts(facts, "Patient/p1")).values()) == expected
    assert answers[0].abstention_code == "no-code"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{taken: J,", "{taken: X,", "X is no option"),
        ("{taken: J,", "{taken: U,", "never proposed"),
        ("{taken: J,", "{has: J,", "Invalid enum value 'has'"),
        ("value_type: boolean", "value_type: date", "Invalid enum value 'date'"),
        ('{taken: "true"', '{taken: "yes"', "yes is no option"),
    ],
)
def test_the_schema_guards_it(old: str, new: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"gout\.yaml") as error:
        load_packs(folder_with(tmp_path, PACK.replace(old, new, 1)))
    assert words in error.value.words


def test_every_pack_that_is_shipped_names_only_what_the_vocabulary_knows(ward: Ward) -> None:
    packs = load_packs()
    assert {"minap", "ssnap", "heart-failure", "nice-medicines-reconciliation", "high5s", "picanet"} <= set(packs)
    for pack in packs.values():
        check(pack, ward.knowledge.vocabulary)
        assert pack.review_state == "drafted"
