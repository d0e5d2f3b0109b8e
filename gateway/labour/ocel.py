"""OCEL 2.0 (object-centric event log), JSON; written from the standard (ocel-standard.org, 2023)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gateway.labour.event_log import Event

#: Attributes of every event, with their OCEL types.
ATTRIBUTES = {
    "role": "string",
    "staff_group": "string",
    "band": "string",
    "category": "string",
    "reason": "string",
    "timing": "string",
    "seconds": "float",
    "resource": "string",
}


def ocel_json(found: Iterable[Event]) -> bytes:
    """One OCEL 2.0 JSON document. An attribute that is not known is left out, not empty."""
    events, things = [], {}
    for one in found:
        things.update(dict.fromkeys(one.things))
        events.append(
            {
                "id": one.id,
                "type": one.activity,
                "time": one.at,
                "attributes": [{"name": n, "value": v} for n, v in known(one).items()],
                "relationships": [{"objectId": thing_id(kind, name), "qualifier": kind} for kind, name in one.things],
            }
        )
    activities = sorted({str(event["type"]) for event in events})
    attributes = [{"name": name, "type": kind} for name, kind in ATTRIBUTES.items()]
    document = {
        "objectTypes": [{"name": kind, "attributes": []} for kind in sorted({kind for kind, _ in things})],
        "eventTypes": [{"name": name, "attributes": attributes} for name in activities],
        "objects": [
            {"id": thing_id(kind, name), "type": kind, "attributes": [], "relationships": []}
            for kind, name in sorted(things)
        ],
        "events": events,
    }
    return msgspec.json.encode(document)


def known(event: Event) -> dict[str, str | float]:
    """The attributes of an event that have a value."""
    values = {name: getattr(event, name) for name in ATTRIBUTES}
    return {name: value for name, value in values.items() if value not in ("", None)}


def thing_id(kind: str, name: str) -> str:
    return f"{kind}:{name}"
