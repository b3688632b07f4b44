"""What a network's updater knows of a saved card: its successor, or its end."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from billing_core.accounts.saved_card import CardExpiry, CardToken, SavedCard
from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState
from billing_core.charging.status import LicenseStatus
from billing_core.errors import Conflict, InvalidInput, NotFound
from billing_core.events import EventType
from billing_core.gateways.results import CardDetails
from billing_core.gateways.webhooks import CardNotice
from billing_core.service.calls import DescribeCard
from billing_core.service.requests import Commit, ListAccounts
from billing_core.testing import ScriptedGateway
from tests.unit.service.stage import ADA, SYSTEM, Stage, states
from tests.unit.service.told import MUTE, last, listen, mute, refuse_all, tell

OLD, NEW = CardExpiry(2025, 2), CardExpiry(2029, 2)


def card_of(stage: Stage) -> SavedCard:
    """The one card on file."""
    (account,) = stage.billing.accounts().items
    (card,) = account.cards
    return card


def with_old_card(stage: Stage) -> SavedCard:
    """An account with a license, paid for until the end of February, and a card that ends with it."""
    account = stage.open()
    stage.add_card(account.id, expires=OLD)
    stage.subscribe(stage.billing.account(account.id))
    stage.billing.run_due()
    return card_of(stage)


def renewed(stage: Stage, **changes: Any) -> CardNotice:
    """The issuer has sent a new card."""
    token = card_of(stage).token
    stage.gateway.card_is_renewed(token, expires=NEW, **changes)
    return CardNotice(token=token)


def test_a_renewed_card_is_a_new_version_of_it() -> None:
    """Same card, same token; audited as by the processor."""
    stage = Stage()
    before = with_old_card(stage)
    (license,) = stage.billing.licenses().items
    assert (license.id,) == tell(stage, card=renewed(stage, last4="1881"))
    after = card_of(stage)
    assert (before.id, before.token, NEW, "1881", stage.clock.now()) == (
        after.id,
        after.token,
        after.expires,
        after.last4,
        after.updated_at,
    )
    event = last(stage, EventType.CARD_UPDATED)
    assert ("webhook", after.id, "1881", "2029-02", "evt_1") == (
        event.actor.id,
        *(event.data[key] for key in ("card_id", "last4", "expires", "notice")),
    )
    assert before.token.value not in str([it.to_dict() for it in stage.billing.events()])
    stage.ensure_sound()


def test_a_license_that_waits_for_a_card_is_charged_at_once() -> None:
    """The card had expired on the renewal date."""
    stage = Stage()
    with_old_card(stage)
    stage.run_until_calm(days=60)
    (license,) = stage.billing.licenses().items
    assert LicenseStatus.PAST_DUE is stage.billing.license_view(license.id).status
    tell(stage, card=renewed(stage))
    stage.billing.run_due()
    assert LicenseStatus.ACTIVE is stage.billing.license_view(license.id).status
    stage.ensure_sound()


@pytest.mark.parametrize(
    ("advice", "fingerprint", "expected"),
    [
        (Advice.NEW_CARD, None, [AttemptState.DECLINED, AttemptState.SUCCEEDED]),
        (Advice.RETRY_LATER, None, [AttemptState.DECLINED, AttemptState.SUCCEEDED]),
        (Advice.NEVER, "fp_new", [AttemptState.DECLINED, AttemptState.SUCCEEDED]),
        (Advice.NEVER, None, [AttemptState.DECLINED]),
        (Advice.STOP_RECURRING, "fp_new", [AttemptState.DECLINED]),
    ],
)
def test_what_was_declined_is_tried_again_on_the_new_card(
    advice: Advice, fingerprint: str | None, expected: list[AttemptState]
) -> None:
    """Not on the plastic that may never be tried again, and not without consent."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_declines(advice)
    stage.billing.run_due()
    stage.clock.advance(hours=1)
    changes = {} if fingerprint is None else {"fingerprint": fingerprint}
    tell(stage, card=renewed(stage, **changes))
    stage.billing.run_due()
    assert expected == states(stage.attempts(license.id))
    stage.ensure_sound()


def test_an_update_before_the_decline_is_no_reason_to_try_again() -> None:
    """The declined attempt was made on the card as it is."""
    stage = Stage()
    license = stage.subscribe()
    tell(stage, card=renewed(stage))
    stage.clock.advance(hours=1)
    stage.gateway.next_charge_declines(Advice.NEW_CARD)
    stage.billing.run_due()
    stage.clock.advance(hours=1)
    assert () == tell(stage, "evt_2", card=CardNotice(token=card_of(stage).token))
    stage.billing.run_due()
    assert [AttemptState.DECLINED] == states(stage.attempts(license.id))


def test_a_closed_card_is_not_charged_any_more() -> None:
    """The owner is told that a card is missing, and a new one is typed."""
    stage = Stage()
    card = with_old_card(stage)
    assert 1 == len(tell(stage, card=CardNotice(token=card.token, is_closed=True)))
    assert Advice.NEVER is card_of(stage).frozen_because
    assert card.id == last(stage, EventType.CARD_CLOSED).data["card_id"]
    stage.run_until_calm(days=30)
    assert 1 == len(stage.gateway.captures)
    assert "card_frozen" == last(stage, EventType.NOTICE_CARD_MISSING).data["reason"]
    assert () == tell(stage, "evt_2", card=CardNotice(token=card.token, is_closed=True))
    stage.ensure_sound()


def test_renewed_and_then_closed_in_one_notice() -> None:
    """Both are told, in one commit."""
    stage = mute()
    card = with_old_card(stage)
    details = _details(card, expires=NEW)
    tell(stage, card=CardNotice(token=card.token, details=details, is_closed=True))
    assert (NEW, Advice.NEVER) == (card_of(stage).expires, card_of(stage).frozen_because)
    assert (1, 1) == tuple(
        stage.event_types()[type_] for type_ in (EventType.CARD_UPDATED, EventType.CARD_CLOSED)
    )
    stage.ensure_sound()


def test_an_old_card_that_is_closed_does_not_close_its_successor() -> None:
    """The notice about the old plastic comes after that about the new one."""
    stage = Stage()
    card = with_old_card(stage)
    tell(stage, card=renewed(stage, last4="1881", fingerprint="fp_new"))
    late = CardNotice(token=card.token, details=_details(card), is_closed=True)
    assert () == tell(stage, "evt_2", card=late)
    assert None is card_of(stage).frozen_because


def test_older_news_changes_nothing() -> None:
    """Nobody can be asked, and notices come in any order: a card's life does not get shorter."""
    stage = mute()
    card = with_old_card(stage)
    tell(stage, card=CardNotice(token=card.token, details=_details(card, expires=NEW)))
    assert () == tell(stage, "evt_2", card=CardNotice(token=card.token, details=_details(card)))
    assert NEW == card_of(stage).expires
    assert () == tell(stage, "evt_3", card=CardNotice(token=card.token))


def test_two_workers_with_one_notice() -> None:
    """One commits; the other reads again and finds nothing new."""
    stage = Stage()
    with_old_card(stage)
    notice = renewed(stage)
    first, second = listen(stage, card=notice), listen(stage, card=notice)
    for hand in (first, second):
        hand.until(Commit)
    assert (1, 0) == (len(first.finish()), len(second.finish()))
    assert 1 == stage.event_types()[EventType.CARD_UPDATED]
    stage.ensure_sound()


def test_an_account_that_never_rests() -> None:
    """After many lost races it is given up, and told again by the processor."""
    stage = Stage()
    with_old_card(stage)
    hand = listen(stage, card=renewed(stage))
    with pytest.raises(Conflict):
        refuse_all(hand)


def test_a_card_that_is_removed_meanwhile() -> None:
    """Is nobody's card any more."""
    stage = Stage()
    card = with_old_card(stage)
    hand = listen(stage, card=renewed(stage))
    hand.until(Commit)
    (account,) = stage.billing.accounts().items
    stage.billing.remove_card(account.id, card.id, actor=ADA)
    assert () == hand.finish()


def test_the_account_is_named_or_looked_for() -> None:
    """An adapter that put the account's id on the card at set-up spares looking through all of them."""
    stage = Stage()
    card = with_old_card(stage)
    (account,) = stage.billing.accounts().items
    for number in range(200):
        stage.billing.open_account(f"Other {number}", currency="EUR", time_zone="UTC", actor=ADA)
    for account_id in (account.id, None):
        hand = listen(stage, card=CardNotice(token=card.token, account_id=account_id, is_closed=True))
        pages = 0
        while not hand.is_done and not isinstance(hand.request, Commit):
            pages += isinstance(hand.request, ListAccounts)
            hand.step()
        assert (0 if account_id else 2) == pages
    assert 1 == len(hand.finish())


def test_one_card_on_two_accounts() -> None:
    """The processor knows one token for both: both learn of it."""
    stage = Stage()
    card = with_old_card(stage)
    (account,) = stage.billing.accounts().items
    imported = stage.billing.import_account(
        "Old Ltd",
        external_id="old-1",
        currency="EUR",
        time_zone="UTC",
        owner="olga",
        actor=SYSTEM,
        card=_details(card),
    )
    stage.gateway.card_is_renewed(card.token, expires=NEW)
    tell(stage, card=CardNotice(token=card.token))
    for owner in (account, imported):
        assert [NEW] == [it.expires for it in stage.billing.account(owner.id).cards]


def test_a_card_of_nobody() -> None:
    """On no account, or not on the account that is named: another system's, or removed long ago."""
    stage = Stage()
    card = with_old_card(stage)
    stranger = stage.open("Eve Ltd")
    before = stage.event_types()
    for token, account_id in (
        ("tok_other", None),
        ("tok_other", "acc_none"),
        (card.token.value, stranger.id),
    ):
        assert () == tell(stage, card=CardNotice(token=CardToken(token), account_id=account_id))
    assert before == stage.event_types()


def test_another_gateways_token_is_another_card() -> None:
    """Two processors may give the same token."""
    stage = Stage()
    with_old_card(stage)
    assert () == listen(stage, "second", card=renewed(stage)).finish()
    assert OLD == card_of(stage).expires


def test_a_token_that_the_processor_has_forgotten() -> None:
    """It says nothing of the card: nothing is known better."""
    stage = Stage()
    card = with_old_card(stage)
    stage.gateway.detach_card(card.token)
    assert () == tell(stage, card=CardNotice(token=card.token, details=_details(card, expires=NEW)))
    assert OLD == card_of(stage).expires


def test_a_description_of_another_card() -> None:
    """Is none of this one; and something else is no description."""
    stage = Stage()
    card = with_old_card(stage)
    hand = listen(stage, card=renewed(stage))
    hand.until(DescribeCard)
    hand.answer(_details(card, token=CardToken("tok_other"), expires=NEW))
    assert () == hand.finish()
    hand = listen(stage, card=renewed(stage))
    hand.until(DescribeCard)
    with pytest.raises(InvalidInput):
        hand.answer("a card")


def test_a_notice_is_about_one_token() -> None:
    """An adapter can't put another card in its place."""
    stage = Stage()
    card = with_old_card(stage)
    with pytest.raises(InvalidInput, match="details"):
        CardNotice(token=CardToken("tok_other"), details=_details(card))


def test_only_a_card_on_file_is_updated() -> None:
    """The account refuses another one."""
    stage = Stage()
    card = with_old_card(stage)
    (account,) = stage.billing.accounts().items
    with pytest.raises(NotFound):
        account.with_card_updated(attrs.evolve(card, id="card_other"))


def test_a_processor_without_a_fingerprint() -> None:
    """The card keeps the one it had."""
    stage = Stage(gateway=ScriptedGateway(MUTE))
    card = with_old_card(stage)
    tell(stage, card=CardNotice(token=card.token, details=_details(card, expires=NEW, fingerprint=None)))
    assert (card.fingerprint, NEW) == (card_of(stage).fingerprint, card_of(stage).expires)


def _details(card: SavedCard, **changes: Any) -> CardDetails:
    details = CardDetails(
        token=card.token,
        brand=card.brand,
        last4=card.last4,
        expires=card.expires,
        fingerprint=card.fingerprint,
    )
    return attrs.evolve(details, **changes)
