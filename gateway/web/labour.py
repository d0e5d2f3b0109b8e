"""Hidden work: counts, shares and times from the ledger, drawn and as a table."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.access import ROLE_WORDS
from gateway.actions.audit_cases import override_reasons
from gateway.actions.decide_row import decision_reasons
from gateway.actions.labour_page import labour_page
from gateway.records.labour import LabourMeasure
from gateway.web.asked import asked, house_of
from gateway.web.metric_cards import COLUMN_WORDS

router = APIRouter()

#: Label, value, sample size, whether it is suppressed.
Bar = tuple[str, float | None, int, bool]


class Figure(NamedTuple):
    measure: LabourMeasure
    group: dict[str, str]


@router.get("/labour")
async def page(request: Request) -> Response:
    one = await asked(request)
    found = await asyncio.to_thread(labour_page, house_of(request).database, by=one.person)
    reasons = {r.code: r.words for r in decision_reasons()} | {r.code: r.words for r in override_reasons()}
    by_name: dict[str, list[Figure]] = {}
    for measure in found.measures:
        by_name.setdefault(measure.name, []).append(Figure(measure, dict(measure.group)))
    rendered: Response = request.app.state.renderer.page(
        "labour.html",
        one,
        measures={name: [f.measure for f in figures] for name, figures in by_name.items()},
        rows=found.rows,
        reasons=reasons,
        roles=ROLE_WORDS,
        acts_by_role=_by_role(by_name.get("acts-by-role", [])),
        by_reason=by_name.get("acts-by-reason", []),
        times=[*by_name.get("median-seconds", []), *by_name.get("recorded-seconds", [])],
        formulas=[
            (f, [Figure(m, dict(m.group)) for m in found.measures if m.name in (f.name, *f.also)])
            for f in found.formulas
        ],
        columns=COLUMN_WORDS
        | {
            "idle-after": "idle after, s",
            "statistic": "statistic",
            "act": "act",
            "why": "why",
            "category": "for",
            "pre-fill": "pre-fill",
            "rule_version": "rules",
        },
        abstained=[_share_bar(f, f.group["cause"].replace("-", " ")) for f in by_name.get("abstention-by-cause", [])],
    )
    return rendered


def _by_role(figures: list[Figure]) -> dict[str, list[Bar]]:
    found: dict[str, list[Bar]] = {}
    for figure in figures:
        found.setdefault(figure.group["role"], []).append(_bar(figure, figure.measure.label))
    return found


def _bar(figure: Figure, label: str) -> Bar:
    return (label, figure.measure.value, figure.measure.n, figure.measure.suppressed)


def _share_bar(figure: Figure, label: str) -> Bar:
    """In per cent, to one decimal."""
    value = figure.measure.value
    return (label, None if value is None else round(100 * value, 1), figure.measure.n, figure.measure.suppressed)
