"""One line of the access log: who looked at what, when, and whether they were let."""

from __future__ import annotations

from msgspec import Struct

#: What each act of the access log is, in words; what is not here is shown as its code.
ACCESS_WORDS = {
    "sign-in": "signed in",
    "sign-out": "signed out",
    "review.see": "opened the review",
    "outcome.see": "opened the outcome of a review",
    "outcome.print": "called up the medicines list for paper",
    "outcome.export": "took the outcome of a review as a file",
    "evidence.row": "opened the evidence of a medicine",
    "evidence.cited": "opened the evidence of an audit answer",
    "audit.see": "opened an audit form",
    "worklist.see": "looked at the worklist",
    "audits.see": "looked at the list of audit forms",
    "patient.search": "searched for a patient and fetched the lists",
    "patient.reconcile": "reconciled a patient's lists",
    "access-log.see": "read the access log",
    "access-log.export": "exported the access log",
}


class AccessLine(Struct, frozen=True, kw_only=True):
    """`patient` is the opaque id; `patient_name` and `nhs_number` are theirs, None where no one patient was looked at.

    `account` is an account's id, `command-line`, or `nobody` where a sign-in named no account.
    """

    seq: int
    id: str
    at: str
    account: str
    name: str
    role: str
    action: str
    allowed: bool
    patient: str | None = None
    patient_name: str | None = None
    nhs_number: str | None = None

    @property
    def words(self) -> str:
        return ACCESS_WORDS.get(self.action, self.action)
