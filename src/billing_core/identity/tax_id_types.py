"""
Every kind of tax id that is known, as a table.

Names are those of Stripe's API, so that a host can pass them on. Rows of
python-stdnum carry the name of its module; others have a pattern, or are opaque:
letters, digits and ``. / -``. A country's rows are tried in this order where
no type is given.

Source: Stripe's table of supported tax ids (types and examples); the modules
of python-stdnum.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from billing_core.identity import tax_id_rules as rules
from billing_core.identity.tax_id_rules import Rule, TaxIdLevel, by_pattern, by_stdnum

__all__ = ["COUNTRIES", "PREFIXES", "ROWS", "TYPES", "TaxIdType"]

CHECKSUM: Final = TaxIdLevel.CHECKSUM
FORMAT: Final = TaxIdLevel.FORMAT


@attrs.frozen(kw_only=True, eq=False)
class TaxIdType:
    """
    One kind of tax id.

    Attributes:
        name: Stripe's name of the type.
        country: ISO 3166 code of the country that issues it; ``EU`` for its one-stop shop.
        rule: says whether a number is right, and its canonical form without prefix.
        level: how much the rule can say.
        example: a right number in canonical form.
        prefix: what stands in front of the canonical form.
        module: the python-stdnum module, for its display format.
        mask: the display form of a type without module; ``#`` is a character.
        is_primary: whether it is tried where only the country is given.
        is_opaque: whether separators are part of the number.
    """

    name: str
    country: str
    rule: Rule
    level: TaxIdLevel
    example: str
    prefix: str = ""
    module: str | None = None
    mask: str | None = None
    is_primary: bool = True
    is_opaque: bool = False


def _row(
    name: str,
    example: str,
    module: str | None = None,
    level: TaxIdLevel = CHECKSUM,
    *,
    country: str | None = None,
    rule: Rule | None = None,
    prefix: str = "",
    secondary: bool = False,
) -> TaxIdType:
    return TaxIdType(
        name=name,
        country=country or name[:2].upper(),
        rule=rule or by_stdnum(module or ""),
        level=level,
        example=example,
        prefix=prefix,
        module=module,
        is_primary=not secondary,
    )


def _eu(country: str, module: str, example: str, rule: Rule | None = None) -> TaxIdType:
    prefix = "EL" if country == "GR" else country
    return _row(
        "eu_vat", example, module, country=country, prefix=prefix, rule=rule or by_stdnum(module, prefix)
    )


def _form(
    name: str, example: str, pattern: str, *, mask: str | None = None, secondary: bool = False
) -> TaxIdType:
    return TaxIdType(
        name=name,
        country=name[:2].upper(),
        rule=by_pattern(pattern),
        level=FORMAT,
        example=example,
        mask=mask,
        is_primary=not secondary,
    )


def _opaque(name: str, example: str, *, secondary: bool = False) -> TaxIdType:
    return TaxIdType(
        name=name,
        country=name[:2].upper(),
        rule=by_pattern(r"[A-Z0-9./-]{4,25}"),
        level=FORMAT,
        example=example,
        is_primary=not secondary,
        is_opaque=True,
    )


_EUROPEAN_UNION: Final = (
    _eu("AT", "at.uid", "ATU13585627", rules.austrian_vat),
    _eu("BE", "be.vat", "BE0403019261"),
    _eu("BG", "bg.vat", "BG175074752"),
    _eu("CY", "cy.vat", "CY10259033P"),
    _eu("CZ", "cz.dic", "CZ25123891"),
    _eu("DE", "de.vat", "DE136695976"),
    _eu("DK", "dk.cvr", "DK13585628"),
    _eu("EE", "ee.kmkr", "EE100931558", rules.estonian_vat),
    _eu("ES", "es.nif", "ESB58378431", rules.spanish_vat),
    _eu("FI", "fi.alv", "FI20774740"),
    _eu("FR", "fr.tva", "FR40303265045"),
    _eu("GR", "gr.vat", "EL094259216"),
    _eu("HR", "hr.oib", "HR33392005961"),
    _eu("HU", "hu.anum", "HU12892312", rules.hungarian_vat),
    _eu("IE", "ie.vat", "IE6433435F"),
    _eu("IT", "it.iva", "IT00743110157"),
    _eu("LT", "lt.pvm", "LT119511515"),
    _eu("LU", "lu.tva", "LU15027442"),
    _eu("LV", "lv.pvn", "LV40003521600"),
    _eu("MT", "mt.vat", "MT11679112"),
    _eu("NL", "nl.btw", "NL004495445B01"),
    _eu("PL", "pl.nip", "PL8567346215"),
    _eu("PT", "pt.nif", "PT501964843"),
    _eu("RO", "ro.cf", "RO18547290", rules.romanian_vat),
    _eu("SE", "se.vat", "SE123456789701"),
    _eu("SI", "si.ddv", "SI50223054"),
    _eu("SK", "sk.dph", "SK2022749619"),
)

_CHECKED: Final = (
    _row("eu_oss_vat", "EU372022452", "eu.oss", FORMAT),
    _row("gb_vat", "GB980780684", "gb.vat", prefix="GB", rule=rules.united_kingdom_vat),
    _row("xi_vat", "XI980780684", "gb.vat", country="GB", prefix="XI", rule=rules.united_kingdom_vat),
    _row("ch_vat", "CHE107787577IVA", "ch.vat", prefix="CHE", rule=rules.swiss("ch.vat")),
    _row("ch_uid", "CHE100155212", "ch.uid", prefix="CHE", rule=rules.swiss("ch.uid")),
    _row("li_uid", "CHE100155212", "ch.uid", prefix="CHE", rule=rules.swiss("ch.uid")),
    _row("no_vat", "NO995525828MVA", "no.mva", prefix="NO", rule=rules.norwegian_vat),
    _row("ad_nrt", "U132950X", "ad.nrt", FORMAT),
    _row("al_tin", "J91402501L", "al.nipt", FORMAT),
    _row("ar_cuit", "20055361682", "ar.cuit"),
    _row("au_abn", "83914571673", "au.abn"),
    _row("au_acn", "004085616", "au.acn"),
    _row("az_tin", "1401555071", "az.voen"),
    _row("bg_uic", "175074752", "bg.vat", secondary=True),
    _row("br_cnpj", "16727230000197", "br.cnpj"),
    _row("br_cpf", "39053344705", "br.cpf"),
    _row("by_tin", "200988541", "by.unp"),
    _row("ca_gst_hst", "123026635RT0001", "ca.bn", rule=rules.canadian_gst),
    _row("ca_bn", "123026635", "ca.bn"),
    _row("cl_tin", "760864285", "cl.rut"),
    _row("cn_tin", "91110000600037341L", "cn.uscc"),
    _row("co_nit", "2131234321", "co.nit"),
    _row("cr_tin", "3101999999", "cr.cpj", FORMAT),
    _row("cz_dic", "25123891", "cz.dic", secondary=True),
    _row("de_stn", "18181508155", "de.stnr", FORMAT, secondary=True),
    _row("do_rcn", "101850043", "do.rnc"),
    _row("dz_nif", "416001000000007", "dz.nif", FORMAT),
    _row("ec_ruc", "1792060346001", "ec.ruc", rule=rules.ecuadorian_ruc),
    _row("eg_tin", "100531385", "eg.tn", FORMAT),
    _row("es_cif", "J99216582", "es.cif", secondary=True),
    _row("fo_vat", "623857", "fo.vn", FORMAT),
    _row("fr_siren", "552008443", "fr.siren", secondary=True),
    _row("fr_siret", "73282932000074", "fr.siret", secondary=True),
    _row("fr_spi", "3023217600053", "fr.nif", secondary=True),
    _row("gh_tin", "C0000803561", "gh.tin"),
    _row("gn_nif", "693770885", "gn.nifp"),
    _row("gt_nit", "576937K", "gt.nit"),
    _row("hr_oib", "33392005961", "hr.oib", secondary=True),
    _row("hu_tin", "12892312241", rule=rules.hungarian_tin, secondary=True),
    _row("id_npwp", "013121660091000", "id.npwp"),
    _row("il_vat", "039337423", "il.idnr"),
    _row("il_hp", "516179157", "il.hp", secondary=True),
    _row("in_gst", "27AAPFU0939F1ZV", "in_.gstin"),
    _row("is_vat", "00621", "is_.vsk", FORMAT),
    _row("is_kt", "4504013150", "is_.kennitala", secondary=True),
    _row("it_cf", "RCCMNL83S18D969H", "it.codicefiscale", secondary=True),
    _row("jp_trn", "T5835678256246", rule=rules.japanese_invoice_number),
    _row("jp_cn", "5835678256246", "jp.cn"),
    _row("ke_pin", "P051365947M", "ke.pin", FORMAT),
    _row("kr_brn", "1168200276", "kr.brn", FORMAT),
    _row("li_peid", "1234567", "li.peid", FORMAT),
    _row("md_cf", "1008600038413", "md.idno"),
    _row("me_pib", "02655284", "me.pib"),
    _row("mk_vat", "MK4030000375897", "mk.edb", prefix="MK"),
    _row("mx_rfc", "GODE561231GR8", "mx.rfc", FORMAT),
    _row("mz_nuit", "400339910", "mz.nuit"),
    _row("nz_gst", "49091850", "nz.ird"),
    _row("om_vat", "OM1100006083", prefix="OM", rule=rules.omani_vat),
    _row("pe_ruc", "20512333797", "pe.ruc"),
    _row("pl_nip", "8567346215", "pl.nip", secondary=True),
    _row("pt_nif", "501964843", "pt.nif", secondary=True),
    _row("py_ruc", "800280610", "py.ruc"),
    _row("ro_tin", "18547290", "ro.cui", secondary=True),
    _row("rs_pib", "101134702", "rs.pib"),
    _row("ru_inn", "123456789047", "ru.inn"),
    _row("sg_uen", "00192200M", "sg.uen"),
    _row("si_tin", "50223054", "si.ddv", secondary=True),
    _row("sm_coe", "51", "sm.coe", FORMAT),
    _row("sn_ninea", "3067221", "sn.ninea"),
    _row("sv_nit", "06140507071048", "sv.nit"),
    _row("th_vat", "1234545678781", "th.tin"),
    _row("tn_mf", "1234567MAE001", "tn.mf", FORMAT),
    _row("tr_tin", "4540536920", "tr.vkn"),
    _row("tw_vat", "00501503", "tw.ubn", rule=rules.taiwanese_ubn),
    _row("ua_edrpou", "32855961", "ua.edrpou"),
    _row("us_ein", "911144442", "us.ein", FORMAT),
    _row("uy_ruc", "211003420017", "uy.rut"),
    _row("ve_rif", "V114702834", "ve.rif"),
    _row("vn_tin", "0100233488", "vn.mst"),
)

_BY_FORM: Final = (
    _form("ae_trn", "123456789012345", "[0-9]{15}"),
    _form("am_tin", "02538904", "[0-9]{8}"),
    _form("ao_tin", "5123456789", "[0-9]{10}"),
    _form("au_arn", "123456789123", "[0-9]{12}", secondary=True),
    _form("aw_tin", "12345678", "[0-9]{8}"),
    _form("ba_tin", "123456789012", "[0-9]{12}"),
    _form("bb_tin", "1123456789012", "[0-9]{13}"),
    _form("bd_bin", "1234567890123", "[0-9]{13}", mask="#########-####"),
    _form("bh_vat", "123456789012345", "[0-9]{15}"),
    _form("bj_ifu", "1234567890123", "[0-9]{13}"),
    _form("bs_tin", "123456789", "[0-9]{9}", mask="###.###.###"),
    _form("ca_pst_bc", "PST12345678", "PST[0-9]{8}", mask="###-####-####", secondary=True),
    _form("ca_pst_mb", "1234567", "[0-9]{7}", mask="######-#", secondary=True),
    _form("ca_pst_sk", "1234567", "[0-9]{7}", secondary=True),
    _form("ca_qst", "1234567890TQ1234", "[0-9]{10}TQ[0-9]{4}", secondary=True),
    _form("ge_vat", "123456789", "[0-9]{9}|[0-9]{11}"),
    _form("hk_br", "12345678", "[0-9]{8}"),
    _form("li_vat", "12345", "[0-9]{5}"),
    _form("md_vat", "1234567", "[0-9]{7}"),
    _form("sa_vat", "123456789012345", "[0-9]{15}"),
    _form("ua_vat", "123456789", "[0-9]{9,10}|[0-9]{12}"),
    _form("za_vat", "4123456789", "4[0-9]{9}"),
)

_OPAQUE: Final = (
    _opaque("au_wpn", "123456789", secondary=True),
    _opaque("bf_ifu", "12345678A"),
    _opaque("bo_tin", "123456789"),
    _opaque("cd_nif", "A0123456M"),
    _opaque("cm_niu", "M123456789000L"),
    _opaque("cv_nif", "213456789"),
    _opaque("et_tin", "1234567890"),
    _opaque("gi_tin", "123456"),
    _opaque("kg_tin", "12345678901234"),
    _opaque("kh_tin", "1001-123456789"),
    _opaque("kz_bin", "123456789012"),
    _opaque("la_tin", "123456789-000"),
    _opaque("lk_vat", "123456789-7000"),
    _opaque("ma_vat", "12345678"),
    _opaque("mr_nif", "12345678"),
    _opaque("mu_vat", "20123456"),
    _opaque("my_sst", "A12-3456-78912345"),
    _opaque("my_itn", "C1234567890"),
    _opaque("my_frp", "12345678"),
    _opaque("ng_tin", "12345678-0001"),
    _opaque("no_voec", "1234567", secondary=True),
    _opaque("np_pan", "123456789"),
    _opaque("nz_bn", "9429041234567", secondary=True),
    _opaque("ph_tin", "123456789012"),
    _opaque("jp_rn", "12345", secondary=True),
    _opaque("ru_kpp", "123456789", secondary=True),
    _opaque("sg_gst", "M12345678X", secondary=True),
    _opaque("sr_fin", "1234567890"),
    _opaque("tj_tin", "123456789"),
    _opaque("tt_vat", "123456"),
    _opaque("tt_bir", "1234567890", secondary=True),
    _opaque("tz_vat", "12345678A"),
    _opaque("ug_tin", "1014751879"),
    _opaque("uz_vat", "123456789012"),
    _opaque("uz_tin", "123456789"),
    _opaque("zm_tin", "1004751879"),
    _opaque("zw_tin", "1234567890"),
)

_ROWS: Final = (*_EUROPEAN_UNION, *_CHECKED, *_BY_FORM, *_OPAQUE)

#: Other names for a type: those that its country, or python-stdnum, uses.
_TYPE_ALIASES: Final = {
    "ad_vat": "ad_nrt",
    "br_vat": "br_cnpj",
    "eu_oss": "eu_oss_vat",
    "fo_vn": "fo_vat",
    "in_gstin": "in_gst",
    "rs_vat": "rs_pib",
    "ru_vat": "ru_inn",
}

#: Codes that stand for another place when it comes to tax ids. Monaco uses
#: French numbers, the Isle of Man British ones; EL and XI are VAT prefixes.
_COUNTRY_ALIASES: Final = {"EL": "GR", "UK": "GB", "MC": "FR", "IM": "GB"}


def _grouped(keys: list[tuple[str, TaxIdType]]) -> Mapping[str, tuple[TaxIdType, ...]]:
    groups: dict[str, tuple[TaxIdType, ...]] = {}
    for key, row in keys:
        groups[key] = (*groups.get(key, ()), row)
    return MappingProxyType(groups)


_OWN_NAMES: Final = frozenset(row.name for row in _ROWS)


def _names(row: TaxIdType) -> list[str]:
    names = [row.name, *(alias for alias, name in _TYPE_ALIASES.items() if name == row.name)]
    module_name = f"{row.country.lower()}_{(row.module or '').partition('.')[2]}"
    if row.module and module_name not in (*_OWN_NAMES, *names):
        names.append(module_name)
    # Stripe files Northern Ireland's numbers under the European Union's type.
    return [*names, "eu_vat"] if row.name == "xi_vat" else names


#: The one row of a type and the country that issues it.
ROWS: Final[Mapping[tuple[str, str], TaxIdType]] = MappingProxyType(
    {(row.name, row.country): row for row in _ROWS}
)

#: Rows by type name, Stripe's names and other names alike.
TYPES: Final = _grouped([(name, row) for row in _ROWS for name in _names(row)])

_BY_COUNTRY: Final = _grouped([(row.country, row) for row in _ROWS if row.is_primary])

#: Rows to try where only a country is known, by all codes that are understood.
COUNTRIES: Final[Mapping[str, tuple[TaxIdType, ...]]] = MappingProxyType(
    {
        **_BY_COUNTRY,
        **{alias: _BY_COUNTRY[country] for alias, country in _COUNTRY_ALIASES.items()},
        "XI": TYPES["xi_vat"],
    }
)

#: Rows by the prefix that their numbers carry, for numbers that come without a country.
PREFIXES: Final[Mapping[str, tuple[TaxIdType, ...]]] = MappingProxyType(
    {
        **_grouped([(row.prefix, row) for row in _ROWS if row.prefix]),
        "GR": _BY_COUNTRY["GR"],
        "EU": TYPES["eu_oss_vat"],
        "IM": TYPES["eu_oss_vat"],
    }
)
