"""XES event log (IEEE 1849-2016): one trace for each review or audit case."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring  # only written here, never read

from gateway.labour.event_log import Event
from gateway.labour.ocel import known

_EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
)
_KEYS = {"role": "org:role", "resource": "org:resource", "staff_group": "org:group"}


def xes(found: Iterable[Event]) -> bytes:
    """One XES document, UTF-8. Events that belong to no review or case (a source was registered) are in none."""
    log = Element("log", {"xes.version": "1849-2016", "xes.features": "", "xmlns": "http://www.xes-standard.org/"})
    for name, prefix, uri in _EXTENSIONS:
        SubElement(log, "extension", {"name": name, "prefix": prefix, "uri": uri})
    SubElement(log, "classifier", {"name": "Activity", "keys": "concept:name"})
    traces: dict[str, Element] = {}
    for one in found:
        belongs = next((f"{kind}:{name}" for kind, name in one.things if kind in ("case", "review")), None)
        if belongs is None:
            continue
        trace = traces.get(belongs)
        if trace is None:
            trace = traces[belongs] = SubElement(log, "trace")
            _string(trace, "concept:name", belongs)
        event = SubElement(trace, "event")
        _string(event, "concept:name", one.activity)
        SubElement(event, "date", {"key": "time:timestamp", "value": one.at})
        _string(event, "lifecycle:transition", "complete")
        for name, value in known(one).items():
            if isinstance(value, float):
                SubElement(event, "float", {"key": name, "value": repr(value)})
            else:
                _string(event, _KEYS.get(name, name), str(value))
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(log, encoding="unicode").encode()


def _string(parent: Element, key: str, value: str) -> None:
    SubElement(parent, "string", {"key": key, "value": value})
