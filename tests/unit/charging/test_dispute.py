"""One dispute: what is believed of it, how much of the charge it holds, and which of several presses most."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import attrs
import pytest

from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dispute import Dispute, DisputeStep, held_by, most_pressing
from billing_core.charging.dossier import Dossier
from billing_core.charging.refund import Refund, RefundState
from billing_core.charging.resolve_refund import refund_resolution, refundable
from billing_core.charging.steps import ResolveAction
from billing_core.gateways.capabilities import Capabilities, Operation
from billing_core.gateways.results import ChargeResult
from billing_core.gateways.webhooks import DisputeDetails, DisputeStatus
from billing_core.values.money import Money
from tests.builders import NOW, PRICE, account, attempt, invoice, license, refund

OPENED, WON, LOST = DisputeStatus.OPENED, DisputeStatus.WON, DisputeStatus.LOST
ONE, NOTHING = Money.of("1.00", "EUR"), Money.zero("EUR")
PAID = attempt().answered(ChargeResult.succeeded(PRICE, gateway_ref="ch_1"), NOW)
#: Where a dispute is taken by a notice that nobody could confirm: forwards, to a loss in the end.
BELIEVED = {
    (OPENED, OPENED): OPENED,
    (OPENED, WON): WON,
    (OPENED, LOST): LOST,
    (WON, OPENED): WON,
    (WON, WON): WON,
    (WON, LOST): LOST,
    (LOST, OPENED): LOST,
    (LOST, WON): LOST,
    (LOST, LOST): LOST,
}


def details(status: DisputeStatus = OPENED, **changes: Any) -> DisputeDetails:
    told = DisputeDetails(
        gateway_ref="dp_1", charge_ref="ch_1", status=status, amount=ONE, reason="fraudulent"
    )
    return attrs.evolve(told, **changes)


def step(status: DisputeStatus = OPENED, **changes: Any) -> DisputeStep:
    return attrs.evolve(DisputeStep(status=status, at=NOW, notice_id="evt_1", is_confirmed=False), **changes)


def dispute(status: DisputeStatus = OPENED, **changes: Any) -> Dispute:
    return Dispute.first_told(details(**changes), step(status))


def test_what_is_heard_first_is_all_that_is_known() -> None:
    """Wherever it stands by then, with its one step."""
    respond_by = NOW + timedelta(days=7)
    expected = Dispute(
        gateway_ref="dp_1",
        status=LOST,
        amount=ONE,
        reason="fraudulent",
        respond_by=respond_by,
        history=(step(LOST),),
    )
    assert expected == Dispute.first_told(details(LOST, respond_by=respond_by), step(LOST))


@pytest.mark.parametrize("before", list(DisputeStatus))
@pytest.mark.parametrize("told", list(DisputeStatus))
def test_notices_are_believed_forwards_and_the_processor_always(
    before: DisputeStatus, told: DisputeStatus
) -> None:
    """What changes nothing is the same object, without another step."""
    known = dispute(before)
    believed = known.told(details(told), step(told))
    assert BELIEVED[before, told] is believed.status
    assert (believed is known) == (BELIEVED[before, told] is before)
    confirmed = known.told(details(told), step(told, is_confirmed=True))
    assert told is confirmed.status
    assert (
        step(before),
        *([step(told, is_confirmed=True)] if told is not before else []),
    ) == confirmed.history


@pytest.mark.parametrize(
    "changes",
    [{"amount": PRICE}, {"reason": "general"}, {"respond_by": NOW}],
    ids=["amount", "reason", "respond_by"],
)
def test_other_news_is_news_too(changes: dict[str, Any]) -> None:
    """Where it stands is not all that may change."""
    after = dispute().told(details(**changes), step(notice_id="evt_2"))
    (name,) = changes
    assert changes[name] == getattr(after, name)
    assert ("evt_1", "evt_2") == tuple(it.notice_id for it in after.history)


def test_how_much_it_holds() -> None:
    """Its part of what was captured; all of that if nobody can tell; none once it is won."""
    for status in (OPENED, LOST):
        assert ONE == dispute(status).held(PRICE)
        assert PRICE == dispute(status, amount=PRICE + ONE).held(PRICE)
        assert PRICE == dispute(status, amount=Money.of("1", "USD")).held(PRICE)
    assert NOTHING == dispute(WON).held(PRICE)
    assert (NOTHING, ONE + ONE) == (
        held_by((), PRICE),
        held_by((dispute(), dispute(WON), dispute(LOST)), PRICE),
    )
    assert PRICE == held_by((dispute(amount=PRICE), dispute()), PRICE)


def test_what_is_left_of_a_charge() -> None:
    """What was captured, less what went back, less what disputes hold; never less than nothing."""
    disputed = PAID.with_dispute(dispute())
    assert (PAID.version + 1, (dispute(),)) == (disputed.version, disputed.disputes)
    assert (PRICE - ONE, PRICE) == (refundable(disputed, ()), refundable(PAID.with_dispute(dispute(WON)), ()))
    assert NOTHING == refundable(PAID.with_dispute(dispute(amount=PRICE)), (refund(),))
    assert refundable(attempt().with_dispute(dispute()), ()) is None


def test_a_known_dispute_keeps_its_place() -> None:
    """In the order in which they were heard of."""
    second = attrs.evolve(dispute(), gateway_ref="dp_2")
    both = PAID.with_dispute(dispute()).with_dispute(second)
    assert (dispute(LOST), second) == both.with_dispute(dispute(LOST)).disputes


def test_which_presses_most() -> None:
    """Open before lost before won."""
    assert most_pressing(()) is None
    for one, other in product(DisputeStatus, repeat=2):
        order = [OPENED, LOST, WON]
        expected = min(one, other, key=order.index)
        assert expected is most_pressing((dispute(one), dispute(other)))


def test_the_processors_id_of_a_charge() -> None:
    """From what told of the money; else of what was prepared."""
    assert (None, "ch_1") == (attempt().charge_ref, PAID.charge_ref)
    prepared = attrs.evolve(attempt(), gateway_ref="prep_1")
    assert "prep_1" == prepared.charge_ref
    assert "prep_1" == attrs.evolve(prepared, result=ChargeResult.unknown()).charge_ref
    late = ChargeResult.succeeded(PRICE, gateway_ref="ch_2")
    assert "ch_2" == attrs.evolve(PAID, orphan=late).charge_ref


@pytest.mark.parametrize(
    ("sends", "held", "expected"),
    [
        (0, PRICE, (ResolveAction.VOID, "charge_disputed")),
        (1, PRICE, (ResolveAction.HOLD, "charge_disputed")),
        (0, None, (ResolveAction.RESEND, "not_sent_yet")),
        (0, Money.of("0.01", "EUR"), (ResolveAction.VOID, "charge_disputed")),
    ],
    ids=["never sent", "may have happened", "no dispute", "one cent too much"],
)
def test_a_refund_of_what_is_disputed_is_not_sent(
    sends: int, held: Money | None, expected: tuple[ResolveAction, str]
) -> None:
    """It is given up if it surely did not happen; else it is a person's. Its own claim is not in its way."""
    charge: ChargeAttempt = PAID if held is None else PAID.with_dispute(dispute(amount=held))
    going = refund(state=RefundState.OPEN, decided_at=NOW, look_at=NOW)
    whole = attrs.evolve(going, request=attrs.evolve(going.request, amount=PRICE), sends=0)
    if sends:
        whole = attrs.evolve(whole.sent(NOW), not_found_at=NOW, look_at=NOW)
    dossier = _dossier(charge, whole)
    found = refund_resolution(dossier, whole, NOW)
    assert found is not None
    assert expected == (found.action, found.because.rule)


def _dossier(charge: ChargeAttempt, *refunds: Refund) -> Dossier:

    declared = Capabilities(operations=frozenset(Operation))
    return Dossier.of(
        account(),
        license(),
        invoices=[invoice().paid(NOW)],
        attempts=[charge],
        refunds=refunds,
        gateways={"main": declared},
    )
