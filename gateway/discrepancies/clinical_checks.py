"""What the shapes of the clinical knowledge cannot say: names that are used must exist, expressions must compile."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gateway.discrepancies.clinical_knowledge import Clinical, Coded, Courses, Devices, Pincer

Need = Callable[[object, str, str], None]
Compile = Callable[[str, Iterable[str]], None]


def check_clinical(known: Clinical, need: Need, compile_all: Compile) -> None:
    """Raises KnowledgeError through `need` and `compile_all`, which name the file."""
    for medicine in known.brands.medicines:
        need(medicine.named in {"always", "seen", "both"}, f"brands.yaml, {medicine.words}", "named is no such way")
    _devices(known.devices, need)
    _courses(known.courses, compile_all)
    _pincer(known.pincer, need, compile_all)
    for name, test in known.monitoring.tests.items():
        _coded(f"monitoring.yaml, {name}", test, compile_all)
    for monitored in known.monitoring.medicines:
        for wanted in monitored.tests:
            need(wanted in known.monitoring.tests, f"monitoring.yaml, {monitored.ingredient}", f"{wanted} is no test")
    compile_all("lists.yaml, dosage_changed", known.lists.dosage_changed)
    for limit in known.process.flags:
        need(limit.since in {"admission", "discharge"}, f"process_flags.yaml, {limit.id}", "since is no such time")
        done = {"reconciled", "gp_reconciled", "pharmacy_stage_1"}
        need(limit.done in done, f"process_flags.yaml, {limit.id}", "done is no such time")


def _devices(known: Devices, need: Need) -> None:
    kinds = {device.kind for device in known.devices}
    groups = {device.group for device in known.devices}
    for brand, kind in known.brands.items():
        need(kind in kinds, f"devices.yaml, {brand}", f"{kind} is no device")
    for medicine in known.medicines:
        need(medicine.group in groups, f"devices.yaml, {medicine.words}", f"{medicine.group} is no group")


def _courses(known: Courses, compile_all: Compile) -> None:
    for field in ("long_term", "ends", "no_end", "steps", "not_steps", "schedule", "schedule_elsewhere"):
        compile_all(f"courses.yaml, {field}", getattr(known, field))


def _pincer(known: Pincer, need: Need, compile_all: Compile) -> None:
    for one in (*known.drugs, *known.conditions):
        place = f"pincer.yaml, {one.id}"
        for name in (*one.of, *([one.without] if one.without else [])):
            need(name in known.sets, place, f"{name} is no set")
        need(one.condition is None or one.condition in known.condition_sets, place, f"{one.condition} is no condition")
        need(one.test is None or (one.test in known.tests and one.below is not None), place, "a test and its limit")
    for one in known.conditions:
        need(one.condition or one.test, f"pincer.yaml, {one.id}", "it names neither a condition nor a test")
    for name, coded in (*known.condition_sets.items(), *known.tests.items()):
        _coded(f"pincer.yaml, {name}", coded, compile_all)
    compile_all("pincer.yaml, not_conditions", known.not_conditions)


def _coded(place: str, one: Coded, compile_all: Compile) -> None:
    compile_all(place, one.patterns)
    compile_all(place, one.not_patterns)
