"""What a processor lists of the money that it captured: the other ledger, for comparison with ours."""

from __future__ import annotations

from datetime import datetime

import attrs

from billing_core.issues import invalid
from billing_core.records import as_tuple
from billing_core.values.money import Money
from billing_core.values.texts import Id
from billing_core.values.typed import Typed

__all__ = ["ChargePage", "ListedCharge"]


@attrs.frozen(kw_only=True)
class ListedCharge(Typed):
    """
    Money that a processor captured, by its own list.

    Attributes:
        gateway_ref: the processor's id of the charge.
        reference: the `ChargeRequest.reference` that it was made with;
            ``None`` for a charge that came without one, from anywhere.
        idempotency_key: the key that it was made with; ``None`` if the list
            does not tell.
        amount: what was captured.
        refunded: what was given back of it since; ``None`` means nothing, or that the list does not tell.
        captured_at: when, by the processor's clock.
    """

    gateway_ref: Id
    reference: Id | None = None
    idempotency_key: Id | None = None
    amount: Money
    refunded: Money | None = None
    captured_at: datetime

    def _check_together(self) -> None:
        if self.amount.is_negative:
            raise invalid("amount", "negative")
        if self.refunded is not None and not (
            self.refunded.currency == self.amount.currency and not self.refunded.is_negative
        ):
            raise invalid("refunded", "mismatch", other="the amount")

    @property
    def kept(self) -> Money:
        """What is left of it."""
        return self.amount if self.refunded is None else self.amount - self.refunded


@attrs.frozen(kw_only=True)
class ChargePage(Typed):
    """
    A part of the list, oldest first.

    Attributes:
        items: the charges.
        next: what to pass as ``after`` for the part that follows; ``None`` at the end.
    """

    items: tuple[ListedCharge, ...] = attrs.field(converter=as_tuple)
    next: Id | None = None
