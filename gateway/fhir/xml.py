"""FHIR XML to the shape of FHIR JSON. An element that occurs once is a scalar; the readers take one for a list.

Some exports lose the namespace. An element without any is read as FHIR's, with a warning; one of another namespace (the
narrative) is not. A root without namespace must name a resource that lists are made of, so that no other XML passes.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError  # only the types; parsing is defusedxml's

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from gateway.errors import InputError

FHIR = "{http://hl7.org/fhir}"
MAX_DEPTH = 64
#: 64 MB of `<a/>` would take gigabytes once read.
MAX_TAGS = 2_000_000
NO_NAMESPACE = "its XML lacks the FHIR namespace and was read as FHIR"
_BARE_ROOTS = frozenset(
    {
        *("Bundle", "Parameters", "List", "Patient", "Medication", "OperationOutcome", "Composition"),
        *("MedicationStatement", "MedicationRequest", "MedicationDispense", "MedicationAdministration"),
        *("AllergyIntolerance", "Condition", "Encounter", "Observation"),
    }
)


def read_xml(text: str) -> tuple[dict[str, Any], str | None]:
    """The resource as a dict with `resourceType`, and a warning. Raises InputError where it is no FHIR XML."""
    if text.count("<") > MAX_TAGS:
        raise InputError(f"it holds more than {MAX_TAGS} tags")
    try:
        root = ElementTree.fromstring(text.encode("utf-8", "replace"))
    except DefusedXmlException:
        raise InputError("its XML declares entities or a DTD, which FHIR forbids") from None
    except (ParseError, ValueError):
        raise InputError("its XML breaks off or is not valid") from None
    if not root.tag.startswith(FHIR) and root.tag not in _BARE_ROOTS:
        raise InputError("it is XML, but not FHIR")
    bare = any(isinstance(one.tag, str) and not one.tag.startswith("{") for one in root.iter())
    return _resource(root, 0), NO_NAMESPACE if bare else None


def _is_fhir(element: Element) -> bool:
    return isinstance(element.tag, str) and (element.tag.startswith(FHIR) or not element.tag.startswith("{"))


def _resource(element: Element, depth: int) -> dict[str, Any]:
    return {"resourceType": element.tag.removeprefix(FHIR), **_children(element, depth)}


def _children(element: Element, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise InputError(f"it is nested deeper than {MAX_DEPTH} levels")
    found: dict[str, Any] = {name: value for name, value in element.attrib.items() if name in {"id", "url"}}
    for child in element:
        if not _is_fhir(child):
            continue
        name = child.tag.removeprefix(FHIR)
        value = _value(name, child, depth + 1)
        if name in found:
            there = found[name]
            found[name] = [*there, value] if isinstance(there, list) else [there, value]
        else:
            found[name] = value
    return found


def _value(name: str, element: Element, depth: int) -> Any:
    children = [c for c in element if _is_fhir(c)]
    if name in {"resource", "contained"} and len(children) == 1:
        return _resource(children[0], depth)
    if not children and "value" in element.attrib:
        return element.attrib["value"]
    return _children(element, depth)
