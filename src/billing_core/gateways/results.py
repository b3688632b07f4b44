"""
Requests to a payment processor, and its answers as values.

A decline is a value, an unknown outcome is a value. No answer is a boolean:
"the HTTP call worked" and "money moved" are different facts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from billing_core.accounts.saved_card import CardChecks, CardExpiry, CardToken, Last4
from billing_core.advice import Advice
from billing_core.identity.avs import AvsKeys
from billing_core.issues import Choice, invalid
from billing_core.records import Record
from billing_core.values.money import Money
from billing_core.values.texts import Code, CountryCode, CurrencyCode, Id, Private, Secret, Text, Url, Word

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
]


class Outcome(Choice):
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


#: Outcomes of a send that did nothing, so that it can be sent again after a while.
_NOTHING_DONE = frozenset({Outcome.NOT_ATTEMPTED, Outcome.DUPLICATE_SUSPECTED})


def _check_captured(outcome: Outcome, amount: Money | None) -> None:
    """An amount is what was captured (or given back): with a success, and only then."""
    if outcome is Outcome.SUCCEEDED and amount is None:
        raise invalid("amount", "required")
    if outcome is not Outcome.SUCCEEDED and amount is not None:
        raise invalid("amount", "mismatch", other="the outcome")
    if amount is not None and amount.is_negative:
        raise invalid("amount", "negative")


def _check_pause(pause: timedelta | None, field: str) -> None:
    if pause is not None and pause < timedelta(0):
        raise invalid(field, "negative")


def _check_asked(amount: Money) -> None:
    """Nothing, or less, is never asked of a processor."""
    if not amount.is_positive:
        raise invalid("amount", "negative" if amount.is_negative else "zero")


@attrs.frozen(kw_only=True)
class Decline(Record):
    """
    Why the issuer said no, translated by the adapter.

    Attributes:
        advice: what it means for the next attempt; required, never guessed by the core.
        gateway_code, network_decline_code, network_advice_code: as received, for people.
        not_before: how long the network asks to wait before the next attempt.
    """

    advice: Advice
    gateway_code: Code | None = None
    network_decline_code: Code | None = None
    network_advice_code: Code | None = None
    not_before: timedelta | None = None

    def _check_together(self) -> None:
        _check_pause(self.not_before, "not_before")


@attrs.frozen(kw_only=True, repr=False)
class ActionRequired(Record):
    """Where the cardholder confirms the payment; resumable until ``expires_at``."""

    url: Private[Url | None] = None
    client_secret: Private[Secret | None] = None
    expires_at: datetime | None = None

    def __repr__(self) -> str:
        return "ActionRequired(...)"


@attrs.frozen(kw_only=True)
class StoredCredential(Record):
    """How the networks want a charge without the cardholder to be marked."""

    initiator: Word = "merchant"
    reason: Word = "recurring"
    initial_network_transaction_id: Id | None = None


@attrs.frozen(kw_only=True, repr=False)
class BillingDetails(Record):
    """What the processor and the issuer use to validate a transaction: country and AVS keys."""

    country: CountryCode | None = None
    avs: Private[AvsKeys | None] = None

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
        gateway_ref: the processor's id of what was prepared, in call-offs at a fenced
            gateway. A charge that is sent has none.
    """

    amount: Money
    reference: Id
    idempotency_key: Id
    card: Private[CardToken]
    customer_ref: Private[Id | None] = None
    description: Text = ""
    stored_credential: StoredCredential = StoredCredential()
    billing: BillingDetails = BillingDetails()
    gateway_ref: Id | None = None

    def _check_together(self) -> None:
        _check_asked(self.amount)


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

    outcome: Outcome
    amount: Money | None = None
    gateway_ref: Id | None = None
    decline: Decline | None = None
    action: ActionRequired | None = None
    network_transaction_id: Id | None = None
    retry_after: timedelta | None = None
    detail: Code | None = None

    def _check_together(self) -> None:
        _check_captured(self.outcome, self.amount)
        if (self.outcome is Outcome.DECLINED) != (self.decline is not None):
            raise invalid("decline", "mismatch", other="the outcome")
        if (self.outcome is Outcome.REQUIRES_ACTION) != (self.action is not None):
            raise invalid("action", "mismatch", other="the outcome")
        if self.retry_after is not None and self.outcome not in _NOTHING_DONE:
            raise invalid("retry_after", "mismatch", other="the outcome")
        _check_pause(self.retry_after, "retry_after")

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
    def declined_with(cls, decline: Decline, *, gateway_ref: str | None = None) -> ChargeResult:
        """The issuer said no, with all that is known about why; see `decline_from_network`."""
        return cls(outcome=Outcome.DECLINED, decline=decline, gateway_ref=gateway_ref)

    @classmethod
    def duplicate_suspected(
        cls, *, retry_after: timedelta | None = None, detail: str | None = None
    ) -> ChargeResult:
        """The processor takes this send for a repeat of another charge: it did nothing, and says no more."""
        return cls(outcome=Outcome.DUPLICATE_SUSPECTED, retry_after=retry_after, detail=detail)

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
    charge_reference: Id
    gateway_ref: Id | None
    reference: Id
    idempotency_key: Id

    def _check_together(self) -> None:
        _check_asked(self.amount)


@attrs.frozen(kw_only=True)
class RefundResult(Record):
    """What a refund came to: SUCCEEDED, DECLINED (refused), PENDING, NOT_ATTEMPTED or UNKNOWN."""

    outcome: Outcome
    amount: Money | None = None
    gateway_ref: Id | None = None
    detail: Code | None = None

    def _check_together(self) -> None:
        _check_captured(self.outcome, self.amount)
        if self.outcome in {Outcome.REQUIRES_ACTION, Outcome.DUPLICATE_SUSPECTED}:
            raise invalid("outcome", "not_supported", reason="a refund has no such outcome")

    @classmethod
    def succeeded(cls, amount: Money, *, gateway_ref: str | None = None) -> RefundResult:
        """Money went back: exactly this much."""
        return cls(outcome=Outcome.SUCCEEDED, amount=amount, gateway_ref=gateway_ref)

    @classmethod
    def declined(cls, detail: str | None = None) -> RefundResult:
        """The processor refused, and nothing went back."""
        return cls(outcome=Outcome.DECLINED, detail=detail)

    @classmethod
    def pending(cls, *, gateway_ref: str | None = None) -> RefundResult:
        """Accepted, not settled."""
        return cls(outcome=Outcome.PENDING, gateway_ref=gateway_ref)

    @classmethod
    def not_attempted(cls, detail: str | None = None) -> RefundResult:
        """Surely nothing happened on this send."""
        return cls(outcome=Outcome.NOT_ATTEMPTED, detail=detail)

    @classmethod
    def unknown(cls, detail: str | None = None) -> RefundResult:
        """Nobody can tell from here whether money went back."""
        return cls(outcome=Outcome.UNKNOWN, detail=detail)


@attrs.frozen(kw_only=True)
class SetupRequest(Record):
    """Open the processor's card page for an owner. Takes no card detail whatsoever."""

    setup_id: Id
    account_id: Id
    return_url: Private[Url]
    currency: CurrencyCode
    customer_ref: Private[Id | None] = None
    billing: BillingDetails = BillingDetails()


@attrs.frozen(kw_only=True, repr=False)
class SetupSession(Record):
    """The processor's answer: where the owner types the card."""

    session_ref: Id
    url: Private[Url | None] = None
    client_secret: Private[Secret | None] = None
    customer_ref: Private[Id | None] = None
    expires_at: datetime | None = None

    def __repr__(self) -> str:
        return f"SetupSession({self.session_ref})"


class SetupOutcome(Choice):
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

    token: Private[CardToken]
    brand: Word
    last4: Last4
    expires: CardExpiry
    fingerprint: Id | None = None
    network_transaction_id: Id | None = None
    checks: CardChecks = CardChecks()


@attrs.frozen(kw_only=True)
class SetupResult(Record):
    """What came of a card set-up."""

    outcome: SetupOutcome
    card: CardDetails | None = None
    customer_ref: Private[Id | None] = None

    def _check_together(self) -> None:
        if (self.outcome is SetupOutcome.COMPLETED) != (self.card is not None):
            raise invalid("card", "mismatch", other="the outcome")
