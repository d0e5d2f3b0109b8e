"""Two statements of one concept that cannot both be true are told; saying less, or the same in other units, is not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.normalise.product import read_product
from gateway.records.as_written import Coding, Concept, Quantity, Ratio, WrittenIngredient, WrittenMedicine
from gateway.records.product import Product
from gateway.terminology.vocabulary import Vocabulary

ATC = "http://www.whocc.no/atc"


def said(vocabulary: Vocabulary, *displays: str, **more: object) -> Product:
    codings = tuple(Coding("x", str(n), display) for n, display in enumerate(displays))
    return read_product(WrittenMedicine(concept=Concept(codings=codings), **more), vocabulary)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("a", "b", "what"),
    [
        ("Metformin 1g tablets", "Metformin 2g tablets", "strengths"),
        ("Metformin 500mg tablets", "Metformin 500mg/5ml oral solution", "forms"),
        ("Ramipril 5mg tablets", "Ramipril 5mg capsules", "forms"),
        ("Tacrolimus 1mg modified-release capsules", "Tacrolimus 1mg gastro-resistant capsules", "releases"),
        ("Grepid 75mg tablets", "Plavix 75mg tablets", "brands"),
        ("Amoxicillin 125mg/5ml oral suspension", "Amoxicillin 250mg/5ml oral suspension", "strengths"),
    ],
)
def test_strength_form_release_and_brand_that_contradict_are_told(
    a: str, b: str, what: str, vocabulary: Vocabulary
) -> None:
    product = said(vocabulary, a, b)
    assert product.understood
    assert any(f"different {what}" in sentence for sentence in product.contradictions)
    assert said(vocabulary, b, a).contradictions == product.contradictions


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Metformin 500mg tablets", "Metformin 0.5g tablets"),
        ("Metformin 500mg tablets", "Metformin"),
        ("Amoxicillin 125mg/5ml oral suspension", "amoxicillin 25 MG/ML Oral Suspension"),
        ("Insulin glargine 100units/ml solution for injection", "Lantus 100units/ml solution for injection 3ml cartridges"),
        ("Aspirin 75mg tablets", "Aspirin 75mg dispersible tablets"),
        ("Humalog 100units/ml", "Humalog KwikPen 100units/ml"),
        ("Co-codamol 30mg/500mg tablets", "Paracetamol 500mg / Codeine 30mg tablets"),
        ("Insulin glargine 100units/ml", "Insulin glargine 300units"),  # a concentration and an amount are not compared
    ],
)  # fmt: skip
# ruff: noqa: E501
def test_saying_less_or_the_same_in_other_words_is_no_contradiction(a: str, b: str, vocabulary: Vocabulary) -> None:
    assert said(vocabulary, a, b).contradictions == ()


def ingredient(name: str, value: int, unit: str = "mg", per: str | None = None) -> WrittenIngredient:
    below = Quantity(value=Decimal(1), unit=per) if per else None
    return WrittenIngredient(
        concept=Concept(text=name),
        strength=Ratio(numerator=Quantity(value=Decimal(value), unit=unit), denominator=below),
    )


def test_an_ingredient_list_of_another_strength_or_salt_of_the_same_base_is_told(vocabulary: Vocabulary) -> None:
    other = said(vocabulary, "Apixaban 5mg tablets", ingredients=(ingredient("Apixaban", 10),))
    assert other.contradictions == ("its name says another strength than its ingredients",)
    same = said(vocabulary, "Apixaban 5mg tablets", ingredients=(ingredient("Apixaban", 5, per="tablet"),))
    assert same.contradictions == ()
    salt = said(vocabulary, "Ferrous sulfate 200mg tablets", ingredients=(ingredient("Ferrous fumarate", 200),))
    assert not salt.understood
    assert salt.contradictions


def test_the_base_in_the_ingredient_list_is_the_salt_in_the_name(vocabulary: Vocabulary) -> None:
    product = said(vocabulary, "Metoprolol succinate 100mg tablets", ingredients=(ingredient("Metoprolol", 100),))
    assert product.ingredients == ("metoprolol succinate",)
    assert product.contradictions == ()


def test_the_text_that_names_the_salt_is_followed_and_another_salt_is_a_contradiction(vocabulary: Vocabulary) -> None:
    for displays in (
        ("Perindopril 5mg tablets", "Perindopril arginine 5mg tablets"),
        ("Metoprolol", "Metoprolol succinate"),
    ):
        product = said(vocabulary, *displays)
        assert product.ingredients == (displays[1].removesuffix(" 5mg tablets").lower(),)
        assert product.contradictions == ()
    assert not said(vocabulary, "Metoprolol tartrate 50mg tablets", "Metoprolol succinate 50mg tablets").understood
    assert not said(vocabulary, "Ferrous sulfate 200mg tablets", "Ferrous fumarate 200mg tablets").understood


def test_a_form_beside_the_name_fills_or_contradicts_it(vocabulary: Vocabulary) -> None:
    assert said(vocabulary, "Ramipril 5mg", form=Concept(text="Capsule")).form == "capsule"
    told = said(vocabulary, "Ramipril 5mg tablets", form=Concept(codings=(Coding("x", "1", "Capsule"),)))
    assert told.contradictions == ("its name says tablet, its form capsule",)


def test_a_puff_and_a_dose_are_one_metered_amount(vocabulary: Vocabulary) -> None:
    listed = said(
        vocabulary,
        "Salbutamol 100micrograms/dose inhaler",
        ingredients=(ingredient("Salbutamol", 100, "microgram", "puff"),),
    )
    assert listed.contradictions == ()


def test_an_atc_code_stands_in_only_where_nothing_else_is_read(vocabulary: Vocabulary) -> None:
    known = next((i for i in vocabulary.ingredients.values() if any(len(c) == 7 for c in i.atc)), None)
    coding = Coding(ATC, next(c for c in known.atc if len(c) == 7) if known else "C07AB02")
    alone = read_product(WrittenMedicine(concept=Concept(codings=(coding,))), vocabulary)
    assert (alone.ingredients, alone.known_by) == (((known.name,), "code") if known else ((), "text"))
    beside = Concept(text="Apixaban 5mg tablets", codings=(coding,))
    assert read_product(WrittenMedicine(concept=beside), vocabulary).ingredients == ("apixaban",)
    assert not read_product(WrittenMedicine(concept=Concept(codings=(Coding(ATC, "C07"),))), vocabulary).understood
