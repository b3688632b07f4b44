"""Gateways that get refunds, notices or cards wrong."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import ClassVar

import attrs

from billing_core.accounts.saved_card import CardToken
from billing_core.errors import GatewayRequestError, WebhookRejected
from billing_core.gateways.results import (
    ChargeNotFound,
    ChargeRequest,
    ChargeResult,
    Outcome,
    RefundRequest,
    RefundResult,
    SetupOutcome,
    SetupRequest,
    SetupResult,
    SetupSession,
)
from billing_core.gateways.webhooks import WebhookNotice
from billing_core.testing import ReferenceGateway
from billing_core.testing.gateway_kit import card_cases, money_back_cases
from billing_core.testing.reference_gateway.webhooks import verified_notice
from tests.kits.broken_gateway import caught_by

# -- refunds ----------------------------------------------------------------------------


@caught_by(money_back_cases.check_refunds)
class NewKeyForEachRefund(ReferenceGateway):
    """Makes up a key for each refund, so that a repeat is a second one."""

    _numbers: ClassVar = count()

    def refund(self, request: RefundRequest, /) -> RefundResult:
        key = f"{request.idempotency_key}_{next(self._numbers)}"
        return super().refund(attrs.evolve(request, idempotency_key=key))


@caught_by(money_back_cases.check_refunds)
class RefusedRefundIsASuccess(ReferenceGateway):
    """Says that money went back when the processor refused."""

    def refund(self, request: RefundRequest, /) -> RefundResult:
        result = super().refund(request)
        if result.outcome is Outcome.DECLINED:
            return RefundResult(outcome=Outcome.SUCCEEDED, amount=request.amount, gateway_ref="re_1")
        return result


@caught_by(money_back_cases.check_refunds)
class LostRefundIsADecline(ReferenceGateway):
    """Takes a lost answer for a refused refund."""

    def refund(self, request: RefundRequest, /) -> RefundResult:
        result = super().refund(request)
        return RefundResult(outcome=Outcome.DECLINED) if result.outcome is Outcome.UNKNOWN else result


@caught_by(money_back_cases.check_refunds)
class FindsNoRefund(ReferenceGateway):
    """Looks for refunds among the charges."""

    def find_refund(self, request: RefundRequest, /) -> RefundResult | ChargeNotFound:
        return ChargeNotFound()


@caught_by(money_back_cases.check_refunds)
class RefundsEverything(ReferenceGateway):
    """Gives the whole charge back when a part was asked for."""

    def refund(self, request: RefundRequest, /) -> RefundResult:
        result = super().refund(attrs.evolve(request, amount=request.amount * 3))
        return attrs.evolve(result, amount=request.amount) if result.amount is not None else result


# -- notices ---------------------------------------------------------------------------------


@caught_by(money_back_cases.check_webhooks)
class BelievesEveryNotice(ReferenceGateway):
    """Verifies nothing."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        notice = json.loads(body)
        return WebhookNotice(id=notice["id"], references=notice["references"])


@caught_by(money_back_cases.check_webhooks)
class UnsignedIsFine(ReferenceGateway):
    """Verifies a signature only if there is one."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        if not headers:
            notice = json.loads(body)
            return WebhookNotice(id=notice["id"], references=notice["references"])
        return super().parse_webhook(body, headers)


@caught_by(money_back_cases.check_webhooks)
class ExactHeaderNames(ReferenceGateway):
    """Knows its header in one spelling only."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        if "Processor-Signature" not in headers:
            raise WebhookRejected("there is no signature")
        return super().parse_webhook(body, headers)


@caught_by(money_back_cases.check_webhooks)
class VerifiesWhatItParsed(ReferenceGateway):
    """Verifies the JSON that it wrote itself, and not the bytes that came."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        try:
            rewritten = json.dumps(json.loads(body)).encode()
        except ValueError:
            raise WebhookRejected("the body can't be read") from None
        return super().parse_webhook(rewritten, headers)


@caught_by(money_back_cases.check_webhooks)
class NoticesNeverAge(ReferenceGateway):
    """Accepts a notice that is a day old."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        given = {name.lower(): value for name, value in headers.items()}.get("processor-signature", "t=0,")
        sent_at = int(given.partition(",")[0].removeprefix("t="))
        now = self._connection.clock()
        then = now - timedelta(seconds=now.timestamp() - sent_at)
        return verified_notice(body, headers, secret=self._connection.webhook_secret, now=then)


@caught_by(money_back_cases.check_webhooks)
class CrashesOnNonsense(ReferenceGateway):
    """Lets the JSON parser's error out."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        json.loads(body)
        return super().parse_webhook(body, headers)


@caught_by(money_back_cases.check_webhooks)
class SignsTheBodyOnly(ReferenceGateway):
    """Leaves the time out of the signature, so that the processor's own notices are refused."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        expected = hmac.new(self._connection.webhook_secret, body, hashlib.sha256).hexdigest()
        if not any(value.endswith(expected) for value in headers.values()):
            raise WebhookRejected("the signature does not match")
        return super().parse_webhook(body, headers)


# -- cards ------------------------------------------------------------------------------------


class _ChangesSetups(ReferenceGateway):
    """Makes something else of a set-up."""

    def changed(self, result: SetupResult, session_ref: str) -> SetupResult:
        """What it makes of it."""
        raise NotImplementedError

    def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        return self.changed(super().complete_card_setup(session_ref), session_ref)


@caught_by(card_cases.check_card_setup)
class AbandonedIsPending(_ChangesSetups):
    """Waits for ever for an owner who left."""

    def changed(self, result: SetupResult, session_ref: str) -> SetupResult:
        if result.outcome is SetupOutcome.ABANDONED:
            return SetupResult(outcome=SetupOutcome.PENDING)
        return result


@caught_by(card_cases.check_card_setup)
class PendingIsAbandoned(_ChangesSetups):
    """Gives up while the owner is typing."""

    def changed(self, result: SetupResult, session_ref: str) -> SetupResult:
        if result.outcome is SetupOutcome.PENDING:
            return SetupResult(outcome=SetupOutcome.ABANDONED)
        return result


@caught_by(card_cases.check_card_setup)
class SetupWithoutAPage(ReferenceGateway):
    """Opens a session, and does not say where."""

    def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        return attrs.evolve(super().begin_card_setup(request), url=None)


@caught_by(card_cases.check_card_setup)
class SessionIsTheToken(_ChangesSetups):
    """Takes the session's id for the card's token."""

    def changed(self, result: SetupResult, session_ref: str) -> SetupResult:
        if result.card is None:
            return result
        return attrs.evolve(result, card=attrs.evolve(result.card, token=CardToken(session_ref)))


@caught_by(card_cases.check_card_setup)
class SecondCompletionIsEmpty(_ChangesSetups):
    """Gives the card only to the first who asks."""

    _given: ClassVar[set[str]] = set()

    def changed(self, result: SetupResult, session_ref: str) -> SetupResult:
        if session_ref in self._given:
            return SetupResult(outcome=SetupOutcome.ABANDONED)
        if result.card is not None:
            self._given.add(session_ref)
        return result


@caught_by(card_cases.check_cards_gone)
class DetachesOnce(ReferenceGateway):
    """Raises when a card that is gone is to be forgotten."""

    def detach_card(self, token: CardToken, /) -> None:
        if self.describe_card(token) is None:
            raise GatewayRequestError("no such card")
        super().detach_card(token)


@caught_by(card_cases.check_cards_gone)
class ForgetsToDetach(ReferenceGateway):
    """Forgets a card only in its own books."""

    def detach_card(self, token: CardToken, /) -> None:
        return None


@caught_by(card_cases.check_cards_gone)
class GoneIsAnOutage(ReferenceGateway):
    """Does not know what it means that a card is gone."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        result = super().charge(request)
        gone = result.decline is not None and result.decline.gateway_code == "card_not_usable"
        return ChargeResult.unknown("card_not_usable") if gone else result
