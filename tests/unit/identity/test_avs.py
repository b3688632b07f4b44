"""What is sent to the issuer for comparison, and what its answers mean."""

import pytest

from billing_core.errors import InvalidInput
from billing_core.identity.address import Address
from billing_core.identity.avs import AvsKeys, AvsMatch, AvsResult, avs_keys

MATCH, NO_MATCH = AvsMatch.MATCH, AvsMatch.NO_MATCH
NOT_CHECKED, UNAVAILABLE = AvsMatch.NOT_CHECKED, AvsMatch.UNAVAILABLE


@pytest.mark.parametrize(
    ("line1", "number", "digits"),
    [
        ("1600 Amphitheatre Pkwy", "1600", "1600"),
        ("Flat 4, 12 High St", "12", "412"),
        ("Flat 4 12a High St", "12", "412"),
        ("Apt. 3B, 77 Main St", "77", "377"),
        ("Unit 5/12 High St", "12", "512"),
        ("#5 99 Harbour Rd", "99", "599"),
        ("Apt 4 Main Street", "4", "4"),
        ("Flatbush Ave 12", "12", "12"),
        ("P.O. Box 1234", "1234", "1234"),
        ("桜丘町２６−１", "26", "261"),
        ("Rue de la Paix", None, None),
        ("1" * 30, "1" * 20, "1" * 20),
        (None, None, None),
    ],
)
def test_street_is_reduced_to_its_numbers(line1: str | None, number: str | None, digits: str | None) -> None:
    """The number of the house, not of the flat; digits of any script; at most 20."""
    keys = avs_keys(Address(line1=line1, country="GB"))

    assert (number, digits) == (keys.street_number, keys.street_digits)


@pytest.mark.parametrize(
    ("country", "code", "postal", "digits"),
    [
        ("US", "94043", "94043", "94043"),
        ("US", "94043-1351", "94043", "940431351"),
        ("CA", "K1A 0B1", "K1A0B1", "101"),
        ("GB", "SW1A 1AA", "SW1A1AA", "11"),
        ("JP", "150-8512", "1508512", "1508512"),
        ("AE", None, None, None),
    ],
)
def test_postal_code_is_reduced(
    country: str, code: str | None, postal: str | None, digits: str | None
) -> None:
    """Five digits in the United States, letters and digits elsewhere, digits alone as well."""
    keys = avs_keys(Address(postal_code=code, country=country))

    assert (postal, digits) == (keys.postal, keys.postal_digits)


def test_keys_are_personal() -> None:
    """Their repr shows nothing."""
    assert "AvsKeys(...)" == repr(AvsKeys(street_number="12", postal="94043"))


@pytest.mark.parametrize(
    ("network", "code", "street", "postal"),
    [
        ("visa", "Y", MATCH, MATCH),
        ("visa", "A", MATCH, NO_MATCH),
        ("visa", "Z", NO_MATCH, MATCH),
        ("visa", "N", NO_MATCH, NO_MATCH),
        ("Visa", "b", MATCH, NOT_CHECKED),
        ("visa", "P", NOT_CHECKED, MATCH),
        ("visa", "C", NOT_CHECKED, NOT_CHECKED),
        ("visa", "I", NOT_CHECKED, NOT_CHECKED),
        ("visa", "D", MATCH, MATCH),
        ("visa", "M", MATCH, MATCH),
        ("visa", "F", MATCH, MATCH),
        ("visa", "R", UNAVAILABLE, UNAVAILABLE),
        ("visa", "S", UNAVAILABLE, UNAVAILABLE),
        ("visa", "U", UNAVAILABLE, UNAVAILABLE),
        ("visa", "G", UNAVAILABLE, UNAVAILABLE),
        ("mastercard", "W", NO_MATCH, MATCH),
        ("mastercard", "X", MATCH, MATCH),
        ("discover", "A", MATCH, MATCH),
        ("discover", "Y", MATCH, NO_MATCH),
        ("discover", "T", NO_MATCH, MATCH),
        ("discover", "W", UNAVAILABLE, UNAVAILABLE),
        ("discover", "X", MATCH, MATCH),
        ("discover", "Z", NO_MATCH, MATCH),
        ("amex", "Y", MATCH, MATCH),
        ("American Express", "W", NO_MATCH, NO_MATCH),
        ("amex", "L", NO_MATCH, MATCH),
        ("amex", "O", MATCH, NO_MATCH),
        ("amex", "E", MATCH, MATCH),
        ("another", "Y", MATCH, MATCH),
        ("visa", "T", UNAVAILABLE, UNAVAILABLE),
        ("visa", "?", UNAVAILABLE, UNAVAILABLE),
        ("visa", "", NOT_CHECKED, NOT_CHECKED),
        ("visa", None, NOT_CHECKED, NOT_CHECKED),
    ],
)
def test_answer_is_read_by_network(
    network: str, code: str | None, street: AvsMatch, postal: AvsMatch
) -> None:
    """One letter means different things to different networks; what is unknown is never a mismatch."""
    assert AvsResult(street=street, postal=postal) == AvsResult.from_code(network, code)


def test_answer_of_an_unknown_network_has_the_common_meaning() -> None:
    """A processor need not say whose card it is."""
    assert AvsResult.from_code("visa", "A") == AvsResult.from_code(None, "A") == AvsResult.from_code("", "a")
    with pytest.raises(InvalidInput, match=r"^code: has the wrong type"):
        AvsResult.from_code("visa", 5)  # type: ignore[arg-type]
