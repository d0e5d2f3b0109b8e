"""Every labour measure: name, words, unit, source and formula, in one place. There is no measure by person.

F all fields, P fields with a proposal, D those of P that a person decided; tau an idle threshold in seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from msgspec import Struct

from gateway.labour.cube import Cube
from gateway.labour.figures import amount, count, seconds_at, share
from gateway.labour.spread import total
from gateway.labour.work_steps import HIDDEN, WorkSteps
from gateway.records.labour import CaseFact, Fact, LabourMeasure, StepFact

DECIDED = frozenset({"confirmed", "overridden", "cleared"})
CHANGED = frozenset({"overridden", "cleared"})


Made = Callable[["Formula", Cube, WorkSteps], Iterable[LabourMeasure]]


class Formula(Struct, frozen=True, kw_only=True):
    """`written` is the formula as a reader may check it, `source` where it comes from; `made` gives its figures."""

    name: str
    label: str
    unit: str
    written: str
    source: str
    made: Made


_LABOUR = "the project's LABOUR design"
_DTR = "HL7 Da Vinci DTR 2.2.0 metrics; the project's LABOUR design"
_IRONIES = "Bainbridge 1983; Lyell and Coiera 2017; the project's LABOUR design"
_NICE = "NICE NG5 and QS120; the project's AUDIT design"

#: Every formula, in the order in which figures are shown.
FORMULAS: list[Formula] = []


def formula(name: str, label: str, unit: str, written: str, source: str) -> Callable[[Made], Made]:
    def keep(made: Made) -> Made:
        FORMULAS.append(Formula(name=name, label=label, unit=unit, written=written, source=source, made=made))
        return made

    return keep


def measures(cube: Cube, words: WorkSteps) -> tuple[LabourMeasure, ...]:
    """All figures of a cube, in the order of `FORMULAS`."""
    return tuple(figure for one in FORMULAS for figure in one.made(one, cube, words))


def _n(cube: Cube, table: str, **where: str | frozenset[str]) -> int:
    return sum(cell.n for _, cell in cube.select(table, **where))


def _times(cube: Cube, table: str, **where: str | frozenset[str]) -> Counter[int]:
    found: Counter[int] = Counter()
    for _, cell in cube.select(table, **where):
        found.update(cell.seconds)
    return found


def _by(cube: Cube, table: str, columns: tuple[str, ...], **where: str | frozenset[str]) -> dict[tuple[str, ...], int]:
    found: Counter[tuple[str, ...]] = Counter()
    for fact, cell in cube.select(table, **where):
        found[tuple(getattr(fact, c) for c in columns)] += cell.n
    return dict(sorted(found.items()))


def _times_by(
    cube: Cube, table: str, columns: tuple[str, ...], **where: str | frozenset[str]
) -> dict[tuple[str, ...], Counter[int]]:
    found: dict[tuple[str, ...], Counter[int]] = {}
    for fact, cell in cube.select(table, **where):
        if cell.seconds:
            found.setdefault(tuple(getattr(fact, c) for c in columns), Counter()).update(cell.seconds)
    return dict(sorted(found.items()))


@formula("auto-population", "Audit answers the gateway proposed", "share", "|P| / |F|", _DTR)
def _auto_population(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    proposed = _n(cube, "answer", proposed="proposed")
    yield share(f.name, f.label, proposed, proposed + _n(cube, "answer", proposed="abstained"), source=f.source)


@formula("abstention-by-cause", "Audit answers the gateway would not propose", "share", "|A| / |F| by cause", _LABOUR)
def _abstention(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    fields = _n(cube, "answer", proposed=frozenset({"proposed", "abstained"}))
    for (cause,), n in _by(cube, "answer", ("cause",), proposed="abstained").items():
        yield share(f.name, f.label, n, fields, (("cause", cause),), f.source)


@formula("acceptance", "Proposed answers confirmed unchanged, of those decided", "share", "unchanged / |D|", _DTR)
def _acceptance(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    decided = _n(cube, "answer", proposed="proposed", outcome=DECIDED)
    yield share(f.name, f.label, _n(cube, "answer", proposed="proposed", outcome="confirmed"), decided, source=f.source)


@formula(
    "override", "Proposed answers changed or cleared, of those decided", "share", "(changed + cleared) / |D|", _DTR
)
def _override(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    decided = _n(cube, "answer", proposed="proposed", outcome=DECIDED)
    yield share(f.name, f.label, _n(cube, "answer", proposed="proposed", outcome=CHANGED), decided, source=f.source)
    columns = ("field", "source", "rule_version")
    of = _by(cube, "answer", columns, proposed="proposed", outcome=DECIDED)
    for (*place, reason), n in _by(cube, "answer", (*columns, "reason"), proposed="proposed", outcome=CHANGED).items():
        group = (*zip(columns, place, strict=True), ("reason", reason))
        yield share("override-by-field", f"{f.label}, by field", n, of[tuple(place)], group, f.source)


@formula("active-seconds", "Active time, by the idle threshold", "seconds", "sum of gaps <= tau", _LABOUR)
def _active_time(f: Formula, cube: Cube, words: WorkSteps) -> Iterable[LabourMeasure]:
    for (role,), gaps in _times_by(cube, "gap", ("role",)).items():
        for band in words.bands:
            group = (("role", role), ("idle-after", str(band)))
            yield amount(f.name, f.label, total(gaps, at_most=band), gaps.total(), group, f.source)


@formula("recorded-seconds", "Time recorded with the acts", "seconds", "sum of seconds of acts", _LABOUR)
def _recorded_time(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    for (role,), times in _times_by(cube, "step", ("role",)).items():
        yield amount(f.name, f.label, total(times), times.total(), (("role", role),), f.source)


@formula(
    "time-per-confirmation",
    "Time to confirm a proposed answer",
    "seconds",
    "median and P90 of decided - shown - idle",
    _DTR,
)
def _confirmation(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    times = _times(cube, "answer", proposed="proposed", outcome="confirmed")
    yield seconds_at(f.name, f.label, times, 0.5, (("statistic", "median"),), f.source)
    yield seconds_at(f.name, f.label, times, 0.9, (("statistic", "P90"),), f.source)


@formula("median-seconds", "Time for one", "seconds", "median of seconds of acts of one kind", _LABOUR)
def _time_per_act(f: Formula, cube: Cube, words: WorkSteps) -> Iterable[LabourMeasure]:
    for (role, kind), times in _times_by(cube, "step", ("role", "kind")).items():
        group = (("role", role), ("act", kind))
        yield seconds_at(f.name, f"{f.label}: {words.steps[kind].words}", times, 0.5, group, f.source)


@formula("systems-consulted", "Other systems consulted", "per case", "mean of distinct systems per case", _LABOUR)
def _systems(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    cases = [(int(_case(fact).systems), cell.n) for fact, cell in cube.select("case")]
    n = sum(times for _, times in cases)
    mean = sum(systems * times for systems, times in cases) / n if n else 0.0
    yield amount(f.name, f.label, mean, n, source=f.source, unit="per case")


@formula("double-entry", "Fields entered more than once", "share", "fields with 2 or more entries / |F|", _LABOUR)
def _double_entry(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    fields = _n(cube, "answer")
    for why in ("policy", "workaround"):
        n = _n(cube, "answer", entries=frozenset({why, "both"}))
        yield share(f.name, f.label, n, fields, (("why", why),), f.source)


@formula(
    "first-time-right",
    "Locked cases never touched again",
    "share",
    "1 - (reopened, edited after lock or rejected) / locked",
    _LABOUR,
)
def _first_time_right(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    right, wrong = _n(cube, "case", right_first="yes"), _n(cube, "case", right_first="no")
    yield share(f.name, f.label, right, right + wrong, source=f.source)
    yield share("rework", "Locked cases touched again", wrong, right + wrong, source=f.source)


@formula(
    "unverified-acceptance",
    "Confirmed in a moment, with no evidence opened",
    "share",
    "confirmed without evidence in less than delta / confirmed",
    _IRONIES,
)
def _unverified(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    confirmed = _n(cube, "answer", proposed="proposed", outcome="confirmed")
    n = _n(cube, "answer", proposed="proposed", outcome="confirmed", verified="in-a-moment")
    yield share(f.name, f.label, n, confirmed, source=f.source)


@formula(
    "hidden-share",
    "Time that is hidden work",
    "share",
    "(cross-check + double entry + queries + verification) / recorded time",
    _LABOUR,
)
def _hidden(f: Formula, cube: Cube, words: WorkSteps) -> Iterable[LabourMeasure]:
    by_category: Counter[str] = Counter()
    acts = 0
    for fact, cell in cube.select("step"):
        step = _step(fact)
        by_category[words.category(step.kind, step.reason)] += total(cell.seconds)
        acts += cell.seconds.total()
    active = by_category.total()
    hidden = sum(by_category[c] for c in HIDDEN)
    yield amount(f.name, f.label, hidden / active if active else 0.0, acts, source=f.source, unit="share")
    for category, seconds in sorted(by_category.items()):
        group = (("category", category),)
        yield amount("time-by-category", "Recorded time, by what it was for", seconds, acts, group, f.source)


@formula(
    "withheld-difference",
    "Time for an answer, with and without pre-fill",
    "seconds",
    "median shown - median withheld",
    _LABOUR,
)
def _withheld(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    """With a pre-filled answer a person confirms or changes it, with a withheld one enters it."""
    shown = _times(cube, "answer", proposed="proposed", outcome=DECIDED)
    blank = _times(cube, "answer", proposed="withheld", outcome="entered")
    with_, without = (seconds_at(f.name, f.label, h, 0.5) for h in (shown, blank))
    yield seconds_at(f.name, f.label, shown, 0.5, (("pre-fill", "shown"),), f.source)
    yield seconds_at(f.name, f.label, blank, 0.5, (("pre-fill", "withheld"),), f.source)
    if with_.value is not None and without.value is not None:
        group = (("pre-fill", "difference"),)
        n = min(with_.n, without.n)
        yield amount(f.name, f.label, with_.value - without.value, n, group, f.source)


@formula(
    "within-24-h",
    "Reviews signed within 24 hours of admission",
    "share",
    "signed within 24 h / signed, admission known",
    _NICE,
)
def _within_24_h(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    yes, no = _n(cube, "review", within_24_h="yes"), _n(cube, "review", within_24_h="no")
    yield share(f.name, f.label, yes, yes + no, source=f.source)


@formula(
    "seconds-per-review", "Time recorded for one signed review", "seconds", "median of seconds of all its acts", _LABOUR
)
def _minutes_per_discharge(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    yield seconds_at(f.name, f.label, _times(cube, "review", state="signed"), 0.5, source=f.source)


@formula(
    "unresolved-at-sign-off",
    "Reviews signed with something left open",
    "share",
    "signed with open things / signed",
    _LABOUR,
)
def _unresolved(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    left = _n(cube, "review", state="signed", unresolved="yes")
    yield share(f.name, f.label, left, _n(cube, "review", state="signed"), source=f.source)


@formula("lists-missing", "Lists not received whole", "share", "not complete / fetched, by source", _LABOUR)
def _lists_missing(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    fetched = _by(cube, "list", ("source",))
    for (source,), n in fetched.items():
        complete = _n(cube, "list", source=source, state="complete")
        yield share(f.name, f.label, n - complete, n, (("source", source),), f.source)


@formula("defects", "Acts that a source's records caused", "count", "acts by source and cause", _LABOUR)
def _defects(f: Formula, cube: Cube, _: WorkSteps) -> Iterable[LabourMeasure]:
    columns = ("source", "cause")
    times = _times_by(cube, "defect", columns)
    for key, n in _by(cube, "defect", columns).items():
        group = tuple(zip(columns, key, strict=True))
        yield count(f.name, f.label, n, group, f.source, of_people=False)
        if known := times.get(key):
            label = "Time that a source's records cost"
            yield amount("defect-seconds", label, total(known), known.total(), group, f.source)


@formula("acts-by-role", "Acts", "count", "acts by role and kind", _LABOUR)
def _acts_by_role(f: Formula, cube: Cube, words: WorkSteps) -> Iterable[LabourMeasure]:
    for (role, kind), n in _by(cube, "step", ("role", "kind")).items():
        yield count(f.name, words.steps[kind].words, n, (("role", role), ("act", kind)), f.source)


@formula("acts-by-reason", "Acts by reason", "count", "acts by role, kind and reason", _LABOUR)
def _acts_by_reason(f: Formula, cube: Cube, words: WorkSteps) -> Iterable[LabourMeasure]:
    for (role, kind, reason), n in _by(cube, "step", ("role", "kind", "reason")).items():
        if reason:
            group = (("role", role), ("act", kind), ("reason", reason))
            yield count(f.name, words.steps[kind].words, n, group, f.source)


def _step(fact: Fact) -> StepFact:
    assert isinstance(fact, StepFact)
    return fact


def _case(fact: Fact) -> CaseFact:
    assert isinstance(fact, CaseFact)
    return fact
