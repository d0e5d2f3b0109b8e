"""Read the documents of one source into one list. Every item that arrived is an entry, set aside, or quarantined.

The result does not depend on the order of documents or of entries in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.errors import InputError
from gateway.fhir import context
from gateway.fhir.administrations import administration
from gateway.fhir.collect import Collected, collect
from gateway.fhir.elements import Tree, text
from gateway.fhir.gp_connect import fold, folds
from gateway.fhir.items import KINDS, Unusable, canonical, entry, identity
from gateway.fhir.medication import Unresolved
from gateway.fhir.parse import Item, defect
from gateway.fhir.resolve import References
from gateway.fhir.subjects import Subjects
from gateway.fhir.versions import stated, version_of
from gateway.records.as_written import EntryAsWritten
from gateway.records.lists import (
    QUARANTINED_ITEMS,
    Administration,
    ListAsWritten,
    ListState,
    Quarantined,
    SetAside,
    SourceDocument,
)

_COUNTED = (*KINDS, "MedicationAdministration")
#: Where none of these stands, the document is something else than a list of a patient's medicines.
_LIST_MADE_OF = {*_COUNTED, "Patient", "List", "Composition", "AllergyIntolerance", "Encounter", "Condition"}
_NOT_UNDERSTOOD = "which could not be understood"
_NO_ORDER = {"proposal", "plan", "option"}
#: Of an item that could not be understood, so much is kept for the person who looks at it.
_KEPT_OF_ITEM = 2_000


def read_list(
    name: str,
    documents: Sequence[SourceDocument],
    *,
    fhir_version: str | None = None,
    patient: str | None = None,
    pages_followed: bool = False,
) -> ListAsWritten:
    """One list from all documents of one source.

    `fhir_version` is what the endpoint or a person states; without it the shape tells. `patient` (an NHS number or a
    Patient id) picks one of several. `pages_followed`: the caller followed every next link itself and answers for it.
    Never raises for any content: what cannot be read is a state and its cause.
    """
    collected = collect(documents, pages_followed=pages_followed)
    if not collected.items:
        causes = collected.causes or ("nothing in it is a FHIR resource",)
        return ListAsWritten(name=name, state=ListState.FAILED, causes=causes, documents=collected.documents)
    return _Reading(name, collected, stated(fhir_version), patient).result()


class _Reading:
    """One pass over the items of a list; holds the three piles that must add up."""

    def __init__(self, name: str, collected: Collected, version: str | None, patient: str | None) -> None:
        self.name, self.collected, self.asked = name, collected, patient
        self.entries: list[EntryAsWritten] = []
        self.set_aside: list[SetAside] = []
        self.quarantined: list[Quarantined] = []
        self.given: list[Administration] = []
        self.causes = list(collected.causes)
        self.states = [collected.state]
        self.warnings = list(collected.warnings)
        #: Statements that are no entry, with why: their plans and orders are no entries either.
        self.absent: list[tuple[Tree, str]] = []
        self.trees = self._usable(collected.items)
        resources = [(tree, item.full_url) for item, tree in self.trees]
        self.references = References(resources)
        self.subjects = Subjects(resources, self.references)
        self.version = version or version_of(tree for tree, _ in resources)

    def _usable(self, items: Iterable[tuple[Item, str]]) -> list[tuple[Item, Tree]]:
        usable = []
        for item, _ in items:
            cause = item.cause or defect(item.tree)
            kind = (item.tree or {}).get("resourceType")
            if cause is None and not (isinstance(kind, str) and kind.strip()):
                cause = "it is no FHIR resource"
            if cause is None and item.tree is not None:
                usable.append((item, item.tree))
            else:
                self._quarantine(_known_place(item), cause or "it is no FHIR resource", item.raw)
                if item.tree is not None:
                    self.absent.append((item.tree, _NOT_UNDERSTOOD))
        return usable

    def result(self) -> ListAsWritten:
        wrong = self.subjects.choose(self.asked)
        counted = [(i, t) for i, t in self.trees if t["resourceType"] in _COUNTED]
        if wrong:
            return self._wrong_patient(wrong, counted)
        if not self.quarantined and not any(t["resourceType"] in _LIST_MADE_OF for _, t in self.trees):
            self.states.append(ListState.FAILED)
            self.causes.append("it holds neither a patient nor medicines")
        elif not counted and not self.quarantined:
            self.warnings.append("no medicine arrived; whether the patient takes none is not said by that")
        self._items(counted)
        self._context()
        if self.quarantined:
            self.states.append(ListState.PARTIAL)
            self.causes.append(f"{len(self.quarantined)} {QUARANTINED_ITEMS}")
        return self._list(len(counted))

    def _wrong_patient(self, cause: str, counted: list[tuple[Item, Tree]]) -> ListAsWritten:
        """Nothing of a list that may hold another patient is used; each item stays visible as quarantined."""
        for _, one in counted:
            self._quarantine(identity(one), "the list names more than one patient")
        self.states.append(ListState.FAILED)
        self.causes.append(cause)
        return self._list(len(counted))

    def _items(self, counted: list[tuple[Item, Tree]]) -> None:
        documents = {id(item): sha for item, sha in self.collected.items}
        unique = self._without_duplicates(counted)
        live = []
        for item, one in unique:
            cause = self._aside(one)
            if one["resourceType"] == "MedicationAdministration" and not self.subjects.of_another(one):
                self.given.append(administration(one, self.name, self.references, documents[id(item)]))
            if cause:
                self.set_aside.append(SetAside(self.name, identity(one), cause))
                self.absent.append((one, f"which was set aside ({cause})"))
            else:
                live.append((item, one))
        read: dict[str, EntryAsWritten] = {}
        for item, one in live:
            try:
                self.subjects.check(one)
            except (Unusable, Unresolved) as error:  # it may be another person's: nothing of it is shown
                self._quarantine(identity(one), str(error))
                self.absent.append((one, _NOT_UNDERSTOOD))
                continue
            try:
                read[identity(one)] = entry(one, self.name, self.references, documents[id(item)])
            except (Unusable, Unresolved) as error:
                self._quarantine(identity(one), str(error), _shown(one))
                self.absent.append((one, _NOT_UNDERSTOOD))
        self._fold([one for _, one in live], read)

    def _without_duplicates(self, counted: list[tuple[Item, Tree]]) -> list[tuple[Item, Tree]]:
        """An exact copy is set aside; two contents under one name are both quarantined."""
        by_name: dict[str, list[tuple[Item, Tree]]] = {}
        for item, one in counted:
            by_name.setdefault(identity(one), []).append((item, one))
        unique = []
        for name, same in sorted(by_name.items()):
            if len(same) > 1 and len({canonical(one) for _, one in same}) > 1:
                for _ in same:
                    self._quarantine(name, "one id stands for two different contents")
                self.absent.append((same[0][1], _NOT_UNDERSTOOD))
                continue
            unique.append(same[0])
            self.set_aside += [SetAside(self.name, name, "an exact duplicate") for _ in same[1:]]
        return unique

    def _aside(self, one: Tree) -> str | None:
        if one["resourceType"] == "MedicationAdministration":
            return "an administration, not an item of a list"
        if one.get("status") == "entered-in-error":
            return "entered in error"
        if self.subjects.of_another(one):
            return "of another patient than the one asked for"
        return None

    def _fold(self, live: list[Tree], read: dict[str, EntryAsWritten]) -> None:
        statements = [one for one in live if one["resourceType"] == "MedicationStatement" and identity(one) in read]
        requests = [
            (identity(one), one) for one in live if one["resourceType"] == "MedicationRequest" and identity(one) in read
        ]
        folded = self._fold_absent(requests)
        requests = [one for one in requests if one[0] not in folded]
        for statement, names in folds(statements, requests).items():
            parts = [read[n] for n in names]
            read[statement] = fold(read[statement], parts)
            folded |= set(names)
            self.set_aside += [SetAside(self.name, n, f"folded into {statement}") for n in names]
        for name, one in sorted(read.items()):
            if name in folded:
                continue
            if one.kind == "MedicationRequest" and one.intent in _NO_ORDER:
                self.set_aside.append(SetAside(self.name, name, f"intent {one.intent}, not an order"))
            else:
                self.entries.append(one)

    def _fold_absent(self, requests: list[tuple[str, Tree]]) -> set[str]:
        """Parts of a statement that is no entry are none: a plan must not bring back what was entered in error."""
        why = {identity(one): words for one, words in self.absent if one.get("resourceType") == "MedicationStatement"}
        statements = [one for one, _ in self.absent if one.get("resourceType") == "MedicationStatement"]
        folded: set[str] = set()
        for statement, names in folds(statements, requests).items() if statements else ():
            folded |= set(names)
            self.set_aside += [SetAside(self.name, n, f"belongs to {statement}, {why[statement]}") for n in names]
        return folded

    def _context(self) -> None:
        for _, one in self.trees:
            warning = context.list_warning(one) if one["resourceType"] == "List" else None
            if warning:
                self.states.append(warning.state)
                self.causes.append(warning.words)

    def _quarantine(self, place: str, cause: str, raw: str | None = None) -> None:
        self.quarantined.append(Quarantined(self.name, place, cause, raw))

    def _list(self, counted: int) -> ListAsWritten:
        broken = sum(1 for item, _ in self.collected.items) - len(self.trees)
        received = counted + broken
        if received != len(self.entries) + len(self.set_aside) + len(self.quarantined):
            raise AssertionError(f"list {self.name}: items received and items accounted for differ")
        of = self._of
        patients = self.subjects.chosen()
        self.warnings += [w for p in patients for w in p[1]]
        names = sorted({n for o in of("Organization") if (n := text(o.get("name")))})
        codes = [c for kind in ("List", "Composition") for o in of(kind) for c in context.list_codes(o)]
        return ListAsWritten(
            name=self.name,
            state=ListState.worst(*self.states),
            causes=tuple(sorted(set(self.causes))),
            fhir_version=self.version,
            received=received,
            entries=tuple(sorted(self.entries, key=lambda e: e.id)),
            set_aside=tuple(sorted(self.set_aside, key=lambda s: (s.resource, s.cause))),
            quarantined=tuple(sorted(self.quarantined, key=lambda q: (q.resource, q.cause, q.raw or ""))),
            patients=tuple(p[0] for p in patients),
            allergies=self._sorted(context.allergy(o, self.name) for o in of("AllergyIntolerance")),
            allergies_received=bool(of("AllergyIntolerance")) or any(map(context.answers_allergies, of("List"))),
            encounters=self._sorted(context.encounter(o, self.name) for o in of("Encounter")),
            conditions=self._sorted(context.condition(o, self.name) for o in of("Condition")),
            observations=self._sorted(context.observation(o, self.name) for o in of("Observation")),
            administrations=self._sorted(self.given),
            list_codes=tuple(sorted(set(codes), key=lambda c: (c.system or "", c.code or "", c.display or ""))),
            organisation=names[0] if len(names) == 1 else None,
            as_of=self.collected.as_of,
            documents=self.collected.documents,
            warnings=tuple(sorted(set(self.warnings))),
        )

    def _of(self, kind: str) -> list[Tree]:
        found = [one for _, one in self.trees if one["resourceType"] == kind and not self.subjects.of_another(one)]
        return list({canonical(one): one for one in found}.values())

    @staticmethod
    def _sorted(found: Iterable) -> tuple:  # type: ignore[type-arg]
        return tuple(sorted(found, key=lambda one: (one.id, repr(one))))


def _known_place(item: Item) -> str:
    """TYPE/ID where the broken item still says it, else its place; the place alone would depend on the order."""
    tree = item.tree or {}
    kind, own = tree.get("resourceType"), tree.get("id")
    if isinstance(kind, str) and isinstance(own, str) and kind.isalpha() and len(kind) < 60 and own.isascii():
        return f"{kind}/{own[:64]}"
    return item.place


def failed(name: str, error: InputError) -> ListAsWritten:
    """A list of which nothing could be read."""
    return ListAsWritten(name=name, state=ListState.FAILED, causes=(error.words,))


def _shown(one: Tree) -> str:
    """The item without its narrative, bounded; the same in JSON and XML."""
    return canonical(one).decode()[:_KEPT_OF_ITEM]
