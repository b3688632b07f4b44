"""Verifying an owner: what is said against what is on file."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from billing_core.accounts.billing_info import check_billing_info
from billing_core.accounts.verification import ClaimMatch, Verification, compare_claims, verify_owner
from billing_core.errors import InvalidInput
from billing_core.identity.address import Address
from billing_core.policy import BillingPolicy
from tests.builders import account as account_builder
from tests.unit.accounts.filed import FORM, INFO

MATCH, PARTIAL, MISMATCH, NOT_ON_FILE = ClaimMatch
POLICY = BillingPolicy(verification_matches_min=2)
US = check_billing_info(
    {
        "name": "Ada Byron King Lovelace",
        "line1": "1600 Amphitheatre Pkwy",
        "city": "Mountain View",
        "region": "CA",
        "postal_code": "94043-1351",
        "country": "US",
    }
).unwrap()


def match(field: str, claim: object, info: Any = INFO) -> ClaimMatch:
    """How one claim compares."""
    return compare_claims(info, {field: claim}, POLICY).fields[field]


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("Ada Lovelace", MATCH),
        ("ADA LOVELACE", MATCH),
        ("  lovelace,   ada ", MATCH),
        ("Àda Lovelaće", MATCH),
        ("Ada", PARTIAL),
        ("Lovelace", PARTIAL),
        ("Ada Byron", MISMATCH),
        ("Ada King Lovelace", MISMATCH),
        ("Ad", MISMATCH),
        ("---", MISMATCH),
        ("x" * 2000, MISMATCH),
        (7, MISMATCH),
    ],
)
def test_names(claim: object, expected: ClaimMatch) -> None:
    """Word by word, without case, accents, order and punctuation; a part of the words is a part."""
    assert expected is match("name", claim)


def test_a_name_without_letters_is_matched_by_nothing_else() -> None:
    """Words that are nothing but signs don't count, on neither side."""
    assert PARTIAL is match("name", "Ada --- Lovelace", US)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("+33 1 42 68 53 00", MATCH),
        ("01 42 68 53 00", MATCH),
        ("0033142685300", MATCH),
        ("０１ ４２ ６８ ５３ ００", MATCH),
        ("tel:+33-1-42-68-53-00", MATCH),
        ("5300", PARTIAL),
        ("68 53 00", PARTIAL),
        ("５３００", PARTIAL),
        ("1 42 68 53 00", MATCH),
        ("42 68 53 00", PARTIAL),
        ("300", MISMATCH),
        ("5301", MISMATCH),
        ("+33 6 99 99 53 00", MISMATCH),
        ("01 42 68 53 01", MISMATCH),
        ("no idea", MISMATCH),
        (142685300, MISMATCH),
    ],
)
def test_phones(claim: object, expected: ClaimMatch) -> None:
    """As the form reads them; the last digits, four at least, are a part."""
    assert expected is match("phone", claim)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("75001", MATCH),
        ("75 001", MATCH),
        ("７５００１", MATCH),
        ("75002", MISMATCH),
        ("7500", MISMATCH),
        ("750011", MISMATCH),
        (75001, MISMATCH),
    ],
)
def test_postal_codes(claim: object, expected: ClaimMatch) -> None:
    """Without spaces; whole or not at all."""
    assert expected is match("postal_code", claim)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("94043-1351", MATCH),
        ("940431351", MATCH),
        ("94043", PARTIAL),
        ("94044", MISMATCH),
        ("94043-1352", MISMATCH),
    ],
)
def test_zip_codes(claim: str, expected: ClaimMatch) -> None:
    """The five digits that people know are a part of the nine on file."""
    assert expected is match("postal_code", claim, US)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("FR83404833048", MATCH),
        ("83 404 833 048", MATCH),
        ("TVA n° FR 83 404 833 048", MATCH),
        ("FR83404833049", MISMATCH),
        ("DE136695976", MISMATCH),
        ("404833048", MISMATCH),
        (83404833048, MISMATCH),
    ],
)
def test_tax_ids(claim: object, expected: ClaimMatch) -> None:
    """With or without the prefix, with a right check digit."""
    assert expected is match("tax_id", claim)


@pytest.mark.parametrize("field", ["name", "phone", "postal_code", "tax_id"])
def test_nothing_matches_what_is_not_on_file(field: str) -> None:
    """No information at all, or none of this kind: no match, and no contradiction."""
    bare = attrs.evolve(INFO, phone=None, tax_id=None, address=Address(country="FR"))
    assert NOT_ON_FILE is match(field, FORM[field], None)
    if field != "name":
        assert NOT_ON_FILE is match(field, FORM[field], bare)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"name": "Ada Lovelace", "postal_code": "75001"}, True),
        ({"name": "Ada Lovelace"}, False),
        ({"name": "Ada Lovelace", "phone": "5300"}, False),
        ({"name": "Ada Lovelace", "postal_code": "75001", "phone": "5300"}, True),
        ({"name": "Ada Lovelace", "postal_code": "75001", "phone": "5301"}, False),
        ({"name": "Ada Lovelace", "postal_code": "75001", "phone": " ", "tax_id": None}, True),
    ],
)
def test_enough_matches_and_no_contradiction_verify(claims: dict[str, object], expected: bool) -> None:
    """The policy says how many; a part is none, and one wrong fact is one too many."""
    verification = compare_claims(INFO, claims, POLICY)
    assert (expected, 2) == (verification.verified, verification.required)


def test_what_was_not_said_is_not_compared() -> None:
    """A field that was left empty is no claim."""
    verification = compare_claims(INFO, {"name": "Ada", "phone": "", "tax_id": None}, POLICY)
    assert ({"name": PARTIAL}, 0) == (verification.fields, verification.matches)


@pytest.mark.parametrize("claims", [{}, {"name": None}, {"name": "", "phone": "  "}])
def test_something_must_be_said(claims: dict[str, object]) -> None:
    """Else there is nothing to put on record."""
    with pytest.raises(InvalidInput, match="claims: is required"):
        compare_claims(INFO, claims, POLICY)


@pytest.mark.parametrize("claims", [{"name": "Ada", "cvc": "123"}, {7: "x"}, {"last4": "4242"}])
def test_only_known_facts_are_compared(claims: dict[str, object]) -> None:
    """Cards are no fact to verify by: nobody should read one out."""
    with pytest.raises(InvalidInput, match="claims: is not a field") as caught:
        compare_claims(INFO, claims, POLICY)
    assert "4242" not in repr(caught.value)


@pytest.mark.parametrize("claims", [None, "Ada", [("name", "Ada")]])
def test_claims_are_a_mapping(claims: Any) -> None:
    """Anything else is refused."""
    with pytest.raises(InvalidInput, match="claims: has the wrong type"):
        compare_claims(INFO, claims, POLICY)


def test_the_answer_holds_nothing_of_either_side() -> None:
    """Neither what is on file nor what was said is in it, in any form."""
    claims = {"name": "Eve Mallory", "phone": "0699998877", "postal_code": "10115", "tax_id": "DE136695976"}
    verification = compare_claims(INFO, claims, POLICY)
    shown = repr(verification) + str(verification.to_dict())
    secrets = [*map(str, FORM.values()), "33142685300", *claims.values(), "Ada", "Eve"]
    assert [] == [secret for secret in secrets if secret in shown]


@pytest.mark.parametrize(
    ("verified", "fields"),
    [
        (True, {"name": MATCH}),
        (True, {"name": MATCH, "phone": MATCH, "tax_id": MISMATCH}),
        (False, {"name": MATCH, "phone": MATCH}),
    ],
)
def test_a_verification_does_not_contradict_itself(verified: bool, fields: dict[str, ClaimMatch]) -> None:
    """It says what its fields say."""
    with pytest.raises(InvalidInput, match="verified: does not agree with the fields"):
        Verification(verified=verified, fields=fields, required=2)


def test_the_account_itself_is_asked() -> None:
    """By the default policy, or with a vendor's own number of facts."""
    account = account_builder().with_billing_info(INFO)
    one = {"name": FORM["name"]}

    assert not verify_owner(account, one).verified
    assert verify_owner(account, one, BillingPolicy(verification_matches_min=1)).verified
