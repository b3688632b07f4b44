"""Plans, licenses, invoices, attempts, events, and dossiers as real life leaves them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from billing_core.accounts.account import Account
from billing_core.charging.apply import Making, apply_step
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice, InvoiceKey, InvoiceLine, InvoiceStatus, TaxLine
from billing_core.charging.next_step import next_step
from billing_core.charging.settle import settle
from billing_core.charging.steps import ChargeInvoice, ResolveAction, ResolveCharge, Step, Wait
from billing_core.events import Event, EventType, RecordChange
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.licenses.extension import Extension
from billing_core.licenses.license import Cancellation, License, Pause, PendingChange, Term
from billing_core.licenses.plan import Plan, PriceModel
from billing_core.policy import BillingPolicy
from billing_core.testing.strategies.gateways import charge_requests, charge_results
from billing_core.testing.strategies.people import accounts, actor_refs, billing_infos, policies
from billing_core.testing.strategies.values import (
    currencies,
    days,
    durations,
    human_texts,
    ids,
    instants,
    intervals,
    monies,
    periods,
    schedules,
    time_zones,
    unit_prices,
)
from billing_core.values.currency import Currency
from billing_core.values.money import Money
from billing_core.values.zones import start_of

__all__ = [
    "attempts",
    "cancellations",
    "controls",
    "coverage_rows",
    "dossiers",
    "events",
    "extensions",
    "invoice_keys",
    "invoice_lines",
    "invoices",
    "licenses",
    "pauses",
    "pending_changes",
    "plans",
    "record_changes",
    "tax_lines",
    "terms",
]

_EVENT_TYPES = sorted(name for key, name in vars(EventType).items() if key.isupper())


def plans(*, currency: Currency | None = None, max_trial_days: int = 30) -> st.SearchStrategy[Plan]:
    """Plan versions, flat and per seat, with and without a trial."""
    return st.builds(
        Plan,
        id=ids(prefix="plan"),
        version=st.integers(1, 9),
        name=human_texts(),
        interval=intervals(max_count=12),
        unit_price=unit_prices(currency=currency),
        price_model=st.sampled_from(PriceModel),
        trial_days=st.integers(0, max_trial_days),
        tax_category=st.just("standard") | ids(),
    )


@st.composite
def terms(draw: st.DrawFn) -> Term:
    """Stretches of periods under one schedule, zone and plan."""
    plan = draw(plans())
    return Term(
        number=draw(st.integers(1, 9)),
        schedule=draw(schedules(interval=plan.interval)),
        first_index=draw(st.integers(0, 40)),
        zone=draw(time_zones()),
        plan=plan,
        quantity=draw(st.integers(1, 10_000)),
    )


@st.composite
def coverage_rows(draw: st.DrawFn) -> CoverageRow:
    """Days that are covered, or are not, and why."""
    period = draw(periods())
    return CoverageRow(
        start=period.start,
        end=period.end,
        why=draw(st.sampled_from(CoverageKind)),
        term=draw(st.integers(1, 9)),
        index=draw(st.none() | st.integers(0, 99)),
        source=draw(st.none() | ids(prefix="inv")),
    )


@st.composite
def extensions(draw: st.DrawFn, *, max_days: int = 14) -> Extension:
    """Access overlays that support granted."""
    granted_at, length = draw(instants()), draw(st.integers(1, max_days))
    return Extension(
        granted_at=granted_at,
        until=granted_at + timedelta(days=length),
        days=length,
        granted_by=draw(ids()),
        reason=draw(human_texts()),
    )


def cancellations() -> st.SearchStrategy[Cancellation]:
    """Ends of licenses, at once or at a day."""
    return st.builds(
        Cancellation,
        requested_at=instants(),
        effective_on=st.none() | days(),
        reason=st.none() | human_texts(),
    )


@st.composite
def controls(draw: st.DrawFn, *, max_epoch: int = 3) -> Controls:
    """What holds for a store as a whole: restored or not, stopped or not."""
    made = Controls()
    for _ in range(draw(st.integers(1, max_epoch)) - 1):
        made = made.in_next_epoch(draw(ids()), draw(instants()))
    return made.stopped(draw(human_texts()), draw(instants())) if draw(st.booleans()) else made


def pauses() -> st.SearchStrategy[Pause]:
    """Rests of licenses, with and without an end."""
    return periods().map(lambda period: Pause(start=period.start, until=period.end)) | st.builds(
        Pause, start=days()
    )


def pending_changes() -> st.SearchStrategy[PendingChange]:
    """What will be different from the next unbilled boundary on."""
    return st.builds(
        PendingChange,
        plan=st.none() | plans(),
        quantity=st.none() | st.integers(1, 100),
        zone=st.none() | time_zones(),
        requested_at=instants(),
    )


@st.composite
def licenses(draw: st.DrawFn, *, account: Account | None = None, start_on: date | None = None) -> License:
    """Licenses just started, of an account or of any; in a trial if their plan has one."""
    zone = account.time_zone if account is not None else draw(time_zones())
    first_day = start_on if start_on is not None else draw(days(max_day=date(2090, 12, 31)))
    return License.start(
        draw(ids(prefix="lic")),
        account.id if account is not None else draw(ids(prefix="acc")),
        draw(plans(currency=account.currency if account is not None else None)),
        quantity=draw(st.integers(1, 100)),
        start_on=first_day,
        time_zone=zone,
        started_at=start_of(first_day, zone) + draw(durations(max_days=1)),
    )


def invoice_keys() -> st.SearchStrategy[InvoiceKey]:
    """Which period of which license is billed."""
    return st.builds(InvoiceKey, ids(prefix="lic"), st.integers(1, 9), st.integers(0, 99), st.integers(0, 3))


def invoice_lines(*, currency: Currency | None = None) -> st.SearchStrategy[InvoiceLine]:
    """Positions of an invoice; no credit among them."""
    of_currency = currencies() if currency is None else st.just(currency)
    return of_currency.flatmap(
        lambda money: st.builds(
            InvoiceLine,
            description=human_texts(),
            quantity=st.integers(1, 100),
            unit_price=unit_prices(currency=money),
            amount=monies(currency=money, min_minor=0, max_minor=10**9),
            period=st.none() | periods(),
        )
    )


def tax_lines(*, currency: Currency | None = None) -> st.SearchStrategy[TaxLine]:
    """Tax at one rate, in percent with up to three digits after the point."""
    of_currency = currencies() if currency is None else st.just(currency)
    return of_currency.flatmap(
        lambda money: st.builds(
            TaxLine,
            jurisdiction=st.sampled_from(("DE", "FR", "PT-20")),
            rate_percent=st.integers(0, 100_000).map(lambda rate: Decimal(rate).scaleb(-3)),
            base=monies(currency=money, min_minor=0, max_minor=10**9),
            amount=monies(currency=money, min_minor=0, max_minor=10**9),
        )
    )


@st.composite
def invoices(draw: st.DrawFn, *, currency: Currency | None = None) -> Invoice:
    """Invoices in every state, with tax, credit and remainders."""
    money = currency if currency is not None else draw(currencies())
    lines = tuple(draw(st.lists(invoice_lines(currency=money), min_size=1, max_size=3)))
    taxes = tuple(draw(st.lists(tax_lines(currency=money), max_size=2)))
    amounts = (*(line.amount for line in lines), *(line.amount for line in taxes))
    total = Money.total(amounts, money).amount_minor
    used = draw(st.integers(0, total))
    key, period = draw(invoice_keys()), draw(periods())
    status = draw(st.sampled_from(InvoiceStatus))
    return Invoice(
        id=draw(ids(prefix="inv")),
        key=key,
        account_id=draw(ids(prefix="acc")),
        license_id=key.license_id,
        seller_id=draw(ids()),
        series=draw(st.sampled_from(("INV", "2025-A"))),
        number=draw(st.none() | st.integers(1, 10**6)),
        period=period,
        lines=lines,
        tax_lines=taxes,
        carried_in=draw(monies(currency=money, min_minor=0, max_minor=99)),
        balance_used=Money(used, money),
        carried_out=Money(draw(st.integers(0, total - used)), money),
        issued_at=draw(instants()),
        due_on=period.start,
        due_at=draw(instants()),
        paid_at=draw(instants()) if status is InvoiceStatus.PAID else None,
        status=status,
        billing_snapshot=draw(st.none() | billing_infos()),
        notes=tuple(draw(st.lists(human_texts(), max_size=2))),
        external_payment=draw(st.none() | ids()),
        version=draw(st.integers(1, 9)),
    )


@st.composite
def attempts(draw: st.DrawFn, *, max_answers: int = 4) -> ChargeAttempt:
    """Charge attempts after some answers of a processor: only states that can be reached."""
    request = draw(charge_requests())
    now = draw(instants(max_at=datetime(2090, 1, 1)))  # noqa: DTZ001 - a bound in UTC
    attempt = ChargeAttempt(
        id=draw(ids(prefix="att")),
        invoice_id=draw(ids(prefix="inv")),
        license_id=draw(ids(prefix="lic")),
        account_id=draw(ids(prefix="acc")),
        number=draw(st.integers(1, 9)),
        gateway_id=draw(ids()),
        card_id=draw(ids(prefix="card")),
        fingerprint=draw(ids(prefix="fp")),
        brand=draw(st.sampled_from(("visa", "mastercard", "amex"))),
        request=request,
        first_sent_at=now,
        last_sent_at=now,
    )
    for result in draw(st.lists(charge_results(amount=request.amount), max_size=max_answers)):
        if not attempt.is_unresolved:
            return attempt.orphaned(result) if draw(st.booleans()) else attempt
        now += draw(durations(max_days=2))
        attempt = attempt.answered(result, now)
    return attempt


def record_changes() -> st.SearchStrategy[RecordChange]:
    """Steps of records to their next versions."""
    values = st.none() | st.integers(-(10**9), 10**9) | ids() | st.lists(ids(), max_size=2)
    return st.builds(
        RecordChange,
        kind=st.sampled_from(("account", "license", "invoice", "attempt", "refund")),
        id=ids(),
        version=st.integers(1, 99),
        patch=st.dictionaries(st.sampled_from(("status", "version", "notes")), values),
    )


def events() -> st.SearchStrategy[Event]:
    """Events of all types."""
    facts: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | ids()
    return st.builds(
        Event,
        id=ids(prefix="evt"),
        type=st.sampled_from(_EVENT_TYPES),
        at=instants(),
        actor=actor_refs(),
        account_id=ids(prefix="acc"),
        license_id=st.none() | ids(prefix="lic"),
        invoice_id=st.none() | ids(prefix="inv"),
        sequence=st.integers(0, 10**9),
        reason=st.none() | human_texts(),
        data=st.dictionaries(st.sampled_from(("amount", "because", "days", "card_id")), facts),
        changes=st.lists(record_changes(), max_size=2).map(tuple),
    )


@st.composite
def dossiers(draw: st.DrawFn, *, max_steps: int = 12, policy: BillingPolicy | None = None) -> Dossier:
    """
    Dossiers that the library itself would make: a license, run for a while against a fickle processor.

    Args:
        max_steps: how many steps to take at most; time passes between them.
        policy: how the vendor bills; any policy, if not given.
    """
    rules = policy if policy is not None else draw(policies())
    account = draw(accounts(min_cards=1, gateway_id="main"))
    license_ = draw(licenses(account=account))
    dossier, now = Dossier.of(account, license_), license_.started_at
    making = Making(namespace="generated", policy=rules)
    for _ in range(draw(st.integers(0, max_steps))):
        step = next_step(dossier, now, rules)
        if not isinstance(step, Wait):
            dossier = _taken(draw, dossier, step, now, making)
        elif step.until is None:
            break
        else:
            now = step.until
    return dossier


def _taken(draw: st.DrawFn, dossier: Dossier, step: Step, now: datetime, making: Making) -> Dossier:
    is_look_up = isinstance(step, ResolveCharge) and step.action is ResolveAction.LOOK_UP
    after = dossier if is_look_up else _numbered(apply_step(step, dossier, now, making)[0])
    attempt = after.unresolved_attempt
    asks = {ResolveAction.LOOK_UP, ResolveAction.RESEND, ResolveAction.CANCEL}
    is_sent = isinstance(step, ChargeInvoice) or (isinstance(step, ResolveCharge) and step.action in asks)
    if attempt is None or not is_sent:
        return after
    answer = draw(charge_results(amount=attempt.request.amount))
    return settle(after, attempt.id, answer, now, making.policy, is_look_up=is_look_up)[0]


def _numbered(dossier: Dossier) -> Dossier:
    """The dossier as a store gives it back: with the invoices' numbers."""
    for number, invoice in enumerate(dossier.invoices, start=1):
        if invoice.number is None:
            dossier = dossier.with_invoice(invoice.numbered(number))
    return dossier
