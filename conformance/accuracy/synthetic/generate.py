"""Patients from a seed: medicines, courses, lists, and what is planted among them."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator

from msgspec import Struct

from conformance.accuracy.synthetic.entries import Entry, Patient
from conformance.accuracy.synthetic.facts import Facts, Substance, facts
from conformance.accuracy.synthetic.faults import spoil
from conformance.accuracy.synthetic.writing import (
    CAPSULE,
    INJECTION,
    LIQUID,
    TABLET,
    TWO_ROUTES,
    Form,
    Strength,
    amount,
    strengths,
    written,
)

STYLES = ("gp", "ward", "pharmacy", "us", "clinic")

LOOK_ALIKE = 0.25
TWO_COURSES = 0.2
TWO_KINDS = 0.1
CHANGED = 0.08
ON_A_LIST = 0.85
#: Where a substance has brands: nine in ten UK items are written by generic name; a supply names brands more often.
BRANDED = {"pharmacy": 0.25}
BRANDED_ELSEWHERE = 0.12
#: Shares of the entries. Slips of two letters and cut names are rare in records; a reader is to abstain there.
FAULTS = (("misspelt", 0.02), ("misspelt-twice", 0.004), ("truncated", 0.004))


class _Course(Struct, frozen=True, kw_only=True):
    """`name` is the only one to use where it is set: a look-alike must be written as it looks alike."""

    id: str
    substance: Substance
    form: Form
    strength: Strength
    others: tuple[Strength, ...] = ()
    stated: bool = False
    name: str | None = None
    lists: tuple[str, ...] = ()


def fresh_seed() -> int:
    """One that nobody has tuned on; print it beside the figure."""
    return secrets.randbelow(1_000_000_000)


def patients(
    number: int, seed: int, *, medicines: tuple[int, int] = (8, 16), lists: tuple[int, int] = (3, 5)
) -> Iterator[Patient]:
    """`number` patients; the n-th is the same whatever the number. `medicines` and `lists` are least and most."""
    known = facts()
    names = frozenset(
        n.lower() for s in (*known.singles, *known.combinations) for n in (*s.generics, *s.salts, *s.brands)
    )
    for n in range(number):
        yield _patient(random.Random(f"{seed}/{n}"), n, known, names, medicines, lists)


def _patient(
    chance: random.Random,
    n: int,
    known: Facts,
    names: frozenset[str],
    medicines: tuple[int, int],
    lists: tuple[int, int],
) -> Patient:
    shown = sorted(chance.sample(STYLES, chance.randint(*lists)))
    courses: list[_Course] = []
    planted: list[str] = []
    taken: set[str] = set()
    if chance.random() < LOOK_ALIKE:
        planted.append("look-alike")
        _look_alike(chance, known, courses, taken, shown)
    if chance.random() < TWO_KINDS:
        planted.append("two-routes")
        _two_routes(chance, known, courses, taken)
    wanted = chance.randint(*medicines)
    two = chance.random() < TWO_COURSES
    while len(taken) < wanted:
        source = known.combinations if chance.random() < 0.08 else known.singles
        substance = chance.choice(source)
        if substance.key in taken:
            continue
        taken.add(substance.key)
        form = _form(chance, substance)
        made = strengths(chance, form, len(substance.ingredients))
        if two and len(made) > 1 and len(substance.ingredients) == 1:
            two = False
            planted.append("two-courses")
            pair = chance.sample(made, 2)
            courses += [
                _Course(id=f"c{len(courses) + i}", substance=substance, form=form, strength=s, stated=True)
                for i, s in enumerate(pair)
            ]
            continue
        strength = chance.choice(made)
        others = tuple(s for s in made if s != strength) if chance.random() < CHANGED else ()
        if others:
            planted.append("changed-strength")
        courses.append(_Course(id=f"c{len(courses)}", substance=substance, form=form, strength=strength, others=others))
    entries = tuple(e for name in shown for e in _list(chance, name, courses, names))
    return Patient(id=f"p{n}", entries=entries, planted=tuple(dict.fromkeys(planted)))


def _form(chance: random.Random, substance: Substance) -> Form:
    if substance.injected:
        return INJECTION
    if len(substance.ingredients) > 1:
        return TABLET
    return chance.choices((TABLET, CAPSULE, LIQUID, INJECTION), (60, 25, 10, 5))[0]


def _look_alike(chance: random.Random, known: Facts, courses: list[_Course], taken: set[str], shown: list[str]) -> None:
    """Two names that look alike, in one form and strength, mostly on different lists: nothing else tells them apart."""
    (a, one), (b, other) = chance.choice(known.pairs)
    form = TABLET if len({len(s.ingredients) for s in (one, other)}) == 1 else CAPSULE
    strength = chance.choice(strengths(chance, form, max(len(one.ingredients), len(other.ingredients))))
    left = tuple(chance.sample(shown, chance.randint(1, len(shown) - 1)))
    right = tuple(n for n in shown if n not in left) if chance.random() < 0.7 else tuple(shown)
    for name, substance, where in ((a, one, left), (b, other, right)):
        taken.add(substance.key)
        courses.append(
            _Course(
                id=f"c{len(courses)}",
                substance=substance,
                form=form,
                strength=strength,
                stated=True,
                name=name,
                lists=where,
            )
        )


def _two_routes(chance: random.Random, known: Facts, courses: list[_Course], taken: set[str]) -> None:
    two = [s for s in known.singles if s.ingredients[0] in TWO_ROUTES and s.key not in taken]
    substance = chance.choice(two)
    taken.add(substance.key)
    for form in (TABLET, TWO_ROUTES[substance.ingredients[0]]):
        strength = chance.choice(strengths(chance, form, 1))
        courses.append(_Course(id=f"c{len(courses)}", substance=substance, form=form, strength=strength, stated=True))


def _list(chance: random.Random, name: str, courses: list[_Course], names: frozenset[str]) -> list[Entry]:
    there = [c for c in courses if (name in c.lists if c.lists else chance.random() < ON_A_LIST)]
    chance.shuffle(there)
    return [_entry(chance, name, n, course, names) for n, course in enumerate(there)]


def _entry(chance: random.Random, style: str, n: int, course: _Course, names: frozenset[str]) -> Entry:
    strength = chance.choice(course.others) if course.others and chance.random() < 0.3 else course.strength
    name, brand = _name(chance, style, course)
    faults = []
    draw = chance.random()
    for fault, share in FAULTS:
        draw -= share
        if draw < 0:
            spoilt = spoil(chance, brand or name, fault, names)
            if spoilt:
                faults.append(fault)
                name, brand = (name, spoilt) if brand and style != "us" else (spoilt, brand)
            break
    words, other = amount(chance, strength, style)
    stated = course.stated or style in ("gp", "us") or chance.random() < 0.85
    shown = course.stated or style in ("gp", "us") or chance.random() < 0.92
    if other and shown:
        faults.append("other-notation")
    return Entry(
        list=style,
        id=f"{style}/MedicationStatement/{n}",
        text=written(chance, style, name, brand, words if shown else "", course.form, stated).replace("  ", " "),
        strength=strength.plain if shown else "",
        form=course.form.name if stated else "",
        medicine=f"{course.substance.key} | {course.form.kind}",
        course=course.id,
        faults=tuple(faults),
    )


def _name(chance: random.Random, style: str, course: _Course) -> tuple[str, str | None]:
    """The generic name to write, and the brand where the brand is what stands there."""
    substance = course.substance
    if course.name:
        return (course.name, None) if course.name in substance.generics else (substance.generics[0], course.name)
    generic = substance.generics[0]
    draw = chance.random()
    if substance.brands and draw < BRANDED.get(style, BRANDED_ELSEWHERE):
        return generic, chance.choice(substance.brands)
    if substance.salts and draw > 0.88:
        return chance.choice(substance.salts), None
    if len(substance.generics) > 1 and draw > 0.78:
        return chance.choice(substance.generics), None
    return generic, None
