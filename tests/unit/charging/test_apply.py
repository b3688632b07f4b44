"""Steps carried out on the dossier: records, keys, money and events."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs
import pytest

from billing_core.accounts.billing_info import check_billing_info
from billing_core.charging.apply import Making, apply_step
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.invoice import TaxLine
from billing_core.charging.next_step import next_step
from billing_core.charging.steps import (
    Because,
    IssueInvoice,
    ResolveAction,
    ResolveCharge,
    VoidInvoice,
    Wait,
)
from billing_core.charging.taxes import TaxAssessment
from billing_core.events import EventType
from billing_core.gateways.results import StoredCredential
from billing_core.policy import BillingPolicy
from billing_core.values.money import Money
from tests.charging_builders import (
    JAN_31,
    PRICE,
    account_with,
    an_attempt,
    card_named,
    dossier_of,
    driven,
    license_of,
    monthly,
    paris,
    sent,
)

NOW = paris(JAN_31)
POLICY = BillingPolicy(renewal_notice_days=0, invoice_series="ADA")
MAKING = Making(namespace="test", policy=POLICY)
WHY = Because("test")


def resolve(action: ResolveAction) -> ResolveCharge:
    return ResolveCharge(because=WHY, attempt_id="att_1", action=action)


def issued(dossier, making: Making = MAKING):
    """The dossier after its due period was billed, with the events' types."""
    step = next_step(dossier, NOW, POLICY)
    assert isinstance(step, IssueInvoice)
    after, drafts = apply_step(step, dossier, NOW, making)
    return after, [draft.type for draft in drafts]


# -- invoices -----------------------------------------------------------------------------------


def test_invoice_of_a_period() -> None:
    """One line, frozen with the customer's details of that day; due on the first day of its period."""
    info = check_billing_info(
        {
            "name": "Ada Ltd",
            "country": "FR",
            "line1": "1 rue de Rivoli",
            "postal_code": "75001",
            "city": "Paris",
        },
        POLICY,
    ).unwrap()
    dossier = dossier_of(license_of(quantity=3), account_with(card_named(), billing_info=info))
    after, types = issued(dossier)
    [invoice] = after.invoices
    assert [EventType.INVOICE_ISSUED] == types
    assert (Money.of("60.00", "EUR"), 3, "team") == (
        invoice.total,
        invoice.lines[0].quantity,
        invoice.lines[0].description,
    )
    assert (date(2025, 1, 31), NOW, NOW, "ADA", None) == (
        invoice.due_on,
        invoice.due_at,
        invoice.issued_at,
        invoice.series,
        invoice.number,
    )
    assert info is invoice.billing_snapshot


def test_tax_is_added_and_paid() -> None:
    """Lines plus tax are the total, and the card pays the total."""
    line = TaxLine(jurisdiction="FR", rate_percent=Decimal(20), base=PRICE, amount=Money.of("4.00", "EUR"))
    taxed = attrs.evolve(MAKING, tax=TaxAssessment(lines=(line,), notes=("reverse charge",)))
    after, _ = issued(dossier_of(), taxed)
    [invoice] = after.invoices
    assert [Money.of(amount, "EUR") for amount in ("20.00", "4.00", "24.00", "24.00")] == [
        invoice.net,
        invoice.tax,
        invoice.total,
        invoice.amount_due,
    ]
    assert ("reverse charge",) == invoice.notes


def test_voided_period_can_be_billed_again() -> None:
    """Under the next revision of the same key, and so under other ids and keys."""
    once, _ = issued(dossier_of())
    void, drafts = apply_step(VoidInvoice(because=WHY, invoice_id=once.invoices[0].id), once, NOW, MAKING)
    assert [EventType.INVOICE_VOIDED] == [draft.type for draft in drafts]
    twice, _ = issued(void)
    first, second = twice.invoices
    assert [0, 1] == [first.key.revision, second.key.revision]
    assert first.id != second.id


def test_zero_amount_has_all_its_events() -> None:
    """Issued, paid and renewed at once."""
    _, types = issued(dossier_of(license_of(monthly(Money.zero("EUR")))))
    assert [EventType.INVOICE_ISSUED, EventType.INVOICE_PAID, EventType.LICENSE_RENEWED] == types


# -- attempts and their keys ------------------------------------------------------------------------


def test_request_is_frozen_and_complete() -> None:
    """Amount, card, the processor's customer, and what AVS and the networks want to know."""
    info = check_billing_info(
        {
            "name": "Ada",
            "country": "US",
            "line1": "1 Main St",
            "city": "Austin",
            "region": "TX",
            "postal_code": "73301",
        },
        POLICY,
    ).unwrap()
    account = account_with(
        card_named(network_transaction_id="net_1"), billing_info=info, customer_refs={"main": "cus_1"}
    )
    request = sent(dossier_of(account=account), NOW, POLICY).attempts[0].request
    assert (PRICE, "tok_card_1", "cus_1", "team 2025-01-31/2025-02-28") == (
        request.amount,
        request.card.value,
        request.customer_ref,
        request.description,
    )
    assert StoredCredential(initial_network_transaction_id="net_1") == request.stored_credential
    assert info.country == request.billing.country
    assert request.billing.avs is not None


def test_keys_come_from_what_is_paid_for() -> None:
    """The same period gives the same ids and keys, in any run; another environment gives others."""
    here, again, elsewhere = (charged(namespace) for namespace in ("live", "live", "staging"))
    assert here == again
    assert here.id != elsewhere.id
    assert here.request.idempotency_key != elsewhere.request.idempotency_key
    assert here.request.reference != elsewhere.request.reference


def charged(namespace: str) -> ChargeAttempt:
    making = Making(namespace=namespace, policy=POLICY)
    billed, _ = issued(dossier_of(), making)
    after, _ = apply_step(next_step(billed, NOW, POLICY), billed, NOW, making)
    return after.attempts[0]


# -- what is resolved ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "state", "after", "event"),
    [
        (ResolveAction.RESEND, AttemptState.UNKNOWN, AttemptState.UNKNOWN, EventType.CHARGE_RESENT),
        (ResolveAction.VOID, AttemptState.UNKNOWN, AttemptState.VOID, EventType.CHARGE_VOIDED),
        (ResolveAction.HOLD, AttemptState.PENDING, AttemptState.HELD, EventType.CHARGE_HELD),
        (
            ResolveAction.CANCEL,
            AttemptState.REQUIRES_ACTION,
            AttemptState.REQUIRES_ACTION,
            EventType.CHARGE_CALLED_OFF,
        ),
        (
            ResolveAction.END_ACTION,
            AttemptState.REQUIRES_ACTION,
            AttemptState.DECLINED,
            EventType.CHARGE_DECLINED,
        ),
    ],
)
def test_resolution_is_put_on_record(
    action: ResolveAction, state: AttemptState, after: AttemptState, event: str
) -> None:
    """Each with its event and its reason, before anybody is called."""
    dossier = dossier_of(attempts=(an_attempt(state),))
    changed, (draft,) = apply_step(resolve(action), dossier, NOW, MAKING)
    assert (after, event, "inv_1") == (changed.attempts[0].state, draft.type, draft.invoice_id)
    assert {"attempt": 1, "because": "test"}.items() <= draft.data.items()
    assert dossier.attempts[0].version + 1 == changed.attempts[0].version


def test_steps_that_change_nothing_are_not_carried_out() -> None:
    """A wait does nothing, and a look-up only asks."""
    dossier = dossier_of(attempts=(an_attempt(AttemptState.UNKNOWN),))
    with pytest.raises(TypeError, match="wait"):
        apply_step(Wait(because=WHY, until=None), dossier, NOW, MAKING)
    with pytest.raises(TypeError, match="look_up"):
        apply_step(resolve(ResolveAction.LOOK_UP), dossier, NOW, MAKING)


def test_every_step_of_a_long_life_has_an_event() -> None:
    """Whatever changes a record says so."""
    dossier = dossier_of(license_of(monthly(trial_days=14)), account_with())
    for day in ("2025-02-07", "2025-02-14", "2025-02-21", "2025-06-14"):
        for _ in range(20):
            step = next_step(dossier, paris(day), BillingPolicy())
            if isinstance(step, Wait):
                break
            changed, drafts = apply_step(step, dossier, paris(day), MAKING)
            assert (True, True) == (bool(drafts), changed != dossier)
            dossier = changed
    assert driven(dossier, paris("2025-06-15"))[1][-1].because.rule == "no_card"
