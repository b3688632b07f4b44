"""Every rule of the books: a true state passes, and each lie is found by its own rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import attrs
import pytest

from billing_core import (
    Actor,
    Advice,
    AttemptState,
    Billing,
    BillingPolicy,
    BillingState,
    Cancellation,
    ChargeAttempt,
    ChargeResult,
    CoverageKind,
    Event,
    InvalidInput,
    Invoice,
    InvoiceStatus,
    LedgerEntry,
    MemoryStore,
    Money,
    Plan,
    Refund,
    RefundRequest,
    RefundResult,
    RefundState,
    check_invariants,
)
from billing_core.charging.invariant_rules import RULES
from billing_core.testing import ManualClock, ScriptedGateway

Lie = Callable[[BillingState], BillingState]


@cache
def books() -> BillingState:
    """A license that was paid, in part given back, declined, paid with another card, and expired."""
    clock = ManualClock("2025-01-31T09:00+00:00")
    gateway = ScriptedGateway()
    billing = Billing(MemoryStore(clock=clock), {"main": gateway}, BillingPolicy(), namespace="test")
    ada = Actor.member("ada")
    account = billing.open_account("Ada Ltd", currency="EUR", time_zone="UTC", actor=ada)
    _new_card(billing, gateway, account.id)
    plan = Plan.monthly("team", price=Money.of("20", "EUR"))
    license_ = billing.choose_plan(account.id, plan, actor=ada)
    billing.run_due()
    clock.set("2025-02-28T00:00+00:00")
    gateway.next_charge_declines(Advice.NEVER)
    billing.run_due()
    clock.set("2025-03-10T00:00+00:00")
    billing.run_due()
    _new_card(billing, gateway, account.id)
    billing.run_license(license_.id)
    first = min(billing.invoices().items, key=lambda invoice: invoice.period.start)
    billing.refund(first.id, Money.of("5", "EUR"), actor=Actor.system("jobs"), reason="a call")
    return billing.books(gateway.ledger(), gateway.refund_ledger())


def _new_card(billing: Billing, gateway: ScriptedGateway, account_id: str) -> None:
    ada = Actor.member("ada")
    setup = billing.begin_card_setup(account_id, return_url="https://host/ok", actor=ada)
    gateway.customer_enters_card(setup.id)
    billing.complete_card_setup(account_id, setup.id, actor=ada)


def _with_attempt(place: int, **changes: object) -> Lie:
    def lie(state: BillingState) -> BillingState:
        attempts = sorted(state.attempts, key=lambda a: (a.first_sent_at, a.number))
        attempts[place] = attrs.evolve(attempts[place], **changes)  # type: ignore[arg-type]
        return attrs.evolve(state, attempts=tuple(attempts))

    return lie


def _with_invoice(place: int, **changes: object) -> Lie:
    def lie(state: BillingState) -> BillingState:
        invoices = sorted(state.invoices, key=lambda i: i.period.start)
        invoices[place] = attrs.evolve(invoices[place], **changes)  # type: ignore[arg-type]
        return attrs.evolve(state, invoices=tuple(invoices))

    return lie


def _with_refund(**changes: object) -> Lie:
    def lie(state: BillingState) -> BillingState:
        (refund,) = state.refunds
        return attrs.evolve(state, refunds=(attrs.evolve(refund, **changes),))  # type: ignore[arg-type]

    return lie


def _larger(refund: Refund) -> RefundRequest:
    return attrs.evolve(refund.request, amount=Money.of("21", "EUR"))


def _with_row(place: int, **changes: object) -> Lie:
    def lie(state: BillingState) -> BillingState:
        (license_,) = state.licenses
        rows = list(license_.coverage)
        rows[place] = attrs.evolve(rows[place], **changes)  # type: ignore[arg-type]
        return attrs.evolve(state, licenses=(attrs.evolve(license_, coverage=tuple(rows)),))

    return lie


def _with_license(**changes: object) -> Lie:
    def lie(state: BillingState) -> BillingState:
        (license_,) = state.licenses
        return attrs.evolve(state, licenses=(attrs.evolve(license_, **changes),))  # type: ignore[arg-type]

    return lie


def _with_events(change: Callable[[tuple[Event, ...]], tuple[Event, ...]]) -> Lie:
    return lambda state: attrs.evolve(state, events=change(state.events or ()))


def _without_ledger_entry(state: BillingState) -> BillingState:
    return attrs.evolve(state, ledger=(state.ledger or ())[1:])


def _ledger_entry_of_nobody(state: BillingState) -> BillingState:
    stray = LedgerEntry(reference="r", idempotency_key="k", amount=Money.of(1, "EUR"))
    return attrs.evolve(state, ledger=(*(state.ledger or ()), stray))


def _ledger_captured_twice(state: BillingState) -> BillingState:
    return attrs.evolve(state, ledger=(state.ledger or ()) * 2)


def _negative_balance(state: BillingState) -> BillingState:
    (account,) = state.accounts
    poor = attrs.evolve(account)
    object.__setattr__(poor, "balance", Money.of(-1, "EUR"))
    return attrs.evolve(state, accounts=(poor,))


def _wakes_late(state: BillingState) -> BillingState:
    late = {
        id_: at + timedelta(days=1) if at is not None else None for id_, at in state.expected_wakes.items()
    }
    return attrs.evolve(state, wakes=late)


def _too_many_declines(state: BillingState) -> BillingState:
    """Sixteen declined attempts on one card in one hour."""
    declined = next(a for a in state.attempts if a.state is AttemptState.DECLINED)
    at = declined.first_sent_at
    many = tuple(
        attrs.evolve(
            declined,
            id=f"{declined.id}-{n}",
            result=ChargeResult.declined(Advice.RETRY_LATER),
            first_sent_at=at + timedelta(minutes=n),
            resolved_at=at + timedelta(minutes=n),
        )
        for n in range(16)
    )
    return attrs.evolve(state, attempts=(*state.attempts, *many), events=None)


def _acted_by_support(events: tuple[Event, ...]) -> tuple[Event, ...]:
    return tuple(
        attrs.evolve(e, actor=attrs.evolve(e.actor, role="support")) if e.type == "card.added" else e
        for e in events
    )


def _without_decline(events: tuple[Event, ...]) -> tuple[Event, ...]:
    return tuple(event for event in events if event.type != "charge.declined")


def _last_change(events: tuple[Event, ...]) -> int:
    return max(place for place, event in enumerate(events) if event.changes)


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LIES: dict[str, Lie] = {
    "one_success_per_invoice": _with_attempt(1, state=AttemptState.SUCCEEDED),
    "captures_within_amount_due": _ledger_captured_twice,
    "captures_are_recorded": _ledger_entry_of_nobody,
    "successes_are_captured": _without_ledger_entry,
    "frozen_terms": _with_attempt(0, invoice_id="inv_of_nobody"),
    "sums_add_up": _negative_balance,
    "one_unresolved_per_license": lambda state: _with_attempt(0, state=AttemptState.UNKNOWN)(
        _with_attempt(1, state=AttemptState.UNKNOWN)(state)
    ),
    "one_live_invoice_per_period": lambda state: _with_invoice(1, key=_invoices(state)[0].key)(state),
    "numbers_are_gapless": _with_invoice(1, number=7),
    "charge_rows_match_paid_invoices": _with_row(0, why=CoverageKind.GRANT),
    "rows_tile_time": _with_row(1, start=date(2025, 3, 1)),
    "boundaries_follow_the_schedule": _with_row(0, index=5),
    "nothing_charged_early": _with_attempt(0, first_sent_at=LONG_AGO),
    "nothing_is_forgotten": _wakes_late,
    "no_charge_on_a_frozen_card": lambda state: _with_attempt(
        2, card_id=_attempts(state)[1].card_id, fingerprint=_attempts(state)[1].fingerprint
    )(state),
    "network_limits_are_kept": _too_many_declines,
    "card_uses_are_counted": lambda state: _with_attempt(1, card_use=_attempts(state)[0].card_use)(state),
    "canceled_stays_canceled": _with_license(cancellation=Cancellation(requested_at=LONG_AGO)),
    "expired_only_when_certain": _with_events(_without_decline),
    "one_alert_per_orphan": _with_attempt(1, orphan=ChargeResult.unknown()),
    "owners_decide": _with_events(_acted_by_support),
    "events_are_numbered": _with_events(lambda events: (events[0], *events)),
    "events_reproduce_the_books": _with_events(lambda events: events[: _last_change(events)]),
    "refunds_within_captures": lambda state: _with_refund(
        request=_larger(state.refunds[0]), state=RefundState.UNKNOWN, result=None
    )(state),
    "refunds_are_numbered": _with_refund(number=2),
    "one_unresolved_refund_per_charge": lambda state: attrs.evolve(
        state, refunds=(attrs.evolve(state.refunds[0], state=RefundState.UNKNOWN, result=None),) * 2
    ),
    "refunds_are_recorded": _with_refund(state=RefundState.VOID),
    "refunds_happened": lambda state: attrs.evolve(state, refund_ledger=()),
    "invoices_show_refunds": _with_invoice(0, refunded=Money.of("19", "EUR")),
    "one_alert_per_refund_orphan": _with_refund(orphan=RefundResult.unknown()),
}


def _attempts(state: BillingState) -> list[ChargeAttempt]:
    return sorted(state.attempts, key=lambda a: (a.first_sent_at, a.number))


def _invoices(state: BillingState) -> list[Invoice]:
    return sorted(state.invoices, key=lambda i: i.period.start)


def test_true_books_have_no_violation() -> None:
    """What really happened passes every rule."""
    assert () == check_invariants(books())


def test_what_is_no_state_is_refused() -> None:
    """By the name of the argument."""
    wrong: Any = {}
    with pytest.raises(InvalidInput, match=r"^state: has the wrong type; expected BillingState$"):
        check_invariants(wrong)


def test_every_rule_has_a_lie_to_find() -> None:
    """No rule goes untested."""
    assert {rule.__name__ for rule in RULES} == set(LIES)


@pytest.mark.parametrize("rule", sorted(LIES))
def test_each_lie_is_found_by_its_rule(rule: str) -> None:
    """A state that breaks one rule is reported under that rule's name, with a record and a reason."""
    found = {violation.rule: violation for violation in check_invariants(LIES[rule](books()))}

    assert rule in found
    assert found[rule].record_id
    assert str(found[rule]).startswith(f"{rule}: ")


def test_a_decision_about_one_attempt_excuses_no_other() -> None:
    """A person decided about the first attempt at an invoice; that the second was captured twice is found."""
    decided = _with_attempt(1, decision="void")(books())
    doubled = attrs.evolve(decided, ledger=(decided.ledger or ()) * 2)
    reference = _attempts(decided)[2].request.reference

    assert _attempts(decided)[1].request.reference == reference
    found = {(violation.rule, violation.record_id) for violation in check_invariants(doubled)}
    assert ("captures_within_amount_due", reference) in found


def test_paid_invoices_must_cover_what_they_bill() -> None:
    """A row with other days than its invoice, and a paid invoice that lost its row, are both found."""
    shifted = _with_row(0, start=date(2025, 1, 30))(books())
    unpaid = _with_invoice(0, status=InvoiceStatus.VOID)(books())

    assert "its row covers other days" in {v.detail for v in check_invariants(shifted)}
    assert any("covered by no paid invoice" in v.detail for v in check_invariants(unpaid))


def test_a_changed_amount_is_found() -> None:
    """An attempt over another amount than its invoice's breaks the frozen terms."""
    attempt = books().attempts[0]
    other = attrs.evolve(attempt.request, amount=Money.of("1", "EUR"))
    state = _with_attempt(0, request=other)(books())

    assert "frozen_terms" in {violation.rule for violation in check_invariants(state)}


def test_captured_but_declined_is_found() -> None:
    """Money for an attempt that the books call declined must not go unnoticed."""
    declined = next(a for a in books().attempts if a.state is AttemptState.DECLINED)
    entry = LedgerEntry(
        reference="r", idempotency_key=declined.request.idempotency_key, amount=declined.request.amount
    )
    state = attrs.evolve(books(), ledger=(*(books().ledger or ()), entry))

    assert "captured, but declined" in {violation.detail for violation in check_invariants(state)}


def test_a_missing_version_in_the_events_is_found() -> None:
    """Events that skip a version of a record can't reproduce it."""
    events = books().events or ()
    gap = tuple(event for event in events if event.type != "license.started")
    state = attrs.evolve(books(), events=gap)

    assert "events_reproduce_the_books" in {violation.rule for violation in check_invariants(state)}


def test_too_much_credit_is_found() -> None:
    """An invoice can't use more balance than it is worth."""
    (first, *_) = sorted(books().invoices, key=lambda i: i.period.start)
    greedy = attrs.evolve(first)
    object.__setattr__(greedy, "balance_used", Money.of("99", "EUR"))
    state = attrs.evolve(books(), invoices=(greedy,), events=None)

    assert "sums_add_up" in {violation.rule for violation in check_invariants(state)}


def test_one_unresolved_attempt_is_no_violation() -> None:
    """A single charge that waits for its outcome is how things should be."""
    state = attrs.evolve(_with_attempt(1, state=AttemptState.UNKNOWN)(books()), events=None)

    assert "one_unresolved_per_license" not in {violation.rule for violation in check_invariants(state)}


def test_what_is_left_out_is_not_compared() -> None:
    """Without events and ledger, only the records themselves are checked."""
    state = attrs.evolve(books(), events=None, ledger=None)

    assert () == check_invariants(state)


def test_money_that_went_back_must_be_accounted_for() -> None:
    """By a refund of a charge that took it, under its own key, once, and over its own amount."""
    (refund,) = books().refunds
    (entry,) = books().refund_ledger or ()
    declined = next(a for a in books().attempts if a.state is AttemptState.DECLINED)

    def found(**changes: object) -> set[str]:
        return {violation.detail for violation in check_invariants(attrs.evolve(books(), **changes))}  # type: ignore[arg-type]

    assert "refunded, but there is no such charge" in found(
        refunds=(attrs.evolve(refund, attempt_id="att_of_nobody"),)
    )
    assert "refunded, but nothing is known to have been captured" in found(
        refunds=(attrs.evolve(refund, attempt_id=declined.id),)
    )
    assert "no refund has this key" in found(
        refund_ledger=(entry, attrs.evolve(entry, idempotency_key="key_of_nobody"))
    )
    assert "given back 2 times" in found(refund_ledger=(entry, entry))
    assert "gave back 1.00 EUR, asked for 5.00 EUR" in found(
        refund_ledger=(attrs.evolve(entry, amount=Money.of("1", "EUR")),)
    )
    assert () == check_invariants(attrs.evolve(books(), refund_ledger=None))
    assert not [it for it in found(refunds=(), events=None, refund_ledger=()) if "alert" in it]
