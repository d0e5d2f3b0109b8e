"""`$populate` (SDC) on our Questionnaires: launch contexts in, proposed answers out.

Expressions are compiled once for a Questionnaire. `memberOf` looks a code up in our own value sets; an address that is
not ours is an error, never "no".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fhirpathpy import compile as compile_path

from gateway.errors import KnowledgeError
from gateway.fhir.sdc.names import SDC, VARIABLE

Json = dict[str, Any]
Path = Callable[[Any, Mapping[str, Any]], list[Any]]
ValueSets = Mapping[str, frozenset[tuple[str, str]]]


class Populator:
    """One Questionnaire, ready to be populated many times; holds nothing of any patient."""

    def __init__(self, questionnaire: Json, value_sets: ValueSets) -> None:
        self._value_sets = value_sets
        calls = {"memberOf": {"fn": self._member_of, "arity": {0: [], 1: ["String"]}}}
        self.url = f"{questionnaire['url']}|{questionnaire['version']}"

        def compiled(extension: Json, *, raw: bool = False) -> Path:
            # A variable stays what the engine made of it: copied out and in again it costs as much as the questions.
            options = {"userInvocationTable": calls, "returnRawData": raw}
            path: Path = compile_path(extension["valueExpression"]["expression"], None, options)
            return path

        self._launched = [
            part["valueCoding"]["code"]
            for e in questionnaire["extension"]
            if e["url"] == f"{SDC}launchContext"
            for part in e["extension"]
            if part["url"] == "name"
        ]
        self._variables = [
            (e["valueExpression"]["name"], compiled(e, raw=True))
            for e in questionnaire["extension"]
            if e["url"] == VARIABLE
        ]
        self._contexts = [
            (e["valueExpression"]["name"], compiled(e, raw=True))
            for group in questionnaire["item"]
            for e in group["extension"]
            if e["url"] == f"{SDC}itemPopulationContext"
        ]
        self._questions = [
            (item["linkId"], compiled(e))
            for group in questionnaire["item"]
            for item in group["item"]
            for e in item["extension"]
            if e["url"] == f"{SDC}initialExpression"
        ]

    @property
    def links(self) -> tuple[str, ...]:
        """The linkId of each question, in order."""
        return tuple(link for link, _ in self._questions)

    def _member_of(self, inputs: list[Any], url: str) -> list[bool]:
        known = self._value_sets.get(url)
        if known is None:
            raise KnowledgeError(f"no value set has the address {url}")
        codings = (coding for one in inputs for coding in one.get("coding", (one,)))
        return [any((one.get("system"), one.get("code")) in known for one in codings)]

    def answers(self, contexts: Mapping[str, Json]) -> dict[str, str | None]:
        """The proposed code of each question by linkId, None where it abstains; `contexts` are launch contexts."""
        context: dict[str, Any] = {name: {} for name in self._launched} | dict(contexts)
        for name, path in (*self._variables, *self._contexts):
            context[name] = path({}, context)
        found: dict[str, str | None] = {}
        for link, path in self._questions:
            values = path({}, context)
            found[link] = _code(values[0]) if len(values) == 1 else None
        return found


def _code(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
