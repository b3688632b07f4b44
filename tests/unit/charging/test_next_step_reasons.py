"""Why each step is next, in full: the rule and what it looked at, as it is put on record."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import attrs
import pytest

from billing_core.accounts.saved_card import CardExpiry
from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptEvent, AttemptState
from billing_core.charging.dossier import Dossier
from billing_core.charging.next_step import next_step
from billing_core.charging.refund import Refund, RefundState
from billing_core.charging.steps import (
    Because,
    CarryOver,
    ChargeInvoice,
    IssueInvoice,
    Notify,
    RecordCancellation,
    RecordExpiry,
    ResolveAction,
    ResolveRefund,
    SkipPeriods,
    StartTerm,
    Step,
    VoidInvoice,
    Wait,
)
from billing_core.gateways.capabilities import RetryOwner
from billing_core.gateways.results import ActionRequired, ChargeResult
from billing_core.licenses.license import Cancellation, NoticeKind, Pause, PendingChange
from billing_core.policy import BillingPolicy, CatchUp
from billing_core.values.money import Money
from billing_core.values.schedule import Period
from tests.builders import refund
from tests.charging_builders import (
    JAN_31,
    account_with,
    an_attempt,
    answering,
    capabilities_of,
    card_named,
    covered,
    dossier_of,
    driven,
    license_of,
    monthly,
    paris,
)

TICK, DAY = timedelta(microseconds=1), timedelta(days=1)
DUE = paris(JAN_31)
QUIET = BillingPolicy(grace_days=7, renewal_notice_days=0)
PAID_DAY = paris("2025-02-10")


def after(answer: ChargeResult, now: datetime = DUE, **changes: Any) -> Dossier:
    """What is known once the first charge was answered."""
    return driven(dossier_of(**changes), now, QUIET, answering(answer))[0]


def because(
    dossier: Dossier, now: datetime = DUE, policy: BillingPolicy = QUIET
) -> tuple[str, dict[str, Any]]:
    """The rule that is next, and its facts."""
    step = next_step(dossier, now, policy)
    return step.because.rule, dict(step.because.facts)


def billed(**changes: Any) -> Dossier:
    """The first period was billed, and nothing charged."""
    return driven(dossier_of(account=account_with(), **changes), DUE, QUIET)[0]


def with_card(dossier: Dossier, **changes: Any) -> Dossier:
    return dossier.with_account(account_with(card_named(**changes)))


# -- the normal life -------------------------------------------------------------------------------


def test_covered() -> None:
    """Until when."""
    step = next_step(dossier_of(covered(license_of())), PAID_DAY, QUIET)
    assert Wait(because=Because("covered", {"paid_until": "2025-02-28"}), until=paris("2025-02-28")) == step


def test_due() -> None:
    """Which period, and since when; then the card, because the renewal is due."""
    dossier = dossier_of()
    facts = {"due_on": "2025-01-31", "period": "2025-01-31/2025-02-28"}
    assert IssueInvoice(
        because=Because("period_due", facts), term=1, index=0, period=Period(JAN_31, date(2025, 2, 28))
    ) == next_step(dossier, DUE, QUIET)
    bill = with_card(billed())
    expected = ChargeInvoice(because=Because("renewal_due"), invoice_id=bill.invoices[0].id, card_id="card_1")
    assert expected == next_step(bill, DUE, QUIET)


def test_below_the_minimum() -> None:
    """How much it is; the minimum itself is charged."""
    small = billed(license=license_of(monthly(Money.of("0.49", "EUR"))))
    capabilities = {"main": capabilities_of(minimum_amounts={"EUR": 50})}
    expected = CarryOver(
        because=Because("below_gateway_minimum", {"amount_due": "0.49 EUR"}), invoice_id=small.invoices[0].id
    )
    assert expected == next_step(with_card(small).with_gateways(capabilities), DUE, QUIET)
    exact = billed(license=license_of(monthly(Money.of("0.50", "EUR"))))
    assert ("renewal_due", {}) == because(with_card(exact).with_gateways(capabilities))


def test_change_at_the_boundary() -> None:
    """To which plan, and in which zone."""
    change = PendingChange(plan=attrs.evolve(monthly(), id="pro"), zone="UTC", requested_at=DUE)
    step = next_step(dossier_of(license_of(pending_change=change)), DUE, QUIET)
    assert isinstance(step, StartTerm)
    assert Because("change_at_boundary", {"plan": "pro", "zone": "UTC"}) == step.because


# -- no money now ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (account_with(), ("no_card", {})),
        (account_with(card_named(frozen_because=Advice.NEVER)), ("card_frozen", {"advice": "never"})),
        (account_with(card_named(expires=CardExpiry(2024, 12))), ("card_expired", {"expires": "2024-12"})),
        (account_with(card_named(gateway_id="gone")), ("gateway_not_given", {"gateway_id": "gone"})),
    ],
    ids=["none", "frozen", "expired", "no gateway"],
)
def test_card_that_can_not_be_charged(account: Any, expected: tuple[str, dict[str, Any]]) -> None:
    """What is wrong with it."""
    dossier = driven(dossier_of(account=account), DUE, QUIET)[0]
    assert expected == because(dossier)


def test_currency_that_the_gateway_does_not_take() -> None:
    """Which gateway."""
    capabilities = {"main": capabilities_of(currencies=frozenset({"USD"}))}
    assert ("currency_not_supported", {"gateway_id": "main"}) == because(
        with_card(billed()).with_gateways(capabilities)
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ChargeResult.declined(Advice.NEW_CARD), ("new_card_needed", {"advice": "new_card"})),
        (ChargeResult.declined(Advice.AUTHENTICATE), ("new_card_needed", {"advice": "authenticate"})),
        (ChargeResult.declined(Advice.RETRY_LATER), ("retry_planned", {"attempts": 1})),
        (ChargeResult.declined(Advice.STOP_RECURRING), ("card_frozen", {"advice": "stop_recurring"})),
    ],
)
def test_declined(answer: ChargeResult, expected: tuple[str, dict[str, Any]]) -> None:
    """What is waited for: another card, or a day."""
    assert expected == because(after(answer))


def test_declined_and_then() -> None:
    """Another day or another card, or nothing more; and what if the processor retries, or told nothing."""
    declined = after(ChargeResult.declined(Advice.RETRY_LATER))
    assert ("retry_day", {"due_on": "2025-01-31"}) == because(declined, paris("2025-02-01"))
    other = declined.with_account(account_with(card_named(), card_named("card_2")))
    assert ("card_changed", {"due_on": "2025-01-31"}) == because(other)
    none_left = attrs.evolve(QUIET, retry_days=())
    assert ("retries_exhausted", {"attempts": 1}) == because(declined, policy=none_left)
    theirs = declined.with_gateways({"main": capabilities_of(retry_owner=RetryOwner.GATEWAY)})
    assert ("gateway_owns_retries", {}) == because(theirs)
    silent = declined.with_attempt(attrs.evolve(declined.attempts[0], result=None))
    assert ("new_card_needed", {"advice": "none"}) == because(silent)


def test_attempt_that_never_happened() -> None:
    """It is charged again at once, and says which one it was."""
    sent = after(ChargeResult.unknown())
    [attempt] = sent.attempts
    void = sent.with_attempt(attempt.after(AttemptEvent.NEVER_HAPPENED, DUE))
    assert ("earlier_attempt_never_happened", {"attempt": 1}) == because(void)
    late = void.with_attempt(void.attempts[0].orphaned(ChargeResult.succeeded(attempt.request.amount)))
    assert ("late_money_undecided", {"attempt": 1}) == because(late)
    decided = late.with_attempt(late.attempts[0].decided("refund"))
    assert ("earlier_attempt_never_happened", {"attempt": 1}) == because(decided)


def test_nothing_to_charge() -> None:
    """What costs nothing, or no more than there is in credit, is billed without a card."""
    rich = account_with(balance=Money.of("20.00", "EUR"))
    assert "period_due" == because(dossier_of(account=rich))[0]
    late = paris("2025-03-20")
    assert "periods_without_service" == because(dossier_of(account=rich), late)[0]
    poor = account_with(balance=Money.of("19.99", "EUR"))
    assert ("no_card", {}) == because(driven(dossier_of(account=poor), late, QUIET)[0], late)


# -- while a charge is unresolved --------------------------------------------------------------------

ASKED = ChargeResult.requires_action(ActionRequired(expires_at=DUE + 60 * DAY))


@pytest.mark.parametrize(
    ("answer", "state"),
    [(ChargeResult.unknown(), "unknown"), (ChargeResult.pending(), "pending"), (ASKED, "requires_action")],
)
def test_unresolved(answer: ChargeResult, state: str) -> None:
    """Which attempt, and where it stands; or which gateway is missing to find out, each day."""
    dossier = after(answer)
    facts = {"state": state, "attempt": 1}
    assert ("charge_unresolved", facts) == because(dossier)
    missing = dossier.with_gateways({})
    assert Wait(
        because=Because("gateway_not_given", {**facts, "gateway_id": "main"}), until=DUE + DAY
    ) == next_step(missing, DUE, QUIET)


@pytest.mark.parametrize("gateways", [{}, {"main": capabilities_of()}], ids=["missing", "given"])
def test_with_a_person(gateways: Any) -> None:
    """No gateway is waited for: a person has it."""
    dossier = after(ChargeResult.unknown())
    held = dossier.with_attempt(dossier.attempts[0].after(AttemptEvent.GAVE_UP, DUE)).with_gateways(gateways)
    assert Wait(
        because=Because("charge_unresolved", {"state": "held", "attempt": 1}), until=None
    ) == next_step(held, DUE, QUIET)


def test_money_that_goes_back_comes_first() -> None:
    """Nothing waits for it, and it waits for nothing: not for a charge that is due, nor for one in doubt."""
    capabilities = {"main": capabilities_of()}
    for dossier in (dossier_of(), after(ChargeResult.unknown())):
        [*attempts] = dossier.attempts
        paid = an_attempt(AttemptState.SUCCEEDED)
        owing = attrs.evolve(dossier, attempts=(*attempts, paid), refunds=(refund(),)).with_gateways(
            capabilities
        )
        step = next_step(owing, DUE + DAY, QUIET)
        assert isinstance(step, ResolveRefund)
        assert ("ref_1", ResolveAction.RESEND) == (step.refund_id, step.action)


def test_refund_without_its_gateway() -> None:
    """It is looked for each day, unless a person has it."""
    lost = attrs.evolve(refund(), gateway_id="gone")
    dossier = dossier_of(covered(license_of()), attempts=(an_attempt(AttemptState.SUCCEEDED),))

    def until(of: Refund) -> datetime | None:
        step = next_step(attrs.evolve(dossier, refunds=(of,)), PAID_DAY, QUIET)
        assert isinstance(step, Wait)
        return step.until

    assert PAID_DAY + DAY == until(lost)
    assert paris("2025-02-28") == until(attrs.evolve(lost, state=RefundState.HELD))


# -- ends and rests --------------------------------------------------------------------------------


def test_ended() -> None:
    """Put on record once; its open invoice is void; then nothing is waited for."""
    dossier = billed()
    ended = dossier.with_license(dossier.license.with_cancellation(Cancellation(requested_at=DUE)))
    assert RecordCancellation(because=Because("cancellation_effective"), key="canceled") == next_step(
        ended, DUE, QUIET
    )
    recorded = ended.with_license(ended.license.with_notice("canceled"))
    invoice = dossier.invoices[0]
    assert VoidInvoice(because=Because("license_canceled"), invoice_id=invoice.id) == next_step(
        recorded, DUE, QUIET
    )
    void = recorded.with_invoice(invoice.voided())
    assert Wait(because=Because("license_canceled"), until=None) == next_step(void, DUE, QUIET)


def test_paused() -> None:
    """Until it is resumed."""
    pause = Pause(start=date(2025, 2, 28), until=date(2025, 3, 3))
    resting = dossier_of(attrs.evolve(covered(license_of()), pause=pause))
    assert Wait(because=Because("paused"), until=paris("2025-03-03")) == next_step(
        resting, paris("2025-03-01"), QUIET
    )


def test_expired() -> None:
    """Since when it was due; once."""
    dossier = billed()
    expected = RecordExpiry(because=Because("grace_over", {"due_on": "2025-01-31"}), key="expired:2025-01-31")
    assert expected == next_step(dossier, paris("2025-02-07"), QUIET)
    assert ("no_card", {}) == because(dossier, paris("2025-02-07") - TICK)
    recorded = dossier.with_license(dossier.license.with_notice("expired:2025-01-31"))
    assert ("no_card", {}) == because(recorded, paris("2025-02-07"))


@pytest.mark.parametrize(
    ("catch_up", "rule", "until"),
    [
        (CatchUp.RESTART, "restart", "2025-03-20"),
        (CatchUp.BILL_CURRENT, "periods_without_service", "2025-02-28"),
    ],
)
@pytest.mark.parametrize("is_billed", [True, False])
def test_periods_left_behind(catch_up: CatchUp, rule: str, until: str, *, is_billed: bool) -> None:
    """From when until when; the bill for them goes with them."""
    now, policy = paris("2025-03-20"), attrs.evolve(QUIET, catch_up=catch_up)
    dossier = with_card(billed()) if is_billed else dossier_of()
    expected = SkipPeriods(
        because=Because(rule, {"from": "2025-01-31", "until": until}),
        until=date.fromisoformat(until),
        invoice_id=dossier.invoices[0].id if is_billed else None,
    )
    assert expected == next_step(dossier, now, policy)


def test_too_long_ago() -> None:
    """How long ago, and how long would do; on the last day it is caught up with."""
    policy = attrs.evolve(QUIET, catch_up_days_max=40, catch_up=CatchUp.BILL_CURRENT)
    dossier = dossier_of(license_of().with_notice("expired:2025-01-31"))
    assert ("catch_up_limit", {"days": 41, "days_max": 40}) == because(dossier, paris("2025-03-13"), policy)
    assert "periods_without_service" == because(dossier, paris("2025-03-12"), policy)[0]


@pytest.mark.parametrize(("day", "is_billed"), [("2025-02-27", True), ("2025-02-28", False)])
def test_period_that_is_over_is_not_billed_without_a_card(day: str, *, is_billed: bool) -> None:
    """Nobody was served in it, so nobody owes it: from its last instant on."""
    dossier = dossier_of(license_of().with_notice("expired:2025-01-31"), account_with())
    assert is_billed is isinstance(next_step(dossier, paris(day), QUIET), IssueInvoice)


# -- what is announced -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "kind", "more"),
    [
        (account_with(card_named()), NoticeKind.RENEWAL_COMING, {}),
        (account_with(), NoticeKind.CARD_MISSING, {"reason": "no_card"}),
        (
            account_with(card_named(frozen_because=Advice.NEVER)),
            NoticeKind.CARD_MISSING,
            {"reason": "card_frozen"},
        ),
        (
            account_with(card_named(expires=CardExpiry(2025, 1))),
            NoticeKind.CARD_EXPIRING,
            {"expires": str(CardExpiry(2025, 1)), "brand": "visa", "last4": "4242"},
        ),
    ],
    ids=["good", "none", "frozen", "expired"],
)
def test_announced(account: Any, kind: NoticeKind, more: dict[str, str]) -> None:
    """About which day, and what is wrong with the card."""
    data = {"due_on": "2025-02-28", **more}
    expected: Step = Notify(
        because=Because(kind.value, data), notice=kind, key=f"{kind.value}:2025-02-28", data=data
    )
    policy = attrs.evolve(QUIET, renewal_notice_days=7)
    assert expected == next_step(dossier_of(covered(license_of()), account), paris("2025-02-21"), policy)
