"""Every record comes back as it was written, from every store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import attrs
import pytest

from billing_core.accounts.account import CardSetup, Member
from billing_core.accounts.billing_info import BillingInfo
from billing_core.accounts.permissions import Role
from billing_core.advice import Advice
from billing_core.charging.invoice import TaxLine
from billing_core.events import RecordChange
from billing_core.gateways.results import ChargeResult, Outcome
from billing_core.identity.address import Address, AddressPurpose
from billing_core.identity.phone import Phone
from billing_core.identity.tax_id import TaxId
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.licenses.extension import Extension
from billing_core.licenses.license import Cancellation, Pause, PendingChange
from billing_core.stores.port import Change, Store, Wake
from billing_core.testing.clock import ManualClock
from billing_core.values.money import Money
from tests.builders import NOW, account, attempt, card, change, event, invoice, license, plan
from tests.contrib.store_helpers import commit

LATER = NOW + timedelta(days=1)


def test_an_account_comes_back_as_it_was(store: Store) -> None:
    """Members, card, token, billing information and set-ups survive."""
    written = account(
        members=(Member(user_id="ada", role=Role.OWNER), Member(user_id="bob", role=Role.AGENT)),
        cards=(card(), card("card_2", frozen_because=Advice.NEVER)),
        default_card_id="card_1",
        customer_refs={"main": "cus_1"},
        external_id="old-7",
        card_setups=(
            CardSetup(id="set_1", account_id="acc_1", gateway_id="main", session_ref="cs_1", begun_at=NOW),
        ),
        billing_info=BillingInfo(
            name="Ada Lovelace ✨",
            address=Address.parse(
                {"line1": "1 rue de Rivoli", "city": "Paris", "postal_code": "75001", "country": "FR"},
                AddressPurpose.TAX,
            ),
            phone=Phone.parse("+33 1 42 68 53 00"),
            tax_id=TaxId.parse("FR40303265045"),
        ),
    )
    commit(store, change(written))

    assert written == store.account("acc_1")


def test_a_license_comes_back_as_it_was(store: Store) -> None:
    """Terms, coverage, extensions and everything that was asked for survive."""
    written = license(
        coverage=(
            CoverageRow(start=date(2025, 1, 31), end=date(2025, 2, 28), why=CoverageKind.GRANT, term=1),
        ),
        cancellation=Cancellation(requested_at=NOW, effective_on=date(2025, 5, 1), reason="moved on"),
        pause=Pause(start=date(2025, 3, 1)),
        pending_change=PendingChange(quantity=7, plan=plan(trial_days=3), requested_at=NOW),
        extensions=(Extension(granted_at=NOW, until=LATER, days=1, granted_by="sue", reason="card lost"),),
        notices=("renewal_coming:1:1",),
        carried=Money.of("0.10", "EUR"),
        external_id="old-8",
    )
    commit(store, change(account(), written))

    assert written == store.license("lic_1")


def test_an_invoice_comes_back_with_its_number(billed: Store) -> None:
    """Lines, tax, notes and the moment of payment survive, to the microsecond."""
    paid_at = datetime(2025, 1, 31, 9, 0, 0, 123_457, tzinfo=UTC)
    written = invoice(
        tax_lines=(
            TaxLine(
                jurisdiction="FR",
                rate_percent=Decimal("20.00"),
                base=Money.of("19.99", "EUR"),
                amount=Money.of("4.00", "EUR"),
            ),
        ),
        notes=("a note",),
        issued_at=paid_at,
    )
    (result,) = billed.commit([change(written, reads=(license(),))])

    assert (written.numbered(1),) == result.invoices
    assert written.numbered(1) == billed.invoice("inv_1")


def test_an_attempt_comes_back_as_it_was(billed: Store) -> None:
    """The frozen request, the result and the books of uncertain time survive."""
    open_ = attempt()
    commit(billed, change(invoice(), open_, reads=(license(),)))
    declined = ChargeResult.declined(Advice.RETRY_LATER, gateway_code="insufficient_funds")
    written = open_.answered(ChargeResult(outcome=Outcome.UNKNOWN), NOW)
    commit(billed, change(written))
    written = written.answered(declined, LATER)
    commit(billed, change(written))

    assert timedelta(days=1) == written.uncertain_for
    assert written == billed.attempt("att_1")


def test_an_event_comes_back_with_its_sequence(billed: Store) -> None:
    """Actor, data and record changes survive."""
    step = RecordChange(kind="license", id="lic_1", version=2, patch={"notices": {"+": ["x"]}})
    written = event(reason="they asked", data={"amount": "19.99 EUR", "days": 3}).with_changes((step,))
    (result,) = billed.commit([Change(events=(written,))])

    assert (written.at_sequence(1),) == result.events == billed.events(0, 10)


def test_instants_mean_the_same_in_every_zone(billed: Store) -> None:
    """A wake-up given in another zone is the same instant."""
    at = datetime(2025, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    commit(billed, Change(wakes=(Wake("lic_1", at),)))

    assert at == billed.wake_at("lic_1")


@pytest.mark.parametrize(
    "amount",
    [
        Money.of("0.01", "EUR"),
        Money(2**53 + 1, Money.of("1", "EUR").currency),
        Money(2**63 + 1, Money.of("1", "EUR").currency),
        Money(10**40 + 7, Money.of("1", "EUR").currency),
        Money.of(123_456_789_012_345_679, "JPY"),
        Money.of("9007199254740.993", "KWD"),
    ],
    ids=str,
)
def test_amounts_of_any_size_are_exact(store: Store, amount: Money) -> None:
    """Beyond what a float, a JSON parser or a column of 64 bits holds, in 0, 2 and 3 decimals."""
    payer = attrs.evolve(
        account(), currency=amount.currency, balance=Money.zero(amount.currency)
    ).with_balance(amount)
    payer = attrs.evolve(payer, version=1)
    sold = license(plan=plan(amount))
    charged = invoice(of=sold, amount=amount)
    commit(store, change(payer, sold, charged, attempt(at=charged)))

    assert amount == getattr(store.account("acc_1"), "balance", None)
    assert amount == getattr(store.invoice("inv_1"), "amount_due", None)
    assert amount == store.attempt("att_1").request.amount  # type: ignore[union-attr]
    assert amount.amount_minor == store.dossier("lic_1").invoices[0].amount_due.amount_minor  # type: ignore[union-attr]


def test_what_is_not_there_is_none(store: Store) -> None:
    """Asking for an unknown id is no error."""
    asked = (store.account, store.license, store.invoice, store.attempt, store.dossier, store.wake_at)

    assert [None] * 6 == [ask("nobody") for ask in asked]


def test_the_clock_is_the_given_one(store: Store, clock: ManualClock) -> None:
    """Decisions take their time from the store."""
    clock.set("2030-06-01T00:00+00:00")

    assert datetime(2030, 6, 1, tzinfo=UTC) == store.now()
