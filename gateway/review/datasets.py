"""An outcome as lines under the headings of a standard. Headings and their order are data of mappings/outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml
from msgspec import Struct

from gateway.errors import KnowledgeError
from gateway.records.outcome import Became, DoseWords, MedicineOutcome, OutcomeOfReview, Said
from gateway.review import words
from gateway.settings import mappings_dir, read_once

AboutField = Literal[
    "nhs-number", "name", "birth-date", "gender", "hospital", "ward", "discharge-at", "contact", "allergies",
    "signed-at", "completeness",
]  # fmt: skip
MedicineField = Literal[
    "medicine", "form", "route", "dose", "frequency", "status", "indication", "reason", "amendment", "note", "cautions",
    "decided",
]  # fmt: skip

BECAME = {
    Became.NEW: "new",
    Became.PERHAPS_NEW: "not known whether new",
    Became.CHANGED: "changed",
    Became.CONTINUED: "continued",
    Became.STOPPED: "stopped",
    Became.WITHHELD: "withheld",
    Became.NOT_TAKING: "not taking",
    Became.UNDECIDED: "not decided",
}


class AboutColumn(Struct, frozen=True, forbid_unknown_fields=True):
    field: AboutField
    heading: str


class MedicineColumn(Struct, frozen=True, forbid_unknown_fields=True):
    field: MedicineField
    heading: str


class DatasetSection(Struct, frozen=True, forbid_unknown_fields=True):
    heading: str
    of: tuple[Became, ...]


class Dataset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`verify`: the headings were written from memory and are to be held against the standard."""

    block: str
    source: str
    review: dict[str, Any]
    verify: bool
    about: tuple[AboutColumn, ...]
    sections: tuple[DatasetSection, ...]
    fields: tuple[MedicineColumn, ...]


@read_once
def load_dataset(name: str, folder: Path | None = None) -> Dataset:
    """gp_discharge or dms_referral. Raises KnowledgeError where the file is wrong or leaves an outcome out."""
    path = (folder or mappings_dir() / "outcome") / f"{name}.yaml"
    try:
        found = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Dataset)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"mappings/outcome/{name}.yaml: {error}") from None
    held = [one for section in found.sections for one in section.of]
    if sorted(held) != sorted(Became):
        raise KnowledgeError(f"mappings/outcome/{name}.yaml: every outcome stands in exactly one section")
    return found


def lines_of(outcome: OutcomeOfReview, dataset: Dataset) -> Iterator[tuple[str, dict[str, str | None]]]:
    """(section, value by heading) of every medicine; None is not recorded. Parts of one dose are lines of their own."""
    for section in dataset.sections:
        for medicine in outcome.of(*section.of):
            for part in medicine.named:
                values = _values(medicine, part)
                yield section.heading, {c.heading: values[c.field] for c in dataset.fields}


def about_of(dataset: Dataset, values: Mapping[str, str | None]) -> dict[str, str | None]:
    """`values` by field."""
    return {c.heading: values[c.field] for c in dataset.about}


def completeness(outcome: OutcomeOfReview) -> str | None:
    """One sentence for each list that did not come whole; None where all did."""
    return " ".join(f"{s.title}: {s.state_words.lower()}." for s in outcome.sources if not s.complete) or None


def _values(medicine: MedicineOutcome, part: Said) -> dict[str, str | None]:
    dose, times = _dose(part.dose)
    return {
        "medicine": part.medicine,
        "form": part.form,
        "route": part.route,
        "dose": dose,
        "frequency": times,
        "status": BECAME[medicine.became],
        "indication": part.indication,
        "reason": medicine.reason_words,
        "amendment": amendment(medicine),
        "note": medicine.note,
        "cautions": " ".join(cautions_of(medicine)) or None,
        "decided": f"{medicine.role}, {words.time(medicine.at)}" if medicine.role else None,
    }


def _dose(dose: DoseWords | None) -> tuple[str | None, str | None]:
    """Apart where both are known; else the whole stands under dose, and no half of it is lost."""
    if dose is None:
        return None, None
    if dose.amount and dose.times:
        return dose.amount, dose.times
    return dose.whole, None


def cautions_of(medicine: MedicineOutcome) -> tuple[str, ...]:
    missing = ("The second check of this decision is missing.",) if medicine.check_missing else ()
    return medicine.cautions + missing


def amendment(medicine: MedicineOutcome) -> str | None:
    """ "Was Apixaban 5mg tablets, one twice a day (GP practice); now Apixaban 2.5mg tablets, one twice a day"."""
    was, now = _said(medicine.before, lists=True), _said(medicine.after)
    if medicine.became is Became.CHANGED:
        return f"Was {was}; now {now}"
    if medicine.became is Became.NEW:
        return "Started"
    if medicine.became is Became.PERHAPS_NEW:
        return "Not known whether it was taken before admission: not every list from before came whole"
    if medicine.became is Became.WITHHELD:
        return f"Withheld; restart: {medicine.restart}"
    if medicine.became is Became.UNDECIDED:
        asked = f"; asked of the prescriber: {medicine.question}" if medicine.question else ""
        return f"Not decided: {_said(medicine.lists, lists=True) or medicine.medicine}{asked}"
    return None


def _said(parts: tuple[Said, ...], *, lists: bool = False) -> str:
    said = []
    for one in parts:
        text = f"{one.medicine}, {one.dose.whole if one.dose else 'dose not recorded'}"
        said.append(f"{text} ({words.joined(list(one.lists))})" if lists and one.lists else text)
    return "; ".join(said)
