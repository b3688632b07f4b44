"""One dispute: how it is learned of, in whatever order, and what it holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from billing_core.charging.dispute import Dispute, DisputeStep, held_by, most_pressing
from billing_core.gateways.webhooks import DisputeDetails, DisputeStatus
from billing_core.values.money import Money
from tests.builders import NOW, PRICE

S = DisputeStatus
OPENED, WON, LOST = S.OPENED, S.WON, S.LOST
PART, ZERO = Money.of("5.00", "EUR"), Money.zero("EUR")


def details(status: DisputeStatus = OPENED, **changes: Any) -> DisputeDetails:
    told = DisputeDetails(
        gateway_ref="dp_1",
        charge_ref="ch_1",
        status=status,
        amount=PART,
        reason="fraudulent",
        respond_by=NOW + timedelta(days=7),
    )
    return attrs.evolve(told, **changes)


def step(status: DisputeStatus, notice: str = "evt_1", *, is_confirmed: bool = False) -> DisputeStep:
    return DisputeStep(status=status, at=NOW, notice_id=notice, is_confirmed=is_confirmed)


def dispute(status: DisputeStatus = OPENED, **changes: Any) -> Dispute:
    first = Dispute.first_told(details(status), step(status))
    return attrs.evolve(first, **changes)


def test_first_told() -> None:
    """All that is told, wherever it stands; the step is its history, and says where it stands."""
    expected = Dispute(
        gateway_ref="dp_1",
        status=LOST,
        amount=PART,
        reason="fraudulent",
        respond_by=NOW + timedelta(days=7),
        history=(step(LOST),),
    )
    assert expected == Dispute.first_told(details(), step(LOST))


@pytest.mark.parametrize("is_confirmed", [True, False])
@pytest.mark.parametrize("after", DisputeStatus)
@pytest.mark.parametrize("before", DisputeStatus)
def test_what_a_notice_says_goes_forwards_only(
    before: DisputeStatus, after: DisputeStatus, *, is_confirmed: bool
) -> None:
    """What the processor says when it is asked goes anywhere; the same again is no news."""
    allowed = {(OPENED, WON), (OPENED, LOST), (WON, LOST)}
    known, learned = dispute(before), step(after, "evt_2", is_confirmed=is_confirmed)
    told = known.told(details(after), learned)
    if before is not after and (is_confirmed or (before, after) in allowed):
        assert dispute(after, history=(step(before), learned)) == told
    else:
        assert known is told


@pytest.mark.parametrize(
    "changes", [{"amount": PRICE}, {"reason": "general"}, {"respond_by": None}, {"reason": None}]
)
def test_news_of_the_same_status(changes: dict[str, Any]) -> None:
    """Another amount, reason or time is news; it takes a place in the history."""
    learned = step(OPENED, "evt_2")
    told = dispute().told(details(**changes), learned)
    assert dispute(history=(step(OPENED), learned), **changes) == told


@pytest.mark.parametrize(
    ("status", "amount", "held"),
    [
        (OPENED, PART, PART),
        (LOST, PART, PART),
        (WON, PART, ZERO),
        (OPENED, PRICE + PART, PRICE),
        (LOST, Money.of("5.00", "USD"), PRICE),
        (WON, Money.of("5.00", "USD"), ZERO),
    ],
)
def test_what_it_holds(status: DisputeStatus, amount: Money, held: Money) -> None:
    """Never more than was captured; all of that, where another currency does not tell how much."""
    assert held == dispute(status, amount=amount).held(PRICE)


def test_what_several_hold() -> None:
    """Together no more than was captured."""
    one, other = dispute(), dispute(gateway_ref="dp_2", amount=Money.of("10.00", "EUR"))
    assert ZERO == held_by((), PRICE)
    assert Money.of("15.00", "EUR") == held_by((one, other), PRICE)
    assert PRICE == held_by((one, other, other), PRICE)
    assert Money.of("10.00", "EUR") == held_by((dispute(WON), other), PRICE)


def test_most_pressing() -> None:
    """Open before lost before won."""
    every = [dispute(WON), dispute(LOST), dispute(OPENED)]
    assert [None, WON, LOST, OPENED] == [most_pressing(every[:count]) for count in range(4)]


def test_instants_are_kept_in_utc() -> None:
    """However a step was written."""
    tokyo = NOW.astimezone(ZoneInfo("Asia/Tokyo"))
    at: datetime = attrs.evolve(step(OPENED), at=tokyo).at
    assert (NOW, UTC) == (at, at.tzinfo)
