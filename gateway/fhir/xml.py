"""FHIR XML to the shape of FHIR JSON. An element that occurs once is a scalar; the readers take one for a list."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError  # only the types; parsing is defusedxml's

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from gateway.errors import InputError

FHIR = "{http://hl7.org/fhir}"
MAX_DEPTH = 64


def read_xml(text: str) -> dict[str, Any]:
    """The resource as a dict with `resourceType`. Raises InputError where it is no FHIR XML."""
    try:
        root = ElementTree.fromstring(text.encode("utf-8", "replace"))
    except DefusedXmlException:
        raise InputError("its XML declares entities or a DTD, which FHIR forbids") from None
    except (ParseError, ValueError):
        raise InputError("its XML breaks off or is not valid") from None
    if not root.tag.startswith(FHIR):
        raise InputError("it is XML, but not FHIR")
    return _resource(root, 0)


def _resource(element: Element, depth: int) -> dict[str, Any]:
    return {"resourceType": element.tag.removeprefix(FHIR), **_children(element, depth)}


def _children(element: Element, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise InputError(f"it is nested deeper than {MAX_DEPTH} levels")
    found: dict[str, Any] = {name: value for name, value in element.attrib.items() if name in {"id", "url"}}
    for child in element:
        if not isinstance(child.tag, str) or not child.tag.startswith(FHIR):
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
    children = [c for c in element if isinstance(c.tag, str) and c.tag.startswith(FHIR)]
    if name in {"resource", "contained"} and len(children) == 1:
        return _resource(children[0], depth)
    if not children and "value" in element.attrib:
        return element.attrib["value"]
    return _children(element, depth)
