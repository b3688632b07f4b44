"""Refunds that somebody made in the processor's dashboard: booked once, and never too much."""

from __future__ import annotations

import pytest

from billing_core.advice import Advice
from billing_core.charging.refund import RefundState
from billing_core.errors import Conflict, InvalidInput, NotAllowed
from billing_core.events import EventType
from billing_core.gateways.results import ChargeResult, Outcome, RefundResult
from billing_core.gateways.webhooks import RefundDetails
from billing_core.service.calls import DescribeRefund, LookUpRefund, Sent
from billing_core.service.requests import Commit
from billing_core.stores.port import AttemptFilter
from billing_core.testing import ScriptedGateway
from billing_core.values.money import Money
from tests.unit.service.stage import PRICE, SYSTEM, Stage
from tests.unit.service.told import last, listen, mute, other, ref, refuse_all, tell, unmatched

TEN = Money.of("10.00", "EUR")
WHY = "as promised on the phone"


def test_a_refund_in_the_dashboard_is_booked() -> None:
    """The charge, its invoice and what is left of it show it; the license stays as it is."""
    stage = Stage()
    license, _, attempt = stage.paid()
    told = stage.gateway.refund_elsewhere(ref(attempt), TEN)
    assert (license.id,) == tell(stage, refund=told)

    (refund,) = stage.refunds(attempt.id)
    assert (RefundState.SUCCEEDED, TEN, 1, told.gateway_ref) == (
        refund.state,
        refund.request.amount,
        refund.number,
        refund.elsewhere_ref,
    )
    (shown,) = stage.billing.invoices().items
    assert (TEN, "paid") == (shown.refunded, shown.status.value)
    assert license.coverage == stage.license(license.id).coverage
    event = last(stage, EventType.REFUND_MADE_ELSEWHERE)
    assert (refund.id, "10.00 EUR", "evt_1", "webhook") == (
        event.data["refund_id"],
        event.data["amount"],
        event.data["notice"],
        event.actor.id,
    )
    stage.ensure_sound()


def test_only_the_rest_goes_back_afterwards() -> None:
    """Over-refund stays impossible, whoever gave the first part back."""
    stage = Stage()
    _, _, attempt = stage.paid()
    tell(stage, refund=stage.gateway.refund_elsewhere(ref(attempt), TEN))
    with pytest.raises(NotAllowed, match="over_refund"):
        stage.billing.refund(attempt.id, PRICE, actor=SYSTEM, reason=WHY)
    rest = stage.billing.refund(attempt.id, actor=SYSTEM, reason=WHY)
    assert (PRICE - TEN, 2) == (rest.request.amount, rest.number)
    assert PRICE == stage.billing.invoices().items[0].refunded
    stage.ensure_sound()


def test_a_repeat_books_nothing() -> None:
    """A processor sends everything twice, also under another id."""
    stage = Stage()
    license, _, attempt = stage.paid()
    told = stage.gateway.refund_elsewhere(ref(attempt), TEN)
    answers = [tell(stage, notice_id, refund=told) for notice_id in ("evt_1", "evt_1", "evt_2")]
    assert [(license.id,), (), ()] == answers
    assert 1 == stage.event_types()[EventType.REFUND_MADE_ELSEWHERE]
    stage.ensure_sound()


def test_two_workers_with_one_notice_book_it_once() -> None:
    """Both read, both ask, one commits; the other looks again and finds it."""
    stage = Stage()
    _, _, attempt = stage.paid()
    told = stage.gateway.refund_elsewhere(ref(attempt), TEN)
    first, second = listen(stage, refund=told), listen(stage, refund=told)
    for hand in (first, second):
        hand.until(Commit)
    assert 1 == len(first.finish())
    assert () == second.finish()
    assert [TEN] == [refund.claimed for refund in stage.refunds(attempt.id)]
    stage.ensure_sound()


def test_a_refund_of_ours_and_one_elsewhere_meet() -> None:
    """The command reads the charge before the notice, and commits after: it decides again, and is refused."""
    stage = Stage()
    _, _, attempt = stage.paid()
    hand = listen(stage, refund=stage.gateway.refund_elsewhere(ref(attempt), PRICE))
    hand.until(Commit)
    ours = stage.billing.refund(attempt.id, TEN, actor=SYSTEM, reason=WHY)
    assert RefundState.DECLINED is ours.state
    assert 1 == len(hand.finish())
    with pytest.raises(NotAllowed, match="nothing_to_refund"):
        stage.billing.refund(attempt.id, TEN, actor=SYSTEM, reason=WHY)
    stage.ensure_sound()


def test_years_later() -> None:
    """The charge is long out of every dossier; its refund is booked all the same."""
    stage = Stage()
    license, _, attempt = stage.paid()
    stage.run_until_calm(days=800)
    assert attempt.id not in {it.id for it in stage.billing.dossier(license.id).attempts}
    assert (license.id,) == tell(stage, refund=stage.gateway.refund_elsewhere(ref(attempt), TEN))
    assert [TEN] == [refund.claimed for refund in stage.refunds(attempt.id)]
    stage.ensure_sound()


def test_our_own_refund_is_told_of_as_well() -> None:
    """By its reference, or by the processor's id once that is known: it is on file, and only woken."""
    stage = Stage()
    license, _, attempt = stage.paid()
    stage.gateway.next_refund_response_is_lost()
    refund = stage.billing.refund(attempt.id, TEN, actor=SYSTEM, reason=WHY)
    assert RefundState.UNKNOWN is refund.state
    told = stage.gateway.describe_refund("re_1")
    assert refund.request.reference == told.reference
    assert (license.id,) == tell(stage, refund=told)
    stage.billing.run_due()
    assert RefundState.SUCCEEDED is stage.refunds(attempt.id)[0].state
    assert () == tell(stage, "evt_2", refund=other(told, reference=None))
    assert [TEN] == [it.claimed for it in stage.refunds(attempt.id)]
    assert [] == unmatched(stage)
    stage.ensure_sound()


def test_it_may_be_the_one_that_is_not_settled() -> None:
    """Nobody can tell whose refund without a reference this is: ours is settled first, a person looks."""
    stage = mute()
    _, _, attempt = stage.paid()
    stage.gateway.next_refund_response_is_lost()
    stage.billing.refund(attempt.id, TEN, actor=SYSTEM, reason=WHY)
    told = RefundDetails(gateway_ref="re_1", charge_ref=ref(attempt), amount=TEN)
    for _ in range(2):
        tell(stage, references=(attempt.request.reference,), refund=told)
    assert [("re_1", "refund_unresolved")] == unmatched(stage)
    stage.billing.run_due()
    assert () == tell(stage, refund=told)
    assert [TEN] == [refund.claimed for refund in stage.refunds(attempt.id)]
    stage.ensure_sound()


def test_one_that_is_only_decided_is_not_it() -> None:
    """Ours was never sent: the other is booked, and what is left for ours is less."""
    stage = Stage()
    _, _, attempt = stage.paid()
    stage.gateway.next_refund_gives(RefundResult.not_attempted())
    stage.billing.refund(attempt.id, TEN, actor=SYSTEM, reason=WHY)
    tell(stage, refund=stage.gateway.refund_elsewhere(ref(attempt), TEN))
    stage.clock.advance(minutes=6)
    stage.billing.run_due()
    assert [TEN, TEN] == [refund.claimed for refund in stage.refunds(attempt.id)]
    stage.ensure_sound()


def test_booked_first_and_found_later_it_is_one() -> None:
    """A refund of ours that was refused is told of without its reference, then looked up: it counts once."""
    stage = mute()
    license, _, attempt = stage.paid()
    stage.gateway.next_refund_is_refused()
    refund = stage.billing.refund(attempt.id, TEN, actor=SYSTEM, reason=WHY)
    told = RefundDetails(gateway_ref="re_9", charge_ref=ref(attempt), amount=TEN)
    assert (license.id,) == tell(stage, refund=told)
    late = RefundResult.succeeded(TEN, gateway_ref="re_9")
    hand = listen(stage, references=(refund.request.reference,))
    hand.until(LookUpRefund)
    hand.answer(Sent(late))
    assert () == hand.finish()
    assert [None, None] == [it.orphan for it in stage.refunds(attempt.id)]
    assert TEN == stage.billing.invoices().items[0].refunded


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.DECLINED])
def test_what_has_not_happened_is_not_booked(outcome: Outcome) -> None:
    """A refund that is under way, or failed, has taken nothing; once it has happened it is told again."""
    stage = mute()
    _, _, attempt = stage.paid()
    told = RefundDetails(gateway_ref="re_1", charge_ref=ref(attempt), amount=TEN, outcome=outcome)
    assert () == tell(stage, refund=told)
    assert () == stage.refunds(attempt.id)
    assert 1 == len(tell(stage, "evt_2", refund=other(told, outcome=Outcome.SUCCEEDED)))


def test_a_refund_that_comes_back_is_for_a_person() -> None:
    """Booked, and then it failed after all: the books are not changed by it, and somebody is told."""
    stage = mute()
    _, _, attempt = stage.paid()
    told = RefundDetails(gateway_ref="re_1", charge_ref=ref(attempt), amount=TEN)
    tell(stage, refund=told)
    assert () == tell(stage, "evt_2", refund=other(told, outcome=Outcome.DECLINED))
    assert [("re_1", "refund_failed")] == unmatched(stage)


# -- what has no place ------------------------------------------------------------


def test_an_unknown_charge_is_kept_once() -> None:
    """Another system's charge, or one that a restored backup does not know: an event, and no record."""
    stage = mute()
    _, invoice, _ = stage.paid()
    told = RefundDetails(gateway_ref="re_1", charge_ref="ch_77", charge_reference="theirs", amount=TEN)
    for notice_id in ("evt_1", "evt_2"):
        assert () == tell(stage, notice_id, refund=told)
    assert [("re_1", "charge_unknown")] == unmatched(stage)
    event = last(stage, EventType.WEBHOOK_UNMATCHED)
    assert (None, "refund", "10.00 EUR", "ch_77", "theirs", "main", "evt_1") == (
        event.account_id,
        *(event.data[key] for key in ("kind", "amount", "charge", "reference", "gateway", "notice")),
    )
    assert (invoice,) == stage.billing.invoices().items
    stage.ensure_sound()


def test_another_gateways_charge_of_that_name_is_not_ours() -> None:
    """Two processors may give the same id: only the one that charged can tell of it."""
    stage = Stage()
    _, _, attempt = stage.paid()
    told = RefundDetails(gateway_ref="re_1", charge_ref=ref(attempt), amount=TEN)
    assert () == listen(stage, "second", refund=told).finish()
    assert [("re_1", "charge_unknown")] == unmatched(stage)
    assert () == stage.refunds(attempt.id)


@pytest.mark.parametrize(
    ("amount", "why"),
    [(PRICE + TEN, "more_than_was_captured"), (Money.of("10.00", "USD"), "other_currency")],
    ids=["too much", "other currency"],
)
def test_an_amount_that_can_not_be_is_for_a_person(amount: Money, why: str) -> None:
    """Nothing is booked that would break the books."""
    stage = mute()
    _, _, attempt = stage.paid()
    assert () == tell(stage, refund=RefundDetails(gateway_ref="re_1", charge_ref=ref(attempt), amount=amount))
    assert [("re_1", why)] == unmatched(stage)
    assert attempt.account_id == last(stage, EventType.WEBHOOK_UNMATCHED).account_id
    stage.ensure_sound()


def test_a_charge_that_is_not_known_to_have_succeeded() -> None:
    """It is named by our reference alone; it is looked up, and a person sees to the refund."""
    stage = mute()
    license = stage.subscribe()
    stage.gateway.next_request_is_lost()
    stage.billing.run_due()
    reference = stage.attempt(license.id).request.reference
    told = RefundDetails(gateway_ref="re_1", charge_ref="ch_9", charge_reference=reference, amount=TEN)
    assert (license.id,) == tell(stage, references=(reference,), refund=told)
    assert [("re_1", "charge_not_captured")] == unmatched(stage)


def test_of_several_attempts_the_one_that_took_the_money() -> None:
    """All attempts at an invoice share the reference."""
    stage = mute()
    license = stage.subscribe()
    stage.gateway.next_charge_gives(ChargeResult.not_attempted())
    stage.billing.run_due()
    reference = stage.attempt(license.id).request.reference
    stage.clock.advance(hours=2)
    stage.billing.run_due()
    told = RefundDetails(gateway_ref="re_1", charge_reference=reference, amount=TEN)
    assert (license.id,) == tell(stage, refund=told)
    (paid,) = (it for it in stage.attempts(license.id) if it.captured is not None)
    assert 1 == len(stage.refunds(paid.id))


def test_declined_attempts_took_nothing() -> None:
    """A reference whose every attempt surely took nothing names no charge."""
    stage = mute()
    license = stage.subscribe()
    stage.gateway.card_declines(stage.billing.dossier(license.id).account.cards[0].token, Advice.NEW_CARD)
    stage.billing.run_due()
    reference = stage.attempt(license.id).request.reference
    assert () == tell(stage, refund=RefundDetails(gateway_ref="re_1", charge_reference=reference, amount=TEN))
    assert [("re_1", "charge_unknown")] == unmatched(stage)


# -- asking -----------------------------------------------------------------------


def test_the_processor_is_believed_and_not_the_notice() -> None:
    """Where it can be asked, what the notice says of amounts is not even read."""
    stage = Stage()
    _, _, attempt = stage.paid()
    told = stage.gateway.refund_elsewhere(ref(attempt), TEN)
    tell(stage, refund=other(told, amount=PRICE))
    assert [TEN] == [refund.claimed for refund in stage.refunds(attempt.id)]
    stage.ensure_sound()


def test_what_the_processor_does_not_know_is_not_booked() -> None:
    """A notice with a good signature about a refund that is not there, or is another charge's."""
    stage = Stage()
    _, _, attempt = stage.paid()
    told = RefundDetails(gateway_ref="re_9", charge_ref=ref(attempt), amount=TEN)
    tell(stage, refund=told)
    hand = listen(stage, refund=other(told, gateway_ref="re_8"))
    hand.until(DescribeRefund)
    hand.answer(other(told, gateway_ref="re_7"))
    hand.finish()
    hand = listen(stage, refund=other(told, gateway_ref="re_6"))
    hand.until(DescribeRefund)
    hand.answer(other(told, gateway_ref="re_6", charge_ref="ch_other"))
    hand.finish()
    assert [(f"re_{n}", "not_confirmed") for n in (9, 8, 6)] == unmatched(stage)
    assert () == stage.refunds(attempt.id)


def test_the_processor_names_the_charge_that_the_notice_does_not() -> None:
    """The notice has an id that is not on file; asked, the processor tells our reference."""
    stage = Stage()
    license, _, attempt = stage.paid()
    told = stage.gateway.refund_elsewhere(ref(attempt), TEN)
    stage.gateway._elsewhere[told.gateway_ref] = other(told, charge_reference=attempt.request.reference)
    assert (license.id,) == tell(stage, refund=other(told, charge_ref="pay_77"))
    stage.ensure_sound()


def test_an_adapter_that_answers_with_something_else() -> None:
    """It is our adapter's bug, and told as one; nothing is kept, so that the processor tells again."""
    stage = Stage()
    _, _, attempt = stage.paid()
    told = RefundDetails(gateway_ref="re_9", charge_ref=ref(attempt), amount=TEN)
    hand = listen(stage, refund=told)
    hand.until(DescribeRefund)
    with pytest.raises(InvalidInput):
        hand.answer(True)
    assert [] == unmatched(stage)


def test_a_processor_that_does_not_answer_is_asked_again_with_the_next_notice() -> None:
    """What the adapter raises reaches the host, whose answer to the processor is an error."""
    stage = Stage(gateway=_Dumb())
    _, _, attempt = stage.paid()
    told = stage.gateway.refund_elsewhere(ref(attempt), TEN)
    with pytest.raises(TimeoutError):
        tell(stage, refund=told)
    stage.gateway.is_dumb = False
    assert 1 == len(tell(stage, refund=told))
    stage.ensure_sound()


def test_a_license_that_never_rests() -> None:
    """After many lost races it is given up, and told again by the processor."""
    stage = Stage()
    _, _, attempt = stage.paid()
    hand = listen(stage, refund=stage.gateway.refund_elsewhere(ref(attempt), TEN))
    with pytest.raises(Conflict):
        refuse_all(hand)


def test_charges_are_found_by_the_processors_id() -> None:
    """Also by a host that looks for one."""
    stage = Stage()
    _, _, attempt = stage.paid()
    assert (attempt,) == stage.billing.attempts(AttemptFilter(gateway_ref=ref(attempt))).items
    assert () == stage.billing.attempts(AttemptFilter(gateway_ref="ch_none")).items


class _Dumb(ScriptedGateway):
    """Does not answer questions about refunds, for a while."""

    is_dumb = True

    def describe_refund(self, gateway_ref: str, /) -> RefundDetails | None:
        if self.is_dumb:
            raise TimeoutError("no answer")
        return super().describe_refund(gateway_ref)


# -- by hand -----------------------------------------------------------------------


def test_a_person_books_what_no_notice_told() -> None:
    """Once, by the processor's id of it; a notice that comes after all finds it on file."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    told = stage.gateway.refund_elsewhere(ref(attempt), TEN)
    command = stage.billing.record_external_refund
    booked = command(invoice.id, TEN, gateway_ref=told.gateway_ref, actor=SYSTEM, reason=WHY)
    assert (told.gateway_ref, TEN, 1) == (booked.elsewhere_ref, booked.claimed, booked.number)
    assert booked == command(attempt.id, TEN, gateway_ref=told.gateway_ref, actor=SYSTEM, reason=WHY)
    assert () == tell(stage, refund=told)
    event = last(stage, EventType.REFUND_MADE_ELSEWHERE)
    assert (SYSTEM.id, WHY, None) == (event.actor.id, event.reason, event.data["notice"])
    stage.ensure_sound()


def test_what_a_person_can_not_book() -> None:
    """What the books have no place for; and nothing is left behind."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    command = stage.billing.record_external_refund
    before = stage.contents()
    with pytest.raises(NotAllowed, match="refund_not_booked") as caught:
        command(attempt.id, PRICE + TEN, gateway_ref="re_1", actor=SYSTEM, reason=WHY)
    assert "more_than_was_captured" == caught.value.params["why"]
    with pytest.raises(InvalidInput, match="currency"):
        command(attempt.id, Money.of("1", "USD"), gateway_ref="re_1", actor=SYSTEM, reason=WHY)
    with pytest.raises(InvalidInput, match="amount"):
        command(attempt.id, Money.zero("EUR"), gateway_ref="re_1", actor=SYSTEM, reason=WHY)
    for charge_id, record in ((attempt.id, attempt), (invoice.id, invoice)):
        with pytest.raises(Conflict):
            command(
                charge_id,
                TEN,
                gateway_ref="re_1",
                actor=SYSTEM,
                reason=WHY,
                expect_version=record.version + 1,
            )
    assert before == stage.contents()
