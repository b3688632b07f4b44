"""What adapters declare, and what follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from billing_core.accounts.saved_card import CardToken
from billing_core.errors import InvalidInput
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation, RetryOwner
from billing_core.values.money import Money

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TIMES = (
    "key_retention",
    "send_timeout",
    "request_life",
    "look_up_lag",
    "clock_margin",
    "duplicate_window",
    "action_lifetime",
)


def test_what_is_assumed_of_an_adapter_that_says_nothing() -> None:
    """Keys for a day and a look-up; bounded times that leave room for clocks and queues."""
    declared = Capabilities()
    assert (GatewayGrade.KEYED_WITH_LOOKUP, True, RetryOwner.LIBRARY, False) == (
        declared.grade,
        declared.can_look_up,
        declared.retry_owner,
        declared.partial_approval,
    )
    assert (18 * HOUR, 6 * HOUR + MINUTE) == (declared.resend_window, declared.not_found_wait)


@pytest.mark.parametrize(
    ("retention", "life", "margin", "expected"),
    [
        (24 * HOUR, HOUR, 4 * HOUR, 19 * HOUR),
        (24 * HOUR, timedelta(0), timedelta(0), 24 * HOUR),
        (30 * 24 * HOUR, HOUR, HOUR, 718 * HOUR),
        (5 * HOUR, HOUR, 4 * HOUR, timedelta(0)),
        (3 * HOUR, HOUR, 4 * HOUR, timedelta(0)),
    ],
)
def test_the_resend_window_leaves_out_all_that_may_be_wrong(
    retention: timedelta, life: timedelta, margin: timedelta, expected: timedelta
) -> None:
    """Retention less request life and clock margin, and never less than nothing."""
    declared = Capabilities(key_retention=retention, request_life=life, clock_margin=margin)
    assert expected == declared.resend_window


def test_without_keys_nothing_is_sent_twice() -> None:
    """Whatever retention is said."""
    for retention in (None, 24 * HOUR):
        declared = Capabilities(grade=GatewayGrade.NONE, key_retention=retention)
        assert timedelta(0) == declared.resend_window


def test_nothing_found_is_believed_late() -> None:
    """After the request's life, the look-up's lag, and the margin of clocks."""
    declared = Capabilities(request_life=HOUR, look_up_lag=2 * HOUR, clock_margin=3 * HOUR)
    assert 6 * HOUR == declared.not_found_wait


@pytest.mark.parametrize(
    ("grade", "expected"),
    [
        (GatewayGrade.FENCED, True),
        (GatewayGrade.KEYED_WITH_LOOKUP, True),
        (GatewayGrade.KEYED, False),
        (GatewayGrade.NONE, False),
    ],
)
def test_look_ups_come_with_the_grade(grade: GatewayGrade, expected: bool) -> None:
    """Two grades promise them, and must offer them."""
    assert expected is Capabilities(grade=grade).can_look_up
    without = frozenset({Operation.CARD_SETUP})
    if expected:
        with pytest.raises(InvalidInput, match=f"operations: does not agree with grade {grade}"):
            Capabilities(grade=grade, operations=without)
    else:
        assert not Capabilities(grade=grade, operations=without).supports(Operation.FIND_CHARGE)


@pytest.mark.parametrize("grade", [grade for grade in GatewayGrade if grade is not GatewayGrade.NONE])
def test_keys_are_remembered_for_some_time(grade: GatewayGrade) -> None:
    """An adapter with keys says for how long."""
    with pytest.raises(InvalidInput, match="key_retention: is required"):
        Capabilities(grade=grade, key_retention=None)


def test_operations_are_asked_for_by_name() -> None:
    """What is not declared is not there."""
    declared = Capabilities(operations=frozenset({Operation.FIND_CHARGE, Operation.REFUND}))
    assert [Operation.FIND_CHARGE, Operation.REFUND] == [one for one in Operation if declared.supports(one)]


@pytest.mark.parametrize(
    ("currencies", "expected"), [(None, True), ({"EUR"}, True), ({"USD"}, False), (set(), False)]
)
def test_currencies_may_be_limited(currencies: set[str] | None, expected: bool) -> None:
    """None means any."""
    declared = Capabilities(currencies=None if currencies is None else frozenset(currencies))
    assert expected is declared.accepts_currency("EUR")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0.49", True), ("0.50", False), ("0.51", False)],
)
def test_small_amounts(amount: str, expected: bool) -> None:
    """The minimum itself can be charged."""
    declared = Capabilities(minimum_amounts={"EUR": 50})
    assert expected is declared.is_below_minimum(Money.of(amount, "EUR"))
    assert not declared.is_below_minimum(Money.of(amount, "USD"))


@pytest.mark.parametrize("field", TIMES)
def test_times_are_not_negative(field: str) -> None:
    """Nothing takes less than no time; no time at all is allowed."""
    none: dict[str, Any] = {field: timedelta(0)}
    assert timedelta(0) == getattr(Capabilities(**none), field)
    less: dict[str, Any] = {field: timedelta(microseconds=-1)}
    with pytest.raises(InvalidInput, match=f"{field}: must not be negative"):
        Capabilities(**less)


def test_all_times_are_looked_at() -> None:
    """A new one has to be added above."""
    declared = Capabilities(duplicate_window=HOUR)
    found = {name for name, value in attrs.asdict(declared).items() if isinstance(value, timedelta)}
    assert set(TIMES) == found


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"grade": "fenced"}, ("grade", "invalid_type")),
        ({"operations": "refund"}, ("operations", "invalid_type")),
        ({"operations": {"refund"}}, ("operations", "invalid_type")),
        ({"operations": 5}, ("operations", "invalid_type")),
        ({"currencies": {"EUR"}}, ("currencies", "invalid_type")),
        ({"currencies": frozenset({"euro"})}, ("currencies", "unknown_value")),
        ({"minimum_amounts": {"EUR": -1}}, ("minimum_amounts", "negative")),
        ({"minimum_amounts": {"EUR": 0.5}}, ("minimum_amounts", "invalid_type")),
        ({"minimum_amounts": {"4242424242424242": 1}}, ("minimum_amounts", "unknown_value")),
        ({"request_life": 3600}, ("request_life", "invalid_type")),
        ({"partial_approval": "no"}, ("partial_approval", "invalid_type")),
    ],
)
def test_wrong_declarations_are_refused(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    """By the field; they would be believed for years."""
    with pytest.raises(InvalidInput) as caught:
        Capabilities(**changes)
    assert [expected] == [(issue.field, issue.code) for issue in caught.value.issues]


def test_a_grammar_must_be_a_pattern() -> None:
    """And tells which tokens are the processor's."""
    with pytest.raises(InvalidInput, match="token_grammar"):
        Capabilities(token_grammar="pm_[")
    strict = Capabilities(token_grammar="pm_[a-z0-9]+")

    assert strict.accepts_token(CardToken("pm_1a"))
    assert not strict.accepts_token(CardToken("tok_1a"))
    assert Capabilities().accepts_token(CardToken("tok_1a"))


def test_a_rate_limit_lets_something_through() -> None:
    """No calls at all is no rate."""
    with pytest.raises(InvalidInput, match="rate_limit_per_second"):
        Capabilities(rate_limit_per_second=0)
    assert 25 == Capabilities(rate_limit_per_second=25).rate_limit_per_second
