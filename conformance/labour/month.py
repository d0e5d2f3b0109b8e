"""An invented month: three wards, four sources, eight roles. Seeded; every figure's truth is kept as it is invented.

Written from the meaning of the measures, not from the code that computes them: nothing of `gateway.labour` is used.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from gateway.records.ledger import Act

START = dt.datetime(2026, 10, 5, 8, 0, tzinfo=dt.UTC)
WARDS = ("Cedar", "Birch", "Ash")
SOURCES = ("gp", "community-pharmacy", "hospital", "care-home")
FIELDS = ("4.05", "4.06", "4.07", "4.08", "4.27", "4.31")
#: role -> accounts, staff group and band
ROLES = {
    "pharmacist": (("u01", "u02", "u03"), "Add Prof Scientific and Technic", "7"),
    "pharmacy-technician": (("u04", "u05"), "Additional Clinical Services", "5"),
    "doctor": (("u06", "u07"), "Medical and Dental", ""),
    "nurse": (("u08", "u09"), "Nursing and Midwifery Registered", "6"),
    "audit-clerk": (("u10", "u11"), "Administrative and Clerical", "4"),
    "integrator": (("u12",), "Healthcare Scientists", "7"),
    "manager": (("u13",), "Administrative and Clerical", "8a"),
    "administrator": (("u14",), "Administrative and Clerical", "5"),
}
CAUSES = ("not-signed", "list-not-complete", "unclear")
REASONS = ("stale", "wrong-class-map", "stopped-not-recorded")


@dataclass
class Truth:
    """What really happened. Shares are (part, of), times lists of seconds; keys say by what they are broken down."""

    rows: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    abstained: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    overrides: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    confirm_seconds: list[int] = field(default_factory=list)
    shown_seconds: list[int] = field(default_factory=list)
    withheld_seconds: list[int] = field(default_factory=list)
    in_a_moment: int = 0
    second_entries: Counter[str] = field(default_factory=Counter)
    systems: list[int] = field(default_factory=list)
    locked: int = 0
    reworked: int = 0
    within: Counter[str] = field(default_factory=Counter)
    left_open: int = 0
    signed: int = 0
    review_seconds: list[int] = field(default_factory=list)
    fetched: Counter[str] = field(default_factory=Counter)
    not_complete: Counter[str] = field(default_factory=Counter)
    defects: Counter[tuple[str, str]] = field(default_factory=Counter)
    defect_seconds: Counter[tuple[str, str]] = field(default_factory=Counter)
    acts: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    gaps: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


class Month:
    """Acts with their moments, in order of time, and the truth about them."""

    def __init__(self, seed: int, reviews: int = 120, cases: int = 60) -> None:
        self.random = random.Random(seed)
        self.truth = Truth()
        self.acts: list[tuple[Act, str]] = []
        self._subject_clock: dict[tuple[str, str], dt.datetime] = {}
        for n in range(reviews):
            self._review(n)
        for n in range(cases):
            self._case(n)
        for n in range(reviews // 4):
            self._alias(n)
        self.acts.sort(key=lambda one: one[1])
        self.truth.rows = len(self.acts)

    # the parts of a month

    def _moment(self) -> dt.datetime:
        days, minutes = self.random.randrange(28), self.random.randrange(9 * 60)
        return START + dt.timedelta(days=days, minutes=minutes)

    def _write(self, act: Act, at: dt.datetime) -> None:
        self.acts.append((act, at.isoformat()))

    def _do(
        self, kind: str, subject: str, at: dt.datetime, role: str, *, hidden: str, seconds: int | None = None,
        item: str | None = None, reason: str | None = None, payload: dict[str, object] | None = None,
        told: bool = False, who: str = "",
    ) -> None:  # fmt: skip
        """A person's act; `hidden` says what its time was for."""
        actor = who or self.random.choice(ROLES[role][0])
        timing = None if seconds is None else "told" if told else "page"
        act = Act(
            kind=kind, subject=subject, item=item, actor=actor, role=role, reason=reason,
            seconds=None if seconds is None else float(seconds), timing=timing, payload=payload or {},
        )  # fmt: skip
        self._write(act, at)
        self.truth.acts[(role, kind)] += 1
        if seconds is not None:
            self.truth.seconds[role][hidden] += seconds
        if not told:
            before = self._subject_clock.get((subject, actor))
            if before is not None:
                self.truth.gaps[role].append(round((at - before).total_seconds()))
            self._subject_clock[(subject, actor)] = at

    def _review(self, n: int) -> None:
        rng, truth, subject, at = self.random, self.truth, f"review-{n:04}", self._moment()
        ward, known = rng.choice(WARDS), rng.random() < 0.9
        admitted = at - dt.timedelta(hours=rng.randrange(1, 40))
        missing = 0
        for source in SOURCES[: rng.randrange(2, 5)]:
            state = rng.choices(("complete", "partial", "failed"), (8, 1, 1))[0]
            missing += state != "complete"
            truth.fetched[source] += 1
            truth.not_complete[source] += state != "complete"
            cause = "" if state == "complete" else "not-answered"
            payload: dict[str, object] = {"name": source, "state": state, "cause": cause}
            self._write(Act(kind="source.fetched", subject=f"source-{source}", item=f"run-{n}", payload=payload), at)
        made: dict[str, object] = {"ward": ward, "lists_missing": missing}
        if known:
            made["admitted_at"] = admitted.isoformat()
        self._write(Act(kind="review.made", subject=subject, payload=made), at)
        who = rng.choice(ROLES["pharmacist"][0])
        at += dt.timedelta(seconds=5)
        self._do("review.opened", subject, at, "pharmacist", hidden="decision", who=who)
        whole = 0
        for row in range(rng.randrange(3, 12)):
            seconds = rng.randrange(2, 90)
            at += dt.timedelta(seconds=seconds + rng.randrange(0, 100))
            if rng.random() < 0.3:
                self._do("evidence.opened", subject, at, "pharmacist", hidden="cross-check", who=who, item=f"r{row}")
                at += dt.timedelta(seconds=1)
            self._do("row.decided", subject, at, "pharmacist", hidden="decision", who=who, seconds=seconds,
                     item=f"r{row}", reason=rng.choice((None, "dose-changed-on-ward")))  # fmt: skip
            whole += seconds
            if rng.random() < 0.1:
                at += dt.timedelta(seconds=10)
                self._do("query.raised", subject, at, "pharmacist", hidden="query", who=who, item=f"r{row}", seconds=8)
                at += dt.timedelta(seconds=600)
                self._do("query.answered", subject, at, "doctor", hidden="query", item=f"r{row}", seconds=20)
                whole += 28
        if rng.random() < 0.2:
            source = rng.choice(SOURCES)
            at += dt.timedelta(seconds=30)
            self._do("quarantine.understood", subject, at, "pharmacy-technician", hidden="cross-check", seconds=25,
                     item=f"{source}/MedicationStatement/{n}")  # fmt: skip
            whole += 25
            truth.defects[(source, "item-not-understood")] += 1
            truth.defect_seconds[(source, "item-not-understood")] += 25
        if rng.random() < 0.15:
            at += dt.timedelta(seconds=5)
            self._do("work.outside", subject, at, "nurse", hidden="cross-check", seconds=300, reason="phone-call",
                     told=True, payload={"system": "GP reception"})  # fmt: skip
            whole += 300
        if rng.random() < 0.85:
            at += dt.timedelta(seconds=40)
            left = rng.choice((0, 0, 0, 1, 2))
            self._do("review.signed", subject, at, "pharmacist", hidden="decision", who=who, seconds=35,
                     payload={"open": ["a sentence"] * left})  # fmt: skip
            whole += 35
            truth.signed += 1
            truth.left_open += left > 0
            truth.review_seconds.append(whole)
            if known:
                truth.within["yes" if at - admitted <= dt.timedelta(hours=24) else "no"] += 1

    def _case(self, n: int) -> None:
        rng, truth, subject, at = self.random, self.truth, f"case-{n:04}", self._moment()
        clerk, systems = rng.choice(ROLES["audit-clerk"][0]), set()
        rework = False
        answered: list[str] = []
        for name in FIELDS:
            at += dt.timedelta(seconds=rng.randrange(1, 70))
            kind = rng.choices(("proposed", "abstained", "withheld"), (7, 2, 1))[0]
            cause, source = rng.choice(CAUSES), rng.choice(SOURCES)
            truth.fields[kind] += 1
            truth.abstained[cause] += kind == "abstained"
            payload: dict[str, object] = {"pack": "minap", "source": source, "rule_version": "2026.1"}
            reason = cause if kind == "abstained" else None
            self._write(Act(kind=f"answer.{kind}", subject=subject, item=name, reason=reason, payload=payload), at)
            at += dt.timedelta(seconds=1)
            rework |= self._answer(kind, subject, at, name, source, clerk)
            answered.append(name)
            if rng.random() < 0.15:
                system = rng.choice(("ePMA", "summary care record", "paper notes"))
                systems.add(system)
                at += dt.timedelta(seconds=3)
                self._do("lookup.outside", subject, at, "audit-clerk", hidden="cross-check", who=clerk, item=name,
                         reason=system, seconds=120, told=True)  # fmt: skip
                self._defect(source if kind != "withheld" else "", "record-not-enough", 120)
            if rng.random() < 0.1:
                why = rng.choice(("policy", "workaround"))
                at += dt.timedelta(seconds=4)
                self._do("entry.second", subject, at, "audit-clerk", hidden="double-entry", who=clerk, item=name,
                         reason=why, seconds=15)  # fmt: skip
                truth.second_entries[why] += 1
                self._defect(source if kind != "withheld" else "", "record-not-enough", 15)
        truth.systems.append(len(systems))
        if rng.random() < 0.7:
            at += dt.timedelta(seconds=60)
            self._do("case.locked", subject, at, "audit-clerk", hidden="decision", who=clerk, seconds=5)
            truth.locked += 1
            again = rng.random()
            at += dt.timedelta(seconds=4000)
            if again < 0.1:
                self._do("case.unlocked", subject, at, "manager", hidden="decision", seconds=9)
            elif again < 0.2:
                self._write(Act(kind="answer.rejected", subject=subject, item=answered[0]), at)
            truth.reworked += again < 0.2

    def _answer(self, kind: str, subject: str, at: dt.datetime, name: str, source: str, clerk: str) -> bool:
        rng, truth = self.random, self.truth
        if kind != "proposed":
            if kind == "withheld" or rng.random() < 0.6:
                seconds = rng.randrange(15, 90)
                self._do("answer.entered", subject, at, "audit-clerk", hidden="decision", who=clerk, item=name,
                         seconds=seconds)  # fmt: skip
                if kind == "withheld":
                    truth.withheld_seconds.append(seconds)
            return False
        evidence, seconds = rng.random() < 0.5, rng.choice((1, 2, 4, 9, 15, 40))
        outcome = rng.choices(("confirmed", "overridden", "cleared", "untouched"), (14, 3, 1, 2))[0]
        if evidence:
            self._do("evidence.opened", subject, at, "audit-clerk", hidden="cross-check", who=clerk, item=name)
        if outcome == "untouched":
            return False
        truth.decided[outcome] += 1
        truth.shown_seconds.append(seconds)
        reason = rng.choice(REASONS) if outcome != "confirmed" else None
        hidden = "verification" if outcome == "confirmed" else "decision"
        self._do(f"answer.{outcome}", subject, at, "audit-clerk", hidden=hidden, who=clerk, item=name,
                 reason=reason, seconds=seconds)  # fmt: skip
        if outcome == "confirmed":
            truth.confirm_seconds.append(seconds)
            truth.in_a_moment += not evidence and seconds < 3
        elif reason:
            truth.overrides[(name, source, reason)] += 1
            self._defect(source, reason, seconds)
        return False

    def _defect(self, source: str, cause: str, seconds: int) -> None:
        self.truth.defects[(source, cause)] += 1
        self.truth.defect_seconds[(source, cause)] += seconds

    def _alias(self, n: int) -> None:
        source, at = self.random.choice(SOURCES), self._moment()
        self._do("alias.confirmed", f"alias-{n:04}", at, "pharmacist", hidden="cross-check", item=source, seconds=45,
                 reason="the box says so")  # fmt: skip
        self._defect(source, "name-not-read", 45)
