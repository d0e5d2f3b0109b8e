"""The device that an entry names: by words of its name, else by its form, else by its brand."""

from __future__ import annotations

from msgspec import Struct

from gateway.discrepancies.clinical_knowledge import Devices
from gateway.records.lists import MedicineEntry
from gateway.records.product import Product
from gateway.terminology.vocabulary import normalise_words


class Held(Struct, frozen=True):
    """`product` is the device by name (Accuhaler), None where only the kind is said."""

    kind: str
    product: str | None = None


#: What was found, by all that it depends on: a few thousand products make most of all records.
_FOUND: dict[tuple[int, str, str, str | None, str | None, str | None], Held | None] = {}
_MOST_FOUND = 20_000
#: Kept, so that no other knowledge is ever at the same address.
_FOR: list[Devices] = []


def device_of(entry: MedicineEntry, known: Devices, group: str) -> Held | None:
    """None where the record names none; "inhaler" alone is none."""
    product = entry.product
    key = (id(known), group, product.name, product.brand, product.device, product.form)
    try:
        return _FOUND[key]
    except KeyError:
        if not any(one is known for one in _FOR):
            _FOR.append(known)
        if len(_FOUND) >= _MOST_FOUND:
            _FOUND.clear()
        found = _FOUND[key] = _device(product, known, group)
        return found


def _device(product: Product, known: Devices, group: str) -> Held | None:
    brand = normalise_words(product.brand or "")
    words = f" {normalise_words(product.name)} {brand} {normalise_words(product.device or '')} "
    of_group = [device for device in known.devices if device.group == group]
    for device in of_group:
        named = next((p for p in device.products if f" {p} " in words or f" {p}s " in words), None)
        if named:
            return Held(device.kind, named)
    for device in of_group:
        if any(f" {w} " in words for w in device.words) or product.form in device.forms:
            return Held(device.kind)
    kind = known.brands.get(brand)
    return Held(kind) if kind and any(device.kind == kind for device in of_group) else None


def devices_differ(a: Held, b: Held) -> bool:
    """Of another kind, or two products of one kind are named."""
    return a.kind != b.kind or bool(a.product and b.product and a.product != b.product)
