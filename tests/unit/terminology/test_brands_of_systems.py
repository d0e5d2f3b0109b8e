"""Brands of heart, lungs, mind, pain, hormones, joints and women's health: what each holds, fixes, and is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.normalise.product import read_name
from gateway.settings import mappings_dir
from gateway.terminology.vocabulary import Vocabulary

HOLDS = {
    # heart and circulation
    "Eliquis": "apixaban",
    "Coumadin": "warfarin",
    "Clexane": "enoxaparin",
    "Entresto": "sacubitril + valsartan",
    "Exforge HCT": "amlodipine + hydrochlorothiazide + valsartan",
    "Coversyl Arginine Plus": "indapamide + perindopril arginine",
    "Tarka": "trandolapril + verapamil",
    "Zestoretic": "hydrochlorothiazide + lisinopril",
    "Moduretic": "amiloride + hydrochlorothiazide",
    "Lasilactone": "furosemide + spironolactone",
    "Navispare": "amiloride + cyclopenthiazide",
    "Caduet": "amlodipine + atorvastatin",
    "Vytorin": "ezetimibe + simvastatin",
    "Aggrenox": "aspirin + dipyridamole",
    "BiDil": "hydralazine + isosorbide dinitrate",
    "Toprol-XL": "metoprolol succinate",
    "Lopressor": "metoprolol",
    "Tracleer": "bosentan",
    # lungs and allergy
    "ProAir HFA": "salbutamol",
    "Seretide Accuhaler": "fluticasone propionate + salmeterol",
    "Flixotide": "fluticasone propionate",
    "Breo Ellipta": "fluticasone furoate + vilanterol",
    "Arnuity Ellipta": "fluticasone furoate",
    "Trelegy Ellipta": "fluticasone furoate + umeclidinium + vilanterol",
    "Trimbow": "beclometasone + formoterol + glycopyrronium",
    "Breztri Aerosphere": "budesonide + formoterol + glycopyrronium",
    "Kaftrio": "elexacaftor + ivacaftor + tezacaftor",
    "Xonvea": "doxylamine + pyridoxine",
    "Claritin-D": "loratadine + pseudoephedrine",
    # mind and nerves
    "Prozac": "fluoxetine",
    "Symbyax": "fluoxetine + olanzapine",
    "Adderall": "amfetamine + dexamfetamine",
    "ZypAdhera": "olanzapine embonate",
    "Xeplion": "paliperidone",
    "Sinemet": "carbidopa + levodopa",
    "Stalevo": "carbidopa + entacapone + levodopa",
    "Depakote": "valproate semisodium",
    "Epilim Chrono": "sodium valproate",
    "Sativex": "cannabidiol + dronabinol",
    "Nuedexta": "dextromethorphan + quinidine",
    # pain and anaesthesia
    "Tylenol": "paracetamol",
    "Percocet": "oxycodone + paracetamol",
    "Vicodin": "hydrocodone + paracetamol",
    "Targinact": "naloxone + oxycodone",
    "Suboxone": "buprenorphine + naloxone",
    "Subutex": "buprenorphine",
    "Solpadeine Plus": "caffeine + codeine + paracetamol",
    "Anadin Extra": "aspirin + caffeine + paracetamol",
    "Nurofen Plus": "codeine + ibuprofen",
    "Nuromol": "ibuprofen + paracetamol",
    "Arthrotec": "diclofenac sodium + misoprostol",
    "Mobiflex": "tenoxicam",
    "Mobic": "meloxicam",
    "Cyclimorph": "cyclizine + morphine",
    "Entonox": "nitrous oxide + oxygen",
    # hormones, diabetes, bone
    "NovoMix 30": "biphasic insulin aspart",
    "NovoRapid": "insulin aspart",
    "Humulin M3": "biphasic isophane insulin",
    "Humulin S": "soluble insulin",
    "Humulin I": "isophane insulin",
    "Ryzodeg": "insulin aspart + insulin degludec",
    "Xigduo XR": "dapagliflozin + metformin",
    "Fosavance": "alendronic acid + colecalciferol",
    "Armour Thyroid": "desiccated thyroid",
    # women's health and urology
    "Progynova": "estradiol valerate",
    "Kliovance": "estradiol + norethisterone acetate",
    "Microgynon 30": "ethinylestradiol + levonorgestrel",
    "Lo Loestrin Fe": "ethinylestradiol + ferrous fumarate + norethisterone acetate",
    "Qlaira": "dienogest + estradiol valerate",
    "Ryeqo": "estradiol + norethisterone acetate + relugolix",
    "Syntometrine": "ergometrine + oxytocin",
    "Combodart": "dutasteride + tamsulosin",
}


@pytest.mark.parametrize("brand", HOLDS)
def test_a_brand_holds_what_its_label_says(brand: str, vocabulary: Vocabulary) -> None:
    assert " + ".join(read_name(brand, vocabulary).ingredients) == HOLDS[brand]


SYNONYMS = [
    ("paracetamol", "acetaminophen"),
    ("salbutamol", "albuterol"),
    ("furosemide", "frusemide"),
    ("adrenaline", "epinephrine"),
    ("noradrenaline", "norepinephrine"),
    ("lidocaine", "lignocaine"),
    ("bendroflumethiazide", "bendrofluazide"),
    ("isoprenaline", "isoproterenol"),
    ("glyceryl trinitrate", "nitroglycerin"),
    ("pethidine", "meperidine"),
    ("tetracaine", "amethocaine"),
    ("suxamethonium", "succinylcholine"),
    ("thiopental", "thiopentone"),
    ("dosulepin", "dothiepin"),
    ("levomepromazine", "methotrimeprazine"),
    ("trihexyphenidyl", "benzhexol"),
    ("dexamfetamine", "dextroamphetamine"),
    ("glibenclamide", "glyburide"),
    ("colestyramine", "cholestyramine"),
    ("torasemide", "torsemide"),
    ("chlortalidone", "chlorthalidone"),
    ("norethisterone", "norethindrone"),
    ("estradiol", "oestradiol"),
    ("clomifene", "clomiphene"),
    ("thiamazole", "methimazole"),
    ("beclometasone", "beclomethasone"),
    ("chlorphenamine", "chlorpheniramine"),
    ("sodium cromoglicate", "cromolyn sodium"),
    ("orciprenaline", "metaproterenol"),
    ("indometacin", "indomethacin"),
    ("dicycloverine", "dicyclomine"),
    ("etacrynic acid", "ethacrynic acid"),
]


@pytest.mark.parametrize(("one", "other"), SYNONYMS)
def test_british_american_and_older_names_are_one_substance(one: str, other: str, vocabulary: Vocabulary) -> None:
    a, b = read_name(f"{one} 10mg", vocabulary), read_name(f"{other} 10mg", vocabulary)
    assert a.understood
    assert a.ingredients == b.ingredients


APART = [
    ("Solpadeine Max", "Solpadeine Plus"),
    ("Panadol", "Panadol Extra"),
    ("Panadol", "Panadol Night"),
    ("Disprin", "Disprin Extra"),
    ("Nurofen", "Nurofen Plus"),
    ("Cozaar", "Cozaar-Comp"),
    ("Micardis", "MicardisPlus"),
    ("Burinex", "Burinex A"),
    ("Burinex A", "Burinex K"),
    ("Frumil", "Burinex A"),
    ("Sevikar", "Sevikar HCT"),
    ("Diovan", "Co-Diovan"),
    ("Tenormin", "Tenoret 50"),
    ("Seretide", "Serevent"),
    ("Symbicort", "Pulmicort"),
    ("Trimbow", "Fostair"),
    ("Flonase", "Flonase Sensimist"),
    ("Claritin", "Claritin Eye"),
    ("Depo-Medrone", "Depo-Medrone with Lidocaine"),
    ("Migraleve Pink", "Migraleve Yellow"),
    ("Haldol", "Haldol Decanoate"),
    ("Zyprexa", "Zyprexa Relprevv"),
    ("Abilify Maintena", "Aristada"),
    ("NovoLog", "NovoLog Mix 70/30"),
    ("Humalog", "Humalog Mix25"),
    ("Provera", "Premique"),
    ("Loestrin", "Loestrin Fe"),
    ("Fosamax", "Fosamax Plus D"),
    ("Tylenol", "Tylenol with Codeine"),
    ("lithium carbonate", "lithium citrate"),
    ("caffeine", "caffeine citrate"),
    ("metoprolol tartrate", "metoprolol succinate"),
    ("estradiol", "estradiol valerate"),
    ("norethisterone", "norethisterone acetate"),
    ("ketamine", "esketamine"),
    ("salbutamol", "levalbuterol"),
]


@pytest.mark.parametrize(("plain", "extension"), APART)
def test_a_line_extension_or_another_salt_is_never_the_plain_one(
    plain: str, extension: str, vocabulary: Vocabulary
) -> None:
    one, other = read_name(plain, vocabulary), read_name(extension, vocabulary)
    assert one.understood
    assert other.understood
    assert one.ingredients != other.ingredients


NOT_READ = [
    "Benadryl Allergy 1mg/ml oral solution",  # cetirizine here, diphenhydramine there
    "Aceon 4mg tablets",  # perindopril in the United States, tramadol in Britain
    "Biorphen",  # orphenadrine syrup, phenylephrine injection
    "Veganin tablets",  # its contents changed
    "Solpadeine Max Soluble tablets",
    "Day & Night Nurse capsules",  # two products in one pack, not Night Nurse
    "Mucinex Fast-Max",  # several products, none of them plain Mucinex
    "Sudafed Decongestant 0.1% nasal spray",  # xylometazoline, not the tablets' pseudoephedrine
    "Voltarol 1.16% gel",
    "Coversyl 4mg tablets",  # erbumine or arginine, by country and year
    "Tylenol Sinus",
    "Insulin aspart 30/70",  # the mixed insulin, with the plain one's name
    "Priadel",  # carbonate or citrate
]


@pytest.mark.parametrize("text", NOT_READ)
def test_a_name_with_two_meanings_is_not_read(text: str, vocabulary: Vocabulary) -> None:
    assert read_name(text, vocabulary).ingredients == ()


IN_ITS_FORM = [
    ("Priadel 400mg modified-release tablets", "lithium carbonate"),
    ("Priadel 520mg/5ml liquid", "lithium citrate"),
    ("Lithium carbonate 400 mg [Priadel]", "lithium carbonate"),
    ("Epanutin 100mg capsules", "phenytoin sodium"),
    ("Epanutin 30mg/5ml oral suspension", "phenytoin"),
    ("Dilantin 30mg capsules", "phenytoin sodium"),
    ("Dilantin Infatabs 50mg chewable tablets", ""),
    ("Depixol 3mg tablets", "flupentixol"),
    ("Depixol 20mg/1ml solution for injection ampoules", "flupentixol decanoate"),
    ("Clopixol 25mg tablets", "zuclopenthixol"),
    ("Clopixol 200mg/ml solution for injection", "zuclopenthixol decanoate"),
    ("Welldorm 707mg tablets", "cloral betaine"),
    ("Welldorm 143mg/5ml elixir", "chloral hydrate"),
    ("Sudafed 60mg tablets", "pseudoephedrine"),
]


@pytest.mark.parametrize(("text", "ingredients"), IN_ITS_FORM)
def test_a_brand_of_two_substances_is_read_by_the_form_written(
    text: str, ingredients: str, vocabulary: Vocabulary
) -> None:
    assert " + ".join(read_name(text, vocabulary).ingredients) == ingredients


FIXES = [
    # text, form, release, hours, route, device
    ("Adalat LA", None, "modified", 24, None, None),
    ("Zomorph", None, "modified", 12, None, None),
    ("OxyNorm", None, None, None, None, None),
    ("Durogesic DTrans", "patch", None, None, "transdermal", None),
    ("BuTrans", "patch", None, None, "transdermal", None),
    ("Seretide Evohaler", "pressurised inhaler", None, None, "inhalation", None),
    ("Salamol Easi-Breathe", "breath-actuated inhaler", None, None, "inhalation", None),
    ("ProAir RespiClick", "dry powder inhaler", None, None, "inhalation", None),
    ("Stiolto Respimat", "soft mist inhaler", None, None, "inhalation", None),
    ("Pulmicort Respules", "nebuliser liquid", None, None, "inhalation", None),
    ("Anapen", "pre-filled pen", None, None, None, "pre-filled pen"),
    ("Mirena", "intrauterine device", None, None, "intrauterine", None),
    ("Nexplanon", "implant", None, None, "implantation", None),
    ("Instanyl", None, None, None, "nasal", None),
    ("Rybelsus", None, None, None, "oral", None),
]


@pytest.mark.parametrize(("text", "form", "release", "hours", "route", "device"), FIXES)
def test_a_brand_that_fixes_form_release_route_or_device_says_so(
    text: str, form: str | None, release: str | None, hours: int | None, route: str | None, device: str | None,
    vocabulary: Vocabulary,
) -> None:  # fmt: skip
    product = read_name(text, vocabulary)
    said = (product.form, product.release, product.release_hours, product.route, product.device)
    assert said == (form, release, hours, route, device)


ORDERS = [
    ("Aerivio Spiromax 50micrograms/dose / 500micrograms/dose dry powder inhaler", {"salmeterol": "50"}),
    ("Combisal 25micrograms/dose / 125micrograms/dose inhaler", {"salmeterol": "25"}),
    ("Frumil 40mg/5mg tablets", {"furosemide": "40", "amiloride": "5"}),
    ("Lasoride 5mg/40mg tablets", {"furosemide": "40", "amiloride": "5"}),
    ("Lasilactone 20mg/50mg capsules", {"furosemide": "20", "spironolactone": "50"}),
    ("Co-zidocapt 12.5mg/25mg tablets", {"hydrochlorothiazide": "12.5", "captopril": "25"}),
    ("Eroset 500mg/10mg tablets", {"paracetamol": "500", "dihydrocodeine": "10"}),
    ("Tenoret 50mg/12.5mg tablets", {"atenolol": "50", "chlortalidone": "12.5"}),
    ("Trixeo Aerosphere 5micrograms/dose / 7.2micrograms/dose / 160micrograms/dose inhaler", {"budesonide": "160"}),
]


@pytest.mark.parametrize(("text", "strengths"), ORDERS)
def test_strengths_go_to_the_ingredients_in_the_order_of_the_brand(
    text: str, strengths: dict[str, str], vocabulary: Vocabulary
) -> None:
    said = {s.ingredient: str(s.value) for s in read_name(text, vocabulary).strengths}
    assert {i: said.get(i) for i in strengths} == strengths


#: Where the members of a class stand in the ATC; a member outside is a slip in the class or in the code.
ATC_OF_CLASS = {
    "anticoagulant": "B01A", "antiplatelet": "B01AC|N02BA01", "statin": "C10AA", "acei": "C09AA", "arb": "C09CA",
    "beta-blocker": "C07|S01ED", "calcium-channel-blocker": "C08", "loop-diuretic": "C03C", "thiazide": "C03[AB]",
    "aldosterone-antagonist": "C03DA", "nitrate": "C01DA", "antiarrhythmic": "C01B", "insulin": "A10A",
    "antidiabetic": "A10", "opioid": "N02A|N01AH|N07BC|R05DA", "nsaid": "M01A|M02A|N02BA", "ssri": "N06AB",
    "tricyclic": "N06AA", "maoi": "N06A[FG]", "benzodiazepine": "N05BA|N05CD|N03AE", "antipsychotic": "N05A",
    "antiepileptic": "N03A|N05|N02BF", "triptan": "N02CC", "bisphosphonate": "M05BA", "dopaminergic": "N04B",
    "lithium": "N05AN", "pde5-inhibitor": "G04BE", "xanthine": "R03DA", "corticosteroid": "H02A",
}  # fmt: skip


@pytest.mark.parametrize("name", ATC_OF_CLASS)
def test_the_atc_codes_of_a_class_agree_with_it(name: str, vocabulary: Vocabulary) -> None:
    members = [vocabulary.ingredients[m] for m in vocabulary.classes[name].members]
    coded = [m for m in members if m.atc]
    assert [(m.name, m.atc) for m in coded if not any(re.match(ATC_OF_CLASS[name], a) for a in m.atc)] == []
    assert len(coded) >= 0.7 * len(members)


def test_an_atc_code_is_one_of_the_fifth_level(vocabulary: Vocabulary) -> None:
    codes = [(i.name, a) for i in vocabulary.ingredients.values() for a in i.atc]
    assert [(n, a) for n, a in codes if not re.fullmatch(r"[A-Z]\d\d[A-Z]{2}\d\d", a)] == []
    assert len(codes) > 800


@pytest.mark.parametrize("path", sorted((mappings_dir() / "terminology" / "substances").glob("*.yaml")), ids=str)
def test_a_file_of_substances_stays_one_that_a_pharmacist_can_review(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 400
