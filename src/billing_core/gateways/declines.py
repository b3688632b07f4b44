"""
From a processor's and a network's codes to a `Decline`, by tables.

The word that knows most decides:

1. Mastercard's merchant advice code,
2. Visa's "will never approve",
3. the processor's own advice code,
4. the processor's decline code,
5. Visa's other categories,
6. nothing that a table knows: NEW_CARD. The card is not tried again by itself,
   so no network can object, and the owner is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from billing_core.advice import Advice
from billing_core.gateways.decline_rules import DeclineRule, rule_for
from billing_core.gateways.network_declines import MASTERCARD_ADVICE_CODES, VISA_NEVER, VISA_RESPONSE_CODES
from billing_core.gateways.results import Decline
from billing_core.gateways.stripe_declines import STRIPE_ADVICE_CODES, STRIPE_DECLINE_CODES

__all__ = ["DECLINE_RULES", "UNKNOWN_CODE_ADVICE", "decline_from_network", "decline_from_stripe"]

#: Every table, by the name of the codes in it.
DECLINE_RULES: Final[Mapping[str, tuple[DeclineRule, ...]]] = MappingProxyType(
    {
        "mastercard_advice_code": MASTERCARD_ADVICE_CODES,
        "visa_response_code": VISA_RESPONSE_CODES,
        "stripe_advice_code": STRIPE_ADVICE_CODES,
        "stripe_decline_code": STRIPE_DECLINE_CODES,
    }
)

# Visa has no advice code, so one that comes without a brand is most likely Mastercard's.
_MASTERCARD: Final = frozenset({"mastercard", None})

#: The advice of a decline whose codes are in no table.
UNKNOWN_CODE_ADVICE: Final = Advice.NEW_CARD


def decline_from_stripe(
    decline_code: str | None,
    *,
    advice_code: str | None = None,
    network_decline_code: str | None = None,
    network_advice_code: str | None = None,
    brand: str | None = None,
    on: date | None = None,
) -> Decline:
    """
    The decline that Stripe's error or charge outcome tells of.

    A ``duplicate_transaction`` is better answered with `ChargeResult.duplicate_suspected`: it
    may be the answer to a charge that went through.

    Args:
        decline_code: ``error.decline_code``, or ``error.code`` if there is none.
        advice_code: ``error.advice_code``.
        network_decline_code: ``error.network_decline_code``.
        network_advice_code: ``error.network_advice_code``.
        brand: of the card, lower case; without it, network codes are read as Mastercard's only.
        on: the local day of the decline, for rules that have changed; by default the latest rules.

    Raises:
        InvalidInput: a code is too long or not printable.

    >>> decline_from_stripe("insufficient_funds").advice.value
    'retry_later'
    >>> decline_from_stripe("do_not_honor", network_advice_code="03", brand="mastercard").advice.value
    'never'
    """
    rule = rule_for(STRIPE_ADVICE_CODES, advice_code, on) or rule_for(STRIPE_DECLINE_CODES, decline_code, on)
    own = rule.advice if rule is not None else None
    network = _network_rule(brand, network_decline_code, network_advice_code, own, on)
    return Decline(
        advice=_advice(network, own),
        gateway_code=decline_code,
        network_decline_code=network_decline_code,
        network_advice_code=network_advice_code,
        not_before=network.not_before if network is not None else None,
    )


def decline_from_network(
    brand: str | None,
    *,
    network_decline_code: str | None = None,
    network_advice_code: str | None = None,
    gateway_code: str | None = None,
    gateway_advice: Advice | None = None,
    on: date | None = None,
) -> Decline:
    """
    The decline of a processor that passes the network's codes on, and whose own codes you translate.

    Args:
        brand: of the card, lower case; without it, network codes are read as Mastercard's only.
        network_decline_code: the response code, two characters.
        network_advice_code: Mastercard's merchant advice code, two digits.
        gateway_code: the processor's own code, kept for people.
        gateway_advice: what you take that code to mean; ``None`` if you don't know it.
        on: the local day of the decline, for rules that have changed; by default the latest rules.

    Raises:
        InvalidInput: a code is too long or not printable.

    >>> decline = decline_from_network("mastercard", network_advice_code="26")
    >>> decline.advice.value, str(decline.not_before)
    ('retry_later', '2 days, 0:00:00')
    """
    network = _network_rule(brand, network_decline_code, network_advice_code, gateway_advice, on)
    return Decline(
        advice=_advice(network, gateway_advice),
        gateway_code=gateway_code,
        network_decline_code=network_decline_code,
        network_advice_code=network_advice_code,
        not_before=network.not_before if network is not None else None,
    )


def _network_rule(
    brand: str | None, decline_code: str | None, advice_code: str | None, own: Advice | None, on: date | None
) -> DeclineRule | None:
    """What the network says, where it goes before what the processor says, or the processor says nothing."""
    mastercard = rule_for(MASTERCARD_ADVICE_CODES, advice_code, on) if brand in _MASTERCARD else None
    if mastercard is not None and mastercard.advice is not None:
        return mastercard
    visa = rule_for(VISA_RESPONSE_CODES, decline_code, on) if brand == "visa" else None
    is_first = visa is not None and (visa.category == VISA_NEVER or own is None)
    return visa if is_first else None


def _advice(network: DeclineRule | None, own: Advice | None) -> Advice:
    by_network = network.advice if network is not None else None
    return by_network or own or UNKNOWN_CODE_ADVICE
