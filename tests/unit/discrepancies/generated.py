"""Generated patients: medicines of every day in several writings, doses and states, drawn onto lists."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

from gateway.records.lists import ListAsWritten
from tests.unit.discrepancies.rule_cases import CaseMedicine, RuleCase

#: Writings of a medicine, and doses of which two mean the same.
POOL: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("Apixaban 5mg tablets", "Eliquis 5mg tablets"),
        ("One tablet twice a day", "5 mg twice a day", "2.5 mg twice a day"),
    ),
    (("Warfarin 3mg tablets",), ("One tablet once a day", "3 mg once a day", "As directed")),
    (("Ramipril 5mg capsules", "Tritace 5mg capsules"), ("One capsule once a day", "5 mg daily", "10 mg daily")),
    (("Candesartan 8mg tablets",), ("One tablet once a day", "8 mg daily")),
    (("Bisoprolol 2.5mg tablets",), ("One tablet in the morning", "2.5 mg once a day", "25 mg once a day")),
    (("Propranolol 40mg tablets",), ("One tablet twice a day", "40 mg twice a day")),
    (("Naproxen 500mg tablets", "Naprosyn 500mg tablets"), ("One tablet twice a day", "500 mg twice a day")),
    (("Aspirin 75mg dispersible tablets",), ("One tablet once a day", "75 mg daily")),
    (("Clopidogrel 75mg tablets",), ("One tablet once a day", "75 mg daily")),
    (("Methotrexate 2.5mg tablets",), ("Six tablets once a week on Monday", "One tablet once a day")),
    (("Metformin 500mg tablets", "Glucophage 500mg tablets"), ("One tablet twice a day", "Two tablets once a day")),
    (
        ("Lantus 100units/ml solution for injection 3ml pre-filled SoloStar pens",),
        ("18 units at night", "8 units at night"),
    ),
    (("Levothyroxine 100microgram tablets",), ("One tablet once a day", "100 micrograms daily")),
    (("Co-codamol 30mg/500mg tablets",), ("Two tablets four times a day", "Two tablets when needed")),
    (("Paracetamol 500mg tablets",), ("Two tablets four times a day", "Two tablets four times a day when needed")),
    (("MST Continus 30mg tablets", "Morphine 30mg modified-release tablets"), ("One tablet twice a day",)),
    (
        ("Fentanyl 25micrograms/hour transdermal patches",),
        ("Apply one patch every 72 hours", "Apply one patch every day"),
    ),
    (("Co-careldopa 12.5mg/50mg tablets",), ("Two tablets three times a day", "One tablet six times a day")),
    (("Epilim Chrono 500mg tablets", "Sodium valproate 500mg modified-release tablets"), ("One tablet twice a day",)),
    (("Sertraline 50mg tablets",), ("One tablet once a day",)),
    (("Citalopram 20mg tablets",), ("One tablet once a day",)),
    (("Simvastatin 40mg tablets",), ("One tablet at night",)),
    (("Prednisolone 5mg tablets",), ("One tablet once a day", "Six tablets once a day, reduce gradually")),
    (("Salbutamol 100micrograms/dose inhaler",), ("Two puffs when needed",)),
    (("Foomycin 5mg tablets",), ("One tablet once a day",)),
)
#: A medicine that protects from another; without it a hazard comes up, as it should.
PROTECTS = (("Omeprazole 20mg gastro-resistant capsules",), ("One capsule once a day",))

_STATUS = st.sampled_from(("active", "active", "active", "active", "active", "on-hold", "stopped"))


@st.composite
def medicines(draw: st.DrawFn, least: int = 0, most: int = 7) -> tuple[CaseMedicine, ...]:
    """A list without the same medicine twice."""
    chosen = draw(st.lists(st.sampled_from((*POOL, PROTECTS)), min_size=least, max_size=most, unique=True))
    return tuple(
        CaseMedicine(
            draw(st.sampled_from(names)),
            draw(st.sampled_from(doses)),
            draw(_STATUS),
            indication=draw(st.sampled_from((None, "As told"))),
        )
        for names, doses in chosen
    )


def written(**lists: tuple[CaseMedicine, ...]) -> list[ListAsWritten]:
    """By the names of rule_cases: gp, clinic, ward, discharge, pharmacy."""
    return RuleCase(id="generated", say="", lists=dict(lists)).written()


def named(one: ListAsWritten, name: str) -> ListAsWritten:
    """The same list under another name."""

    def moved(id_: str) -> str:
        return f"{name}/{id_.partition('/')[2]}"

    entries = tuple(msgspec.structs.replace(e, list=name, id=moved(e.id)) for e in one.entries)
    return msgspec.structs.replace(one, name=name, entries=entries)
