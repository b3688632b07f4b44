"""The part of `ScriptedGateway` that others act on: refunds in its dashboard, disputes, and renewed cards."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime

import attrs

from billing_core.accounts.saved_card import CardExpiry, CardToken
from billing_core.charging.invariants import LedgerEntry
from billing_core.errors import GatewayRequestError, NotFound, WebhookRejected
from billing_core.gateways.results import CardDetails
from billing_core.gateways.webhooks import DisputeDetails, DisputeStatus, RefundDetails, WebhookNotice
from billing_core.testing.scripted_refunds import Capture, RefundScript
from billing_core.values.money import Money

__all__ = ["NoticeScript"]


class NoticeScript(RefundScript):
    """
    Knows refunds, disputes and cards by its own ids, and tells of them in signed notices.

    Args:
        webhook_secret: what notices are signed with.
    """

    def __init__(self, webhook_secret: bytes) -> None:
        super().__init__()
        self._secret = webhook_secret
        self._cards: dict[str, CardDetails] = {}
        self._elsewhere: dict[str, RefundDetails] = {}
        self._disputes: dict[str, DisputeDetails] = {}

    # -- what others do -----------------------------------------------------------

    def refund_elsewhere(self, charge_ref: str, amount: Money) -> RefundDetails:
        """
        Somebody gives money back in the processor's dashboard.

        Raises:
            NotFound: there is no such charge.
            GatewayRequestError: it is more than is left; not even there.
        """
        with self._lock:
            capture = self._captured(charge_ref)
            given_back = capture.refunded + amount
            if given_back > capture.amount:
                raise GatewayRequestError("more than is left of the charge")
            self._captures[capture.idempotency_key] = attrs.evolve(capture, refunded=given_back)
            details = RefundDetails(
                gateway_ref=f"re_{len(self._given_back) + 1}", charge_ref=charge_ref, amount=amount
            )
            self._given_back.append(
                LedgerEntry(reference=details.gateway_ref, idempotency_key=details.gateway_ref, amount=amount)
            )
            self._elsewhere[details.gateway_ref] = details
            return details

    def cardholder_disputes(
        self,
        charge_ref: str,
        amount: Money | None = None,
        *,
        reason: str | None = "fraudulent",
        respond_by: datetime | None = None,
    ) -> DisputeDetails:
        """
        The cardholder's bank takes a charge back, or a part of it.

        Raises:
            NotFound: there is no such charge.
        """
        with self._lock:
            details = DisputeDetails(
                gateway_ref=f"dp_{len(self._disputes) + 1}",
                charge_ref=charge_ref,
                status=DisputeStatus.OPENED,
                amount=amount if amount is not None else self._captured(charge_ref).amount,
                reason=reason,
                respond_by=respond_by,
            )
            self._disputes[details.gateway_ref] = details
            return details

    def dispute_becomes(self, gateway_ref: str, status: DisputeStatus) -> DisputeDetails:
        """
        A dispute is won or lost, or opened again.

        Raises:
            NotFound: there is no such dispute.
        """
        with self._lock:
            details = attrs.evolve(self._dispute(gateway_ref), status=status)
            self._disputes[gateway_ref] = details
            return details

    def dispute_changes(self, gateway_ref: str, amount: Money) -> DisputeDetails:
        """
        Another amount is disputed.

        Raises:
            NotFound: there is no such dispute.
        """
        with self._lock:
            details = attrs.evolve(self._dispute(gateway_ref), amount=amount)
            self._disputes[gateway_ref] = details
            return details

    def card_is_renewed(
        self,
        token: CardToken,
        *,
        expires: CardExpiry,
        last4: str | None = None,
        fingerprint: str | None = None,
    ) -> CardDetails:
        """
        The issuer sends a new card, and the network tells the processor: the token stays.

        Raises:
            NotFound: there is no such card.
        """
        with self._lock:
            known = self._cards.get(token.value)
            if known is None:
                raise NotFound("card", repr(token))
            details = attrs.evolve(
                known,
                expires=expires,
                last4=last4 if last4 is not None else known.last4,
                fingerprint=fingerprint if fingerprint is not None else known.fingerprint,
            )
            self._cards[token.value] = details
            return details

    def signed(self, notice: WebhookNotice) -> tuple[bytes, dict[str, str]]:
        """A notice as it is sent: raw body and headers."""
        body = json.dumps(notice.to_dict()).encode()
        return body, {"X-Signature": self._signature(body)}

    def notice(self, reference: str, notice_id: str = "evt_1") -> tuple[bytes, dict[str, str]]:
        """A signed webhook about a charge: raw body and headers."""
        return self.signed(WebhookNotice(id=notice_id, references=(reference,)))

    # -- the port -----------------------------------------------------------------------

    def describe_refund(self, gateway_ref: str, /) -> RefundDetails | None:
        """What is known of a refund, whoever asked for it."""
        with self._lock:
            for request, result in self._known_refunds.values():
                if result.gateway_ref == gateway_ref:
                    return RefundDetails(
                        gateway_ref=gateway_ref,
                        charge_ref=request.gateway_ref,
                        charge_reference=request.charge_reference,
                        reference=request.reference,
                        amount=result.amount if result.amount is not None else request.amount,
                        outcome=result.outcome,
                    )
            return self._elsewhere.get(gateway_ref)

    def describe_dispute(self, gateway_ref: str, /) -> DisputeDetails | None:
        """Where a dispute stands."""
        return self._disputes.get(gateway_ref)

    def describe_card(self, token: CardToken, /) -> CardDetails | None:
        """What is known about a card."""
        return self._cards.get(token.value)

    def detach_card(self, token: CardToken, /) -> None:
        """Forget a card."""
        self._cards.pop(token.value, None)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        """Verify the signature over the raw bytes, then read the notice."""
        given = next((value for name, value in headers.items() if name.lower() == "x-signature"), "")
        if not hmac.compare_digest(given, self._signature(body)):
            raise WebhookRejected("the signature does not match the body")
        return WebhookNotice.from_dict(json.loads(body))

    # -- inside ----------------------------------------------------------------------------

    def _dispute(self, gateway_ref: str) -> DisputeDetails:
        if gateway_ref not in self._disputes:
            raise NotFound("dispute", gateway_ref)
        return self._disputes[gateway_ref]

    def _captured(self, charge_ref: str) -> Capture:
        for capture in self._captures.values():
            if capture.gateway_ref == charge_ref:
                return capture
        raise NotFound("charge", charge_ref)

    def _signature(self, body: bytes) -> str:
        return hmac.new(self._secret, body, hashlib.sha256).hexdigest()
