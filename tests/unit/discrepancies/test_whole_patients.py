"""Whole patients: every finding that a ward pharmacist would expect, and nothing beside them."""

from __future__ import annotations

from collections import Counter

import pytest

from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.records.reconciliation import Reconciliation
from tests.unit.discrepancies.rule_cases import AT
from tests.unit.discrepancies.story_cases import Story, load_stories

STORIES = load_stories()
#: Names in the stories carry no codes; the rule that says so has cases of its own.
LEFT_OUT = "uncoded"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def told(story: Story, knowledge: Knowledge) -> Reconciliation:
    return reconcile(story.written(), knowledge, AT, story.roles())


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.id)
def test_every_finding_and_no_other(story: Story, knowledge: Knowledge) -> None:
    result = told(story, knowledge)
    medicine = {row.id: row.medicine for row in result.rows}
    of_entry = {e: row.medicine for row in result.rows for e in row.entries}
    left = [d for d in result.discrepancies if d.rule != LEFT_OUT]
    missing = []
    for expected in story.expected:
        hit = next(
            (
                d
                for d in left
                if (d.rule, d.severity, d.second_check) == (expected.rule, expected.severity, expected.second_check)
                and (d.row is None) == (expected.medicine is None)
                and any(
                    (expected.medicine or "") in name
                    for name in ((medicine[d.row], *(of_entry[e] for e in d.entries)) if d.row else ("",))
                )
            ),
            None,
        )
        if hit is None:
            missing.append(expected)
        else:
            left.remove(hit)
    beside = [f"{d.rule} {d.severity}{' second check' if d.second_check else ''}: {d.message}" for d in left]
    assert (missing, beside) == ([], [])


@pytest.mark.parametrize("story", [s for s in STORIES if s.could_not], ids=lambda story: story.id)
def test_what_could_not_be_looked_at_says_why(story: Story, knowledge: Knowledge) -> None:
    causes = {n.rule: n.cause for n in told(story, knowledge).not_evaluated}
    for rule, words in story.could_not.items():
        assert words in causes.get(rule, "evaluated"), (rule, causes.get(rule))


def test_the_stories_use_the_whole_catalogue(knowledge: Knowledge) -> None:
    """The rule that only raises others is used where a second check is expected."""
    used = Counter(expected.rule for story in STORIES for expected in story.expected)
    assert any(expected.second_check for story in STORIES for expected in story.expected)
    raising = {one.rule for one in knowledge.rules.interplay.raises}
    assert {rule.id for rule in knowledge.rules.rules} - raising - set(used) == {LEFT_OUT}
    assert len({story.id for story in STORIES}) == len(STORIES) >= 12
