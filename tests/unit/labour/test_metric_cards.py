"""Metric cards: shipped, checked, read from QualDash, and evaluated against an invented month."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from conformance.labour.month import Month
from gateway.labour.card_files import BadCard, metric_cards, read_card, read_cards
from gateway.labour.cards import change_in_words, evaluate
from gateway.labour.cube import Cube
from gateway.labour.qualdash import read_mss
from gateway.records.card import MetricCard, Point
from gateway.records.labour import ReviewFact
from gateway.settings import mappings_dir
from tests.unit.labour.test_simulated_month import cube_of

FOLDER = mappings_dir() / "metric_cards"
SCHEMA = json.loads((FOLDER / "schema.json").read_text())
WEEKS = ("2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26")
GOOD = json.loads((FOLDER / "cards" / "reconciled-within-24-hours.json").read_text())


def card(**other: object) -> MetricCard:
    return read_card(json.dumps(GOOD | other).encode(), "card.json")


def test_at_least_twelve_cards_are_shipped_and_hold_to_the_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert len(metric_cards()) >= 12
    for path in (FOLDER / "cards").glob("*.json"):
        jsonschema.validate(json.loads(path.read_text()), SCHEMA)
        assert path.stem == json.loads(path.read_text())["metric"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"table": "people"}, "table: 'people'"),
        ({"numerator": {"where": {"nurse": ["yes"]}}}, "numerator: 'nurse' is no column of review"),
        ({"denominator": {"where": {"ward": ["A"], "state": ["signed"]}}}, "denominator.operator: say AND or OR"),
        ({"by": ["actor"]}, "by: 'actor' is no column"),
        ({"unit": "minutes"}, "unit: a share"),
        ({"aggregate": "median"}, "unit: a share"),
        ({"suppressBelow": 1}, "suppressBelow"),
        ({"originSplit": True}, "originSplit"),
        ({"colour": "red"}, "colour"),
        ({"schemaVersion": 2}, "schemaVersion"),
        ({"target": {"value": "high", "direction": "at-least"}}, "$.target.value"),
        ({"exclusions": [{"words": "x", "filter": {"where": {"n": ["1"]}}}]}, "exclusions[0].filter: 'n'"),
    ],
)
def test_a_bad_card_is_refused_with_the_place_named(change: dict[str, object], place: str) -> None:
    with pytest.raises(BadCard) as refused:
        card(**change)
    assert str(refused.value).startswith("card.json: ")
    assert place in str(refused.value)


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(BadCard, match=r"card\.json: not JSON"):
        read_card(b"{", "card.json")


def test_no_card_can_count_by_person() -> None:
    for column in ("actor", "account", "resource", "person"):
        with pytest.raises(BadCard):
            card(by=[column])


def test_a_card_is_added_by_a_file_alone_and_two_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(GOOD | {"metric": "mine"}))
    assert [one.metric for one in read_cards(tmp_path)] == ["mine"]
    (tmp_path / "b.json").write_text(json.dumps(GOOD | {"metric": "mine"}))
    with pytest.raises(BadCard, match=r"b\.json: metric: 'mine'"):
        read_cards(tmp_path)


def test_the_cards_say_what_happened_in_an_invented_month() -> None:
    month = Month(7)
    cube, truth = cube_of(month), month.truth
    found = {one.metric: evaluate(one, cube, WEEKS) for one in metric_cards()}
    within = found["reconciled-within-24-hours"]
    assert (within.whole.part, within.whole.n) == (truth.within["yes"], truth.within.total())
    assert within.whole.value == truth.within["yes"] / truth.within.total()
    missing = found["lists-missing"]
    assert (missing.whole.part, missing.whole.n) == (truth.not_complete.total(), truth.fetched.total())
    assert sum(p.part for p in missing.groups["source"]) == missing.whole.part
    assert found["work-by-source"].whole.value == truth.defects.total()
    assert found["time-by-role"].whole.value == pytest.approx(sum(s.total() for s in truth.seconds.values()) / 60)
    hidden = sum(n for spent in truth.seconds.values() for what, n in spent.items() if what != "decision")
    assert found["hidden-work"].whole.value == pytest.approx(hidden / 60)
    decided = truth.decided
    assert found["overrides-by-reason"].whole.part == decided["overridden"] + decided["cleared"]
    assert sum(p.n for p in within.weeks) <= within.whole.n


def reviews(**by: int) -> Cube:
    cube = Cube()
    for state, n in by.items():
        fact = ReviewFact("2026-10-05", "Ash", "signed", state.replace("_", "-"), "no", "0", "no")
        cube.add(fact, times=n)
    return cube


def test_fewer_than_five_are_not_shown_nor_how_many() -> None:
    few = evaluate(card(), reviews(yes=3, no=1), WEEKS).whole
    assert (few.suppressed, few.value, few.part, few.n) == (True, None, 0, 0)
    assert evaluate(card(), reviews(yes=4, no=1), WEEKS).whole.value == 0.8


def test_what_is_excluded_is_counted_and_in_neither_part() -> None:
    found = evaluate(card(), reviews(yes=8, no=2, not_known=7), WEEKS)
    assert (found.whole.part, found.whole.n) == (8, 10)
    assert dict(found.excluded)["time of admission not known"] == 7


def test_missing_may_be_left_out_or_counted_as_a_failure() -> None:
    missing = {"exclusions": [], "missing": {"where": {"within_24_h": ["not-known"]}}}
    cube = reviews(yes=8, no=2, not_known=10)
    out = evaluate(card(**missing, missingPolicy="exclude"), cube, WEEKS).whole
    failed = evaluate(card(**missing, missingPolicy="count-as-failure"), cube, WEEKS).whole
    assert (out.value, failed.value) == (0.8, 0.4)


@pytest.mark.parametrize(
    ("before", "now", "direction", "words"),
    [
        (0.5, 0.6, "at-least", "Better: 10 points more"),
        (0.5, 0.4, "at-least", "Worse: 10 points less"),
        (0.5, 0.6, "at-most", "Worse: 10 points more"),
        (0.5, 0.501, "at-most", "No change"),
        (None, 0.5, "at-most", "Too few"),
    ],
)
def test_change_in_words(before: float | None, now: float | None, direction: str, words: str) -> None:
    one = card(target={"value": 0.9, "direction": direction})
    points = [Point(label="a", value=before, part=1, n=9), Point(label="b", value=now, part=1, n=9)]
    assert change_in_words(one, points).startswith(words)


def test_qualdash_is_read_with_a_warning_at_its_operator_trap() -> None:
    mss = {
        "metric": "Call-to-balloon", "desc": "minutes", "x": "2.01 DateOfAdmission", "y": ["derived_ctb", "all"],
        "yaggregates": ["count", "count"],
        "yfilters": {"derived_ctb": {"where": {"a": "1", "b": ["2", 3]}}, "all": {"where": "*"}},
    }  # fmt: skip
    (found,), warnings = read_mss(json.dumps([mss]).encode(), "old.json")
    assert [s.variable for s in found.series] == ["derived_ctb", "all"]
    assert found.series[0].filter.where == {"a": ("1",), "b": ("2", "3")}
    assert found.series[0].filter.operator == "AND"
    (warning,) = warnings
    assert "[0].yfilters.derived_ctb" in warning
    assert "only 'a'" in warning
    mss["yfilters"]["derived_ctb"]["operator"] = "OR"  # type: ignore[index]
    (found,), warnings = read_mss(json.dumps(mss).encode(), "old.json")
    assert (found.series[0].filter.operator, warnings) == ("OR", ())


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"nothing", "not JSON"),
        (b"{}", "[0].metric"),
        (b'{"metric": "m"}', "[0].y:"),
        (b'{"metric": "m", "y": ["a", "b"], "yaggregates": ["count"]}', "[0].yaggregates"),
        (b'{"metric": "m", "y": "a", "yaggregates": "count", "yfilters": {"a": 3}}', "[0].yfilters.a"),
        (
            b'{"metric": "m", "y": "a", "yaggregates": "count", "yfilters": {"a": {"where": {"start": 1}}}}',
            "range of dates",
        ),
    ],
)
def test_what_is_no_qualdash_file_is_refused_with_the_place(content: bytes, place: str) -> None:
    with pytest.raises(BadCard) as refused:
        read_mss(content, "old.json")
    assert place in str(refused.value)
