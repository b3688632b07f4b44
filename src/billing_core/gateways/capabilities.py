"""
What a gateway can do, as its adapter declares it. The promise depends on it.

The bounded times are assumptions about the world, stated as configuration:
they decide how long a repeat with the same key is safe, and when a look-up
that finds nothing may be believed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import attrs

from billing_core.accounts.saved_card import CardToken
from billing_core.issues import Choice, invalid
from billing_core.records import Record, as_dict
from billing_core.values.money import Money
from billing_core.values.texts import CurrencyCode, Pattern

__all__ = ["Capabilities", "GatewayGrade", "Idempotency", "Operation", "RetryOwner"]


class GatewayGrade(Choice):
    """What stands between a lost answer and a second charge."""

    #: Prepare, confirm at most once, get, cancel is final: no time is counted on.
    FENCED = "fenced"
    #: Idempotency keys and a look-up by our reference.
    KEYED_WITH_LOOKUP = "keyed_with_lookup"
    #: Idempotency keys only: what stays unknown goes to a person.
    KEYED = "keyed"
    #: Nothing: one send, and what stays unknown goes to a person.
    NONE = "none"


class Operation(Choice):
    """An optional operation of the port."""

    FIND_CHARGE = "find_charge"
    CANCEL_CHARGE = "cancel_charge"
    REFUND = "refund"
    FIND_REFUND = "find_refund"
    DESCRIBE_REFUND = "describe_refund"
    DESCRIBE_DISPUTE = "describe_dispute"
    LIST_CHARGES = "list_charges"
    CARD_SETUP = "card_setup"
    DESCRIBE_CARD = "describe_card"
    DETACH_CARD = "detach_card"
    WEBHOOKS = "webhooks"


class Idempotency(Choice):
    """What a repeat under a used key answers."""

    #: The first answer, as it was.
    NATIVE_REPLAY = "native_replay"
    #: What has become of the charge since.
    NATIVE_INTENT = "native_intent"
    NONE = "none"


class RetryOwner(Choice):
    """Who plans the next attempt after a decline."""

    LIBRARY = "library"
    GATEWAY = "gateway"


_TIMES = (
    "key_retention",
    "send_timeout",
    "request_life",
    "look_up_lag",
    "clock_margin",
    "duplicate_window",
    "action_lifetime",
)


def _operations(operations: Any) -> Any:
    try:
        return frozenset(operations)
    except TypeError:
        # No items, or none that a set can hold: left for the field's check, which knows its name.
        return operations


@attrs.frozen(kw_only=True)
class Capabilities(Record):
    """
    An adapter's declaration.

    Attributes:
        grade: see `GatewayGrade`; probed by the conformance kit.
        operations: what the adapter offers beyond ``charge``.
        currencies: ISO codes it can charge; ``None`` for any.
        minimum_amounts: the smallest charge per currency, in minor units; a
            smaller invoice is carried to the next one.
        idempotency: what a repeat under a used key answers.
        token_grammar: a regular expression for the processor's card tokens; a
            card set-up that gives another token is refused.
        rate_limit_per_second: how many calls the processor allows; for the host
            to size its threads by. ``None`` if it states none.
        key_retention: how long the processor remembers an idempotency key.
        send_timeout: the longest time that one call may take; until then an
            attempt without an answer is in flight, not lost.
        request_life: the longest time between our commit and the last moment
            at which that request can take effect at the processor.
        look_up_lag: how long a new charge may stay invisible to a look-up.
        clock_margin: twice the most by which a worker's clock is ever off, and the
            longest pause of a worker. One clock may be fast and another slow.
        duplicate_window: how long the processor refuses an equal amount on the
            same card; ``None`` if it has no such detector.
        action_lifetime: how long a REQUIRES_ACTION charge can be resumed.
        partial_approval: whether it may capture less than was asked.
        retry_owner: who plans retries.
    """

    grade: GatewayGrade = GatewayGrade.KEYED_WITH_LOOKUP
    operations: frozenset[Operation] = attrs.field(
        default=frozenset({Operation.FIND_CHARGE, Operation.CARD_SETUP}),
        converter=_operations,
    )
    currencies: frozenset[CurrencyCode] | None = None
    minimum_amounts: Mapping[CurrencyCode, int] = attrs.field(factory=dict, converter=as_dict)
    idempotency: Idempotency = Idempotency.NATIVE_REPLAY
    token_grammar: Pattern | None = None
    rate_limit_per_second: int | None = None
    key_retention: timedelta | None = timedelta(hours=24)
    send_timeout: timedelta = timedelta(minutes=2)
    request_life: timedelta = timedelta(hours=1)
    look_up_lag: timedelta = timedelta(minutes=1)
    clock_margin: timedelta = timedelta(hours=5)
    duplicate_window: timedelta | None = None
    action_lifetime: timedelta = timedelta(days=1)
    partial_approval: bool = False
    retry_owner: RetryOwner = RetryOwner.LIBRARY

    def _check_together(self) -> None:
        for name in _TIMES:
            time = getattr(self, name)
            if time is not None and time < timedelta(0):
                raise invalid(name, "negative")
        if self.rate_limit_per_second is not None and self.rate_limit_per_second < 1:
            raise invalid("rate_limit_per_second", "out_of_range", min=1, max="any whole number")
        if any(amount < 0 for amount in self.minimum_amounts.values()):
            raise invalid("minimum_amounts", "negative")
        if self.can_look_up and Operation.FIND_CHARGE not in self.operations:
            raise invalid(
                "operations", "mismatch", other=f"grade {self.grade.value}, which needs find_charge"
            )
        if self.grade is not GatewayGrade.NONE and self.key_retention is None:
            raise invalid("key_retention", "required")

    @property
    def can_look_up(self) -> bool:
        """Whether a charge can be found by our reference."""
        return self.grade in {GatewayGrade.FENCED, GatewayGrade.KEYED_WITH_LOOKUP}

    @property
    def resend_window(self) -> timedelta:
        """
        For how long after the first send the same request may be sent again.

        The key's retention less everything by which our idea of "since the
        first send" may be wrong: 24 h of retention, 1 h of request life and
        5 h of margin leave 18 h.
        """
        if self.grade is GatewayGrade.NONE or self.key_retention is None:
            return timedelta(0)
        return max(timedelta(0), self.key_retention - self.request_life - self.clock_margin)

    @property
    def not_found_wait(self) -> timedelta:
        """How long after the last send a look-up that finds nothing proves that nothing happened."""
        return self.request_life + self.look_up_lag + self.clock_margin

    def accepts_token(self, token: CardToken) -> bool:
        """Whether a token is one of this processor's, as far as its grammar tells."""
        return self.token_grammar is None or re.fullmatch(self.token_grammar, token.value) is not None

    def supports(self, operation: Operation) -> bool:
        """Whether the adapter offers an optional operation. To a fenced one, canceling is none: it must."""
        is_fence = self.grade is GatewayGrade.FENCED and operation is Operation.CANCEL_CHARGE
        return is_fence or operation in self.operations

    def accepts_currency(self, code: str) -> bool:
        """Whether a charge in this currency is possible at all."""
        return self.currencies is None or code in self.currencies

    def is_below_minimum(self, amount: Money) -> bool:
        """Whether the processor would refuse an amount as too small."""
        return amount.amount_minor < self.minimum_amounts.get(amount.currency.code, 0)
