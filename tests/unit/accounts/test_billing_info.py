"""The billing form: read in one go, and everything that is wrong with it said at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
import pytest

from billing_core.accounts.billing_info import BillingInfo, check_billing_info
from billing_core.errors import InvalidInput
from billing_core.identity.address import Address
from billing_core.issues import Severity
from billing_core.policy import BillingPolicy
from tests.unit.accounts.filed import FORM, INFO

OWN = ("name", "phone", "tax_id")
#: The same form, with the address in a mapping of its own.
NESTED = {
    **{key: FORM[key] for key in OWN},
    "address": {key: value for key, value in FORM.items() if key not in OWN},
}


def findings(form: object) -> list[tuple[str, str]]:
    """What is wrong, by field and code."""
    return [(issue.field, issue.code) for issue in check_billing_info(form).issues]


class TestForms:
    """The forms that a form can have."""

    def test_flat_and_nested_forms_say_the_same(self) -> None:
        """Hosts build forms both ways."""
        assert INFO == check_billing_info(FORM).value == check_billing_info(NESTED).value

    def test_what_is_read(self) -> None:
        """Normalised as each validator does."""
        phone, tax_id = INFO.phone, INFO.tax_id
        assert phone is not None
        assert tax_id is not None
        assert ("Ada Lovelace", "FR", "75001", "+33142685300", "FR83404833048") == (
            INFO.name,
            INFO.country,
            INFO.address.postal_code,
            phone.e164,
            tax_id.value,
        )

    def test_phone_and_tax_id_are_optional(self) -> None:
        """Nobody is forced to have either."""
        form = {key: value for key, value in FORM.items() if key not in {"phone", "tax_id"}}
        info = check_billing_info(form).unwrap()
        assert (None, None) == (info.phone, info.tax_id)

    def test_an_address_can_be_one_already(self) -> None:
        """With or without a name of its own."""
        for address in (INFO.address, attrs.evolve(INFO.address, name=None)):
            checked = check_billing_info({**NESTED, "address": address})
            assert INFO == checked.value

    def test_an_address_can_be_somebody_elses(self) -> None:
        """The invoice goes to whom the address names."""
        address = {**NESTED["address"], "name": "Charles Babbage"}  # type: ignore[dict-item]
        info = check_billing_info({**NESTED, "address": address}).unwrap()
        assert ("Ada Lovelace", "Charles Babbage") == (info.name, info.address.name)

    def test_checked_information_passes(self) -> None:
        """As it is."""
        assert INFO is check_billing_info(INFO).value

    def test_a_policy_changes_nothing_yet(self) -> None:
        """It is taken, for what vendors may require one day."""
        assert check_billing_info(FORM) == check_billing_info(FORM, BillingPolicy())

    @pytest.mark.parametrize("form", [None, 7, "Ada", [("name", "Ada")], object()])
    def test_only_a_mapping_is_a_form(self, form: object) -> None:
        """Anything else is one finding."""
        assert [("form", "invalid_type")] == findings(form)

    @pytest.mark.parametrize("address", ["12 rue de l'Église", 7, ["75001"]])
    def test_only_a_mapping_is_an_address(self, address: object) -> None:
        """Anything else is a finding at its place; the phone has no country then."""
        found = findings({**NESTED, "address": address})
        assert ("address", "invalid_type") in found
        assert ("phone", "country_missing") in found

    def test_a_mapping_that_breaks_is_no_form(self) -> None:
        """The promise is never to raise."""

        class Broken(Mapping[str, object]):
            def __getitem__(self, key: str) -> object:
                raise RuntimeError(key)

            def __iter__(self) -> Iterator[str]:
                return iter(["name"])

            def __len__(self) -> int:
                return 1

        assert [("form", "invalid_type")] == findings(Broken())
        assert ("address", "invalid_type") in findings({**NESTED, "address": Broken()})


class TestFindings:
    """Everything that is wrong, at once."""

    def test_every_wrong_field_is_named_at_once(self) -> None:
        """Nobody has to send a form five times."""
        form = {
            "name": "---",
            "line1": "x" * 300,
            "city": "Paris\x00",
            "postal_code": "7500",
            "country": "FR",
            "phone": "12",
            "tax_id": "FR83404833049",
        }
        assert {
            ("name", "invalid_format"),
            ("line1", "too_long"),
            ("city", "invalid_characters"),
            ("postal_code", "invalid_format"),
            ("phone", "too_short"),
            ("tax_id", "invalid_checksum"),
        } == set(findings(form))

    def test_an_empty_form_lacks_what_an_invoice_needs(self) -> None:
        """Without a country no more can be said about the address."""
        assert [("name", "required"), ("country", "required")] == findings({})

    def test_nested_findings_say_where(self) -> None:
        """As the form calls it."""
        found = findings({**NESTED, "address": {"country": "FR"}})
        assert {"address.line1", "address.city", "address.postal_code"} == {field for field, _ in found}

    def test_warnings_do_not_stop_a_form(self) -> None:
        """They are for a person to see."""
        checked = check_billing_info({**FORM, "postal_code": "97137"})
        assert (True, [("postal_code", "postal_code_other_country", Severity.WARNING)]) == (
            checked.ok,
            [(issue.field, issue.code, issue.severity) for issue in checked.issues],
        )
        assert checked.value is not None

    @pytest.mark.parametrize("key", ["cvc", "address2", 7])
    @pytest.mark.parametrize("form", [FORM, NESTED])
    def test_unknown_keys_are_refused(self, form: dict[Any, Any], key: Any) -> None:
        """Once, and without the key: it may be what must not be kept."""
        checked = check_billing_info({**form, key: "x"})
        assert [("form", "unknown_key")] == [(issue.field, issue.code) for issue in checked.issues]
        assert "cvc" not in repr(checked)

    def test_unknown_keys_of_the_address_are_refused(self) -> None:
        """At its place."""
        address = {**NESTED["address"], "4242424242424242": "x"}  # type: ignore[dict-item]
        checked = check_billing_info({**NESTED, "address": address})
        assert "unknown_key" in {issue.code for issue in checked.issues}
        assert "4242" not in repr(checked)


class TestCountry:
    """Phone and tax id are read by the form's country, as long as it is one."""

    @pytest.mark.parametrize("country", ["France", "fr", "FRA"])
    def test_a_country_by_any_of_its_names(self, country: str) -> None:
        """As in the address."""
        assert INFO == check_billing_info({**FORM, "country": country}).value

    def test_a_wrong_address_still_tells_the_country(self) -> None:
        """The phone is not blamed for the postal code."""
        assert [("postal_code", "invalid_format")] == findings({**FORM, "postal_code": "x"})

    @pytest.mark.parametrize("country", ["Atlantis", "", None, 7, "F" * 101])
    def test_a_wrong_country_is_blamed_once(self, country: object) -> None:
        """A national number can't be read then; it is not said to be of an unknown country itself."""
        found = findings({**FORM, "country": country, "tax_id": None})
        assert ("phone", "country_missing") in found
        assert ("phone", "country_unknown") not in found

    def test_an_international_number_needs_no_country(self) -> None:
        """It has its own."""
        form = {**FORM, "country": "Atlantis", "phone": "+33 1 42 68 53 00"}
        assert [("country", "country_unknown")] == findings(form)


class TestCardNumbers:
    """There is no field, and no row of fields, for a card number."""

    @pytest.mark.parametrize(
        "field", ["name", "line1", "line2", "city", "company", "region", "dependent_locality"]
    )
    def test_no_field_takes_one(self, field: str) -> None:
        """It is found where it is, and not repeated."""
        checked = check_billing_info({**FORM, field: "4242 4242 4242 4242"})
        assert [(field, "looks_like_card_number")] == [
            (issue.field, issue.code) for issue in checked.issues if issue.code == "looks_like_card_number"
        ]
        assert checked.value is None
        assert "4242" not in repr(checked)

    @pytest.mark.parametrize(
        ("first", "second"),
        [("name", "company"), ("name", "line1"), ("company", "line1"), ("line1", "line2"), ("line2", "city")],
    )
    def test_neighbours_are_read_together(self, first: str, second: str) -> None:
        """Half a number in each of two fields is one number."""
        form = {**FORM, first: "4242 4242", second: "4242 4242"}
        checked = check_billing_info(form)
        assert "looks_like_card_number" in {issue.code for issue in checked.issues}
        assert checked.value is None

    def test_the_name_and_the_address_are_neighbours(self) -> None:
        """Also where the address has another name, and each of them is right by itself."""
        address = {**NESTED["address"], "name": "Ada", "line1": "4242 4242"}  # type: ignore[dict-item]
        checked = check_billing_info({**NESTED, "name": "4242 4242", "address": address})
        assert [("line1", "looks_like_card_number")] == [
            (issue.field, issue.code) for issue in checked.errors
        ]

    def test_nor_does_the_record_itself(self) -> None:
        """However it is made."""
        with pytest.raises(InvalidInput) as caught:
            BillingInfo(name="4242 4242", address=Address(line1="4242 4242", country="FR"))
        assert [("line1", "looks_like_card_number")] == [
            (issue.field, issue.code) for issue in caught.value.issues
        ]
        with pytest.raises(InvalidInput, match="name: looks like a card number"):
            BillingInfo(name="4242424242424242", address=Address(country="FR"))


def test_repr_shows_the_country_only() -> None:
    """The rest is personal data."""
    assert "BillingInfo(country='FR')" == repr(INFO)


class _Liar:
    """Claims to be a text."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return str


class _Raiser:
    """Can't even be asked what it is."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        raise RuntimeError


@pytest.mark.parametrize("odd", [_Liar, _Raiser])
def test_objects_that_lie_about_their_class_are_findings(odd: Callable[[], object]) -> None:
    """As a form, as an address, as any field: never an exception."""
    assert not check_billing_info(odd()).ok
    assert not check_billing_info({"address": odd()}).ok
    for field in ("name", "phone", "tax_id", "country", "line1", "postal_code"):
        assert not check_billing_info({field: odd()}).ok
