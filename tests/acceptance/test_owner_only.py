"""
An owner-role user opens Account > Billing info.

Nobody else can change billing info, price plan or payment details.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from billing_core import Actor, NotAllowed, PermissionDenied, Role
from tests.acceptance.story import BILLING_FORM, CARD_PAGE, YEARLY, Story

Attempt: TypeAlias = Callable[[Story, Actor], object]

#: Everything by which somebody could change billing info, price plan or payment details.
CHANGES: dict[str, Attempt] = {
    "edit the billing info": lambda s, who: s.billing.update_billing_info(
        s.account.id, BILLING_FORM, actor=who
    ),
    "move the account to another time zone": lambda s, who: s.billing.change_time_zone(
        s.account.id, "Asia/Tokyo", actor=who
    ),
    "open the card page": lambda s, who: s.billing.begin_card_setup(
        s.account.id, return_url=CARD_PAGE, actor=who
    ),
    "bring a card back from the card page": lambda s, who: s.billing.complete_card_setup(
        s.account.id, s.account.card_setups[0].id, actor=who
    ),
    "remove the card": lambda s, who: s.billing.remove_card(s.account.id, s.account.cards[0].id, actor=who),
    "choose the default card": lambda s, who: s.billing.set_default_card(
        s.account.id, s.account.cards[0].id, actor=who
    ),
    "choose a plan": lambda s, who: s.billing.choose_plan(s.account.id, YEARLY, actor=who),
    "change the plan": lambda s, who: s.billing.change_plan(s.license.id, YEARLY, actor=who),
    "change the number of seats": lambda s, who: s.billing.change_plan(s.license.id, quantity=1, actor=who),
    "cancel the license": lambda s, who: s.billing.cancel(s.license.id, actor=who),
    "transfer the ownership": lambda s, who: s.billing.transfer_ownership(
        s.account.id, s.agent.id, actor=who
    ),
}

EVERYBODY_ELSE = {
    "an admin": Story.admin,
    "an agent": Story.agent,
    "support": Story.support,
    "a stranger": Story.stranger,
    "the vendor's automation": Story.vendor,
}


@pytest.mark.parametrize("who", EVERYBODY_ELSE.values(), ids=EVERYBODY_ELSE)
@pytest.mark.parametrize("attempt", CHANGES.values(), ids=CHANGES)
def test_nobody_but_an_owner_can(attempt: Attempt, who: Actor, story: Story) -> None:
    """It is refused, and leaves nothing behind: no event, no new version, no visit at the processor."""
    before = story.account, story.license, len(story.processor.setups)
    with pytest.raises(PermissionDenied):
        attempt(story, who)
    assert () == story.happened()
    assert before == (story.account, story.license, len(story.processor.setups))


@pytest.mark.parametrize("attempt", CHANGES.values(), ids=CHANGES)
def test_an_owner_can(attempt: Attempt, story: Story) -> None:
    """The same commands, by an owner."""
    attempt(story, story.owner)


def test_the_owner_sees_the_billing_info_and_others_only_hints_or_nothing(story: Story) -> None:
    """Admins and support talk about it by hints; agents and strangers don't see it at all."""
    for who in (story.admin, story.support):
        view = story.billing.billing_info_view(story.account.id, actor=who)
        assert ("A…", "FR", "75…", "…34", "FR…", ("visa ····4242",)) == (
            view.name,
            view.country,
            view.postal_code,
            view.phone,
            view.tax_id,
            view.cards,
        )
    for who in (story.agent, story.stranger):
        with pytest.raises(PermissionDenied):
            story.billing.billing_info_view(story.account.id, actor=who)


def test_a_role_is_looked_up_and_never_claimed(story: Story) -> None:
    """An agent here is an agent, wherever else they own accounts."""
    other = story.billing.open_account("Another", currency="EUR", time_zone="Europe/Paris", actor=story.agent)
    with pytest.raises(PermissionDenied) as denied:
        story.billing.begin_card_setup(story.account.id, return_url=CARD_PAGE, actor=story.agent)
    assert ("manage_cards", "agent", story.account.id) == (
        denied.value.permission,
        denied.value.role,
        denied.value.account_id,
    )
    story.billing.begin_card_setup(other.id, return_url=CARD_PAGE, actor=story.agent)


def test_an_owner_hands_over_and_has_no_say_any_more(story: Story) -> None:
    """Ownership moves as a whole: the new owner may do everything, the old one is an admin."""
    story.billing.transfer_ownership(
        story.account.id, story.admin.id, actor=story.owner, reason="I am leaving"
    )
    assert ("ben",) == story.account.owners
    with pytest.raises(PermissionDenied):
        story.billing.remove_card(story.account.id, story.account.cards[0].id, actor=story.owner)
    story.billing.update_billing_info(story.account.id, {**BILLING_FORM, "name": "Ben"}, actor=story.admin)
    handed_over, _ = story.events()
    assert ("account.ownership_transferred", "ada", "owner", "I am leaving") == (
        handed_over.type,
        handed_over.actor.id,
        handed_over.actor.role,
        handed_over.reason,
    )


def test_an_account_always_has_an_owner(story: Story) -> None:
    """The last owner can neither leave nor take a smaller role."""
    with pytest.raises(NotAllowed, match="last_owner"):
        story.billing.remove_member(story.account.id, story.owner.id, actor=story.owner)
    with pytest.raises(NotAllowed, match="last_owner"):
        story.billing.add_member(story.account.id, story.owner.id, Role.AGENT, actor=story.owner)
    assert ("ada",) == story.account.owners
