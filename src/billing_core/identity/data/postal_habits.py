"""
How people write postal codes, beyond the official form.

Prefixes of old international mail, habits of single countries, and codes of a
neighbouring territory that is often given under the larger country's name.
All patterns are for codes in upper case without spaces and hyphens.

Source: Universal Postal Union, addressing sheets of the countries;
Shopify/worldwide (MIT) for which mistakes are frequent; as of 2026-11.
"""

from __future__ import annotations

from typing import Final

__all__ = ["DISTINCTIVE", "HABITS", "NEIGHBOURS", "UNMISTAKABLE", "VEHICLE_CODES"]

#: Distinguishing signs of vehicles that stand before a postal code in international mail (D-10115).
VEHICLE_CODES: Final = {
    "AD": "AND",
    "AT": "A",
    "BA": "BIH",
    "BE": "B",
    "DE": "D",
    "EE": "EST",
    "ES": "E",
    "FI": "FIN",
    "FR": "F",
    "HU": "H",
    "IT": "I",
    "LI": "FL",
    "LU": "L",
    "MK": "NMK",
    "MT": "M",
    "NO": "N",
    "PT": "P",
    "RS": "SRB",
    "RU": "RUS",
    "SE": "S",
    "SI": "SLO",
    "VA": "V",
}

#: country: pairs of (what is written, what is meant)
HABITS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "BD": ((r"(?:GPO|DHAKA)(\d{4})", r"\1"),),
    "FO": ((r"(?:FO)?0(\d{3})", r"\1"),),
    # Text around the code, as in a sentence.
    "JP": ((r"[^\x00-\x7F]*(\d{7})[^\x00-\x7F]*", r"\1"),),
    # Colombo's districts by number, and a zero too few.
    "LK": (
        (r"0{0,4}([1-9])0{0,2}", r"00\g<1>00"),
        (r"0{0,2}1([0-5])0{0,2}", r"01\g<1>00"),
        (r"([1-9]\d00)", r"\g<1>0"),
    ),
    # Zeros miscounted.
    "MA": ((r"([1-9]\d00)", r"\g<1>0"), (r"([1-9]\d000)0", r"\1")),
    "MG": ((r"00(\d{3})", r"\1"),),
    "NG": ((r"([1-9])000(?:00)?1", r"\g<1>00001"),),
    "XK": ((r"([1-7])000(?:00)?", r"\g<1>0000"),),
    "SG": (
        (r"[5S](\d{6})", r"\1"),
        (r"(?:S[1IL]NGAP[0O]RE)?(\d{6})(?:S[1IL]NGAP[0O]RE)?", r"\1"),
    ),
}

_UNITED_KINGDOM_AND_TERRITORIES: Final = (
    r"(?P<AC>ASCN1ZZ)|(?P<AI>AI2640)|(?P<FK>FIQQ1ZZ)|(?P<GG>GY\d{1,2}\d[A-Z]{2})|(?P<GI>GX111AA)|"
    r"(?P<GS>SIQQ1ZZ)|(?P<IM>IM\d{1,2}\d[A-Z]{2})|(?P<IO>BBND1ZZ)|(?P<JE>JE\d{1,2}\d[A-Z]{2})|"
    r"(?P<KY>KY\d{5})|(?P<MS>MSR1\d{3})|(?P<PN>PCRN1ZZ)|(?P<SH>STHL1ZZ)|(?P<TA>TDCU1ZZ)|"
    r"(?P<TC>TKCA1ZZ)|(?P<VG>VG\d{4})"
)
_MIAMI: Final = r"(?P<US>33[12]\d{2}(?:\d{4})?)"

#: country as given: codes that belong to another one; the name of the group is that country.
NEIGHBOURS: Final[dict[str, str]] = {
    "AD": r"(?P<ES>257\d{2})",
    "AG": _MIAMI,
    "CH": r"(?P<LI>948[5-9]|949[0-8])",
    # North of the island: mail goes via Mersin, Türkiye.
    "CY": r"(?P<TR>9[89]\d{3})",
    "CZ": r"(?P<SK>[089]\d{4})",
    "DK": r"(?P<GL>39\d{2})",
    "DM": _MIAMI,
    "FI": r"(?P<AX>22\d{3})",
    "FR": (
        r"(?P<BL>97133)|(?P<MF>97150)|(?P<GP>971\d{2})|(?P<MQ>972\d{2})|(?P<GF>973\d{2})|(?P<RE>974\d{2})|"
        r"(?P<PM>975\d{2})|(?P<YT>976\d{2})|(?P<MC>980\d{2})|(?P<TF>984\d{2})|(?P<WF>986\d{2})|"
        r"(?P<PF>987\d{2})|(?P<NC>988\d{2})"
    ),
    "GB": _UNITED_KINGDOM_AND_TERRITORIES,
    "GD": _MIAMI,
    # The other Georgia.
    "GE": r"(?P<US>3[01]\d{3}(?:\d{4})?)",
    "IT": r"(?P<SM>4789\d)|(?P<VA>00120)",
    # Military mail of the United States.
    "JP": r"(?P<US>96[2-6]\d{2}(?:\d{4})?)",
    # Freight forwarders near the airport of Miami.
    "KN": _MIAMI,
    "KR": r"(?P<US>962\d{2}(?:\d{4})?)",
    "LC": _MIAMI,
    "LI": r"(?P<AT>6[789]\d{2})|(?P<CH>7\d{3}|9[0-35-9]\d{2}|94[0-7]\d|948[0-4]|9499)",
    "MC": r"(?P<FR>06\d{3})",
    "NO": r"(?P<SJ>8099|917\d)",
    "SK": r"(?P<CZ>[1-7]\d{4})",
    "VC": _MIAMI,
}

#: Codes that only one place has, whatever country was given: British overseas
#: territories, and the military mail of Canada.
UNMISTAKABLE: Final = r"(?P<CA>B3K5X5|K8N5W6|V9A7N2)|" + _UNITED_KINGDOM_AND_TERRITORIES

#: Countries whose codes no other country's resemble; named as a suggestion where a code is wrong.
DISTINCTIVE: Final = ("CA", "GB", "IE", "MT", "NL")
