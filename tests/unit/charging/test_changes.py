"""Changes at the boundary: plan, seats, interval and zone."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from billing_core.charging.changes import changed_term, restarted_term
from billing_core.charging.dossier import Dossier
from billing_core.licenses.license import License, PendingChange
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy
from billing_core.values.money import Money
from billing_core.values.schedule import Interval
from tests.charging_builders import (
    JAN_31,
    account_with,
    covered,
    dossier_of,
    driven,
    kinds,
    license_of,
    monthly,
    paris,
    yearly,
)

QUIET = BillingPolicy(renewal_notice_days=0)
ASKED = paris("2025-02-10")


def asking(license: License, **changes: object) -> License:
    return license.with_pending_change(PendingChange(requested_at=ASKED, **changes))  # type: ignore[arg-type]


def weekly() -> Plan:
    return Plan(id="weekly", interval=Interval.weekly(), unit_price=Money.of("5.00", "EUR"))


def boundaries(license: License, plan: Plan, count: int = 4) -> list[str]:
    """The next boundaries after changing to this plan at the next one."""
    term = changed_term(license, PendingChange(plan=plan, requested_at=ASKED))
    first = term.first_index
    return [str(term.schedule.boundary(first + n)) for n in range(count)]


def test_change_is_made_at_the_boundary_that_is_due() -> None:
    """The running period stays as it was sold; the next one is billed by the new terms, without proration."""
    bigger = Plan.monthly("bigger", price_per_seat=Money.of("30.00", "EUR"))
    dossier = dossier_of(asking(covered(license_of()), plan=bigger, quantity=4))
    assert ["wait"] == kinds(driven(dossier, paris("2025-02-27"), QUIET)[1])
    dossier, steps = driven(dossier, paris("2025-02-28"), QUIET)
    assert ["start_term", "issue_invoice", "charge", "wait"] == kinds(steps)
    assert (2, "2025-02-28/2025-03-31", Money.of("120.00", "EUR")) == (
        dossier.invoices[0].key.term,
        str(dossier.invoices[0].period),
        dossier.invoices[0].total,
    )
    assert dossier.license.pending_change is None


def test_periods_keep_counting_where_the_interval_stays() -> None:
    """(term, index) names one period for ever, and month ends come from the first anchor."""
    license = asking(covered(license_of()), quantity=3)
    dossier, _ = driven(dossier_of(license), paris("2025-02-28"), QUIET)
    assert (1, date(2025, 3, 31)) == (dossier.invoices[0].key.index, dossier.license.paid_until)
    assert license.term.schedule == dossier.license.term.schedule


@pytest.mark.parametrize(
    ("license", "plan", "expected"),
    [
        # The 31st survives February and the change, both ways.
        (covered(license_of()), yearly(), ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        (
            covered(license_of(yearly(), date(2024, 2, 29))),
            monthly(),
            ["2025-02-28", "2025-03-29", "2025-04-29", "2025-05-29"],
        ),
        (covered(license_of(), 3), yearly(), ["2025-04-30", "2026-04-30", "2027-04-30", "2028-04-30"]),
        (
            covered(license_of(start_on=date(2025, 1, 15))),
            yearly(),
            ["2025-02-15", "2026-02-15", "2027-02-15", "2028-02-15"],
        ),
        # A day that was agreed on stays agreed on.
        (
            covered(license_of(start_on=date(2025, 1, 20), anchor_day=31)),
            yearly(),
            ["2025-01-31", "2026-01-31", "2027-01-31", "2028-01-31"],
        ),
        (
            covered(license_of(start_on=date(2025, 1, 20), anchor_day=31), 2),
            yearly(),
            ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
        ),
        # Weeks know no day of the month: they count from the boundary.
        (covered(license_of()), weekly(), ["2025-02-28", "2025-03-07", "2025-03-14", "2025-03-21"]),
        (
            covered(license_of(weekly())),
            monthly(),
            ["2025-02-07", "2025-03-07", "2025-04-07", "2025-05-07"],
        ),
    ],
    ids=["31 to year", "29 Feb", "30 Apr", "15", "agreed 31", "agreed 31 in Feb", "to weeks", "from weeks"],
)
def test_change_of_interval_keeps_the_agreed_day(license: License, plan: Plan, expected: list[str]) -> None:
    """A month end that was clamped does not become the rule."""
    assert expected == boundaries(license, plan)


def test_there_and_back_again() -> None:
    """Monthly on the 31st, yearly from 28 February, monthly again a year later: the 31st."""
    dossier = dossier_of(asking(covered(license_of()), plan=yearly()))
    dossier, _ = driven(dossier, paris("2025-02-28"), QUIET)
    dossier = dossier.with_license(asking(dossier.license, plan=monthly()))
    dossier, _ = driven(dossier, paris("2026-02-28"), QUIET)
    assert date(2026, 3, 31) == dossier.license.paid_until


def test_later_wish_wins() -> None:
    """Wishes that were not carried out yet are merged; the later one wins where both say something."""
    license = asking(asking(license_of(), plan=yearly(), quantity=2), quantity=5)
    license = asking(license, zone="Asia/Tokyo")
    change = license.pending_change
    assert change is not None
    assert ("team_year", 5, "Asia/Tokyo") == (change.plan and change.plan.id, change.quantity, change.zone)


def test_change_waits_for_an_open_invoice() -> None:
    """What was invoiced stays as it was sold; the change is made at the next boundary."""
    dossier, _ = driven(dossier_of(account=account_with()), paris(JAN_31), QUIET)
    dossier = dossier.with_license(asking(dossier.license, quantity=9))
    assert "start_term" not in kinds(driven(dossier, ASKED, QUIET)[1])
    assert dossier.license.pending_change is not None


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles", "Pacific/Apia", "Pacific/Niue"])
def test_change_of_zone_loses_no_day(zone: str) -> None:
    """Each local day is paid for once, whichever way the license moves."""
    dossier = dossier_of(asking(covered(license_of()), zone=zone))
    now = paris("2025-02-28")
    for _ in range(3):
        dossier, _ = driven(dossier, now, QUIET)
        now = max(now, dossier.license.due_at)
    dossier, _ = driven(dossier, now, QUIET)
    rows = dossier.license.coverage
    starts = ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31"]
    assert starts[: len(rows)] == [str(row.start) for row in rows]
    assert all(earlier.end == later.start for earlier, later in pairwise(rows))
    assert (zone, 2) == (dossier.license.term.zone, dossier.license.term.number)


def test_restart_counts_from_the_next_unbilled_day() -> None:
    """With the plan, zone and seats that were in force."""
    license = covered(license_of(quantity=3, start_on=date(2025, 1, 20), anchor_day=31))
    term = restarted_term(license)
    assert (2, date(2025, 1, 31), 0, 3, "Europe/Paris") == (
        term.number,
        term.start,
        term.first_index,
        term.quantity,
        term.zone,
    )
    assert date(2025, 2, 28) == term.schedule.boundary(1)


def test_restart_after_a_change_counts_from_zero() -> None:
    """Wherever the term before it had begun to count."""
    dossier, _ = driven(dossier_of(asking(covered(license_of(), 3), quantity=2)), paris("2025-04-30"), QUIET)
    changed = dossier.license
    assert (2, 3) == (changed.term.number, changed.term.first_index)
    term = restarted_term(changed)
    assert (3, 0, changed.paid_until, 2) == (term.number, term.first_index, term.start, term.quantity)


def test_no_term_takes_the_number_of_one_that_was_forgotten() -> None:
    """After a restore a charge was found under a later term: the next one comes after that."""
    license = covered(license_of()).found_as(5, 0)
    change = PendingChange(quantity=2, requested_at=ASKED)
    assert (6, 6) == (changed_term(license, change).number, restarted_term(license).number)


def test_changes_of_a_license_without_coverage() -> None:
    """Before anything was billed the change holds from the first day."""
    dossier: Dossier = dossier_of(asking(license_of(), plan=yearly()))
    dossier, _ = driven(dossier, paris(JAN_31), QUIET)
    assert date(2026, 1, 31) == dossier.license.paid_until
