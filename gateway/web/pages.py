"""The pages as one part of an application: routes, static files, error pages, headers."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from gateway.actions.house import House
from gateway.web import (
    access_log,
    accounts,
    audits,
    by_hand,
    compare,
    decide,
    handover,
    health,
    labour,
    metric_cards,
    metrics,
    monthly_report,
    my_work,
    outcomes,
    password,
    realist,
    reviews,
    row_acts,
    row_parts,
    saved_and_moved,
    sending,
    sign_in,
    sign_off,
    source_defects,
    sources,
    staffing,
    timeline,
    worklist,
)
from gateway.web.errors import add_error_pages
from gateway.web.headers import SecurityHeaders
from gateway.web.render import Renderer
from gateway.web.static_files import STATIC, VersionedStatic

#: Every part of the pages; each has a router.
PAGES = (
    sign_in,
    worklist,
    sending,
    reviews,
    decide,
    by_hand,
    row_parts,
    row_acts,
    outcomes,
    handover,
    sign_off,
    timeline,
    audits,
    labour,
    metric_cards,
    my_work,
    source_defects,
    monthly_report,
    staffing,
    compare,
    saved_and_moved,
    realist,
    sources,
    accounts,
    password,
    access_log,
    health,
    metrics,
)


def mount_pages(app: FastAPI, house: House) -> None:
    """Every page answers a browser without JavaScript; a script only saves a reload."""
    app.state.house = house
    app.state.renderer = Renderer(house.settings.organisation_name)
    for one in PAGES:
        app.include_router(one.router)
    app.mount("/static", VersionedStatic(directory=STATIC), name="static")
    add_error_pages(app)
    app.add_middleware(GZipMiddleware, compresslevel=5)
    app.add_middleware(SecurityHeaders, secure=house.settings.secure_cookies)
