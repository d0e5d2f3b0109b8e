"""An answer as it stands: what was proposed and what a person made of it."""

from __future__ import annotations

from msgspec import Struct

from gateway.records.audit import AuditQuestion, PrefilledAnswer


class StandingAnswer(Struct, frozen=True, kw_only=True):
    """`state` is untouched, confirmed, overridden, entered or cleared; `code` what a person decided, None before that
    and after clearing. `decided_at` is ISO 8601 with zone; `role` the role of who decided."""

    question: AuditQuestion
    proposal: PrefilledAnswer
    state: str = "untouched"
    code: str | None = None
    origin: str | None = None
    reason: str | None = None
    decided_at: str | None = None
    role: str | None = None

    @property
    def shown(self) -> str | None:
        """The code that the form shows: the proposal until a person decides."""
        return self.proposal.code if self.state == "untouched" else self.code
