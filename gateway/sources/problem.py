"""What went wrong with one call, as a list state with a safe sentence; it never reaches a page as an exception."""

from __future__ import annotations

from gateway.records.lists import ListState


class SourceProblem(Exception):
    """`words` hold no patient data, no address beyond the source's own, and nothing that the source wrote."""

    def __init__(self, words: str, state: ListState = ListState.FAILED, *, status: int | None = None) -> None:
        super().__init__(words)
        self.words, self.state, self.status = words, state, status


class Unsupported(SourceProblem):
    """The source has no such operation or resource type (404, 405, 501)."""


class NotPermitted(SourceProblem):
    """Its address may not be connected to; asking again cannot help."""
