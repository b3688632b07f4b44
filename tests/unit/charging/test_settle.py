"""What the records look like after an answer: once, again, and late."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptEvent, AttemptState
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import InvoiceStatus
from billing_core.charging.settle import settle
from billing_core.events import EventType
from billing_core.gateways.results import ActionRequired, ChargeNotFound, ChargeResult, Outcome
from billing_core.licenses.license import Cancellation
from billing_core.policy import BillingPolicy, CancelUncertain
from billing_core.values.money import Money
from tests.charging_builders import (
    JAN_31,
    PRICE,
    account_with,
    capabilities_of,
    card_named,
    dossier_of,
    driven,
    paris,
    sent,
)

NOW = paris(JAN_31)
HOUR = timedelta(hours=1)
POLICY = BillingPolicy(renewal_notice_days=0)

SUCCESS = ChargeResult.succeeded(PRICE, gateway_ref="ch_1")
DECLINED = ChargeResult.declined(Advice.RETRY_LATER, gateway_code="insufficient_funds")
LOST = ChargeResult.unknown("timeout")
PENDING = ChargeResult.pending(gateway_ref="ch_1")
ASKED = ChargeResult.requires_action(ActionRequired())
REFUSED = ChargeResult.not_attempted()
WRONG = ChargeResult.succeeded(Money.of("19.00", "EUR"), gateway_ref="ch_1")


def under_way() -> Dossier:
    """A charge whose answer is awaited."""
    return sent(dossier_of(), NOW, POLICY)


def settled(
    dossier: Dossier,
    answer: ChargeResult | ChargeNotFound,
    policy: BillingPolicy = POLICY,
    *,
    is_look_up: bool = False,
) -> tuple[Dossier, list[str]]:
    """The dossier an hour later, and the types of events."""
    after, drafts = settle(
        dossier, dossier.attempts[-1].id, answer, NOW + HOUR, policy, is_look_up=is_look_up
    )
    return after, [draft.type for draft in drafts]


@pytest.mark.parametrize(
    ("answer", "events"),
    [
        (SUCCESS, [EventType.CHARGE_SUCCEEDED, EventType.INVOICE_PAID, EventType.LICENSE_RENEWED]),
        (DECLINED, [EventType.CHARGE_DECLINED]),
        (ASKED, [EventType.CHARGE_REQUIRES_ACTION]),
        (PENDING, [EventType.CHARGE_UNCERTAIN]),
        (LOST, [EventType.CHARGE_UNCERTAIN]),
        (REFUSED, [EventType.CHARGE_NOT_ATTEMPTED]),
        (ChargeResult(outcome=Outcome.DUPLICATE_SUSPECTED), [EventType.CHARGE_NOT_ATTEMPTED]),
        (WRONG, [EventType.CHARGE_HELD]),
        (ChargeNotFound(), [EventType.CHARGE_LOOKED_UP]),
        (ChargeResult.declined(Advice.NEVER), [EventType.CHARGE_DECLINED, EventType.CARD_FROZEN]),
        (ChargeResult.declined(Advice.STOP_RECURRING), [EventType.CHARGE_DECLINED, EventType.CARD_FROZEN]),
        (ChargeResult.declined(Advice.NEW_CARD), [EventType.CHARGE_DECLINED]),
    ],
)
def test_each_answer_has_its_event(answer: ChargeResult | ChargeNotFound, events: list[str]) -> None:
    """No answer goes by without one."""
    assert events == settled(under_way(), answer)[1]


@pytest.mark.parametrize(
    "answer", [SUCCESS, DECLINED, ASKED, PENDING, LOST, REFUSED, WRONG, ChargeNotFound()]
)
def test_each_event_names_the_invoice(answer: ChargeResult | ChargeNotFound) -> None:
    """Whoever reads the events of one invoice sees all that became of it."""
    charged = under_way()
    _, drafts = settle(charged, charged.attempts[-1].id, answer, NOW + HOUR, POLICY)
    assert {charged.invoices[0].id} == {draft.invoice_id for draft in drafts}


@pytest.mark.parametrize("answer", [SUCCESS, DECLINED, PENDING, LOST, WRONG, ChargeNotFound()])
def test_each_event_of_a_look_up_names_the_invoice(answer: ChargeResult | ChargeNotFound) -> None:
    """That it was looked up in vain is part of the story, too."""
    charged, _ = settled(under_way(), LOST)
    _, drafts = settle(charged, charged.attempts[-1].id, answer, NOW + HOUR, POLICY, is_look_up=True)
    assert {charged.invoices[0].id} == {draft.invoice_id for draft in drafts}


def test_look_up_that_was_refused_proves_nothing() -> None:
    """A refused send surely did nothing; a refused question leaves the send in doubt."""
    sent_again, _ = settled(under_way(), REFUSED)
    asked_again, events = settled(under_way(), REFUSED, is_look_up=True)
    assert sent_again.attempts[0].is_surely_unsent
    assert (AttemptState.UNKNOWN, False) == (
        asked_again.attempts[0].state,
        asked_again.attempts[0].is_surely_unsent,
    )
    assert [EventType.CHARGE_UNCERTAIN] == events


def test_success_pays_and_covers() -> None:
    """The invoice is paid, its period is covered, and only that."""
    after, _ = settled(under_way(), SUCCESS)
    [row] = after.license.coverage
    assert (InvoiceStatus.PAID, NOW + HOUR) == (after.invoices[0].status, after.invoices[0].paid_at)
    assert (after.invoices[0].period, 1, 0, after.invoices[0].id) == (
        row.period,
        row.term,
        row.index,
        row.source,
    )


@pytest.mark.parametrize("answer", [DECLINED, ASKED, PENDING, LOST, REFUSED, WRONG, ChargeNotFound()])
def test_nothing_else_covers(answer: ChargeResult | ChargeNotFound) -> None:
    """Only money does."""
    after, _ = settled(under_way(), answer)
    assert ((), True) == (after.license.coverage, after.invoices[0].is_open)


def test_never_freezes_every_token_of_the_card() -> None:
    """The network's "never" is about the physical card, whatever it is called here."""
    twin, other = card_named("card_2", fingerprint="fp_card_1"), card_named("card_3")
    account = account_with(twin, other, card_named())
    after, _ = settled(sent(dossier_of(account=account), NOW, POLICY), ChargeResult.declined(Advice.NEVER))
    assert {"card_1": Advice.NEVER, "card_2": Advice.NEVER, "card_3": None} == {
        card.id: card.frozen_because for card in after.account.cards
    }


def test_event_tells_what_happened() -> None:
    """Codes and references for people; nothing about the card."""
    _, (draft,) = settle(under_way(), under_way().attempts[0].id, DECLINED, NOW, POLICY)
    assert {
        "attempt": 1,
        "amount": str(PRICE),
        "advice": "retry_later",
        "gateway_code": "insufficient_funds",
    } == draft.data
    _, (first, *_) = settle(under_way(), under_way().attempts[0].id, SUCCESS, NOW, POLICY)
    assert {"attempt": 1, "amount": str(PRICE), "gateway_ref": "ch_1"} == first.data


# -- the same answer again --------------------------------------------------------------------


@pytest.mark.parametrize("answer", [SUCCESS, DECLINED, WRONG, ChargeResult.declined(Advice.NEVER)])
def test_repeat_of_a_final_answer_changes_nothing(answer: ChargeResult) -> None:
    """By webhook, look-up or slow reply: once is enough."""
    once, _ = settled(under_way(), answer)
    again, events = settled(once, answer)
    assert (True, []) == (once is again, events)


@pytest.mark.parametrize("late", [DECLINED, LOST, PENDING, ASKED, REFUSED, ChargeNotFound()])
def test_success_stays_a_success(late: ChargeResult | ChargeNotFound) -> None:
    """Whatever is said later."""
    once, _ = settled(under_way(), SUCCESS)
    assert (once, []) == settled(once, late)


# -- late money -----------------------------------------------------------------------------------


def given_up() -> Dossier:
    """The only attempt was proved void."""
    dossier = under_way()
    return dossier.with_attempt(dossier.attempts[0].after(AttemptEvent.NEVER_HAPPENED, NOW))


@pytest.mark.parametrize(
    "start", [given_up, lambda: settled(under_way(), DECLINED)[0]], ids=["void", "declined"]
)
def test_late_success_is_an_orphan_exactly_once(start) -> None:
    """One alert, one decision; the invoice stays open, for nobody knows whose money it is."""
    dossier = start()
    orphaned, events = settled(dossier, SUCCESS)
    assert [EventType.CHARGE_ORPHANED] == events
    assert (True, SUCCESS) == (orphaned.attempts[0].needs_attention, orphaned.attempts[0].orphan)
    assert (dossier.attempts[0].state, True) == (orphaned.attempts[0].state, orphaned.invoices[0].is_open)
    again, events = settled(orphaned, SUCCESS)
    assert (True, []) == (again is orphaned, events)
    decided = orphaned.with_attempt(orphaned.attempts[0].decided("refund"))
    assert (decided, []) == settled(decided, SUCCESS)


@pytest.mark.parametrize("late", [DECLINED, LOST, PENDING, ASKED, REFUSED, ChargeNotFound()])
def test_other_late_answers_say_nothing(late: ChargeResult | ChargeNotFound) -> None:
    """Only money is news about an attempt that is over."""
    dossier = given_up()
    assert (dossier, []) == settled(dossier, late)


# -- held for a person ------------------------------------------------------------------------------


def held() -> Dossier:
    dossier = under_way()
    return dossier.with_attempt(dossier.attempts[0].after(AttemptEvent.GAVE_UP, NOW))


@pytest.mark.parametrize("late", [SUCCESS, DECLINED])
def test_late_answer_to_a_held_charge_is_put_before_the_person(late: ChargeResult) -> None:
    """It decides nothing by itself; and it is told once."""
    after, events = settled(held(), late)
    assert [EventType.CHARGE_HELD] == events
    assert (AttemptState.HELD, late) == (after.attempts[0].state, after.attempts[0].result)
    assert (after, []) == settled(after, late)


@pytest.mark.parametrize("late", [LOST, PENDING, ASKED, REFUSED, ChargeNotFound()])
def test_late_answer_that_tells_nothing(late: ChargeResult | ChargeNotFound) -> None:
    """A held charge stays as it is."""
    dossier = held()
    assert (dossier, []) == settled(dossier, late)


def test_decline_does_not_hide_money() -> None:
    """A success over another amount stays what the person sees."""
    mismatched, _ = settled(under_way(), WRONG)
    assert (mismatched, []) == settled(mismatched, DECLINED)


def test_answer_that_a_person_knew_of_is_no_orphan() -> None:
    """They saw the wrong amount and gave it back: the same answer again is no news, other money is."""
    mismatched, _ = settled(under_way(), WRONG)
    attempt = mismatched.attempts[0].after(AttemptEvent.NEVER_HAPPENED, NOW).decided("refund")
    voided = mismatched.with_attempt(attempt)
    assert (voided, []) == settled(voided, WRONG)
    orphaned, events = settled(voided, SUCCESS)
    assert ([EventType.CHARGE_ORPHANED], True) == (events, orphaned.attempts[0].needs_attention)


# -- after a cancellation ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "ended_at", "events"),
    [
        (CancelUncertain.HONOUR, NOW, []),
        (CancelUncertain.REFUND, NOW, [EventType.CHARGE_ORPHANED]),
        (CancelUncertain.REFUND, NOW + HOUR, [EventType.CHARGE_ORPHANED]),
        # The answer came before the end.
        (CancelUncertain.REFUND, NOW + HOUR + timedelta(microseconds=1), []),
    ],
)
def test_success_after_a_cancellation(rule: CancelUncertain, ended_at, events: list[str]) -> None:
    """It pays its period in any case; the policy says whether a person gives it back."""
    dossier = under_way()
    ended = dossier.license.with_cancellation(Cancellation(requested_at=ended_at))
    policy = attrs.evolve(POLICY, cancel_uncertain=rule)
    after, types = settled(dossier.with_license(ended), SUCCESS, policy)
    usual = [EventType.CHARGE_SUCCEEDED, EventType.INVOICE_PAID, EventType.LICENSE_RENEWED]
    assert usual + events == types
    assert bool(events) is after.attempts[0].needs_attention
    assert AttemptState.SUCCEEDED is after.attempts[0].state
    assert (after, []) == settled(after, SUCCESS, policy)


# -- the cardholder ----------------------------------------------------------------------------------------


def test_still_asking_after_the_end_is_no_confirmation() -> None:
    """A processor that still waits when the time is over says that nobody has confirmed."""
    asked, _ = settled(under_way(), ASKED)
    attempt = asked.attempts[0]
    ends_at = NOW + timedelta(days=1)
    early, _ = settle(asked, attempt.id, ASKED, ends_at - timedelta(microseconds=1), POLICY, is_look_up=True)
    late, drafts = settle(asked, attempt.id, ASKED, ends_at, POLICY, is_look_up=True)
    assert (None, ends_at) == (early.attempts[0].not_found_at, late.attempts[0].not_found_at)
    assert [EventType.CHARGE_LOOKED_UP] == [draft.type for draft in drafts]


def test_answer_to_a_send_is_no_proof_of_the_end() -> None:
    """It says what was asked when it was given, however late it is settled."""
    asked, _ = settled(under_way(), ASKED)
    after, (draft,) = settle(asked, asked.attempts[0].id, ASKED, NOW + timedelta(days=9), POLICY)
    assert (None, AttemptState.REQUIRES_ACTION) == (after.attempts[0].not_found_at, after.attempts[0].state)
    assert EventType.CHARGE_REQUIRES_ACTION == draft.type


def test_still_asking_at_a_gateway_that_is_gone() -> None:
    """Whose time to confirm nobody knows any more."""
    asked, _ = settled(under_way().with_gateways({}), ASKED)
    _, (draft,) = settle(asked, asked.attempts[0].id, ASKED, NOW + timedelta(days=9), POLICY, is_look_up=True)
    assert (EventType.CHARGE_LOOKED_UP, "requires_action") == (draft.type, draft.data["state"])


def test_called_off_is_a_decline() -> None:
    """With the advice that the cardholder was needed."""
    asked, _ = settled(under_way(), ASKED)
    surely_over = NOW + timedelta(days=1) + capabilities_of().not_found_wait
    ended, steps = driven(asked, surely_over, POLICY, lambda request, step: ASKED)
    assert AttemptState.DECLINED is ended.attempts[0].state
    assert "new_card_needed" == steps[-1].because.rule
