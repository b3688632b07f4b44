"""
What the processor's answers mean, as this library's results.

The amount of a success is the processor's, not the one that was asked for. A
code that is not in the table takes the more careful advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from billing_core.accounts.saved_card import CardCheck, CardChecks, CardExpiry, CardToken
from billing_core.advice import Advice
from billing_core.gateways.listing import ChargePage, ListedCharge
from billing_core.gateways.results import (
    ActionRequired,
    CardDetails,
    ChargeNotFound,
    ChargeRequest,
    ChargeResult,
    Decline,
    Outcome,
    RefundRequest,
    RefundResult,
    SetupOutcome,
    SetupResult,
    SetupSession,
)
from billing_core.gateways.webhooks import CardNotice, DisputeDetails, DisputeStatus, RefundDetails
from billing_core.testing.reference_gateway.wire import Lost, Reply
from billing_core.values.currency import Currency
from billing_core.values.money import Money

__all__ = ["ADVICE", "TOKEN_GRAMMAR"]

TOKEN_GRAMMAR = r"(?:tok|card)_[a-z0-9_]{1,40}"  # noqa: S105 - the form of tokens, not one

#: The processor's decline codes.
ADVICE: Mapping[str, Advice] = MappingProxyType(
    {
        "insufficient_funds": Advice.RETRY_LATER,
        "issuer_unavailable": Advice.RETRY_LATER,
        "expired_card": Advice.NEW_CARD,
        "card_not_usable": Advice.NEW_CARD,
        "authentication_failed": Advice.AUTHENTICATE,
        "authorization_revoked": Advice.STOP_RECURRING,
        "lost_card": Advice.NEVER,
        "stolen_card": Advice.NEVER,
        "currency_not_enabled": Advice.FIX_CONFIG,
    }
)

_SESSION_ENDS: Mapping[str, SetupOutcome] = MappingProxyType(
    {
        "open": SetupOutcome.PENDING,
        "abandoned": SetupOutcome.ABANDONED,
        "expired": SetupOutcome.ABANDONED,
        "declined": SetupOutcome.DECLINED,
    }
)


def charge_of(body: Mapping[str, Any], request: ChargeRequest | None = None) -> ChargeResult:
    """What a charge is. An answer about another charge than the one asked for tells nothing."""
    asked = None if request is None else (request.reference, request.idempotency_key)
    if asked is not None and asked != (body["reference"], body["idempotency_key"]):
        return ChargeResult.unknown("other_charge")
    gateway_ref = body["id"]
    match body["status"]:
        case "succeeded":
            return ChargeResult.succeeded(
                _money(body["amount_captured"], body["currency"]),
                gateway_ref=gateway_ref,
                network_transaction_id=body["network_transaction_id"],
            )
        case "declined":
            return ChargeResult(
                outcome=Outcome.DECLINED, decline=_decline(body["decline"]), gateway_ref=gateway_ref
            )
        case "requires_action":
            return ChargeResult.requires_action(_action(body["action"]), gateway_ref=gateway_ref)
        case "pending":
            return ChargeResult.pending(gateway_ref=gateway_ref)
        case "canceled":
            decline = Decline(advice=Advice.AUTHENTICATE, gateway_code="canceled")
            return ChargeResult(outcome=Outcome.DECLINED, decline=decline, gateway_ref=gateway_ref)
        case "requires_confirmation":
            return ChargeResult.not_attempted(detail="not_confirmed")
    return ChargeResult.unknown("new_status")


def charge_sent(reply: Reply, request: ChargeRequest) -> ChargeResult:
    """The answer to sending a charge."""
    if reply.error_code == "duplicate_suspected":
        return ChargeResult(
            outcome=Outcome.DUPLICATE_SUSPECTED, retry_after=reply.retry_after, detail=reply.error_code
        )
    return charge_of(reply.body, request)


def charge_lost(lost: Lost) -> ChargeResult:
    """No answer to sending a charge."""
    if lost.was_sent:
        return ChargeResult.unknown(lost.detail)
    return ChargeResult.not_attempted(retry_after=lost.retry_after, detail=lost.detail)


def charge_found(reply: Reply, request: ChargeRequest) -> ChargeResult | ChargeNotFound:
    """The answer to a look-up. Money that moved counts before everything else under the key."""
    ours = [charge for charge in reply.body["data"] if charge["reference"] == request.reference]
    if not ours:
        return ChargeNotFound()
    return charge_of(max(ours, key=lambda charge: bool(charge["amount_captured"])), request)


def charge_canceled(reply: Reply, request: ChargeRequest) -> ChargeResult | ChargeNotFound:
    """The answer to calling a charge off."""
    return ChargeNotFound() if reply.status == 404 else charge_of(reply.body, request)


def charge_read(reply: Reply) -> ChargeResult:
    """The answer to reading a charge by its id."""
    return ChargeResult.unknown("not_found") if reply.status == 404 else charge_of(reply.body)


def look_up_lost(lost: Lost) -> ChargeResult:
    """No answer to a look-up: it says nothing about the charge, sent or not."""
    return ChargeResult.unknown(lost.detail)


def refund_sent(reply: Reply, request: RefundRequest) -> RefundResult:
    """The answer to a refund."""
    if reply.error_code:
        return RefundResult(outcome=Outcome.DECLINED, detail=reply.error_code)
    return refund_of(reply.body)


def refund_of(body: Mapping[str, Any]) -> RefundResult:
    """What a refund is."""
    amount = _money(body["amount"], body["currency"])
    return RefundResult(outcome=Outcome.SUCCEEDED, amount=amount, gateway_ref=body["id"])


def refund_described(reply: Reply) -> RefundDetails | None:
    """A refund, whoever made it; or that there is none."""
    return None if reply.status == 404 else refund_told(reply.body)


def refund_told(body: Mapping[str, Any]) -> RefundDetails:
    """What is told of a refund. One that was made in the dashboard has no reference."""
    return RefundDetails(
        gateway_ref=body["id"],
        charge_ref=body["charge"],
        reference=body["reference"] or None,
        amount=_money(body["amount"], body["currency"]),
    )


def dispute_described(reply: Reply) -> DisputeDetails | None:
    """A dispute; or that there is none."""
    return None if reply.status == 404 else dispute_told(reply.body)


def dispute_told(body: Mapping[str, Any]) -> DisputeDetails:
    """What is told of a dispute."""
    return DisputeDetails(
        gateway_ref=body["id"],
        charge_ref=body["charge"],
        status=DisputeStatus(body["status"]),
        amount=_money(body["amount"], body["currency"]),
        reason=body["reason"],
        respond_by=datetime.fromisoformat(body["respond_by"]),
    )


def refund_lost(lost: Lost) -> RefundResult:
    """No answer to a refund."""
    outcome = Outcome.UNKNOWN if lost.was_sent else Outcome.NOT_ATTEMPTED
    return RefundResult(outcome=outcome, detail=lost.detail)


def refund_found(reply: Reply, request: RefundRequest) -> RefundResult | ChargeNotFound:
    """The answer to looking for a refund."""
    ours = [refund for refund in reply.body["data"] if refund["reference"] == request.reference]
    return refund_of(ours[0]) if ours else ChargeNotFound()


def refund_look_up_lost(lost: Lost) -> RefundResult:
    """No answer to looking for a refund."""
    return RefundResult(outcome=Outcome.UNKNOWN, detail=lost.detail)


def page_of(reply: Reply) -> ChargePage:
    """A page of what was captured."""
    return ChargePage(items=[_listed(charge) for charge in reply.body["data"]], next=reply.body["next"])


def session_of(reply: Reply) -> SetupSession:
    """The card page."""
    body = reply.body
    return SetupSession(
        session_ref=body["id"],
        url=body["url"],
        customer_ref=body["customer"],
        expires_at=datetime.fromisoformat(body["expires_at"]),
    )


def setup_of(reply: Reply) -> SetupResult:
    """What came of a visit to the card page."""
    body = reply.body
    if body["status"] != "complete":
        return SetupResult(outcome=_SESSION_ENDS[body["status"]], customer_ref=body["customer"])
    return SetupResult(
        outcome=SetupOutcome.COMPLETED, card=card_of(body["card"]), customer_ref=body["customer"]
    )


def card_described(reply: Reply) -> CardDetails | None:
    """A card, or that it is gone."""
    return None if reply.status == 404 else card_of(reply.body)


def card_told(kind: str, body: Mapping[str, Any]) -> CardNotice:
    """What is told of a card."""
    details = card_of(body)
    return CardNotice(token=details.token, details=details, is_closed=kind == "card.closed")


def card_of(body: Mapping[str, Any]) -> CardDetails:
    """What may be known of a card."""
    return CardDetails(
        token=CardToken(body["token"], grammar=TOKEN_GRAMMAR),
        brand=body["brand"],
        last4=body["last4"],
        expires=CardExpiry(body["expires"]["year"], body["expires"]["month"]),
        fingerprint=body["fingerprint"],
        network_transaction_id=body["network_transaction_id"],
        checks=CardChecks(**{name: CardCheck(check) for name, check in body["checks"].items()}),
    )


def _listed(body: Mapping[str, Any]) -> ListedCharge:
    return ListedCharge(
        gateway_ref=body["id"],
        reference=body["reference"],
        idempotency_key=body["idempotency_key"],
        amount=_money(body["amount_captured"], body["currency"]),
        refunded=_money(body["amount_refunded"], body["currency"]),
        captured_at=datetime.fromisoformat(body["captured_at"]),
    )


def _decline(body: Mapping[str, Any]) -> Decline:
    seconds = body["retry_after_seconds"]
    return Decline(
        advice=ADVICE.get(body["code"], Advice.NEW_CARD),
        gateway_code=body["code"],
        network_decline_code=body["network_decline_code"],
        network_advice_code=body["network_advice_code"],
        not_before=None if seconds is None else timedelta(seconds=seconds),
    )


def _action(body: Mapping[str, Any]) -> ActionRequired:
    return ActionRequired(
        url=body["url"],
        client_secret=body["client_secret"],
        expires_at=datetime.fromisoformat(body["expires_at"]),
    )


def _money(amount_minor: int, currency: str) -> Money:
    return Money(amount_minor, Currency.of(currency))
