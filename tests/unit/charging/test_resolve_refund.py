"""When a refund is sent, looked up, repeated or given up, to the microsecond, and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dispute import Dispute, DisputeStep
from billing_core.charging.dossier import Dossier
from billing_core.charging.refund import Refund, RefundEvent, RefundState
from billing_core.charging.resolve_refund import (
    next_refund_step,
    refund_resolution,
    refund_times,
    refundable,
)
from billing_core.charging.steps import Because, ResolveAction, ResolveRefund, StartRefund
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.gateways.results import ChargeResult, RefundResult
from billing_core.gateways.webhooks import DisputeDetails, DisputeStatus
from billing_core.licenses.license import Cancellation
from billing_core.policy import BillingPolicy, CancelUncertain
from billing_core.values.money import Money
from tests.builders import NOW, PRICE, account, attempt, invoice, license, refund

TICK, MINUTE, HOUR, DAY = (
    timedelta(microseconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
EVERYTHING = Capabilities(operations=frozenset(Operation))
#: Without a look-up of refunds.
MUTE = Capabilities(grade=GatewayGrade.KEYED)
#: 1 h of request life, 1 min of lag and 5 h of margin.
PROOF = 6 * HOUR + MINUTE
#: A backup was put back three days after the refund was decided.
RESTORED = NOW + 3 * DAY
SENT = refund().sent(NOW)
LOST = SENT.answered(RefundResult.unknown(), NOW)
PENDING = SENT.answered(RefundResult.pending(), NOW)

Found = tuple[str, str] | None


def dossier_with(*refunds: Refund, capabilities: Capabilities = EVERYTHING, **changes: Any) -> Dossier:
    """A charge that succeeded, with these refunds of it."""
    charge = attempt().answered(ChargeResult.succeeded(PRICE, gateway_ref="ch_1"), NOW)
    dossier = Dossier.of(
        account(),
        license(),
        invoices=[invoice().paid(NOW)],
        attempts=[charge],
        refunds=refunds,
        gateways={"main": capabilities},
    )
    return attrs.evolve(dossier, **changes)


def restored(*refunds: Refund, capabilities: Capabilities = EVERYTHING) -> Dossier:
    """The same after a backup was put back."""
    dossier = dossier_with(*refunds, capabilities=capabilities)
    return attrs.evolve(dossier, controls=dossier.controls.in_next_epoch("backup-1", RESTORED))


def found(dossier: Dossier, now: datetime) -> Found:
    """What is to be done about the only refund, and why."""
    step = refund_resolution(dossier, dossier.refunds[0], now)
    return None if step is None else (step.action.value, step.because.rule)


def first_at(dossier: Dossier, at: datetime) -> Found:
    """What is to be done from an instant on, and not a microsecond earlier; the times say so, too."""
    assert found(dossier, at - TICK) is None
    assert at == min(refund_times(dossier))
    return found(dossier, at)


def test_decided_is_sent_at_once() -> None:
    """It has a reason of its own: no send failed before."""
    assert ("resend", "not_sent_yet") == first_at(dossier_with(refund()), NOW)
    unplanned = attrs.evolve(refund(), look_at=None)
    assert ("resend", "not_sent_yet") == found(dossier_with(unplanned), NOW)
    assert [NOW] == list(refund_times(dossier_with(unplanned)))


def test_refused_send_is_repeated_after_a_while() -> None:
    """It surely did nothing."""
    refused = SENT.answered(RefundResult.not_attempted(), NOW)
    assert ("resend", "never_sent") == first_at(dossier_with(refused), NOW + 5 * MINUTE)


def test_given_up_after_thirty_refused_sends() -> None:
    """About a month; the last one before is still made."""
    often = attrs.evolve(SENT, sends=30, sends_not_attempted=30, look_at=NOW + DAY)
    almost = attrs.evolve(often, sends=29, sends_not_attempted=29)
    assert ("void", "never_sent") == found(dossier_with(often), NOW)
    assert ("resend", "never_sent") == first_at(dossier_with(almost), NOW + DAY)


def test_call_under_way_is_left_alone() -> None:
    """Until it can't take any longer; then it counts as lost."""
    assert ("look_up", "outcome_unknown") == first_at(dossier_with(SENT), NOW + 2 * MINUTE)


@pytest.mark.parametrize("uncertain", [LOST, PENDING], ids=["lost", "pending"])
def test_unsettled_is_looked_up(uncertain: Refund) -> None:
    """Five minutes after the answer that told nothing."""
    assert ("look_up", "outcome_unknown") == first_at(dossier_with(uncertain), NOW + 5 * MINUTE)


def test_looked_up_when_it_proves_something() -> None:
    """However rare the looks have become."""
    tired = attrs.evolve(LOST, looks=3, looked_at=NOW + HOUR, look_at=NOW + 25 * HOUR)
    assert ("look_up", "outcome_unknown") == first_at(dossier_with(tired), NOW + PROOF)
    assert [NOW + 25 * HOUR, NOW + PROOF] == list(refund_times(dossier_with(tired)))
    proved = attrs.evolve(tired, looked_at=NOW + PROOF)
    assert [NOW + 25 * HOUR] == list(refund_times(dossier_with(proved)))


def test_not_found_is_repeated_or_believed() -> None:
    """Repeated under a key that is remembered; void once the send can't take effect any more."""
    early, late = LOST.looked_up_in_vain(NOW + PROOF - TICK), LOST.looked_up_in_vain(NOW + PROOF)
    assert ("resend", "not_found_inside_window") == found(dossier_with(early), NOW + PROOF)
    assert ("void", "not_found_after_wait") == found(dossier_with(late), NOW + PROOF)


def test_not_found_proves_nothing_of_what_is_pending() -> None:
    """The processor knows it, whatever its look-up says."""
    assert found(dossier_with(PENDING.looked_up_in_vain(NOW + PROOF)), NOW + PROOF) is None


@pytest.mark.parametrize(("uncertain", "looks_max"), [(LOST, 9), (PENDING, 60)], ids=["lost", "pending"])
@pytest.mark.parametrize("make", [dossier_with, restored])
def test_looks_are_exhausted(uncertain: Refund, looks_max: int, make: Any) -> None:
    """After about a week; an accepted one may take long, and is with a person after two months."""
    at = RESTORED + 90 * DAY
    over = attrs.evolve(uncertain, looks=looks_max, looked_at=at - DAY, look_at=at)
    almost = attrs.evolve(over, looks=looks_max - 1)
    assert ("hold", "looks_exhausted") == first_at(make(over), at)
    found_before = first_at(make(almost), at)
    assert found_before is not None
    assert "look_up" == found_before[0]


def test_gateway_without_a_look_up() -> None:
    """A repeat under a remembered key tells; after the window a person decides."""
    window = NOW + 18 * HOUR
    dossier = dossier_with(LOST, capabilities=MUTE)
    assert ("resend", "inside_key_window") == first_at(dossier, NOW + 5 * MINUTE)
    assert ("resend", "inside_key_window") == found(dossier, window - TICK)
    assert ("hold", "cannot_be_found_out") == found(dossier, window)


# -- after a restore --------------------------------------------------------------------------


@pytest.mark.parametrize("before", [refund(), SENT, LOST, PENDING])
def test_what_was_decided_before_a_restore_is_looked_up_first(before: Refund) -> None:
    """What became of it after the backup, nobody remembers: from the restore on, whatever was planned."""
    planned = attrs.evolve(before, looked_at=RESTORED - TICK, look_at=RESTORED + 9 * DAY)
    for known in (before, planned):
        assert ("look_up", "restored") == first_at(restored(known), RESTORED)


def test_looked_up_again_after_a_restore() -> None:
    """As planned by the look before; and when a look proves something, if none did yet."""
    looked = attrs.evolve(LOST, looks=2, looked_at=RESTORED, look_at=RESTORED + DAY)
    assert [RESTORED + DAY, RESTORED + PROOF] == list(refund_times(restored(looked)))
    assert ("look_up", "restored") == first_at(restored(looked), RESTORED + PROOF)
    almost = attrs.evolve(looked, looked_at=RESTORED + PROOF - TICK)
    assert ("look_up", "restored") == first_at(restored(almost), RESTORED + PROOF)
    proved = attrs.evolve(looked, looked_at=RESTORED + PROOF)
    assert ("look_up", "restored") == first_at(restored(proved), RESTORED + DAY)


def test_not_found_after_a_restore_is_sent() -> None:
    """Once no send before the restore can show late; never what the processor had accepted."""
    proved_at = RESTORED + PROOF
    early, late = LOST.looked_up_in_vain(proved_at - TICK), LOST.looked_up_in_vain(proved_at)
    assert ("look_up", "restored") == found(restored(early), proved_at)
    assert ("resend", "not_found_after_restore") == found(restored(late), proved_at)
    assert found(restored(PENDING.looked_up_in_vain(proved_at)), proved_at) is None


def test_restore_without_a_look_up_is_for_a_person() -> None:
    """To send it again might give the money back twice."""
    dossier = restored(LOST, capabilities=MUTE)
    assert ("hold", "restored_and_cannot_look_up") == found(dossier, RESTORED)


@pytest.mark.parametrize("later", [timedelta(0), TICK])
def test_decided_since_the_restore(later: timedelta) -> None:
    """Its key may have been used by a refund that was forgotten: it is looked up before its first send."""
    fresh = attrs.evolve(refund(), decided_at=RESTORED + later, look_at=RESTORED + later)
    assert ("look_up", "restored") == first_at(restored(fresh), RESTORED + later)
    looked = fresh.looked_up_in_vain(RESTORED + PROOF - TICK)
    assert looked.look_at is not None
    assert ("look_up", "restored") == first_at(restored(looked), looked.look_at)
    surely_new = fresh.looked_up_in_vain(RESTORED + PROOF)
    assert surely_new.look_at is not None
    assert ("resend", "not_sent_yet") == first_at(restored(surely_new), surely_new.look_at)


def test_decided_since_the_restore_and_never_found_out() -> None:
    """After nine looks a person is asked, for it may have been sent before."""
    fresh = attrs.evolve(refund(), decided_at=RESTORED, look_at=RESTORED + DAY)
    almost, over = attrs.evolve(fresh, looks=8), attrs.evolve(fresh, looks=9)
    assert ("look_up", "restored") == first_at(restored(almost), RESTORED + DAY)
    assert ("hold", "looks_exhausted") == first_at(restored(over), RESTORED + DAY)


def test_sent_since_the_restore_is_like_any_other() -> None:
    """What was sent since is on file."""
    again = LOST.sent(RESTORED)
    assert ("look_up", "outcome_unknown") == first_at(restored(again), RESTORED + 2 * MINUTE)
    assert ("look_up", "restored") == first_at(restored(LOST.sent(RESTORED - TICK)), RESTORED)


# -- disputed ---------------------------------------------------------------------------------


def disputed(amount: str, status: DisputeStatus = DisputeStatus.OPENED) -> ChargeAttempt:
    """The charge, of which the cardholder's bank disputes some."""
    charge = attempt().answered(ChargeResult.succeeded(PRICE, gateway_ref="ch_1"), NOW)
    step = DisputeStep(status=status, at=NOW, notice_id="evt_1", is_confirmed=True)
    details = DisputeDetails(
        gateway_ref="dp_1", charge_ref="ch_1", status=status, amount=Money.of(amount, "EUR")
    )
    return charge.with_dispute(Dispute.first_told(details, step))


def test_what_a_dispute_holds_is_not_given_as_well() -> None:
    """What was not sent is void, what may have been is for a person; what is left goes back."""
    part = refund(amount=Money.of("15.00", "EUR"))
    assert ("void", "charge_disputed") == found(dossier_with(part, attempts=(disputed("5.00"),)), NOW)
    assert ("resend", "not_sent_yet") == found(dossier_with(part, attempts=(disputed("4.99"),)), NOW)
    won = disputed("5.00", DisputeStatus.WON)
    assert ("resend", "not_sent_yet") == found(dossier_with(part, attempts=(won,)), NOW)
    lost = part.sent(NOW).answered(RefundResult.unknown(), NOW)
    unseen = lost.looked_up_in_vain(NOW + HOUR)
    charge = disputed("5.00")
    assert ("look_up", "outcome_unknown") == found(dossier_with(lost, attempts=(charge,)), NOW + HOUR)
    assert ("hold", "charge_disputed") == found(dossier_with(unseen, attempts=(charge,)), NOW + HOUR)
    assert ("resend", "not_found_inside_window") == found(dossier_with(unseen), NOW + HOUR)
    earlier = attrs.evolve(refund("ref_0", amount=Money.of("1.00", "EUR")), state=RefundState.SUCCEEDED)
    both = dossier_with(part, earlier, attempts=(disputed("4.00"),))
    assert ("void", "charge_disputed") == found(both, NOW)


def test_what_is_left_of_a_disputed_charge() -> None:
    """Less what the dispute holds, and never less than nothing."""
    assert Money.of("14.99", "EUR") == refundable(disputed("5.00"), ())
    assert Money.zero("EUR") == refundable(disputed("5.00"), [refund(amount=Money.of("15.00", "EUR"))])
    assert Money.of("4.99", "EUR") == refundable(disputed("5.00"), [refund(amount=Money.of("10.00", "EUR"))])
    assert PRICE == refundable(disputed("5.00", DisputeStatus.WON), ())


# -- which comes next --------------------------------------------------------------------------


def test_step_tells_what_it_looked_at() -> None:
    """Which refund, and its state, sends and looks."""
    due_at = NOW + 5 * MINUTE
    expected = ResolveRefund(
        because=Because("outcome_unknown", {"state": "unknown", "sends": 1, "looks": 1}),
        refund_id="ref_1",
        action=ResolveAction.LOOK_UP,
    )
    dossier = dossier_with(LOST)
    assert expected == refund_resolution(dossier, LOST, due_at)
    assert expected == next_refund_step(dossier, due_at, BillingPolicy())
    assert next_refund_step(dossier, due_at - TICK, BillingPolicy()) is None


def test_one_that_waits_hides_no_other() -> None:
    """Each refund has its own time."""
    held = SENT.after(RefundEvent.GAVE_UP, NOW)
    waits = attrs.evolve(LOST, id="ref_2", look_at=NOW + DAY)
    due = attrs.evolve(LOST, id="ref_3", look_at=NOW + HOUR)
    dossier = dossier_with(held, waits, due)
    step = next_refund_step(dossier, NOW + HOUR, BillingPolicy())
    assert isinstance(step, ResolveRefund)
    assert "ref_3" == step.refund_id
    assert [NOW + DAY, NOW + PROOF, NOW + HOUR, NOW + PROOF] == list(refund_times(dossier))
    assert RefundState.HELD is held.state


def test_money_for_a_license_that_had_ended_goes_back() -> None:
    """From its end on, the whole of it; once, and only by that policy."""
    ends_at = NOW + HOUR
    charge = attrs.evolve(attempt(), number=3).answered(ChargeResult.succeeded(PRICE), NOW)
    assert charge.result is not None
    orphan = charge.orphaned(charge.result)
    policy = BillingPolicy(cancel_uncertain=CancelUncertain.REFUND)
    ended = license().with_cancellation(Cancellation(requested_at=ends_at))
    dossier = dossier_with(attempts=(orphan,), license=ended)
    expected = StartRefund(
        because=Because("canceled_money_goes_back", {"attempt": 3}), attempt_id="att_1", amount=PRICE
    )
    assert expected == next_refund_step(dossier, ends_at, policy)
    assert next_refund_step(dossier, ends_at - TICK, policy) is None
    for settled in (charge, orphan.decided("adopt"), orphan.refund_decided()):
        assert next_refund_step(dossier_with(attempts=(settled,), license=ended), ends_at, policy) is None
    unable = dossier_with(attempts=(orphan,), license=ended, capabilities=MUTE)
    assert next_refund_step(unable, ends_at, policy) is None


def test_money_goes_back_less_what_went_back_before() -> None:
    """Nothing is left of it: nothing is started, and the other charges have their turn."""
    charge = attempt().answered(ChargeResult.succeeded(PRICE), NOW)
    assert charge.result is not None
    first, second = (attrs.evolve(charge.orphaned(charge.result), id=id) for id in ("att_1", "att_2"))
    ended = license().with_cancellation(Cancellation(requested_at=NOW))
    back = SENT.answered(RefundResult.succeeded(PRICE), NOW)
    dossier = dossier_with(back, attempts=(first, second), license=ended)
    step = next_refund_step(dossier, NOW, BillingPolicy(cancel_uncertain=CancelUncertain.REFUND))
    assert isinstance(step, StartRefund)
    assert ("att_2", PRICE) == (step.attempt_id, step.amount)
