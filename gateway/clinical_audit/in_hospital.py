"""What was prescribed and given during the stay: the inpatient list, and administrations where the hospital sends them.

An inpatient list shows what stands on it when it is fetched. What was given once and ended (heparin for an
angiogram) may be on it no longer, so absence proves nothing without the record of administrations.
"""

from __future__ import annotations

from gateway.clinical_audit.at_discharge import lowest_daily_mg
from gateway.clinical_audit.evidence import missing_lists, not_signed, of_documents, of_entries
from gateway.records.audit import Evidence, Gap, MedicineFact, Moment, Standing
from gateway.records.lists import Administration, ListRole, ListState, MedicineEntry, MedicineList
from gateway.records.matching import Row
from gateway.records.reconciliation import Reconciliation
from gateway.terminology.named import ingredients_named
from gateway.terminology.vocabulary import Vocabulary, normalise_words

_GIVEN = {"completed", "in-progress"}
_NO_LIST = Gap(
    code="no-inpatient-list", words="No inpatient list and no record of administrations was received for the stay."
)
_NO_ADMINISTRATIONS = Gap(
    code="no-administration-record",
    words="No record of what was given was received; a list alone does not show what was given and ended.",
)
_NEVER_STARTED = {"cancelled", "not-taken", "intended", "declined", "entered-in-error"}


def in_hospital(one: Reconciliation, vocabulary: Vocabulary, *, signed: bool) -> tuple[Moment, Moment]:
    """In hospital (ordered or given), and given only."""
    lists = _hospital(one)
    given = [a for each in lists for a in each.written.administrations]
    facts, gap = _given(given, vocabulary)
    gap = (None if given else _NO_ADMINISTRATIONS) or missing_lists(one) or gap or not_signed(signed)
    proof = tuple(p for each in lists for p in of_documents(each))
    only_given = Moment(medicines=facts, unseen=None if given else _NO_ADMINISTRATIONS, gap=gap, proof=proof)
    inpatient = {each.name for each in lists if each.role is ListRole.INPATIENT}
    if not inpatient and not given:
        return Moment(unseen=_NO_LIST), only_given
    entries = one.entries()
    ordered = (
        _ordered(row, entries[e])
        for row in one.rows
        if row.ingredients
        for e in row.entries
        if entries[e].list in inpatient
    )
    return Moment(medicines=(*facts, *ordered), gap=gap, proof=proof), only_given


def _hospital(one: Reconciliation) -> list[MedicineList]:
    wanted = {ListRole.INPATIENT, ListRole.DISCHARGE}
    return [each for each in one.lists if each.role in wanted and each.state is not ListState.FAILED]


def _ordered(row: Row, entry: MedicineEntry) -> MedicineFact:
    written = entry.written
    never = written.status in _NEVER_STARTED or written.do_not_perform
    return MedicineFact(
        medicine=row.medicine,
        ingredients=row.ingredients,
        standing=Standing.UNCLEAR if never or written.status in {"on-hold", "unknown"} else Standing.TAKEN,
        why=f"{row.medicine} was ordered, with the status {written.status}."
        if never
        else f"{row.medicine} is on the inpatient list.",
        evidence=of_entries([entry]),
        kind_of_route=row.kind_of_route,
        route=entry.route,
        daily_mg=lowest_daily_mg((entry,)),
        by_text=True,
    )


def _given(given: list[Administration], vocabulary: Vocabulary) -> tuple[tuple[MedicineFact, ...], Gap | None]:
    facts, unknown = [], []
    for one in given:
        ingredients = ingredients_named(one.words or "", vocabulary)
        where = Evidence(words=f"given: {one.words}", list=one.list, entry=one.id, document=one.document)
        if not ingredients:
            unknown.append(where)
            continue
        if one.status in {"not-done", "entered-in-error"}:
            continue
        route = _route(one, vocabulary)
        known = vocabulary.routes.get(route or "")
        taken = one.status in _GIVEN
        facts.append(
            MedicineFact(
                medicine=" + ".join(ingredients),
                ingredients=ingredients,
                standing=Standing.TAKEN if taken else Standing.UNCLEAR,
                why=f"{' + '.join(ingredients)} was given."
                if taken
                else f"Whether {' + '.join(ingredients)} was given is not certain ({one.status}).",
                evidence=(where,),
                kind_of_route=known.kind if known else None,
                route=route,
            )
        )
    words = f"{len(unknown)} medicine(s) that were given could not be read; one of them may be it."
    return tuple(facts), Gap(code="unread-medicine", words=words, evidence=tuple(unknown)) if unknown else None


def _route(one: Administration, vocabulary: Vocabulary) -> str | None:
    if one.route is None:
        return None
    for coding in one.route.codings:
        if coding.code and coding.code in vocabulary.route_codes:
            return vocabulary.route_codes[coding.code]
    words = normalise_words(one.route.words or "")
    return words if words in vocabulary.routes else vocabulary.route_words.get(words)
