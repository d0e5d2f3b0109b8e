"""A review: look at it, see the evidence of a row; what other pages of a review share."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.decide_row import decision_reasons
from gateway.actions.evidence import row_evidence
from gateway.actions.read_change import ReadChange
from gateway.actions.review_page import ShownReview, shown_review
from gateway.errors import GatewayError
from gateway.records.decision import Intent
from gateway.web.asked import Asked, asked, house_of

router = APIRouter()

FILTERS = (("all", "All"), ("to-decide", "To decide"), ("high-risk", "High risk"))

#: What a person may say of a difference; nothing is inferred (MedTax).
INTENTS = (
    (Intent.INTENTIONAL_DOCUMENTED.value, "Intended, and documented"),
    (Intent.INTENTIONAL_UNDOCUMENTED.value, "Intended, but not documented"),
    (Intent.UNINTENTIONAL.value, "Not intended"),
)

#: One column for each list, or the value first with who says so; from five lists on that is the default.
LAYOUTS = (("columns", "One column per list"), ("merged", "Merge lists that agree"))
MERGED_FROM = 5

#: Offered for how often; anything else may be typed.
OFTEN = (
    "once a day",
    "twice a day",
    "three times a day",
    "four times a day",
    "in the morning",
    "at night",
    "once a week",
)


@router.get("/reviews/{review}")
async def page(request: Request, review: str, decide: str = "") -> Response:
    one = await asked(request)
    found = await shown(one, review, record=not decide)
    return render(one, found, deciding=decide)


def address(review: str, show: str, layout: str, row: str = "", decide: str = "") -> str:
    """Of the page with its filter and layout, at a row, or with the row's panel open."""
    asked_for = {"decide": decide, "show": show if show != "all" else "", "layout": layout}
    query = urlencode({key: value for key, value in asked_for.items() if value})
    return f"/reviews/{review}{'?' + query if query else ''}{'#' + row if row else ''}"


async def shown(one: Asked, review: str, *, record: bool) -> ShownReview:
    house, gap = house_of(one.request), one.gap()
    return await asyncio.to_thread(
        shown_review, house.database, house.knowledge, review=review, by=one.person, now=house.now(), record=record,
        seconds=gap.seconds, timing=gap.how,
    )  # fmt: skip


def render(
    one: Asked,
    shown: ShownReview,
    *,
    deciding: str = "",
    error: GatewayError | None = None,
    read: ReadChange | None = None,
    clash: dict[str, str] | None = None,
) -> Response:
    """`read` is a change as it was understood, shown before it is saved; `clash` what somebody else did meanwhile."""
    view = shown.view
    show, layout = _places(one)
    kept = {
        "to-decide": {r.id for r in view.to_decide},
        "high-risk": {r.id for r in view.high_risk},
    }.get(show)
    if kept is not None and deciding:
        kept.add(deciding)
    rendered: Response = one.request.app.state.renderer.page(
        "review.html",
        one,
        error.http_status if error else 200,
        shown=shown.view,
        stored=shown.stored,
        changes=shown.changes,
        changes_since=shown.changes_since,
        age_now=shown.age,
        deciding=deciding,
        show=show if kept is not None else "all",
        kept=kept,
        filters=FILTERS,
        layouts=LAYOUTS,
        layout=layout,
        merged=layout == "merged" or (not layout and len(view.columns) >= MERGED_FROM),
        address=address,
        often=OFTEN,
        read=read,
        clash=clash,
        others=shown.others,
        held=shown.held,
        beside=shown.beside,
        failed=shown.failed,
        reasons=decision_reasons(),
        intents=INTENTS,
        error=error.words if error else None,
        given=one.form,
    )
    return rendered


def _places(one: Asked) -> tuple[str, str]:
    """Filter and layout, of the address or of the form that was sent from it; what is not known counts as not said."""
    asked_for = one.form or dict(one.request.query_params)
    show, layout = asked_for.get("show", ""), asked_for.get("layout", "")
    return (show if show in dict(FILTERS) else "all", layout if layout in dict(LAYOUTS) else "")


def back(review: str, one: Asked, row: str) -> str:
    return address(review, *_places(one), row)


@router.get("/reviews/{review}/rows/{row}/evidence")
async def evidence(request: Request, review: str, row: str) -> Response:
    one = await asked(request)
    house, gap = house_of(request), one.gap()
    found = await asyncio.to_thread(
        row_evidence, house.database, house.knowledge, review=review, row=row, by=one.person, now=house.now(),
        seconds=gap.seconds, timing=gap.how,
    )  # fmt: skip
    rendered: Response = request.app.state.renderer.page(
        "evidence.html", one, found=found, outcome_reasons={r.code: r.words for r in decision_reasons()}
    )
    return rendered
