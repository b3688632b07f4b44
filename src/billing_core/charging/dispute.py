"""
A dispute (chargeback) of one charge: what the cardholder's bank took back, or holds until it is decided.

Disputes are part of their charge's record. Whoever decides to give money back
guards that record, so a refund and a dispute that meet can't both go unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from billing_core.charging.doubt import in_utc
from billing_core.gateways.webhooks import DisputeDetails, DisputeStatus
from billing_core.records import Record
from billing_core.values.money import Money
from billing_core.values.texts import Code, Id
from billing_core.values.typed import evolve

__all__ = ["Dispute", "DisputeStep", "held_by", "most_pressing"]

#: What can't be asked about is believed forwards only: notices come in any order.
_RANK = {DisputeStatus.OPENED: 0, DisputeStatus.WON: 1, DisputeStatus.LOST: 2}
_PRESSING = (DisputeStatus.OPENED, DisputeStatus.LOST, DisputeStatus.WON)


@attrs.frozen(kw_only=True)
class DisputeStep(Record):
    """
    One thing that was learned of a dispute.

    Attributes:
        at: when it was put on record, in UTC.
        notice_id: the processor's id of the notice that led to it.
        is_confirmed: whether the processor said so when it was asked.
    """

    status: DisputeStatus
    at: datetime = attrs.field(converter=in_utc)
    notice_id: Id
    is_confirmed: bool


@attrs.frozen(kw_only=True)
class Dispute(Record):
    """
    One dispute, as far as it is known.

    Attributes:
        gateway_ref: the processor's id of it.
        amount: what is disputed, as the processor says.
        reason: the processor's or the network's code.
        respond_by: until when the vendor may answer.
        history: how it came to be so, oldest first; never empty.
    """

    gateway_ref: Id
    status: DisputeStatus
    amount: Money
    reason: Code | None = None
    respond_by: datetime | None = None
    history: tuple[DisputeStep, ...]

    @classmethod
    def first_told(cls, details: DisputeDetails, step: DisputeStep) -> Dispute:
        """A dispute that was not heard of before, wherever it stands by now."""
        return cls(
            gateway_ref=details.gateway_ref,
            status=step.status,
            amount=details.amount,
            reason=details.reason,
            respond_by=details.respond_by,
            history=(step,),
        )

    def told(self, details: DisputeDetails, step: DisputeStep) -> Dispute:
        """
        The dispute after more was told of it; itself if that is no news.

        What the processor says when it is asked is so. What only a notice says
        never takes a dispute back to where it was: an end stays one, and a
        lost one stays lost.
        """
        if not step.is_confirmed and _RANK[step.status] < _RANK[self.status]:
            return self
        after = evolve(
            self,
            status=step.status,
            amount=details.amount,
            reason=details.reason,
            respond_by=details.respond_by,
        )
        return self if after == self else evolve(after, history=(*self.history, step))

    def held(self, captured: Money) -> Money:
        """How much of what was captured it takes up: none once it is won; all of it if that can't be told."""
        if self.status is DisputeStatus.WON:
            return Money.zero(captured.currency)
        return min(self.amount, captured) if self.amount.currency == captured.currency else captured


def held_by(disputes: Iterable[Dispute], captured: Money) -> Money:
    """How much of what was captured is withheld, or was taken back, by disputes."""
    held = Money.total((dispute.held(captured) for dispute in disputes), captured.currency)
    return min(held, captured)


def most_pressing(disputes: Iterable[Dispute]) -> DisputeStatus | None:
    """Open before lost before won; ``None`` if there is no dispute."""
    return min((dispute.status for dispute in disputes), key=_PRESSING.index, default=None)
