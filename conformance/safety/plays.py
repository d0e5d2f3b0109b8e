"""How each fault of the catalogue is played, by its name there."""

from __future__ import annotations

from conformance.safety import body_faults as body
from conformance.safety import network_faults as net
from conformance.safety.body_faults import on_first_item, on_patient
from conformance.safety.network_faults import followed_by, on_medicines, redirected, said, status, unavailable_once
from conformance.safety.proxy import Fault

_OUTCOME = b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception"}]}'
_WARNING = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "processing"}]}
_MEDICATION = {"resourceType": "Medication", "id": "beside", "code": {"text": "Something beside"}}
_SUBJECT = {"reference": "Patient/somebody-else"}

PLAYS: dict[str, Fault] = {
    "same-origin-redirect": redirected("127.0.0.1"),
    "cross-host-redirect": redirected("localhost"),
    "next-elsewhere": followed_by("http://localhost:1/{path}?page=2"),
    "next-lookalike": followed_by("{base}.evil.example/{path}?page=2"),
    "next-alias": followed_by("http://proxy.internal/{path}?page=2"),
    "absolute-reference": on_first_item(body.referring("http://elsewhere.example/fhir/Medication/1")),
    "relative-next": net.relative_next,
    "reset": net.reset,
    "gzip-bomb": net.bomb,
    "endless-body": net.endless_body,
    "deep": net.deep,
    "many-entries": net.many_entries,
    "trickled-body": net.trickled_body,
    "trickled-head": net.trickled_head,
    "silence": net.silence,
    "short-length": net.short_length,
    "cut-json": net.cut_json,
    "html": said(b"<!DOCTYPE html><html><body>Please sign in</body></html>", "text/html"),
    "outcome-in-200": said(_OUTCOME),
    "empty-200": said(b""),
    "empty-204": status(204),
    "wrong-type": said(b'{"resourceType":"Basic","id":"x"}'),
    "xml": net.xml_instead,
    "invalid-utf8": net.invalid_utf8,
    "utf-16": net.utf16,
    "nan": on_first_item(body.marked(), b"NaN"),
    "huge-exponent": on_first_item(body.marked(), b"1e400"),
    "status-twice": on_first_item(body.marked(), b'0, "status": "stopped", "status": "active"'),
    "5000-digits": on_first_item(body.marked(), b"1" * 5000),
    "lone-surrogate": on_first_item(body.marked(), b'"\\ud800"'),
    "nul": on_first_item(body.marked(), b'"a\\u0000b"'),
    "bidi": on_first_item(body.named(" \u202e\u200b")),
    "script-in-narrative": on_first_item(
        body.put(text={"status": "generated", "div": "<div><script>alert(1)</script></div>"})
    ),
    "100kB-name": on_first_item(body.named(" " + "x" * 100_000)),
    "401": net.all_are(401),
    "403": status(403),
    "patient-404": net.not_found_patient,
    "503": net.unavailable,
    "503-once": unavailable_once({"Retry-After": "0"}),
    "408": status(408),
    "retry-after-date": unavailable_once({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
    "retry-after-negative": unavailable_once({"Retry-After": "-5"}),
    "retry-after-forever": status(429, {"Retry-After": "1000000000"}),
    "gone-mid-paging": net.next_gone,
    "next-to-itself": net.circle(1),
    "next-in-circle": net.circle(2),
    "endless-pages": net.endless_pages,
    "empty-page-with-next": net.empty_page_with_next,
    "same-twice": on_first_item(body.again()),
    "same-id-other-content": on_first_item(body.again(status="on-hold")),
    "total-too-high": on_first_item(body.in_bundle(total=99)),
    "lost-filter": body.lost_filter,
    "outcome-entry": on_first_item(body.beside(_WARNING, "outcome")),
    "included": on_first_item(body.beside(_MEDICATION, "include")),
    "unresolved-reference": on_first_item(body.referring("Medication/nowhere")),
    "other-patient": on_first_item(body.put(subject=_SUBJECT)),
    "two-patients": on_patient(body.second_patient),
    "other-birth-date": on_patient(body.born("1901-01-01")),
    "replaced-patient": on_patient(body.replaced),
    "modifier-extension": on_first_item(
        body.put(modifierExtension=[{"url": "http://x.example/m", "valueBoolean": True}])
    ),
    "implicit-rules": on_first_item(body.put(implicitRules="http://x.example/rules")),
    "not-taken": on_first_item(body.never_taken),
    "entered-in-error": on_first_item(body.put(status="entered-in-error")),
    "no-status": on_first_item(body.drop("status")),
    "unknown-status": on_first_item(body.put(status="bogus")),
    "proposal": on_first_item(body.put(intent="proposal")),
    "discontinued": on_first_item(body.discontinued),
    "restricted": on_first_item(body.restricted),
    "confidential-items": on_first_item(body.listed_with("confidential-items")),
    "data-in-transit": on_first_item(body.listed_with("data-in-transit")),
    "data-awaiting-filing": on_first_item(body.listed_with("data-awaiting-filing")),
    "other-version": on_first_item(body.of_another_version),
    "no-such-day": on_first_item(
        body.put(dateAsserted="2023-02-29", authoredOn="2023-02-29", whenHandedOver="2023-02-29")
    ),
    "hour-24": on_first_item(
        body.put(
            dateAsserted="2026-01-01T24:00:00Z",
            authoredOn="2026-01-01T24:00:00Z",
            whenHandedOver="2026-01-01T24:00:00Z",
        )
    ),
    "partial-date": on_first_item(body.put(dateAsserted="2026-10", authoredOn="2026-10")),
    "nine-digit-fraction": on_first_item(body.put(dateAsserted="2026-10-01T09:00:00.123456789Z")),
    "future-date": on_first_item(body.put(dateAsserted="2031-01-01")),
    "contained-circle": on_first_item(body.contained_in_a_circle),
    "decimal-1.00": on_first_item(body.with_dose("1.00"), b"1.00"),
    "decimal-1E2": on_first_item(body.with_dose("1E2"), b"1E2"),
    "down": net.down,
}

__all__ = ["PLAYS", "on_medicines"]
