"""Reading names of medicines: the facts, and the many cases in which the only safe answer is none."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.normalise.product import read_name, read_product
from gateway.records.as_written import Coding, Concept, WrittenIngredient, WrittenMedicine
from gateway.terminology.vocabulary import Vocabulary

READ = [
    # text, ingredients, strengths (value unit[/per unit]), form, release, brand
    ("Apixaban 5mg tablets", "apixaban", "5 mg", "tablet", None, None),
    ("Eliquis 5mg tablets (Bristol-Myers Squibb Pharmaceuticals Ltd)", "apixaban", "5 mg", "tablet", None, "Eliquis"),
    ("Co-codamol 30mg/500mg tablets", "codeine + paracetamol", "30 mg, 500 mg", "tablet", None, None),
    ("co-codamol 8/500 tabs", "codeine + paracetamol", "8 mg, 500 mg", "tablet", None, None),
    ("Paracetamol 500mg / Codeine 30mg", "codeine + paracetamol", "30 mg, 500 mg", None, None, None),
    ("Salbutamol 100micrograms/dose inhaler CFC free", "salbutamol", "100 microgram/1 dose", "pressurised inhaler", None, None),
    ("albuterol 0.09 MG/ACTUAT Metered Dose Inhaler", "salbutamol", "0.09 mg/1 dose", "pressurised inhaler", None, None),
    ("Amoxicillin 125mg/5ml oral suspension sugar free", "amoxicillin", "125 mg/5 ml", "oral suspension", None, None),
    ("Insulin glargine 100units/ml solution for injection 3ml cartridges", "insulin glargine", "100 unit/1 ml", "cartridge", None, None),
    ("Hydrocortisone 1% cream", "hydrocortisone", "1 %", "cream", None, None),
    ("Fluticasone 1,000 micrograms", "fluticasone propionate", "1000 microgram", None, None, None),
    ("acetaminophen 325 MG Oral Tablet", "paracetamol", "325 mg", "tablet", None, None),
    ("Furosemide 40 MG Oral Tablet [Lasix]", "furosemide", "40 mg", "tablet", None, "Lasix"),
    ("Ramipril 2.5mg caps x 28", "ramipril", "2.5 mg", "capsule", None, None),
    ("Metformin 500mg modified-release tablets", "metformin", "500 mg", "tablet", "modified", None),
    ("24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet", "metformin", "500 mg", "tablet", "modified", None),
    ("MST Continus 10mg tablets", "morphine", "10 mg", "tablet", "modified", "MST Continus"),
    ("Sodium chloride 0.9% infusion 500ml bags", "sodium chloride", "0.9 %", "infusion", None, None),
    ("Trelegy Ellipta 92micrograms/dose / 55micrograms/dose / 22micrograms/dose dry powder inhaler",
     "fluticasone furoate + umeclidinium + vilanterol", None, "dry powder inhaler", None, "Trelegy Ellipta"),
    ("Amlodopine 5mg tablets", "amlodipine", "5 mg", "tablet", None, None),
    ("Traadol 50mg capsules", "tramadol", "50 mg", "capsule", None, None),  # though another name is two edits away
    ("Clozapin 25mg tablets", "clozapine", "25 mg", "tablet", None, None),
    ("Metfromin 500mg tablets [Glucophage]", "metformin", "500 mg", "tablet", None, "Glucophage"),
    ("Maxitram SR 100mg capsules", "tramadol", "100 mg", "capsule", "modified", "Maxitram SR"),
]  # fmt: skip
# ruff: noqa: E501


@pytest.mark.parametrize(("text", "ingredients", "strengths", "form", "release", "brand"), READ)
def test_a_written_name_is_read(
    text: str, ingredients: str, strengths: str | None, form: str | None, release: str | None, brand: str | None,
    vocabulary: Vocabulary,
) -> None:  # fmt: skip
    product = read_name(text, vocabulary)
    assert " + ".join(product.ingredients) == ingredients
    assert (product.form, product.release, product.brand) == (form, release, brand)
    if strengths is not None:
        said = [
            f"{s.value} {s.unit}" + (f"/{s.per_value} {s.per_unit}" if s.per_unit else "") for s in product.strengths
        ]
        assert ", ".join(said) == strengths


ABSTAIN = [
    "Foomycin hydrochlorothiazide 25mg tablets",  # an unknown name beside a known one
    "Eliquis A 5mg/1mg tablets",  # the brand with a suffix is another product
    "Lipitor Ultra tablets",
    "Metformin 500mg tablets [Lasix]",  # brand and generic contradict
    "Clobetasoll",  # between two confusable names
    "Epoetin meta",  # a short word is never corrected
    "Digyoxin 250microgram tablets",  # one letter from digoxin, two from digitoxin, which is confusable with it
    "Proatmine",  # a swap makes it protamine, two slips proamatine
    "Dopaemine 40mg/ml injection",  # dopamine, or dopexamine
    "Hepari 5000units/ml injection",  # heparin, or heparinoid cut off
    "Metformn 500mg tablets [Lasix]",  # the misspelt name and the brand contradict
    "Dilaco XR 120mg capsules",  # a short brand, whose next of kin is another medicine
    "Oxytocic",  # a class, one letter from a name
    "Aspirin Metformin",  # two names that nothing joins
    "patient's own tablets",
    "",
    "\x00\ud800 \u202e",
]


@pytest.mark.parametrize("text", ABSTAIN)
def test_what_is_not_certain_is_not_read(text: str, vocabulary: Vocabulary) -> None:
    product = read_name(text, vocabulary)
    assert product.ingredients == ()
    assert product.name == text


def test_text_and_coding_that_name_different_substances_are_a_contradiction(vocabulary: Vocabulary) -> None:
    concept = Concept(text="Aspirin 75mg tablets", codings=(Coding("x", "1", "Metformin 500mg tablets"),))
    product = read_product(WrittenMedicine(concept=concept), vocabulary)
    assert product.ingredients == ()
    assert "different medicines" in product.contradictions[0]


def test_displays_with_different_strengths_are_said_and_the_ingredient_is_kept(vocabulary: Vocabulary) -> None:
    codings = (Coding("a", "1", "Metformin 1g tablets"), Coding("b", "2", "Metformin 2g tablets"))
    product = read_product(WrittenMedicine(concept=Concept(codings=codings)), vocabulary)
    assert product.ingredients == ("metformin",)
    assert "different strengths" in product.contradictions[0]


def test_the_order_of_codings_changes_nothing(vocabulary: Vocabulary) -> None:
    codings = (Coding("a", "1", "Apixaban 5mg tablets"), Coding("b", "2", "Eliquis 5mg tablets"))
    one = read_product(WrittenMedicine(concept=Concept(codings=codings)), vocabulary)
    two = read_product(WrittenMedicine(concept=Concept(codings=codings[::-1])), vocabulary)
    assert (one.ingredients, one.brand, one.strengths, one.codes) == (
        two.ingredients,
        two.brand,
        two.strengths,
        two.codes,
    )


def test_an_ingredient_list_that_names_another_substance_is_a_contradiction(vocabulary: Vocabulary) -> None:
    other = WrittenIngredient(concept=Concept(text="Warfarin"))
    medicine = WrittenMedicine(concept=Concept(text="Apixaban 5mg tablets"), ingredients=(other,))
    assert read_product(medicine, vocabulary).contradictions


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=200))
def test_no_text_raises(vocabulary: Vocabulary, text: str) -> None:
    assert read_name(text, vocabulary).name == text


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_known_name_beside_a_word_nobody_knows_is_never_that_name(
    vocabulary: Vocabulary, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(n for n, v in vocabulary.names.items() if v.kind == "ingredient")))
    word = data.draw(st.text("bcdfghjkqvwxz", min_size=7, max_size=12))
    assert not read_name(f"{word} {name} 5mg tablets", vocabulary).ingredients


def test_a_name_of_100_kilobytes_is_kept_whole(vocabulary: Vocabulary) -> None:
    text = "apixaban " + "x" * 100_000
    assert read_name(text, vocabulary).name == text


@pytest.mark.records
def test_no_two_substances_of_real_look_alike_pairs_are_read_as_one(records_dir: Path, vocabulary: Vocabulary) -> None:
    with (records_dir / "names" / "hard_negative_pairs.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["why"].startswith("different VTM")]
    assert len(rows) > 50
    for row in rows:
        a, b = read_name(row["name_a"], vocabulary), read_name(row["name_b"], vocabulary)
        assert not (a.understood and a.ingredients == b.ingredients), row


@pytest.mark.records
def test_no_real_brand_is_read_as_another_substance_than_its_generic(records_dir: Path, vocabulary: Vocabulary) -> None:
    with (records_dir / "names" / "uk_brand_to_generic.csv").open(encoding="utf-8") as file:
        pairs = [(r["brand_product"], r["generic_product"]) for r in csv.DictReader(file)]
    read = [(read_name(a, vocabulary), read_name(b, vocabulary)) for a, b in pairs]
    both = [(a, b) for a, b in read if a.understood and b.understood]
    assert [(a.name, b.name) for a, b in both if a.ingredients != b.ingredients] == []
    assert len(both) >= 0.40 * len(pairs)


def test_values_carry_no_exponent(vocabulary: Vocabulary) -> None:
    strength = read_name("Amoxicillin 500mg capsules", vocabulary).strengths[0]
    assert str(strength.value) == "500"
    assert strength.value == Decimal(500)
