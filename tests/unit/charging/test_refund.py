"""One refund: its events and states, what answers mean, and how much of its charge it takes up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from billing_core.charging.attempt import AttemptEvent, AttentionDecision
from billing_core.charging.dossier import Dossier
from billing_core.charging.refund import REFUND_TRANSITIONS, Refund, RefundEvent, RefundState
from billing_core.charging.resolve_refund import (
    next_refund_step,
    refund_resolution,
    refund_times,
    refundable,
)
from billing_core.charging.settle_refund import refund_carried_on, refund_started, settle_refund
from billing_core.charging.steps import ResolveAction, StartRefund
from billing_core.errors import InvariantViolated
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.gateways.results import ChargeNotFound, ChargeResult, Outcome, RefundResult
from billing_core.licenses.license import Cancellation
from billing_core.policy import BillingPolicy, CancelUncertain
from billing_core.service.simulate import simulate
from billing_core.values.ids import derive_key, derive_reference
from billing_core.values.money import Money
from tests.builders import NOW, PRICE, account, attempt, invoice, license, refund

S, E = RefundState, RefundEvent
HOUR = timedelta(hours=1)
ZERO = Money.zero(PRICE.currency)
ONE = Money.of("1.00", "EUR")

#: Written by hand from the rules, not derived from the code: state -> event -> state.
TABLE: dict[RefundState, dict[RefundEvent, RefundState]] = {
    S.OPEN: {
        E.SUCCEEDED: S.SUCCEEDED,
        E.MISMATCHED: S.HELD,
        E.DECLINED: S.DECLINED,
        E.PENDING: S.PENDING,
        E.UNKNOWN: S.UNKNOWN,
        E.NOT_ATTEMPTED: S.OPEN,
        E.NEVER_HAPPENED: S.VOID,
        E.GAVE_UP: S.HELD,
    },
    S.UNKNOWN: {
        E.SUCCEEDED: S.SUCCEEDED,
        E.MISMATCHED: S.HELD,
        E.DECLINED: S.DECLINED,
        E.PENDING: S.PENDING,
        E.UNKNOWN: S.UNKNOWN,
        E.NEVER_HAPPENED: S.VOID,
        E.GAVE_UP: S.HELD,
    },
    S.PENDING: {
        E.SUCCEEDED: S.SUCCEEDED,
        E.MISMATCHED: S.HELD,
        E.DECLINED: S.DECLINED,
        E.PENDING: S.PENDING,
        E.UNKNOWN: S.PENDING,
        E.GAVE_UP: S.HELD,
    },
    S.HELD: {E.CONFIRMED: S.SUCCEEDED, E.NEVER_HAPPENED: S.VOID},
    S.SUCCEEDED: {},
    S.DECLINED: {},
    S.VOID: {},
}

_WAYS: dict[RefundState, RefundEvent] = {
    S.SUCCEEDED: E.SUCCEEDED,
    S.DECLINED: E.DECLINED,
    S.PENDING: E.PENDING,
    S.UNKNOWN: E.UNKNOWN,
    S.HELD: E.GAVE_UP,
    S.VOID: E.NEVER_HAPPENED,
}


def refund_in(state: RefundState) -> Refund:
    """A refund that was sent and came to this."""
    sent = refund().sent(NOW)
    return sent if state is S.OPEN else sent.after(_WAYS[state], NOW)


@pytest.mark.parametrize("event", RefundEvent)
@pytest.mark.parametrize("state", RefundState)
def test_event_in_state(state: RefundState, event: RefundEvent) -> None:
    """Each event leads where the table says, or it can't happen at all."""
    expected = TABLE[state].get(event)
    if expected is None:
        with pytest.raises(InvariantViolated, match=f"{event.value} can't happen in state {state.value}"):
            refund_in(state).after(event, NOW + HOUR)
    else:
        assert expected is refund_in(state).after(event, NOW + HOUR).state


@pytest.mark.parametrize("state", RefundState)
def test_final_states_are_three(state: RefundState) -> None:
    """Only success, refusal and void free the charge for another refund."""
    assert set(RefundState) == set(REFUND_TRANSITIONS)
    assert (state not in {S.SUCCEEDED, S.DECLINED, S.VOID}) is refund_in(state).is_unresolved


@pytest.mark.parametrize(
    ("state", "result", "expected"),
    [
        (S.OPEN, RefundResult.succeeded(PRICE), S.SUCCEEDED),
        (S.OPEN, RefundResult.succeeded(ONE), S.HELD),
        (S.OPEN, RefundResult.succeeded(Money.of("19.99", "USD")), S.HELD),
        (S.OPEN, RefundResult.declined("already_refunded"), S.DECLINED),
        (S.OPEN, RefundResult.pending(), S.PENDING),
        (S.OPEN, RefundResult.not_attempted(), S.OPEN),
        (S.OPEN, RefundResult.unknown(), S.UNKNOWN),
        (S.UNKNOWN, RefundResult.not_attempted(), S.UNKNOWN),
        (S.UNKNOWN, RefundResult.succeeded(PRICE), S.SUCCEEDED),
        (S.PENDING, RefundResult.unknown(), S.PENDING),
        (S.PENDING, RefundResult.not_attempted(), S.PENDING),
    ],
)
def test_answer_to_a_send(state: RefundState, result: RefundResult, expected: RefundState) -> None:
    """A success counts over the amount asked for; a send that did nothing proves nothing of others."""
    assert expected is refund_in(state).answered(result, NOW + HOUR).state


@pytest.mark.parametrize("state", RefundState)
def test_what_is_over_has_an_end_and_is_looked_at_no_more(state: RefundState) -> None:
    """What goes on keeps its next look, and has no end yet."""
    before = refund().sent(NOW).woken(NOW)
    after = before if state is S.OPEN else before.after(_WAYS[state], NOW + HOUR)
    expected = (NOW, None) if TABLE[state] else (None, NOW + HOUR)
    assert expected == (after.look_at, after.resolved_at)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (RefundResult.succeeded(PRICE), (0, None)),
        (RefundResult.succeeded(ONE), (0, None)),
        (RefundResult.declined("already_refunded"), (0, None)),
        (RefundResult.pending(), (1, NOW + timedelta(minutes=5))),
        (RefundResult.unknown(), (1, NOW + timedelta(minutes=5))),
    ],
)
def test_only_an_answer_that_leaves_it_open_plans_a_look(result: RefundResult, expected: Any) -> None:
    """What is over needs none, and what a person has waits for the person."""
    answered = refund_in(S.OPEN).answered(result, NOW)
    assert expected == (answered.looks, answered.look_at)


def test_each_change_is_one_version_and_nothing_else() -> None:
    """Whoever reads a record twice sees what happened, and only that."""
    planned, later = refund(), NOW + HOUR
    sent = attrs.evolve(planned, sends=1, first_sent_at=NOW, last_sent_at=NOW, look_at=None, version=2)
    assert sent == planned.sent(NOW)
    looked = attrs.evolve(
        sent, not_found_at=later, looks=1, looked_at=later, look_at=later + timedelta(minutes=5), version=3
    )
    assert looked == sent.looked_up_in_vain(later)
    assert attrs.evolve(looked, not_found_at=None) == sent.looked_up_without_answer(later)
    assert attrs.evolve(sent, look_at=later, version=3) == sent.woken(later)
    again = attrs.evolve(
        looked, sends=2, last_sent_at=later + HOUR, look_at=None, not_found_at=None, version=4
    )
    assert again == looked.sent(later + HOUR)
    answer = RefundResult.not_attempted()
    refused = attrs.evolve(
        sent, sends_not_attempted=1, result=answer, look_at=later + timedelta(minutes=5), version=3
    )
    assert refused == sent.answered(answer, later)
    answer = RefundResult.unknown("timeout")
    lost = attrs.evolve(
        sent,
        state=S.UNKNOWN,
        result=answer,
        looks=1,
        looked_at=later,
        look_at=later + timedelta(minutes=5),
        version=3,
    )
    assert lost == sent.answered(answer, later)
    answer = RefundResult.succeeded(PRICE)
    over = attrs.evolve(lost, state=S.SUCCEEDED, result=answer, look_at=None, resolved_at=later, version=4)
    assert over == lost.answered(answer, later)
    assert attrs.evolve(lost, state=S.HELD, version=4) == lost.after(E.GAVE_UP, later)
    decided = attrs.evolve(over, decision="confirm", version=5)
    assert decided == over.decided("confirm")
    assert attrs.evolve(over, orphan=answer, version=6) == decided.orphaned(answer)


def test_time_in_which_nobody_knew() -> None:
    """From the decision to the end, or until now; never less than none."""
    lost = refund_in(S.UNKNOWN)
    assert HOUR == lost.unsettled_time(NOW + HOUR)
    assert timedelta(0) == lost.unsettled_time(NOW - HOUR)
    over = lost.answered(RefundResult.succeeded(PRICE), NOW + 2 * HOUR)
    assert 2 * HOUR == over.unsettled_time(NOW + 9 * HOUR)


def test_success_that_was_told_as_one_made_elsewhere() -> None:
    """A refund that was void, and whose money was booked under the processor's name for it, is no orphan."""
    void = refund_in(S.VOID)
    answer = RefundResult.succeeded(PRICE, gateway_ref="re_9")
    booked = refund("ref_2", number=2, elsewhere_ref="re_9", state=S.SUCCEEDED)
    dossier = _dossier(void, booked)
    assert (dossier, ()) == settle_refund(dossier, void.id, answer, NOW)
    other = RefundResult.succeeded(PRICE, gateway_ref="re_8")
    assert ["refund.orphaned"] == [it.type for it in settle_refund(dossier, void.id, other, NOW)[1]]


def test_the_event_names_the_refund_at_the_processor() -> None:
    """Its reference and its reason are what support asks the processor for."""
    sent = refund_in(S.OPEN)
    answer = RefundResult.succeeded(PRICE, gateway_ref="re_1")
    _, (told,) = settle_refund(_dossier(sent), sent.id, answer, NOW)
    assert ("refund.succeeded", "re_1", "19.99 EUR", "succeeded") == (
        told.type,
        told.data["gateway_ref"],
        told.data["amount"],
        told.data["state"],
    )


def test_a_look_up_that_is_refused_proves_nothing() -> None:
    """The send before it may have worked."""
    looked = refund_in(S.OPEN).answered(RefundResult.not_attempted(), NOW, is_look_up=True)
    assert (S.UNKNOWN, False) == (looked.state, looked.is_surely_unsent)


def test_sends_that_did_nothing_leave_it_unsent() -> None:
    """It waits a while before the next one, and longer each time; one in doubt ends that for good."""
    first = refund()
    assert (True, 0, None) == (first.is_surely_unsent, first.sends, first.first_sent_at)
    sent = first.sent(NOW)
    assert (False, None, NOW) == (sent.is_surely_unsent, sent.look_at, sent.first_sent_at)
    refused = sent.answered(RefundResult.not_attempted(), NOW)
    assert (True, NOW + timedelta(minutes=5)) == (refused.is_surely_unsent, refused.look_at)
    again = refused.sent(NOW + HOUR).answered(RefundResult.not_attempted(), NOW + HOUR)
    assert (2, NOW + HOUR + HOUR) == (again.sends_not_attempted, again.look_at)
    assert NOW == again.first_sent_at
    lost = again.sent(NOW + HOUR).answered(RefundResult.unknown(), NOW + HOUR)
    assert (S.UNKNOWN, False) == (lost.state, lost.is_surely_unsent)


def test_what_told_nothing_keeps_the_answer_before() -> None:
    """A pending refund that can't be looked up at the moment is still the one that is pending."""
    pending = refund_in(S.OPEN).answered(RefundResult.pending(gateway_ref="re_1"), NOW)
    looked = pending.answered(RefundResult.unknown("http_503"), NOW + HOUR, is_look_up=True)
    assert (pending.result, 2, NOW + HOUR + HOUR) == (looked.result, looked.looks, looked.look_at)


def test_look_ups_grow_rarer() -> None:
    """After five minutes, an hour, and then every day."""
    now, waits, looked = NOW, [], refund_in(S.OPEN)
    for _ in range(4):
        looked = looked.looked_up_in_vain(now)
        assert looked.look_at is not None
        waits.append(looked.look_at - now)
    assert [timedelta(minutes=5), HOUR, timedelta(days=1), timedelta(days=1)] == waits
    assert (now, now + HOUR) == (looked.not_found_at, looked.woken(now + HOUR).look_at)


@pytest.mark.parametrize("state", RefundState)
def test_claimed_unless_surely_nothing_went_back(state: RefundState) -> None:
    """What may have gone back is never given back again; what surely did not is free."""
    expected = ZERO if state in {S.DECLINED, S.VOID} else PRICE
    assert expected == refund_in(state).claimed


def test_claimed_by_what_the_processor_said() -> None:
    """In doubt the larger amount; once a person confirmed it, the one that really went back."""
    little = refund_in(S.OPEN).answered(RefundResult.succeeded(ONE), NOW)
    assert PRICE == little.claimed
    assert ONE == little.after(E.CONFIRMED, NOW).claimed
    much = refund_in(S.OPEN).answered(RefundResult.succeeded(PRICE + ONE), NOW)
    assert PRICE + ONE == much.claimed
    foreign = refund_in(S.OPEN).answered(RefundResult.succeeded(Money.of("1.00", "USD")), NOW)
    assert PRICE == foreign.claimed


def test_money_that_went_back_after_all_is_claimed() -> None:
    """A refund that was proved not to have happened, and then turns up, needs a person's note, once."""
    late = refund_in(S.VOID).orphaned(RefundResult.succeeded(PRICE))
    assert (PRICE, True, False) == (late.claimed, late.needs_attention, late.is_unresolved)
    assert not late.decided("confirm").needs_attention
    assert refund_in(S.HELD).needs_attention
    assert not refund_in(S.VOID).needs_attention


def test_a_refund_shows_no_more_than_it_must() -> None:
    """Id, number, state and amount."""
    assert "Refund(ref_1, number=1, open, 19.99 EUR)" == repr(refund())


# -- what there is to give back ---------------------------------------------------


def test_what_a_charge_captured() -> None:
    """As the processor said; as asked for, if a person says that it succeeded; else nothing is known."""
    charge = attempt()
    assert charge.captured is None
    assert charge.answered(ChargeResult.unknown(), NOW).captured is None
    assert PRICE == charge.answered(ChargeResult.succeeded(PRICE), NOW).captured
    assert ONE == charge.answered(ChargeResult.succeeded(ONE), NOW).captured
    held = charge.after(AttemptEvent.GAVE_UP, NOW)
    assert (None, PRICE) == (held.captured, held.after(AttemptEvent.ADOPTED, NOW).captured)
    void = charge.after(AttemptEvent.NEVER_HAPPENED, NOW)
    assert (None, PRICE) == (void.captured, void.orphaned(ChargeResult.succeeded(PRICE)).captured)


def test_which_charge_pays_its_invoice() -> None:
    """The one that succeeded, or late money that a person let pay it."""
    charge = attempt()
    assert not charge.pays_its_invoice
    assert charge.after(AttemptEvent.SUCCEEDED, NOW).pays_its_invoice
    orphan = charge.after(AttemptEvent.NEVER_HAPPENED, NOW).orphaned(ChargeResult.succeeded(PRICE))
    assert not orphan.pays_its_invoice
    assert orphan.decided(AttentionDecision.ADOPT).pays_its_invoice
    assert not orphan.decided(AttentionDecision.REFUND).pays_its_invoice


def test_each_refund_is_counted_on_its_charge() -> None:
    """So that the next one has another number, and another version to guard."""
    charge = attempt().after(AttemptEvent.SUCCEEDED, NOW)
    counted = charge.refund_decided()
    assert (1, charge.version + 1) == (counted.refund_count, counted.version)


@pytest.mark.parametrize("outcome", [Outcome.SUCCEEDED, Outcome.DECLINED, Outcome.PENDING])
def test_a_final_refund_takes_no_answer(outcome: Outcome) -> None:
    """Final is final."""
    amount = PRICE if outcome is Outcome.SUCCEEDED else None
    with pytest.raises(InvariantViolated):
        refund_in(S.SUCCEEDED).answered(RefundResult(outcome=outcome, amount=amount), NOW)


def test_a_held_refund_keeps_a_later_answer() -> None:
    """For the person who decides."""
    noted = refund_in(S.HELD).noted(RefundResult.declined())
    assert (S.HELD, RefundResult.declined()) == (noted.state, noted.result)
    assert attrs.evolve(noted, version=1, result=None) == attrs.evolve(refund_in(S.HELD), version=1)


# -- what is done about it ----------------------------------------------------------


def _dossier(*refunds: Refund, **changes: Any) -> Dossier:
    charge = attempt().answered(ChargeResult.succeeded(PRICE, gateway_ref="ch_1"), NOW)
    everything = Capabilities(operations=frozenset(Operation))
    return Dossier.of(
        account(),
        license(),
        invoices=[invoice().paid(NOW)],
        attempts=[charge],
        refunds=refunds,
        gateways=changes.pop("gateways", {"main": everything}),
    )


def test_reference_and_key_follow_from_the_charge_and_its_number() -> None:
    """Any process that starts the first refund of a charge starts the same one, and no other charge's."""
    dossier = _dossier()
    [charge] = dossier.attempts
    after, _ = refund_started(dossier, charge, ONE, NOW, namespace="shop", why={})
    [started] = after.refunds
    assert derive_reference("shop", "refund", charge.id, 1) == started.request.reference
    assert derive_key("shop", "refund", charge.id, 1) == started.request.idempotency_key
    assert (ONE, "ch_1", charge.request.reference) == (
        started.request.amount,
        started.request.gateway_ref,
        started.request.charge_reference,
    )


def test_an_outcome_that_was_not_found_waits_between_window_and_proof() -> None:
    """Too late to repeat, too early to believe: nothing is done before the proof."""
    short = Capabilities(operations=frozenset(Operation), key_retention=timedelta(hours=6))
    lost = refund_in(S.UNKNOWN).looked_up_in_vain(NOW + timedelta(hours=2))
    dossier = _dossier(lost, gateways={"main": short})
    assert refund_resolution(dossier, lost, NOW + timedelta(hours=2, minutes=1)) is None


@pytest.mark.parametrize(
    ("grade", "inside", "after"),
    [
        (GatewayGrade.KEYED, ResolveAction.RESEND, ResolveAction.HOLD),
        (GatewayGrade.NONE, ResolveAction.HOLD, ResolveAction.HOLD),
    ],
)
def test_where_nobody_can_be_asked_it_is_repeated_only_under_a_key_that_is_remembered(
    grade: GatewayGrade, inside: ResolveAction, after: ResolveAction
) -> None:
    """After the window the same key may give the money back twice: a person decides."""
    mute = Capabilities(grade=grade)
    lost = refund_in(S.OPEN).answered(RefundResult.unknown(), NOW)
    dossier = _dossier(lost, gateways={"main": mute})
    window = Capabilities(grade=GatewayGrade.KEYED).resend_window
    early = refund_resolution(dossier, lost, NOW + window - timedelta(microseconds=1))
    late = refund_resolution(dossier, lost, NOW + window)
    assert early is not None
    assert late is not None
    assert (inside, after) == (early.action, late.action)


@pytest.mark.parametrize("given_up", [refund_in(S.HELD), refund_in(S.SUCCEEDED)])
def test_nothing_is_done_about_a_refund_that_a_person_has_or_that_is_over(given_up: Refund) -> None:
    """Nor is there a time to look at it."""
    dossier = _dossier(given_up)
    assert refund_resolution(dossier, given_up, NOW + timedelta(days=9)) is None
    assert [] == list(refund_times(dossier))


def test_nobody_can_be_asked_without_the_gateway() -> None:
    """A gateway that this process was not given is left to one that was."""
    lost = refund_in(S.UNKNOWN)
    dossier = _dossier(lost, gateways={})
    assert refund_resolution(dossier, lost, NOW + timedelta(days=9)) is None
    assert [] == list(refund_times(dossier))


def test_a_look_up_is_no_step_to_apply() -> None:
    """It only asks."""
    lost = refund_in(S.UNKNOWN)
    with pytest.raises(TypeError, match="look_up asks the gateway"):
        refund_carried_on(_dossier(lost), lost, ResolveAction.LOOK_UP, NOW, {})


@pytest.mark.parametrize("state", [S.DECLINED, S.SUCCEEDED, S.HELD])
@pytest.mark.parametrize("answer", [ChargeNotFound(), RefundResult.pending(), RefundResult.succeeded(PRICE)])
def test_a_late_answer_changes_only_what_it_must(
    state: RefundState, answer: RefundResult | ChargeNotFound
) -> None:
    """A refused refund that happened after all is an orphan, a held one is noted; else nothing changes."""
    late = refund_in(state)
    dossier = _dossier(late)
    after, drafts = settle_refund(dossier, late.id, answer, NOW + HOUR, is_look_up=True)
    is_success = isinstance(answer, RefundResult) and answer.outcome is Outcome.SUCCEEDED
    expected = {S.DECLINED: ["refund.orphaned"], S.HELD: ["refund.held"]}.get(state, [])
    assert (expected if is_success else []) == [draft.type for draft in drafts]
    assert bool(drafts) is (after is not dossier)
    again, more = settle_refund(after, late.id, answer, NOW + HOUR, is_look_up=True)
    assert (after, ()) == (again, more)


def test_nothing_is_left_of_a_charge_that_took_nothing() -> None:
    """Nothing is known to have been captured; or all of it may have gone back."""
    assert refundable(attempt(), ()) is None
    charge = attempt().answered(ChargeResult.succeeded(PRICE), NOW)
    assert PRICE == refundable(charge, ())
    assert ZERO == refundable(charge, [refund_in(S.UNKNOWN)])
    much = refund_in(S.OPEN).answered(RefundResult.succeeded(PRICE + ONE), NOW)
    assert ZERO == refundable(charge, [much])


@pytest.mark.parametrize("captured", [PRICE, ZERO])
def test_the_policy_gives_back_what_there_is(captured: Money) -> None:
    """What was taken for a license that had ended, unless it was nothing."""
    charge = attempt().after(AttemptEvent.NEVER_HAPPENED, NOW).orphaned(ChargeResult.succeeded(captured))
    ended = license().with_cancellation(Cancellation(requested_at=NOW))
    dossier = attrs.evolve(_dossier(), attempts=(charge,), license=ended)
    policy = BillingPolicy(cancel_uncertain=CancelUncertain.REFUND)
    step = next_refund_step(dossier, NOW + HOUR, policy)
    expected = [captured] if captured.is_positive else []
    assert expected == [step.amount for step in (step,) if isinstance(step, StartRefund)]
    assert next_refund_step(dossier, NOW + HOUR, BillingPolicy()) is None
    assert next_refund_step(dossier.with_gateways({}), NOW + HOUR, policy) is None
    assert next_refund_step(dossier.with_license(license()), NOW + HOUR, policy) is None


def test_a_preview_settles_what_is_under_way() -> None:
    """As if the processor gave the money back; steps without an answer pass by."""
    lost, planned = refund_in(S.UNKNOWN), refund("ref_2", number=2)
    until = NOW + timedelta(days=1)
    steps = list(simulate(_dossier(planned), until, now=NOW))
    assert ["resolve_refund"] == [it.kind.value for it in steps if it.amount is not None][:1]
    steps = list(simulate(_dossier(lost), until, now=NOW + HOUR))
    assert [PRICE] == [it.amount for it in steps if it.kind.value == "resolve_refund"]
    keyless = Capabilities(
        grade=GatewayGrade.NONE, operations=frozenset({Operation.REFUND}), key_retention=None
    )
    held = list(simulate(_dossier(lost, gateways={"main": keyless}), until, now=NOW + HOUR))
    assert ["cannot_be_found_out"] == [it.because.rule for it in held if it.kind.value == "resolve_refund"]
