"""Status and access at an instant: exact at every boundary, in every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest

from billing_core.accounts.saved_card import CardExpiry
from billing_core.advice import Advice
from billing_core.charging.apply import Making, apply_step
from billing_core.charging.attempt import AttemptState
from billing_core.charging.changes import changed_term
from billing_core.charging.dossier import Dossier
from billing_core.charging.next_step import next_step
from billing_core.charging.status import Access, LicenseStatus, access_at, canceled_at, expires_at, status_at
from billing_core.charging.steps import Because, StartTerm
from billing_core.errors import InvalidInput
from billing_core.gateways.results import ChargeResult
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.licenses.extension import Extension
from billing_core.licenses.license import Cancellation, License, Pause, PendingChange
from billing_core.policy import BillingPolicy, ExpiredAccess, TrialEnd
from billing_core.values.money import Money
from billing_core.values.zones import start_of
from tests.charging_builders import (
    JAN_31,
    PARIS,
    account_with,
    an_attempt,
    at,
    card_named,
    covered,
    dossier_of,
    driven,
    license_of,
    monthly,
    paris,
    sent,
)

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
POLICY = BillingPolicy(grace_days=7)
FEB_28 = date(2025, 2, 28)

TRIALING, ACTIVE, PAST_DUE, EXPIRED, PAUSED, CANCELED = (
    LicenseStatus.TRIALING,
    LicenseStatus.ACTIVE,
    LicenseStatus.PAST_DUE,
    LicenseStatus.EXPIRED,
    LicenseStatus.PAUSED,
    LicenseStatus.CANCELED,
)


def around(
    dossier: Dossier, instant: datetime, policy: BillingPolicy = POLICY
) -> tuple[LicenseStatus, LicenseStatus]:
    """The status just before an instant, and at it."""
    return status_at(dossier, instant - TICK, policy), status_at(dossier, instant, policy)


def extended(license: License, since: datetime, until: datetime) -> License:
    return license.with_extension(
        Extension(granted_at=since, until=until, days=3, granted_by="sam", reason="lost card")
    )


# -- paid time, grace, expiry -------------------------------------------------------------


def test_paid_license_is_active_until_its_last_instant() -> None:
    """At the first instant of paid_until, in its zone, it is past due."""
    assert (ACTIVE, PAST_DUE) == around(dossier_of(covered(license_of())), paris("2025-02-28"))


def test_grace_ends_after_whole_local_days() -> None:
    """Seven days of grace from 28 February end with 6 March."""
    assert (PAST_DUE, EXPIRED) == around(dossier_of(covered(license_of())), paris("2025-03-07"))


def test_no_grace_at_all() -> None:
    """Without grace a license expires when it becomes due."""
    dossier = dossier_of(covered(license_of()))
    assert (ACTIVE, EXPIRED) == around(dossier, paris("2025-02-28"), BillingPolicy(grace_days=0))


@pytest.mark.parametrize(
    ("zone", "due_on", "first_instant"),
    [
        # Midnight is skipped: the day begins at 01:00.
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00:00+00:00"),
        ("America/Santiago", date(2025, 9, 7), "2025-09-07T04:00:00+00:00"),
        ("Asia/Beirut", date(2025, 3, 30), "2025-03-29T22:00:00+00:00"),
        # Midnight comes twice: the day begins with the first.
        ("America/Havana", date(2025, 11, 2), "2025-11-02T04:00:00+00:00"),
        ("Pacific/Kiritimati", date(2025, 3, 1), "2025-02-28T10:00:00+00:00"),
        ("Pacific/Niue", date(2025, 3, 1), "2025-03-01T11:00:00+00:00"),
    ],
)
def test_due_at_the_first_instant_of_the_local_day(zone: str, due_on: date, first_instant: str) -> None:
    """Wherever the clocks skip or repeat midnight, the license is due when the day begins."""
    license = license_of(start_on=due_on, zone=zone)
    dossier = dossier_of(
        license.with_row(_trial(due_on - DAY, due_on)), account_with(card_named(), zone=zone)
    )
    instant = datetime.fromisoformat(first_instant)
    assert instant == dossier.license.due_at
    assert (TRIALING, PAST_DUE) == around(dossier, instant)


def _trial(start: date, end: date) -> CoverageRow:
    return CoverageRow(start=start, end=end, why=CoverageKind.TRIAL, term=1)


@pytest.mark.parametrize(
    ("zone", "due_on", "hours"),
    [
        ("Europe/Paris", date(2025, 3, 30), 23),
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("America/Santiago", date(2025, 9, 7), 23),
        ("Europe/Paris", date(2025, 10, 26), 25),
        ("Australia/Lord_Howe", date(2025, 10, 5), 23.5),
        ("Asia/Tokyo", date(2025, 3, 30), 24),
    ],
)
def test_a_day_of_grace_is_a_local_day(zone: str, due_on: date, hours: float) -> None:
    """However many hours that day has."""
    dossier = dossier_of(license_of(start_on=due_on, zone=zone))
    due_at = start_of(due_on, zone)
    assert (PAST_DUE, EXPIRED) == around(
        dossier, due_at + timedelta(hours=hours), BillingPolicy(grace_days=1)
    )


def test_status_of_every_instant_has_one_answer() -> None:
    """Over two months the status changes exactly at start, due date and expiry."""
    dossier = dossier_of(covered(license_of()))
    changes = [paris(JAN_31), paris(FEB_28), paris("2025-03-07"), paris("2025-04-01")]
    expected = [PAUSED, ACTIVE, PAST_DUE, EXPIRED, EXPIRED]
    actual = [status_at(dossier, changes[0] - TICK, POLICY)]
    for first, end in zip(changes, [*changes[1:], paris("2025-05-01")], strict=True):
        inside = {status_at(dossier, first + part * (end - first) / 10, POLICY) for part in range(10)}
        assert 1 == len(inside)
        actual.append(inside.pop())
    assert expected == actual


def test_start_in_the_future_gives_no_service_yet() -> None:
    """A license that begins next month rests until then, with a trial or without."""
    for plan in (monthly(), monthly(trial_days=14)):
        dossier = dossier_of(license_of(plan, date(2025, 6, 1)))
        assert PAUSED is status_at(dossier, paris("2025-02-01"), POLICY)
        assert Access.BILLING_ONLY is access_at(dossier, paris("2025-06-01") - TICK, POLICY)
        assert Access.FULL is access_at(dossier, paris("2025-06-01"), POLICY)


@pytest.mark.parametrize("ask", [status_at, access_at, expires_at])
def test_naive_instant_is_refused(ask) -> None:
    """A time without an offset is no instant."""
    with pytest.raises(InvalidInput, match="aware"):
        ask(dossier_of(), paris(JAN_31).replace(tzinfo=None), POLICY)


@pytest.mark.parametrize("ask", [status_at, access_at, expires_at, next_step])
def test_what_is_no_dossier_is_refused(ask) -> None:
    """By the name of the argument, with what it should be."""
    with pytest.raises(InvalidInput, match=r"^dossier: has the wrong type; expected Dossier$"):
        ask(license_of(), paris(JAN_31), POLICY)
    with pytest.raises(InvalidInput, match=r"^policy: has the wrong type; expected BillingPolicy$"):
        ask(dossier_of(), paris(JAN_31), None)
    with pytest.raises(InvalidInput, match=r"^now: has the wrong type; expected an aware datetime$"):
        ask(dossier_of(), JAN_31, POLICY)


# -- the first period, trials ----------------------------------------------------------------


def test_grace_of_the_first_period() -> None:
    """A license that was never paid may have a grace of its own; one that was paid has the usual one."""
    policy = BillingPolicy(grace_days=7, initial_grace_days=2)
    new, paid = dossier_of(license_of()), dossier_of(covered(license_of()))
    assert paris(JAN_31, days=2) == expires_at(new, paris(JAN_31), policy)
    assert paris(FEB_28, days=7) == expires_at(paid, paris(JAN_31), policy)


@pytest.mark.parametrize(
    "why", [CoverageKind.CHARGE, CoverageKind.IMPORTED, CoverageKind.CREDIT, CoverageKind.GRANT]
)
def test_what_counts_as_paid(why: CoverageKind) -> None:
    """What was paid elsewhere or granted is no first period any more."""
    policy = BillingPolicy(grace_days=7, initial_grace_days=0)
    assert paris(FEB_28, days=7) == expires_at(
        dossier_of(covered(license_of(), why=why)), paris(JAN_31), policy
    )


GOOD, LATE = card_named(), card_named(expires=CardExpiry(2025, 2))
TRIAL = license_of(monthly(trial_days=31), date(2025, 1, 31))  # ends on 3 March


@pytest.mark.parametrize(
    ("cards", "trial_end", "status"),
    [
        ((), TrialEnd.EXPIRE, EXPIRED),
        ((), TrialEnd.PAST_DUE, PAST_DUE),
        ((GOOD,), TrialEnd.EXPIRE, PAST_DUE),
        ((GOOD,), TrialEnd.PAST_DUE, PAST_DUE),
        ((LATE,), TrialEnd.EXPIRE, EXPIRED),
        ((GOOD.frozen(Advice.NEVER),), TrialEnd.EXPIRE, EXPIRED),
    ],
    ids=["none", "none, past due", "good", "good, past due", "expired", "frozen"],
)
def test_trial_ends(cards, trial_end: TrialEnd, status: LicenseStatus) -> None:
    """Without a card that can be charged the policy decides; with one, grace runs."""
    dossier = dossier_of(TRIAL, account_with(*cards))
    assert (TRIALING, status) == around(dossier, paris("2025-03-03"), BillingPolicy(trial_end=trial_end))


def test_trial_of_something_free() -> None:
    """What costs nothing needs no card."""
    free = license_of(monthly(Money.zero("EUR"), trial_days=31))
    assert (TRIALING, PAST_DUE) == around(dossier_of(free, account_with()), paris("2025-03-03"))


@pytest.mark.parametrize(("balance", "status"), [("20.00", PAST_DUE), ("19.99", EXPIRED)])
def test_trial_with_credit(balance: str, status: LicenseStatus) -> None:
    """Nor does what the account's credit covers."""
    account = account_with(balance=Money.of(balance, "EUR"))
    assert (TRIALING, status) == around(dossier_of(TRIAL, account), paris("2025-03-03"))


def test_trial_with_credit_and_something_carried() -> None:
    """Credit has to cover what earlier invoices left over, too."""
    account = account_with(balance=Money.of("20.00", "EUR"))
    owing = TRIAL.with_carried(Money.of("0.01", "EUR"))
    assert (TRIALING, EXPIRED) == around(dossier_of(owing, account), paris("2025-03-03"))


# -- lapses ---------------------------------------------------------------------------------


def test_lapse_has_no_grace() -> None:
    """It had expired before; only money brings it back."""
    lapse = CoverageRow(start=FEB_28, end=date(2025, 3, 31), why=CoverageKind.LAPSE, term=1)
    dossier = dossier_of(covered(license_of()).with_row(lapse))
    assert EXPIRED is status_at(dossier, paris("2025-03-15"), POLICY)
    assert (EXPIRED, EXPIRED) == around(dossier, paris("2025-03-31"))
    assert paris("2025-03-31") == expires_at(dossier, paris("2025-03-31"), POLICY)


# -- cancellation ------------------------------------------------------------------------------


def test_cancellation_at_once() -> None:
    """From the instant of the request."""
    now = at("2025-02-10 11:22:33.000044")
    license = covered(license_of()).with_cancellation(Cancellation(requested_at=now))
    assert (ACTIVE, CANCELED) == around(dossier_of(license), now)
    assert now == canceled_at(license)


def test_cancellation_at_period_end() -> None:
    """Until the last instant that was paid for."""
    asked = Cancellation(requested_at=at("2025-02-10 11:00"), effective_on=FEB_28)
    license = covered(license_of()).with_cancellation(asked)
    assert (ACTIVE, CANCELED) == around(dossier_of(license), paris(FEB_28))


@pytest.mark.parametrize(("day", "zone"), [("2025-02-27", PARIS), ("2025-02-28", "Asia/Tokyo")])
def test_day_of_the_end_is_a_day_of_its_term(day: str, zone: str) -> None:
    """A license that moves ends by the zone that holds on its last day."""
    license = covered(license_of())
    moved = license.with_term(
        changed_term(license, PendingChange(zone="Asia/Tokyo", requested_at=paris(JAN_31)))
    )
    ends_on = date.fromisoformat(day)
    ending = Cancellation(requested_at=paris(JAN_31), effective_on=ends_on)
    assert start_of(ends_on, zone) == canceled_at(moved.with_cancellation(ending))


def test_canceled_is_canceled_in_any_case() -> None:
    """Neither a pause nor an extension nor an unknown charge changes that."""
    now = paris("2025-03-01")
    license = extended(covered(license_of()), now - DAY, now + DAY)
    license = attrs.evolve(license, pause=Pause(start=JAN_31)).with_cancellation(
        Cancellation(requested_at=now)
    )
    dossier = dossier_of(license, attempts=(an_attempt(AttemptState.UNKNOWN),))
    assert (CANCELED, Access.NONE) == (status_at(dossier, now, POLICY), access_at(dossier, now, POLICY))


def test_no_cancellation() -> None:
    """Without one there is no end."""
    assert canceled_at(license_of()) is None


# -- pause ---------------------------------------------------------------------------------------


def test_pause() -> None:
    """From its first instant until its last, in the license's zone."""
    license = attrs.evolve(
        covered(license_of()), pause=Pause(start=date(2025, 2, 10), until=date(2025, 2, 20))
    )
    assert (ACTIVE, PAUSED) == around(dossier_of(license), paris("2025-02-10"))
    assert (PAUSED, ACTIVE) == around(dossier_of(license), paris("2025-02-20"))


def test_pause_without_an_end() -> None:
    """Until somebody resumes it."""
    license = attrs.evolve(covered(license_of()), pause=Pause(start=date(2025, 2, 10)))
    assert PAUSED is status_at(dossier_of(license), paris("2035-01-01"), POLICY)
    assert Access.BILLING_ONLY is access_at(dossier_of(license), paris("2035-01-01"), POLICY)


# -- access ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expired_access", "access"),
    [(ExpiredAccess.BILLING_ONLY, Access.BILLING_ONLY), (ExpiredAccess.NONE, Access.NONE)],
)
def test_access_by_status(expired_access: ExpiredAccess, access: Access) -> None:
    """Full while paid or in grace; expired as the policy says."""
    dossier, policy = dossier_of(covered(license_of())), BillingPolicy(expired_access=expired_access)
    instants = [paris("2025-02-01"), paris("2025-03-01"), paris("2025-03-07")]
    assert [Access.FULL, Access.FULL, access] == [access_at(dossier, now, policy) for now in instants]


def test_extension_lifts_access_exactly() -> None:
    """From its first instant until its end (exclusive); the status stays what it is."""
    since, until = at("2025-03-10 08:15"), at("2025-03-13 08:15")
    dossier = dossier_of(extended(covered(license_of()), since, until))
    instants = [since - TICK, since, until - TICK, until]
    expected = [Access.BILLING_ONLY, Access.FULL, Access.FULL, Access.BILLING_ONLY]
    assert expected == [access_at(dossier, now, POLICY) for now in instants]
    assert {EXPIRED} == {status_at(dossier, now, POLICY) for now in instants}


def test_extension_in_the_hour_that_comes_twice() -> None:
    """Instants are compared as such, even if the host's clock carries the account's zone."""
    zone = ZoneInfo(PARIS)
    until = datetime(2025, 10, 26, 2, 30, tzinfo=zone)
    dossier = dossier_of(extended(covered(license_of()), paris("2025-10-23"), until))
    before, after = (
        datetime(2025, 10, 26, 2, 29, tzinfo=zone),
        datetime(2025, 10, 26, 2, 10, fold=1, tzinfo=zone),
    )
    assert [Access.FULL, Access.BILLING_ONLY] == [access_at(dossier, now, POLICY) for now in (before, after)]


# -- uncertain charges -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state", [AttemptState.OPEN, AttemptState.UNKNOWN, AttemptState.PENDING, AttemptState.HELD]
)
def test_no_expiry_while_a_charge_is_uncertain(state: AttemptState) -> None:
    """No customer loses access because of what we don't know, for however long."""
    dossier = sent(dossier_of(covered(license_of())), paris(FEB_28))
    attempt = dossier.attempts[0]
    dossier = dossier.with_attempt(
        attrs.evolve(an_attempt(state, sent_at=paris(FEB_28)), invoice_id=attempt.invoice_id)
    )
    dossier = attrs.evolve(dossier, attempts=(dossier.attempts[-1],))
    for now in (paris("2025-03-07"), paris("2025-09-01")):
        assert PAST_DUE is status_at(dossier, now, POLICY)
        assert expires_at(dossier, now, POLICY) > now


def test_doubt_that_began_after_grace_was_over() -> None:
    """Then doubt alone keeps the license: it expires a moment from now, whenever now is."""
    now = paris("2025-06-01")
    late = an_attempt(AttemptState.UNKNOWN, sent_at=now)
    invoice = sent(dossier_of(covered(license_of())), paris(FEB_28)).invoices[0]
    dossier = dossier_of(
        covered(license_of()), invoices=(invoice,), attempts=(attrs.evolve(late, invoice_id=invoice.id),)
    )
    for hours in (0, 1, 48):
        then = now + timedelta(hours=hours)
        assert timedelta(0) < expires_at(dossier, then, POLICY) - then <= timedelta(seconds=1)
        assert PAST_DUE is status_at(dossier, then, POLICY)


def test_asking_the_cardholder_lets_grace_run() -> None:
    """Surely no money moved: nobody waits for longer than the grace."""
    asked = an_attempt(AttemptState.REQUIRES_ACTION, sent_at=paris(FEB_28))
    assert (PAST_DUE, EXPIRED) == around(
        dossier_of(covered(license_of()), attempts=(asked,)), paris("2025-03-07")
    )


def test_uncertain_time_is_added_to_grace() -> None:
    """Two days and an hour in doubt make the grace longer by just that."""
    now = paris(FEB_28)
    dossier = sent(dossier_of(covered(license_of())), now)
    attempt = dossier.attempts[0].answered(ChargeResult.unknown(), now)
    doubt = 2 * DAY + timedelta(hours=1)
    # While it lasts, the end of grace moves with it.
    assert paris("2025-03-07") + doubt == expires_at(dossier.with_attempt(attempt), now + doubt, POLICY)
    declined = attempt.answered(ChargeResult.declined(Advice.NEW_CARD), now + doubt, is_look_up=True)
    assert (PAST_DUE, EXPIRED) == around(dossier.with_attempt(declined), paris("2025-03-07") + doubt)


def test_uncertain_time_of_a_paid_invoice_is_forgotten() -> None:
    """The doubt was about that invoice; the next one has its own grace."""
    now = paris(FEB_28)
    dossier = sent(dossier_of(covered(license_of())), now)
    attempt = dossier.attempts[0].answered(ChargeResult.unknown(), now)
    dossier, _ = driven(dossier.with_attempt(attempt), now + 2 * DAY)
    assert paris("2025-04-07") == expires_at(dossier, now + 3 * DAY, POLICY)


# -- zones that change -----------------------------------------------------------------------------------


def moved(dossier: Dossier, zone: str) -> Dossier:
    """The dossier after its license moved to another zone at the next boundary."""
    old = dossier.license.term
    term = attrs.evolve(old, number=2, zone=zone, first_index=dossier.license.next_index)
    step = StartTerm(because=Because("change_at_boundary"), term=term)
    return apply_step(step, dossier, paris(FEB_28), Making(namespace="test", policy=POLICY))[0]


def test_move_to_the_west_makes_the_last_day_longer() -> None:
    """Between midnight in Paris and midnight in Los Angeles the license still is what it was."""
    due_at = datetime(2025, 2, 28, 8, tzinfo=UTC)
    paid = moved(dossier_of(covered(license_of())), "America/Los_Angeles")
    assert (ACTIVE, PAST_DUE) == around(paid, due_at)
    assert ACTIVE is status_at(paid, paris(FEB_28), POLICY)
    trial = moved(dossier_of(license_of(monthly(trial_days=28))), "America/Los_Angeles")
    assert (TRIALING, PAST_DUE) == around(trial, due_at)


def test_move_to_the_west_before_the_first_day() -> None:
    """The first day begins where the license is then."""
    dossier = moved(dossier_of(license_of(start_on=FEB_28)), "America/Los_Angeles")
    assert (PAUSED, PAST_DUE) == around(dossier, datetime(2025, 2, 28, 8, tzinfo=UTC))


def test_move_to_the_east() -> None:
    """The next day begins earlier there: what is due is due earlier by hours."""
    dossier = moved(dossier_of(covered(license_of())), "Asia/Tokyo")
    assert (ACTIVE, PAST_DUE) == around(dossier, datetime(2025, 2, 27, 15, tzinfo=UTC))
