"""The one decision: renewals, declines, cards, small and zero amounts, cancellation, pause."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import attrs
import pytest

from billing_core.accounts.saved_card import CardExpiry
from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState
from billing_core.charging.dossier import CardTry, CardUse, Dossier
from billing_core.charging.invoice import InvoiceStatus
from billing_core.charging.next_step import next_step
from billing_core.charging.status import LicenseStatus, access_at, status_at
from billing_core.charging.steps import (
    ChargeInvoice,
    IssueInvoice,
    RecordCancellation,
    RecordExpiry,
    StepKind,
    VoidInvoice,
    Wait,
)
from billing_core.errors import InvalidInput
from billing_core.gateways.capabilities import GatewayGrade, Operation, RetryOwner
from billing_core.gateways.results import ActionRequired, ChargeNotFound, ChargeResult
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.licenses.extension import Extension
from billing_core.licenses.license import Cancellation, Pause
from billing_core.policy import BillingPolicy, CancelUncertain, TrialEnd
from billing_core.values.money import Money
from tests.charging_builders import (
    JAN_31,
    PRICE,
    account_with,
    an_attempt,
    answering,
    capabilities_of,
    card_named,
    covered,
    dossier_of,
    driven,
    kinds,
    license_of,
    monthly,
    paris,
    reasons,
)

TICK, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)
DUE = paris(JAN_31)
#: Without announcements, which other tests are about.
QUIET = BillingPolicy(grace_days=7, renewal_notice_days=0)
DECLINED = ChargeResult.declined(Advice.RETRY_LATER)
LOST = ChargeResult.unknown("timeout")
ASKED = ChargeResult.requires_action(ActionRequired())


def step_rule(dossier: Dossier, now=DUE, policy: BillingPolicy = QUIET) -> str:
    return next_step(dossier, now, policy).because.rule


def declined(advice: Advice = Advice.RETRY_LATER, policy: BillingPolicy = QUIET, **changes) -> Dossier:
    """The first charge was declined on the due day."""
    return driven(dossier_of(**changes), DUE, policy, answering(ChargeResult.declined(advice)))[0]


# -- the normal life ---------------------------------------------------------------------


def test_renewal_on_the_due_day() -> None:
    """Invoice, charge, covered: at the first instant of the day, and not a microsecond earlier."""
    dossier = dossier_of(license_of(start_on=JAN_31))
    early, due = next_step(dossier, DUE - TICK, QUIET), next_step(dossier, DUE, QUIET)
    assert (StepKind.WAIT, DUE) == (early.kind, early.until if isinstance(early, Wait) else None)
    assert isinstance(due, IssueInvoice)
    assert ("2025-01-31/2025-02-28", 1, 0) == (str(due.period), due.term, due.index)

    after, steps = driven(dossier, DUE, QUIET)
    assert ["issue_invoice", "charge", "wait"] == kinds(steps)
    assert ["period_due", "renewal_due", "covered"] == reasons(steps)
    assert date(2025, 2, 28) == after.license.paid_until


def test_month_ends_do_not_drift() -> None:
    """Charged on the days that the anchor says, however late each charge was made."""
    dossier, days = dossier_of(), []
    for _ in range(6):
        now = dossier.license.due_at + 5 * DAY
        dossier, _ = driven(dossier, now, QUIET)
        days.append(f"{dossier.license.paid_until:%m-%d}")
    assert ["02-28", "03-31", "04-30", "05-31", "06-30", "07-31"] == days


def test_same_inputs_same_step() -> None:
    """A decision depends on nothing else, not on the zone in which its instant is written either."""
    dossier = declined()
    now = DUE + 3 * DAY
    assert next_step(dossier, now, QUIET) == next_step(dossier, now.astimezone(DUE.tzinfo), QUIET)


def test_naive_instant_is_refused() -> None:
    """A time without an offset is no instant."""
    with pytest.raises(InvalidInput, match="aware"):
        next_step(dossier_of(), DUE.replace(tzinfo=None), QUIET)


# -- declines and retries ----------------------------------------------------------------


def test_retries_on_days_after_the_due_day() -> None:
    """Days 1, 3 and 5 at the first instant of the day; then nothing more."""
    dossier = declined()
    tried = []
    for hour in range(24 * 30):
        now = DUE + hour * HOUR
        dossier, steps = driven(dossier, now, QUIET, lambda request, step: DECLINED)
        tried += [now for step in steps if isinstance(step, ChargeInvoice)]
    assert [paris(JAN_31, days=days) for days in (1, 3, 5)] == tried
    assert 1 == len(dossier.invoices)
    assert "retries_exhausted" == step_rule(dossier, DUE + 30 * DAY)


def test_retry_is_waited_for() -> None:
    """The wait ends at the retry, and its reason says that one is planned."""
    wait = next_step(declined(), DUE + HOUR, QUIET)
    assert isinstance(wait, Wait)
    assert ("retry_planned", paris("2025-02-01")) == (wait.because.rule, wait.until)


def test_retry_succeeds() -> None:
    """The invoice keeps its due day, and the next period starts where it always would."""
    dossier, steps = driven(declined(), paris("2025-02-03"), QUIET)
    assert ["retry_day", "covered"] == reasons(steps)
    assert date(2025, 2, 28) == dossier.license.paid_until
    assert [1, 2] == [attempt.number for attempt in dossier.attempts]


def test_late_retry_is_made_once() -> None:
    """Two planned days that went by without a run are one retry, not two."""
    _, steps = driven(declined(), paris("2025-02-04"), QUIET, answering(DECLINED))
    assert ["charge", "wait"] == kinds(steps)
    assert isinstance(steps[-1], Wait)
    assert paris("2025-02-05") == steps[-1].until


@pytest.mark.parametrize("advice", [Advice.NEW_CARD, Advice.AUTHENTICATE])
def test_no_retry_where_the_owner_has_to_act(advice: Advice) -> None:
    """The same card is not tried again by itself."""
    dossier = declined(advice)
    for days in range(1, 7):
        assert "new_card_needed" == step_rule(dossier, DUE + days * DAY)


@pytest.mark.parametrize("advice", [Advice.NEVER, Advice.STOP_RECURRING])
def test_no_charge_on_a_frozen_card(advice: Advice) -> None:
    """Nor in later periods; only another card wakes the license."""
    dossier = declined(advice)
    assert advice is (dossier.account.default_card and dossier.account.default_card.frozen_because)
    _, steps = driven(dossier, DUE + 40 * DAY, QUIET)
    assert "charge" not in kinds(steps)
    assert "card_frozen" == steps[-1].because.rule


@pytest.mark.parametrize("advice", Advice)
def test_new_card_is_charged_at_once(advice: Advice) -> None:
    """Whatever the old card's issuer said; the date and the amount stay what they were."""
    dossier = declined(advice)
    dossier = dossier.with_account(dossier.account.with_card(card_named("card_2")))
    after, steps = driven(dossier, DUE + HOUR, QUIET)
    assert ["card_changed", "covered"] == reasons(steps)
    assert date(2025, 2, 28) == after.license.paid_until
    assert [PRICE, PRICE] == [attempt.request.amount for attempt in after.attempts]
    assert 2 == len({attempt.request.idempotency_key for attempt in after.attempts})
    assert 1 == len({attempt.request.reference for attempt in after.attempts})


def test_confirmation_that_did_not_come() -> None:
    """The charge ends as declined, and the card is not tried again by itself."""
    asked = driven(dossier_of(), DUE, QUIET, answering(ASKED))[0]
    surely_over = DUE + DAY + capabilities_of().not_found_wait
    closed = ChargeResult.declined(Advice.AUTHENTICATE)
    after, steps = driven(asked, surely_over, QUIET, answering(closed))
    assert ["not_confirmed_in_time", "new_card_needed"] == reasons(steps)
    assert AttemptState.DECLINED is after.attempts[0].state


def test_late_money_blocks_the_next_charge() -> None:
    """Nobody is charged twice knowingly: not even another card, until a person has decided."""
    dossier = declined()
    orphan = dossier.attempts[0].orphaned(ChargeResult.succeeded(PRICE, gateway_ref="ch_1"))
    dossier = dossier.with_attempt(orphan).with_account(account_with(card_named(), card_named("card_2")))
    assert "late_money_undecided" == step_rule(dossier, DUE + 2 * DAY)
    decided = dossier.with_attempt(orphan.decided("refund"))
    assert "card_changed" == step_rule(decided, DUE + 2 * DAY)


def test_gateway_that_owns_retries() -> None:
    """Then the library plans none."""
    dossier = declined(capabilities=capabilities_of(retry_owner=RetryOwner.GATEWAY))
    assert "gateway_owns_retries" == step_rule(dossier, DUE + 2 * DAY)


def test_network_limit() -> None:
    """Visa: no more than 15 declines in 30 days, counted per physical card, over all licenses."""
    times = tuple(DUE - 30 * DAY + (n + 1) * HOUR for n in range(15))
    tries = tuple(
        CardTry.of(an_attempt(AttemptState.DECLINED, id=f"att_x{n}", sent_at=time, card_use=n))
        for n, time in enumerate(times, start=1)
    )
    dossier = dossier_of(card_uses=(CardUse(fingerprint="fp_card_1", last=15, tries=tries),))
    dossier, steps = driven(dossier, DUE, QUIET)
    assert ["issue_invoice", "wait"] == kinds(steps)
    wait = steps[-1]
    assert isinstance(wait, Wait)
    assert ("network_limit", DUE + HOUR) == (wait.because.rule, wait.until)
    assert "covered" == driven(dossier, DUE + HOUR, QUIET)[1][-1].because.rule


def test_attempts_that_may_still_be_declined_count_too() -> None:
    """Fifteen that nobody knows the end of: one more could be the sixteenth decline."""
    tries = tuple(
        CardTry.of(an_attempt(AttemptState.UNKNOWN, id=f"att_x{n}", sent_at=DUE - HOUR, card_use=n))
        for n in range(1, 16)
    )
    dossier = dossier_of(card_uses=(CardUse(fingerprint="fp_card_1", last=15, tries=tries),))
    assert "network_limit" == driven(dossier, DUE, QUIET)[1][-1].because.rule


def _with_try(state: AttemptState, *, sent_at: datetime = DUE, **changes: Any) -> Dossier:
    """Just before, another license's attempt on the card; the processor refuses repeats for ten minutes."""
    other = an_attempt(state, id="att_x", sent_at=sent_at, card_use=1, **changes)
    use = CardUse(fingerprint="fp_card_1", last=1, tries=(CardTry.of(other),))
    detecting = capabilities_of(duplicate_window=timedelta(minutes=10))
    return dossier_of(card_uses=(use,), gateways={"main": detecting})


def test_equal_charges_on_one_card_are_spaced() -> None:
    """Until the other call must be over, and the processor's window after it."""
    dossier, steps = driven(_with_try(AttemptState.SUCCEEDED), DUE, QUIET)
    wait = steps[-1]
    assert isinstance(wait, Wait)
    free_at = DUE + timedelta(minutes=12)
    assert ("equal_charge_just_before", free_at) == (wait.because.rule, wait.until)
    late = driven(dossier, free_at - timedelta(seconds=1), QUIET)[1]
    assert ["wait"] == kinds(late)
    assert "charge" in kinds(driven(dossier, free_at, QUIET)[1])


@pytest.mark.parametrize(
    "dossier",
    [
        _with_try(AttemptState.DECLINED),
        _with_try(AttemptState.VOID),
        _with_try(AttemptState.SUCCEEDED, sent_at=DUE - timedelta(minutes=12)),
        _with_try(AttemptState.SUCCEEDED, gateway_id="other"),
        _with_try(AttemptState.SUCCEEDED, request=attrs.evolve(an_attempt().request, amount=PRICE + PRICE)),
        _with_try(AttemptState.SUCCEEDED).with_gateways({"main": capabilities_of()}),
    ],
    ids=["declined", "void", "long ago", "another gateway", "another amount", "no detector"],
)
def test_what_is_no_repeat_is_charged_at_once(dossier: Dossier) -> None:
    """Only money that moved, or may move, at this gateway, over this amount, just now."""
    assert "charge" in kinds(driven(dossier, DUE, QUIET)[1])


def test_spacing_costs_no_license() -> None:
    """Without any grace the license is due and expired at once; it is not put on record while we wait."""
    no_grace = attrs.evolve(QUIET, grace_days=0)
    dossier, steps = driven(_with_try(AttemptState.SUCCEEDED), DUE, no_grace)
    assert ["issue_invoice", "wait"] == kinds(steps)
    assert "expire" not in kinds(driven(dossier, DUE + timedelta(minutes=12), no_grace)[1])


def test_network_asks_to_wait() -> None:
    """A retry day before the network's own limit moves to it."""
    slow = ChargeResult.declined(Advice.RETRY_LATER, not_before=2 * DAY)
    _, steps = driven(dossier_of(), DUE, QUIET, answering(slow))
    assert isinstance(steps[-1], Wait)
    assert DUE + 2 * DAY == steps[-1].until


# -- cards and gateways that can't be charged --------------------------------------------


@pytest.mark.parametrize(
    ("account", "rule"),
    [
        (account_with(), "no_card"),
        (account_with(card_named(frozen_because=Advice.NEVER)), "card_frozen"),
        (account_with(card_named(expires=CardExpiry(2024, 12))), "card_expired"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_card_to_charge(account, rule: str) -> None:
    """The invoice is issued, the license is past due, expires once on record, and waits for the owner."""
    dossier, steps = driven(dossier_of(account=account), DUE, QUIET)
    assert "issue_invoice" == kinds(steps)[0]
    assert isinstance(steps[-1], Wait)
    assert (rule, paris("2025-02-07")) == (steps[-1].because.rule, steps[-1].until)

    dossier, steps = driven(dossier, paris("2025-02-07"), QUIET)
    assert [StepKind.EXPIRE, StepKind.WAIT] == [step.kind for step in steps]
    assert isinstance(steps[-1], Wait)
    assert steps[-1].until is None
    assert ["wait"] == kinds(driven(dossier, paris("2025-04-07"), QUIET)[1])


def test_gateway_that_is_not_given_is_looked_for_daily() -> None:
    """Nothing on record tells when the host gives it; so there is a look each day, also once expired."""
    account = account_with(card_named(gateway_id="other"))
    dossier, steps = driven(dossier_of(account=account), DUE, QUIET)
    assert isinstance(steps[-1], Wait)
    assert ("gateway_not_given", DUE + DAY) == (steps[-1].because.rule, steps[-1].until)
    dossier, steps = driven(dossier, paris("2025-02-07"), QUIET)
    assert [StepKind.EXPIRE, StepKind.WAIT] == [step.kind for step in steps]
    assert isinstance(steps[-1], Wait)
    assert paris("2025-02-07") + DAY == steps[-1].until


def test_card_is_valid_through_its_last_instant() -> None:
    """A card that expires in January is charged on the 31st; the same one is not in February."""
    account = account_with(card_named(expires=CardExpiry(2025, 1)))
    dossier = dossier_of(account=account)
    assert "renewal_due" == driven(dossier, paris("2025-02-01") - TICK, QUIET)[1][1].because.rule
    assert "card_expired" == driven(dossier, paris("2025-02-01"), QUIET)[1][-1].because.rule


def test_currency_that_the_gateway_does_not_take() -> None:
    """Nothing is sent that surely fails."""
    dossier = dossier_of(capabilities=capabilities_of(currencies=frozenset({"USD"})))
    assert ["period_due", "currency_not_supported"] == reasons(driven(dossier, DUE, QUIET)[1])


# -- small amounts, credit ---------------------------------------------------------------


def test_zero_amount_is_paid_at_issue() -> None:
    """Nothing is sent, no card is needed, and no gateway."""
    free = license_of(monthly(Money.zero("EUR")))
    dossier, steps = driven(dossier_of(free, account_with(), gateways={}), DUE, QUIET)
    assert ["issue_invoice", "wait"] == kinds(steps)
    assert (InvoiceStatus.PAID, ()) == (dossier.invoices[0].status, dossier.attempts)
    assert date(2025, 2, 28) == dossier.license.paid_until


def test_free_license_comes_back_by_itself() -> None:
    """After months in which nothing ran; and after a trial without a card."""
    free = monthly(Money.zero("EUR"), trial_days=31)
    dossier, _ = driven(dossier_of(license_of(free), account_with()), paris("2025-07-01"), QUIET)
    assert date(2025, 7, 3) == dossier.license.paid_until


def test_below_minimum_is_carried_to_the_next_invoice() -> None:
    """0.30 three times: the first two are left to the third, which is big enough."""
    small = capabilities_of(minimum_amounts={"EUR": 50})
    dossier = dossier_of(license_of(monthly(Money.of("0.20", "EUR"))), capabilities=small)
    charged = []
    for due_on in ("2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"):
        dossier, steps = driven(dossier, paris(due_on), QUIET)
        charged.append((kinds(steps)[1], dossier.license.carried))
    assert [
        ("carry_over", Money.of("0.20", "EUR")),
        ("carry_over", Money.of("0.40", "EUR")),
        ("charge", None),
        ("carry_over", Money.of("0.20", "EUR")),
    ] == charged
    assert [Money.of("0.60", "EUR")] == [attempt.request.amount for attempt in dossier.attempts]
    assert {InvoiceStatus.PAID} == {invoice.status for invoice in dossier.invoices}


def test_credit_is_used_before_the_card() -> None:
    """The card pays what is left; the credit is gone when the invoice is issued."""
    dossier = dossier_of(account=account_with(card_named(), balance=Money.of("7.50", "EUR")))
    dossier, _ = driven(dossier, DUE, QUIET)
    assert [Money.of("12.50", "EUR")] == [attempt.request.amount for attempt in dossier.attempts]
    assert dossier.account.balance.is_zero


def test_credit_that_covers_everything() -> None:
    """Nothing is charged, and what is left stays; no card is needed."""
    dossier = dossier_of(account=account_with(balance=Money.of("20.01", "EUR")))
    dossier, steps = driven(dossier, DUE, QUIET)
    assert ["issue_invoice", "wait"] == kinds(steps)
    assert Money.of("0.01", "EUR") == dossier.account.balance


def test_credit_comes_back_with_a_void_invoice() -> None:
    """And so does what an earlier invoice had left over."""
    account = account_with(balance=Money.of("7.50", "EUR"))
    license = license_of().with_carried(Money.of("0.20", "EUR"))
    dossier, _ = driven(dossier_of(license, account), DUE, QUIET)
    assert (True, None) == (dossier.account.balance.is_zero, dossier.license.carried)
    ended = dossier.license.with_cancellation(Cancellation(requested_at=DUE + HOUR))
    dossier, steps = driven(dossier.with_license(ended), DUE + HOUR, QUIET)
    assert ["cancel", "void_invoice", "wait"] == kinds(steps)
    assert Money.of("7.50", "EUR") == dossier.account.balance
    assert Money.of("0.20", "EUR") == dossier.license.carried


# -- trials ------------------------------------------------------------------------------


def test_trial_with_a_card_is_charged_at_its_end() -> None:
    """The first period begins when the trial ends."""
    dossier = dossier_of(license_of(monthly(trial_days=14)))
    assert "covered" == step_rule(dossier, paris("2025-02-14") - TICK)
    dossier, steps = driven(dossier, paris("2025-02-14"), QUIET)
    assert ["issue_invoice", "charge", "wait"] == kinds(steps)
    assert date(2025, 3, 14) == dossier.license.paid_until


@pytest.mark.parametrize(
    ("trial_end", "expected"),
    [
        (TrialEnd.EXPIRE, ["expire", "notify", "wait"]),
        (TrialEnd.PAST_DUE, ["issue_invoice", "notify", "wait"]),
    ],
)
def test_trial_without_a_card(trial_end: TrialEnd, expected: list[str]) -> None:
    """It expires and nobody owes anything, or it is past due and billed."""
    policy = attrs.evolve(QUIET, trial_end=trial_end)
    dossier = dossier_of(license_of(monthly(trial_days=14)), account_with())
    assert expected == kinds(driven(dossier, paris("2025-02-14"), policy)[1])


def test_card_after_a_trial_that_expired() -> None:
    """The first period is billed from the end of the trial."""
    dossier = dossier_of(license_of(monthly(trial_days=14)), account_with())
    dossier, _ = driven(dossier, paris("2025-02-14"), QUIET)
    dossier, steps = driven(dossier.with_account(account_with(card_named())), paris("2025-02-24"), QUIET)
    assert ["issue_invoice", "charge", "wait"] == kinds(steps)
    assert date(2025, 3, 14) == dossier.license.paid_until


# -- an unresolved charge comes first ----------------------------------------------------


def unresolved(
    answer: ChargeResult, grade: GatewayGrade = GatewayGrade.KEYED_WITH_LOOKUP, **changes: Any
) -> Dossier:
    capabilities = capabilities_of(grade, **changes)
    return driven(dossier_of(capabilities=capabilities), DUE, QUIET, answering(answer))[0]


@pytest.mark.parametrize("answer", [LOST, ChargeResult.pending(), ASKED])
def test_nothing_else_moves_money_meanwhile(answer: ChargeResult) -> None:
    """No other card, no skipped period, no void invoice: for a year, if need be."""
    dossier = unresolved(answer)
    dossier = dossier.with_account(account_with(card_named("card_1"), card_named("card_2")))
    # A gateway that can't look up, and calls nothing off.
    dossier = dossier.with_gateways({"main": capabilities_of(GatewayGrade.NONE, operations=[])})
    for days in (1, 10, 100, 400):
        dossier, steps = driven(dossier, DUE + days * DAY, QUIET)
        assert {"resolve", "wait", "expire"} >= set(kinds(steps))
    assert 1 == len(dossier.attempts) == len(dossier.invoices)


def test_unknown_charge_is_found_and_paid() -> None:
    """The look-up settles it; the license renews as if nothing had happened."""
    dossier, steps = driven(unresolved(LOST), DUE + 5 * timedelta(minutes=1), QUIET)
    assert ["outcome_unknown", "covered"] == reasons(steps)
    assert date(2025, 2, 28) == dossier.license.paid_until


def test_unknown_charge_that_never_happened() -> None:
    """Proved void, it is charged afresh, under another key."""
    nothing = ChargeNotFound()
    dossier = unresolved(LOST).with_gateways({"main": capabilities_of(key_retention=timedelta(hours=5))})
    dossier, _ = driven(dossier, DUE + HOUR, QUIET, answering(nothing))
    dossier, steps = driven(dossier, DUE + 7 * HOUR, QUIET, answering(nothing))
    assert [
        "outcome_unknown",
        "not_found_after_wait",
        "earlier_attempt_never_happened",
        "covered",
    ] == reasons(steps)
    assert ["void", "succeeded"] == [attempt.state.value for attempt in dossier.attempts]


def test_uncertain_time_moves_retries() -> None:
    """Two days in doubt: the retries of days 1, 3 and 5 are made on days 3, 5 and 7, and not one more."""
    dossier = unresolved(LOST)
    tried = []
    for days in range(2, 30):
        now = DUE + days * DAY
        dossier, steps = driven(dossier, now, QUIET, lambda request, step: DECLINED)
        tried += [days for step in steps if isinstance(step, ChargeInvoice)]
    assert [3, 5, 7] == tried


def test_doubt_about_a_retry_moves_the_later_ones() -> None:
    """The retry of day 1 was in doubt for two days: days 3 and 5 become 5 and 7. There is no extra one."""
    dossier = declined()
    dossier, _ = driven(dossier, paris(JAN_31, days=1), QUIET, answering(LOST))
    tried = []
    for days in range(3, 30):
        now = paris(JAN_31, days=days)
        dossier, steps = driven(dossier, now, QUIET, lambda request, step: DECLINED)
        tried += [days for step in steps if isinstance(step, ChargeInvoice)]
    assert [5, 7] == tried


def test_expiry_is_recorded_while_the_cardholder_is_asked() -> None:
    """Grace runs; and the license is charged all the same once they confirm."""
    patient = ChargeResult.requires_action(ActionRequired(expires_at=DUE + 30 * DAY))
    dossier = unresolved(patient)
    dossier, steps = driven(dossier, paris("2025-02-07"), QUIET, answering(patient))
    assert ["resolve", "expire", "wait"] == kinds(steps)
    dossier, _ = driven(dossier, paris("2025-02-09"), QUIET)
    assert LicenseStatus.ACTIVE is status_at(dossier, paris("2025-02-09"), QUIET)


@pytest.mark.parametrize("grade", [GatewayGrade.KEYED, GatewayGrade.NONE])
def test_end_of_confirmation_is_waited_for_without_a_look_up(grade: GatewayGrade) -> None:
    """The license wakes when the time to confirm is over, and a person is asked."""
    dossier = unresolved(ASKED, grade, operations=[Operation.FIND_CHARGE])
    wait = next_step(dossier, DUE + HOUR, QUIET)
    assert isinstance(wait, Wait)
    assert DUE + DAY == wait.until
    assert "cannot_be_found_out" == step_rule(dossier, DUE + DAY)


def test_calling_off_ends_in_a_charge_of_the_new_card() -> None:
    """All at once: the owner does not wait."""
    dossier = unresolved(ASKED)
    dossier = dossier.with_account(dossier.account.with_card(card_named("card_2")))
    canceled = ChargeResult.declined(Advice.AUTHENTICATE)
    dossier, steps = driven(dossier, DUE + HOUR, QUIET, answering(canceled))
    assert ["resolve", "charge", "wait"] == kinds(steps)
    assert ["declined", "succeeded"] == [attempt.state.value for attempt in dossier.attempts]


@pytest.mark.parametrize("answer", [LOST, ChargeNotFound(), ASKED, ChargeResult.pending()])
def test_calling_off_that_fails_ends_in_a_wait(answer) -> None:
    """No answer makes the library ask again and again."""
    dossier = unresolved(ASKED)
    dossier = dossier.with_account(dossier.account.with_card(card_named("card_2")))
    _, steps = driven(dossier, DUE + HOUR, QUIET, lambda request, step: answer)
    assert ["resolve", "wait"] == kinds(steps)


@pytest.mark.parametrize("answer", [LOST, ChargeNotFound(), ASKED, ChargeResult.not_attempted()])
@pytest.mark.parametrize("days", [0, 1, 8, 30])
def test_look_up_that_fails_ends_in_a_wait(answer, days: int) -> None:
    """However late it is, and whatever the processor says."""
    dossier = unresolved(ASKED, operations=[Operation.FIND_CHARGE])
    _, steps = driven(dossier, DUE + HOUR + days * DAY, QUIET, lambda request, step: answer)
    assert 1 == reasons(steps).count("cardholder_may_have_confirmed")
    _, steps = driven(unresolved(ASKED), DUE + HOUR + days * DAY, QUIET, lambda request, step: answer)
    assert 1 <= kinds(steps).count("resolve") <= 2


# -- cancellation ------------------------------------------------------------------------


def canceled(dossier: Dossier, at=DUE + HOUR, effective_on: date | None = None) -> Dossier:
    ending = Cancellation(requested_at=at, effective_on=effective_on)
    return dossier.with_license(dossier.license.with_cancellation(ending))


def test_cancellation_at_period_end() -> None:
    """The paid period runs to its end; then the end is recorded, once, and nothing is charged."""
    dossier = canceled(dossier_of(covered(license_of())), effective_on=date(2025, 2, 28))
    wait = next_step(dossier, DUE + DAY, QUIET)
    assert isinstance(wait, Wait)
    assert paris("2025-02-28") == wait.until
    dossier, steps = driven(dossier, paris("2025-02-28"), QUIET)
    assert ["cancel", "wait"] == kinds(steps)
    assert isinstance(steps[-1], Wait)
    assert steps[-1].until is None
    assert ["wait"] == kinds(driven(dossier, paris("2026-02-28"), QUIET)[1])


def test_cancellation_with_an_open_invoice() -> None:
    """The invoice is void: nobody owes it."""
    dossier, steps = driven(canceled(declined()), DUE + HOUR, QUIET)
    assert [RecordCancellation, VoidInvoice, Wait] == [type(step) for step in steps]
    assert [InvoiceStatus.VOID] == [invoice.status for invoice in dossier.invoices]


@pytest.mark.parametrize(
    ("rule", "needs_attention"), [(CancelUncertain.HONOUR, False), (CancelUncertain.REFUND, True)]
)
def test_money_that_arrives_after_a_cancellation(rule: CancelUncertain, needs_attention: bool) -> None:
    """It pays its period, the license stays canceled, and the policy says whether a person gives it back."""
    policy = attrs.evolve(QUIET, cancel_uncertain=rule)
    dossier, steps = driven(canceled(unresolved(LOST)), DUE + HOUR, policy, answering(LOST))
    assert ["resolve", "cancel", "wait"] == kinds(steps)
    lesser = attrs.evolve(capabilities_of(), operations=frozenset(Operation) - {Operation.REFUND})
    dossier, steps = driven(dossier.with_gateways({"main": lesser}), DUE + 2 * DAY, policy)
    assert needs_attention is dossier.attempts[0].needs_attention
    assert InvoiceStatus.PAID is dossier.invoices[0].status
    assert LicenseStatus.CANCELED is status_at(dossier, DUE + 2 * DAY, policy)
    # The end was put on record before; a payment does not make it news again.
    assert ["resolve", "wait"] == kinds(steps)


def test_decline_after_a_cancellation() -> None:
    """Nothing was taken, so the invoice is void."""
    _, steps = driven(canceled(unresolved(LOST)), DUE + HOUR, QUIET, answering(DECLINED))
    assert ["resolve", "cancel", "void_invoice", "wait"] == kinds(steps)


def test_cancellation_while_the_cardholder_is_asked() -> None:
    """The charge is called off: nobody should pay for a license that has ended."""
    off = ChargeResult.declined(Advice.AUTHENTICATE)
    _, steps = driven(canceled(unresolved(ASKED)), DUE + HOUR, QUIET, answering(off))
    assert ["resolve", "cancel", "void_invoice", "wait"] == kinds(steps)
    assert "license_canceled" == steps[0].because.rule


def test_canceled_license_hears_of_no_card() -> None:
    """No announcement for a license that has ended, even while a charge is being found out."""
    dossier = canceled(unresolved(LOST)).with_account(account_with())
    _, steps = driven(dossier, DUE + HOUR, BillingPolicy(), answering(LOST))
    assert ["resolve", "cancel", "wait"] == kinds(steps)


# -- pause -------------------------------------------------------------------------------


def paused(start: str, until: str | None) -> Dossier:
    pause = Pause(start=date.fromisoformat(start), until=date.fromisoformat(until) if until else None)
    return dossier_of(attrs.evolve(covered(license_of()), pause=pause))


def test_pause_is_waited_out() -> None:
    """Nothing is billed during it; the license wakes when it begins and when it ends."""
    dossier = paused("2025-02-20", "2025-03-10")
    before, during = (
        next_step(dossier, paris("2025-02-19"), QUIET),
        next_step(dossier, paris("2025-03-01"), QUIET),
    )
    assert isinstance(before, Wait)
    assert isinstance(during, Wait)
    assert (paris("2025-02-20"), "covered") == (before.until, before.because.rule)
    assert "paused" == during.because.rule
    assert ["paused"] == reasons(driven(dossier, paris("2025-03-10") - TICK, QUIET)[1])
    assert "issue_invoice" == kinds(driven(dossier, paris("2025-03-10"), QUIET)[1])[0]


def test_pause_without_an_end() -> None:
    """It is looked at no more, once nothing else changes."""
    wait = next_step(paused("2025-02-20", None), paris("2025-06-01"), QUIET)
    assert isinstance(wait, Wait)
    assert wait.until is None


def test_cancellation_during_a_pause() -> None:
    """The license wakes for its end, though it rests."""
    dossier = canceled(paused("2025-02-20", None), effective_on=date(2025, 2, 28))
    wait = next_step(dossier, paris("2025-02-21"), QUIET)
    assert isinstance(wait, Wait)
    assert paris("2025-02-28") == wait.until
    assert "cancellation_effective" == step_rule(dossier, paris("2025-02-28"))


def test_license_that_has_not_begun_rests() -> None:
    """And wakes on its first day."""
    wait = next_step(dossier_of(license_of(start_on=date(2025, 6, 1))), DUE, QUIET)
    assert isinstance(wait, Wait)
    assert ("paused", paris("2025-06-01")) == (wait.because.rule, wait.until)


# -- expiry and extensions ---------------------------------------------------------------


def test_expiry_is_recorded_once() -> None:
    """It had happened without this, by the time; the record comes once."""
    dossier = driven(declined(Advice.NEW_CARD), paris("2025-02-07"), QUIET)[0]
    _, steps = driven(dossier, paris("2025-02-20"), QUIET)
    assert ["wait"] == kinds(steps)
    first = next_step(declined(Advice.NEW_CARD), paris("2025-02-20"), QUIET)
    assert isinstance(first, RecordExpiry)
    assert {"due_on": "2025-01-31"} == first.because.facts


def test_expiry_after_a_lapse_is_not_recorded_again() -> None:
    """The license had been expired all along."""
    lapse = CoverageRow(start=JAN_31, end=date(2025, 2, 28), why=CoverageKind.LAPSE, term=1)
    dossier = dossier_of(license_of().with_row(lapse), account_with())
    assert "expire" not in kinds(driven(dossier, paris("2025-03-15"), QUIET)[1])


def test_extension_changes_nothing_but_access() -> None:
    """No date, no debt, no retry: the same steps with it and without it."""
    extension = Extension(
        granted_at=DUE, until=paris("2025-03-20"), days=14, granted_by="sam", reason="lost card"
    )
    policy = attrs.evolve(QUIET, extension_notice_days=0)
    plain = declined(Advice.RETRY_LATER, policy)
    extended = plain.with_license(plain.license.with_extension(extension))
    for hours in range(0, 24 * 40, 12):
        now = DUE + hours * HOUR
        plain, steps = driven(plain, now, policy, lambda request, step: DECLINED)
        extended, same = driven(extended, now, policy, lambda request, step: DECLINED)
        assert steps == same
        assert status_at(plain, now, policy) is status_at(extended, now, policy)
    assert plain.license.paid_until == extended.license.paid_until
    assert "billing_only" == access_at(plain, paris("2025-03-01"), policy).value
    assert "full" == access_at(extended, paris("2025-03-01"), policy).value
