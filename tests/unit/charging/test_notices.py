"""What the owner is told: when, once, and again for the next period."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from billing_core.accounts.account import Account
from billing_core.accounts.saved_card import CardExpiry
from billing_core.advice import Advice
from billing_core.charging.dossier import Dossier
from billing_core.charging.next_step import next_step
from billing_core.charging.steps import Notify, Wait
from billing_core.gateways.results import ChargeResult
from billing_core.licenses.extension import Extension
from billing_core.licenses.license import Cancellation, License
from billing_core.policy import BillingPolicy
from tests.charging_builders import (
    JAN_31,
    account_with,
    answering,
    card_named,
    covered,
    dossier_of,
    driven,
    license_of,
    monthly,
    paris,
)

TICK, DAY = timedelta(microseconds=1), timedelta(days=1)
POLICY = BillingPolicy(grace_days=7, renewal_notice_days=7, extension_notice_days=1)
DUE = paris("2025-02-28")


def told(dossier: Dossier, now: datetime, policy: BillingPolicy = POLICY) -> list[str]:
    """What the owner hears at an instant."""
    _, steps = driven(dossier, now, policy)
    return [step.notice.value for step in steps if isinstance(step, Notify)]


def paid(account: Account | None = None) -> Dossier:
    return dossier_of(covered(license_of()), account)


# -- ahead of a renewal ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "kind"),
    [
        (account_with(card_named()), "renewal_coming"),
        (account_with(), "card_missing"),
        (account_with(card_named(frozen_because=Advice.NEVER)), "card_missing"),
        (account_with(card_named(expires=CardExpiry(2025, 1))), "card_expiring"),
        (account_with(card_named(expires=CardExpiry(2025, 2))), "renewal_coming"),
    ],
    ids=["good", "none", "frozen", "expired by then", "expires that month"],
)
def test_renewal_is_announced(account: Account, kind: str) -> None:
    """Seven local days ahead, exactly, with what is wrong with the card if something is."""
    assert [] == told(paid(account), paris("2025-02-21") - TICK)
    assert [kind] == told(paid(account), paris("2025-02-21"))


def test_announcement_is_waited_for() -> None:
    """The license wakes for it, and then for its due day."""
    first = next_step(paid(), paris("2025-02-10"), POLICY)
    then = driven(paid(), paris("2025-02-21"), POLICY)[1][-1]
    assert isinstance(first, Wait)
    assert isinstance(then, Wait)
    assert (paris("2025-02-21"), DUE) == (first.until, then.until)


def test_announced_once_each_period() -> None:
    """Not again the next day; again for the next renewal."""
    dossier, heard = paid(), []
    for days in range(100):
        dossier, steps = driven(dossier, paris("2025-02-01", days=days), POLICY)
        heard += [
            (str(date(2025, 2, 1) + days * DAY), step.key) for step in steps if isinstance(step, Notify)
        ]
    assert [
        ("2025-02-21", "renewal_coming:2025-02-28"),
        ("2025-03-24", "renewal_coming:2025-03-31"),
        ("2025-04-23", "renewal_coming:2025-04-30"),
    ] == heard


def test_card_that_goes_missing_after_the_announcement() -> None:
    """That is news of another kind."""
    dossier, _ = driven(paid(), paris("2025-02-21"), POLICY)
    assert ["card_missing"] == told(dossier.with_account(account_with()), paris("2025-02-22"))


def test_start_of_a_license_is_not_announced() -> None:
    """Who just bought it knows; the end of a trial is announced."""
    assert [] == told(dossier_of(), paris(JAN_31) - DAY)
    trial = dossier_of(license_of(monthly(trial_days=14)))
    assert ["renewal_coming"] == told(trial, paris("2025-02-07"))


def test_nothing_is_waited_for_before_the_start() -> None:
    """A license that has not begun wakes on its first day, and not a week before it to say nothing."""
    wait = next_step(dossier_of(license_of(start_on=date(2025, 6, 1))), paris("2025-05-01"), POLICY)
    assert isinstance(wait, Wait)
    assert paris("2025-06-01") == wait.until


def test_announcements_switched_off() -> None:
    """Nothing ahead; that there is no card when money is due is said all the same."""
    silent = BillingPolicy(renewal_notice_days=0)
    assert [] == told(paid(account_with()), DUE - TICK, silent)
    assert ["card_missing"] == told(paid(account_with()), DUE, silent)


@pytest.mark.parametrize("effective_on", [None, date(2025, 2, 28)])
def test_no_renewal_no_announcement(effective_on: date | None) -> None:
    """A license whose end is decided renews no more."""
    ending = Cancellation(requested_at=paris("2025-02-10"), effective_on=effective_on)
    dossier = dossier_of(covered(license_of()).with_cancellation(ending), account_with())
    for now in (paris("2025-02-21"), DUE, DUE + DAY):
        assert [] == told(dossier, now)


def test_end_that_lies_after_the_renewal() -> None:
    """One that ends a month later renews once more, and that is announced."""
    ending = Cancellation(requested_at=paris("2025-02-10"), effective_on=date(2025, 3, 31))
    dossier = dossier_of(covered(license_of()).with_cancellation(ending))
    assert ["renewal_coming"] == told(dossier, paris("2025-02-21"))


# -- when it is due ------------------------------------------------------------------------------


def test_card_that_expires_while_past_due() -> None:
    """Declined on 28 March, the card expires with March: the license wakes for that, and tells."""
    account = account_with(card_named(expires=CardExpiry(2025, 3)))
    dossier = dossier_of(covered(license_of(start_on=date(2025, 2, 28))), account)
    declined = ChargeResult.declined(Advice.NEW_CARD)
    dossier, steps = driven(dossier, paris("2025-03-28"), POLICY, answering(declined))
    assert isinstance(steps[-1], Wait)
    assert paris("2025-04-01") == steps[-1].until
    assert [] == told(dossier, paris("2025-04-01") - TICK)
    assert ["card_expiring"] == told(dossier, paris("2025-04-01"))


def test_card_that_expires_with_the_year() -> None:
    """December ends when January of the next year begins."""
    account = account_with(card_named(expires=CardExpiry(2025, 12)))
    dossier = dossier_of(covered(license_of(start_on=date(2025, 11, 28))), account)
    declined = ChargeResult.declined(Advice.NEW_CARD)
    dossier, steps = driven(dossier, paris("2025-12-28"), POLICY, answering(declined))
    assert isinstance(steps[-1], Wait)
    assert paris("2026-01-01") == steps[-1].until
    assert [] == told(dossier, paris("2026-01-01") - TICK)
    assert ["card_expiring"] == told(dossier, paris("2026-01-01"))


def test_card_that_expires_after_the_license() -> None:
    """Nobody hears of the card of a license that expired long before it."""
    account = account_with(card_named(expires=CardExpiry(2025, 12)))
    declined = ChargeResult.declined(Advice.NEW_CARD)
    dossier, _ = driven(paid(account), DUE, POLICY, answering(declined))
    dossier, steps = driven(dossier, paris("2025-03-10"), POLICY)
    assert isinstance(steps[-1], Wait)
    assert steps[-1].until is None
    assert [] == told(dossier, paris("2026-02-01"))


def test_nobody_asks_for_a_card_while_a_charge_is_found_out() -> None:
    """Whether one is needed is not known yet."""
    lost = ChargeResult.unknown()
    dossier, _ = driven(paid(), DUE, POLICY, answering(lost))
    dossier = dossier.with_account(account_with())
    assert "notify" not in [step.kind.value for step in driven(dossier, DUE + TICK, POLICY)[1]]


# -- extensions --------------------------------------------------------------------------------------


def extended(*until: datetime) -> License:
    license = covered(license_of())
    for end in until:
        license = license.with_extension(
            Extension(granted_at=paris("2025-03-08"), until=end, days=3, granted_by="sam", reason="lost card")
        )
    return license


def without_card(license: License) -> Dossier:
    """Expired, with everything else said already."""
    return driven(dossier_of(license, account_with()), paris("2025-03-08"), POLICY)[0]


def test_end_of_an_extension_is_announced() -> None:
    """A day ahead, once, while nothing else gives access; and it is waited for."""
    until = paris("2025-03-11", hours=9)
    dossier = without_card(extended(until))
    wait = next_step(dossier, until - 2 * DAY, POLICY)
    assert isinstance(wait, Wait)
    assert until - DAY == wait.until
    assert [] == told(dossier, until - DAY - TICK)
    assert ["extension_ending"] == told(dossier, until - DAY)
    assert [] == told(driven(dossier, until - DAY, POLICY)[0], until - TICK)
    assert [] == told(dossier, until)


def test_longest_extension_counts() -> None:
    """The end of a shorter one changes nothing."""
    first, last = paris("2025-03-10"), paris("2025-03-12")
    dossier = without_card(extended(last, first))
    assert [] == told(dossier, first - DAY)
    assert ["extension_ending"] == told(dossier, last - DAY)


def test_extension_of_a_license_in_grace() -> None:
    """Its end takes nothing away."""
    dossier = dossier_of(
        covered(license_of()).with_extension(
            Extension(granted_at=DUE, until=DUE + DAY, days=1, granted_by="sam", reason="lost card")
        )
    )
    assert "extension_ending" not in told(dossier.with_account(account_with()), DUE)


def test_announcements_of_extensions_switched_off() -> None:
    """Nothing is said, and nothing waited for."""
    silent = BillingPolicy(grace_days=7, extension_notice_days=0)
    dossier = without_card(extended(paris("2025-03-10")))
    assert [] == told(dossier, paris("2025-03-10") - TICK, silent)
    wait = next_step(dossier, paris("2025-03-09"), silent)
    assert isinstance(wait, Wait)
    assert wait.until is None
