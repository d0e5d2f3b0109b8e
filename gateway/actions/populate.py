"""`$populate` on our Questionnaires: from a stored case, or from facts that are at hand."""

from __future__ import annotations

from typing import Any

from gateway.actions.audit_cases import CasePage
from gateway.actions.audit_packs import audit_packs
from gateway.clinical_audit.members import members_of
from gateway.clinical_audit.prefill import check
from gateway.errors import NotFound
from gateway.fhir.sdc.case_bundle import launch_contexts
from gateway.fhir.sdc.populate import Populator
from gateway.fhir.sdc.questionnaire import questionnaire, value_sets
from gateway.fhir.sdc.response import questionnaire_response
from gateway.records.audit import CaseFacts
from gateway.records.audit_answers import StandingAnswer
from gateway.terminology.vocabulary import Vocabulary

Json = dict[str, Any]
_READY: dict[tuple[str, str, str], Populator] = {}


def pack_questionnaire(pack: str) -> Json:
    """The Questionnaire of a pack. Raises NotFound."""
    if pack not in audit_packs():
        raise NotFound("There is no such Questionnaire.")
    return questionnaire(audit_packs()[pack])


def populator(pack: str, vocabulary: Vocabulary) -> Populator:
    """Compiled once for a pack and a vocabulary. Raises NotFound, KnowledgeError for a name it does not know."""
    if pack not in audit_packs():
        raise NotFound("There is no such Questionnaire.")
    known = audit_packs()[pack]
    key = (known.id, known.version, vocabulary.version)
    if key not in _READY:
        check(known, vocabulary)
        _READY[key] = Populator(questionnaire(known), value_sets(known, members_of(known, vocabulary)))
    return _READY[key]


def populate(pack: str, facts: CaseFacts, vocabulary: Vocabulary, *, subject: str) -> dict[str, str | None]:
    """The proposed code of each question by linkId, by the Questionnaire's own expressions; None abstains."""
    return populator(pack, vocabulary).answers(launch_contexts(facts, subject))


def case_response(page: CasePage, *, subject: str, authored: str) -> Json:
    """A stored case as QuestionnaireResponse, with what was proposed and decided on each item."""
    standing = [
        StandingAnswer(
            question=line.question,
            proposal=line.proposal,
            state=line.state,
            code=line.code,
            origin=line.origin,
            reason=line.reason,
            decided_at=line.decided_at,
            role="audit-clerk" if line.actor else None,
        )
        for line in page.lines
    ]
    return questionnaire_response(page.pack, standing, subject=subject, authored=authored)
