"""
The dated table behind `billing_core.tax.territory`: which law rules where. No rates.

Codes are ISO 3166-1 for countries and ISO 3166-2 for parts of countries where
a code exists; the few places without one (Heligoland, Büsingen, Livigno,
Campione) have a code of the same shape.

Sources: Directive 2006/112/EC art. 5 to 7; European Commission, "Territorial
status of EU countries and certain territories"; Protocol on Ireland/Northern
Ireland art. 8 (goods only). Postal codes: the posts' own ranges.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import attrs

from billing_core.tax.territory_types import HostRule

__all__ = [
    "COUNTRY_ALIASES",
    "EU_MEMBERSHIP",
    "OTHER_VAT_COUNTRIES",
    "REVIEWED_ON",
    "TERRITORY_ROWS",
    "TerritoryRow",
]

#: The day on which a person last compared this table with its sources.
REVIEWED_ON = date(2026, 11, 22)

#: Codes that people and registries use for another ISO country.
COUNTRY_ALIASES: Mapping[str, str] = MappingProxyType({"EL": "GR", "UK": "GB"})

_2004 = date(2004, 5, 1)

#: Member state: (first day, first day after it; None where there is none that matters here).
EU_MEMBERSHIP: Mapping[str, tuple[date | None, date | None]] = MappingProxyType(
    {
        "AT": (date(1995, 1, 1), None),
        "BE": (None, None),
        "BG": (date(2007, 1, 1), None),
        "CY": (_2004, None),
        "CZ": (_2004, None),
        "DE": (None, None),
        "DK": (None, None),
        "EE": (_2004, None),
        "ES": (None, None),
        "FI": (date(1995, 1, 1), None),
        "FR": (None, None),
        "GR": (None, None),
        "HR": (date(2013, 7, 1), None),
        "HU": (_2004, None),
        "IE": (None, None),
        "IT": (None, None),
        "LT": (_2004, None),
        "LU": (None, None),
        "LV": (_2004, None),
        "MT": (_2004, None),
        "NL": (None, None),
        "PL": (_2004, None),
        "PT": (None, None),
        "RO": (date(2007, 1, 1), None),
        "SE": (date(1995, 1, 1), None),
        "SI": (_2004, None),
        "SK": (_2004, None),
        # The transition period of the Withdrawal Agreement (art. 126, 127) ended with 2020.
        "GB": (None, date(2021, 1, 1)),
    }
)

#: Countries outside the EU whose VAT law this table maps other places to.
OTHER_VAT_COUNTRIES = frozenset({"CH", "GB", "NO"})


def _compiled(patterns: Mapping[str, str]) -> Mapping[str, re.Pattern[str]]:
    return MappingProxyType({country: re.compile(pattern) for country, pattern in patterns.items()})


@attrs.frozen(kw_only=True)
class TerritoryRow:
    """
    One place whose VAT law is not simply that of the country in its address.

    Attributes:
        code: the territory's code; equal to ``country`` where only a rate differs.
        country: the ISO country the place belongs to, as its own code or its parent.
        vat_country: the country whose VAT law applies; None: none that this table knows.
        postal_codes: for each country that people pick in a form, a pattern of the
            whole postal code (no spaces or dashes) that decides alone.
        shared_postal_codes: the same, for codes that other places use too: the city must match.
        cities: names (lower case, no accents) that decide where the postal code
            is missing or shared.
        country_codes: ISO codes that mean this place without any postal code.
        rate_region: the key of rates of its own inside ``vat_country``'s law.
        host_rule: when only the host can say what applies.
        note: one line for a person.
        valid_from: first day of the row; None: as far back as anybody asks.
        valid_until: first day after it; None: still valid.
    """

    code: str
    country: str
    vat_country: str | None = None
    postal_codes: Mapping[str, re.Pattern[str]] = attrs.field(factory=dict, converter=_compiled)
    shared_postal_codes: Mapping[str, re.Pattern[str]] = attrs.field(factory=dict, converter=_compiled)
    cities: frozenset[str] = frozenset()
    country_codes: frozenset[str] = frozenset()
    rate_region: str | None = None
    host_rule: HostRule = HostRule.NONE
    note: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


def _french(
    iso: str, postal_code: str, *, cities: frozenset[str] = frozenset(), own_vat: bool = False
) -> TerritoryRow:
    """A French territory of TFEU art. 349 or 355(2): outside the EU VAT area."""
    return TerritoryRow(
        code=f"FR-{iso}",
        country="FR",
        # Saint-Barthélemy and Saint-Martin still use codes of Guadeloupe's range.
        postal_codes={"FR": postal_code, "GP": postal_code},
        cities=cities,
        country_codes=frozenset({iso}),
        host_rule=HostRule.HOME_SELLERS if own_vat else HostRule.NONE,
        note="French overseas: own VAT rates for sellers in France" if own_vat else "French overseas",
    )


def _country(iso: str, *, vat_country: str | None = None, note: str, **postal_codes: str) -> TerritoryRow:
    """A place with an ISO country code of its own, which people also file under a neighbour."""
    return TerritoryRow(
        code=iso,
        country=iso,
        vat_country=vat_country,
        country_codes=frozenset({iso}),
        postal_codes=postal_codes,
        note=note,
    )


def _rate_region(country: str, region: str, postal_code: str, cities: frozenset[str]) -> TerritoryRow:
    """A place inside the country's VAT law, with rates of its own."""
    return TerritoryRow(
        code=country,
        country=country,
        vat_country=country,
        postal_codes={country: postal_code},
        cities=cities,
        rate_region=region,
        note="inside the EU VAT area; some rates differ",
    )


#: First match wins, so the single code 97133 stands before the range 971.
TERRITORY_ROWS: tuple[TerritoryRow, ...] = (
    TerritoryRow(
        code="ES-CN",
        country="ES",
        postal_codes={"ES": r"3[58]\d{3}"},
        cities=frozenset({"las palmas", "las palmas de gran canaria", "santa cruz de tenerife"}),
        country_codes=frozenset({"IC"}),
        note="Canary Islands: IGIC",
    ),
    TerritoryRow(
        code="ES-CE",
        country="ES",
        postal_codes={"ES": r"51\d{3}"},
        cities=frozenset({"ceuta"}),
        note="Ceuta: IPSI",
    ),
    TerritoryRow(
        code="ES-ML",
        country="ES",
        postal_codes={"ES": r"52\d{3}"},
        cities=frozenset({"melilla"}),
        note="Melilla: IPSI",
    ),
    TerritoryRow(
        code="FI-01",
        country="FI",
        postal_codes={"FI": r"22\d{3}"},
        cities=frozenset({"mariehamn", "maarianhamina"}),
        country_codes=frozenset({"AX"}),
        host_rule=HostRule.EVERYBODY,
        note="Åland: outside the EU VAT area; Finnish rules for services",
    ),
    _french("BL", r"97133|977\d{2}", cities=frozenset({"gustavia"})),
    _french("MF", r"97150|978\d{2}", cities=frozenset({"marigot"})),
    _french("GP", r"971\d{2}", cities=frozenset({"pointe a pitre"}), own_vat=True),
    _french("MQ", r"972\d{2}", cities=frozenset({"fort de france"}), own_vat=True),
    _french("GF", r"973\d{2}", cities=frozenset({"cayenne"})),
    _french("RE", r"974\d{2}", own_vat=True),
    _french("PM", r"975\d{2}"),
    _french("YT", r"976\d{2}", cities=frozenset({"mamoudzou"})),
    _french("TF", r"984\d{2}"),
    _french("WF", r"986\d{2}", cities=frozenset({"mata utu"})),
    _french("PF", r"987\d{2}", cities=frozenset({"papeete"})),
    _french("NC", r"988\d{2}", cities=frozenset({"noumea"})),
    _rate_region("FR", "FR-20R", r"20\d{3}", frozenset({"ajaccio", "bastia"})),
    _country("MC", vat_country="FR", note="Monaco: French VAT", FR=r"980\d{2}"),
    TerritoryRow(
        code="DE-BUS",
        country="DE",
        postal_codes={"DE": r"78266"},
        cities=frozenset({"busingen", "buesingen", "busingen am hochrhein", "buesingen am hochrhein"}),
        note="Büsingen: Swiss customs area",
    ),
    TerritoryRow(
        code="DE-HEL",
        country="DE",
        postal_codes={"DE": r"27498"},
        cities=frozenset({"helgoland", "heligoland"}),
        note="Heligoland",
    ),
    TerritoryRow(
        code="IT-LIV",
        country="IT",
        postal_codes={"IT": r"23041"},
        shared_postal_codes={"IT": r"23030"},
        cities=frozenset({"livigno", "trepalle"}),
        note="Livigno",
    ),
    TerritoryRow(
        code="IT-CAM",
        country="IT",
        postal_codes={"IT": r"22061"},
        shared_postal_codes={"IT": r"22060"},
        cities=frozenset({"campione d italia"}),
        note="Campione d'Italia: EU customs area since 2020, still outside VAT",
    ),
    _country("SM", note="San Marino", IT=r"4789\d"),
    _country("VA", note="Vatican City", IT=r"00120"),
    TerritoryRow(
        code="GR-69",
        country="GR",
        postal_codes={"GR": r"6308[67]"},
        cities=frozenset({"mount athos", "agio oros", "agion oros"}),
        note="Mount Athos",
    ),
    _rate_region("AT", "AT-JUN", r"6691", frozenset({"jungholz"})),
    _rate_region("AT", "AT-MIT", r"699[1-3]", frozenset({"riezlern", "mittelberg kleinwalsertal"})),
    _rate_region("PT", "PT-30", r"9[0-4]\d{2}(\d{3})?", frozenset({"funchal"})),
    _rate_region("PT", "PT-20", r"9[5-9]\d{2}(\d{3})?", frozenset({"ponta delgada", "angra do heroismo"})),
    TerritoryRow(
        code="CY-N",
        country="CY",
        postal_codes={"CY": r"99\d{3}"},
        host_rule=HostRule.EVERYBODY,
        note="North of Cyprus: EU law suspended (Protocol 10 to the Act of Accession)",
    ),
    TerritoryRow(
        code="GB-NIR",
        country="GB",
        vat_country="GB",
        postal_codes={"GB": r"BT\d.*"},
        cities=frozenset({"belfast"}),
        country_codes=frozenset({"XI"}),
        note="Northern Ireland: EU VAT rules for goods only; services are UK",
    ),
    _country("IM", vat_country="GB", note="Isle of Man: UK VAT", GB=r"IM\d.*"),
    _country("GG", note="Guernsey: no UK VAT", GB=r"GY\d.*"),
    _country("JE", note="Jersey: no UK VAT, GST of its own", GB=r"JE\d.*"),
    _country("LI", vat_country="CH", note="Liechtenstein: Swiss VAT area", CH=r"948[5-9]|949[0-8]"),
    _country("SJ", note="Svalbard and Jan Mayen: outside Norwegian VAT", NO=r"917\d|8099"),
    _country("FO", note="Faroe Islands: outside the EU VAT area", DK=r"\d{3}"),
    _country("GL", note="Greenland: outside the EU VAT area", DK=r"39\d{2}"),
    _country("AW", note="Aruba: outside the EU VAT area"),
    _country("BQ", note="Caribbean Netherlands: outside the EU VAT area"),
    _country("CW", note="Curaçao: outside the EU VAT area"),
    _country("SX", note="Sint Maarten: outside the EU VAT area"),
)
