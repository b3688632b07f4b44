"""Card set-ups at their edges, tokens that a charge still needs, and charges that wait for the cardholder."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from billing_core.accounts.permissions import Role
from billing_core.accounts.saved_card import CardToken
from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState
from billing_core.errors import InvalidInput, NotAllowed, NotFound, PermissionDenied
from billing_core.gateways.capabilities import Capabilities, Operation
from billing_core.gateways.results import SetupSession
from billing_core.service import card_flows
from billing_core.service.billing import Billing
from billing_core.service.commands import By
from billing_core.service.requests import Commit
from billing_core.testing import ScriptedGateway
from tests.unit.service.stage import ADA, BOB, EVE, NO_KEYS, PRICE, SAM, SYSTEM, Hand, Stage, states

PAGE = "https://host/ok"


class _Remembering(ScriptedGateway):
    """Tells which tokens it was asked to forget, and ends a visit after an hour."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.forgotten: list[CardToken] = []
        self.ends_at: Any = None

    def begin_card_setup(self, request: Any, /) -> SetupSession:
        """With an end."""
        return attrs.evolve(super().begin_card_setup(request), expires_at=self.ends_at)

    def detach_card(self, token: CardToken, /) -> None:
        """Keep the token."""
        self.forgotten.append(token)


def _stage(*args: Any) -> Stage:
    return Stage(gateway=_Remembering(*args))


# -- visits -----------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "outcome"), [(59, "pending"), (60, "abandoned")])
def test_a_visit_whose_time_is_over_is_abandoned(minutes: int, outcome: str) -> None:
    """Nothing more is to come of it; until then the owner may still be typing."""
    stage = _stage()
    account = stage.open()
    stage.gateway.ends_at = stage.clock.now() + timedelta(hours=1)
    setup = stage.billing.begin_card_setup(account.id, return_url=PAGE, actor=ADA)
    stage.clock.advance(minutes=minutes)
    with pytest.raises(NotAllowed, match="card_setup_incomplete") as refused:
        stage.billing.complete_card_setup(account.id, setup.id, actor=ADA)
    assert outcome == refused.value.params["outcome"]
    assert () == stage.billing.account(account.id).cards


def test_a_card_entered_in_time_is_taken_later() -> None:
    """The owner came back to the host's page after the visit had ended: the processor has the card."""
    stage = _stage()
    account = stage.open()
    stage.gateway.ends_at = stage.clock.now() + timedelta(hours=1)
    setup = stage.billing.begin_card_setup(account.id, return_url=PAGE, actor=ADA)
    stage.gateway.customer_enters_card(setup.id)
    stage.clock.advance(days=1)
    assert "4242" == stage.billing.complete_card_setup(account.id, setup.id, actor=ADA).last4


def test_two_tabs_complete_one_visit() -> None:
    """Both read the visit as open; one card is saved, and both get it."""
    stage = _stage()
    account = stage.open()
    setup = stage.billing.begin_card_setup(account.id, return_url=PAGE, actor=ADA)
    stage.gateway.customer_enters_card(setup.id)
    by = By(actor=ADA)
    flow = card_flows.complete_card_setup(
        stage.context, account.id, setup.id, by, replace=None, make_default=True
    )
    slow = Hand(stage, flow)
    slow.until(Commit)
    first = stage.billing.complete_card_setup(account.id, setup.id, actor=ADA)
    assert first == slow.finish()
    assert (first,) == stage.billing.account(account.id).cards
    assert 1 == stage.event_types()["card.added"]


def test_a_visit_of_another_account_brings_no_card() -> None:
    """Not even to its owner, who owns both."""
    stage = _stage()
    account, other = stage.open(), stage.open("Bob Ltd")
    setup = stage.billing.begin_card_setup(account.id, return_url=PAGE, actor=ADA)
    stage.gateway.customer_enters_card(setup.id)
    with pytest.raises(NotFound, match="card_setup"):
        stage.billing.complete_card_setup(other.id, setup.id, actor=ADA)
    assert () == stage.billing.account(other.id).cards


def test_a_member_who_left_completes_nothing() -> None:
    """The visit stays; whoever owns the account now may complete it."""
    stage = _stage()
    account = stage.open()
    setup = stage.billing.begin_card_setup(account.id, return_url=PAGE, actor=ADA)
    stage.gateway.customer_enters_card(setup.id)
    stage.billing.transfer_ownership(account.id, BOB.id, actor=ADA)
    stage.billing.remove_member(account.id, ADA.id, actor=BOB)
    with pytest.raises(PermissionDenied):
        stage.billing.complete_card_setup(account.id, setup.id, actor=ADA)
    assert "4242" == stage.billing.complete_card_setup(account.id, setup.id, actor=BOB).last4


def test_a_card_that_was_removed_does_not_come_back() -> None:
    """The return page, loaded again after the owner has removed the card, says that it is gone."""
    stage = _stage()
    account = stage.open()
    setup = stage.billing.begin_card_setup(account.id, return_url=PAGE, actor=ADA)
    stage.gateway.customer_enters_card(setup.id)
    card = stage.billing.complete_card_setup(account.id, setup.id, actor=ADA)
    stage.billing.remove_card(account.id, card.id, actor=ADA)
    with pytest.raises(NotFound, match="card"):
        stage.billing.complete_card_setup(account.id, setup.id, actor=ADA)
    assert () == stage.billing.account(account.id).cards


def test_a_token_of_another_processor_is_refused() -> None:
    """The gateway's own grammar says so; nothing is saved."""
    stage = _stage(Capabilities(operations=frozenset(Operation), token_grammar="pm_[a-z0-9]+"))
    account = stage.open()
    with pytest.raises(InvalidInput, match="token"):
        stage.add_card(account.id)
    assert () == stage.billing.account(account.id).cards


def test_a_card_belongs_to_the_gateway_that_gave_it() -> None:
    """With two gateways, each charge goes where its card is known."""
    stage = _stage()
    other = ScriptedGateway()
    billing = Billing(stage.store, {"main": stage.gateway, "other": other}, stage.policy, "test")
    account = stage.open()
    setup = billing.begin_card_setup(account.id, return_url=PAGE, gateway_id="other", actor=ADA)
    other.customer_enters_card(setup.id)
    card = billing.complete_card_setup(account.id, setup.id, actor=ADA)
    assert "other" == card.gateway_id
    with pytest.raises(NotFound):
        stage.gateway.complete_card_setup(setup.session_ref)


# -- the same card again -------------------------------------------------------------


def _typed_again(stage: Stage, account_id: str, **options: Any) -> Any:
    """A visit for which the processor gives the token that it gave before."""
    (known, *_) = stage.billing.account(account_id).cards
    setup = stage.billing.begin_card_setup(account_id, return_url=PAGE, actor=ADA)
    stage.gateway.customer_enters_card(setup.id, fingerprint=known.fingerprint)
    session = stage.gateway._sessions[setup.session_ref]
    stage.gateway._sessions[setup.session_ref] = attrs.evolve(
        session, card=attrs.evolve(session.card, token=known.token)
    )
    return stage.billing.complete_card_setup(account_id, setup.id, actor=ADA, **options)


@pytest.mark.parametrize("does_replace", [False, True])
def test_the_same_card_typed_again_takes_its_own_place(does_replace: bool) -> None:
    """One card on file, the default as before; its token is not forgotten, for it is in use."""
    stage = _stage()
    account = stage.open()
    old = stage.add_card(account.id)
    options = {"replace": old.id} if does_replace else {}
    new = _typed_again(stage, account.id, make_default=False, **options)
    after = stage.billing.account(account.id)
    assert ((new,), new.id, old.token) == (after.cards, after.default_card_id, new.token)
    assert [] == stage.gateway.forgotten
    event = stage.billing.events()[-1]
    assert ("card.replaced", old.id) == (event.type, event.data["replaces"])


def test_one_person_with_two_accounts_uses_one_card() -> None:
    """A token may be on several accounts: each has its own card of it, and both are charged."""
    stage = _stage()
    for name in ("Ada Ltd", "Ada and Sons"):
        stage.subscribe(stage.open(name))
    tokens = [card.token for account in stage.billing.accounts().items for card in account.cards]
    assert 2 == len(tokens)
    stage.billing.run_due()
    assert 2 == len(stage.gateway.captures)


# -- a token that a charge still needs ---------------------------------------------------


def test_a_replaced_card_is_forgotten_after_its_charge() -> None:
    """The frozen request keeps its token; the processor forgets it once the charge is settled, once."""
    stage = _stage()
    license = stage.subscribe()
    (old,) = stage.billing.account(license.account_id).cards
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    new = stage.add_card(license.account_id, replace=old.id, last4="1881")
    assert [] == stage.gateway.forgotten
    assert old.token == stage.attempt(license.id).request.card
    stage.run_until_calm(days=3)
    assert [AttemptState.SUCCEEDED] == states(stage.attempts(license.id))
    assert [old.token] == stage.gateway.forgotten
    assert (new,) == stage.billing.account(license.account_id).cards
    stage.ensure_sound()


def test_a_card_is_forgotten_after_the_last_of_its_charges() -> None:
    """Two licenses on one card, both in doubt: the second settlement lets it go."""
    stage = _stage()
    first = stage.subscribe()
    second = stage.subscribe(stage.billing.account(first.account_id))
    (old,) = stage.billing.account(first.account_id).cards
    stage.gateway.next_response_is_lost()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    stage.add_card(first.account_id, replace=old.id)
    stage.clock.advance(minutes=6)
    stage.billing.run_license(first.id)
    assert [] == stage.gateway.forgotten
    stage.billing.run_license(second.id)
    assert [old.token] == stage.gateway.forgotten


def test_a_card_is_forgotten_after_a_persons_decision() -> None:
    """A charge that nobody could resolve held its card's token until then."""
    stage = _stage(attrs.evolve(NO_KEYS, operations=frozenset({Operation.CARD_SETUP, Operation.DETACH_CARD})))
    license = stage.subscribe()
    (old,) = stage.billing.account(license.account_id).cards
    stage.gateway.next_response_is_lost()
    stage.run_until_calm(days=1)
    stage.add_card(license.account_id, replace=old.id)
    assert [] == stage.gateway.forgotten
    stage.billing.resolve_attention(
        stage.attempt(license.id).id, "adopt", actor=SYSTEM, reason="seen at the bank"
    )
    assert [old.token] == stage.gateway.forgotten


def test_a_card_that_stays_is_not_forgotten() -> None:
    """A settled charge says nothing about the card on file."""
    stage = _stage()
    stage.subscribe()
    stage.gateway.next_charge_declines(Advice.RETRY_LATER)
    stage.run_until_calm(days=3)
    assert [] == stage.gateway.forgotten


# -- 3-D Secure on a renewal --------------------------------------------------------------


def _asked() -> tuple[Stage, str]:
    stage = _stage()
    license = stage.subscribe()
    stage.gateway.next_charge_requires_action()
    stage.billing.run_due()
    return stage, license.id


def test_the_owner_alone_gets_the_action() -> None:
    """Where to confirm is told to the owner; all others see that something waits, and no event says more."""
    stage, license_id = _asked()
    action = stage.billing.payment_action(license_id, actor=ADA)
    assert action is not None
    assert "https://processor.example/confirm" == action.url
    for actor in (BOB, EVE, SAM, SYSTEM):
        with pytest.raises(PermissionDenied):
            stage.billing.payment_action(license_id, actor=actor)
    assert stage.billing.license_view(license_id).asks_cardholder
    (event,) = (it for it in stage.billing.events() if it.type == "charge.requires_action")
    assert {"attempt", "amount"} == set(event.data)
    assert action.url not in str([it.to_dict() for it in stage.billing.events()])


@pytest.mark.parametrize("news", ["notice", "run"])
def test_a_confirmed_charge_is_settled(news: str) -> None:
    """By the processor's notice, or by running the license when the owner comes back."""
    stage, license_id = _asked()
    reference = stage.attempt(license_id).request.reference
    stage.gateway.cardholder_confirms(reference)
    if news == "notice":
        assert (license_id,) == stage.billing.handle_webhook(*stage.gateway.notice(reference))
        stage.billing.run_due()
    else:
        stage.billing.run_license(license_id, actor=ADA)
    assert AttemptState.SUCCEEDED is stage.attempt(license_id).state
    assert stage.billing.payment_action(license_id, actor=ADA) is None
    assert not stage.billing.license_view(license_id).asks_cardholder
    stage.ensure_sound()


def test_another_card_calls_the_action_off_first() -> None:
    """Then the new card is charged: never both."""
    stage, license_id = _asked()
    account_id = stage.license(license_id).account_id
    (old,) = stage.billing.account(account_id).cards
    new = stage.add_card(account_id, replace=old.id)
    stage.billing.run_license(license_id, actor=ADA)
    assert [AttemptState.DECLINED, AttemptState.SUCCEEDED] == states(stage.attempts(license_id))
    assert [(PRICE, new.token)] == [(it.amount, it.token) for it in stage.gateway.captures]
    assert [old.token] == stage.gateway.forgotten
    called_off = [it.type for it in stage.billing.events() if it.type.startswith("charge.")]
    assert called_off.index("charge.called_off") < called_off.index("charge.succeeded")
    stage.ensure_sound()


def test_an_owner_who_is_none_any_more_gets_no_action() -> None:
    """The link moves with the ownership."""
    stage, license_id = _asked()
    account_id = stage.license(license_id).account_id
    stage.billing.transfer_ownership(account_id, BOB.id, actor=ADA)
    assert Role.ADMIN is next(m.role for m in stage.billing.account(account_id).members if m.user_id == "ada")
    with pytest.raises(PermissionDenied):
        stage.billing.payment_action(license_id, actor=ADA)
    assert stage.billing.payment_action(license_id, actor=BOB) is not None
