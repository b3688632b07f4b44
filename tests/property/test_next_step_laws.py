"""
Laws of the one decision, over random lives of a license.

A life is a license, a policy and a gateway, and things that happen at random
instants: cards come and go, plans and zones change, support grants an
extension, the owner cancels, and the processor answers as it likes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_core.accounts.account import Account
from billing_core.accounts.saved_card import CardExpiry
from billing_core.advice import Advice
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import InvoiceStatus
from billing_core.charging.next_step import next_step
from billing_core.charging.status import Access, LicenseStatus, access_at, status_at
from billing_core.charging.steps import ChargeInvoice, ResolveCharge, Step, Wait
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation, RetryOwner
from billing_core.gateways.results import ActionRequired, ChargeNotFound, ChargeRequest, ChargeResult
from billing_core.licenses.coverage import CoverageKind
from billing_core.licenses.extension import Extension
from billing_core.licenses.license import Cancellation, License, Pause, PendingChange
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy, CancelUncertain, CatchUp, TrialEnd
from billing_core.values.money import Money
from billing_core.values.schedule import Interval
from billing_core.values.zones import local_date
from tests.charging_builders import account_with, asks, card_named, carry_out, license_of

ZONES = ("UTC", "Europe/Paris", "Africa/Cairo", "America/Santiago", "Asia/Beirut", "Pacific/Kiritimati")
ANCHORS = (date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 30), date(2024, 10, 27), date(2024, 12, 1))
WHOLE_LIFE = timedelta(days=420)
TICK = timedelta(microseconds=1)

LIVES = settings(max_examples=settings().max_examples // 2)


def eur(minor: int) -> Money:
    return Money(minor, Money.zero("EUR").currency)


plans = st.builds(
    Plan,
    id=st.sampled_from(["small", "big"]),
    interval=st.sampled_from(
        [Interval.monthly(), Interval.monthly(), Interval.yearly(), Interval.weekly(2), Interval.monthly(3)]
    ),
    unit_price=st.sampled_from([0, 20, 1999, 100_000]).map(eur),
    trial_days=st.sampled_from([0, 0, 14]),
)

policies = st.builds(
    BillingPolicy,
    grace_days=st.sampled_from([0, 1, 7, 45]),
    initial_grace_days=st.sampled_from([None, 0, 2]),
    retry_days=st.sampled_from([(), (1, 3, 5), (2, 40)]),
    catch_up=st.sampled_from(CatchUp),
    catch_up_days_max=st.sampled_from([0, 40, 366]),
    renewal_notice_days=st.sampled_from([0, 1, 7]),
    extension_notice_days=st.sampled_from([0, 1]),
    trial_end=st.sampled_from(TrialEnd),
    cancel_uncertain=st.sampled_from(CancelUncertain),
)

gateways = st.builds(
    Capabilities,
    grade=st.sampled_from(GatewayGrade),
    operations=st.sampled_from(
        [frozenset({Operation.FIND_CHARGE}), frozenset({Operation.FIND_CHARGE, Operation.CANCEL_CHARGE})]
    ),
    minimum_amounts=st.sampled_from([{}, {"EUR": 50}]),
    retry_owner=st.sampled_from([RetryOwner.LIBRARY, RetryOwner.LIBRARY, RetryOwner.GATEWAY]),
)

accounts = st.sampled_from(
    [
        account_with(),
        account_with(card_named()),
        account_with(card_named()),
        account_with(card_named(expires=CardExpiry(2024, 6)), balance=eur(2500)),
        account_with(balance=eur(30)),
    ]
)


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    license = license_of(
        draw(plans),
        draw(st.sampled_from(ANCHORS)),
        zone=draw(st.sampled_from(ZONES)),
        quantity=draw(st.integers(1, 3)),
    )
    return Dossier.of(draw(accounts), license, gateways={"main": draw(gateways)})


# -- what happens ------------------------------------------------------------------------

Happening = Callable[[Dossier, datetime], Dossier]


def new_card(dossier: Dossier, now: datetime) -> Dossier:
    return dossier.with_account(dossier.account.with_card(card_named(f"card_{dossier.account.version}")))


def no_card(dossier: Dossier, now: datetime) -> Dossier:
    card = dossier.account.default_card
    return dossier if card is None else dossier.with_account(dossier.account.without_card(card.id))


def cancel(dossier: Dossier, now: datetime, *, at_once: bool) -> Dossier:
    license = dossier.license
    if license.cancellation is not None:
        return dossier
    day = None if at_once or now >= license.due_at else license.paid_until
    return dossier.with_license(license.with_cancellation(Cancellation(requested_at=now, effective_on=day)))


def extend(dossier: Dossier, now: datetime) -> Dossier:
    extension = Extension(
        granted_at=now, until=now + timedelta(days=3), days=3, granted_by="sam", reason="lost card"
    )
    return dossier.with_license(dossier.license.with_extension(extension))


def change(dossier: Dossier, now: datetime, **what: Any) -> Dossier:
    if dossier.license.cancellation is not None:
        return dossier
    asked = PendingChange(requested_at=now, **what)
    return dossier.with_license(dossier.license.with_pending_change(asked))


def pause(dossier: Dossier, now: datetime) -> Dossier:
    today = dossier.today(now)
    rest = Pause(start=today + timedelta(days=1), until=today + timedelta(days=20))
    return dossier.with_license(attrs.evolve(dossier.license, pause=rest))


def nothing(dossier: Dossier, now: datetime) -> Dossier:
    return dossier


happenings: st.SearchStrategy[Happening] = st.one_of(
    st.sampled_from([nothing, nothing, new_card, no_card, extend, pause]),
    st.booleans().map(lambda at_once: lambda dossier, now: cancel(dossier, now, at_once=at_once)),
    plans.map(lambda plan: lambda dossier, now: change(dossier, now, plan=plan)),
    st.sampled_from(ZONES).map(lambda zone: lambda dossier, now: change(dossier, now, zone=zone)),
    st.integers(1, 3).map(lambda seats: lambda dossier, now: change(dossier, now, quantity=seats)),
)

gaps = st.one_of(
    st.sampled_from([timedelta(0), TICK, timedelta(minutes=5), timedelta(hours=6)]),
    st.integers(1, 60).map(lambda days: timedelta(days=days)),
)

answers = st.one_of(
    st.just("approve"),
    st.sampled_from(
        [
            ChargeResult.declined(Advice.RETRY_LATER),
            ChargeResult.declined(Advice.RETRY_LATER, not_before=timedelta(days=2)),
            ChargeResult.declined(Advice.NEW_CARD),
            ChargeResult.declined(Advice.NEVER),
            ChargeResult.unknown("timeout"),
            ChargeResult.pending(),
            ChargeResult.not_attempted(),
            ChargeResult.not_attempted(retry_after=timedelta(0)),
            ChargeResult.requires_action(ActionRequired()),
            ChargeResult.succeeded(eur(1)),
            ChargeNotFound(),
        ]
    ),
)


@attrs.define
class Life:
    """One license, and what came of it."""

    dossier: Dossier
    policy: BillingPolicy
    now: datetime
    answers: list[Any]
    steps: list[tuple[datetime, Step]] = attrs.field(factory=list)
    #: All records that ever were, by id: a store keeps what a dossier drops.
    invoices: dict[str, Any] = attrs.field(factory=dict)

    def go_on(self) -> Wait:
        """Do everything that is due now."""
        for _ in range(300):
            step = next_step(self.dossier, self.now, self.policy)
            if isinstance(step, Wait):
                return step
            self.steps.append((self.now, step))
            self.dossier, drafts = carry_out(self.dossier, step, self.now, self.policy, self._answer)
            assert drafts or asks(step), "whatever changes a record is an event"
            self.invoices |= {invoice.id: invoice for invoice in self.dossier.invoices}
        raise AssertionError([str(step.because) for _, step in self.steps[-6:]])

    def _answer(self, request: ChargeRequest, step: Step) -> Any:
        answer = self.answers.pop(0) if self.answers else "approve"
        is_look_up = isinstance(step, ResolveCharge) and step.action.value in {"look_up", "cancel"}
        if answer == "approve" or (isinstance(answer, ChargeNotFound) and not is_look_up):
            return ChargeResult.succeeded(request.amount, gateway_ref="ch_1")
        return answer


@st.composite
def lives(draw: st.DrawFn) -> tuple[Life, list[tuple[timedelta, Happening]]]:
    dossier = draw(dossiers())
    life = Life(
        dossier=dossier,
        policy=draw(policies),
        now=dossier.license.term.start_of(dossier.license.starts_on),
        answers=draw(st.lists(answers, max_size=8)),
    )
    return life, draw(st.lists(st.tuples(gaps, happenings), min_size=2, max_size=10))


def lived(life: Life, events: list[tuple[timedelta, Happening]]) -> Life:
    for gap, happening in events:
        life.now += gap
        life.dossier = happening(life.dossier, life.now)
        life.go_on()
    return life


# -- the laws -------------------------------------------------------------------------------


@LIVES
@given(lives())
def test_steps_end_in_a_wait_that_lies_ahead(drawn) -> None:
    """Whatever happened, and whatever the processor says: after some steps there is nothing to do now."""
    life, events = drawn
    for gap, happening in events:
        life.now += gap
        life.dossier = happening(life.dossier, life.now)
        wait = life.go_on()
        assert wait.until is None or wait.until > life.now


@LIVES
@given(lives(), st.data())
def test_nothing_comes_up_before_the_wait_ends(drawn, data: st.DataObject) -> None:
    """Nobody has to look earlier: a license sleeps through until its wake-up time."""
    life, events = drawn
    lived(life, events)
    wait = life.go_on()
    ends = wait.until if wait.until is not None else life.now + WHOLE_LIFE
    part = data.draw(st.sampled_from([0.01, 0.1, 0.5, 0.9, 0.999]))
    for instant in (life.now + part * (ends - life.now), ends - TICK):
        step = next_step(life.dossier, max(instant, life.now), life.policy)
        assert isinstance(step, Wait), (instant, step)
        # Meanwhile it may turn out that nothing will come of it: then the wake-up was for nothing.
        assert step.until is None or step.until > instant


@LIVES
@given(lives())
def test_same_inputs_same_step(drawn) -> None:
    """The decision depends on the instant, not on how it is written, and on nothing else."""
    life, events = drawn
    lived(life, events)
    later = life.now + timedelta(days=3)
    first = next_step(life.dossier, later, life.policy)
    assert first == next_step(life.dossier, later.astimezone(UTC), life.policy)


@LIVES
@given(lives())
def test_same_life_same_records(drawn) -> None:
    """Ids, keys and amounts come from what happened alone."""
    life, events = drawn
    twin = attrs.evolve(life, answers=list(life.answers), steps=[], invoices={})
    lived(life, events)
    lived(twin, events)
    assert (life.dossier, life.steps) == (twin.dossier, twin.steps)


@LIVES
@given(lives())
def test_books_are_sound(drawn) -> None:
    """Days tile, each period is billed once, sums add up, nothing is charged early."""
    life, events = drawn
    for gap, happening in events:
        life.now += gap
        life.dossier = happening(life.dossier, life.now)
        life.go_on()
        check_days(life.dossier.license)
        check_money(life)
        assert sum(attempt.is_unresolved for attempt in life.dossier.attempts) <= 1
        assert sum(invoice.is_open for invoice in life.dossier.invoices) <= 1


def check_days(license: License) -> None:
    for earlier, later in pairwise(license.coverage):
        assert earlier.end == later.start
    terms = {term.number: term for term in license.terms}
    for row in license.coverage:
        if row.why is CoverageKind.CHARGE:
            assert row.index is not None
            assert terms[row.term].schedule.period(row.index) == row.period


def check_money(life: Life) -> None:
    invoices = life.invoices.values()
    live = [invoice for invoice in invoices if invoice.status is not InvoiceStatus.VOID]
    assert len({(invoice.key.term, invoice.key.index) for invoice in live}) == len(live)
    paid = {invoice.id for invoice in invoices if invoice.status is InvoiceStatus.PAID}
    rows = [row for row in life.dossier.license.coverage if row.why is CoverageKind.CHARGE]
    assert paid == {row.source for row in rows}
    for invoice in invoices:
        assert invoice.total == invoice.net + invoice.tax
        assert not invoice.amount_due.is_negative
    for attempt in life.dossier.attempts:
        invoice = life.invoices[attempt.invoice_id]
        assert attempt.first_sent_at >= invoice.due_at
        assert attempt.request.amount == invoice.amount_due
    assert not life.dossier.account.balance.is_negative


@LIVES
@given(lives())
def test_money_is_conserved(drawn) -> None:
    """What was paid from credit and what was charged is what the invoices say; credit is never lost."""
    life, events = drawn
    credit = life.dossier.account.balance
    lived(life, events)
    live = [invoice for invoice in life.invoices.values() if invoice.status is not InvoiceStatus.VOID]
    used = Money.total((invoice.balance_used for invoice in live), "EUR")
    assert credit == life.dossier.account.balance + used
    carried_out = Money.total((invoice.carried_out for invoice in live), "EUR")
    carried_in = Money.total((invoice.carried_in for invoice in live), "EUR")
    waiting = life.dossier.license.carried
    assert carried_out == carried_in + (waiting if waiting is not None else eur(0))


@LIVES
@given(lives())
def test_retries_stop_where_they_must(drawn) -> None:
    """No card is charged after "never" or "new card", no expired card, and no canceled license."""
    life, events = drawn
    cards: dict[str, Account] = {}
    for gap, happening in events:
        life.now += gap
        life.dossier = happening(life.dossier, life.now)
        before, count = life.dossier, len(life.steps)
        life.go_on()
        cards[str(life.now)] = before.account
        charges = [step for _, step in life.steps[count:] if isinstance(step, ChargeInvoice)]
        if not charges:
            continue
        card = before.account.default_card
        assert card is not None
        assert {card.id} == {step.card_id for step in charges}
        assert card.is_chargeable_on(local_date(life.now, before.license.term.zone) - timedelta(days=1))
        assert LicenseStatus.CANCELED is not status_at(before, life.now, life.policy)


@LIVES
@given(lives())
def test_canceled_stays_canceled(drawn) -> None:
    """Whatever is paid later, and whoever is granted what."""
    life, events = drawn
    lived(life, [*events, (timedelta(0), lambda dossier, now: cancel(dossier, now, at_once=True))])
    end = life.now
    ended = status_at(life.dossier, end, life.policy) is LicenseStatus.CANCELED
    for days in (1, 40, 400):
        life.now = end + timedelta(days=days)
        life.dossier = extend(new_card(life.dossier, life.now), life.now)
        life.go_on()
        if ended:
            assert LicenseStatus.CANCELED is status_at(life.dossier, life.now, life.policy)
            assert Access.NONE is access_at(life.dossier, life.now, life.policy)
    assert sum(step.kind.value == "cancel" for _, step in life.steps) <= 1


@LIVES
@given(lives())
def test_nobody_expires_while_a_charge_is_uncertain(drawn) -> None:
    """No harm from our ignorance."""
    life, events = drawn
    for gap, happening in events:
        life.now += gap
        life.dossier = happening(life.dossier, life.now)
        life.go_on()
        attempt = life.dossier.unresolved_attempt
        if attempt is not None and attempt.is_uncertain:
            for days in (0, 30, 300):
                later = life.now + timedelta(days=days)
                assert LicenseStatus.EXPIRED is not status_at(life.dossier, later, life.policy)


@LIVES
@given(lives(), st.integers(0, 9))
def test_extension_changes_nothing_but_access(drawn, place: int) -> None:
    """The same steps with it and without it, and the same dates, debts and status."""
    life, events = drawn
    life.policy = attrs.evolve(life.policy, extension_notice_days=0)
    events = [(gap, nothing if happening is extend else happening) for gap, happening in events]
    plain = attrs.evolve(life, answers=list(life.answers), steps=[], invoices={})
    for number, (gap, happening) in enumerate(events):
        for each in (life, plain):
            each.now += gap
            each.dossier = happening(each.dossier, each.now)
        if number == place:
            life.dossier = extend(life.dossier, life.now)
        assert plain.go_on() == life.go_on()
        assert plain.steps == life.steps
        status = status_at(plain.dossier, plain.now, plain.policy)
        assert status is status_at(life.dossier, life.now, life.policy)
    assert plain.dossier.license.coverage == life.dossier.license.coverage
    assert plain.dossier.invoices == life.dossier.invoices


@settings(max_examples=30)
@given(
    st.lists(st.sampled_from([*ZONES, "Pacific/Niue", "Asia/Tokyo"]), min_size=1, max_size=4),
    st.sampled_from(ANCHORS),
)
def test_moving_neither_loses_nor_doubles_a_day(zones: list[str], anchor: date) -> None:
    """East or west, over and over: the local days that were paid for are the same as without moving."""
    life = Life(
        dossier=Dossier.of(account_with(card_named()), license_of(start_on=anchor)),
        policy=BillingPolicy(renewal_notice_days=0),
        now=license_of(start_on=anchor).due_at,
        answers=[],
    )
    still = attrs.evolve(life)
    for zone in zones:
        for each in (life, still):
            each.now = each.dossier.license.due_at
            each.go_on()
        life.dossier = change(life.dossier, life.now, zone=zone)
    while life.dossier.license.paid_until < still.dossier.license.paid_until:
        life.now = max(life.now, life.dossier.license.due_at)
        life.go_on()
    assert [row.period for row in still.dossier.license.coverage] == [
        row.period for row in life.dossier.license.coverage
    ]
