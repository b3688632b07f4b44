"""What a processor tells of money that others moved: how it is put on record, or left to a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from billing_core.charging.attempt import AttemptEvent, ChargeAttempt
from billing_core.charging.dispute import Dispute, DisputeStep
from billing_core.charging.dossier import Dossier
from billing_core.charging.refund import Refund, RefundEvent, RefundState
from billing_core.charging.told import book_refund, known_refund, put_dispute, why_not_booked
from billing_core.events import EventType
from billing_core.gateways.results import ChargeResult, RefundRequest, RefundResult
from billing_core.gateways.webhooks import DisputeDetails, DisputeStatus, RefundDetails
from billing_core.values.ids import derive_id, derive_key, derive_reference
from billing_core.values.money import Money
from tests.builders import NOW, PRICE, account, attempt, invoice, license, refund

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PART = Money.of("5.00", "EUR")
CHARGE = attempt().answered(ChargeResult.succeeded(PRICE, gateway_ref="ch_1"), NOW)
SENT = refund().sent(NOW)
LOST = SENT.answered(RefundResult.unknown(), NOW)
BACK = SENT.answered(RefundResult.succeeded(PRICE, gateway_ref="re_1"), NOW)


def dossier_with(*refunds: Refund, charge: ChargeAttempt = CHARGE) -> Dossier:
    return Dossier.of(
        account(), license(), invoices=[invoice().paid(NOW)], attempts=[charge], refunds=refunds
    )


def told(**changes: Any) -> RefundDetails:
    return attrs.evolve(RefundDetails(gateway_ref="re_9", charge_ref="ch_1", amount=PART), **changes)


# -- refunds made elsewhere ---------------------------------------------------------------------


def test_known_refund() -> None:
    """By the processor's id of it, also of late money, or by our reference; of that charge only."""
    late = LOST.after(RefundEvent.NEVER_HAPPENED, NOW).orphaned(
        RefundResult.succeeded(PRICE, gateway_ref="re_2")
    )
    second = attrs.evolve(late, id="ref_2", number=2)
    dossier = dossier_with(BACK, second)
    assert BACK == known_refund(dossier, CHARGE, told(gateway_ref="re_1"))
    assert second == known_refund(dossier, CHARGE, told(gateway_ref="re_2"))
    assert BACK == known_refund(dossier, CHARGE, told(reference="reference_ref_1"))
    assert known_refund(dossier, CHARGE, told()) is None
    assert known_refund(dossier, CHARGE, told(reference="foreign")) is None
    assert known_refund(dossier_with(SENT), CHARGE, told()) is None
    other = attrs.evolve(CHARGE, id="att_2")
    assert known_refund(dossier, other, told(gateway_ref="re_1")) is None


@pytest.mark.parametrize(
    ("refunds", "charge", "amount", "why"),
    [
        ((), CHARGE, PRICE, None),
        ((), CHARGE, PRICE + Money.of("0.01", "EUR"), "more_than_was_captured"),
        ((BACK,), CHARGE, PART, "more_than_was_captured"),
        ((attrs.evolve(BACK, attempt_id="att_2"),), CHARGE, PART, None),
        ((LOST.after(RefundEvent.NEVER_HAPPENED, NOW),), CHARGE, PRICE, None),
        ((LOST,), CHARGE, PART, "refund_unresolved"),
        ((SENT,), CHARGE, PART, "refund_unresolved"),
        ((refund(amount=PART),), CHARGE, PART, None),
        ((refund(),), CHARGE, PART, "more_than_was_captured"),
        ((), attempt(), PART, "charge_not_captured"),
        ((), attempt().after(AttemptEvent.NEVER_HAPPENED, NOW), PART, "charge_not_captured"),
        ((), CHARGE, Money.of("5.00", "USD"), "other_currency"),
    ],
)
def test_why_not_booked(
    refunds: tuple[Refund, ...], charge: ChargeAttempt, amount: Money, why: str | None
) -> None:
    """What may be one of our own, or is more than there was, is for a person."""
    assert why == why_not_booked(dossier_with(*refunds, charge=charge), charge, told(amount=amount))


def test_booked() -> None:
    """Under names that follow from the processor's, as what has happened; its invoice shows it."""
    charge = attrs.evolve(CHARGE, refund_count=2)
    after, drafts = book_refund(
        dossier_with(charge=charge), charge, told(), NOW + HOUR, namespace="shop", notice_id="evt_1"
    )
    name = ("shop", "elsewhere", "att_1", "re_9")
    expected = Refund(
        id=derive_id("ref", *name),
        attempt_id="att_1",
        invoice_id="inv_1",
        license_id="lic_1",
        account_id="acc_1",
        number=3,
        gateway_id="main",
        request=RefundRequest(
            amount=PART,
            charge_reference="ref_inv_1",
            gateway_ref="ch_1",
            reference=derive_reference(*name),
            idempotency_key=derive_key(*name),
        ),
        state=RefundState.SUCCEEDED,
        decided_at=NOW + HOUR,
        resolved_at=NOW + HOUR,
        result=RefundResult.succeeded(PART, gateway_ref="re_9"),
        elsewhere_ref="re_9",
    )
    assert (expected,) == after.refunds
    assert (charge.refund_decided(),) == after.attempts
    assert (invoice().paid(NOW).with_refund(PART),) == after.invoices
    [draft] = drafts
    assert (EventType.REFUND_MADE_ELSEWHERE, "inv_1") == (draft.type, draft.invoice_id)
    assert {
        "refund_id": expected.id,
        "refund": 3,
        "attempt": 1,
        "amount": "5.00 EUR",
        "gateway_ref": "re_9",
        "notice": "evt_1",
    } == draft.data
    assert ("re_9", "key_ref_1") == (expected.ledger_key, refund().ledger_key)


# -- disputes -----------------------------------------------------------------------------------

OPENED, WON, LOST_IT = DisputeStatus.OPENED, DisputeStatus.WON, DisputeStatus.LOST


def details(status: DisputeStatus = OPENED, **changes: Any) -> DisputeDetails:
    details = DisputeDetails(gateway_ref="dp_1", charge_ref="ch_1", status=status, amount=PART)
    return attrs.evolve(details, **changes)


def step(status: DisputeStatus, *, is_confirmed: bool = True) -> DisputeStep:
    return DisputeStep(status=status, at=NOW + HOUR, notice_id="evt_1", is_confirmed=is_confirmed)


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (OPENED, EventType.DISPUTE_OPENED),
        (WON, EventType.DISPUTE_WON),
        (LOST_IT, EventType.DISPUTE_LOST),
    ],
)
@pytest.mark.parametrize("is_confirmed", [True, False])
def test_first_heard_of(status: DisputeStatus, event: str, *, is_confirmed: bool) -> None:
    """With all that is told of it; the license stays as it is."""
    dossier, later = dossier_with(), NOW + 7 * DAY
    given = details(status, reason="fraudulent", respond_by=later)
    after, (draft,) = put_dispute(
        dossier, CHARGE, given, NOW + HOUR, notice_id="evt_1", is_confirmed=is_confirmed
    )
    dispute = Dispute.first_told(given, step(status, is_confirmed=is_confirmed))
    assert dossier.with_attempt(CHARGE.with_dispute(dispute)) == after
    assert (event, "inv_1") == (draft.type, draft.invoice_id)
    assert {
        "attempt_id": "att_1",
        "dispute": "dp_1",
        "status": status.value,
        "amount": "5.00 EUR",
        "captured": "19.99 EUR",
        "reason": "fraudulent",
        "respond_by": later.isoformat(),
        "confirmed": is_confirmed,
        "notice": "evt_1",
    } == draft.data


def test_of_a_charge_that_captured_nothing_known() -> None:
    """What is not known is said to be so."""
    charge = attempt()
    _, (draft,) = put_dispute(
        dossier_with(charge=charge), charge, details(), NOW, notice_id="evt_1", is_confirmed=True
    )
    assert (None, None, None) == tuple(draft.data[name] for name in ("captured", "reason", "respond_by"))


@pytest.mark.parametrize(
    ("given", "event"),
    [
        (details(), None),
        (details(WON), EventType.DISPUTE_WON),
        (details(reason="general"), EventType.DISPUTE_CHANGED),
        (details(gateway_ref="dp_2"), EventType.DISPUTE_OPENED),
    ],
)
def test_more_is_told(given: DisputeDetails, event: str | None) -> None:
    """The same again is no news; another one of the same charge is one of its own."""
    first = Dispute.first_told(details(), step(OPENED))
    charge = CHARGE.with_dispute(first)
    dossier = dossier_with(charge=charge)
    after, drafts = put_dispute(dossier, charge, given, NOW + HOUR, notice_id="evt_1", is_confirmed=True)
    if event is None:
        assert (dossier, ()) == (after, drafts)
        return
    assert [event] == [draft.type for draft in drafts]
    now_known = {it.gateway_ref: it for it in after.attempts[0].disputes}
    is_new = given.gateway_ref == "dp_2"
    expected = Dispute.first_told(given, step(OPENED)) if is_new else first.told(given, step(given.status))
    assert expected == now_known[given.gateway_ref]
    assert (["dp_1", "dp_2"] if is_new else ["dp_1"]) == list(now_known)
    assert charge.version + 1 == after.attempts[0].version
