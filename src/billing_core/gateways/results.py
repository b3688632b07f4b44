"""
Requests to a payment processor, and its answers as values.

A decline is a value, an unknown outcome is a value. No answer is a boolean:
"the HTTP call worked" and "money moved" are different facts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import attrs

from billing_core.accounts.saved_card import CardChecks, CardExpiry, CardToken
from billing_core.advice import Advice
from billing_core.identity.avs import AvsKeys
from billing_core.issues import invalid
from billing_core.records import Record
from billing_core.values.ids import check_id
from billing_core.values.money import Money

__all__ = [
    "ActionRequired",
    "BillingDetails",
    "CardDetails",
    "ChargeNotFound",
    "ChargeRequest",
    "ChargeResult",
    "Decline",
    "Outcome",
    "RefundRequest",
    "RefundResult",
    "SetupOutcome",
    "SetupRequest",
    "SetupResult",
    "SetupSession",
    "StoredCredential",
    "WebhookNotice",
]


class Outcome(StrEnum):
    """What one send of a charge came to. Everything an adapter can't tell is UNKNOWN."""

    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    REQUIRES_ACTION = "requires_action"
    #: Accepted, and money may move later (asynchronous methods).
    PENDING = "pending"
    #: Surely nothing happened: refused connection, throttled, refused before processing.
    NOT_ATTEMPTED = "not_attempted"
    #: The processor believes that this charge repeats another one.
    DUPLICATE_SUSPECTED = "duplicate_suspected"
    UNKNOWN = "unknown"


def _check_code(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or len(value) > 64:
        raise invalid(
            attribute.name, "invalid_format", example="a processor's short code, insufficient_funds"
        )
    if sum(character.isdigit() for character in value) > 11:
        raise invalid(attribute.name, "looks_like_card_number")


def _check_some_id(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value is not None:
        check_id(value, field=attribute.name)


@attrs.frozen(kw_only=True)
class Decline(Record):
    """
    Why the issuer said no, translated by the adapter.

    Attributes:
        advice: what it means for the next attempt; required, never guessed by the core.
        gateway_code, network_decline_code, network_advice_code: as received, for people.
        not_before: how long the network asks to wait before the next attempt.
    """

    advice: Advice = attrs.field(converter=Advice)
    gateway_code: str | None = attrs.field(default=None, validator=_check_code)
    network_decline_code: str | None = attrs.field(default=None, validator=_check_code)
    network_advice_code: str | None = attrs.field(default=None, validator=_check_code)
    not_before: timedelta | None = None


@attrs.frozen(kw_only=True, repr=False)
class ActionRequired(Record):
    """Where the cardholder confirms the payment; resumable until ``expires_at``."""

    url: str | None = None
    client_secret: str | None = None
    expires_at: datetime | None = None

    def __repr__(self) -> str:
        return "ActionRequired(...)"


@attrs.frozen(kw_only=True)
class StoredCredential(Record):
    """How the networks want a charge without the cardholder to be marked."""

    initiator: str = "merchant"
    reason: str = "recurring"
    initial_network_transaction_id: str | None = attrs.field(default=None, validator=_check_some_id)


@attrs.frozen(kw_only=True, repr=False)
class BillingDetails(Record):
    """What the processor and the issuer use to validate a transaction: country and AVS keys."""

    country: str | None = None
    avs: AvsKeys | None = None

    def __repr__(self) -> str:
        return f"BillingDetails(country={self.country!r})"


@attrs.frozen(kw_only=True)
class ChargeRequest(Record):
    """
    One charge, frozen when its attempt is committed. A resend is this very request.

    Attributes:
        amount: what to capture; the currency's ISO exponent travels with it.
        reference: names the invoice, the same for all its attempts; the
            processor stores it, and `find_charge` looks by it.
        idempotency_key: names this attempt.
        card: the token to charge.
        customer_ref: the processor's customer id, if it needs one.
        description: for the processor's own screens; no personal data.
        billing: what AVS compares.
    """

    amount: Money
    reference: str = attrs.field(validator=_check_some_id)
    idempotency_key: str = attrs.field(validator=_check_some_id)
    card: CardToken
    customer_ref: str | None = attrs.field(default=None, validator=_check_some_id)
    description: str = ""
    stored_credential: StoredCredential = StoredCredential()
    billing: BillingDetails = BillingDetails()


@attrs.frozen(kw_only=True)
class ChargeResult(Record):
    """
    What a send, or a look-up, came to. Use the named constructors.

    Attributes:
        outcome: closed; there is no "other".
        amount: what was captured, for SUCCEEDED; compared with the request.
        gateway_ref: the processor's id of the charge.
        decline: for DECLINED.
        action: for REQUIRES_ACTION.
        retry_after: for NOT_ATTEMPTED, how long the processor asks to wait.
        detail: a short code for people; no personal data.
    """

    outcome: Outcome = attrs.field(converter=Outcome)
    amount: Money | None = None
    gateway_ref: str | None = attrs.field(default=None, validator=_check_some_id)
    decline: Decline | None = None
    action: ActionRequired | None = None
    network_transaction_id: str | None = attrs.field(default=None, validator=_check_some_id)
    retry_after: timedelta | None = None
    detail: str | None = attrs.field(default=None, validator=_check_code)

    def __attrs_post_init__(self) -> None:
        if self.outcome is Outcome.SUCCEEDED and self.amount is None:
            raise invalid("amount", "required")
        if (self.outcome is Outcome.DECLINED) != (self.decline is not None):
            raise invalid("decline", "mismatch", other="the outcome")

    @classmethod
    def succeeded(
        cls, amount: Money, *, gateway_ref: str | None = None, network_transaction_id: str | None = None
    ) -> ChargeResult:
        """Money was captured: exactly this much."""
        return cls(
            outcome=Outcome.SUCCEEDED,
            amount=amount,
            gateway_ref=gateway_ref,
            network_transaction_id=network_transaction_id,
        )

    @classmethod
    def declined(
        cls, advice: Advice, *, gateway_code: str | None = None, not_before: timedelta | None = None
    ) -> ChargeResult:
        """The issuer said no; no money moved."""
        decline = Decline(advice=advice, gateway_code=gateway_code, not_before=not_before)
        return cls(outcome=Outcome.DECLINED, decline=decline)

    @classmethod
    def requires_action(cls, action: ActionRequired, *, gateway_ref: str | None = None) -> ChargeResult:
        """The cardholder must confirm; surely no money moved yet."""
        return cls(outcome=Outcome.REQUIRES_ACTION, action=action, gateway_ref=gateway_ref)

    @classmethod
    def pending(cls, *, gateway_ref: str | None = None) -> ChargeResult:
        """Accepted, not settled."""
        return cls(outcome=Outcome.PENDING, gateway_ref=gateway_ref)

    @classmethod
    def not_attempted(
        cls, *, retry_after: timedelta | None = None, detail: str | None = None
    ) -> ChargeResult:
        """Surely nothing happened on this send."""
        return cls(outcome=Outcome.NOT_ATTEMPTED, retry_after=retry_after, detail=detail)

    @classmethod
    def unknown(cls, detail: str | None = None) -> ChargeResult:
        """Nobody can tell from here whether money moved."""
        return cls(outcome=Outcome.UNKNOWN, detail=detail)


@attrs.frozen
class ChargeNotFound:
    """A look-up that worked, and found no charge under the reference."""


@attrs.frozen(kw_only=True)
class RefundRequest(Record):
    """Give back a part or the whole of one charge."""

    amount: Money
    charge_reference: str
    gateway_ref: str | None
    reference: str
    idempotency_key: str


@attrs.frozen(kw_only=True)
class RefundResult(Record):
    """What a refund came to: SUCCEEDED, DECLINED (refused), PENDING, NOT_ATTEMPTED or UNKNOWN."""

    outcome: Outcome = attrs.field(converter=Outcome)
    amount: Money | None = None
    gateway_ref: str | None = attrs.field(default=None, validator=_check_some_id)
    detail: str | None = attrs.field(default=None, validator=_check_code)


@attrs.frozen(kw_only=True)
class SetupRequest(Record):
    """Open the processor's card page for an owner. Takes no card detail whatsoever."""

    setup_id: str
    account_id: str
    return_url: str
    currency: str
    customer_ref: str | None = None
    billing: BillingDetails = BillingDetails()


@attrs.frozen(kw_only=True, repr=False)
class SetupSession(Record):
    """The processor's answer: where the owner types the card."""

    session_ref: str = attrs.field(validator=_check_some_id)
    url: str | None = None
    client_secret: str | None = None
    customer_ref: str | None = attrs.field(default=None, validator=_check_some_id)
    expires_at: datetime | None = None

    def __repr__(self) -> str:
        return f"SetupSession({self.session_ref})"


class SetupOutcome(StrEnum):
    """What a card set-up came to."""

    COMPLETED = "completed"
    #: The owner has not finished yet.
    PENDING = "pending"
    #: The owner gave up, or the session ran out.
    ABANDONED = "abandoned"
    #: The issuer refused the card.
    DECLINED = "declined"


@attrs.frozen(kw_only=True)
class CardDetails(Record):
    """What may be known about a card. There is no field for a number or a security code."""

    token: CardToken
    brand: str
    last4: str
    expires: CardExpiry
    fingerprint: str | None = attrs.field(default=None, validator=_check_some_id)
    network_transaction_id: str | None = attrs.field(default=None, validator=_check_some_id)
    checks: CardChecks = CardChecks()


@attrs.frozen(kw_only=True)
class SetupResult(Record):
    """What came of a card set-up."""

    outcome: SetupOutcome = attrs.field(converter=SetupOutcome)
    card: CardDetails | None = None
    customer_ref: str | None = attrs.field(default=None, validator=_check_some_id)

    def __attrs_post_init__(self) -> None:
        if (self.outcome is SetupOutcome.COMPLETED) != (self.card is not None):
            raise invalid("card", "mismatch", other="the outcome")


@attrs.frozen(kw_only=True)
class WebhookNotice(Record):
    """
    That something happened at the processor. A hint where to look, never a fact.

    Attributes:
        id: the processor's id of the notice.
        references: charge references that it is about; their licenses are woken.
    """

    id: str
    references: tuple[str, ...] = attrs.field(default=(), converter=tuple)
