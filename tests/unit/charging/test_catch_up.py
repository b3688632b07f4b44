"""What is billed when a license comes back after missed periods."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest

from billing_core.advice import Advice
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import InvoiceStatus
from billing_core.charging.next_step import next_step
from billing_core.charging.steps import Wait
from billing_core.gateways.results import ChargeResult
from billing_core.licenses.coverage import CoverageKind
from billing_core.licenses.extension import Extension
from billing_core.licenses.license import PendingChange
from billing_core.policy import BillingPolicy, CatchUp
from billing_core.values.money import Money
from billing_core.values.schedule import Interval, RenewalSchedule
from tests.charging_builders import (
    JAN_31,
    PRICE,
    account_with,
    answering,
    card_named,
    covered,
    dossier_of,
    driven,
    kinds,
    license_of,
    monthly,
    paris,
    reasons,
    yearly,
)

DUE = paris(JAN_31)
DAY = timedelta(days=1)
CALM = BillingPolicy(grace_days=7, renewal_notice_days=0)
NEW_CARD = ChargeResult.declined(Advice.NEW_CARD)


def policy_of(catch_up: CatchUp, **changes: int) -> BillingPolicy:
    return attrs.evolve(CALM, catch_up=catch_up, **changes)  # type: ignore[arg-type]


def back_on(
    day: str, policy: BillingPolicy, dossier: Dossier | None = None
) -> tuple[Dossier, list[str], list[str]]:
    """Unpaid since 31 January, with a new card on a later day: the steps, and the days that were paid for."""
    start = dossier if dossier is not None else dossier_of()
    unpaid, _ = driven(start, DUE, policy, answering(NEW_CARD))
    unpaid = unpaid.with_account(unpaid.account.with_card(card_named("card_2")))
    back, steps = driven(unpaid, paris(day), policy)
    paid = [str(row.period) for row in back.license.coverage if row.why is CoverageKind.CHARGE]
    return back, kinds(steps), paid


@pytest.mark.parametrize("catch_up", CatchUp)
def test_within_the_first_missed_period(catch_up: CatchUp) -> None:
    """Nothing was missed yet: the unpaid invoice is charged, with its own days."""
    _, steps, paid = back_on("2025-02-27", policy_of(catch_up))
    assert (["charge", "wait"], ["2025-01-31/2025-02-28"]) == (steps, paid)


@pytest.mark.parametrize(
    ("day", "lapse", "paid"),
    [
        ("2025-02-28", "2025-01-31/2025-02-28", "2025-02-28/2025-03-31"),
        ("2025-03-30", "2025-01-31/2025-02-28", "2025-02-28/2025-03-31"),
        ("2025-03-31", "2025-01-31/2025-03-31", "2025-03-31/2025-04-30"),
        ("2025-08-15", "2025-01-31/2025-07-31", "2025-07-31/2025-08-31"),
    ],
)
def test_bill_current(day: str, lapse: str, paid: str) -> None:
    """Periods without service lapse, whole; the one that today lies in is billed, from its own boundary."""
    back, steps, rows = back_on(day, policy_of(CatchUp.BILL_CURRENT))
    assert ["skip_periods", "issue_invoice", "charge", "wait"] == steps
    assert [paid] == rows
    assert [lapse] == [str(row.period) for row in back.license.coverage if row.why is CoverageKind.LAPSE]
    assert [InvoiceStatus.VOID, InvoiceStatus.PAID] == [invoice.status for invoice in back.invoices]
    assert [PRICE, PRICE] == [attempt.request.amount for attempt in back.attempts]


@pytest.mark.parametrize("catch_up", [CatchUp.BILL_CURRENT, CatchUp.RESTART])
def test_what_was_carried_outlives_the_lapse(catch_up: CatchUp) -> None:
    """The void invoice had taken in 0.20 that an earlier one left over: the next one takes it in again."""
    carrying = dossier_of(license_of().with_carried(Money.of("0.20", "EUR")))
    back, _, _ = back_on("2025-03-15", policy_of(catch_up), carrying)
    assert ["20.20", "20.20"] == [str(attempt.request.amount.amount) for attempt in back.attempts]
    assert back.license.carried is None


def test_bill_each() -> None:
    """Every missed period, oldest first; the open invoice stays what it is."""
    back, steps, paid = back_on("2025-04-10", policy_of(CatchUp.BILL_EACH))
    assert ["charge", "issue_invoice", "charge", "issue_invoice", "charge", "wait"] == steps
    assert ["2025-01-31/2025-02-28", "2025-02-28/2025-03-31", "2025-03-31/2025-04-30"] == paid
    assert {InvoiceStatus.PAID} == {invoice.status for invoice in back.invoices}


def test_restart() -> None:
    """A new term starts today, and its periods count from today."""
    back, steps, paid = back_on("2025-04-10", policy_of(CatchUp.RESTART))
    assert ["skip_periods", "issue_invoice", "charge", "wait"] == steps
    assert ["2025-04-10/2025-05-10"] == paid
    assert (2, RenewalSchedule(date(2025, 4, 10), Interval.monthly())) == (
        back.license.term.number,
        back.license.term.schedule,
    )
    assert (2, 0) == (back.invoices[-1].key.term, back.invoices[-1].key.index)


def test_no_invoice_is_issued_for_days_without_service() -> None:
    """A host that was down for months, and a license that nobody could use."""
    dossier = dossier_of(covered(license_of()))
    back, steps = driven(dossier, paris("2025-06-15"), policy_of(CatchUp.BILL_CURRENT))
    assert ["skip_periods", "issue_invoice", "charge", "wait"] == kinds(steps)
    assert (date(2025, 6, 30), 1) == (back.license.paid_until, len(back.invoices))


def test_nothing_lapses_without_a_card() -> None:
    """The open invoice stays; periods go by without another one, and without a step."""
    policy = policy_of(CatchUp.BILL_CURRENT)
    dossier, _ = driven(dossier_of(account=account_with()), DUE, policy)
    for days in range(1, 200, 7):
        dossier, _ = driven(dossier, DUE + days * DAY, policy)
    assert (1, ()) == (len(dossier.invoices), dossier.license.coverage)


def test_nothing_is_billed_for_a_period_that_is_over() -> None:
    """Without a card, and looked at for the first time when the period had gone by."""
    dossier, steps = driven(
        dossier_of(account=account_with()), paris("2025-03-15"), policy_of(CatchUp.BILL_CURRENT)
    )
    assert ((), "no_card") == (dossier.invoices, steps[-1].because.rule)


def test_past_due_with_a_long_grace_is_billed() -> None:
    """Whoever was served owes each period, in any case."""
    policy = policy_of(CatchUp.BILL_CURRENT, grace_days=100)
    _, steps, paid = back_on("2025-04-10", policy)
    assert ["2025-01-31/2025-02-28", "2025-02-28/2025-03-31", "2025-03-31/2025-04-30"] == paid
    assert "skip_periods" not in steps


def test_decline_after_a_lapse() -> None:
    """The current period has no grace, and its retry days count from its own due day."""
    policy = policy_of(CatchUp.BILL_CURRENT)
    unpaid, _ = driven(dossier_of(), DUE, policy, answering(NEW_CARD))
    unpaid = unpaid.with_account(unpaid.account.with_card(card_named("card_2")))
    back, steps = driven(
        unpaid, paris("2025-03-01"), policy, answering(ChargeResult.declined(Advice.RETRY_LATER))
    )
    assert ["skip_periods", "issue_invoice", "charge", "wait"] == kinds(steps)
    assert isinstance(steps[-1], Wait)
    assert paris("2025-03-03") == steps[-1].until
    assert date(2025, 2, 28) == back.invoices[-1].due_on


@pytest.mark.parametrize(("day", "expected"), [("2025-03-02", "charge"), ("2025-03-03", "wait")])
def test_catch_up_limit(day: str, expected: str) -> None:
    """An unpaid license older than the limit is not charged by itself, not even after a card update."""
    _, steps, _ = back_on(day, policy_of(CatchUp.BILL_EACH, catch_up_days_max=30))
    assert expected in steps[:2]
    assert (expected == "charge") is ("charge" in steps)


def test_catch_up_limit_is_for_expired_licenses_only() -> None:
    """One that is still served is charged, however old its debt is."""
    _, steps, _ = back_on("2025-03-15", policy_of(CatchUp.BILL_EACH, catch_up_days_max=0, grace_days=60))
    assert "charge" in steps


def test_beyond_the_limit_the_owner_still_hears_of_the_extension() -> None:
    """The expiry is on record, and the end of an extension is announced."""
    policy = policy_of(CatchUp.BILL_CURRENT, catch_up_days_max=30)
    now = paris("2025-05-01")
    extension = Extension(granted_at=now, until=now + 3 * DAY, days=3, granted_by="sam", reason="lost card")
    dossier = dossier_of(covered(license_of()).with_extension(extension))
    dossier, steps = driven(dossier, now, policy)
    assert (["grace_over", "catch_up_limit"], now + 2 * DAY) == (
        reasons(steps),
        steps[-1].until if isinstance(steps[-1], Wait) else None,
    )
    assert ["extension_ending", "catch_up_limit"] == reasons(driven(dossier, now + 2 * DAY, policy)[1])


@pytest.mark.parametrize("catch_up", [CatchUp.BILL_CURRENT, CatchUp.RESTART])
def test_pending_change_outlives_the_lapse(catch_up: CatchUp) -> None:
    """What was asked for holds from the first period that is billed again."""
    asked = PendingChange(plan=yearly(), zone="Asia/Tokyo", quantity=2, requested_at=DUE)
    unpaid, _ = driven(dossier_of(), DUE, policy_of(catch_up), answering(NEW_CARD))
    unpaid = unpaid.with_license(unpaid.license.with_pending_change(asked))
    unpaid = unpaid.with_account(unpaid.account.with_card(card_named("card_2")))
    back, steps = driven(unpaid, paris("2025-03-15"), policy_of(catch_up))
    assert ["skip_periods", "start_term", "issue_invoice", "charge", "wait"] == kinds(steps)
    assert (None, "team_year", "Asia/Tokyo", 2) == (
        back.license.pending_change,
        back.license.plan.id,
        back.license.term.zone,
        back.license.quantity,
    )
    expected = "2025-03-15" if catch_up is CatchUp.RESTART else "2025-02-28"
    assert expected == str(back.invoices[-1].due_on)


def test_extension_ending_is_announced_once_even_if_a_missed_period_is_paid() -> None:
    """An old debt that is paid off does not make the announcement news again."""
    policy = policy_of(CatchUp.BILL_EACH)
    now = paris("2025-05-01")
    extension = Extension(granted_at=now, until=now + DAY, days=1, granted_by="sam", reason="lost card")
    unpaid = dossier_of(license_of(monthly()).with_extension(extension), account_with())
    unpaid, steps = driven(unpaid, now, policy)
    assert "extension_ending" in reasons(steps)
    unpaid = unpaid.with_account(account_with(card_named()))
    _, steps = driven(
        unpaid, now + timedelta(hours=1), policy, answering(ChargeResult.succeeded(PRICE), NEW_CARD)
    )
    assert "extension_ending" not in reasons(steps)


def test_wait_while_nothing_can_be_charged() -> None:
    """Expired, without a card: until somebody changes something."""
    dossier, _ = driven(
        dossier_of(account=account_with()), paris("2025-03-15"), policy_of(CatchUp.BILL_CURRENT)
    )
    wait = next_step(dossier, paris("2025-03-16"), policy_of(CatchUp.BILL_CURRENT))
    assert isinstance(wait, Wait)
    assert wait.until is None
