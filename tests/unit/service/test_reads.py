"""Pages by keyset, events without gaps, views."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from billing_core.advice import Advice
from billing_core.charging.invoice import InvoiceStatus
from billing_core.charging.status import Access, LicenseStatus
from billing_core.errors import InvalidInput
from billing_core.licenses.plan import Plan
from billing_core.stores.port import AttemptFilter, InvoiceFilter, LicenseFilter, Page
from billing_core.values.money import Money
from tests.unit.service.stage import ADA, PRICE, SYSTEM, TEAM, Stage, at


def _many() -> Stage:
    stage = Stage()
    for name in ("Ada", "Bob", "Cyd"):
        account = stage.open(name)
        for _ in range(3):
            stage.subscribe(stage.billing.account(account.id))
    stage.billing.run_due()
    return stage


PAGES: dict[str, Callable[[Stage, str | None, int], Page[Any]]] = {
    "accounts": lambda s, after, limit: s.billing.accounts(after=after, limit=limit),
    "licenses": lambda s, after, limit: s.billing.licenses(after=after, limit=limit),
    "invoices": lambda s, after, limit: s.billing.invoices(after=after, limit=limit),
    "attempts": lambda s, after, limit: s.billing.attempts(after=after, limit=limit),
}


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("limit", [1, 2, 3, 9, 100])
def test_pages_hold_each_record_once(kind: str, limit: int) -> None:
    """Whatever the size of the page, and whatever is added before the reader's place."""
    stage = _many()
    seen: list[str] = []
    after: str | None = None
    while True:
        page = PAGES[kind](stage, after, limit)
        assert limit >= len(page.items)
        seen.extend(record.id for record in page.items)
        if page.next is None:
            break
        after = page.next
    assert (3 if kind == "accounts" else 9) == len(seen)
    assert sorted(set(seen)) == seen


@pytest.mark.parametrize("kind", [*PAGES, "needs_attention", "events"])
@pytest.mark.parametrize("limit", [0, -1, 1001, 1.0, True, None])
def test_wrong_limit(kind: str, limit: Any) -> None:
    """1 to 1000."""
    with pytest.raises(InvalidInput, match="limit"):
        getattr(Stage().billing, kind)(limit=limit)


def test_filters() -> None:
    """By account, license, status and need of a person."""
    stage = _many()
    billing = stage.billing
    account = billing.accounts().items[0]
    mine = billing.licenses(LicenseFilter(account_id=account.id)).items
    assert 3 == len(mine)
    assert 1 == len(billing.invoices(InvoiceFilter(license_id=mine[0].id)).items)
    assert 9 == len(billing.invoices(InvoiceFilter(status=InvoiceStatus.PAID)).items)
    assert 3 == len(billing.attempts(AttemptFilter(account_id=account.id)).items)
    assert 0 == len(billing.needs_attention(AttemptFilter(account_id=account.id)).items)


def test_events_without_gaps() -> None:
    """A consumer that remembers its place sees every event once, in order."""
    stage = _many()
    everything = stage.billing.events()
    assert list(range(1, len(everything) + 1)) == [event.sequence for event in everything]
    seen: list[Any] = []
    while True:
        events = stage.billing.events(after=seen[-1].sequence if seen else 0, limit=7)
        if not events:
            break
        seen.extend(events)
    assert list(everything) == seen
    assert len(everything) == len({event.id for event in everything})


def test_books_of_more_than_one_page() -> None:
    """All records are gathered, and the books are sound."""
    stage = Stage()
    account = stage.open()
    stage.add_card(account.id)
    for _ in range(205):
        stage.billing.choose_plan(account.id, TEAM, quantity=3, actor=ADA)
    books = stage.billing.books()
    assert (1, 205, None) == (len(books.accounts), len(books.licenses), books.ledger)
    assert books.events is not None
    assert 205 + 5 == len(books.events)
    stage.ensure_sound()


def test_view_through_a_life() -> None:
    """Status, access, what is owed and what comes next, as of now."""
    stage = Stage()
    account = stage.open()
    trial = Plan.monthly("team", price_per_seat=Money.of("19.99", "EUR"), trial_days=14)
    stage.add_card(account.id)
    license = stage.billing.choose_plan(account.id, trial, quantity=3, actor=ADA)
    view = stage.billing.license_view(license.id)
    assert (LicenseStatus.TRIALING, Access.FULL, date(2025, 2, 14), PRICE) == (
        view.status,
        view.access,
        view.next_charge_on,
        view.next_charge_amount,
    )
    assert ("visa ····4242", None, Money.zero(account.currency)) == (
        view.card,
        view.expires_at,
        view.amount_due,
    )
    stage.clock.set("2025-02-14T00:00+01:00")
    stage.gateway.next_charge_declines(Advice.RETRY_LATER)
    stage.billing.run_due()
    view = stage.billing.license_view(license.id)
    assert (LicenseStatus.PAST_DUE, PRICE, date(2025, 2, 15)) == (
        view.status,
        view.amount_due,
        view.next_charge_on,
    )
    assert (at("2025-02-21T00:00+01:00"), PRICE) == (view.expires_at, view.next_charge_amount)
    assert "retry_planned" == view.because.rule


def test_view_of_a_license_that_nothing_will_pay() -> None:
    """No card, a frozen card: no charge is announced that will not come."""
    stage = Stage()
    account = stage.open()
    bare = stage.billing.choose_plan(account.id, TEAM, actor=ADA, start_on=date(2025, 3, 1))
    assert (None, None, None) == (
        stage.billing.license_view(bare.id).next_charge_on,
        stage.billing.license_view(bare.id).next_charge_amount,
        stage.billing.license_view(bare.id).card,
    )
    stage.add_card(account.id)
    assert date(2025, 3, 1) == stage.billing.license_view(bare.id).next_charge_on
    frozen = stage.subscribe(stage.billing.account(account.id))
    stage.gateway.next_charge_declines(Advice.NEVER)
    stage.billing.run_due()
    assert None is stage.billing.license_view(bare.id).next_charge_on
    assert None is stage.billing.license_view(frozen.id).next_charge_on


def test_view_with_a_pending_change() -> None:
    """The next charge is announced at its coming price and quantity."""
    stage = Stage()
    license = stage.subscribe()
    stage.billing.run_due()
    assert PRICE == stage.billing.license_view(license.id).next_charge_amount
    stage.billing.change_plan(license.id, quantity=5, actor=ADA)
    assert TEAM.price_for(5) == stage.billing.license_view(license.id).next_charge_amount
    stage.billing.change_plan(license.id, Plan.monthly("big", price=Money.of(99, "EUR")), actor=ADA)
    assert Money.of(99, "EUR") == stage.billing.license_view(license.id).next_charge_amount


def test_view_of_a_canceled_license() -> None:
    """Nothing comes next."""
    stage = Stage()
    license = stage.subscribe()
    stage.billing.run_due()
    stage.billing.cancel(license.id, actor=ADA, at_period_end=False)
    assert None is stage.billing.license_view(license.id).next_charge_on
    stage.billing.import_license(
        license.account_id,
        TEAM,
        external_id="x",
        anchor=date(2025, 1, 1),
        paid_until=date(2025, 2, 1),
        actor=SYSTEM,
    )
    stage.ensure_sound()
