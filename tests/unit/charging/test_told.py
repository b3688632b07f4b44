"""What a processor tells of others' doings, in the books: the records afterwards, and the events, whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dispute import DisputeStep
from billing_core.charging.dossier import Dossier
from billing_core.charging.drafts import Draft
from billing_core.charging.refund import Refund, RefundState
from billing_core.charging.told import book_refund, known_refund, put_dispute, why_not_booked
from billing_core.gateways.results import ChargeResult, RefundRequest, RefundResult
from billing_core.gateways.webhooks import DisputeDetails, DisputeStatus, RefundDetails
from billing_core.values.ids import derive_id, derive_key, derive_reference
from billing_core.values.money import Money
from tests.builders import NOW, PRICE, account, attempt, invoice, license, refund

ONE = Money.of("1.00", "EUR")
PAID = attempt().answered(ChargeResult.succeeded(PRICE, gateway_ref="ch_1"), NOW)
TOLD = RefundDetails(gateway_ref="re_1", charge_ref="ch_1", amount=ONE)
LATER = NOW + timedelta(hours=1)


def dossier(charge: ChargeAttempt = PAID, *refunds: Refund) -> Dossier:
    paid = [invoice().paid(NOW)]
    return Dossier.of(account(), license(), invoices=paid, attempts=[charge], refunds=refunds)


def ours(state: RefundState = RefundState.SUCCEEDED, **changes: Any) -> Refund:
    """A refund of the library's own, of one euro."""
    asked = attrs.evolve(refund().request, amount=ONE)
    made = attrs.evolve(refund(), request=asked, state=state, sends=1, result=None)
    return attrs.evolve(made, **changes)


def test_a_refund_is_known_by_either_of_both() -> None:
    """By the processor's id, as it answered or as it turned up late; or by our reference."""
    unknown = ours(RefundState.UNKNOWN)
    answered = attrs.evolve(unknown, result=RefundResult.succeeded(ONE, gateway_ref="re_1"))
    late = attrs.evolve(unknown, orphan=RefundResult.succeeded(ONE, gateway_ref="re_1"))
    by_reference = attrs.evolve(TOLD, reference=unknown.request.reference)
    assert (None, None) == (
        known_refund(dossier(), PAID, TOLD),
        known_refund(dossier(PAID, unknown), PAID, TOLD),
    )
    assert answered == known_refund(dossier(PAID, answered), PAID, TOLD)
    assert late == known_refund(dossier(PAID, late), PAID, TOLD)
    assert unknown == known_refund(dossier(PAID, unknown), PAID, by_reference)
    second = attrs.evolve(answered, id="ref_2", number=2, result=None, orphan=None)
    assert answered == known_refund(dossier(PAID, second, answered), PAID, TOLD)


@pytest.mark.parametrize(
    ("charge", "refunds", "amount", "expected"),
    [
        (PAID, (), ONE, None),
        (PAID, (), PRICE, None),
        (PAID, (ours(),), PRICE - ONE, None),
        (PAID, (ours(),), PRICE, "more_than_was_captured"),
        (PAID, (ours(RefundState.DECLINED),), PRICE, None),
        (PAID, (ours(RefundState.UNKNOWN),), ONE, "refund_unresolved"),
        (PAID, (ours(RefundState.HELD),), ONE, "refund_unresolved"),
        (PAID, (ours(RefundState.OPEN, sends=0),), ONE, None),
        (PAID, (ours(RefundState.OPEN, sends=1),), ONE, "refund_unresolved"),
        (PAID, (), Money.of("1", "USD"), "other_currency"),
        (attempt(), (), ONE, "charge_not_captured"),
    ],
    ids=[
        "a part",
        "all of it",
        "the rest",
        "more than the rest",
        "after one that was declined",
        "while one is unknown",
        "while one is held",
        "while one is only decided",
        "while one is on its way",
        "another currency",
        "a charge that is open",
    ],
)
def test_why_a_refund_is_not_booked(
    charge: ChargeAttempt, refunds: tuple[Refund, ...], amount: Money, expected: str | None
) -> None:
    """Unless it fits into what was captured, and can't be one of ours."""
    told = attrs.evolve(TOLD, amount=amount)
    assert expected == why_not_booked(dossier(charge, *refunds), charge, told)


def test_a_booked_refund() -> None:
    """Final from the start, with its place among the charge's refunds; its invoice shows it."""
    name = ("test", "elsewhere", PAID.id, "re_1")
    before = dossier()
    after, drafts = book_refund(before, PAID, TOLD, LATER, namespace="test", notice_id="evt_1")
    expected = Refund(
        id=derive_id("ref", *name),
        attempt_id=PAID.id,
        invoice_id=PAID.invoice_id,
        license_id=PAID.license_id,
        account_id=PAID.account_id,
        number=1,
        gateway_id=PAID.gateway_id,
        request=RefundRequest(
            amount=ONE,
            charge_reference=PAID.request.reference,
            gateway_ref="ch_1",
            reference=derive_reference(*name),
            idempotency_key=derive_key(*name),
        ),
        state=RefundState.SUCCEEDED,
        decided_at=LATER,
        resolved_at=LATER,
        result=RefundResult.succeeded(ONE, gateway_ref="re_1"),
        elsewhere_ref="re_1",
    )
    assert (expected,) == after.refunds
    assert (PAID.refund_decided(),) == after.attempts
    assert (before.invoices[0].with_refund(ONE),) == after.invoices
    assert ("re_1", refund().request.idempotency_key) == (expected.ledger_key, refund().ledger_key)
    data = {
        "refund_id": expected.id,
        "refund": 1,
        "attempt": PAID.number,
        "amount": "1.00 EUR",
        "gateway_ref": "re_1",
        "notice": "evt_1",
    }
    assert (Draft(type="refund.made_elsewhere", invoice_id=PAID.invoice_id, data=data),) == drafts


@pytest.mark.parametrize(
    ("status", "type_"),
    [
        (DisputeStatus.OPENED, "dispute.opened"),
        (DisputeStatus.WON, "dispute.won"),
        (DisputeStatus.LOST, "dispute.lost"),
    ],
)
def test_a_dispute_put_on_record(status: DisputeStatus, type_: str) -> None:
    """On its charge, and nowhere else; told with all that is known."""
    told = DisputeDetails(
        gateway_ref="dp_1",
        charge_ref="ch_1",
        status=status,
        amount=ONE,
        reason="fraudulent",
        respond_by=LATER,
    )
    before = dossier()
    after, drafts = put_dispute(before, PAID, told, LATER, notice_id="evt_1", is_confirmed=True)
    (charge,) = after.attempts
    (dispute,) = charge.disputes
    assert PAID.with_dispute(dispute) == charge
    step = DisputeStep(status=status, at=LATER, notice_id="evt_1", is_confirmed=True)
    assert ("dp_1", status, (step,)) == (dispute.gateway_ref, dispute.status, dispute.history)
    assert before == attrs.evolve(after, attempts=before.attempts)
    data = {
        "attempt_id": PAID.id,
        "dispute": "dp_1",
        "status": status.value,
        "amount": "1.00 EUR",
        "captured": str(PRICE),
        "reason": "fraudulent",
        "respond_by": LATER.isoformat(),
        "confirmed": True,
        "notice": "evt_1",
    }
    assert (Draft(type=type_, invoice_id=PAID.invoice_id, data=data),) == drafts


def test_news_of_a_known_dispute() -> None:
    """What moves nothing is another event; what is none leaves the dossier as it is."""
    told = DisputeDetails(gateway_ref="dp_1", charge_ref="ch_1", status=DisputeStatus.OPENED, amount=ONE)

    def put(on: Dossier, details: DisputeDetails) -> tuple[Dossier, tuple[Draft, ...]]:
        return put_dispute(on, on.attempts[0], details, NOW, notice_id="evt_1", is_confirmed=False)

    known, drafts = put(dossier(attempt()), told)
    assert [None] * 3 == [drafts[0].data[key] for key in ("captured", "reason", "respond_by")]
    assert (known, ()) == put(known, told)
    assert known is put(known, told)[0]
    more, drafts = put(known, attrs.evolve(told, amount=PRICE))
    assert ["dispute.changed"] == [draft.type for draft in drafts]
    second, drafts = put(more, attrs.evolve(told, gateway_ref="dp_2"))
    assert (["dispute.opened"], ["dp_1", "dp_2"]) == (
        [draft.type for draft in drafts],
        [it.gateway_ref for it in second.attempts[0].disputes],
    )
