"""Licenses: terms, coverage, and what follows from them."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from billing_core.errors import InvalidInput, InvariantViolated
from billing_core.licenses.coverage import CoverageKind, CoverageRow, appended
from billing_core.licenses.license import Cancellation, License, PendingChange, Term
from billing_core.values.money import Money
from billing_core.values.schedule import Interval, Period, RenewalSchedule
from tests.charging_builders import JAN_31, at, covered, license_of, monthly, paris, yearly

ASKED = at("2025-02-10 09:00")


def row(start: str, end: str, why: CoverageKind = CoverageKind.CHARGE) -> CoverageRow:
    return CoverageRow(start=date.fromisoformat(start), end=date.fromisoformat(end), why=why, term=1)


# -- start -------------------------------------------------------------------------------------


def test_new_license() -> None:
    """Due on its first day, with nothing covered."""
    license = license_of(quantity=3)
    assert (JAN_31, JAN_31, paris(JAN_31), 0) == (
        license.starts_on,
        license.paid_until,
        license.due_at,
        license.next_index,
    )
    assert (Period(JAN_31, date(2025, 2, 28)), Money.of("60.00", "EUR"), 3, 1) == (
        license.next_period,
        license.next_price,
        license.quantity,
        license.term.plan_version,
    )
    assert (None, False) == (license.last_row, license.was_ever_paid)


def test_trial_moves_the_anchor() -> None:
    """The first period begins when the trial ends; its days are covered."""
    license = license_of(monthly(trial_days=14))
    assert (JAN_31, date(2025, 2, 14), date(2025, 2, 14)) == (
        license.starts_on,
        license.paid_until,
        license.term.start,
    )
    assert license.last_row is not None
    assert (CoverageKind.TRIAL, False) == (license.last_row.why, license.was_ever_paid)


def test_day_of_the_month_on_request() -> None:
    """A short first period leads to it."""
    license = license_of(start_on=date(2025, 1, 20), anchor_day=1)
    assert ["2025-02-01", "2025-03-01"] == [str(covered(license, n).paid_until) for n in (1, 2)]


@pytest.mark.parametrize(
    "changes",
    [{"quantity": 0}, {"quantity": 1.0}, {"zone": "Mars/Olympus"}, {"id": ""}, {"account_id": ""}],
)
def test_start_refuses_nonsense(changes: dict[str, object]) -> None:
    """Wrong arguments are named at once."""
    arguments: dict[str, object] = {
        "quantity": 1,
        "zone": "Europe/Paris",
        "id": "lic_1",
        "account_id": "acc_1",
    }
    arguments |= changes
    with pytest.raises(InvalidInput):
        License.start(
            arguments["id"],  # type: ignore[arg-type]
            arguments["account_id"],  # type: ignore[arg-type]
            monthly(),
            quantity=arguments["quantity"],  # type: ignore[arg-type]
            start_on=JAN_31,
            time_zone=arguments["zone"],  # type: ignore[arg-type]
            started_at=ASKED,
        )


# -- coverage ---------------------------------------------------------------------------------------


def test_rows_tile_time() -> None:
    """A row begins where the last one ended; the first one anywhere."""
    rows = appended((), row("2025-01-31", "2025-02-28"))
    assert 2 == len(appended(rows, row("2025-02-28", "2025-03-31")))
    for start in ("2025-02-27", "2025-03-01"):
        with pytest.raises(InvariantViolated, match="coverage ends on 2025-02-28"):
            appended(rows, row(start, "2025-03-31"))


def test_row_is_never_empty() -> None:
    """It has a day at least."""
    with pytest.raises(InvalidInput):
        row("2025-02-28", "2025-02-28")
    assert 28 == row("2025-01-31", "2025-02-28").period.days


def test_row_of_a_day() -> None:
    """Ends are exclusive; days before and after belong to none."""
    license = covered(license_of(), 2)
    assert [0, 0, 1, 1] == [
        found.index
        for day in ("2025-01-31", "2025-02-27", "2025-02-28", "2025-03-30")
        if (found := license.row_on(date.fromisoformat(day))) is not None
    ]
    assert [None, None] == [license.row_on(date(2025, 1, 30)), license.row_on(date(2025, 3, 31))]


def test_new_row_makes_room_for_new_announcements() -> None:
    """What was said about the old due day is forgotten; what is never to be said twice is not."""
    license = license_of()
    for key in ("card_missing:2025-01-31", "canceled", "extension_ending:2025-02-03T09:00:00+01:00"):
        license = license.with_notice(key)
    assert ("canceled", "extension_ending:2025-02-03T09:00:00+01:00") == covered(license).notices


# -- terms ----------------------------------------------------------------------------------------------


def next_term(license: License, **changes: object) -> Term:
    return attrs.evolve(
        license.term,
        number=license.terms[-1].number + 1,
        first_index=license.next_index,
        **changes,  # type: ignore[arg-type]
    )


def test_term_in_force() -> None:
    """The one that has begun by a day, or by an instant in its own zone; the first one before all."""
    license = covered(license_of())
    license = license.with_term(next_term(license, zone="Asia/Tokyo"))
    assert [1, 1, 2] == [
        license.term_on(day).number for day in (date(2020, 1, 1), date(2025, 2, 27), date(2025, 2, 28))
    ]
    tokyo = at("2025-02-27 15:00")
    assert [1, 1, 2] == [
        license.term_on_instant(instant).number
        for instant in (at("2020-01-01 00:00"), at("2025-02-27 14:59"), tokyo)
    ]
    assert (2, tokyo, date(2025, 2, 28)) == (license.term.number, license.due_at, license.term.start)


def test_term_starts_at_an_unbilled_boundary() -> None:
    """With the next number; anything else would bill days twice."""
    license = covered(license_of())
    earlier = attrs.evolve(next_term(license), first_index=0)
    skipping = attrs.evolve(next_term(license), number=3)
    for term in (earlier, skipping):
        with pytest.raises(InvalidInput, match="next unbilled boundary"):
            license.with_term(term)


def test_two_terms_at_one_boundary() -> None:
    """The later one holds; the other one has no periods."""
    license = covered(license_of())
    license = license.with_term(next_term(license)).with_term(
        attrs.evolve(next_term(license, quantity=7), number=3)
    )
    assert (3, 7) == (license.term.number, license.quantity)


# -- what was asked for --------------------------------------------------------------------------------


def test_cancellation_takes_the_pending_change_back() -> None:
    """There will be no period for it."""
    license = license_of().with_pending_change(PendingChange(quantity=2, requested_at=ASKED))
    assert license.with_cancellation(Cancellation(requested_at=ASKED)).pending_change is None
    assert license.without_pending_change().pending_change is None


def test_import_sets_what_was_sold_and_paid_elsewhere() -> None:
    """One row, and the schedule of the other system."""
    license = license_of(yearly())
    schedule = RenewalSchedule(date(2024, 6, 30), Interval.yearly())
    paid = row("2024-06-30", "2025-06-30", CoverageKind.IMPORTED)
    imported = license.imported(license.term.rescheduled(schedule), (paid,), "sub_77")
    assert ("sub_77", date(2025, 6, 30), 1, True) == (
        imported.external_id,
        imported.paid_until,
        imported.next_index,
        imported.was_ever_paid,
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.with_notice("canceled"),
        lambda it: it.with_carried(Money.of("0.10", "EUR")),
        lambda it: it.with_cancellation(Cancellation(requested_at=ASKED)),
        lambda it: it.with_pending_change(PendingChange(quantity=2, requested_at=ASKED)),
        lambda it: it.with_row(row("2025-01-31", "2025-02-28")),
        lambda it: it.with_term(next_term(it)),
    ],
)
def test_each_change_is_one_version(change) -> None:
    """And the license that was changed stays as it was."""
    license = license_of()
    assert (license.version + 1, 1) == (change(license).version, license.version)


def test_repr_is_short() -> None:
    """For logs: id and dates."""
    assert "License(lic_1, paid_until=2025-01-31, version=1)" == repr(license_of())


def test_round_trip() -> None:
    """A license survives its way through a store."""
    license = covered(license_of(monthly(trial_days=14), anchor_day=15), 2)
    license = license.with_pending_change(PendingChange(plan=yearly(), zone="Asia/Tokyo", requested_at=ASKED))
    assert license == License.from_dict(license.to_dict())
