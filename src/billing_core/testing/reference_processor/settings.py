"""What differs between two processors of this kind: their times, their limits, their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import attrs

__all__ = ["CARD_BEHAVIORS", "CardBehavior", "ProcessorSettings", "card_of"]


@attrs.frozen(kw_only=True)
class CardBehavior:
    """
    What a card's issuer says to a charge on it.

    Attributes:
        answer: ``succeeded``, ``declined``, ``requires_action``, ``pending``
            or ``partial`` (half of the amount is captured).
        code: the processor's own code of the decline.
        network_decline_code, network_advice_code: as the card network gives them.
        wait: how long the network asks to wait before another try.
    """

    answer: str = "succeeded"
    code: str | None = None
    network_decline_code: str | None = None
    network_advice_code: str | None = None
    wait: timedelta | None = None


def _declines(
    code: str, network: str | None, advice: str | None = None, wait: timedelta | None = None
) -> CardBehavior:
    return CardBehavior(
        answer="declined",
        code=code,
        network_decline_code=network,
        network_advice_code=advice,
        wait=wait,
    )


#: How a card behaves. The test card ``tok_<name>`` does so for every customer.
CARD_BEHAVIORS: Mapping[str, CardBehavior] = MappingProxyType(
    {
        "ok": CardBehavior(),
        "partial": CardBehavior(answer="partial"),
        "pending": CardBehavior(answer="pending"),
        "authentication_required": CardBehavior(answer="requires_action"),
        "insufficient_funds": _declines("insufficient_funds", "51"),
        "issuer_unavailable": _declines("issuer_unavailable", "91"),
        "try_tomorrow": _declines("insufficient_funds", "51", "25", timedelta(hours=24)),
        "lost": _declines("lost_card", "41"),
        "stolen": _declines("stolen_card", "43"),
        "expired": _declines("expired_card", "54"),
        "revoked": _declines("authorization_revoked", "R1"),
        "not_enabled": _declines("currency_not_enabled", None),
        "new_code": _declines("code_of_next_year", None),
    }
)


def card_of(behavior: str) -> str:
    """
    The test card that behaves so.

    >>> card_of("insufficient_funds")
    'tok_insufficient_funds'
    """
    return f"tok_{behavior}"


@attrs.frozen(kw_only=True, repr=False)
class ProcessorSettings:
    """
    One processor's habits.

    Attributes:
        api_key: what callers show as ``Authorization: Bearer …``.
        webhook_secret: what notices are signed with.
        key_retention: how long an idempotency key is remembered.
        look_up_lag: how long a charge is invisible to searches (never to reads by id).
        action_lifetime: how long a cardholder may take to confirm.
        session_lifetime: how long the card page stays open.
        duplicate_window: for how long an equal amount on the same card is
            refused as a duplicate; ``None`` for no such detector.
        rate_limit_per_second: calls per second of the processor's clock before it answers 429.
        page_size: how many charges a list gives at once.
        minimum_amounts: currency code -> the smallest charge in minor units;
            other currencies are not accepted at all.
    """

    api_key: str = "sk_test_reference"
    webhook_secret: bytes = b"whsec_test_reference"
    key_retention: timedelta = timedelta(hours=24)
    look_up_lag: timedelta = timedelta(0)
    action_lifetime: timedelta = timedelta(days=1)
    session_lifetime: timedelta = timedelta(hours=1)
    duplicate_window: timedelta | None = None
    rate_limit_per_second: int | None = None
    page_size: int = 10
    minimum_amounts: Mapping[str, int] = MappingProxyType(
        {"USD": 50, "EUR": 50, "GBP": 30, "JPY": 50, "KWD": 100}
    )

    def __repr__(self) -> str:
        return f"ProcessorSettings(key_retention={self.key_retention}, look_up_lag={self.look_up_lag})"
