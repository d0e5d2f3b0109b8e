"""What must never be read as a medicine it is not, and what no text may do."""

from __future__ import annotations

import random
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.matching.compare import compare
from gateway.normalise.product import read_name
from gateway.records.matching import MatchLevel
from gateway.terminology.vocabulary import Vocabulary, normalise_words

OTHER_THINGS = {
    "d-ibuprofen": "dexibuprofen",
    "S-omeprazole 20mg": "esomeprazole",
    "omeprazole s-form": "esomeprazole",
    "D-thyroxine": "dextrothyroxine",
    "neomycin E": "paromomycin",
    "Cardil 60mg": "diltiazem, one letter from Nardil",
    "Dolantin": "pethidine, one letter from Dilantin",
    "Movicox 15mg tablets": "meloxicam, one letter from Movicol",
    "flusemide": "nicardipine, one letter from frusemide",
    "methenamide": "not methenamine",
    "Homeopathic sulfur 30c": "homeopathic",
    "Aspirin 75mg (Homeopathic)": "homeopathic",
    "Meloxicam 1.5mg/ml oral suspension for dogs": "for animals",
    "Placebo paracetamol 500mg": "a placebo",
    "\u043c\u0435\u0442\u0444\u043e\u0440\u043c\u0438\u043d apixaban": "a word of another script beside a known one",
    "\u03c8-tropine": "a letter of another script",
    "\u202eapixaban 5mg": "shown in another direction than stored",
    "Apixaban Foomycin 5mg tablets (Accord Healthcare Ltd)": "an unknown name beside a known one",
    "Apixaban 5mg (Foomycin)": "an unknown name in brackets",
    "insulin isophane, human 70 UNT/ML / insulin foozine 30 UNT/ML": "half of a mixture",
    "Septrin Forte and Foomycin": "a brand with a suffix",
    "Amlodipine [Exforge HCT]": "a generic and a brand of three",
}


@pytest.mark.parametrize("text", OTHER_THINGS)
def test_another_thing_is_not_read(text: str, vocabulary: Vocabulary) -> None:
    assert not read_name(text, vocabulary).understood, OTHER_THINGS[text]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Prolixin", "colistimethate"),
        ("1-24-corticotropin", "corticotropin"),
        ("21-hydroxyprogesterone", "hydroxyprogesterone caproate"),
        ("collagenase-2", "collagenase"),
        ("arteether", "artemether"),
        ("dipyrine", "metamizole"),
        ("vasopressin, lysine", "vasopressin"),
        ("ciclopirox-pom", "ciclopirox"),
    ],
)
def test_a_name_is_not_read_as_its_neighbour(text: str, wrong: str, vocabulary: Vocabulary) -> None:
    assert wrong not in read_name(text, vocabulary).ingredients


def test_a_diluent_is_not_the_medicine(vocabulary: Vocabulary) -> None:
    product = read_name("Vancomycin 1g/250ml in Sodium chloride 0.9% infusion bags", vocabulary)
    assert product.ingredients == ("vancomycin",)
    assert [str(s.value) for s in product.strengths] == ["1"]


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("Boots Aspirin 75mg tablets", ("aspirin",)),
        ("Amlodipine 5mg tablets Tillomed Laboratories Ltd", ("amlodipine",)),
        ("Amlodipine 5mg tablets (Foo (UK) Ltd) 28 tablet", ("amlodipine",)),
        ("Capoten 5mg/ml oral solution (Imported (United States))", ("captopril",)),
        ("Ramipril 2.5mg capsules (Special Order)", ("ramipril",)),
        ("Half Inderal LA 80mg capsules", ("propranolol",)),
        ("Boots Extra Strength Ibuprofen 400mg tablets", ("ibuprofen",)),
        ("Oxygen cylinders 1360litres size AF", ("oxygen",)),
        ("Clopidogrel Krka d.d. (previously Foobrand)", ("clopidogrel",)),
        ("Gabapentin STADA 300 mg Hartkapseln (100 Stk)", ("gabapentin",)),
        ("adalimumab-atto 40 MG/0.8 ML Auto-Injector", ("adalimumab",)),
        ("ibuprofen;paracetamol", ("ibuprofen", "paracetamol")),
        ("Apixaban 2.5mg tab BD", ("apixaban",)),
        ("Insulin (Humulin R)", ("soluble insulin",)),
        ("metformin hydrochloride 500 MG Oral Tablet [Foobrand]", ("metformin",)),
        ("Rosuvastatin 40mg & Ezetrol 10mg", ("ezetimibe", "rosuvastatin")),
    ],
)
def test_what_stands_around_a_name_does_no_harm(
    text: str, ingredients: tuple[str, ...], vocabulary: Vocabulary
) -> None:
    assert read_name(text, vocabulary).ingredients == ingredients


DIFFERENT_PRODUCTS = [
    ("Insulin glargine 100units/ml solution for injection 3ml cartridges",
     "Insulin glargine 100units/ml solution for injection 1.5ml cartridges"),
    ("Insulin isophane biphasic human 30/70 100units/ml suspension for injection 3ml cartridges",
     "Insulin isophane biphasic human 50/50 100units/ml suspension for injection 3ml cartridges"),
    ("Humalog Mix25 100units/ml", "Humalog Mix50 100units/ml"),
    ("Beclometasone 200micrograms/dose inhaler", "Beclometasone 200micrograms/dose inhaler CFC free"),
    ("Salbutamol 400microgram inhalation powder blisters", "Salbutamol 400microgram inhalation powder blisters with device"),
    ("Salbutamol 400microgram inhalation powder blisters", "Salbutamol 400microgram inhalation powder capsules"),
    ("Metformin 500mg tablets", "Metformin 850mg tablets"),
    ("Metformin 500mg tablets", "Metformin 500mg modified-release tablets"),
    ("Adrenaline 1 in 1000 solution for injection", "Adrenaline 1 in 10000 solution for injection"),
    ("Fentanyl 12micrograms/hour patches", "Fentanyl 25micrograms/hour patches"),
]  # fmt: skip
# ruff: noqa: E501


@pytest.mark.parametrize(("a", "b"), DIFFERENT_PRODUCTS)
def test_another_strength_form_or_presentation_is_never_the_same_product(
    a: str, b: str, vocabulary: Vocabulary
) -> None:
    relation = compare(read_name(a, vocabulary), read_name(b, vocabulary), vocabulary)
    assert relation.level is MatchLevel.SAME_INGREDIENTS


def test_ten_thousand_texts_of_every_kind_are_read_without_a_fault_and_in_time(vocabulary: Vocabulary) -> None:
    chance = random.Random(20261126)
    names = sorted(vocabulary.names)
    parts = [
        *names,
        *vocabulary.form_words,
        "5mg",
        "/",
        "(",
        "[",
        ")",
        "]",
        "30/500",
        "%",
        "per",
        "in",
        ",",
        "1 in",
        "x",
    ]

    def text() -> str:
        kind = chance.randrange(4)
        if kind == 0:
            return "".join(chr(chance.randrange(sys.maxunicode + 1)) for _ in range(chance.randrange(60)))
        if kind == 1:
            return "".join(chr(chance.randrange(256)) for _ in range(chance.randrange(200)))
        if kind == 2:
            return " ".join(chance.choice(parts) for _ in range(chance.randrange(1, 30)))
        return chance.choice(parts) * chance.randrange(1, 50)

    start = time.process_time()
    for _ in range(10_000):
        written = text()
        product = read_name(written, vocabulary)
        assert product.name == written
        assert all(i in vocabulary.ingredients for i in product.ingredients) or product.appliance
        assert all(s.value > 0 for s in product.strengths)
    assert time.process_time() - start < 120


@pytest.mark.parametrize(
    "unit", ["(", "[", "/", "1/", "5mg/", "apixaban ", "a ", "1 in ", "(ltd ", "%", ",", "1,", "\U0001f48a"]
)
def test_a_very_long_text_is_read_in_time(unit: str, vocabulary: Vocabulary) -> None:
    start = time.process_time()
    read_name(unit * (200_000 // len(unit)), vocabulary)
    assert time.process_time() - start < 2


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=120))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise_words(normalise_words(text)) == normalise_words(text)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_name_reads_the_same_however_it_is_set(vocabulary: Vocabulary, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(n for n, v in vocabulary.names.items() if v.kind != "appliance")))
    text = f"{name} 5mg tablets"
    same = data.draw(
        st.sampled_from([text.upper(), f"  {text}  ", text.replace(" ", "\u00a0"), f"{text}\u2122", f"{text}."])
    )
    one, two = read_name(text, vocabulary), read_name(same, vocabulary)
    assert (one.ingredients, one.strengths, one.form) == (two.ingredients, two.strengths, two.form)
