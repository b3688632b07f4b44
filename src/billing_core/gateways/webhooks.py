"""
What a processor tells by webhook, as values: a hint where to look, and sometimes what is to be seen there.

An adapter's ``parse_webhook`` makes a `WebhookNotice` of verified bytes. What
the notice says of a refund, a dispute or a card has the form in which
``describe_refund``, ``describe_dispute`` and ``describe_card`` answer: where
the adapter offers these, they are asked, and the notice only says what about.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from billing_core.accounts.saved_card import CardToken
from billing_core.gateways.results import CardDetails, Outcome
from billing_core.issues import Choice, invalid
from billing_core.records import Record, as_tuple
from billing_core.values.money import Money
from billing_core.values.texts import Code, Id, Private

__all__ = ["CardNotice", "DisputeDetails", "DisputeStatus", "RefundDetails", "WebhookNotice"]

_REFUND_OUTCOMES = frozenset({Outcome.SUCCEEDED, Outcome.PENDING, Outcome.DECLINED})


class DisputeStatus(Choice):
    """Where a dispute stands. An inquiry that has taken no money yet is none."""

    #: The money is withheld, and the vendor may answer.
    OPENED = "opened"
    #: The money is back with the vendor.
    WON = "won"
    #: The money stays with the cardholder.
    LOST = "lost"


def _check_charge(charge_ref: str | None, charge_reference: str | None) -> None:
    if charge_ref is None and charge_reference is None:
        raise invalid("charge_ref", "required")


@attrs.frozen(kw_only=True)
class RefundDetails(Record):
    """
    What a processor knows of one refund, whoever asked for it.

    Attributes:
        gateway_ref: the processor's id of the refund.
        charge_ref: the processor's id of the charge (`ChargeResult.gateway_ref`).
        charge_reference: our `ChargeRequest.reference`, if the processor tells it. One of both is required.
        reference: our `RefundRequest.reference`; ``None`` for a refund that this library did not ask for.
        amount: what went back, or is to go back.
        outcome: SUCCEEDED, PENDING, or DECLINED for a refund that failed.
    """

    gateway_ref: Id
    charge_ref: Id | None = None
    charge_reference: Id | None = None
    reference: Id | None = None
    amount: Money
    outcome: Outcome = Outcome.SUCCEEDED

    def _check_together(self) -> None:
        _check_charge(self.charge_ref, self.charge_reference)
        if not self.amount.is_positive:
            raise invalid("amount", "negative" if self.amount.is_negative else "zero")
        if self.outcome not in _REFUND_OUTCOMES:
            raise invalid("outcome", "not_supported", reason="a refund that is known has no such outcome")


@attrs.frozen(kw_only=True)
class DisputeDetails(Record):
    """
    What a processor knows of one dispute (a chargeback).

    Attributes:
        gateway_ref: the processor's id of the dispute.
        charge_ref: the processor's id of the charge (`ChargeResult.gateway_ref`).
        charge_reference: our `ChargeRequest.reference`, if the processor tells it. One of both is required.
        amount: what is disputed; it may be a part of the charge, or in another currency.
        reason: the processor's or the network's code.
        respond_by: until when the vendor may answer.
    """

    gateway_ref: Id
    charge_ref: Id | None = None
    charge_reference: Id | None = None
    status: DisputeStatus
    amount: Money
    reason: Code | None = None
    respond_by: datetime | None = None

    def _check_together(self) -> None:
        _check_charge(self.charge_ref, self.charge_reference)
        if not self.amount.is_positive:
            raise invalid("amount", "negative" if self.amount.is_negative else "zero")


@attrs.frozen(kw_only=True)
class CardNotice(Record):
    """
    That a network's updater knows more of a saved card.

    Attributes:
        token: the card's token, as it is on file.
        account_id: whose card it is, if the processor tells what `SetupRequest.account_id` was. Without it,
            all accounts have to be looked through.
        details: the card as it is now; the token is the same.
        is_closed: whether the issuer has closed the card's account. Nothing is charged to it any more.
    """

    token: Private[CardToken]
    account_id: Id | None = None
    details: CardDetails | None = None
    is_closed: bool = False

    def _check_together(self) -> None:
        if self.details is not None and self.details.token != self.token:
            raise invalid("details", "mismatch", other="the token")


@attrs.frozen(kw_only=True)
class WebhookNotice(Record):
    """
    That something happened at the processor. A hint where to look.

    Attributes:
        id: the processor's id of the notice.
        references: references of charges and refunds that it is about; their licenses are woken.
        refund: news of a refund, perhaps of one that was made elsewhere.
        dispute: news of a dispute.
        card: news of a saved card.
    """

    id: Id
    references: tuple[Id, ...] = attrs.field(default=(), converter=as_tuple)
    refund: RefundDetails | None = None
    dispute: DisputeDetails | None = None
    card: CardNotice | None = None
