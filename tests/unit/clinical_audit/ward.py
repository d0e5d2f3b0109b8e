"""One admission for a case of clinical audit: its lists, and what is asked of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gateway.actions.reconcile import Knowledge, reconcile
from gateway.clinical_audit.prefill import prefill
from gateway.fhir.read import read_list
from gateway.records.audit import AuditPack, PrefilledAnswer
from gateway.records.decision import Decision
from gateway.records.lists import ListAsWritten, ListRole
from gateway.records.reconciliation import Reconciliation
from tests.fhir_builders import Json, bundle, document, patient, statement

AT = dt.date(2026, 11, 22)
BETA_BLOCKER, ACE_OR_ARB, STATIN, ASPIRIN, THIENO, ALDOSTERONE, TICAGRELOR = (
    "4.05",
    "4.06",
    "4.07",
    "4.08",
    "4.27",
    "4.28",
    "4.31",
)
DAILY = "One to be taken daily"
REFUSED: Json = {
    "status": "stopped",
    "statusReason": {"coding": [{"system": "http://snomed.info/sct", "code": "105480006"}]},
}


def medicine(name: str, dose: str = DAILY, **more: Any) -> Json:
    return statement(name.replace(" ", "-").replace("/", "-")[:60], name, dose=dose, **more)


def allergy(words: str, **more: object) -> Json:
    active = {"coding": [{"code": "active"}]}
    return {
        "resourceType": "AllergyIntolerance",
        "id": "a1",
        "patient": {"reference": "Patient/p1"},
        "clinicalStatus": active,
        "code": {"text": words},
    } | more


def left(disposition: str) -> Json:
    return {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/p1"},
        "hospitalization": {"dischargeDisposition": {"coding": [{"code": disposition}]}},
    }


def written(name: str, *resources: Json) -> ListAsWritten:
    return read_list(name, [document(bundle(patient(), *resources), f"{name}.json")])


class Ward:
    """One admission: the lists by name, asked one question of the pack."""

    def __init__(self, knowledge: Knowledge, pack: AuditPack) -> None:
        self.knowledge, self.pack = knowledge, pack

    def lists(self, *lists: ListAsWritten, discharge: str = "discharge") -> Reconciliation:
        return reconcile(lists, self.knowledge, AT, {discharge: ListRole.DISCHARGE})

    def ask(
        self,
        question: str,
        one: Reconciliation,
        *decisions: Decision,
        signed: bool = True,
        pack: AuditPack | None = None,
    ) -> PrefilledAnswer:
        answers = prefill(
            pack or self.pack,
            one,
            self.knowledge.vocabulary,
            signed=signed,
            decisions={decision.row: decision for decision in decisions},
        )
        return next(answer for answer in answers if answer.question == question)

    def discharged_on(self, *resources: Json, before: tuple[Json, ...] = ()) -> Reconciliation:
        return self.lists(written("gp", *before), written("discharge", *resources))


def row_of(one: Reconciliation, name: str) -> str:
    return next(row.id for row in one.rows if name in row.ingredients)


def entry_of(one: Reconciliation, list_name: str, ingredient: str) -> str:
    return next(e.id for e in one.entries().values() if e.list == list_name and ingredient in e.product.ingredients)
