"""What must hold for any patient: order says nothing, agreement adds nothing, no rule is silent for want of data."""

from __future__ import annotations

import random
from collections import Counter

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.actions.reconciliation_json import as_json
from gateway.discrepancies.needs import missing
from gateway.discrepancies.view import RuleView
from gateway.errors import InputError
from gateway.fhir.read import failed
from gateway.matching.rows import match
from gateway.records.discrepancy import Discrepancy
from gateway.records.lists import ListAsWritten, ListRole, ListState
from gateway.records.reconciliation import Reconciliation
from tests.unit.discrepancies.generated import PROTECTS, medicines, named, written
from tests.unit.discrepancies.rule_cases import AT, CaseMedicine

ROLES = {
    "gp": ListRole.PRE_ADMISSION,
    "clinic": ListRole.PRE_ADMISSION,
    "ward": ListRole.INPATIENT,
    "discharge": ListRole.DISCHARGE,
    "pharmacy": ListRole.SUPPLY,
}
#: One for each list that sends no codes, however many lists there are.
PER_LIST = {"uncoded"}
Lists = tuple[CaseMedicine, ...]
Found = tuple[str, int, bool, str]
KNOWN: list[Knowledge] = []

often = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", autouse=True)
def loaded(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Not a fixture that tests take: Hypothesis would print all of it with an example that fails."""
    KNOWN.append(load_knowledge(tmp_path_factory.mktemp("knowledge")))


def result(lists: list[ListAsWritten], **roles: ListRole) -> Reconciliation:
    return reconcile(lists, KNOWN[0], AT, {n: r for n, r in (ROLES | roles).items() if n in {x.name for x in lists}})


def of_row(one: Discrepancy, told: Reconciliation) -> str:
    """The medicines a finding is about, without the lists."""
    ids = set(one.entries)
    return " + ".join(sorted({r.medicine.lower() for r in told.rows if r.id == one.row or ids & set(r.entries)}))


def findings(told: Reconciliation) -> Counter[Found]:
    counted = [d for d in told.discrepancies if d.rule not in PER_LIST]
    return Counter((d.rule, d.severity, d.second_check, of_row(d, told)) for d in counted)


def between(told: Reconciliation) -> Counter[str]:
    """Findings of rules between lists. A name that nobody understands stands in a row of its own on each list, and is
    said of each: left out."""
    rules = {rule.id for rule in KNOWN[0].rules.rules if rule.scope == "between"}
    unread = {row.id for row in told.rows if not row.ingredients}
    return Counter(d.rule for d in told.discrepancies if d.rule in rules and d.row not in unread)


@given(gp=medicines(), discharge=medicines(), ward=medicines(most=4))
@often
def test_a_list_that_says_the_same_adds_nothing(gp: Lists, discharge: Lists, ward: Lists) -> None:
    """What is within a list may be said of the copy, too; no rule says more of any medicine than before."""
    lists = written(gp=gp, discharge=discharge, ward=ward)
    before = result(lists)
    after = result([*lists, named(lists[0], "copy")], copy=ListRole.PRE_ADMISSION)
    assert set(findings(after)) == set(findings(before))
    assert between(after) == between(before)


@given(gp=medicines(), discharge=medicines())
@often
def test_a_supply_of_the_same_adds_findings_about_supplies_only(gp: Lists, discharge: Lists) -> None:
    lists = written(gp=gp, discharge=discharge, pharmacy=tuple(one for one in gp if one.status == "active"))
    before, after = findings(result(lists[:2])), findings(result(lists))
    added = {rule for rule, *_ in set(after) - set(before)}
    assert added <= {"old-supply-alive", "possible-non-adherence"}, added


@given(gp=medicines(), more=medicines(), discharge=medicines(), given_discharge=st.booleans())
@often
def test_two_lists_from_before_may_change_places(
    gp: Lists, more: Lists, discharge: Lists, given_discharge: bool
) -> None:
    one, two, leaving = written(gp=gp, clinic=more, discharge=discharge)
    rest = [leaving] if given_discharge else []
    roles = {"a": ListRole.PRE_ADMISSION, "b": ListRole.PRE_ADMISSION}
    first = result([named(one, "a"), named(two, "b"), *rest], **roles)
    second = result([named(one, "b"), named(two, "a"), *rest], **roles)
    assert findings(first) == findings(second)
    assert {n.rule for n in first.not_evaluated} == {n.rule for n in second.not_evaluated}


@given(gp=medicines(), discharge=medicines(least=1), pick=st.randoms(use_true_random=False))
@often
def test_what_leaves_the_discharge_list_is_an_omission_or_nothing(
    gp: Lists, discharge: Lists, pick: random.Random
) -> None:
    """Of what is to be taken. What protects from a hazard is left out: without it the hazard comes up, as it should."""
    taken = [n for n, one in enumerate(discharge) if one.status == "active" and one.name not in PROTECTS[0]]
    assume(taken)
    n = pick.choice(taken)
    before = result(written(gp=gp, discharge=discharge))
    after = result(written(gp=gp, discharge=discharge[:n] + discharge[n + 1 :]))
    instead = {a.by for a in KNOWN[0].rules.interplay.absorbs if "omission" in a.absorbs} | {"omission"}
    # What absorbs such a finding in turn: two anticoagulants at once, of which one probably replaces the other.
    instead |= {a.by for a in KNOWN[0].rules.interplay.absorbs if instead & set(a.absorbs)}
    # What is in one list by itself may come to light: a taper on the practice's list that the discharge list repeated.
    between_lists = {rule.id for rule in KNOWN[0].rules.rules if rule.scope == "between"} | instead
    added = Counter({one: n for one, n in (findings(after) - findings(before)).items() if one[0] in between_lists})
    assert sum(added.values()) <= 1, added
    assert {rule for rule, *_ in added} <= instead, added


@given(gp=medicines(), clinic=medicines(), discharge=medicines(), pharmacy=medicines(), pick=st.randoms())
@often
def test_order_changes_nothing(
    gp: Lists, clinic: Lists, discharge: Lists, pharmacy: Lists, pick: random.Random
) -> None:
    lists = written(gp=gp, clinic=clinic, discharge=discharge, pharmacy=pharmacy)
    mixed = []
    for one in lists:
        entries = list(one.entries)
        pick.shuffle(entries)
        mixed.append(msgspec.structs.replace(one, entries=tuple(entries)))
    pick.shuffle(mixed)
    assert as_json(result(mixed)) == as_json(result(lists))


@given(
    gp=medicines(),
    clinic=medicines(),
    discharge=medicines(),
    pharmacy=medicines(),
    kept=st.sets(st.sampled_from(("gp", "clinic", "discharge", "pharmacy")), min_size=1),
    broken=st.sampled_from((None, "gp", "clinic", "discharge", "pharmacy")),
)
@often
def test_every_rule_finds_looks_or_says_why_not(
    gp: Lists,
    clinic: Lists,
    discharge: Lists,
    pharmacy: Lists,
    kept: set[str],
    broken: str | None,
) -> None:
    lists = [one for one in written(gp=gp, clinic=clinic, discharge=discharge, pharmacy=pharmacy) if one.name in kept]
    lists = [failed(one.name, InputError("no answer")) if one.name == broken else one for one in lists]
    told = result(lists)
    view = RuleView.build(told.patient, AT, told.lists, match(told.lists, KNOWN[0].vocabulary), KNOWN[0].vocabulary)
    could_not = {n.rule for n in told.not_evaluated}
    found = {d.rule for d in told.discrepancies}
    assert all(n.cause.strip() for n in told.not_evaluated)
    for rule in KNOWN[0].rules.rules:
        if missing(view, rule.needs):
            assert rule.id in could_not, rule.id
            assert rule.id not in found, rule.id
    if broken in kept:
        assert any(d.rule == "source-incomplete" and f"{broken}#state" in d.evidence for d in told.discrepancies)
        assert any(one.state is ListState.FAILED for one in told.lists)
