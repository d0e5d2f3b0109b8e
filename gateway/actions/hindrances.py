"""What stands against signing a review, said once for the page, the signature and the outcome."""

from __future__ import annotations

from gateway.actions.reviews import ReviewPage
from gateway.actions.second_check import rows_to_check
from gateway.records.lists import ListState, MedicineList
from gateway.review.words import incomplete_words


def hindrances(page: ReviewPage) -> tuple[str, ...]:
    """What stands against signing, each in one sentence: lists not complete, rows undecided, questions open."""
    lists = page.reconciliation.lists
    found = [f"{incomplete_words(x)}." for x in lists if x.state is not ListState.COMPLETE and not settled(x, page)]
    entries, to_check = page.reconciliation.entries(), rows_to_check(page)
    for row in page.reconciliation.rows:
        standing = page.decisions.get(row.id)
        decision = standing.decision if standing else None
        if decision is None and any(entries[e].current for e in row.entries):
            found.append(f"{row.medicine} is not decided.")
        elif decision is not None and decision.open:
            found.append(f"A question about {row.medicine} is open with the prescriber.")
        elif decision is not None and row.id in to_check and decision.checked_by is None:
            found.append(f"The decision on {row.medicine} waits for a second check by another person.")
    for one in lists:
        left = [q for q in one.written.quarantined if (q.list, q.resource) not in page.notes]
        if left:
            found.append(f"{len(left)} item(s) of the list {one.name} could not be understood.")
    return tuple(found)


def settled(one: MedicineList, page: ReviewPage) -> bool:
    """Whether all that the list lacked were items of which a person has said what they are."""
    items = one.written.quarantined
    return one.written.lacks_only_quarantined and all((q.list, q.resource) in page.notes for q in items)
