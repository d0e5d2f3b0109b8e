"""Every way in which a strength is written, and what looks like one and is none."""

from __future__ import annotations

import pytest

from gateway.normalise.product import read_name
from gateway.records.product import Product
from gateway.terminology.vocabulary import Vocabulary


def shown(product: Product) -> str:
    return ", ".join(
        f"{s.value} {s.unit}" + (f"/{s.per_value} {s.per_unit}" if s.per_unit else "") for s in product.strengths
    )


WRITTEN = [
    ("Amoxicillin 500mg capsules", "500 mg"),
    ("Metformin 0.5 g tablets", "0.5 g"),
    ("Metformin .5 g tablets", "0.5 g"),
    ("Metformin tab.500mg", "500 mg"),
    ("Digoxin 125mcg tablets", "125 microgram"),
    ("Digoxin 125µg tablets", "125 microgram"),
    ("Digoxin 125 \u03bcg tablets", "125 microgram"),
    ("Digoxin 125ug tablets", "125 microgram"),
    ("Digoxin 0,125 mg", "0.125 mg"),
    ("Amoxicillin 125mg/5mL oral suspension", "125 mg/5 ml"),
    ("Amoxicillin 125 mg per 5 ml oral suspension", "125 mg/5 ml"),
    ("Heparin 5,000 units in 0.2ml injection", "5000 unit/0.2 ml"),
    ("Insulin glargine 100units/ml", "100 unit/1 ml"),
    ("insulin glargine 100 UNT/ML Injectable Solution", "100 unit/1 ml"),
    ("Colecalciferol 400 IU", "400 unit"),
    ("Insulin glargine 100 I.U./ml", "100 unit/1 ml"),
    ("Benzylpenicillin 2.5 million units injection", "2.5 megaunit"),
    ("Colistimethate 1million unit powder for nebuliser solution", "1 megaunit"),
    ("Potassium chloride 20mmol/litre infusion", "20 mmol/1 litre"),
    ("Potassium chloride 20 mEq tablets", "20 meq"),
    ("Sodium chloride 500MBq", "500 mbq"),
    ("Hydrocortisone 1 % cream", "1 %"),
    ("Hydrocortisone 0.5% w/w ointment 30 g", "0.5 %"),
    ("Salbutamol 100micrograms/dose inhaler", "100 microgram/1 dose"),
    ("albuterol 0.09 MG/ACTUAT Metered Dose Inhaler", "0.09 mg/1 dose"),
    ("Fluticasone 50 mcg per spray nasal spray", "50 microgram/1 dose"),
    ("Fentanyl 25 micrograms per hour patches", "25 microgram/1 hour"),
    ("Fentanyl 25 mcg/hr patch", "25 microgram/1 hour"),
    ("Estradiol 50micrograms/24 hours transdermal patches", "50 microgram/24 hour"),
    ("Estradiol 50 mcg/day patch", "50 microgram/24 hour"),
    ("Adrenaline 1 in 1000 solution for injection", "1 mg/1 ml"),
    ("Adrenaline 300micrograms/0.3ml (1 in 1,000) solution for injection", "300 microgram/0.3 ml"),
    ("Enoxaparin 20mg/ml 0.4ml pre-filled syringe", "20 mg/1 ml"),
    ("Co-codamol 30mg/500mg tablets", "30 mg, 500 mg"),
    ("Co-codamol 30/500", "30 mg, 500 mg"),
    ("codeine-acetaminophen 30-300 MG Oral Tablet", "30 mg, 300 mg"),
    ("Co-amoxiclav 125mg/31mg/5ml oral suspension", "125 mg/5 ml, 31 mg/5 ml"),
    ("Symbicort 200/6 Turbohaler", "200 microgram/1 dose, 6 microgram/1 dose"),
    ("Salmeterol 25micrograms/dose / Fluticasone 125micrograms/dose inhaler", "125 microgram/1 dose, 25 microgram/1 dose"),
    ("Ramipril 5 mg/1 each oral capsule", "5 mg"),
    ("Ramipril 5 mg/tablet", "5 mg"),
    ("24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet [Glucophage]", "500 mg"),
]  # fmt: skip
# ruff: noqa: E501


@pytest.mark.parametrize(("text", "strengths"), WRITTEN)
def test_a_strength_is_read_as_written(text: str, strengths: str, vocabulary: Vocabulary) -> None:
    assert shown(read_name(text, vocabulary)) == strengths


NO_STRENGTH = [
    "Ramipril capsules x 28",
    "Ramipril 28 capsules",
    "Ramipril 28caps",
    "Paracetamol oral suspension 100ml",
    "Salbutamol inhaler 200 dose",
    "Qvar 100 inhaler",
    "Ramipril [28]",
    "Metformin 1.000 mg",  # a thousand, or one
    "Metformin 12345678901234567890mg",
    "Metformin 0mg",
]


@pytest.mark.parametrize("text", NO_STRENGTH)
def test_packs_volumes_and_bare_numbers_are_no_strength(text: str, vocabulary: Vocabulary) -> None:
    product = read_name(text, vocabulary)
    assert product.understood
    assert product.strengths == ()


@pytest.mark.parametrize(
    ("text", "presentation"),
    [
        ("Insulin glargine 100units/ml solution for injection 3ml cartridges", ("3 ml",)),
        ("3 ML insulin glargine 100 UNT/ML Pen Injector [Lantus]", ("3 ml",)),
        (
            "Insulin isophane biphasic human 30/70 100units/ml suspension for injection 10ml vials",
            ("10 ml", "30/70", "suspension for injection"),
        ),
        ("NovoMix 30 FlexPen 100units/ml", ("30/70",)),
        ("Phenoxymethylpenicillin 125mg/5ml oral solution sugar free", ("sugar free",)),
        ("Phenoxymethylpenicillin 125mg/5ml oral solution S/F 100ml", ("sugar free",)),
        ("Salbutamol 100micrograms/dose inhaler CFC free", ("cfc free",)),
    ],
)
def test_what_parts_products_of_one_strength_is_kept(
    text: str, presentation: tuple[str, ...], vocabulary: Vocabulary
) -> None:
    assert read_name(text, vocabulary).presentation == presentation


@pytest.mark.parametrize(
    ("text", "form", "release"),
    [
        ("Ramipril 5mg tabs", "tablet", None),
        ("Amoxicillin 250mg caps", "capsule", None),
        ("Trimethoprim 50mg/5ml susp", "oral suspension", None),
        ("Cyanocobalamin 1mg inj", "injection", None),
        ("Hydrocortisone 1% oint", "ointment", None),
        ("Salbutamol 2.5mg nebs", "nebuliser liquid", None),
        ("Paracetamol 250mg supp", "suppository", None),
        ("Metformin 500mg Filmtabletten", "tablet", None),
        ("Tramadol 100mg PR tablets", "tablet", "modified"),
        ("Diclofenac 100mg supp PR", "suppository", None),
        ("Diltiazem 120mg SR caps", "capsule", "modified"),
        ("Diclofenac 75mg e/c tabs", "tablet", "gastro-resistant"),
        ("Prednisolone 5mg g/r tablets", "tablet", "gastro-resistant"),
        ("Nifedipine 30mg XL", None, "modified"),
        ("Insulin glargine 100units/ml solution for injection 3ml pre-filled SoloStar pens", "pre-filled pen", None),
        ("Cefuroxime 750mg powder for solution for injection vials", "vial", None),
    ],
)
def test_form_and_release_are_read_from_abbreviations(
    text: str, form: str | None, release: str | None, vocabulary: Vocabulary
) -> None:
    product = read_name(text, vocabulary)
    assert (product.form, product.release) == (form, release)
