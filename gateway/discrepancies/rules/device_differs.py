"""Another inhaler, pen or auto-injector: lists name devices that are handled differently.

A name without a device says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from gateway.discrepancies.clinical_knowledge import DeviceMedicine
from gateway.discrepancies.devices import Held, device_of, devices_differ
from gateway.discrepancies.medicine_sets import is_in, touched
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import is_suspended
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value
from gateway.records.lists import MedicineEntry
from gateway.records.matching import Row


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    known = pack.clinical.devices
    for row in touched(view, known.medicines):
        medicine = next((m for m in known.medicines if is_in(row, m, view)), None)
        if medicine is None:
            continue
        for line in view.current_lines(row):
            active = [e for e in line if not is_suspended(e)]
            held = [(e, device) for e in active if (device := device_of(e, known, medicine.group))]
            if any(devices_differ(a, b) for (_, a), (_, b) in combinations(held, 2)):
                yield _raised(row, medicine, held)


def _raised(row: Row, medicine: DeviceMedicine, held: list[tuple[MedicineEntry, Held]]) -> Raised:
    values = by_value((e.list, f"{device.product or device.kind} ({e.text})") for e, device in held)
    return Raised(
        message=f"{row.medicine} is given with different devices. {values}.",
        rows=(row.id,),
        entries=tuple(e.id for e, _ in held),
        evidence=tuple(f"{e.id}#device" for e, _ in held),
        settle="Ask which device the patient has and can use.",
        grade=medicine.grade,
    )
