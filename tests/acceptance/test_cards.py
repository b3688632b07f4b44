"""
The owner clicks *Update Card* or *Add a new card* and submits card details.

The processor's page takes the number; here only a token, a brand, four digits and an expiry exist.
"""

from __future__ import annotations

import attrs
import pytest

from billing_core import NotAllowed, NotFound
from tests.acceptance.story import CARD_PAGE, Story

CARD_FIELDS = {
    "id",
    "gateway_id",
    "token",
    "brand",
    "last4",
    "expires",
    "fingerprint",
    "checks",
    "added_at",
    "frozen_because",
    "updated_at",
    "network_transaction_id",
}


def test_update_card_replaces_the_card_on_file(story: Story) -> None:
    """One card before, one card after; renewals go to the new one."""
    (old,) = story.account.cards
    new = story.owner_enters_card("1881", expires="2031-05", replace=old)
    assert (new,) == story.account.cards
    assert ("visa ····1881", "2031-05") == (new.label, str(new.expires))
    story.on("2025-02-28T00:00+01:00").nightly_run()
    assert new.token == story.processor.charges[-1].card


def test_add_a_new_card_keeps_the_old_one(story: Story) -> None:
    """Two cards on file; the new one is charged from now on, and the owner may choose again."""
    (old,) = story.account.cards
    new = story.owner_enters_card("1881")
    assert (old, new) == story.account.cards
    assert new == story.account.default_card
    story.billing.set_default_card(story.account.id, old.id, actor=story.owner)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    assert old.token == story.processor.charges[-1].card
    assert ("card.setup_begun", "card.added", "card.made_default") == story.happened()[:3]


def test_a_second_card_can_be_added_for_later(story: Story) -> None:
    """The owner says which card is charged; adding one decides nothing."""
    (old,) = story.account.cards
    story.owner_enters_card("1881", make_default=False)
    assert old == story.account.default_card


def test_the_card_is_typed_on_the_processors_page(story: Story) -> None:
    """The owner is sent there and comes back; this library only learns what may be known."""
    setup = story.billing.begin_card_setup(story.account.id, return_url=CARD_PAGE, actor=story.owner)
    assert setup.url is not None
    assert setup.url.startswith("https://processor.example/")
    assert CARD_PAGE == story.processor.setups[-1].return_url
    with pytest.raises(NotAllowed, match="card_setup_incomplete"):
        story.billing.complete_card_setup(story.account.id, setup.id, actor=story.owner)
    story.processor.customer_enters_card(setup.id, last4="0005", brand="amex")
    card = story.billing.complete_card_setup(story.account.id, setup.id, actor=story.owner)
    assert CARD_FIELDS == set(attrs.asdict(card, recurse=False))
    assert ("amex", "0005") == (card.brand, card.last4)


def test_coming_back_twice_saves_one_card(story: Story) -> None:
    """A reload of the return page, or two tabs, change nothing."""
    setup = story.billing.begin_card_setup(story.account.id, return_url=CARD_PAGE, actor=story.owner)
    story.processor.customer_enters_card(setup.id, last4="1881")
    first = story.billing.complete_card_setup(story.account.id, setup.id, actor=story.owner)
    assert first == story.billing.complete_card_setup(story.account.id, setup.id, actor=story.owner)
    assert 2 == len(story.account.cards)


def test_an_owner_who_gives_up_keeps_the_card_on_file(story: Story) -> None:
    """The page was left: nothing was added, nothing is replaced."""
    (old,) = story.account.cards
    setup = story.billing.begin_card_setup(story.account.id, return_url=CARD_PAGE, actor=story.owner)
    story.processor.customer_gives_up(setup.id)
    with pytest.raises(NotAllowed, match="card_setup_incomplete"):
        story.billing.complete_card_setup(story.account.id, setup.id, actor=story.owner, replace=old.id)
    assert (old,) == story.account.cards


def test_a_visit_belongs_to_the_account_that_began_it(story: Story) -> None:
    """The id of somebody else's visit brings no card."""
    setup = story.billing.begin_card_setup(story.account.id, return_url=CARD_PAGE, actor=story.owner)
    story.processor.customer_enters_card(setup.id, last4="1881")
    other = story.billing.open_account(
        "Another", currency="EUR", time_zone="Europe/Paris", actor=story.stranger
    )
    with pytest.raises(NotFound):
        story.billing.complete_card_setup(other.id, setup.id, actor=story.stranger)


def test_without_a_card_nothing_renews_and_the_owner_is_told_in_time(story: Story) -> None:
    """Removing the default card chooses no other one silently; a notice says that a card is missing."""
    (old,) = story.account.cards
    story.owner_enters_card("1881", make_default=False)
    story.billing.remove_card(story.account.id, old.id, actor=story.owner)
    story.happened()
    story.on("2025-02-21T00:00+01:00").nightly_run()
    assert ("notice.card_missing",) == story.happened()
    story.on("2025-02-28T00:00+01:00").nightly_run()
    assert ["59.97 EUR"] == story.captured
    assert ("past_due", "full") == story.standing
