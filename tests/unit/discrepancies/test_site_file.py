"""What one site does otherwise: switched off, graded, critical, roles, thresholds; and that a wrong file stops."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from gateway.actions.reconcile import Knowledge, for_site, load_knowledge, reconcile
from gateway.actions.reconciliation_json import as_object
from gateway.actions.rule_catalogue import rule_catalogue
from gateway.cli.table import print_table
from gateway.discrepancies.site import read_site
from gateway.errors import SettingsError
from gateway.fhir.build import reconciliation_bundle
from gateway.records.discrepancy import Discrepancy
from gateway.records.reconciliation import Reconciliation
from tests.unit.discrepancies.rule_cases import AT, CaseList, CaseMedicine, RuleCase

README = Path(__file__).parents[3] / "README.md"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def at_site(text: str, knowledge: Knowledge, folder: Path) -> Knowledge:
    path = folder / "site.yaml"
    path.write_text(f"site: Example Trust\n{text}\n", encoding="utf-8")
    return for_site(knowledge.vocabulary, knowledge.rules, read_site(path))


CASE = RuleCase(
    id="site",
    say="Furosemide was doubled, apixaban halved, amlodipine 5 mg is 10 mg halved, and ramipril is missing.",
    lists={
        "gp": (
            CaseMedicine("Furosemide 40mg tablets", "One tablet a day"),
            CaseMedicine("Apixaban 5mg tablets", "One tablet twice a day"),
            CaseMedicine("Amlodipine 5mg tablets", "One tablet a day"),
            CaseMedicine("Ramipril 5mg capsules", "One capsule a day"),
        ),
        "discharge": (
            CaseMedicine("Furosemide 40mg tablets", "Two tablets a day"),
            CaseMedicine("Apixaban 2.5mg tablets", "One tablet twice a day"),
            CaseMedicine("Amlodipine 10mg tablets", "Half a tablet a day"),
        ),
    },
)


def result(knowledge: Knowledge) -> Reconciliation:
    return reconcile(CASE.written(), knowledge, AT, CASE.roles())


def about(one: Reconciliation, medicine: str, rule: str) -> Discrepancy:
    rows = {row.id: row.medicine for row in one.rows}
    return next(d for d in one.discrepancies if d.rule == rule and rows.get(d.row or "") == medicine)


def test_a_rule_that_is_switched_off_finds_nothing_and_is_named_everywhere(
    knowledge: Knowledge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert about(result(knowledge), "ramipril", "omission")
    mine = at_site("switched_off: [{rule: omission, why: We count stock by hand.}]", knowledge, tmp_path)
    one = result(mine)
    assert "omission" not in {d.rule for d in one.discrepancies} | {n.rule for n in one.not_evaluated}
    assert as_object(one)["switched_off"] == ["omission"]
    assert "Switched off at this site: rule omission" in reconciliation_bundle(one).decode()
    print_table(one, width=80)
    assert "Switched off at this site: omission" in capsys.readouterr().out
    line = next(line for line in rule_catalogue(mine) if line.id == "omission")
    assert line.switched_off == "We count stock by hand."


def test_a_finding_that_the_site_graded_says_so_and_from_what(
    knowledge: Knowledge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = at_site("regrade: [{rule: dose-differs, base: 1, why: Diuretics are titrated here.}]", knowledge, tmp_path)
    one = result(mine)
    found = about(one, "furosemide", "dose-differs")
    assert (found.severity, found.pack_severity) == (1, 2)
    assert (
        found.severity_reason
        == "1: graded so by this site; in the rule pack 2: may harm moderately (this rule's grade)"
    )
    assert found.site_words == "Graded by this site; 2 in the rule pack."
    anticoagulant = about(one, "apixaban", "dose-differs")
    assert (anticoagulant.severity, anticoagulant.pack_severity, anticoagulant.second_check) == (3, None, True)
    assert {d["pack_severity"] for d in as_object(one)["discrepancies"] if d["rule"] == "dose-differs"} == {2, None}
    assert found.site_words in reconciliation_bundle(one).decode()
    print_table(one, width=160)
    assert "Graded by this site" in capsys.readouterr().out
    line = next(line for line in rule_catalogue(mine) if line.id == "dose-differs")
    assert line.severity == "1; 3 for a critical medicine"
    assert line.graded_by_site == "2; 3 for a critical medicine in the rule pack; Diuretics are titrated here"


def test_the_grade_of_a_rule_that_only_raises_others(knowledge: Knowledge, tmp_path: Path) -> None:
    text = """
regrade:
  - {rule: anticoagulant-change, base: 2, why: Seen on every round.}
  - {rule: dose-differs, critical: 2, why: As above.}"""
    found = about(result(at_site(text, knowledge, tmp_path)), "apixaban", "dose-differs")
    assert (found.severity, found.pack_severity, found.second_check) == (2, 3, True)


def test_a_medicine_that_is_critical_at_this_site(knowledge: Knowledge, tmp_path: Path) -> None:
    one = result(at_site("critical_medicines: [furosemide]", knowledge, tmp_path))
    found = about(one, "furosemide", "dose-differs")
    assert (found.severity, found.pack_severity) == (3, None)
    assert found.severity_reason == "3: furosemide is on this site's list of critical medicines"
    assert about(one, "ramipril", "omission").severity == 2
    assert about(result(knowledge), "furosemide", "dose-differs").severity == 2


def test_a_threshold_that_the_site_moves(knowledge: Knowledge, tmp_path: Path) -> None:
    lists: dict[str, CaseList | tuple[CaseMedicine, ...]] = {
        "gp": (CaseMedicine("Levetiracetam 100mg/ml oral solution", "5 ml twice a day"),),
        "discharge": (CaseMedicine("Levetiracetam 100mg/ml oral solution", "5.5 ml twice a day"),),
    }
    case = RuleCase(id="threshold", say="A tenth more.", lists=lists)

    def rules(known: Knowledge) -> set[str]:
        return {d.rule for d in reconcile(case.written(), known, AT, case.roles()).discrepancies}

    assert "dose-differs" in rules(knowledge)
    assert "dose-differs" not in rules(at_site("thresholds: {dose_difference_share: 0.1}", knowledge, tmp_path))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("switched_off: [{rule: omision, why: x}]", "switched_off: omision is no rule"),
        ("switched_off: [{rule: omission}]", "$.switched_off[0]"),
        ("switched_off: [{rule: omission, why: ' '}]", "switched_off, omission: say why"),
        (
            "switched_off: [{rule: source-incomplete, why: x}]",
            "switched_off, source-incomplete: a list that is missing",
        ),
        ("switched_off: [{rule: omission, why: x}, {rule: omission, why: x}]", "omission stands twice"),
        ("regrade: [{rule: insulin, base: 4, why: x}]", "regrade, insulin: a severity is 0 to 3"),
        ("regrade: [{rule: insulin, why: x}]", "regrade, insulin: give base, critical or grades"),
        ("regrade: [{rule: insulin, grades: {odd: 1}, why: x}]", "regrade, insulin: odd is no grade"),
        ("critical_medicines: [wonderdrug]", "critical_medicines: wonderdrug is no known ingredient"),
        ("roles: {ward: nurse}", "$.roles"),
        ("thresholds: {appliance_severity: 0}", "thresholds: appliance_severity is none that a site may change"),
        ("thresholds: {dose_difference_share: 0.5}", "thresholds, dose_difference_share: it must be from 0 to 0.2"),
        ("thresholds: {stale_after_days: soon}", "thresholds, stale_after_days: "),
        ("thresholds: {stale_after_days: 1.5}", "thresholds, stale_after_days: "),
        ("swiched_off: []", "swiched_off"),
        ("regrade: [", "site.yaml"),
    ],
)
def test_a_wrong_file_stops_and_names_the_place(text: str, place: str, knowledge: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as stopped:
        at_site(text, knowledge, tmp_path)
    assert stopped.value.words.startswith("GATEWAY_SITE_FILE: ")
    assert place in stopped.value.words
    assert "\n" not in stopped.value.words


def test_the_example_of_the_readme_is_a_site_file(knowledge: Knowledge, tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(site: .*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")
    assert set(yaml.safe_load(text)) == set(read_site(path).__struct_fields__)
    mine = for_site(knowledge.vocabulary, knowledge.rules, read_site(path))
    assert result(mine).switched_off == ("uncoded",)
