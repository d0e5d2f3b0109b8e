"""Where two statements about one medicine cannot both be true. Saying less is no contradiction; 500 mg is 0.5 g."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from gateway.normalise.lexicon import lexicon_of
from gateway.records.product import Product, Strength
from gateway.terminology.vocabulary import Vocabulary, normalise_words


def contradictions(readings: Sequence[Product], vocabulary: Vocabulary) -> tuple[str, ...]:
    """One sentence for each of strength, form, release and brand on which readings of one ingredient set differ."""
    return tuple(
        sentence
        for sentence in (
            _told("strengths", [p for p in readings if p.strengths], _strengths_differ(vocabulary), _name),
            _told(
                "forms",
                [p for p in readings if p.form],
                lambda a, b: form_differs(a.form or "", b.form or "", vocabulary),
                _form,
            ),
            _told("releases", [p for p in readings if p.release], lambda a, b: a.release != b.release, _release),
            _told("brands", [p for p in readings if p.brand], _brands_differ, _brand),
        )
        if sentence
    )


def _told(
    what: str, readings: Sequence[Product], differ: Callable[[Product, Product], bool], show: Callable[[Product], str]
) -> str | None:
    if any(differ(a, b) for n, a in enumerate(readings) for b in readings[n + 1 :]):
        return f"its texts name different {what}: {'; '.join(sorted({show(p) for p in readings}))}"
    return None


def _name(product: Product) -> str:
    return product.name


def _form(product: Product) -> str:
    return product.form or ""


def _release(product: Product) -> str:
    return product.release or ""


def _brand(product: Product) -> str:
    return product.brand or ""


def _brands_differ(a: Product, b: Product) -> bool:
    """Humalog and Humalog KwikPen are one brand, said with more or fewer words."""
    one, two = (f"{normalise_words(p.brand or '')} " for p in (a, b))
    return not (one.startswith(two) or two.startswith(one))


def form_differs(one: str, other: str, vocabulary: Vocabulary) -> bool:
    """Whether a product cannot be both: a tablet may be a chewable tablet, an injection a vial, but no capsule."""
    general = lexicon_of(vocabulary).harmless.general_forms
    if one == other or one in general or other in general:
        return False
    return not (f" {one}".endswith(f" {other}") or f" {other}".endswith(f" {one}"))


def strengths_differ(one: Iterable[Strength], other: Iterable[Strength], vocabulary: Vocabulary) -> bool:
    """Whether amounts of the same kinds (a mass, a mass in a volume) differ; other kinds cannot be compared.

    A mass in a volume is compared as a concentration: 125 mg in 5 ml is 25 mg in 1 ml.
    """
    ours, theirs = (sorted(_in_base(s, vocabulary) for s in strengths) for strengths in (one, other))
    if [kind for kind, _ in ours] != [kind for kind, _ in theirs]:
        return False
    return any(abs(a - b) > max(a, b) / 1000 for (_, a), (_, b) in zip(ours, theirs, strict=True))


def _strengths_differ(vocabulary: Vocabulary) -> Callable[[Product, Product], bool]:
    return lambda a, b: strengths_differ(a.strengths, b.strengths, vocabulary)


def _in_base(strength: Strength, vocabulary: Vocabulary) -> tuple[tuple[str, str], Decimal]:
    value, kind = _base(strength.value, strength.unit, vocabulary)
    if not strength.per_unit:
        return (kind, ""), value
    per, below = _base(strength.per_value or Decimal(1), strength.per_unit, vocabulary)
    return (kind, below), value / per if per else value


def _base(value: Decimal, unit: str, vocabulary: Vocabulary) -> tuple[Decimal, str]:
    known = vocabulary.units.get(unit)
    return (value * known.factor, known.dimension) if known and known.dimension else (value, unit)
