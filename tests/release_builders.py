"""Small releases in the official form, written by us: the element and column names of dm+d XML and RxNorm RRF."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

#: (code, name, parent, earlier code)
VTMS = [
    ("774656009", "Amlodipine", None),
    ("777000001", "Zyvarostat", None),
    ("777000002", "Co-codamol", None),
]
VMPS = [
    ("319283006", "Amlodipine 5mg tablets", "774656009", "134400001"),
    ("777100001", "Zyvarostat 20mg tablets", "777000001", None),
    ("777100002", "Zyvarostat 125mg/5ml oral suspension", "777000001", None),
    ("322341003", "Co-codamol 30mg/500mg tablets", "777000002", None),
    ("777100003", "Omeprazole 10mg gastro-resistant capsules", None, "134400009"),
    ("777100004", "Omeprazole 20mg gastro-resistant capsules", None, "134400009"),
]
#: product, substance, value, unit, per value, per unit
VPIS = [
    ("319283006", "384976003", "5", "258684004", None, None),
    ("777100001", "777200001", "20.0", "258684004", None, None),
    ("777100002", "777200001", "25", "258684004", "1", "258773002"),
    ("322341003", "261000001", "30", "258684004", None, None),
    ("322341003", "387517004", "500", "258684004", None, None),
    ("777100003", "387137007", "10", "258684004", None, None),
    ("777100004", "387137007", "20", "258684004", None, None),
]
AMPS = [
    ("777300001", "319283006", "Istin 5mg tablets", "Istin 5mg tablets (Viatris UK Healthcare Ltd)"),
    ("777300002", "777100001", "Zyvor 20mg tablets", "Zyvor 20mg tablets (Zyva Pharma Ltd)"),
]
INGREDIENTS = [
    ("384976003", "Amlodipine besilate"),
    ("777200001", "Zyvarostat sodium"),
    ("261000001", "Codeine phosphate"),
    ("387517004", "Paracetamol"),
    ("387137007", "Omeprazole"),
]
LOOKUP = {
    "UNIT_OF_MEASURE": [("258684004", "mg"), ("258773002", "ml")],
    "FORM": [("385055001", "Tablet"), ("385024007", "Oral suspension")],
    "ROUTE": [("26643006", "Oral")],
    "SUPPLIER": [("777400001", "Zyva Pharma Ltd")],
}


def _element(tag: str, **fields: str | None) -> str:
    inner = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in fields.items() if v is not None)
    return f"<{tag}>{inner}</{tag}>"


def _document(root: str, *sections: str) -> str:
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root}>{"".join(sections)}</{root}>\n'


def _section(tag: str, records: list[str]) -> str:
    return f"<{tag}>{''.join(records)}</{tag}>"


def dmd_files() -> dict[str, str]:
    """File name -> content of a whole dm+d release with its BNF/ATC extra file."""
    vmps = [
        _element("VMP", VPID=c, VPIDPREV=before, VTMID=vtm, NM=name, BASISCD="0001") for c, name, vtm, before in VMPS
    ]
    vpis = [
        _element(
            "VPI",
            VPID=p,
            ISID=s,
            STRNT_NMRTR_VAL=v,
            STRNT_NMRTR_UOMCD=u,
            STRNT_DNMTR_VAL=pv,
            STRNT_DNMTR_UOMCD=pu,
        )
        for p, s, v, u, pv, pu in VPIS
    ]
    suspension = "777100002"
    forms = [
        _element("DFORM", VPID=c, FORMCD="385024007" if c == suspension else "385055001") for c, _, _, _ in VMPS[:4]
    ]
    routes = [_element("DROUTE", VPID=c, ROUTECD="26643006") for c, _, _, _ in VMPS]
    amps = [
        _element("AMP", APID=c, VPID=p, NM=name, DESC=words, SUPPCD="777400001", LIC_AUTHCD="0001")
        for c, p, name, words in AMPS
    ]
    vmpps = [_element("VMPP", VPPID="777500001", NM="Zyvarostat 20mg tablets 28 tablet", VPID="777100001", QTYVAL="28")]
    ampps = [
        _element(
            "AMPP",
            APPID="777600001",
            NM="Zyvor 20mg tablets (Zyva Pharma Ltd) 28 tablet",
            VPPID="777500001",
            APID="777300002",
        )
    ]
    bnf = [_element("VMP", VPID="777100001", BNF="0212000ZZAAAAAA", ATC="C10AA99")]
    return {
        "f_vtm2_3011124.xml": _document(
            "VIRTUAL_THERAPEUTIC_MOIETIES",
            *(_element("VTM", VTMID=c, NM=n, VTMIDPREV=before) for c, n, before in VTMS),
        ),
        "f_vmp2_3011124.xml": _document(
            "VIRTUAL_MED_PRODUCTS",
            _section("VMPS", vmps),
            _section("VIRTUAL_PRODUCT_INGREDIENT", vpis),
            _section("DRUG_FORM", forms),
            _section("DRUG_ROUTE", routes),
            _section("CONTROL_DRUG_INFO", [_element("CONTROL_INFO", VPID=c, CATCD="0000") for c, _, _, _ in VMPS]),
        ),
        "f_amp2_3011124.xml": _document("ACTUAL_MEDICINAL_PRODUCTS", _section("AMPS", amps)),
        "f_vmpp2_3011124.xml": _document("VIRTUAL_MED_PRODUCT_PACK", _section("VMPPS", vmpps)),
        "f_ampp2_3011124.xml": _document("ACTUAL_MEDICINAL_PROD_PACKS", _section("AMPPS", ampps)),
        "f_ingredient2_3011124.xml": _document(
            "INGREDIENT_SUBSTANCES", *(_element("ING", ISID=c, NM=n) for c, n in INGREDIENTS)
        ),
        "f_lookup2_3011124.xml": _document(
            "LOOKUP",
            *(
                _section(table, [_element("INFO", CD=c, DESC=words) for c, words in rows])
                for table, rows in LOOKUP.items()
            ),
        ),
        "f_bnf1_0011124.xml": _document("BNF_DETAILS", _section("VMPS", bnf)),
    }


def rxnorm_files() -> dict[str, str]:
    """A small RxNorm release: zyvarostat (known to nobody), amlodipine, a brand of each, a retired and a split code."""
    atoms = [
        ("9001", "IN", "zyvarostat", "N"),
        ("9002", "SCDC", "zyvarostat 20 MG", "N"),
        ("9003", "SCD", "zyvarostat 20 MG Oral Tablet", "N"),
        ("9004", "SBD", "zyvarostat 20 MG Oral Tablet [Zyvor]", "N"),
        ("9005", "BN", "Zyvor", "N"),
        ("9006", "DF", "Oral Tablet", "N"),
        ("17767", "IN", "amlodipine", "N"),
        ("329528", "SCDC", "amlodipine 5 MG", "N"),
        ("197361", "SCD", "amlodipine 5 MG Oral Tablet", "N"),
        ("9100", "GPCK", "{21 (zyvarostat 20 MG Oral Tablet) / 7 (inert) } Pack", "N"),
    ]
    conso = [f"{c}|ENG||||||A{c}||||RXNORM|{k}|{c}|{name}||{s}|4096|" for c, k, name, s in atoms]
    conso.append("17767|ENG||||||A1||||ATC|PT|C08CA01|amlodipine||N||")
    conso.append("9003|ENG||||||A2||||MTHSPL|DP|X|Zyvarostat tablets||N||")
    related = [
        ("9002", "consists_of", "9003"),
        ("9001", "has_ingredient", "9002"),
        ("9003", "tradename_of", "9004"),
        ("9001", "tradename_of", "9005"),
        ("9006", "has_dose_form", "9003"),
        ("329528", "consists_of", "197361"),
        ("17767", "has_ingredient", "329528"),
        ("9003", "contains", "9100"),
    ]
    rel = [f"{one}||CUI|RO|{two}||CUI|{rela}|||RXNORM||||N|4096|" for one, rela, two in related]
    sat = [
        "9003||||||||NDC|RXNORM|55555000128|N|4096|",
        "9003||||||||NDC|RXNORM|55555000228|N|4096|",
        "197361||||||||NDC|RXNORM|55555000228|N|4096|",
    ]
    cui = ["8000|01JAN2020|01FEB2024|1|9003|", "8001|01JAN2020|01FEB2024|2|9003|", "8001|01JAN2020|01FEB2024|2|197361|"]
    return {
        name: "\n".join(lines) + "\n"
        for name, lines in (("RXNCONSO.RRF", conso), ("RXNREL.RRF", rel), ("RXNSAT.RRF", sat), ("RXNCUI.RRF", cui))
    }


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder
