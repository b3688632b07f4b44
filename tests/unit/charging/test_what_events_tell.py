"""What events tell, whole: hosts read their data, so a key or a word that goes missing breaks them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from billing_core.advice import Advice
from billing_core.charging.apply import Making, apply_step
from billing_core.charging.attempt import AttemptEvent, AttemptState, AttentionDecision, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.drafts import Applied
from billing_core.charging.refund import Refund, RefundEvent
from billing_core.charging.settle import settle, settle_prepared
from billing_core.charging.settle_refund import settle_refund
from billing_core.charging.steps import (
    Because,
    CarryOver,
    ChargeInvoice,
    IssueInvoice,
    Notify,
    RecordCancellation,
    RecordExpiry,
    ResolveAction,
    ResolveCharge,
    ResolveRefund,
    SeekCharge,
    SkipPeriods,
    StartRefund,
    StartTerm,
    Step,
    VoidInvoice,
)
from billing_core.events import EventType
from billing_core.gateways.results import ActionRequired, ChargeNotFound, ChargeResult, RefundResult
from billing_core.licenses.license import Cancellation, NoticeKind
from billing_core.policy import BillingPolicy, CancelUncertain
from billing_core.values.ids import derive_id
from billing_core.values.money import Money
from tests import builders
from tests.charging_builders import (
    JAN_31,
    PRICE,
    an_attempt,
    covered,
    dossier_of,
    license_of,
    monthly,
    paris,
)

NOW = paris(JAN_31)
HOUR = timedelta(hours=1)
POLICY = BillingPolicy()
MAKING = Making(namespace="test", policy=POLICY)
BECAUSE = Because("some_rule", {"seen": 7})
WHY: dict[str, Any] = {"because": "some_rule", "facts": {"seen": 7}}
BILL: dict[str, Any] = {
    "amount_due": "20.00 EUR",
    "due_on": "2025-01-31",
    "period": "2025-01-31/2025-02-28",
}


def told(applied: Applied) -> list[tuple[str, str | None, dict[str, Any]]]:
    """The events as hosts get them: type, invoice and data."""
    return [(draft.type, draft.invoice_id, dict(draft.data)) for draft in applied[1]]


def applied(step: Step, dossier: Dossier) -> list[tuple[str, str | None, dict[str, Any]]]:
    """What carrying out a step tells."""
    return told(apply_step(step, dossier, NOW, MAKING))


def billed(**changes: Any) -> Dossier:
    """A dossier whose first period was billed."""
    dossier = dossier_of(**changes)
    license = dossier.license
    step = IssueInvoice(because=BECAUSE, term=1, index=0, period=license.next_period)
    return apply_step(step, dossier, NOW, MAKING)[0]


# -- steps ---------------------------------------------------------------------------------------


def test_issued() -> None:
    """What is owed, for which period, since when, and why now."""
    step = IssueInvoice(because=BECAUSE, term=1, index=0, period=license_of().next_period)
    [invoice] = billed().invoices
    assert [(EventType.INVOICE_ISSUED, invoice.id, {**BILL, **WHY, "total": "20.00 EUR"})] == applied(
        step, dossier_of()
    )


def test_issued_for_nothing() -> None:
    """It is paid at once, and says until when the license is."""
    free = license_of(monthly(Money.zero("EUR")))
    [invoice] = billed(license=free).invoices
    step = IssueInvoice(because=BECAUSE, term=1, index=0, period=free.next_period)
    bill = {**BILL, "amount_due": "0.00 EUR"}
    assert [
        (EventType.INVOICE_ISSUED, invoice.id, {**bill, **WHY, "total": "0.00 EUR"}),
        (EventType.INVOICE_PAID, invoice.id, bill),
        (
            EventType.LICENSE_RENEWED,
            invoice.id,
            {"paid_until": "2025-02-28", "period": "2025-01-31/2025-02-28"},
        ),
    ] == applied(step, dossier_of(free))


@pytest.mark.parametrize("gone", ["carry_over", "void"])
def test_invoice_that_needs_no_charge(gone: str) -> None:
    """Carried over it is paid, and its period with it; void it is not."""
    dossier = billed()
    [invoice] = dossier.invoices
    renewed = {"paid_until": "2025-02-28", "period": "2025-01-31/2025-02-28"}
    expected = {
        "carry_over": [
            (EventType.INVOICE_PAID, invoice.id, {**BILL, "amount_due": "0.00 EUR"}),
            (EventType.LICENSE_RENEWED, invoice.id, renewed),
        ],
        "void": [(EventType.INVOICE_VOIDED, invoice.id, {**BILL, **WHY})],
    }
    steps = {
        "carry_over": CarryOver(because=BECAUSE, invoice_id=invoice.id),
        "void": VoidInvoice(because=BECAUSE, invoice_id=invoice.id),
    }
    assert expected[gone] == applied(steps[gone], dossier)


def test_charge_started_or_sought() -> None:
    """Which attempt it is; a card by its brand and last digits, and only where one is charged."""
    dossier = billed()
    [invoice] = dossier.invoices
    charge = ChargeInvoice(because=BECAUSE, invoice_id=invoice.id, card_id="card_1")
    seek = SeekCharge(because=BECAUSE, invoice_id=invoice.id, card_id="card_1")
    label = dossier.account.card("card_1").label
    assert "4242" in label
    assert [(EventType.CHARGE_STARTED, invoice.id, {**BILL, **WHY, "attempt": 1, "card": label})] == applied(
        charge, dossier
    )
    assert [(EventType.CHARGE_SOUGHT, invoice.id, {**BILL, **WHY, "attempt": 1})] == applied(seek, dossier)


@pytest.mark.parametrize(
    ("action", "state", "event", "more"),
    [
        (ResolveAction.RESEND, AttemptState.UNKNOWN, EventType.CHARGE_RESENT, {}),
        (ResolveAction.CONFIRM, AttemptState.OPEN, EventType.CHARGE_CONFIRMING, {}),
        (ResolveAction.CANCEL, AttemptState.REQUIRES_ACTION, EventType.CHARGE_CALLED_OFF, {}),
        (ResolveAction.VOID, AttemptState.UNKNOWN, EventType.CHARGE_VOIDED, {}),
        (ResolveAction.HOLD, AttemptState.UNKNOWN, EventType.CHARGE_HELD, {}),
        (
            ResolveAction.END_ACTION,
            AttemptState.REQUIRES_ACTION,
            EventType.CHARGE_DECLINED,
            {"advice": "authenticate"},
        ),
    ],
)
def test_charge_resolved(
    action: ResolveAction, state: AttemptState, event: str, more: dict[str, Any]
) -> None:
    """Which attempt, by which rule, and what the rule looked at."""
    dossier = dossier_of(attempts=(an_attempt(state, number=3),))
    step = ResolveCharge(because=BECAUSE, attempt_id="att_1", action=action)
    assert [(event, "inv_1", {"attempt": 3, **WHY, **more})] == applied(step, dossier)


def test_license_goes_on_or_ends() -> None:
    """Lapsed days, another term, an expiry and an end say from when and until when."""
    dossier = billed(license=covered(license_of()))
    [invoice] = dossier.invoices
    bill = {**BILL, "due_on": "2025-02-28", "period": "2025-02-28/2025-03-31"}
    skip = SkipPeriods(because=BECAUSE, until=date(2025, 4, 30), invoice_id=invoice.id)
    assert [
        (
            EventType.INVOICE_VOIDED,
            invoice.id,
            {**bill, **WHY},
        ),
        (EventType.PERIODS_LAPSED, None, {"from": "2025-02-28", "until": "2025-04-30", **WHY}),
    ] == applied(skip, dossier)
    paid_until = {"paid_until": "2025-02-28"}
    assert [(EventType.LICENSE_EXPIRED, None, {**paid_until, **WHY})] == applied(
        RecordExpiry(because=BECAUSE, key="expiry"), dossier
    )
    assert [(EventType.LICENSE_CANCELED, None, paid_until)] == applied(
        RecordCancellation(because=BECAUSE, key="end"), dossier
    )


def test_term_started() -> None:
    """What is billed from then on, in which zone, and why."""
    plan = attrs.evolve(monthly(), version=4)
    old = license_of().term
    term = attrs.evolve(old, number=2, plan=plan, quantity=5, first_index=2)
    data = {
        "term": 2,
        "start": "2025-03-31",
        "plan": "team",
        "plan_version": 4,
        "quantity": 5,
        "zone": "Europe/Paris",
        **WHY,
    }
    assert [(EventType.TERM_STARTED, None, data)] == applied(
        StartTerm(because=BECAUSE, term=term), dossier_of(covered(license_of(), 2))
    )


@pytest.mark.parametrize(
    ("notice", "event"),
    [
        (NoticeKind.RENEWAL_COMING, EventType.NOTICE_RENEWAL_COMING),
        (NoticeKind.CARD_MISSING, EventType.NOTICE_CARD_MISSING),
        (NoticeKind.CARD_EXPIRING, EventType.NOTICE_CARD_EXPIRING),
        (NoticeKind.EXTENSION_ENDING, EventType.NOTICE_EXTENSION_ENDING),
    ],
)
def test_notices(notice: NoticeKind, event: str) -> None:
    """Each kind has its event, with what the step found; and the license remembers it."""
    step = Notify(because=BECAUSE, notice=notice, key="notice_1", data={"day": "2025-02-28"})
    after, drafts = apply_step(step, dossier_of(), NOW, MAKING)
    assert [(event, None, {"day": "2025-02-28"})] == told((after, drafts))
    assert "notice_1" in after.license.notices


# -- answers to charges ----------------------------------------------------------------------------

ANSWER: dict[str, Any] = {"attempt": 1, "amount": "20.00 EUR"}
DECLINED = ChargeResult.declined(Advice.RETRY_LATER, gateway_code="insufficient_funds")
SAID: dict[str, Any] = {"advice": "retry_later", "gateway_code": "insufficient_funds"}
ASKED = ChargeResult.requires_action(ActionRequired())
SUCCESS = ChargeResult.succeeded(PRICE, gateway_ref="ch_1")


def settled(
    attempt: ChargeAttempt,
    answer: ChargeResult | ChargeNotFound,
    **asked: bool,
) -> list[tuple[str, str | None, dict[str, Any]]]:
    """What an answer to the only attempt tells, an hour after it was sent."""
    dossier = billed()
    attempt = attrs.evolve(attempt, invoice_id=dossier.invoices[0].id)
    events = told(settle(dossier.with_attempt(attempt), "att_1", answer, NOW + HOUR, POLICY, **asked))
    names = {dossier.invoices[0].id: "its invoice", None: None}
    return [(event, names[invoice_id], data) for event, invoice_id, data in events]


@pytest.mark.parametrize(
    ("answer", "event", "more"),
    [
        (
            DECLINED,
            EventType.CHARGE_DECLINED,
            SAID,
        ),
        (ASKED, EventType.CHARGE_REQUIRES_ACTION, {}),
        (ChargeResult.pending(gateway_ref="ch_1"), EventType.CHARGE_UNCERTAIN, {"gateway_ref": "ch_1"}),
        (ChargeResult.unknown("timeout"), EventType.CHARGE_UNCERTAIN, {}),
        (ChargeResult.not_attempted(), EventType.CHARGE_NOT_ATTEMPTED, {}),
        (
            ChargeResult.succeeded(Money.of("1.00", "EUR"), gateway_ref="ch_1"),
            EventType.CHARGE_HELD,
            {"gateway_ref": "ch_1"},
        ),
    ],
)
def test_answer_to_a_send(answer: ChargeResult, event: str, more: dict[str, Any]) -> None:
    """What was asked for, and what the processor said about it."""
    assert [(event, "its invoice", {**ANSWER, **more})] == settled(an_attempt(), answer)


def test_success_after_the_end() -> None:
    """All that a success tells, and that its money has no place."""
    dossier = billed()
    invoice = dossier.invoices[0]
    dossier = dossier.with_attempt(an_attempt(invoice_id=invoice.id)).with_license(
        dossier.license.with_cancellation(Cancellation(requested_at=NOW))
    )
    policy = BillingPolicy(cancel_uncertain=CancelUncertain.REFUND)
    data = {**ANSWER, "gateway_ref": "ch_1"}
    renewed = {"paid_until": "2025-02-28", "period": "2025-01-31/2025-02-28"}
    assert [
        (EventType.CHARGE_SUCCEEDED, invoice.id, data),
        (EventType.INVOICE_PAID, invoice.id, BILL),
        (EventType.LICENSE_RENEWED, invoice.id, renewed),
        (EventType.CHARGE_ORPHANED, invoice.id, {**data, "why": "canceled"}),
    ] == told(settle(dossier, "att_1", SUCCESS, NOW + HOUR, policy))


@pytest.mark.parametrize("advice", [Advice.NEVER, Advice.STOP_RECURRING])
def test_frozen_card(advice: Advice) -> None:
    """Which card, and by which advice."""
    declined = {**ANSWER, "advice": advice.value, "gateway_code": None}
    assert [
        (EventType.CHARGE_DECLINED, "its invoice", declined),
        (EventType.CARD_FROZEN, None, {"card_id": "card_1", "advice": advice.value}),
    ] == settled(an_attempt(), ChargeResult.declined(advice))


def test_look_up_without_news() -> None:
    """Not found, or the same as before: said as a look, not as a new answer."""
    found = {"attempt": 1, "found": False}
    lost = an_attempt(AttemptState.UNKNOWN)
    assert [(EventType.CHARGE_LOOKED_UP, "its invoice", found)] == settled(lost, ChargeNotFound())
    unchanged = {**ANSWER, "state": "unknown"}
    assert [(EventType.CHARGE_LOOKED_UP, "its invoice", unchanged)] == settled(
        lost, ChargeResult.unknown(), is_look_up=True
    )


@pytest.mark.parametrize("answer", [SUCCESS, DECLINED])
def test_late_answers(answer: ChargeResult) -> None:
    """Before a person: how it ended. After the end: what was taken, and where the attempt stands."""
    is_money = answer is SUCCESS
    ended = {"gateway_ref": "ch_1"} if is_money else SAID
    held, void = (an_attempt(state, number=2) for state in (AttemptState.HELD, AttemptState.VOID))
    assert [(EventType.CHARGE_HELD, "its invoice", {**ANSWER, "attempt": 2, **ended})] == settled(
        held, answer
    )
    orphan = (EventType.CHARGE_ORPHANED, "its invoice", {**ANSWER, "attempt": 2, "why": "void"})
    assert ([orphan] if is_money else []) == settled(void, answer)


# -- answers at a fenced gateway -------------------------------------------------------------------

FENCED = an_attempt(is_fenced=True, gateway_ref=None, number=4)
PREPARED = FENCED.prepared("pi_1", NOW)
CONFIRMED = PREPARED.confirming(NOW)


def test_prepared() -> None:
    """The processor's id is on record before anything is confirmed, and only the first one."""
    dossier = billed()
    invoice = dossier.invoices[0]
    dossier = dossier.with_attempt(attrs.evolve(FENCED, invoice_id=invoice.id))
    after, drafts = settle_prepared(dossier, "att_1", "pi_1", NOW + HOUR)
    assert [(EventType.CHARGE_PREPARED, invoice.id, {"attempt": 4, "gateway_ref": "pi_1"})] == told(
        (after, drafts)
    )
    [attempt] = after.attempts
    assert ("pi_1", True, NOW + HOUR) == (attempt.gateway_ref, attempt.is_surely_unsent, attempt.look_at)
    assert (after, ()) == settle_prepared(after, "att_1", "pi_2", NOW + HOUR)
    ended = dossier.with_attempt(attrs.evolve(FENCED.after(AttemptEvent.NEVER_HAPPENED, NOW)))
    assert (ended, ()) == settle_prepared(ended, "att_1", "pi_1", NOW + HOUR)


@pytest.mark.parametrize("answer", [ChargeResult.unknown(), ChargeResult.not_attempted(), ASKED])
def test_not_prepared(answer: ChargeResult) -> None:
    """Whatever is no end says that nothing is there to confirm."""
    assert [(EventType.CHARGE_NOT_ATTEMPTED, "its invoice", {**ANSWER, "attempt": 4})] == settled(
        FENCED, answer
    )


def test_looked_up_and_prepared_by_a_process_that_forgot_it() -> None:
    """After a restore: whatever is found counts as at any other gateway."""
    unknown = (EventType.CHARGE_UNCERTAIN, "its invoice", {**ANSWER, "attempt": 4})
    assert [unknown] == settled(FENCED, ChargeResult.unknown(), is_look_up=True)
    vain = {"attempt": 4, "found": False}
    assert [(EventType.CHARGE_LOOKED_UP, "its invoice", vain)] == settled(
        FENCED, ChargeNotFound(), is_look_up=True
    )


def test_declined_but_not_closed() -> None:
    """It could still be confirmed: no decline yet, but looked up, and to be closed at once."""
    said = {**SAID, "state": "unknown"}
    assert [(EventType.CHARGE_LOOKED_UP, "its invoice", {**ANSWER, "attempt": 4, **said})] == settled(
        CONFIRMED, DECLINED
    )
    after, _ = settle(dossier_of(attempts=(CONFIRMED,)), "att_1", DECLINED, NOW + HOUR, POLICY)
    assert (AttemptState.UNKNOWN, NOW + HOUR, DECLINED) == (
        after.attempts[0].state,
        after.attempts[0].look_at,
        after.attempts[0].result,
    )


def test_closed_before_it_was_confirmed() -> None:
    """Surely nothing was taken: void, for it was closed."""
    data = {"attempt": 4, "because": "closed", "facts": {}}
    assert [(EventType.CHARGE_VOIDED, "its invoice", data)] == settled(
        PREPARED, DECLINED, is_look_up=True, is_call_off=True
    )


def test_closed_after_it_was_confirmed() -> None:
    """A decline: the first one, or the closing one, or that the cardholder was needed."""
    once = SAID
    closed = ChargeResult.declined(Advice.NEW_CARD, gateway_code="canceled")
    asked = {"is_look_up": True, "is_call_off": True}
    turned_down = CONFIRMED.turned_down(DECLINED, NOW)
    waiting = CONFIRMED.answered(ASKED, NOW)
    told_of = {"advice": "new_card", "gateway_code": "canceled"}
    needed = {"advice": "authenticate", "gateway_code": None}
    for attempt, answer, said in (
        (turned_down, closed, once),
        (turned_down, ChargeNotFound(), once),
        (waiting, closed, told_of),
        (waiting, ChargeNotFound(), needed),
    ):
        expected = [(EventType.CHARGE_DECLINED, "its invoice", {**ANSWER, "attempt": 4, **said})]
        assert expected == settled(attempt, answer, **asked)


def test_closing_that_is_no_end() -> None:
    """A call-off that finds money books it; one that finds out nothing is a look."""
    assert EventType.CHARGE_SUCCEEDED == settled(CONFIRMED, SUCCESS, is_look_up=True, is_call_off=True)[0][0]
    lost = CONFIRMED.answered(ChargeResult.unknown(), NOW)
    unchanged = {**ANSWER, "attempt": 4, "state": "unknown"}
    assert [(EventType.CHARGE_LOOKED_UP, "its invoice", unchanged)] == settled(
        lost, ChargeResult.unknown(), is_look_up=True, is_call_off=True
    )


# -- refunds ---------------------------------------------------------------------------------------

BACK: dict[str, Any] = {"refund_id": "ref_1", "refund": 1, "amount": "19.99 EUR"}


def with_refunds(*refunds: Refund, **changes: Any) -> Dossier:
    """A charge that succeeded, with these refunds of it."""
    charge = attrs.evolve(
        builders.attempt().answered(ChargeResult.succeeded(builders.PRICE, gateway_ref="ch_1"), NOW),
        **changes,
    )
    return Dossier.of(
        builders.account(),
        builders.license(),
        invoices=[builders.invoice().paid(NOW)],
        attempts=[charge],
        refunds=refunds,
    )


def test_refund_started() -> None:
    """Of which charge, how much, and why."""
    dossier = with_refunds()
    step = StartRefund(because=BECAUSE, attempt_id="att_1", amount=Money.of("5.00", "EUR"))
    after, drafts = apply_step(step, dossier, NOW, MAKING)
    [started] = after.refunds
    data = {"refund_id": started.id, "refund": 1, "amount": "5.00 EUR", "state": "open", "attempt": 1, **WHY}
    assert [(EventType.REFUND_STARTED, "inv_1", data)] == told((after, drafts))
    assert derive_id("ref", "test", "att_1", 1) == started.id
    assert (AttentionDecision.REFUND, 1) == (after.attempts[0].decision, after.attempts[0].refund_count)
    assert ("acc_1", "lic_1", "inv_1", "att_1", "main", NOW, NOW) == (
        started.account_id,
        started.license_id,
        started.invoice_id,
        started.attempt_id,
        started.gateway_id,
        started.decided_at,
        started.look_at,
    )


@pytest.mark.parametrize(
    ("action", "event", "state"),
    [
        (ResolveAction.RESEND, EventType.REFUND_SENT, "open"),
        (ResolveAction.HOLD, EventType.REFUND_HELD, "held"),
        (ResolveAction.VOID, EventType.REFUND_FAILED, "void"),
    ],
)
def test_refund_carried_on(action: ResolveAction, event: str, state: str) -> None:
    """Where it stands after the step, and why."""
    step = ResolveRefund(because=BECAUSE, refund_id="ref_1", action=action)
    assert [(event, "inv_1", {**BACK, "state": state, **WHY})] == applied(
        step, with_refunds(builders.refund())
    )


@pytest.mark.parametrize(
    ("answer", "event", "more"),
    [
        (
            RefundResult.succeeded(builders.PRICE, gateway_ref="re_1"),
            EventType.REFUND_SUCCEEDED,
            {"state": "succeeded", "gateway_ref": "re_1"},
        ),
        (
            RefundResult.declined("too_late"),
            EventType.REFUND_FAILED,
            {"state": "declined", "detail": "too_late"},
        ),
        (RefundResult.pending(), EventType.REFUND_UNCERTAIN, {"state": "pending"}),
        (
            RefundResult.unknown("timeout"),
            EventType.REFUND_UNCERTAIN,
            {"state": "unknown", "detail": "timeout"},
        ),
        (RefundResult.not_attempted(), EventType.REFUND_NOT_ATTEMPTED, {"state": "open"}),
        (RefundResult.succeeded(PRICE), EventType.REFUND_HELD, {"state": "held"}),
        (ChargeNotFound(), EventType.REFUND_LOOKED_UP, {"state": "open", "found": False}),
    ],
)
def test_refund_answered(answer: RefundResult | ChargeNotFound, event: str, more: dict[str, Any]) -> None:
    """What the processor said, in its own words where it gave any."""
    sent = builders.refund().sent(NOW)
    assert [(event, "inv_1", {**BACK, **more})] == told(
        settle_refund(with_refunds(sent), "ref_1", answer, NOW + HOUR)
    )


def test_refund_looked_up_without_news() -> None:
    """Unsent and not found out, or the same as before."""
    unsent = builders.refund()
    dossier = with_refunds(unsent)
    for answer in (RefundResult.unknown(), RefundResult.not_attempted()):
        after, drafts = settle_refund(dossier, "ref_1", answer, NOW, is_look_up=True)
        looked = [(EventType.REFUND_LOOKED_UP, "inv_1", {**BACK, "state": "open", "found": False})]
        assert looked == told((after, drafts))
        assert (True, NOW, NOW + timedelta(minutes=5)) == (
            after.refunds[0].is_surely_unsent,
            after.refunds[0].looked_at,
            after.refunds[0].look_at,
        )
    lost = unsent.sent(NOW).answered(RefundResult.unknown(), NOW)
    again = settle_refund(with_refunds(lost), "ref_1", RefundResult.unknown(), NOW, is_look_up=True)
    assert [(EventType.REFUND_LOOKED_UP, "inv_1", {**BACK, "state": "unknown"})] == told(again)


def test_refund_answered_late() -> None:
    """Held: how it ended, once. Over: that money went back after all."""
    success = RefundResult.succeeded(builders.PRICE, gateway_ref="re_1")
    sent = builders.refund().sent(NOW)
    held, void = sent.after(RefundEvent.GAVE_UP, NOW), sent.after(RefundEvent.NEVER_HAPPENED, NOW)
    noted = settle_refund(with_refunds(held), "ref_1", success, NOW)
    assert [(EventType.REFUND_HELD, "inv_1", {**BACK, "state": "held", "gateway_ref": "re_1"})] == told(noted)
    orphaned = settle_refund(with_refunds(void), "ref_1", success, NOW)
    assert [(EventType.REFUND_ORPHANED, "inv_1", {**BACK, "state": "void", "why": "void"})] == told(orphaned)


def test_refund_that_failed_is_decided_again() -> None:
    """Whoever wanted the money to go back has it before them again, with what was taken."""
    sent = builders.refund().sent(NOW)
    failed = RefundResult.declined("too_late")
    alone = settle_refund(with_refunds(sent), "ref_1", failed, NOW)
    assert [EventType.REFUND_FAILED] == [draft.type for draft in alone[1]]
    assert not alone[0].attempts[0].needs_attention
    decided = with_refunds(sent, decision=AttentionDecision.REFUND)
    after, drafts = settle_refund(decided, "ref_1", failed, NOW)
    orphan = {"attempt": 1, "amount": "19.99 EUR", "why": "refund_failed"}
    assert (EventType.CHARGE_ORPHANED, "inv_1", orphan) == told((after, drafts))[1]
    assert (True, None) == (after.attempts[0].needs_attention, after.attempts[0].decision)
    known = with_refunds(sent, decision=AttentionDecision.REFUND, orphan=SUCCESS)
    after, drafts = settle_refund(known, "ref_1", failed, NOW)
    again = {**orphan, "amount": str(SUCCESS.amount)}
    assert (EventType.CHARGE_ORPHANED, "inv_1", again) == told((after, drafts))[1]
    assert (True, SUCCESS) == (after.attempts[0].needs_attention, after.attempts[0].orphan)


# -- a dossier that is not whole -------------------------------------------------------------------

PAID_BACK, TOO_LATE_TO_REFUND = RefundResult.succeeded(builders.PRICE), RefundResult.declined("too_late")


def refund_settled(answer: RefundResult, **left_out: Any) -> Callable[[], Applied]:
    """An answer to a refund, settled on a dossier without something."""
    dossier = attrs.evolve(with_refunds(builders.refund().sent(NOW)), **left_out)
    return lambda: settle_refund(dossier, "ref_1", answer, NOW)


@pytest.mark.parametrize(
    ("settling", "text"),
    [
        (
            lambda: settle(dossier_of(), "att_1", SUCCESS, NOW, POLICY),
            "a dossier holds every attempt that may still be answered",
        ),
        (
            lambda: settle_prepared(dossier_of(), "att_1", "pi_1", NOW),
            "a dossier holds every attempt that may still be answered",
        ),
        (
            lambda: settle(dossier_of(attempts=(an_attempt(),)), "att_1", SUCCESS, NOW, POLICY),
            "an unresolved attempt keeps its invoice in the dossier",
        ),
        (
            lambda: settle_refund(with_refunds(), "ref_1", RefundResult.unknown(), NOW),
            "a dossier holds every refund that may still be answered",
        ),
        (refund_settled(PAID_BACK, attempts=()), "a refund in a dossier comes with its charge"),
        (refund_settled(PAID_BACK, invoices=()), "a refund in a dossier comes with its invoice"),
        (refund_settled(TOO_LATE_TO_REFUND, attempts=()), "a refund in a dossier comes with its charge"),
        (
            lambda: settle_refund(
                with_refunds(builders.refund().sent(NOW), decision="refund", result=None),
                "ref_1",
                RefundResult.declined("too_late"),
                NOW,
            ),
            "what is given back was captured",
        ),
    ],
)
def test_dossier_that_is_not_whole(settling: Callable[[], Applied], text: str) -> None:
    """It is an error of the program to leave something out, and its words say what."""
    with pytest.raises(AssertionError, match=f"^{text}"):
        settling()
