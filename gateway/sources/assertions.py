"""The signed and unsigned tokens (JWT) by which the gateway says who it is."""

from __future__ import annotations

import datetime as dt
import secrets

import jwt

from gateway.sources.asked_by import AskedBy
from gateway.sources.credentials import Credentials, algorithm_of

#: SMART Backend Services and the NHS API platform both allow at most five minutes; a skewed clock needs some of it.
LIVES_FOR = dt.timedelta(minutes=4)


def client_assertion(held: Credentials, now: dt.datetime) -> str:
    """The private_key_jwt of one token request; `jti` is fresh each time, so it can be used once."""
    issued = int(now.timestamp())
    claims = {
        "iss": held.client_id,
        "sub": held.client_id,
        "aud": held.token_url,
        "iat": issued,
        "exp": issued + int(LIVES_FOR.total_seconds()),
        "jti": secrets.token_urlsafe(24),
    }
    headers = {"kid": held.key_id, "typ": "JWT"}
    return jwt.encode(claims, held.private_key or "", algorithm=algorithm_of(held), headers=headers)


def audit_token(held: Credentials, base_url: str, now: dt.datetime, person: AskedBy | None = None) -> str:
    """GP Connect's audit token: who asks and why. It has no signature; the Spine vouches for the connection.

    `person` is the member of staff who asks; None where the gateway asks by itself, which the token then says.
    Source: GP Connect, "Cross-organisation audit and provenance": claims iss to requesting_practitioner.
    """
    issued = int(now.timestamp())
    ods = "https://fhir.nhs.uk/Id/ods-organization-code"
    claims = {
        "iss": held.device,
        "sub": person.account if person else "gateway",
        "aud": base_url,
        "iat": issued,
        "exp": issued + 300,
        "reason_for_request": "directcare",
        "requested_scope": "patient/*.read",
        "requesting_device": {
            "resourceType": "Device",
            "identifier": [{"system": held.device, "value": "gateway"}],
            "model": "MedRec Gateway",
            "version": "0.1",
        },
        "requesting_organization": {
            "resourceType": "Organization",
            "identifier": [{"system": ods, "value": held.organisation}],
            "name": held.organisation,
        },
        "requesting_practitioner": _practitioner(held, person),
    }
    return jwt.encode(claims, key="", algorithm="none")


def _practitioner(held: Credentials, person: AskedBy | None) -> dict[str, object]:
    if person is None:
        return {
            "resourceType": "Practitioner",
            "id": "gateway",
            "identifier": [{"system": held.device, "value": "gateway"}],
            "name": [{"family": "MedRec Gateway", "given": ["by itself, for no person"]}],
        }
    return {
        "resourceType": "Practitioner",
        "id": person.account,
        "identifier": [{"system": held.device, "value": person.account}],
        "name": [{"text": person.name, "family": person.name}],
        "practitionerRole": [{"role": {"text": person.role}}],
    }
