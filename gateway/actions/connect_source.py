"""Connect an organisation by forms: a draft, what it offers, its sign-in, a test, then active."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from gateway.actions.access import Person, require
from gateway.actions.check_source import check_source
from gateway.actions.house import House
from gateway.actions.register_source import RegisteredSource, change_source, register_source, source_of
from gateway.errors import Conflict, InputError
from gateway.sources.credentials import Credentials, SignInKind, check_credentials
from gateway.sources.source import Dialect, Kind

#: Value, words.
KINDS = (
    (Kind.GP.value, "GP practice"),
    (Kind.HOSPITAL.value, "Hospital"),
    (Kind.COMMUNITY_PHARMACY.value, "Community pharmacy"),
    (Kind.OTHER.value, "Other"),
)

#: Value, words, the fields it takes beside the certificates.
SIGN_INS = (
    (SignInKind.NONE.value, "None", ()),
    (SignInKind.BEARER.value, "A fixed token", ("bearer",)),
    (
        SignInKind.SMART_BACKEND.value,
        "SMART Backend Services (signed JWT, RS384 or ES384)",
        ("token_url", "client_id", "key_id", "algorithm", "scope", "private_key"),
    ),
    (
        SignInKind.NHS_SIGNED_JWT.value,
        "NHS API platform (signed JWT, RS512)",
        ("token_url", "client_id", "key_id", "private_key"),
    ),
    (
        SignInKind.GP_CONNECT_JWT.value,
        "GP Connect (audit token and Spine headers)",
        ("organisation", "device", "asid_from", "asid_to"),
    ),
)

_CERTIFICATES = ("trusted_ca", "client_certificate", "client_key")
_ABOUT = ("organisation", "kind", "ods_code", "role", "coverage", "contact", "dialect", "base_url", "post_url")


async def connect(house: House, *, by: Person, form: Mapping[str, str]) -> str:
    """The id of the draft. Its dialect is what its statement fits. Raises InputError, Conflict, NotAllowed."""
    require(by, "sources.edit")
    made = await asyncio.to_thread(
        register_source,
        house.database,
        now=house.now(),
        by=by,
        box=house.box,
        name=_text(form, "name").lower(),
        organisation=_text(form, "organisation"),
        kind=_text(form, "kind"),
        base_url=_text(form, "base_url"),
        dialect=Dialect.GENERIC_R4.value,
        fhir_version="",
        ods_code=_text(form, "ods_code") or None,
        coverage=_text(form, "coverage"),
        contact=_text(form, "contact"),
        post_url=_text(form, "post_url") or None,
        state="draft",
    )
    report = await check_source(
        house.database, house.settings, house.knowledge, source=made.id, nhs_number=None, now=house.now, by=by
    )
    if report.offer:
        found: dict[str, object] = {"fhir_version": report.offer.fhir_version or ""}
        if report.offer.dialect:
            found["dialect"] = report.offer.dialect.value
        await asyncio.to_thread(
            change_source, house.database, source=made.id, fields=found, now=house.now(), by=by, box=house.box
        )
    return made.id


def set_source(house: House, *, source: str, by: Person, form: Mapping[str, str]) -> RegisteredSource:
    """What is known about the source. Raises InputError, Conflict, NotFound."""
    fields: dict[str, object] = {f: _text(form, f) for f in _ABOUT if f in form}
    for optional in ("ods_code", "role", "post_url"):
        if optional in fields:
            fields[optional] = fields[optional] or None
    return change_source(house.database, source=source, fields=fields, now=house.now(), by=by, box=house.box)


def set_sign_in(house: House, *, source: str, by: Person, form: Mapping[str, str]) -> RegisteredSource:
    """All of the sign-in at once: a secret that is not entered again is gone. Raises InputError, SettingsError."""
    fields = next((names for value, _, names in SIGN_INS if value == _text(form, "kind")), None)
    if fields is None:
        raise InputError("Choose how the gateway signs in.")
    given = {f: _text(form, f) for f in (*fields, *_CERTIFICATES) if _text(form, f)}
    held = Credentials(kind=SignInKind(_text(form, "kind")), **given)
    name = source_of(house.database, source).name
    check_credentials(name, held)
    return change_source(
        house.database, source=source, fields={}, now=house.now(), by=by, box=house.box, credentials=held
    )


def set_state(house: House, *, source: str, by: Person, state: str) -> RegisteredSource:
    """Raises Conflict where a retired source is to be used again: register it anew."""
    if source_of(house.database, source).state == "retired":
        raise Conflict("This organisation was retired; connect it anew.")
    return change_source(house.database, source=source, fields={"state": state}, now=house.now(), by=by, box=house.box)


def _text(form: Mapping[str, str], field: str) -> str:
    return form.get(field, "").strip()
