"""What each rule of the books finds, whole, and what it lets pass at its very edge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

import attrs
import pytest

from billing_core.advice import Advice
from billing_core.charging import invariant_rules as rules
from billing_core.charging import invariant_rules_for_cards as card_rules
from billing_core.charging import refund_rules
from billing_core.charging.attempt import AttemptEvent, AttemptState, ChargeAttempt
from billing_core.charging.invariants import BillingState, LedgerEntry
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund, RefundEvent
from billing_core.events import ActorRef, Event, EventType, record_change
from billing_core.gateways.results import ChargeResult, RefundResult
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.licenses.license import Cancellation, License
from billing_core.values.money import Money
from tests.builders import NOW, PRICE, account, attempt, event, invoice, license, refund

S = AttemptState
TICK, MINUTE, HOUR, DAY = (
    timedelta(microseconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
ONE = Money.of("1.00", "EUR")
SUCCESS = ChargeResult.succeeded(PRICE, gateway_ref="ch_1")

Rule = Callable[[BillingState], Iterable[tuple[str, str]]]
Findings = list[tuple[str, str]]


def found(rule: Rule, **state: Any) -> Findings:
    """All that a rule finds in a state of these records."""
    fields: dict[str, Any] = {name: tuple(some) for name, some in state.items()}
    return list(rule(BillingState(**fields)))


def paid_by(id: str = "att_1", of: Invoice | None = None, **changes: Any) -> ChargeAttempt:
    """An attempt that succeeded."""
    return attrs.evolve(attempt(id, of).answered(SUCCESS, NOW), **changes)


def in_state(state: AttemptState, id: str = "att_1", **changes: Any) -> ChargeAttempt:
    return attempt(id, state=state, **changes)


def captured(amount: Money = PRICE, key: str = "key_att_1", reference: str = "ref_inv_1") -> LedgerEntry:
    return LedgerEntry(reference=reference, idempotency_key=key, amount=amount)


def void(id: str = "att_1", **changes: Any) -> ChargeAttempt:
    return attrs.evolve(attempt(id).after(AttemptEvent.NEVER_HAPPENED, NOW), **changes)


# -- money -------------------------------------------------------------------------------------


def test_one_success_per_invoice() -> None:
    """Two are found; one each, or one after a decline, is fine."""
    rule = rules.one_success_per_invoice
    assert [("inv_1", "2 successful attempts")] == found(rule, attempts=[paid_by(), paid_by("att_2")])
    other = paid_by("att_2", invoice("inv_2"))
    assert [] == found(rule, attempts=[paid_by(), other, in_state(S.DECLINED, "att_3")])


@pytest.mark.parametrize(
    ("amounts", "is_too_much"), [(["19.99"], False), (["19.98", "0.01"], False), (["19.99", "0.01"], True)]
)
def test_captures_within_amount_due(amounts: list[str], is_too_much: bool) -> None:
    """To the cent, over all captures under one reference; what has no reference of ours is no matter here."""
    ledger = [captured(Money.of(amount, "EUR")) for amount in amounts]
    foreign = captured(reference="foreign", amount=Money.of("99.00", "EUR"))
    expected = [("ref_inv_1", "captured 2000, due 1999 minor units")] if is_too_much else []
    actual = found(rules.captures_within_amount_due, attempts=[attempt()], ledger=[*ledger, foreign])
    assert expected == actual


def test_captures_with_a_person() -> None:
    """What a person decides about, or decided, is excused: only that attempt's own money."""
    rule = rules.captures_within_amount_due
    twice = [captured(), captured(key="key_att_2")]
    for excused in (void("att_2", orphan=SUCCESS), void("att_2", decision="void"), in_state(S.HELD, "att_2")):
        assert [] == found(rule, attempts=[paid_by(), excused], ledger=twice)
        again = [*twice, captured(key="key_att_1")]
        assert [("ref_inv_1", "captured 3998, due 1999 minor units")] == found(
            rule, attempts=[paid_by(), excused], ledger=again
        )
    assert [("ref_inv_1", "captured 3998, due 1999 minor units")] == found(
        rule, attempts=[paid_by(), void("att_2")], ledger=twice
    )
    assert [] == found(rule, attempts=[paid_by()])


@pytest.mark.parametrize("state", AttemptState)
def test_captures_are_recorded(state: AttemptState) -> None:
    """Money for what the books call over without it is found, unless a person knows."""
    rule = rules.captures_are_recorded
    expected = [("att_1", f"captured, but {state.value}")] if state in {S.VOID, S.DECLINED} else []
    assert expected == found(rule, attempts=[in_state(state)], ledger=[captured()])
    for known in (in_state(state, orphan=SUCCESS), in_state(state, decision="void")):
        assert [] == found(rule, attempts=[known], ledger=[captured()])
    assert [("ref_inv_1", "no attempt has this key")] == found(rule, ledger=[captured()])
    assert [] == found(rule, attempts=[in_state(state)])


def test_successes_are_captured() -> None:
    """Unless a person said that it succeeded; other states claim nothing."""
    rule = rules.successes_are_captured
    nothing = [("att_1", "succeeded, but the processor captured nothing")]
    assert nothing == found(rule, attempts=[paid_by()], ledger=[])
    assert nothing == found(rule, attempts=[paid_by()], ledger=[captured(key="key_att_2")])
    assert [] == found(rule, attempts=[paid_by()], ledger=[captured()])
    assert [] == found(rule, attempts=[paid_by(decision="adopt"), void("att_2")], ledger=[])
    assert [] == found(rule, attempts=[paid_by()])


def test_frozen_terms() -> None:
    """The amount of an attempt is what was due when it was made, also of what was carried over since."""
    rule = rules.frozen_terms
    assert [] == found(rule, attempts=[attempt()], invoices=[invoice()])
    assert [] == found(rule, attempts=[attempt()], invoices=[invoice().carried_over(NOW)])
    assert [("att_1", "its invoice does not exist")] == found(rule, attempts=[attempt()])
    assert [("att_1", "another amount than its invoice's")] == found(
        rule, attempts=[attempt()], invoices=[invoice(amount=ONE)]
    )


def test_sums_add_up() -> None:
    """Credit for all that is owed is fine, a cent more is not; nor is a balance below zero."""
    whole = invoice(balance_used=PRICE)
    more, poor, rich = attrs.evolve(whole), account(), account("acc_2")
    object.__setattr__(more, "balance_used", Money.of("20.00", "EUR"))
    object.__setattr__(poor, "balance", -ONE)
    rule = rules.sums_add_up
    assert [("inv_1", "more credit was used than was owed")] == found(rule, invoices=[more])
    assert [("acc_1", "the balance is negative")] == found(rule, accounts=[rich, poor])
    assert [] == found(rule, invoices=[whole], accounts=[rich])
    owing = invoice(carried_in=Money.of("0.01", "EUR"))
    object.__setattr__(owing, "balance_used", Money.of("20.00", "EUR"))
    assert [] == found(rule, invoices=[owing])


# -- one of each -------------------------------------------------------------------------------


def test_one_unresolved_per_license() -> None:
    """Each license may have one."""
    rule = rules.one_unresolved_per_license
    here, also_here = attempt("att_1"), in_state(S.HELD, "att_2")
    elsewhere = attempt("att_3", license_id="lic_2")
    assert [("lic_1", "2 unresolved attempts")] == found(rule, attempts=[here, also_here, elsewhere])
    assert [] == found(rule, attempts=[here, elsewhere, void("att_4")])


def test_one_live_invoice_per_period() -> None:
    """Void ones don't count, nor do other periods and other licenses."""
    rule = rules.one_live_invoice_per_period
    first, again = invoice("inv_1", index=1), invoice("inv_2", index=1, revision=1)
    assert [("lic_1", "term 1, index 1: 2 invoices")] == found(rule, invoices=[first, again])
    assert [] == found(rule, invoices=[first.voided(), again, invoice("inv_3", index=2)])
    assert [] == found(rule, invoices=[first, invoice("inv_4", license("lic_2"), index=1)])


@pytest.mark.parametrize(
    ("numbers", "is_gapless"),
    [([1, 2], True), ([2, 1], True), ([2], False), ([1, 1], False), ([None], False)],
)
def test_numbers_are_gapless(numbers: list[int | None], is_gapless: bool) -> None:
    """From 1, in whatever order; one without a number is none."""
    invoices = [invoice(f"inv_{place}", number=number) for place, number in enumerate(numbers)]
    other = invoice("inv_other", number=1, series="OTHER")
    expected = [] if is_gapless else [("default/INV", "numbers have gaps or repeats")]
    assert expected == found(rules.numbers_are_gapless, invoices=[*invoices, other])


# -- time --------------------------------------------------------------------------------------

FEB_28, MAR_31 = date(2025, 2, 28), date(2025, 3, 31)
FIRST = CoverageRow(
    start=date(2025, 1, 31), end=FEB_28, why=CoverageKind.CHARGE, term=1, index=0, source="inv_1"
)


def covered_by(*rows: CoverageRow, **changes: Any) -> License:
    return license(coverage=rows, **changes)


def test_charge_rows_match_paid_invoices() -> None:
    """Each of the two has the other, over the same days; trials and open invoices have none."""
    rule = rules.charge_rows_match_paid_invoices
    paid, trial = invoice().paid(NOW), attrs.evolve(FIRST, why=CoverageKind.TRIAL, source=None)
    assert [] == found(rule, invoices=[paid, invoice("inv_2", index=1)], licenses=[covered_by(FIRST)])
    assert [("inv_1", "paid, but covers nothing")] == found(
        rule, invoices=[paid], licenses=[covered_by(trial)]
    )
    for source in ("inv_2", None):
        stray = attrs.evolve(FIRST, source=source)
        assert [("lic_1", "2025-01-31 is covered by no paid invoice")] == found(
            rule, licenses=[covered_by(stray)]
        )
    short = attrs.evolve(FIRST, end=date(2025, 2, 27))
    assert [("inv_1", "its row covers other days")] == found(
        rule, invoices=[paid], licenses=[covered_by(short)]
    )


def test_rows_tile_time() -> None:
    """Day by day."""
    second = attrs.evolve(FIRST, start=FEB_28, end=MAR_31, index=1)
    late = attrs.evolve(second, start=date(2025, 3, 1))
    assert [] == found(rules.rows_tile_time, licenses=[covered_by(FIRST, second)])
    assert [("lic_1", "a row ends on 2025-02-28, the next starts on 2025-03-01")] == found(
        rules.rows_tile_time, licenses=[covered_by(FIRST, late)]
    )


def test_boundaries_follow_the_schedule() -> None:
    """Of rows that are a period of it."""
    rule = rules.boundaries_follow_the_schedule
    off = attrs.evolve(FIRST, end=date(2025, 3, 1))
    assert [] == found(rule, licenses=[covered_by(FIRST), covered_by(attrs.evolve(off, index=None))])
    assert [("lic_1", "the row from 2025-01-31 to 2025-03-01 is off its schedule")] == found(
        rule, licenses=[covered_by(off)]
    )


def test_nothing_charged_early() -> None:
    """At the very instant it is due, and not before."""
    bill = invoice()
    early, due = (attempt(first_sent_at=bill.due_at - wait) for wait in (TICK, timedelta(0)))
    rule = rules.nothing_charged_early
    assert [("att_1", "sent before its invoice was due")] == found(rule, attempts=[early], invoices=[bill])
    assert [] == found(rule, attempts=[due], invoices=[bill])
    assert [] == found(rule, attempts=[early])


def test_nothing_is_forgotten() -> None:
    """Sooner is fine; later and never are not."""

    def found_when(actual: dict[str, datetime | None], expected: datetime | None = NOW) -> Findings:
        return list(
            rules.nothing_is_forgotten(BillingState(wakes=actual, expected_wakes={"lic_1": expected}))
        )

    assert [] == found_when({"lic_1": NOW}) + found_when({"lic_1": NOW - DAY}) + found_when({}, None)
    assert [("lic_1", f"due {NOW}, looked at None")] == found_when({"lic_1": None})
    assert [("lic_1", f"due {NOW}, looked at None")] == found_when({"lic_2": NOW})
    assert [("lic_1", f"due {NOW}, looked at {NOW + TICK}")] == found_when({"lic_1": NOW + TICK})


# -- ends, and uncertainty ---------------------------------------------------------------------


def test_canceled_stays_canceled() -> None:
    """What started at the last instant was allowed."""
    rule, ended = rules.canceled_stays_canceled, license().with_cancellation(Cancellation(requested_at=NOW))
    last, late = attempt(first_sent_at=NOW), attempt(first_sent_at=NOW + TICK)
    assert [] == found(rule, attempts=[last], licenses=[ended])
    assert [("att_1", f"started after the end at {NOW}")] == found(rule, attempts=[late], licenses=[ended])
    assert [] == found(rule, attempts=[late], licenses=[license()])
    assert [] == found(rule, attempts=[late])


BEGINS = (
    EventType.CHARGE_STARTED,
    EventType.CHARGE_SOUGHT,
    EventType.CHARGE_CONFIRMING,
    EventType.CHARGE_RESENT,
    EventType.CHARGE_UNCERTAIN,
)
ENDS = (
    EventType.CHARGE_SUCCEEDED,
    EventType.CHARGE_DECLINED,
    EventType.CHARGE_REQUIRES_ACTION,
    EventType.CHARGE_VOIDED,
    EventType.ATTENTION_RESOLVED,
)
EXPIRED = event("evt_9", type=EventType.LICENSE_EXPIRED)


@pytest.mark.parametrize("begins", BEGINS)
@pytest.mark.parametrize("ends", ENDS)
def test_expired_only_when_certain(begins: str, ends: str) -> None:
    """From the intent to an answer that is one, of that very license."""
    rule, doubt, certain = rules.expired_only_when_certain, event(type=begins), event("evt_2", type=ends)
    assert [("lic_1", f"expired at {NOW}")] == found(rule, events=[doubt, EXPIRED])
    assert [("lic_1", f"expired at {NOW}")] == found(rule, events=[certain, doubt, EXPIRED])
    assert [] == found(rule, events=[doubt, certain, EXPIRED])
    assert [] == found(rule, events=[attrs.evolve(doubt, license_id="lic_2"), EXPIRED])
    elsewhere = attrs.evolve(certain, license_id="lic_2")
    assert [("lic_1", f"expired at {NOW}")] == found(rule, events=[doubt, elsewhere, EXPIRED])


# -- the record --------------------------------------------------------------------------------


def test_one_alert_per_orphan() -> None:
    """None too many and none too few, each about its own attempt."""
    rule = rules.one_alert_per_orphan
    orphan, alert = void(orphan=SUCCESS), _alert("evt_1", attempt=1)
    other = _alert("evt_2", attempt=2)
    assert [] == found(rule, attempts=[orphan, void("att_2", number=2)], events=[alert])
    assert [("att_1", "0 alerts")] == found(rule, attempts=[orphan], events=[other])
    assert [("att_1", "2 alerts")] == found(rule, attempts=[orphan], events=[alert, alert])
    assert [("att_1", "1 alerts")] == found(rule, attempts=[void()], events=[alert])
    elsewhere = attrs.evolve(alert, invoice_id="inv_2")
    assert [("att_1", "0 alerts")] == found(rule, attempts=[orphan], events=[elsewhere])
    assert [] == found(rule, attempts=[orphan])


@pytest.mark.parametrize("decision", [EventType.ATTENTION_RESOLVED, EventType.REFUND_STARTED])
def test_one_alert_per_decision(decision: str) -> None:
    """Decided, it needs none; if the decision failed, one more; and none is decided that nobody heard of."""
    rule = rules.one_alert_per_orphan
    orphan, alert = void(orphan=SUCCESS), _alert("evt_1", attempt=1)
    decided, resolved = orphan.decided("refund"), _alert("evt_2", decision, attempt=1)
    elsewhere = _alert("evt_3", decision, attempt=2)
    assert [] == found(rule, attempts=[decided], events=[alert, resolved])
    assert [] == found(rule, attempts=[orphan], events=[alert, resolved, alert])
    assert [("att_1", "0 alerts")] == found(rule, attempts=[orphan], events=[alert, resolved])
    assert [("att_1", "1 alerts")] == found(rule, attempts=[decided], events=[alert, elsewhere])
    assert [("att_1", "0 alerts")] == found(rule, attempts=[decided], events=[resolved])
    assert [("att_1", "1 alerts")] == found(rule, attempts=[decided], events=[alert, resolved, alert])


def _alert(id: str, type: str = EventType.CHARGE_ORPHANED, **data: Any) -> Event:
    return event(id, type=type, invoice_id="inv_1", data=data)


@pytest.mark.parametrize("decides", [EventType.ATTENTION_RESOLVED, EventType.REFUND_STARTED])
def test_alerts_after_a_decision(decides: str) -> None:
    """One more if what was decided failed; a decision ends only the alert of its own attempt."""
    rule = rules.one_alert_per_orphan
    first, again = _alert("evt_1", attempt=1), _alert("evt_3", attempt=1)
    decision, other = _alert("evt_2", decides, attempt=1), _alert("evt_2", decides, attempt=2)
    decided, open_again = void(orphan=SUCCESS, decision="refund"), void(orphan=SUCCESS)
    assert [] == found(rule, attempts=[decided], events=[first, decision])
    assert [] == found(rule, attempts=[open_again], events=[first, decision, again])
    assert [("att_1", "1 alerts")] == found(rule, attempts=[decided], events=[first])
    assert [("att_1", "1 alerts")] == found(rule, attempts=[decided], events=[first, other])
    assert [("att_1", "0 alerts")] == found(rule, attempts=[open_again], events=[first, decision])
    assert [("att_1", "2 alerts")] == found(rule, attempts=[open_again], events=[first, again])
    assert [] == found(rule, attempts=[void()], events=[decision])


@pytest.mark.parametrize(
    "type",
    [
        EventType.BILLING_INFO_UPDATED,
        EventType.CARD_ADDED,
        EventType.CARD_REPLACED,
        EventType.CARD_REMOVED,
        EventType.CARD_MADE_DEFAULT,
        EventType.LICENSE_STARTED,
        EventType.OWNERSHIP_TRANSFERRED,
    ],
)
def test_owners_decide(type: str) -> None:
    """What only an owner may do, done by anybody else, is found."""
    by_support = event(type=type, actor=ActorRef(kind="member", id="sam", role="support"))
    by_owner = event(type=type, actor=ActorRef(kind="member", id="ada", role="owner"))
    free = attrs.evolve(by_support, type=EventType.CARD_FROZEN)
    assert [("evt_1", f"{type} by support")] == found(
        rules.owners_decide, events=[by_owner, free, by_support]
    )


@pytest.mark.parametrize(
    ("numbers", "is_true"), [([], True), ([1, 2], True), ([2, 1], False), ([0, 1], False), ([1, 3], False)]
)
def test_events_are_numbered(numbers: list[int], is_true: bool) -> None:
    """In the order of their commits."""
    events = [event(f"evt_{number}", sequence=number) for number in numbers]
    expected = [] if is_true else [("events", "the sequence has gaps or repeats")]
    assert expected == found(rules.events_are_numbered, events=events)
    assert [] == found(rules.events_are_numbered)


def test_events_reproduce_the_books() -> None:
    """Every record as it is, but for the number of an invoice, which the store gives at last."""
    rule = rules.events_reproduce_the_books
    kept: dict[str, Any] = {
        "account": account(),
        "license": license(),
        "invoice": invoice(),
        "attempt": attempt(),
        "refund": refund(),
    }
    told = {
        kind: event(f"evt_{kind}", changes=(record_change(kind, None, record),))
        for kind, record in kept.items()
    }
    state = {f"{kind}s": [record] for kind, record in kept.items()}
    assert [] == found(rule, **state, events=told.values())
    assert [] == found(rule, **{**state, "invoices": [invoice(number=7)]}, events=told.values())
    assert [] == found(rule, **state)
    for kind, record in kept.items():
        others = [it for name, it in told.items() if name != kind]
        unknown = [(record.id, f"the events tell another {kind}")]
        assert unknown == found(rule, **state, events=others)
        assert unknown == found(rule, **{**state, f"{kind}s": []}, events=told.values())
    changed = {**state, "attempts": [attempt().answered(SUCCESS, NOW)]}
    assert [("att_1", "the events tell another attempt")] == found(rule, **changed, events=told.values())


def test_events_that_can_not_be_folded() -> None:
    """A version that is missing is one finding about the events, and no comparison."""
    second = attempt().answered(SUCCESS, NOW)
    skipped = event(changes=(record_change("attempt", attempt(), second),))
    [(record, detail)] = found(rules.events_reproduce_the_books, attempts=[second], events=[skipped])
    assert ("events", True) == (record, "att_1" in detail)


# -- cards -------------------------------------------------------------------------------------


def test_no_charge_on_a_frozen_card() -> None:
    """From the decline that froze it on; another card, and what was sent before, are no matter."""
    rule = card_rules.no_charge_on_a_frozen_card
    never = attempt("att_1").answered(ChargeResult.declined(Advice.NEVER), NOW)
    later = attempt("att_2", first_sent_at=NOW + TICK)
    assert [("att_2", "the card was frozen before")] == found(rule, attempts=[later, never])
    assert [] == found(rule, attempts=[never, attempt("att_2", first_sent_at=NOW)])
    assert [] == found(rule, attempts=[never, attrs.evolve(later, card_id="card_2")])
    soft = attempt("att_1").answered(ChargeResult.declined(Advice.RETRY_LATER), NOW)
    assert [] == found(rule, attempts=[soft, later])
    again = later.answered(ChargeResult.declined(Advice.NEVER), NOW + DAY)
    third = attempt("att_3", first_sent_at=NOW + HOUR)
    assert ["att_2", "att_3"] == [id for id, _ in found(rule, attempts=[never, again, third])]
    # After a restore it is looked for what was forgotten, on whatever card: that charges nothing.
    assert [] == found(rule, attempts=[never, attrs.evolve(later, sends=0)])


@pytest.mark.parametrize(("advice", "is_free"), [(Advice.NEVER, True), (Advice.STOP_RECURRING, False)])
def test_other_plastic_under_a_frozen_card(advice: Advice, *, is_free: bool) -> None:
    """What was said of the plastic ends with it; consent that was withdrawn stays so."""
    frozen = attempt("att_1").answered(ChargeResult.declined(advice), NOW)
    later = attempt("att_2", first_sent_at=NOW + TICK)
    other = attrs.evolve(later, fingerprint="fp_new")
    rule, stopped = card_rules.no_charge_on_a_frozen_card, [("att_2", "the card was frozen before")]
    assert stopped == found(rule, attempts=[frozen, later])
    assert ([] if is_free else stopped) == found(rule, attempts=[frozen, other])


@pytest.mark.parametrize(("place", "is_allowed"), [(30 * DAY - TICK, False), (30 * DAY, True)])
def test_network_limits_are_kept(place: timedelta, is_allowed: bool) -> None:
    """Visa: the sixteenth in 30 days is one too many, on the same physical card."""
    declined = [
        attempt(f"att_{n}", state=S.DECLINED, first_sent_at=NOW + n * MINUTE, card_use=n + 1)
        for n in range(15)
    ]
    more = attempt("att_more", first_sent_at=NOW + place, card_use=16)
    rule = card_rules.network_limits_are_kept
    expected = [] if is_allowed else [("att_more", f"allowed again at {NOW + 30 * DAY}")]
    assert expected == found(rule, attempts=[*declined, more])
    assert [] == found(rule, attempts=[*declined[1:], more])
    assert [] == found(rule, attempts=[*declined, attrs.evolve(more, fingerprint="fp_other")])
    assert [] == found(rule, attempts=[*declined[1:], attrs.evolve(declined[0], state=S.VOID), more])
    assert [] == found(rule, attempts=[*declined, attrs.evolve(more, sends=0)])


def test_network_limits_are_those_of_the_brand() -> None:
    """Mastercard: the eleventh in a day is one too many; to Visa it is not."""
    rule = card_rules.network_limits_are_kept
    for brand, is_allowed in (("mastercard", False), ("visa", True)):
        declined = [
            attempt(f"att_{n}", state=S.DECLINED, brand=brand, first_sent_at=NOW + n * MINUTE, card_use=n + 1)
            for n in range(10)
        ]
        more = attempt("att_more", brand=brand, first_sent_at=NOW + HOUR, card_use=11)
        expected = [] if is_allowed else [("att_more", f"allowed again at {NOW + DAY}")]
        assert expected == found(rule, attempts=[*declined, more])


def test_card_uses_are_counted() -> None:
    """0 is no number."""
    rule = card_rules.card_uses_are_counted
    first, same = attempt("att_1", card_use=3), attempt("att_2", card_use=3)
    assert [("fp_card_1", "2 attempts are number 3 on the card")] == found(rule, attempts=[first, same])
    assert [] == found(rule, attempts=[first, attrs.evolve(same, fingerprint="fp_2")])
    assert [] == found(rule, attempts=[attempt("att_1"), attempt("att_2"), first])


# -- refunds -----------------------------------------------------------------------------------

BACK = refund().sent(NOW).answered(RefundResult.succeeded(PRICE), NOW)
LOST = refund().sent(NOW).answered(RefundResult.unknown(), NOW)


def gave_back(amount: Money = PRICE, key: str = "key_ref_1") -> LedgerEntry:
    return LedgerEntry(reference="reference_ref_1", idempotency_key=key, amount=amount)


def again(of: Refund, **changes: Any) -> Refund:
    """A second refund like this one."""
    request = attrs.evolve(of.request, idempotency_key="key_ref_2")
    return attrs.evolve(of, id="ref_2", number=2, request=request, **changes)


def test_refunds_within_captures() -> None:
    """All of it may go back, and not a cent more; late money that went back is loud already."""
    rule = refund_rules.refunds_within_captures
    assert [] == found(rule, attempts=[paid_by()], refunds=[BACK])
    assert [("att_1", "refunded, but there is no such charge")] == found(rule, refunds=[BACK])
    assert [("att_1", "refunded, but nothing is known to have been captured")] == found(
        rule, attempts=[void()], refunds=[BACK]
    )
    more = [("att_1", "more than the captured 19.99 EUR was given back")]
    assert more == found(rule, attempts=[paid_by()], refunds=[BACK, again(LOST)])
    failed = again(LOST).after(RefundEvent.NEVER_HAPPENED, NOW)
    assert [] == found(rule, attempts=[paid_by()], refunds=[BACK, failed])
    late = failed.orphaned(RefundResult.succeeded(PRICE))
    assert [] == found(rule, attempts=[paid_by()], refunds=[BACK, late])
    other = attrs.evolve(again(BACK), attempt_id="att_2")
    both = [paid_by(), paid_by("att_2")]
    assert [] == found(rule, attempts=both, refunds=[late, other])
    twice = attrs.evolve(again(other), id="ref_3")
    assert [("att_2", more[0][1])] == found(rule, attempts=both, refunds=[late, other, twice])


def test_refunds_are_numbered() -> None:
    """From 1, as the charge has counted them."""
    rule = refund_rules.refunds_are_numbered
    assert [] == found(
        rule, attempts=[paid_by(refund_count=2), paid_by("att_2")], refunds=[again(BACK), BACK]
    )
    assert [("att_1", "counted 2 refunds, found [2]")] == found(
        rule, attempts=[paid_by(refund_count=2)], refunds=[again(BACK)]
    )
    assert [("att_1", "counted 0 refunds, found [1]")] == found(rule, attempts=[paid_by()], refunds=[BACK])
    assert [("att_1", "counted 1 refunds, found []")] == found(rule, attempts=[paid_by(refund_count=1)])


def test_one_unresolved_refund_per_charge() -> None:
    """One of each charge may be."""
    rule = refund_rules.one_unresolved_refund_per_charge
    assert [("att_1", "2 unresolved refunds")] == found(rule, refunds=[LOST, again(LOST)])
    assert [] == found(rule, refunds=[LOST, again(BACK), again(LOST, attempt_id="att_2")])


def test_refunds_are_recorded() -> None:
    """What went back has its refund, which says so, over that amount; or a person knows."""
    rule = refund_rules.refunds_are_recorded
    failed = LOST.after(RefundEvent.NEVER_HAPPENED, NOW)
    assert [] == found(rule, refunds=[BACK], refund_ledger=[gave_back()])
    assert [] == found(rule, refunds=[failed])
    assert [("reference_ref_1", "no refund has this key")] == found(rule, refund_ledger=[gave_back()])
    assert [("ref_1", "given back, but void")] == found(rule, refunds=[failed], refund_ledger=[gave_back()])
    assert [] == found(rule, refunds=[failed.decided("void")], refund_ledger=[gave_back()])
    assert [("ref_1", "gave back 1.00 EUR, asked for 19.99 EUR")] == found(
        rule, refunds=[BACK], refund_ledger=[gave_back(ONE)]
    )
    for known in (BACK.decided("confirm"), LOST.after(RefundEvent.GAVE_UP, NOW)):
        assert [] == found(rule, refunds=[known], refund_ledger=[gave_back(ONE)])


def test_refunds_happened() -> None:
    """Once, unless a person says so; what is not settled claims nothing."""
    rule = refund_rules.refunds_happened
    nothing = [("ref_1", "succeeded, but the processor gave nothing back")]
    assert nothing == found(rule, refunds=[BACK], refund_ledger=[])
    assert [] == found(rule, refunds=[BACK, again(LOST)], refund_ledger=[gave_back()])
    assert [] == found(rule, refunds=[BACK.decided("confirm"), again(LOST)], refund_ledger=[])
    assert [] == found(rule, refunds=[BACK])
    for known in (BACK, LOST):
        twice = [("ref_1", "given back 2 times")]
        assert twice == found(rule, refunds=[known], refund_ledger=[gave_back(), gave_back()])


def test_refunds_made_elsewhere() -> None:
    """They are known by the processor's id, for they have no key."""
    made = attrs.evolve(BACK, elsewhere_ref="re_9")
    entry = gave_back(key="re_9")
    for rule in (refund_rules.refunds_are_recorded, refund_rules.refunds_happened):
        assert [] == found(rule, refunds=[made], refund_ledger=[entry])
    nothing = [("ref_1", "succeeded, but the processor gave nothing back")]
    assert nothing == found(refund_rules.refunds_happened, refunds=[made], refund_ledger=[gave_back()])
    unknown = [("reference_ref_1", "no refund has this key")]
    assert unknown == found(refund_rules.refunds_are_recorded, refunds=[made], refund_ledger=[gave_back()])


def test_invoices_show_refunds() -> None:
    """Of money that paid them, that surely went back, also by a person's word."""
    rule = refund_rules.invoices_show_refunds
    paid, charge = invoice().paid(NOW), paid_by()
    shown = paid.with_refund(PRICE)
    missing = [("inv_1", "shows 0.00 EUR refunded, its refunds are 19.99 EUR")]
    too_much = [("inv_1", "shows 19.99 EUR refunded, its refunds are 0.00 EUR")]
    late = LOST.after(RefundEvent.NEVER_HAPPENED, NOW).orphaned(RefundResult.succeeded(PRICE))
    for back in (BACK, late.decided("confirm")):
        assert [] == found(rule, invoices=[shown], attempts=[charge], refunds=[back])
        assert missing == found(rule, invoices=[paid], attempts=[charge], refunds=[back])
    for kept in (LOST, late):
        assert [] == found(rule, invoices=[paid], attempts=[charge], refunds=[kept])
        assert too_much == found(rule, invoices=[shown], attempts=[charge], refunds=[kept])
    orphan = void(orphan=SUCCESS, decision="refund")
    assert [] == found(rule, invoices=[paid], attempts=[orphan], refunds=[BACK])
    assert [] == found(rule, invoices=[paid], refunds=[BACK])
    assert [] == found(rule, invoices=[paid, invoice("inv_2", index=1)])


def test_one_alert_per_refund_orphan() -> None:
    """None too many and none too few."""
    rule = refund_rules.one_alert_per_refund_orphan
    late = LOST.after(RefundEvent.NEVER_HAPPENED, NOW).orphaned(RefundResult.succeeded(PRICE))
    alert = _alert("evt_1", EventType.REFUND_ORPHANED, refund_id="ref_1")
    charge = attrs.evolve(alert, type=EventType.CHARGE_ORPHANED)
    assert [] == found(rule, refunds=[late, again(LOST)], events=[alert])
    assert [("ref_1", "0 alerts")] == found(rule, refunds=[late], events=[charge])
    assert [("ref_1", "2 alerts")] == found(rule, refunds=[late], events=[alert, alert])
    assert [("ref_1", "1 alerts")] == found(rule, refunds=[LOST], events=[alert])
    assert [] == found(rule, refunds=[late])
