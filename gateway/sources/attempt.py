"""Calls under way: what was asked, what arrived, what went wrong. Dialects work on one patient's attempt."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping

from gateway.records.lists import ListState, SourceDocument
from gateway.sources.problem import SourceProblem
from gateway.sources.source import PatientQuery, Stage
from gateway.sources.transport import Answer, GuardedTransport

#: Resource types that are lists of medicines: without any of them nothing was received.
MEDICINES = ("MedicationStatement", "MedicationRequest", "MedicationDispense")

#: Of all answers of one fetch together.
MOST_BYTES = 64 * 1024 * 1024

Report = Callable[[Stage, str], Awaitable[None]]


class Calls:
    """Calls to one source that belong together: one deadline, what was kept of the answers, what went wrong.

    `documents` are whole and readable; `unusable` arrived and cannot be used.
    """

    def __init__(self, transport: GuardedTransport, until: float) -> None:
        self.transport, self.until = transport, until
        self.documents: list[SourceDocument] = []
        self.unusable: list[SourceDocument] = []
        self.states: list[ListState] = []
        self.causes: list[str] = []
        self._size = 0
        #: Any call got an answer that is not just "I have failed".
        self.answered = False

    async def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The transport's call within the deadline."""
        answer = await self.transport.call(method, path, until=self.until, body=body, headers=headers)
        self.answered |= answer.status < 500 and answer.status not in {408, 429}
        return answer

    def keep(self, answer: Answer, origin: str, *, usable: bool = True) -> None:
        """Keep the bytes exactly as they came; `origin` is the path asked, without an identifier of the patient."""
        document = SourceDocument(
            content=answer.body,
            sha256=hashlib.sha256(answer.body).hexdigest(),
            media_type=answer.media_type,
            origin=origin,
            fetched_at=answer.at,
        )
        (self.documents if usable else self.unusable).append(document)
        self._size += len(answer.body)
        if self._size > MOST_BYTES:
            raise SourceProblem(f"its answers together were larger than {MOST_BYTES} bytes")

    def note(self, problem: SourceProblem, what: str | None = None) -> None:
        """A problem that costs part of the list."""
        self.states.append(ListState.PARTIAL if problem.state is ListState.FAILED else problem.state)
        self.causes.append(f"{what}: {problem.words}" if what else problem.words)


class Attempt(Calls):
    """One fetch of one patient's list. `received` names what came whole."""

    def __init__(self, transport: GuardedTransport, query: PatientQuery, until: float, report: Report) -> None:
        super().__init__(transport, until)
        self.query, self.report = query, report
        self.received: set[str] = set()
        self.warnings: list[str] = []
        self.fhir_version = transport.source.fhir_version

    def forget(self) -> None:
        """Drop everything that arrived: it may be of another patient."""
        self.documents, self.unusable, self.received = [], [], set()

    @property
    def kept(self) -> tuple[SourceDocument, ...]:
        return (*self.documents, *self.unusable)

    @property
    def any_medicines(self) -> bool:
        return bool(self.received & set(MEDICINES))
