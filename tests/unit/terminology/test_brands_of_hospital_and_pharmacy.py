"""Brands of infection, cancer, immunology, blood, nutrition, gut, skin, eye and ear: what each holds, and what not."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import yaml

from gateway.normalise.product import read_name
from gateway.settings import mappings_dir
from gateway.terminology.load import load_vocabulary
from gateway.terminology.vocabulary import Vocabulary, normalise_words

HOLDS = {
    # infection
    "Augmentin": "amoxicillin + clavulanic acid",
    "Septrin": "sulfamethoxazole + trimethoprim",
    "Bactrim DS": "sulfamethoxazole + trimethoprim",
    "Zavicefta": "avibactam + ceftazidime",
    "Recarbrio": "cilastatin + imipenem + relebactam",
    "Rifinah": "isoniazid + rifampicin",
    "Rifater": "isoniazid + pyrazinamide + rifampicin",
    "Voractiv": "ethambutol + isoniazid + pyrazinamide + rifampicin",
    "AmBisome": "amphotericin b liposomal",
    "Fungizone": "amphotericin b",
    "Abelcet": "amphotericin b phospholipid complex",
    "Biktarvy": "bictegravir + emtricitabine + tenofovir alafenamide",
    "Truvada": "emtricitabine + tenofovir disoproxil",
    "Descovy": "emtricitabine + tenofovir alafenamide",
    "Epzicom": "abacavir + lamivudine",
    "Atripla": "efavirenz + emtricitabine + tenofovir disoproxil",
    "Symtuza": "cobicistat + darunavir + emtricitabine + tenofovir alafenamide",
    "Epclusa": "sofosbuvir + velpatasvir",
    "Mavyret": "glecaprevir + pibrentasvir",
    "Paxlovid": "nirmatrelvir + ritonavir",
    "Malarone": "atovaquone + proguanil",
    "Riamet": "artemether + lumefantrine",
    # cancer and immunology
    "Herceptin": "trastuzumab",
    "Kadcyla": "trastuzumab emtansine",
    "Enhertu": "trastuzumab deruxtecan",
    "Phesgo": "pertuzumab + trastuzumab",
    "Caelyx": "doxorubicin liposomal pegylated",
    "Myocet": "doxorubicin liposomal non pegylated",
    "Abraxane": "paclitaxel albumin",
    "Onivyde": "irinotecan liposomal",
    "Lonsurf": "tipiracil + trifluridine",
    "Teysuno": "gimeracil + oteracil + tegafur",
    "Rituxan": "rituximab",
    "Zarxio": "filgrastim",
    "Neulasta": "pegfilgrastim",
    "CellCept": "mycophenolate mofetil",
    "Myfortic": "mycophenolic acid",
    "Amjevita": "adalimumab",
    "Inflectra": "infliximab",
    # blood and nutrition
    "Advate": "octocog alfa",
    "NovoSeven": "eptacog alfa",
    "NovoThirteen": "catridecacog",
    "BeneFIX": "nonacog alfa",
    "Voncento": "factor viii + von willebrand factor",
    "Mircera": "methoxy polyethylene glycol epoetin beta",
    "NeoRecormon": "epoetin beta",
    "Pregaday": "ferrous fumarate + folic acid",
    "Ferrograd Folic": "ferrous sulfate + folic acid",
    "Sando-K": "potassium bicarbonate + potassium chloride",
    "Adcal-D3": "calcium carbonate + colecalciferol",
    "Calfovit D3": "calcium phosphate + colecalciferol",
    "Pabrinex": "vitamins b and c",
    # vaccines
    "Repevax": "diphtheria vaccine reduced dose + pertussis vaccine + poliomyelitis vaccine + tetanus vaccine",
    "Revaxis": "diphtheria vaccine reduced dose + poliomyelitis vaccine + tetanus vaccine",
    "Twinrix": "hepatitis a vaccine + hepatitis b vaccine",
    "Zostavax": "shingles vaccine live",
    "Shingrix": "shingles vaccine recombinant",
    # gut, skin, eye, ear
    "Lomotil": "atropine + diphenoxylate",
    "Akynzeo": "netupitant + palonosetron",
    "Pylera": "bismuth subcitrate + metronidazole + tetracycline",
    "Timodine": "benzalkonium chloride + dimeticone + hydrocortisone + nystatin",
    "Trimovate": "clobetasone butyrate + nystatin + oxytetracycline",
    "Dovobet": "betamethasone dipropionate + calcipotriol",
    "Naseptin": "chlorhexidine + neomycin",
    "Simbrinza": "brimonidine + brinzolamide",
    "Tobradex": "dexamethasone + tobramycin",
    "Otomize": "acetic acid + dexamethasone + neomycin",
    "Cilodex": "ciprofloxacin + dexamethasone",
    "Nithiodote": "sodium nitrite + sodium thiosulfate",
}


@pytest.mark.parametrize("brand", HOLDS)
def test_a_brand_holds_what_its_label_says(brand: str, vocabulary: Vocabulary) -> None:
    assert " + ".join(read_name(brand, vocabulary).ingredients) == HOLDS[brand]


EXTENSIONS = [
    ("Canesten", "Canesten HC"),
    ("Canesten", "Canesten Oral"),
    ("Daktarin", "Daktacort"),
    ("Daktarin", "Daktarin Gold"),
    ("Fucibet", "Fucidin H"),
    ("Betnovate", "Betnovate-C"),
    ("Betnovate-C", "Betnovate-N"),
    ("Dermovate", "Dermovate-NN"),
    ("Synalar", "Synalar C"),
    ("Nystaform", "Nystaform-HC"),
    ("Eurax", "Eurax Hydrocortisone"),
    ("Calmurid", "Calmurid HC"),
    ("Isotrex", "Isotrexin"),
    ("Bazuka", "Bazuka Extra Strength"),
    ("Gaviscon Double Action", "Gaviscon Advance"),
    ("Gaviscon Advance", "Gaviscon Infant"),
    ("Acidex", "Acidex Advance"),
    ("Imodium", "Imodium Plus"),
    ("Senokot", "Senokot-S"),
    ("Fybogel", "Fybogel Mebeverine"),
    ("Normacol", "Normacol Plus"),
    ("Dioralyte", "Dioralyte Relief"),
    ("Pepcid", "Pepcid Complete"),
    ("Dulcolax", "Dulcolax Pico"),
    ("Colace", "Colace 2-in-1"),
    ("Adcal", "Adcal-D3"),
    ("Galfer", "Galfer FA"),
    ("Ferrograd", "Ferrograd C"),
    ("Forceval", "Forceval Junior"),
    ("Cetraxal", "Cetraxal Plus"),
    ("Cipro", "Cipro HC"),
    ("Artelac", "Artelac Rebalance"),
    ("Clinitas", "Clinitas Hydrate"),
    ("Tylenol", "Tylenol PM"),
    ("Advil", "Advil PM"),
    ("Aleve", "Aleve-D"),
    ("Mucinex", "Mucinex DM"),
    ("Claritin", "Claritin-D"),
    ("Zyrtec", "Zyrtec-D"),
    ("NyQuil", "NyQuil Severe"),
    ("Robitussin DM", "Robitussin AC"),
]


@pytest.mark.parametrize(("plain", "extension"), EXTENSIONS)
def test_a_line_extension_is_never_the_plain_brand(plain: str, extension: str, vocabulary: Vocabulary) -> None:
    one, other = read_name(plain, vocabulary), read_name(extension, vocabulary)
    assert one.understood
    assert other.understood
    assert one.ingredients != other.ingredients


AMBIGUOUS = [
    *(f"Tylenol {no}{n}" for no in ("", "No ") for n in (2, 3, 4)),
    "Benadryl",
    "Benadryl Allergy",
    "Dulcolax Liquid",
    "Gaviscon",
    "Nurofen Cold and Flu",
    "Retacrit",
    "Robitussin",
    "Sominex",
]


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_name_of_two_medicines_is_read_as_neither(name: str, vocabulary: Vocabulary) -> None:
    assert name.lower() in vocabulary.ambiguous
    assert not read_name(name, vocabulary).understood


OURS = [
    "cancer", "cancer-antibodies", "ear-nose-throat", "emergency-antidotes-diagnostics", "eye", "gastrointestinal",
    "immunology", "infection", "infection-viral-parasitic", "inherited-metabolic", "nutrition-blood", "skin",
    "over-the-counter", "vaccines-immunoglobulins",
]  # fmt: skip


@pytest.mark.parametrize("block", OURS)
def test_no_brand_is_lost_by_accident(block: str, vocabulary: Vocabulary) -> None:
    """A brand under two sets, or under one set in two orders, is read as neither: where that is so, it is meant."""
    path = mappings_dir() / "terminology" / "substances" / f"{block}.yaml"
    file = yaml.safe_load(path.read_text(encoding="utf-8"))
    blocks = [*file["ingredients"], *file.get("combinations", ())]
    brands = [b if isinstance(b, str) else b["name"] for one in blocks for b in one.get("brands", ())]
    lost = {b for b in brands if normalise_words(b) not in vocabulary.names}
    assert lost <= set(AMBIGUOUS)


@pytest.mark.parametrize("text", ["Tylenol #3", "Tylenol No. 3", "Tylenol #4 oral tablet", "acetaminophen #3"])
def test_paracetamol_with_a_number_may_hold_codeine(text: str, vocabulary: Vocabulary) -> None:
    assert not read_name(text, vocabulary).understood


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("Fucidin 20mg/g cream", ("fusidic acid",)),
        ("Fucidin 20mg/g ointment", ("sodium fusidate",)),
        ("Fucidin 250mg tablets", ("sodium fusidate",)),
        ("Fucidin", ()),
        ("Pripsen 100mg chewable tablets", ("mebendazole",)),
        ("Pripsen oral powder sachets", ("piperazine", "senna")),
        ("Lotrimin AF 1% cream", ("clotrimazole",)),
        ("Lotrimin AF 2% powder", ("miconazole",)),
        ("Lotrimin AF", ()),
        ("Zyrtec Itchy Eye Drops", ("ketotifen",)),
        ("Mucinex 600mg extended release tablets", ("guaifenesin",)),
        ("Mucinex nasal spray", ()),
    ],
)
def test_a_brand_of_two_substances_is_read_by_its_form(
    text: str, ingredients: tuple[str, ...], vocabulary: Vocabulary
) -> None:
    assert read_name(text, vocabulary).ingredients == ingredients


def test_a_longer_name_of_two_medicines_is_not_read_as_the_shorter(vocabulary: Vocabulary) -> None:
    """Picosulfate in the United Kingdom, magnesium hydroxide in the United States; the tablets are bisacodyl."""
    assert "dulcolax liquid" in vocabulary.ambiguous
    assert read_name("Dulcolax 5mg tablets", vocabulary).ingredients == ("bisacodyl",)
    for text in ("Dulcolax Liquid", "Dulcolax Liquid 100ml", "Dulcolax liquid 5mg/5ml oral solution"):
        assert not read_name(text, vocabulary).understood


APART = [
    ("ferrous sulfate", "ferrous fumarate"),
    ("calcium carbonate", "calcium acetate"),
    ("sevelamer carbonate", "sevelamer hydrochloride"),
    ("colistimethate", "colistin"),
    ("fusidic acid", "sodium fusidate"),
    ("benzylpenicillin", "benzathine benzylpenicillin"),
    ("tenofovir disoproxil", "tenofovir alafenamide"),
    ("hyoscine butylbromide", "hyoscine hydrobromide"),
    ("factor viii", "factor xiii"),
    ("vincristine", "vinblastine"),
    ("folic acid", "calcium folinate"),
    ("mesalazine", "aminosalicylic acid"),
    ("5-aminosalicylic acid", "4-aminosalicylic acid"),
    ("macrogol compound", "macrogol 3350"),
    ("vitamin b compound", "vitamin b compound strong"),
    ("potassium iodide", "potassium iodate"),
]


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_salts_or_neighbours_stay_two(one: str, other: str, vocabulary: Vocabulary) -> None:
    a, b = read_name(one, vocabulary), read_name(other, vocabulary)
    assert a.understood
    assert b.understood
    assert a.ingredients != b.ingredients


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("aciclovir", "acyclovir"),
        ("rifampicin", "rifampin"),
        ("mesalazine", "mesalamine"),
        ("ciclosporin", "cyclosporine"),
        ("hydroxycarbamide", "hydroxyurea"),
        ("leuprorelin", "leuprolide"),
        ("colecalciferol", "cholecalciferol"),
        ("phytomenadione", "phytonadione"),
        ("ursodeoxycholic acid", "ursodiol"),
        ("calcipotriol", "calcipotriene"),
        ("calcium folinate", "leucovorin"),
        ("desferrioxamine", "deferoxamine"),
        ("simeticone", "simethicone"),
        ("pancreatin", "pancrelipase"),
        ("phenoxymethylpenicillin", "penicillin V potassium"),
        ("crisantaspase", "asparaginase Erwinia chrysanthemi"),
    ],
)
def test_british_and_american_names_are_one_substance(british: str, american: str, vocabulary: Vocabulary) -> None:
    one, other = read_name(british, vocabulary), read_name(american, vocabulary)
    assert one.understood
    assert one.ingredients == other.ingredients


def test_the_starter_vocabulary_covers_everyday_practice(vocabulary: Vocabulary) -> None:
    assert len(vocabulary.ingredients) >= 1650
    assert sum(name.kind == "brand" for name in vocabulary.names.values()) >= 2900


def test_the_compiled_vocabulary_loads_in_100_ms(tmp_path: Path) -> None:
    load_vocabulary(cache_dir=tmp_path)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        load_vocabulary(cache_dir=tmp_path)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1


@pytest.mark.parametrize(
    "critical",
    ["apixaban", "insulin glargine", "levetiracetam", "co-careldopa", "tacrolimus", "oxycodone", "lithium carbonate",
     "methotrexate", "digoxin", "prednisolone", "fludrocortisone", "Biktarvy", "clozapine", "desmopressin",
     "pyridostigmine", "EpiPen"],
)  # fmt: skip
def test_critical_medicines_are_marked(critical: str, vocabulary: Vocabulary) -> None:
    assert vocabulary.is_critical(read_name(critical, vocabulary).ingredients)


@pytest.mark.parametrize("other", ["paracetamol", "amoxicillin", "omeprazole", "donepezil", "latanoprost", "senna"])
def test_other_medicines_are_not_critical(other: str, vocabulary: Vocabulary) -> None:
    product = read_name(other, vocabulary)
    assert product.understood
    assert not vocabulary.is_critical(product.ingredients)


def test_no_atc_code_of_a_substance_is_half_a_code(vocabulary: Vocabulary) -> None:
    for one in vocabulary.ingredients.values():
        for code in one.atc:
            assert re.fullmatch(r"[A-Z]\d\d[A-Z]{2}\d\d", code), one.name
