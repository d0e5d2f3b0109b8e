"""References: contained, relative, absolute, urn:uuid. Two different resources under one name resolve to neither."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.fhir.elements import Tree, text, trees
from gateway.fhir.items import canonical, identity


class References:
    """Finds resources of one list by the ways FHIR may refer to them."""

    def __init__(self, resources: Iterable[tuple[Tree, str | None]]) -> None:
        self._found: dict[str, Tree] = {}
        self._twice: set[str] = set()
        for resource, full_url in resources:
            self._add(identity(resource), resource)
            if full_url:
                self._add(full_url, resource)

    def _add(self, name: str, resource: Tree) -> None:
        there = self._found.setdefault(name, resource)
        if there is not resource and canonical(there) != canonical(resource):
            self._twice.add(name)

    def __call__(self, reference: str, inside: Tree) -> Tree | None:
        if reference.startswith("#"):
            own = reference[1:]
            return next((c for c in trees(inside.get("contained")) if text(c.get("id")) == own), None)
        tail = "/".join(reference.split("/_history/")[0].split("/")[-2:])
        for name in (reference, tail):
            if name in self._found and name not in self._twice:
                return self._found[name]
        return None
