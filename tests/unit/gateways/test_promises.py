"""What a gateway's grade is worth, in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing_core.errors import InvalidInput
from billing_core.gateways.capabilities import Capabilities, GatewayGrade
from billing_core.gateways.promises import promises


@pytest.mark.parametrize("grade", GatewayGrade)
def test_each_grade_has_a_promise(grade: GatewayGrade) -> None:
    """It begins with the grade, and never speaks of a charge that is made twice."""
    text = promises(Capabilities(grade=grade))
    assert text.startswith(f"{grade.value}: ")
    assert "Never twice" in text


def test_bounded_times_are_told() -> None:
    """The declared ones, and the two that follow from them."""
    declared = Capabilities(
        key_retention=timedelta(hours=30),
        request_life=timedelta(minutes=90),
        look_up_lag=timedelta(seconds=30),
        clock_margin=timedelta(0),
    )
    text = promises(declared)
    told = ("until 28h30m after the first", "believed 1h30m30s after", "live 30h", "lag 30s", "within 0s")
    assert [] == [part for part in told if part not in text]


def test_times_that_were_found_to_hold() -> None:
    """
    A day of keys, an hour of life, clocks two hours apart and an hour's pause: six hours before the end.

    Source: of simulated margins three hours were too few and six were enough, over 20,000 runs.
    """
    text = promises(Capabilities())
    assert "until 18h after the first send" in text
    assert "believed 6h1m after the last" in text


def test_fence_needs_no_time() -> None:
    """Whatever is declared, nothing of it is told."""
    assert promises(Capabilities(grade=GatewayGrade.FENCED, key_retention=timedelta(days=9))) == promises(
        Capabilities(grade=GatewayGrade.FENCED)
    )


def test_only_of_capabilities() -> None:
    """Anything else is refused."""
    with pytest.raises(InvalidInput):
        promises("fenced")  # type: ignore[arg-type]
