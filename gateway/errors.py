"""Errors that know their answer.

GatewayError
├── UsageError          2 / 400  the call itself is wrong
├── InputError          1 / 422  what was sent cannot be used
│   ├── PatientMismatch 1 / 422  lists of different patients
│   └── ReleaseRefused  2 / 422  a terminology release that is broken, not whole, or cannot be stored
├── NotSignedIn           / 401
├── PasswordDue           / 403  the one-time password must be changed first
├── NotAllowed            / 403
├── NotFound              / 404
├── Conflict              / 409
│   └── Stale             / 412  somebody changed it meanwhile
├── SettingsError       2 / 500  a setting is missing or wrong; stops start-up
└── KnowledgeError      2 / 500  a file in mappings/ is wrong

`words` are safe to show: no patient data. The exit status is the command's, the HTTP status the pages' and API's.
"""

from __future__ import annotations


class GatewayError(Exception):
    """Base; `words` say what happened, where, and what to do, without patient data."""

    http_status = 500
    exit_status = 1
    issue_code = "exception"

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class UsageError(GatewayError):
    http_status, exit_status, issue_code = 400, 2, "invalid"


class InputError(GatewayError):
    http_status, exit_status, issue_code = 422, 1, "processing"


class PatientMismatch(InputError):
    issue_code = "conflict"


class ReleaseRefused(InputError):
    exit_status = 2


class NotSignedIn(GatewayError):
    """`why` is a word for the sign-in page: it says why somebody who had been signed in must do so again."""

    http_status, issue_code = 401, "login"

    def __init__(self, words: str, why: str = "") -> None:
        super().__init__(words)
        self.why = why


class PasswordDue(GatewayError):
    """The password was given by an administrator, for one use."""

    http_status, issue_code = 403, "login"


class NotAllowed(GatewayError):
    http_status, issue_code = 403, "forbidden"


class NotFound(GatewayError):
    http_status, issue_code = 404, "not-found"


class Conflict(GatewayError):
    http_status, issue_code = 409, "conflict"


class Stale(Conflict):
    http_status = 412


class SettingsError(GatewayError):
    exit_status = 2


class KnowledgeError(GatewayError):
    exit_status = 2
