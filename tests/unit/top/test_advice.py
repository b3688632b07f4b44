"""What a decline means for the next attempt."""

import pytest

from billing_core.advice import Advice


@pytest.mark.parametrize(
    ("advice", "freezes", "retries"),
    [
        (Advice.RETRY_LATER, False, True),
        (Advice.NEW_CARD, False, False),
        (Advice.AUTHENTICATE, False, False),
        (Advice.STOP_RECURRING, True, False),
        (Advice.NEVER, True, False),
        (Advice.FIX_CONFIG, False, True),
    ],
)
def test_every_advice(advice: Advice, freezes: bool, retries: bool) -> None:
    """Two freeze the card, two go on with it, two wait for the owner; none does both."""
    assert (freezes, retries) == (advice.freezes_card, advice.retries_same_card)


def test_no_advice_is_missing() -> None:
    """Six words, stable as API."""
    assert ["retry_later", "new_card", "authenticate", "stop_recurring", "never", "fix_config"] == list(
        Advice
    )
