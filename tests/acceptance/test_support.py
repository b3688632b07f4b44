"""
Support can't take card details over a call, chat or email; support may need to validate *you* for security.

The account information validates and authorises transactions.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

from billing_core import PERMISSIONS, Billing, ClaimMatch, InvalidInput, Permission, PermissionDenied, Role
from tests.acceptance.story import BILLING_FORM, CARD_PAGE, Story

#: A test number of the networks, as a caller would say it.
NUMBER = "4242 4242 4242 4242"

WAYS_TO_WRITE_IT = {
    "in groups": NUMBER,
    "in one": "4242424242424242",
    "with hyphens": "4242-4242-4242-4242",
    "in a sentence": f"caller says the card is {NUMBER}, valid until 12/27",
    "with full-width digits": "４２４２４２４２４２４２４２４２",
}


def test_no_command_has_a_parameter_for_a_card_number() -> None:
    """There is nowhere to put one: no parameter is for a number, a security code or a track."""
    parameters = {
        name
        for command, method in inspect.getmembers(Billing, inspect.isfunction)
        if not command.startswith("_")
        for name in inspect.signature(method).parameters
    }
    card_words = ("pan", "cvc", "cvv", "card_number", "security_code", "number", "track")
    assert "actor" in parameters
    assert set() == parameters & set(card_words)


def test_support_has_no_permission_on_cards() -> None:
    """What support may do is short, and none of it touches a card or money."""
    allowed = {Permission.VIEW_MASKED_BILLING, Permission.VERIFY_OWNER, Permission.GRANT_EXTENSION}
    assert allowed == PERMISSIONS[Role.SUPPORT]


@pytest.mark.parametrize("said", WAYS_TO_WRITE_IT.values(), ids=WAYS_TO_WRITE_IT)
def test_a_number_that_a_caller_dictates_can_not_be_written_down(said: str, story: Story) -> None:
    """Whatever field support tries: the reason of an extension, the note of a verification."""
    with pytest.raises(InvalidInput) as refused:
        story.billing.grant_extension(story.license.id, days=3, actor=story.support, reason=said)
    assert ["looks_like_card_number"] == [issue.code for issue in refused.value.issues]
    with pytest.raises(InvalidInput):
        story.billing.verify_owner(story.account.id, {"name": "Ada"}, actor=story.support, reason=said)
    assert "4242" not in str(refused.value)
    assert () == story.happened()


@pytest.mark.parametrize("field", ["name", "company", "line1", "line2", "city"])
def test_nor_can_the_owner_write_it_into_the_billing_form(field: str, story: Story) -> None:
    """Somebody types it into the wrong field: the form says so, and nothing is saved."""
    with pytest.raises(InvalidInput) as refused:
        story.billing.update_billing_info(
            story.account.id, {**BILLING_FORM, field: NUMBER}, actor=story.owner
        )
    assert (field, "looks_like_card_number") in {(issue.field, issue.code) for issue in refused.value.issues}
    assert () == story.happened()


def test_the_number_is_nowhere_in_the_database(story: Story) -> None:
    """After a card was entered, charged and replaced, the file holds its last four digits only."""
    story.owner_enters_card("4242", replace=story.account.cards[0])
    for way in WAYS_TO_WRITE_IT.values():
        with pytest.raises(InvalidInput):
            story.billing.cancel(story.license.id, actor=story.owner, reason=way)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    stored = b"".join(file.read_bytes() for file in story.database.parent.iterdir())
    assert b"4242" in stored
    assert [] == [way for way in WAYS_TO_WRITE_IT.values() if way.encode() in stored]


def test_support_sends_the_owner_to_the_card_page_instead(story: Story) -> None:
    """Support can't open the page; the owner can, also while locked out."""
    with pytest.raises(PermissionDenied):
        story.billing.begin_card_setup(story.account.id, return_url=CARD_PAGE, actor=story.support)
    story.billing.remove_card(story.account.id, story.account.cards[0].id, actor=story.owner)
    story.on("2025-03-10T09:00+01:00")
    assert ("expired", "billing_only") == story.standing
    assert story.owner_enters_card("1881") == story.account.default_card


def test_billing_details_travel_with_the_card_page_and_with_every_charge(story: Story) -> None:
    """Country, postal code and street are what the issuer compares: the account information validates."""
    story.on("2025-02-28T00:00+01:00").nightly_run()
    (setup,) = story.processor.setups
    first, second = story.processor.charges
    assert setup.billing == first.billing == second.billing
    assert "FR" == setup.billing.country
    assert setup.billing.avs is not None
    assert ("75011", "14") == (setup.billing.avs.postal, setup.billing.avs.street_number)


def test_what_the_owner_corrects_travels_with_the_next_charge(story: Story) -> None:
    """The renewal is authorised with the address that is on file then."""
    story.billing.update_billing_info(
        story.account.id, {**BILLING_FORM, "line1": "97 rue Oberkampf"}, actor=story.owner
    )
    story.on("2025-02-28T00:00+01:00").nightly_run()
    avs = story.processor.charges[-1].billing.avs
    assert avs is not None
    assert "97" == avs.street_number


def test_a_caller_who_knows_the_facts_is_verified(story: Story) -> None:
    """Said by telephone, so case, spaces and accents don't count; put on record, without what was said."""
    claims = {
        "name": "ada LOVELACE",
        "phone": "01 43 55 12 34",
        "postal_code": "75 011",
        "tax_id": "40 303 265 045",
    }
    verification = story.billing.verify_owner(
        story.account.id, claims, actor=story.support, reason="locked out, on the phone"
    )
    assert verification.verified
    assert dict.fromkeys(claims, ClaimMatch.MATCH) == verification.fields
    (event,) = story.events()
    assert ("account.owner_verified", "sam", "support", "locked out, on the phone") == (
        event.type,
        event.actor.id,
        event.actor.role,
        event.reason,
    )
    assert [] == [word for word in ("Lovelace", "43551234", "75011") if word in str(event.to_dict())]


def test_a_caller_who_guesses_is_not_and_learns_nothing(story: Story) -> None:
    """The answer says how each fact compares, never what is on file."""
    claims = {"name": "Ada", "phone": "+33 6 99 99 12 34", "postal_code": "75012"}
    verification = story.billing.verify_owner(story.account.id, claims, actor=story.support)
    assert not verification.verified
    assert {
        "name": ClaimMatch.PARTIAL,
        "phone": ClaimMatch.MISMATCH,
        "postal_code": ClaimMatch.MISMATCH,
    } == verification.fields
    shown = repr(verification) + str(verification.to_dict())
    assert [] == [word for word in ("Lovelace", "4355", "75011", "40303265045") if word in shown]


def test_who_has_nothing_on_file_can_not_be_verified(tell: Callable[..., Story]) -> None:
    """Nothing matches what is not there."""
    story = tell()
    story.account_opens(billing_info=None)
    verification = story.billing.verify_owner(story.account.id, {"name": "Ada Lovelace"}, actor=story.support)
    assert (False, {"name": ClaimMatch.NOT_ON_FILE}) == (verification.verified, verification.fields)


def test_only_support_verifies(story: Story) -> None:
    """A customer's own people have no use for it, and no right to it."""
    for who in (story.owner, story.admin, story.agent, story.stranger, story.vendor):
        with pytest.raises(PermissionDenied):
            story.billing.verify_owner(story.account.id, {"name": "Ada Lovelace"}, actor=who)
