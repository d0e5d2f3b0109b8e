"""Compile the YAML blocks of mappings/terminology/ into one `Vocabulary`. Every reference is checked here."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from gateway.errors import KnowledgeError
from gateway.terminology import blocks
from gateway.terminology.vocabulary import Form, Ingredient, MedicineClass, Name, Route, Unit, Vocabulary
from gateway.terminology.vocabulary import normalise_words as words

try:  # libyaml reads the blocks seven times as fast; where it is not built in, the plain loader reads the same
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # pragma: no cover
    from yaml import SafeLoader  # type: ignore[assignment]

F = TypeVar("F")


def compile_vocabulary(folder: Path, version: str) -> Vocabulary:
    """Raises KnowledgeError naming the file and the place that does not fit or names something unknown."""
    paths = sorted((folder / "substances").glob("*.yaml"))
    files = {f"substances/{path.name}": _read(path, blocks.SubstancesFile) for path in paths}
    classes = _read(folder / "classes.yaml", blocks.ClassesFile)
    routes = _read(folder / "routes.yaml", blocks.RoutesFile)
    forms = _read(folder / "forms.yaml", blocks.FormsFile)
    units = _read(folder / "units.yaml", blocks.UnitsFile)
    ingredients = _ingredients([(name, s) for name, file in files.items() for s in file.ingredients], classes)
    form_table = _forms(forms, routes)
    names, twice = _Names(ingredients, form_table, routes).collect(files)
    return Vocabulary(
        version=version,
        ingredients=ingredients,
        names=names,
        forms=form_table,
        form_words=_one_reading(
            ((w, key) for key, f in zip(form_table, forms.forms, strict=True) for w in _form_words(f)), "forms.yaml"
        ),
        routes={r.name: Route(name=r.name, kind=r.kind) for r in routes.routes},
        route_words=_one_reading(((w, r.name) for r in routes.routes for w in (r.name, *r.words)), "routes.yaml"),
        route_codes={code: r.name for r in routes.routes for code in r.codes},
        units={u.name: Unit(name=u.name, dimension=u.dimension, factor=_factor(u)) for u in units.units},
        unit_words=_unit_words(units),
        classes={
            key: MedicineClass(
                name=key, label=label, members=tuple(sorted(i.name for i in ingredients.values() if key in i.classes))
            )
            for key, label in classes.classes.items()
        },
        confusable=_confusable(_read(folder / "confusable.yaml", blocks.ConfusableFile)),
        release_words=_one_reading(((w, r) for r, ws in forms.release_words.items() for w in ws), "forms.yaml"),
        solid_release_words=_one_reading(
            ((w, r) for r, ws in forms.release_words_of_solid_forms.items() for w in ws), "forms.yaml"
        ),
        release_hours={words(w): hours for hours, ws in forms.release_hours.items() for w in ws},
        suppliers=tuple(sorted(map(words, _read(folder / "suppliers.yaml", blocks.SuppliersFile).suppliers))),
        ambiguous=tuple(twice),
        ambiguous_as_written=tuple(twice.values()),
        code_systems={
            uri: kind
            for kind, uris in _read(folder / "code_systems.yaml", blocks.CodeSystemsFile).systems.items()
            for uri in uris
        },
    )


def _read(path: Path, shape: type[F]) -> F:
    try:
        return msgspec.convert(yaml.load(path.read_text(encoding="utf-8"), SafeLoader), shape, strict=True)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        place = f"substances/{path.name}" if shape is blocks.SubstancesFile else path.name
        raise KnowledgeError(f"mappings/terminology/{place}: {error}") from None


def _factor(unit: blocks.UnitBlock) -> Decimal:
    try:
        factor = Decimal(unit.factor)
    except InvalidOperation:
        factor = Decimal("NaN")
    if not (factor.is_finite() and factor > 0):
        raise KnowledgeError(f"mappings/terminology/units.yaml: {unit.name}: factor {unit.factor} is no number above 0")
    return factor


def _ingredients(
    substances: list[tuple[str, blocks.SubstanceBlock]], classes: blocks.ClassesFile
) -> dict[str, Ingredient]:
    critical = set(classes.critical.classes)
    found: dict[str, Ingredient] = {}
    for file, one in sorted(substances, key=lambda s: s[1].name):
        unknown = [c for c in one.classes if c not in classes.classes]
        if unknown:
            raise KnowledgeError(f"mappings/terminology/{file}: {one.name}: class {unknown[0]} is not in classes.yaml")
        if one.name in found:
            raise KnowledgeError(f"mappings/terminology/{file}: {one.name} stands there twice, or in another file too")
        found[one.name] = Ingredient(
            name=one.name,
            classes=one.classes,
            atc=one.atc,
            critical=bool(critical & set(one.classes)) or one.name in classes.critical.ingredients,
            base=one.base,
        )
    for name in classes.critical.ingredients:
        if name not in found:
            raise KnowledgeError(f"mappings/terminology/classes.yaml: critical medicine {name} is no known ingredient")
    return found


def _forms(forms: blocks.FormsFile, routes: blocks.RoutesFile) -> dict[str, Form]:
    known = {r.name for r in routes.routes}
    table: dict[str, Form] = {}
    for one in forms.forms:
        missing = [r for r in one.routes if r not in known]
        if missing:
            raise KnowledgeError(
                f"mappings/terminology/forms.yaml: {one.name}: route {missing[0]} is not in routes.yaml"
            )
        key = f"{one.name}|{one.release}" if one.release else one.name
        if key in table:
            raise KnowledgeError(f"mappings/terminology/forms.yaml: {key} stands there twice")
        table[key] = Form(
            name=one.name, release=one.release, routes=one.routes, device=one.device, unit=one.unit, group=one.group
        )
    return table


def _form_words(one: blocks.FormBlock) -> tuple[str, ...]:
    """The plain name belongs to the form without release."""
    return one.words if one.release else (one.name, *one.words)


def _unit_words(units: blocks.UnitsFile) -> dict[str, str]:
    pairs = [(w.lower(), u.name) for u in units.units for w in (u.name, *u.words)]
    pairs += [(words(w), u.name) for u in units.units for w in (u.name, *u.words) if words(w)]
    return _one_reading(iter(pairs), "units.yaml", normal=False)


def _one_reading(pairs: object, file: str, *, normal: bool = True) -> dict[str, str]:
    found: dict[str, str] = {}
    for word, meaning in pairs:  # type: ignore[attr-defined]
        key = words(word) if normal else word
        if found.setdefault(key, meaning) != meaning:
            raise KnowledgeError(f"mappings/terminology/{file}: {word!r} means both {found[key]} and {meaning}")
    return found


def _confusable(file: blocks.ConfusableFile) -> dict[str, tuple[str, ...]]:
    table: dict[str, set[str]] = defaultdict(set)
    for a, b in file.pairs:
        table[words(a)].add(words(b))
        table[words(b)].add(words(a))
    return {name: tuple(sorted(others)) for name, others in sorted(table.items())}


class _Names:
    """Every written name and its one reading. A name with two readings is in neither table but `ambiguous`."""

    def __init__(self, ingredients: dict[str, Ingredient], forms: dict[str, Form], routes: blocks.RoutesFile) -> None:
        self._ingredients, self._forms = ingredients, forms
        self._known_forms = {f.name for f in forms.values()} | {f.group for f in forms.values() if f.group}
        self._routes = {r.name for r in routes.routes}
        self._names: dict[str, Name] = {}
        self._twice: dict[str, str] = {}
        self._file = ""

    def collect(self, files: dict[str, blocks.SubstancesFile]) -> tuple[dict[str, Name], dict[str, str]]:
        for self._file, file in files.items():
            for one in file.ingredients:
                self._substance(one)
            for combination in file.combinations:
                self._combination(combination)
            for name in (*file.appliances, *file.emollients, *file.foods):
                self._add(name, Name(written=name, kind="appliance", ingredients=()))
        for key in self._twice:
            del self._names[key]
        return self._names, dict(sorted(self._twice.items()))

    def _substance(self, one: blocks.SubstanceBlock) -> None:
        only = (one.name,)
        self._add(one.name, Name(written=one.name, kind="ingredient", ingredients=only))
        for name in one.also:
            self._add(name, Name(written=name, kind="synonym", ingredients=only))
        for name in one.salts:
            self._add(name, Name(written=name, kind="salt", ingredients=only, salt=name))
        self._brands(one.brands, only)

    def _combination(self, one: blocks.CombinationBlock) -> None:
        for ingredient in one.ingredients:
            if ingredient not in self._ingredients:
                raise KnowledgeError(f"mappings/terminology/{self._file}: a combination names {ingredient}, not known")
        for name in (*((one.name,) if one.name else ()), *one.also):
            self._add(name, Name(written=name, kind="combination", ingredients=one.ingredients))
        self._brands(one.brands, one.ingredients)

    def _brands(self, brands: tuple[str | blocks.BrandBlock, ...], ingredients: tuple[str, ...]) -> None:
        for given in brands:
            one = blocks.BrandBlock(given) if isinstance(given, str) else given
            if one.form and one.form not in self._forms:
                raise KnowledgeError(
                    f"mappings/terminology/{self._file}: brand {one.name}: form {one.form} is not known"
                )
            for form in one.forms:
                if form not in self._known_forms:
                    raise KnowledgeError(
                        f"mappings/terminology/{self._file}: brand {one.name}: form {form} is not known"
                    )
            if one.route and one.route not in self._routes:
                raise KnowledgeError(
                    f"mappings/terminology/{self._file}: brand {one.name}: route {one.route} is not known"
                )
            name = Name(
                written=one.name,
                kind="brand",
                ingredients=ingredients,
                form=one.form,
                release=one.release,
                release_hours=one.release_hours,
                route=one.route,
                device=one.device,
                forms=one.forms,
            )
            self._add(one.name, name)

    def _add(self, written: str, name: Name) -> None:
        key = words(written)
        there = self._names.setdefault(key, name)
        if there is name:
            return
        readings = (there, *there.others)
        if name.forms and all(r.forms and not set(r.forms) & set(name.forms) for r in readings):
            self._names[key] = msgspec.structs.replace(there, others=(*there.others, name))
            return
        appliance = "appliance" in (there.kind, name.kind) and there.kind != name.kind
        # The same words as name and as synonym are one meaning; the order of ingredients is part of it (strengths).
        if there.ingredients != name.ingredients or appliance:
            self._twice[key] = there.written
