"""Every record comes back as it was written, to the cent, the microsecond and the last character."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import attrs

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
from billing_core.stores.port import Change, Wake
from billing_core.testing.kit_report import ensure, ensure_equal
from billing_core.testing.store_kit.records import (
    NOW,
    account,
    attempt,
    card,
    change,
    event,
    invoice,
    license,
    plan,
)
from billing_core.testing.store_kit.trial import Trial, ensure_same, store_check
from billing_core.values.money import Money

__all__ = [
    "check_accounts_come_back",
    "check_amounts_of_any_size_are_exact",
    "check_attempts_come_back",
    "check_events_come_back",
    "check_instants_are_aware_and_exact",
    "check_invoices_come_back",
    "check_licenses_come_back",
    "check_time_is_the_clocks",
]

LATER = NOW + timedelta(days=1)
#: Letters with marks, signs of four bytes, a right-to-left word, quotes, a backslash and a percent sign.
UNICODE = 'Ünïcode Ž 北京 ✨ 🧾 שלום O\'Neill "q" \\ %s'

EUR = Money.of("1", "EUR").currency
AMOUNTS = (
    Money.of("0.01", "EUR"),
    Money(2**53 + 1, EUR),
    Money(2**63 + 1, EUR),
    Money(10**40 + 7, EUR),
    Money.of(123_456_789_012_345_679, "JPY"),
    Money.of("9007199254740.993", "KWD"),
)


@store_check
def check_accounts_come_back(trial: Trial) -> None:
    """Members, cards, tokens, billing information in any script, and set-ups survive."""
    address = {"line1": "1 rue de Rivoli", "city": "Paris", "postal_code": "75001", "country": "FR"}
    written = account(
        name=UNICODE,
        members=(Member(user_id="ada", role=Role.OWNER), Member(user_id="bob", role=Role.AGENT)),
        cards=(card(), card("card_2", frozen_because=Advice.NEVER)),
        default_card_id="card_1",
        customer_refs={"main": "cus_1"},
        external_id="old-7",
        card_setups=(
            CardSetup(id="set_1", account_id="acc_1", gateway_id="main", session_ref="cs_1", begun_at=NOW),
        ),
        billing_info=BillingInfo(
            name=UNICODE,
            address=Address.parse(address, AddressPurpose.TAX),
            phone=Phone.parse("+33 1 42 68 53 00"),
            tax_id=TaxId.parse("FR40303265045"),
        ),
    )
    trial.commit(change(written))

    ensure_same(written, trial.store.account("acc_1"), "the account")


@store_check
def check_licenses_come_back(trial: Trial) -> None:
    """Terms, coverage, extensions and everything that was asked for survive."""
    written = license(
        coverage=(
            CoverageRow(start=date(2025, 1, 31), end=date(2025, 2, 28), why=CoverageKind.GRANT, term=1),
        ),
        cancellation=Cancellation(requested_at=NOW, effective_on=date(2025, 5, 1), reason=UNICODE),
        pause=Pause(start=date(2025, 3, 1)),
        pending_change=PendingChange(quantity=7, plan=plan(trial_days=3), requested_at=NOW),
        extensions=(Extension(granted_at=NOW, until=LATER, days=1, granted_by="sue", reason="card lost"),),
        notices=("renewal_coming:1:1",),
        carried=Money.of("0.10", "EUR"),
        external_id="old-8",
    )
    trial.commit(change(account(), written))

    ensure_same(written, trial.store.license("lic_1"), "the license")


@store_check
def check_invoices_come_back(trial: Trial) -> None:
    """Lines, tax, notes and the moment of issue survive."""
    trial.sell()
    tax = TaxLine(
        jurisdiction="FR",
        rate_percent=Decimal("20.00"),
        base=Money.of("19.99", "EUR"),
        amount=Money.of("4.00", "EUR"),
    )
    written = invoice(
        tax_lines=(tax,), notes=("a note", UNICODE), issued_at=datetime(2025, 1, 31, 9, 0, 0, 123_457, UTC)
    )
    (result,) = trial.commit(change(written, reads=(license(),)))

    ensure_equal((written.numbered(1),), result.invoices, "the invoice handed back")
    ensure_same(written.numbered(1), trial.store.invoice("inv_1"), "the invoice")


@store_check
def check_attempts_come_back(trial: Trial) -> None:
    """The frozen request, the result and the books of uncertain time survive."""
    trial.sell()
    open_ = attempt()
    trial.commit(change(invoice(), open_, reads=(license(),)))
    unknown = open_.answered(ChargeResult(outcome=Outcome.UNKNOWN), NOW)
    trial.commit(change(unknown))
    declined = ChargeResult.declined(Advice.RETRY_LATER, gateway_code="insufficient_funds")
    written = unknown.answered(declined, LATER)
    trial.commit(change(written))

    ensure_same(written, trial.store.attempt("att_1"), "the attempt")


@store_check
def check_events_come_back(trial: Trial) -> None:
    """Actor, reason, data and record changes survive."""
    trial.sell()
    step = RecordChange(kind="license", id="lic_1", version=2, patch={"notices": {"+": ["x"]}})
    written = event(reason=UNICODE, data={"amount": "19.99 EUR", "days": 3}).with_changes((step,))
    (result,) = trial.commit(Change(events=(written,)))

    ensure_equal((written.at_sequence(1),), result.events, "the event handed back")
    ensure_equal((written.at_sequence(1),), trial.store.events(0, 10), "the event")


@store_check
def check_instants_are_aware_and_exact(trial: Trial) -> None:
    """A wake-up given in another zone is the same instant, to the microsecond, and never naive."""
    trial.sell()
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    for at in (
        datetime(2025, 3, 1, 1, 30, tzinfo=kathmandu),
        datetime(2025, 10, 26, 1, 0, 0, 999_999, tzinfo=UTC),
        datetime(2099, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    ):
        trial.commit(Change(wakes=(Wake("lic_1", at),)))
        found = trial.store.wake_at("lic_1")
        ensure(
            found is not None and found.tzinfo is not None, f"the wake-up at {at} came back naive: {found}"
        )
        ensure_equal(at, found, "the wake-up")


@store_check
def check_amounts_of_any_size_are_exact(trial: Trial) -> None:
    """Beyond what a float, a JSON parser or a column of 64 bits holds, in 0, 2 and 3 decimals."""
    for number, amount in enumerate(AMOUNTS):
        poor = account(f"acc_{number}", currency=amount.currency, balance=Money.zero(amount.currency))
        rich = attrs.evolve(poor.with_balance(amount), version=1)
        sold = license(f"lic_{number}", rich.id, plan=plan(amount))
        charged = invoice(f"inv_{number}", of=sold, amount=amount)
        trial.commit(change(rich, sold, charged, attempt(f"att_{number}", at=charged)))
        found = trial.dossier(sold.id)

        ensure_equal(amount, found.account.balance, "the balance")
        ensure_equal(amount, found.license.next_price, "the price")
        ensure_equal(amount, found.invoices[0].amount_due, "the amount due")
        ensure_equal(amount, found.attempts[0].request.amount, "the amount of the attempt")
        ensure_equal(
            [int], sorted({type(it.amount_due.amount_minor) for it in found.invoices}, key=str), "its type"
        )


@store_check
def check_time_is_the_clocks(trial: Trial) -> None:
    """Decisions take their time from the store, and the store from its clock."""
    for at in (datetime(2030, 6, 1, tzinfo=UTC), datetime(2020, 1, 1, 0, 0, 0, 1, tzinfo=UTC)):
        trial.clock.set(at)
        now = trial.store.now()
        ensure(now.tzinfo is not None, f"the store's time is naive: {now}")
        ensure_equal(at, now, "the store's time")
