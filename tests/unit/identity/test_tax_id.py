"""Tax ids: one canonical form, whatever was typed in front, behind and between."""

import copy
import pickle
from typing import Any
from unittest.mock import Mock

import attrs
import pytest

from billing_core.errors import InvalidInput
from billing_core.identity.tax_id import TaxId, TaxIdLevel, check_tax_id
from billing_core.identity.tax_id_types import ROWS
from billing_core.issues import Checked

GERMAN = TaxId(type="eu_vat", country="DE", value="DE136695976", level=TaxIdLevel.CHECKSUM)


def value(raw: object, country: str | None = None, type: str | None = None) -> str:
    """The canonical form of what must be right."""
    checked = check_tax_id(raw, country, type)
    assert () == checked.issues
    return checked.unwrap().value


def code(raw: object, country: Any = None, type: Any = None, **options: Any) -> str:
    """The code of the one error."""
    checked = check_tax_id(raw, country, type, **options)
    assert checked.value is None
    (issue,) = checked.errors
    return issue.code


@pytest.mark.parametrize(
    ("raw", "country"),
    [
        ("DE136695976", None),
        ("DE136695976", "DE"),
        ("136695976", "DE"),
        ("136695976", " de "),
        ("de 136 695 976", None),
        ("DE-136.695/976", None),
        ("DE:136_695,976", None),
        ("D\u0415136695976", None),
        ("DE136\u2013695\u2212976", None),
        ("DE\t136\n695976\r\n", None),
        ("\u202bDE136\u200b695976\u202c", None),
        ("ＤＥ１３６６９５９７６", None),
        ("DE١٣٦٦٩٥٩٧٦", None),
        ("VAT DE136695976", None),
        ("VAT no. DE 136695976", None),
        ("USt-IdNr.: DE136695976", None),
        ("USt.-IdNr. 136695976", "DE"),
        ("n° TVA : DE136695976", None),
    ],
)
def test_one_number_in_many_forms(raw: str, country: str | None) -> None:
    """Prefix, separators, labels, widths and digits of other scripts."""
    assert GERMAN == check_tax_id(raw, country).unwrap()


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("GR094259216", None, "EL094259216"),
        ("094259216", "GR", "EL094259216"),
        ("094259216", "EL", "EL094259216"),
        ("ΕL094259216", None, "EL094259216"),
        ("ελ 094259216", None, "EL094259216"),
        ("АТU13585627", None, "ATU13585627"),
        ("AT13585627", None, "ATU13585627"),
        ("13585627", "AT", "ATU13585627"),
        ("BE403019261", None, "BE0403019261"),
        ("CHE-107.787.577 IVA", "CH", "CHE107787577IVA"),
        ("CHE-100.155.212", None, "CHE100155212"),
        ("CHE-100.155.212", "LI", "CHE100155212"),
        ("107787577 MWST", "CH", "CHE107787577MWST"),
        ("NO995525828", None, "NO995525828MVA"),
        ("995 525 828 MVA", "NO", "NO995525828MVA"),
        ("GB980780684", None, "GB980780684"),
        ("980780684", "UK", "GB980780684"),
        ("980780684", "IM", "GB980780684"),
        ("XI980780684", "GB", "XI980780684"),
        ("980780684", "XI", "XI980780684"),
        ("FR40303265045", "MC", "FR40303265045"),
        ("12892312-2-41", "HU", "HU12892312"),
        ("IE9+12345N", None, "IE9+12345N"),
        ("RO 18547290", None, "RO18547290"),
        ("18547290", "RO", "RO18547290"),
        ("EU 372022452", None, "EU372022452"),
        ("AD U-132950-X", None, "U132950X"),
        ("RS101134702", None, "101134702"),
        ("101134702", "RS", "101134702"),
        ("4030000375897", "MK", "MK4030000375897"),
        ("OM1100006083", None, "OM1100006083"),
        ("1100006083", "OM", "OM1100006083"),
        ("T5835678256246", "JP", "T5835678256246"),
        ("5-8356-7825-6246", "JP", "5835678256246"),
        ("123026635 RT 0001", "CA", "123026635RT0001"),
        ("12302 6635", "CA", "123026635"),
        ("90000075", "TW", "90000075"),
        ("00501503", "TW", "00501503"),
        ("0993370026001", "EC", "0993370026001"),
        ("GODE 561231 GR8", "MX", "GODE561231GR8"),
        ("39.053.344-705", "BR", "39053344705"),
        ("4123456789", "ZA", "4123456789"),
        ("GE123456789", None, "123456789"),
        ("kh 1001-123456789", "KH", "KH1001-123456789"),
        ("BE (0)403.019.261", None, "BE0403019261"),
        ("VAT NO 995525828 MVA", None, "NO995525828MVA"),
        ("VAT no 995525828 MVA", "NO", "NO995525828MVA"),
    ],
)
def test_canonical_forms(raw: str, country: str | None, expected: str) -> None:
    """With the prefix that the country itself writes."""
    assert expected == value(raw, country)


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        (None, None, "required"),
        ("  \u200b ", None, "required"),
        ({"a": 1}, None, "invalid_type"),
        (b"DE136695976", None, "invalid_type"),
        (136695976, "DE", "invalid_type"),
        ("NL" + "1" * 4400, None, "too_long"),
        ("D" * 65, None, "too_long"),
        ("DE", None, "too_short"),
        ("DE1", None, "too_short"),
        ("-", "DE", "too_short"),
        ("4", "AU", "too_short"),
        ("136695976", None, "country_missing"),
        ("XX136695976", None, "country_missing"),
        ("136695976", "USA", "country_unknown"),
        ("136695976", 49, "country_unknown"),
        ("136695976", "AQ", "not_supported"),
        ("DE136695976", "FR", "country_mismatch"),
        ("IE6433435F", "AU", "country_mismatch"),
        ("DE136695970", "FR", "country_mismatch"),
        ("DEDE136695976", None, "invalid_format"),
        ("CLCL125319092", "CL", "invalid_length"),
        ("DE136695975", None, "invalid_checksum"),
        ("DE1366959760", None, "invalid_length"),
        ("DE13669597A", None, "invalid_format"),
        ("DE13669597²", None, "invalid_characters"),
        ("DE1366959７é", None, "invalid_characters"),
        ("DE136695976\x00", None, "invalid_characters"),
        ("IE 8?79739J", None, "invalid_characters"),
        ("GB000000000", None, "placeholder"),
        ("ESX0000000T", None, "placeholder"),
        ("ES99999999R", None, "placeholder"),
        ("ESP65474207", None, "invalid_checksum"),
        ("EE000207418", None, "invalid_format"),
        ("HU12892312999", None, "invalid_length"),
        ("IE643343\nFF", None, "invalid_format"),
        ("CH-432.825.999-MWST", None, "invalid_length"),
        ("1100006084", "OM", "invalid_checksum"),
        ("OM11000060831", None, "invalid_format"),
        ("12302663", "CA", "invalid_length"),
        ("90000072", "TW", "invalid_checksum"),
        ("9000007", "TW", "invalid_length"),
        ("2593213150001", "EC", "invalid_format"),
        ("T5835678256247", "JP", "invalid_checksum"),
        ("4242424242424242", "ZM", "looks_like_card_number"),
        ("4242-4242-4242-4242", "KH", "looks_like_card_number"),
        ("346001000000001", "DZ", "looks_like_card_number"),
        ("VAT 123", "DE", "invalid_length"),
        ("VAT DE136695975", None, "invalid_checksum"),
        ("VAT number", "DE", "too_short"),
    ],
)
def test_what_is_no_tax_id(raw: object, country: Any, expected: str) -> None:
    """Each with the code that says most."""
    assert expected == code(raw, country)


def test_what_only_claims_to_be_a_text_is_none() -> None:
    """Not as the number, the country or the type."""
    liar: Any = Mock(spec=str)
    expected = ["invalid_type", "country_unknown", "unknown_value"]
    assert expected == [code(liar), code("136695976", liar), code("136695976", "DE", liar)]


def test_a_number_of_another_country_suggests_it() -> None:
    """The likely mistake is the country's, not the number's."""
    (issue,) = check_tax_id("DE136695976", "FR", field="vat").issues
    assert ("vat", "country_mismatch", "DE", {"country": "FR"}) == (
        issue.field,
        issue.code,
        issue.suggestion,
        dict(issue.params),
    )


def test_a_wrong_number_gets_a_right_example() -> None:
    """Of the type that was tried."""
    (issue,) = check_tax_id("136695975", "DE").issues
    assert "has a wrong check digit; compare it with the original; for example DE136695976" == issue.message


@pytest.mark.parametrize(
    ("raw", "country", "type", "expected"),
    [
        ("094259216", None, "eu_vat", "country_missing"),
        ("980780684", None, "xx_vat", "unknown_value"),
        ("980780684", None, ["gb_vat"], "unknown_value"),
        ("980780684", "DE", "gb_vat", "country_mismatch"),
        ("GB980780684", "GB", "eu_vat", "country_mismatch"),
        ("123026635", "CA", "ca_gst_hst", "invalid_format"),
        ("123026635RC0001", "CA", "ca_gst_hst", "invalid_format"),
        ("5835678256246", None, "jp_trn", "invalid_format"),
        ("1289231299", None, "hu_tin", "invalid_format"),
        ("12892313-2-41", None, "hu_tin", "invalid_checksum"),
    ],
)
def test_a_type_narrows(raw: str, country: str | None, type: Any, expected: str) -> None:
    """To its own form and country."""
    assert expected == code(raw, country, type)


@pytest.mark.parametrize(
    ("raw", "country", "type", "expected"),
    [
        ("EL094259216", None, "eu_vat", ("eu_vat", "GR")),
        ("XI980780684", None, "eu_vat", ("xi_vat", "GB")),
        ("XI980780684", "GB", None, ("xi_vat", "GB")),
        ("980780684", None, "gb_vat", ("gb_vat", "GB")),
        ("175074752", None, "bg_uic", ("bg_uic", "BG")),
        ("175074752", "BG", None, ("eu_vat", "BG")),
        ("4540536920", None, "tr_vkn", ("tr_tin", "TR")),
        ("4540536920", "TR", "tr_tin", ("tr_tin", "TR")),
        ("12892312-2-41", None, "hu_tin", ("hu_tin", "HU")),
        ("16727230000197", "BR", None, ("br_cnpj", "BR")),
        ("39053344705", "BR", None, ("br_cpf", "BR")),
        ("CHE107787577IVA", None, None, ("ch_vat", "CH")),
        ("CHE100155212", None, None, ("ch_uid", "CH")),
        ("IM3720000224", None, None, ("eu_oss_vat", "EU")),
        ("136695976", None, "de_vat", ("eu_vat", "DE")),
    ],
)
def test_the_type_is_found(
    raw: str, country: str | None, type: str | None, expected: tuple[str, str]
) -> None:
    """By prefix, by country, by another name."""
    tax_id = check_tax_id(raw, country, type).unwrap()
    assert expected == (tax_id.type, tax_id.country)


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("GB980780684", None, TaxIdLevel.CHECKSUM),
        ("GBGD001", None, TaxIdLevel.FORMAT),
        ("1792060346001", "EC", TaxIdLevel.CHECKSUM),
        ("0993370026001", "EC", TaxIdLevel.FORMAT),
        ("911144442", "US", TaxIdLevel.FORMAT),
        ("12345678", "HK", TaxIdLevel.FORMAT),
    ],
)
def test_the_level_says_what_was_checked(raw: str, country: str | None, expected: TaxIdLevel) -> None:
    """Some numbers of a checked type have no check digit."""
    assert expected is check_tax_id(raw, country).unwrap().level


@pytest.mark.parametrize(
    ("raw", "type", "expected"),
    [
        ("DE136695976", "eu_vat", "DE136695976"),
        ("PL8567346215", "eu_vat", "PL 856-734-62-15"),
        ("GB980780684", "gb_vat", "GB 980 7806 84"),
        ("CHE107787577IVA", "ch_vat", "CHE-107.787.577 IVA"),
        ("NO995525828MVA", "no_vat", "NO 995 525 828 MVA"),
        ("16727230000197", "br_cnpj", "16.727.230/0001-97"),
        ("83914571673", "au_abn", "83 914 571 673"),
        ("123456789", "bs_tin", "123.456.789"),
        ("PST12345678", "ca_pst_bc", "PST-1234-5678"),
        ("OM1100006083", "om_vat", "OM1100006083"),
        ("1001-123456789", "kh_tin", "1001-123456789"),
    ],
)
def test_display(raw: str, type: str, expected: str) -> None:
    """As people of the country write it on an invoice."""
    assert expected == check_tax_id(raw, type=type).unwrap().display


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: f"{row.name}-{row.country}")
def test_every_display_reads_as_the_same_number(row: Any) -> None:
    """What an invoice shows may be typed into a form."""
    tax_id = check_tax_id(row.example, row.country, row.name).unwrap()
    assert tax_id == check_tax_id(tax_id.display, row.country, row.name).unwrap()


def test_repr_hides_the_number() -> None:
    """A sole trader's tax id is personal data."""
    expected = "TaxId(type='eu_vat', country='DE', value='…76', level='checksum')"
    assert expected == repr(GERMAN) == f"{GERMAN}"


def test_plain_data_and_back() -> None:
    """Nothing is lost, and nothing is checked anew."""
    assert GERMAN == TaxId.from_dict(GERMAN.to_dict())
    assert GERMAN == pickle.loads(pickle.dumps(GERMAN)) == copy.deepcopy(GERMAN)
    revoked_by_a_new_rule = GERMAN.to_dict() | {"value": "DE000000000"}
    assert revoked_by_a_new_rule == TaxId.from_dict(revoked_by_a_new_rule).to_dict()


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"cvv": "123"}, "", "unknown_key"),
        ({"value": None}, "value", "required"),
        ({"value": 4242424242424242}, "value", "invalid_type"),
        ({"value": "4242 4242"}, "value", "invalid_format"),
        ({"value": "4242424242424242"}, "value", "looks_like_card_number"),
        ({"type": "4242424242424242"}, "type", "unknown_value"),
        ({"country": "FX"}, "type", "unknown_value"),
        ({"level": "4242424242424242"}, "level", "unknown_value"),
    ],
)
def test_foreign_data_is_refused_without_echo(change: dict[str, Any], field: str, expected: str) -> None:
    """Unknown keys, wrong forms, card numbers."""
    with pytest.raises(InvalidInput) as caught:
        TaxId.from_dict(GERMAN.to_dict() | change)
    assert [(field, expected)] == [(issue.field, issue.code) for issue in caught.value.issues]
    assert "4242" not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": ["eu_vat"]}, "type"),
        ({"country": None}, "type"),
        ({"value": 5}, "value"),
        ({"level": "checksum"}, "level"),
    ],
)
def test_the_constructor_takes_what_it_says(change: dict[str, Any], field: str) -> None:
    """Whoever builds a tax id by hand hears at once."""
    with pytest.raises(InvalidInput) as caught:
        attrs.evolve(GERMAN, **change)
    assert [field] == [issue.field for issue in caught.value.issues]


def test_a_checked_number_may_look_like_a_card() -> None:
    """A Brazilian company's number has as many digits as a card's, and may pass Luhn as well."""
    company = next(
        found
        for body in range(30_000_000, 30_100_000)
        if (found := _company(f"{body}0001")) and _passes_luhn(found) and found.startswith("30000")
    )
    tax_id = check_tax_id(company, "BR").unwrap()
    assert tax_id == TaxId.from_dict(tax_id.to_dict())
    with pytest.raises(InvalidInput, match="looks like a card number"):
        attrs.evolve(tax_id, type="zm_tin", country="ZM", level=TaxIdLevel.FORMAT)


def _company(body: str) -> str:
    from stdnum.br import cnpj

    return body + str(cnpj.calc_check_digits(body))


def _passes_luhn(digits: str) -> bool:
    return sum(sum(divmod(int(d) * (1 + k % 2), 10)) for k, d in enumerate(reversed(digits))) % 10 == 0


def test_parse_raises() -> None:
    """Checks and unwraps."""
    assert GERMAN == TaxId.parse("136695976", "DE")
    with pytest.raises(InvalidInput, match=r"^tax_id: is required$"):
        TaxId.parse(None)


@pytest.mark.parametrize(
    ("raw", "type", "expected"),
    [
        ("PL 8567346215", "pl_nip", "8567346215"),
        ("HR 33392005961", "hr_oib", "33392005961"),
        ("PT 501 964 843", "pt_nif", "501964843"),
        ("RO 185 472 90", "ro_tin", "18547290"),
        ("SI 5022 3054", "si_tin", "50223054"),
        ("CZ 25123891", "cz_dic", "25123891"),
        ("BG 175 074 752", "bg_uic", "175074752"),
    ],
)
def test_a_national_number_may_carry_the_prefix_of_its_country(raw: str, type: str, expected: str) -> None:
    """It is the VAT prefix as well, and no sign of another country."""
    assert expected == check_tax_id(raw, type=type).unwrap().value
    assert expected == check_tax_id(raw, type[:2].upper(), type).unwrap().value


@pytest.mark.parametrize("raw", ["BG800000002", "EE000207418", "DE000000191"])
def test_a_prefix_is_not_read_as_the_start_of_another_countrys_number(raw: str) -> None:
    """French numbers may start with two letters; these are wrong ones of the country they name."""
    assert code(raw, type="eu_vat") == code(raw, raw[:2]) == code(raw)


def test_nothing_is_a_tax_id_where_none_is_required() -> None:
    """Consumers have none."""
    assert Checked(value=None) == check_tax_id("", required=False)
