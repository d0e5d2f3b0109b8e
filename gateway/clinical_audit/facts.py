"""All that the questions of any pack are answered from: computed once for a stay, whatever is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from gateway.clinical_audit.at_admission import at_admission
from gateway.clinical_audit.at_discharge import at_discharge
from gateway.clinical_audit.evidence import missing_lists, not_signed
from gateway.clinical_audit.in_hospital import in_hospital
from gateway.clinical_audit.stay import coded_conditions, how_it_ended
from gateway.records.audit import CaseFacts, Evidence, Gap, Moment, NamedFact, TimePoint
from gateway.records.decision import Decision
from gateway.records.lists import Allergy
from gateway.records.reconciliation import Reconciliation
from gateway.terminology.named import classes_named, ingredients_named
from gateway.terminology.vocabulary import Vocabulary

_LATER = Gap(code="other-time-point", words="What the patient takes months after the stay is not read from its lists.")


def case_facts(
    one: Reconciliation,
    vocabulary: Vocabulary,
    *,
    signed: bool,
    discharge: str | None = None,
    decisions: Mapping[str, Decision] | None = None,
) -> CaseFacts:
    """`discharge` names the list that tells what the patient leaves on; default: the one with the discharge role. A
    person's decision on a row outweighs what the list says. `signed` is whether the review is signed off."""
    decided = decisions or {}
    whole_stay, given = in_hospital(one, vocabulary, signed=signed)
    return CaseFacts(
        moments={
            TimePoint.ADMISSION: at_admission(one, decided, signed=signed),
            TimePoint.IN_HOSPITAL: whole_stay,
            TimePoint.ADMINISTERED: given,
            TimePoint.DISCHARGE: at_discharge(one, vocabulary, decided, discharge=discharge, signed=signed),
            TimePoint.FOLLOW_UP: Moment(unseen=_LATER),
        },
        allergies=tuple(
            _allergy(allergy, each.name, vocabulary)
            for each in one.lists
            for allergy in each.written.allergies
            if allergy.active and not allergy.none_known
        ),
        conditions=coded_conditions(one),
        ended=how_it_ended(one),
        process={flag.flag: flag.state.value for flag in one.process},
        intents=dict(Counter(d.intent.value for d in decided.values() if d.intent)),
        intents_gap=missing_lists(one) or not_signed(signed),
        signed=signed,
    )


def _allergy(allergy: Allergy, name: str, vocabulary: Vocabulary) -> NamedFact:
    """Only what the allergy itself names: one statin not tolerated proposes, a related class does not."""
    texts = [allergy.concept.text, *(c.display for c in allergy.concept.codings)]
    named: dict[str, None] = {}
    for text in filter(None, texts):
        substances = ingredients_named(text, vocabulary)
        named |= dict.fromkeys([*substances, *classes_named(text, vocabulary)])
        named |= dict.fromkeys(c for s in substances for c in vocabulary.classes_of(s))
    words = f"{name} records an allergy or intolerance: {allergy.concept.words}."
    return NamedFact(names=tuple(named), evidence=Evidence(words=words, list=name, entry=allergy.id))
