"""Search a FHIR server for one patient's resources: by POST where it can, every page, only from its own address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from gateway.records.lists import ListState
from gateway.sources.attempt import Attempt, Calls
from gateway.sources.identity import check_subjects
from gateway.sources.pages import Page, Tree, check_status, read_page
from gateway.sources.problem import SourceProblem
from gateway.sources.transport import Answer

MOST_PAGES = 200
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_GONE = 410


async def first_page(attempt: Calls, kind: str, parameters: Sequence[tuple[str, str]]) -> tuple[Answer, Page]:
    """By POST, so that identifiers stay out of addresses and logs; by GET where the server has no POST _search."""
    form = urlencode(parameters)
    answer = None
    if not attempt.transport.ignores_forms:
        answer = await attempt.ask("POST", f"{kind}/_search", body=form.encode(), headers=_FORM)
    if answer is None or answer.status in {404, 405, 415, 501}:
        answer = await attempt.ask("GET", f"{kind}?{form}")
    check_status(answer, kind)
    return answer, await _page(attempt, answer, f"{kind}/_search")


async def search(
    attempt: Attempt, kind: str, parameters: Sequence[tuple[str, str]], patient_id: str
) -> tuple[Tree, ...]:
    """All resources of one type for one patient, kept page by page; what is missing is noted on the attempt.

    Raises SourceProblem where not even the first page came, WrongPatient where an item is of another patient.
    """
    answer, page = await first_page(attempt, kind, parameters)
    if page.asked is not None and not page.asked & {"patient", "subject"}:
        raise SourceProblem(f"it answered the question for {kind} without regard to the patient")
    try:
        found = await _all_pages(attempt, kind, answer, page, patient_id)
    except Withdrawn:
        # A result set that expired while it was being read: once more from the start.
        answer, page = await first_page(attempt, kind, parameters)
        try:
            found = await _all_pages(attempt, kind, answer, page, patient_id)
        except Withdrawn:
            raise SourceProblem("its pages were withdrawn twice while they were being fetched (410)") from None
    attempt.received.add(kind)
    return found


class Withdrawn(Exception):
    """410 in the middle of paging."""


async def _all_pages(attempt: Attempt, kind: str, answer: Answer, page: Page, patient_id: str) -> tuple[Tree, ...]:
    kept: list[tuple[Answer, str]] = []
    resources: list[Tree] = []
    matches: set[str] = set()
    seen = {answer.url}
    total, number = page.total, 1
    whole = True
    while True:
        check_subjects(page.resources, patient_id, attempt.query)
        kept.append((answer, f"{kind}/_search, page {number}"))
        resources += page.resources
        matches |= set(page.matches)
        if page.outcomes:
            attempt.note(SourceProblem(f"it reported a problem ({', '.join(page.outcomes)})"), kind)
        if page.next is None:
            break
        try:
            answer, page = await next_page(attempt, kind, page.next, seen, number)
        except SourceProblem as problem:
            attempt.note(problem, f"page {number + 1} of {kind} is missing")
            whole = False
            break
        number += 1
    for one, origin in kept:
        attempt.keep(one, origin)
    if whole and total is not None and total != len(matches):
        cause = f"it announced {total} and sent {len(matches)}"
        attempt.note(SourceProblem(cause, ListState.PARTIAL), kind)
    return tuple(resources)


async def next_page(attempt: Calls, kind: str, link: str, seen: set[str], number: int) -> tuple[Answer, Page]:
    """The page that the `number`th one links to. Raises SourceProblem, or Withdrawn where the result set is gone."""
    url = attempt.transport.url_of(f"{kind}{link}" if link.startswith("?") else link)
    if url in seen:
        raise SourceProblem("its pages go in a circle")
    if number >= MOST_PAGES:
        raise SourceProblem(f"it goes on for more than {MOST_PAGES} pages")
    seen.add(url)
    answer = await attempt.ask("GET", url)
    if answer.status == _GONE:
        raise Withdrawn
    check_status(answer, "this page")
    return answer, await _page(attempt, answer, f"{kind}/_search, page {number + 1}")


async def _page(attempt: Calls, answer: Answer, origin: str) -> Page:
    try:
        return await read_page(answer, "a search result")
    except SourceProblem:
        attempt.keep(answer, origin, usable=False)
        raise


def parameters_of(patient_id: str, more: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return (("patient", f"Patient/{patient_id}"), *more.items())
