"""How organisations write a medicine: forms, strengths and notations of our own, not the reader's."""

from __future__ import annotations

import random
from decimal import Decimal

from msgspec import Struct


class Form(Struct, frozen=True):
    """`kind` is the kind of route; `uk`, `short` and `us` are how it is written; `per` is what a strength is per."""

    name: str
    kind: str
    uk: str
    short: str
    us: str
    per: str = ""


TABLET = Form("tablet", "systemic", "tablets", "tab PO", "Oral Tablet")
CAPSULE = Form("capsule", "systemic", "capsules", "cap PO", "Oral Capsule")
LIQUID = Form("oral solution", "systemic", "oral solution", "oral solution", "Oral Solution", "5ml")
INJECTION = Form("injection", "systemic", "solution for injection", "injection", "Injection", "1ml")
EYE = Form("eye drops", "eye", "eye drops", "eye drops", "Ophthalmic Solution", "%")
CREAM = Form("cream", "topical", "cream", "cream", "Topical Cream", "%")
GEL = Form("gel", "topical", "gel", "gel", "Topical Gel", "%")
INHALER = Form("inhaler", "inhaled", "inhaler", "inhaler", "Inhaler", "dose")

#: Substances that are given by two kinds of route, and the second form.
TWO_ROUTES = {
    "timolol": EYE,
    "hydrocortisone": CREAM,
    "aciclovir": CREAM,
    "dexamethasone": EYE,
    "prednisolone": EYE,
    "ibuprofen": GEL,
    "diclofenac": GEL,
    "metronidazole": GEL,
    "ketoconazole": CREAM,
    "betamethasone": CREAM,
    "salbutamol": INHALER,
    "levofloxacin": EYE,
    "ofloxacin": EYE,
    "acetazolamide": EYE,
    "piroxicam": GEL,
    "clindamycin": GEL,
}

SUPPLIERS = (
    "Teva UK Ltd",
    "Accord Healthcare Ltd",
    "Sandoz Ltd",
    "Mylan",
    "Zentiva Pharma UK Ltd",
    "A A H Pharmaceuticals Ltd",
)

_LADDERS = ((1, 3, 5), (2, 4, 8), (5, 10, 20), (25, 50, 100), (40, 80), (100, 200, 400), (250, 500), (500, 1000))
_SMALL = (25, 50, 100)


class Strength(Struct, frozen=True):
    """`amounts` in mg (for per cent forms: in percent), one for each ingredient; in the order of the names."""

    amounts: tuple[Decimal, ...]
    per: str = ""

    @property
    def plain(self) -> str:
        """In one notation, for methods that compare fields."""
        words = " + ".join(f"{_number(a)} {'%' if self.per == '%' else 'mg'}" for a in self.amounts)
        return f"{words}/{self.per}" if self.per not in ("", "%") else words


def strengths(chance: random.Random, form: Form, ingredients: int) -> list[Strength]:
    """Two or three that a substance is made in, as this patient's medicine."""
    if form.per == "%":
        return [Strength((Decimal(n) / 10,), "%") for n in chance.choice(((5, 10), (10, 20), (3, 5)))]
    if form.per == "dose":
        return [Strength((Decimal(n) / 1000,), "dose") for n in _SMALL]
    if ingredients == 2:
        made = chance.choice((((8, 500), (15, 500), (30, 500)), ((5, 10), (10, 20)), ((50, 12), (100, 25))))
        return [Strength(tuple(map(Decimal, pair))) for pair in made]
    if form is TABLET and chance.random() < 0.08:
        return [Strength((Decimal(n) / 1000,)) for n in _SMALL]
    return [Strength((Decimal(n),), form.per) for n in chance.choice(_LADDERS)]


def amount(chance: random.Random, strength: Strength, style: str) -> tuple[str, bool]:
    """As the style writes it, and whether in another notation than most would use (0.5 g, 0.05 mg)."""
    space = " " if style in ("us", "ward") else "" if style == "gp" else chance.choice(("", " "))
    if strength.per == "%":
        return f"{_number(strength.amounts[0])}{space}%", False
    if len(strength.amounts) > 1:
        bare = "/".join(map(_number, strength.amounts))
        if style != "us" and chance.random() < 0.4:
            return bare, True
        joined = " / ".join if style == "us" else "/".join
        unit = " MG" if style == "us" else "mg"
        return joined(f"{_number(a)}{unit}" for a in strength.amounts), False
    mg = strength.amounts[0]
    other = chance.random() < 0.12
    if style == "us":
        value, unit = _number(mg), "MG"
    elif mg < 1:
        value, unit = (
            (_number(mg), "mg") if other else (_number(mg * 1000), chance.choice(("microgram", "micrograms", "mcg")))
        )
    elif mg >= 250 and (other or mg == 1000):
        value, unit = _number(mg / 1000), "g"
    else:
        value, unit, other = _number(mg), "mg", False
    per = {"5ml": "/5ml", "1ml": "/1ml", "dose": "/dose"}.get(strength.per, "")
    if style == "us" and per:
        per = per.upper() if "ml" in per else "/ACTUAT"
    return f"{value}{space}{unit}{per}", other and style != "us"


def written(
    chance: random.Random, style: str, name: str, brand: str | None, strength: str, form: Form, stated: bool
) -> str:
    """The whole text. `brand` is set where the brand's name is used; a US text then ends in it, in brackets."""
    if style == "us":
        text = f"{name} {strength} {form.us}"
        return f"{text} [{brand}]" if brand else text
    shown = brand or name
    if style == "ward":
        shown = shown if brand else chance.choice((shown, shown.lower(), shown.upper()))
        return f"{shown} {strength} {form.short if stated else ''}".strip()
    shown = shown[:1].upper() + shown[1:]
    text = f"{shown} {strength} {form.uk}" if stated else f"{shown} {strength}"
    if style == "pharmacy" and stated:
        if chance.random() < 0.5:
            text += f" ({chance.choice(SUPPLIERS)})"
        if form in (TABLET, CAPSULE) and chance.random() < 0.2:
            text += f" {chance.choice((28, 30, 56))} {form.name}"
    return text


def _number(value: Decimal) -> str:
    return format(value.normalize(), "f")
