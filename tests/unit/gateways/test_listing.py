"""What a processor lists: money, and where it came from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from billing_core.errors import InvalidInput
from billing_core.gateways.listing import ChargePage, ListedCharge
from billing_core.values.money import Money

EUR_10 = Money.of("10", "EUR")
LISTED = ListedCharge(gateway_ref="ch_1", amount=EUR_10, captured_at=datetime(2025, 1, 31, tzinfo=UTC))


def test_what_is_kept_is_what_was_not_given_back() -> None:
    """The whole, if nothing was said about a refund."""
    assert EUR_10 == LISTED.kept
    assert Money.of("7.50", "EUR") == attrs.evolve(LISTED, refunded=Money.of("2.50", "EUR")).kept


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": Money.of("-1", "EUR")}, "amount"),
        ({"refunded": Money.of("-1", "EUR")}, "refunded"),
        ({"refunded": Money.of("1", "USD")}, "refunded"),
    ],
)
def test_money_only_comes_in(changes: dict[str, Any], field: str) -> None:
    """Nothing negative, and one currency."""
    with pytest.raises(InvalidInput) as caught:
        attrs.evolve(LISTED, **changes)
    assert [field] == [issue.field for issue in caught.value.issues]


def test_a_page_is_a_tuple() -> None:
    """Whatever an adapter made it of."""
    assert (LISTED,) == ChargePage(items=[LISTED], next="10").items
