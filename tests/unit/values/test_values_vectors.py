"""Amounts, currencies and dates that other projects' own tests and documents state."""

import json
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from billing_core.errors import InvalidInput
from billing_core.values.currency import Currency
from billing_core.values.money import Money
from billing_core.values.rounding import Rounding, divide
from billing_core.values.schedule import Interval, Period, RenewalSchedule
from billing_core.values.zones import local_date, start_of

VECTORS = Path(__file__).parents[2] / "vectors"


def load(name: str) -> Any:
    """The parsed file of vectors."""
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


ROUNDING = load("rounding")["cases"]
ALLOCATION = load("allocation")
MONTH_END = load("month_end")
RENEWALS = load("renewals")["vectors"]
CURRENCIES = load("currencies")["currencies"]
RATIOS = load("proration_ratios")


def number(text: str | int) -> int | Fraction:
    """A vector's number, exactly."""
    return Fraction(Decimal(text))


# --- rounding ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ROUNDING, ids=lambda case: f"{case['mode']}-{case['expected']}")
def test_rounding(case: dict[str, Any]) -> None:
    """Each mode rounds as the named projects' tests say, under its name here."""
    unit = number(case.get("to", 1))
    given = number(case["value"]) if "value" in case else Fraction(case["numerator"], case["denominator"])
    exact = Fraction(given) / (Fraction(unit) if "value" in case else 1)
    rounded = divide(exact.numerator, exact.denominator, Rounding(case["mode"].lower()))

    assert number(case["expected"]) == rounded * unit


# --- allocation -------------------------------------------------------------------------------------------

#: Cases of other policies: they break the quota rule, or the mirror image of refunds.
OTHER_POLICIES = [
    case for case in ALLOCATION["literal"] if "largest_remainder_sign_symmetric" not in case["satisfied_by"]
]


def parts_of(case: dict[str, Any]) -> list[int]:
    """What we allocate for a case."""
    weights = [Decimal(ratio) for ratio in case["ratios"]]
    money = Money(case["amount_minor"], Currency.of(case["currency"]))
    return [part.amount_minor for part in money.allocate(weights)]


@pytest.mark.parametrize(
    ("case", "expected"),
    [(case, case["expected"]) for case in ALLOCATION["literal"] if case not in OTHER_POLICIES]
    + [(case, case["largest_remainder_sign_symmetric"]) for case in ALLOCATION["executed"]],
)
def test_allocation(case: dict[str, Any], expected: list[int]) -> None:
    """Every case that agrees with largest remainders, ties to the earlier, in mirror image."""
    assert expected == parts_of(case)


@pytest.mark.parametrize("case", OTHER_POLICIES, ids=lambda case: case["source"])
def test_other_policies_differ(case: dict[str, Any]) -> None:
    """RubyMoney's running remainder and moneyphp's floor of negatives give other parts of the same sum."""
    assert case["expected"] != parts_of(case)
    assert sum(case["expected"]) == sum(parts_of(case)) == case["amount_minor"]


def test_other_policies_are_two() -> None:
    """The list of what is not followed doesn't grow unseen."""
    assert ["RubyMoney/money", "moneyphp/money"] == [
        case["source"].partition("@")[0] for case in OTHER_POLICIES
    ]


@pytest.mark.parametrize("case", ALLOCATION["errors"])
def test_allocation_errors(case: dict[str, Any]) -> None:
    """No weights, no parts."""
    money = Money.of(1, "USD")
    with pytest.raises(InvalidInput):
        money.allocate(case["ratios"]) if "ratios" in case else money.split(case["split"])


# --- currencies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CURRENCIES, ids=lambda case: case["code"])
def test_currency(case: dict[str, Any]) -> None:
    """All 307 codes, active and withdrawn."""
    currency = Currency.of(case["code"])
    # An exponent of -1 is Joda-Money's way to say that there is no minor unit (the ECU and the UIC franc).
    exponent = None if case["exponent"] == -1 else case["exponent"]

    assert (case["code"], case["numeric"], exponent) == (currency.code, currency.numeric, currency.exponent)
    assert " ".join(case["name"].split()) == currency.name
    assert case["active"] == currency.is_active_on(date(2026, 11, 23)) == (currency.withdrawn is None)
    if case["withdrawn"]:
        # ISO's spans of time ("1989 to 1990") are kept as their last month.
        assert currency.withdrawn in (
            case["withdrawn"],
            case["withdrawn"][-7:],
            f"{case['withdrawn'][-4:]}-12",
        )


# --- month ends -------------------------------------------------------------------------------------------

UNITS = {
    "day": Interval.daily(),
    "week": Interval.weekly(),
    "month": Interval.monthly(),
    "quarter": Interval.monthly(3),
    "year": Interval.yearly(),
    "30 days": Interval.daily(30),
}


def day(text: str) -> date:
    """A vector's date."""
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    "case",
    [case for case in MONTH_END["literal"] + MONTH_END["executed"] if case["n"] >= 0],
    ids=lambda case: f"{case['anchor']}+{case['n']}{case['unit']}",
)
def test_month_end(case: dict[str, Any]) -> None:
    """The anchor plus n months or years, clamped: five implementations agree."""
    schedule = RenewalSchedule(day(case["anchor"]), UNITS[case["unit"]])

    assert day(case["expected"]) == schedule.boundary(case["n"])
    assert case["n"] == schedule.index_at(day(case["expected"]))


@pytest.mark.parametrize("case", [case for case in MONTH_END["literal"] if case["n"] < 0])
def test_no_schedule_runs_backwards(case: dict[str, Any]) -> None:
    """Cases of dateutil and Carbon with a negative n: there is no renewal before the anchor."""
    with pytest.raises(InvalidInput, match="n: must not be negative"):
        RenewalSchedule(day(case["anchor"]), UNITS[case["unit"]]).boundary(case["n"])


@pytest.mark.parametrize(
    ("anchor", "unit", "expected", "wrong"),
    [(case["anchor"], case["unit"], case["expected"], None) for case in MONTH_END["series"]]
    + [
        (case["anchor"], case["unit"], case["anchored"], case["iterated_WRONG"])
        for case in MONTH_END["anchored_vs_iterated"]
    ],
)
def test_series(anchor: str, unit: str, expected: list[str], wrong: list[str] | None) -> None:
    """Boundaries don't drift to the 28th, as iterating does."""
    schedule = RenewalSchedule(day(anchor), UNITS[unit])
    boundaries = [schedule.boundary(n).isoformat() for n in range(len(expected))]

    assert expected == boundaries
    assert wrong != boundaries


@pytest.mark.parametrize("case", MONTH_END["anchor_day"])
def test_carbon_anchor_day(case: dict[str, Any]) -> None:
    """Feb 28 on its way to the 29th."""
    schedule = RenewalSchedule(day(case["current"]), UNITS[case["unit"]], case["anchor_day"])

    assert day(case["expected"]) == schedule.boundary(case["n"])


@pytest.mark.parametrize("case", MONTH_END["bill_cycle_day_first"])
def test_kill_bill_first_cycle(case: dict[str, Any]) -> None:
    """The first bill cycle day after the start; of a year, in the start's month."""
    schedule = RenewalSchedule(day(case["start"]), UNITS[case["period"]], case["bill_cycle_day"])

    assert day(case["first_cycle_date"]) == schedule.boundary(1)


@pytest.mark.parametrize("case", MONTH_END["bill_cycle_day_align"])
def test_kill_bill_alignment(case: dict[str, Any]) -> None:
    """The next bill cycle day, or the last day of February."""
    schedule = RenewalSchedule(day(case["date"]), Interval.monthly(), case["bill_cycle_day"])

    assert day(case["expected"]) == schedule.boundary(1)


@pytest.mark.parametrize("case", MONTH_END["lago"])
def test_lago_previous_anniversary(case: dict[str, Any]) -> None:
    """The 31st of March, seen from 29 March a year later, last came on 28 February."""
    schedule = RenewalSchedule(day(case["subscription_at"]), Interval.monthly())

    assert day(case["expected"]) == schedule.boundary(schedule.index_at(day(case["billing_at"])))


@pytest.mark.parametrize("case", [case for case in MONTH_END["zoned"] if "local_midnight" in case])
def test_skipped_midnights(case: dict[str, Any]) -> None:
    """The first instant of a day without midnight. (The fourth case is a time of day: renewals have none.)"""
    start = start_of(datetime.fromisoformat(case["local_midnight"]).date(), case["zone"])

    assert datetime.fromisoformat(case["utc_first_instant"]) == start


# --- renewals of other engines ----------------------------------------------------------------------------


def schedule_of(case: dict[str, Any]) -> RenewalSchedule:
    """The schedule that a case describes, by the rule that it states."""
    interval = Interval(case["interval"]["unit"], case["interval"]["count"])
    return RenewalSchedule(local_day(case["anchor"], case), interval, case.get("anchor_day"))


def local_day(text: str, case: dict[str, Any]) -> date:
    """A vector's date, or the local day of its instant."""
    if "T" not in text:
        return day(text)
    return local_date(datetime.fromisoformat(text), case.get("timezone", "UTC"))


def of_kind(*rules: str) -> Any:
    """The cases that state one of these rules."""
    cases = [case for case in RENEWALS if case["rule"] in rules]
    assert cases
    return pytest.mark.parametrize("case", cases, ids=[case["id"] for case in cases])


HANDLED = {
    "anchor_clamp",
    "last_day_sticky",
    "fixed_days",
    "first_boundary_on_or_after",
    "anchor_day_chain",
    "calendar",
    "local_day_in_customer_timezone",
    "meteroid_first_period_snap_to_anchor_day_in_start_month",
}


def test_every_rule_is_handled() -> None:
    """No renewal vector is left out."""
    assert {case["rule"] for case in RENEWALS} == HANDLED


@of_kind("anchor_clamp", "last_day_sticky", "fixed_days", "first_boundary_on_or_after")
def test_renewal_dates(case: dict[str, Any]) -> None:
    """The n-th renewal of Lago, Kill Bill, Polar, flexprice, Mollie, WooCommerce, OCA and Stripe's page."""
    schedule = schedule_of(case)
    expected = [local_day(text, case) for text in case["expected_dates"]]
    if case["kind"] == "period_containing":
        period = schedule.period(schedule.index_at(local_day(case["at"], case)))

        assert expected == [period.start, period.end]
    else:
        assert expected == [schedule.boundary(n) for n in case["n"]]


@of_kind("anchor_day_chain")
def test_the_period_of_a_day(case: dict[str, Any]) -> None:
    """Meteroid's half-open periods with a billing day."""
    schedule = schedule_of(case)
    start, end = map(day, case["expected_period"])

    assert Period(start, end) == schedule.period(schedule.index_at(day(case["at"])))


@of_kind("calendar")
def test_calendar_periods(case: dict[str, Any]) -> None:
    """Calendar weeks, months, quarters and years are schedules anchored at a Monday that is a New Year."""
    unit = case["interval"]["unit"]
    grid_start = date(2018, 1, 1)  # a Monday
    grid = RenewalSchedule(grid_start, Interval(unit, case["interval"]["count"]))
    first = grid.index_at(day(case["anchor"])) + 1

    assert [day(text) for text in case["expected_dates"]] == [grid.boundary(first + n - 1) for n in case["n"]]
    assert grid.next_after(day(case["anchor"])) == grid.boundary(first)


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in RENEWALS
        if case["rule"] == "calendar" and case["interval"] == {"unit": "month", "count": 1}
    ],
    ids=lambda case: case["id"],
)
def test_calendar_months_are_an_anchor_day_of_one(case: dict[str, Any]) -> None:
    """For months that is the short way to say the same, with the short first period that goes with it."""
    schedule = RenewalSchedule(day(case["anchor"]), Interval.monthly(), anchor_day=1)

    assert [day(text) for text in case["expected_dates"]] == [schedule.boundary(n) for n in case["n"]]


@of_kind("local_day_in_customer_timezone")
def test_the_local_day_decides(case: dict[str, Any]) -> None:
    """Lago bills in Bogota on the first, from five in the morning UTC."""
    zone = case["timezone"]
    anchor = local_date(datetime.fromisoformat(case["anchor"]), zone)
    due = RenewalSchedule(anchor, Interval.monthly(), anchor_day=1).boundary(1)

    assert {due} == {local_date(datetime.fromisoformat(at), zone) for at in case["bills_at_utc"]}
    assert due not in {local_date(datetime.fromisoformat(at), zone) for at in case["does_not_bill_at_utc"]}


@of_kind("meteroid_first_period_snap_to_anchor_day_in_start_month")
def test_first_periods_of_meteroid(case: dict[str, Any]) -> None:
    """Of years as here. Of quarters it waits for the third month, where here the next anchor day counts."""
    first = schedule_of(case).boundary(1)

    if case["interval"]["unit"] == "year":
        assert [day(text) for text in case["expected_dates"]] == [first]
    else:
        assert ("r089", date(2021, 2, 1), ["2021-04-01"]) == (case["id"], first, case["expected_dates"])


# --- whole periods and days -------------------------------------------------------------------------------


@pytest.mark.parametrize("case", RATIOS["whole_periods"])
def test_whole_periods(case: dict[str, Any]) -> None:
    """How many whole periods lie between two days."""
    schedule = RenewalSchedule(day(case["start"]), UNITS[case["interval"]])

    assert case["expected"] == schedule.index_at(day(case["end"]))


@pytest.mark.parametrize("case", RATIOS["day_counts"])
def test_day_counts(case: dict[str, Any]) -> None:
    """Days are counted by date, not by hours."""
    assert case["expected"] == Period(local_day(case["start"], case), local_day(case["end"], case)).days
