"""Gateways that get amounts, keys, declines or secrets wrong."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from itertools import count
from typing import Any, ClassVar

import attrs

from billing_core.advice import Advice
from billing_core.errors import GatewayConfigError, GatewayRequestError
from billing_core.gateways.results import ActionRequired, ChargeNotFound, ChargeRequest, ChargeResult, Outcome
from billing_core.testing import ReferenceGateway
from billing_core.testing.gateway_kit import capability_case, charge_cases, later_cases, secret_cases
from billing_core.testing.reference_gateway.wire import Call, Lost, Reply
from tests.kits.broken_gateway import caught_by, renamed


class _ChangesBodies(ReferenceGateway):
    """Sends another body than it should."""

    def changed(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body that goes out."""
        raise NotImplementedError

    def _send(self, call: Call) -> Reply | Lost:
        if call.path == "/v1/charges" and call.body is not None:
            call = attrs.evolve(call, body={**call.body, **self.changed(call.body)})
        return super()._send(call)


class _ChangesKeys(ReferenceGateway):
    """Sends charges under another key than it should."""

    def key_of(self, call: Call) -> str:
        """The key that goes out."""
        raise NotImplementedError

    def _send(self, call: Call) -> Reply | Lost:
        sent = renamed(call, self.key_of(call)) if call.path == "/v1/charges" and call.body else call
        reply = super()._send(sent)
        if isinstance(reply, Reply) and "idempotency_key" in reply.body:
            # The adapter's own check of the echo is not what is broken here.
            reply = attrs.evolve(reply, body={**reply.body, "idempotency_key": call.idempotency_key})
        return reply


class _ChangesResults(ReferenceGateway):
    """Makes something else of the processor's answers."""

    def changed(self, result: ChargeResult, request: ChargeRequest) -> ChargeResult:
        """What it makes of it."""
        raise NotImplementedError

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        return self.changed(super().charge(request), request)

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        found = super().find_charge(request)
        return found if isinstance(found, ChargeNotFound) else self.changed(found, request)


class _ChangesAdvice(_ChangesResults):
    """Gives another advice than it should."""

    def advice(self, known: Advice) -> Advice:
        """The advice that it gives."""
        raise NotImplementedError

    def changed(self, result: ChargeResult, request: ChargeRequest) -> ChargeResult:
        if result.decline is None:
            return result
        return attrs.evolve(
            result, decline=attrs.evolve(result.decline, advice=self.advice(result.decline.advice))
        )


# -- amounts --------------------------------------------------------------------------


@caught_by(charge_cases.check_charge)
class FloatAmounts(_ChangesBodies):
    """Goes through a float: 114.53 becomes 11452 cents."""

    def changed(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"amount": int(body["amount"] / 100 * 100)} if body["currency"] == "USD" else {}


@caught_by(charge_cases.check_charge)
class LosesTheId(_ChangesResults):
    """Forgets the processor's id of the charge."""

    def changed(self, result: ChargeResult, request: ChargeRequest) -> ChargeResult:
        return attrs.evolve(result, gateway_ref=None)


@caught_by(charge_cases.check_charge)
class AnswersYes(ReferenceGateway):
    """Answers that it worked, and not what."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        return super().charge(request).outcome is Outcome.SUCCEEDED  # type: ignore[return-value]


@caught_by(charge_cases.check_minor_units)
class EveryCurrencyHasCents(_ChangesBodies):
    """Takes every amount times a hundred: 1,999 yen become 199,900."""

    def changed(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"amount": {"JPY": 100}.get(body["currency"], 1) * body["amount"]}


@caught_by(charge_cases.check_reported_amount)
class ReportsWhatWasAsked(_ChangesResults):
    """Answers with the amount of the request, whatever was captured."""

    def changed(self, result: ChargeResult, request: ChargeRequest) -> ChargeResult:
        return attrs.evolve(result, amount=request.amount if result.amount is not None else None)


# -- keys ---------------------------------------------------------------------------------


@caught_by(charge_cases.check_same_key)
class NewKeyForEachSend(_ChangesKeys):
    """Makes up a key for each send, so that a repeat is a second charge."""

    _numbers: ClassVar = count()

    def key_of(self, call: Call) -> str:
        return f"{call.idempotency_key}_{next(self._numbers)}"


@caught_by(charge_cases.check_changed_request)
class AmountIsPartOfTheKey(_ChangesKeys):
    """Adds the amount to the key, so that a changed request is a second charge."""

    def key_of(self, call: Call) -> str:
        assert call.body is not None
        return f"{call.idempotency_key}_{call.body['amount']}"


@caught_by(charge_cases.check_changed_request)
class ChangedRequestHasTheOldAnswer(ReferenceGateway):
    """When the key was used for another request, it answers with what became of that."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        try:
            return super().charge(request)
        except GatewayRequestError:
            return ChargeResult.succeeded(request.amount, gateway_ref="ch_1")


@caught_by(charge_cases.check_next_period)
class ShortenedKey(_ChangesKeys):
    """Cuts keys to the processor's old limit, so that two periods have one key."""

    def key_of(self, call: Call) -> str:
        assert call.idempotency_key is not None
        return call.idempotency_key[:32]


@caught_by(charge_cases.check_new_card_after_decline)
class ReferenceIsTheKey(_ChangesKeys):
    """Takes the invoice's reference for the key, so that a decline is replayed for ever."""

    def key_of(self, call: Call) -> str:
        assert call.body is not None
        return str(call.body["reference"])


@caught_by(later_cases.check_same_key_at_once)
class BusyKeyIsReplaced(_ChangesKeys):
    """Takes another key when a call with this one is under way."""

    _busy: ClassVar[list[str]] = []
    _lock: ClassVar = threading.Lock()

    def key_of(self, call: Call) -> str:
        with self._lock:
            self._busy.append(str(call.idempotency_key))
            others = self._busy.count(str(call.idempotency_key))
        return f"{call.idempotency_key}_{others}"

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        try:
            return super().charge(request)
        finally:
            # Long enough for all that race to meet.
            time.sleep(0.02)
            with self._lock:
                self._busy.remove(request.idempotency_key)


@caught_by(later_cases.check_same_key_at_once)
class LoserOfARaceIsDeclined(ReferenceGateway):
    """Declines a charge while another call with its key is under way."""

    _busy: ClassVar[set[str]] = set()

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        if request.idempotency_key in self._busy:
            return ChargeResult.declined(Advice.RETRY_LATER, gateway_code="in_progress")
        self._busy.add(request.idempotency_key)
        try:
            time.sleep(0.02)
            return super().charge(request)
        finally:
            self._busy.discard(request.idempotency_key)


# -- declines, actions, pending ---------------------------------------------------------------


@caught_by(charge_cases.check_soft_decline)
class DeclineIsAnException(_ChangesResults):
    """Raises when a card is declined."""

    def changed(self, result: ChargeResult, request: ChargeRequest) -> ChargeResult:
        if result.outcome is Outcome.DECLINED:
            raise RuntimeError("card declined")
        return result


@caught_by(charge_cases.check_soft_decline)
class EveryDeclineNeedsACard(_ChangesAdvice):
    """Asks for a new card when an account is empty today."""

    def advice(self, known: Advice) -> Advice:
        return Advice.NEW_CARD


@caught_by(charge_cases.check_soft_decline)
class LosesTheCode(_ChangesResults):
    """Forgets the processor's code of a decline."""

    def changed(self, result: ChargeResult, request: ChargeRequest) -> ChargeResult:
        return ChargeResult.declined(result.decline.advice) if result.decline is not None else result


@caught_by(charge_cases.check_hard_declines)
class EveryDeclineIsRetried(_ChangesAdvice):
    """Tries stolen cards again and again."""

    def advice(self, known: Advice) -> Advice:
        return Advice.RETRY_LATER


@caught_by(charge_cases.check_hard_declines)
class RevokedIsNever(_ChangesAdvice):
    """Takes a withdrawn consent for a stolen card."""

    def advice(self, known: Advice) -> Advice:
        return Advice.NEVER if known is Advice.STOP_RECURRING else known


@caught_by(charge_cases.check_requires_action)
class AnsweredIsPaid(_ChangesResults):
    """Takes every HTTP 200 for money."""

    def changed(self, result: ChargeResult, request: ChargeRequest) -> ChargeResult:
        if result.outcome in {Outcome.REQUIRES_ACTION, Outcome.PENDING}:
            return ChargeResult.succeeded(request.amount, gateway_ref=result.gateway_ref)
        return result


@caught_by(charge_cases.check_requires_action)
class ActionIsADecline(_ChangesResults):
    """Gives up when the cardholder is needed."""

    def changed(self, result: ChargeResult, request: ChargeRequest) -> ChargeResult:
        if result.outcome is Outcome.REQUIRES_ACTION:
            return ChargeResult.declined(Advice.AUTHENTICATE, gateway_code="authentication_required")
        return result


@caught_by(charge_cases.check_requires_action)
class ActionLeadsNowhere(_ChangesResults):
    """Says that the cardholder is needed, and not where."""

    def changed(self, result: ChargeResult, request: ChargeRequest) -> ChargeResult:
        return attrs.evolve(result, action=ActionRequired()) if result.action is not None else result


@caught_by(later_cases.check_pending_settles)
class PendingIsPaid(_ChangesResults):
    """Books a charge before it settles."""

    def changed(self, result: ChargeResult, request: ChargeRequest) -> ChargeResult:
        if result.outcome is Outcome.PENDING:
            return ChargeResult.succeeded(request.amount, gateway_ref=result.gateway_ref)
        return result


@caught_by(later_cases.check_pending_settles)
class PendingIsNotFound(ReferenceGateway):
    """Shows only charges that have settled."""

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        found = super().find_charge(request)
        pending = isinstance(found, ChargeResult) and found.outcome is Outcome.PENDING
        return ChargeNotFound() if pending else found


@caught_by(later_cases.check_pending_settles)
class PendingForEver(ReferenceGateway):
    """Answers look-ups with what it heard first."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._first: dict[str, ChargeResult] = {}

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        return self._first.setdefault(request.idempotency_key, super().charge(request))

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        return self._first.get(request.idempotency_key) or super().find_charge(request)


# -- credentials and secrets -----------------------------------------------------------------------


@caught_by(secret_cases.check_wrong_credentials)
class WrongKeyIsADecline(ReferenceGateway):
    """Declines every customer when our key was replaced."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        try:
            return super().charge(request)
        except GatewayConfigError:
            return ChargeResult.declined(Advice.RETRY_LATER, gateway_code="unauthorized")


@caught_by(secret_cases.check_wrong_credentials)
class LookUpHidesAWrongKey(ReferenceGateway):
    """Finds nothing when our key was replaced."""

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        try:
            return super().find_charge(request)
        except GatewayConfigError:
            return ChargeNotFound()


@caught_by(secret_cases.check_nothing_leaks)
class LogsTheToken(ReferenceGateway):
    """Writes the card's token into the log."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        logging.getLogger(__name__).debug("charging %s", request.card.value)
        return super().charge(request)


@caught_by(secret_cases.check_nothing_leaks)
class ErrorsShowTheKey(ReferenceGateway):
    """Writes our key into the error about it."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        try:
            return super().charge(request)
        except GatewayConfigError:
            raise GatewayConfigError(f"the key {self._connection.api_key} was refused") from None


@caught_by(secret_cases.check_nothing_leaks)
class PrintsTheKey(ReferenceGateway):
    """Shows our key when it is printed."""

    def __repr__(self) -> str:
        return f"ReferenceGateway({self._connection.api_key!r})"


@caught_by(secret_cases.check_nothing_leaks)
class ResultsShowTheToken(_ChangesResults):
    """Puts the card's token into the text of a result."""

    def changed(self, result: ChargeResult, request: ChargeRequest) -> ChargeResult:
        return attrs.evolve(result, detail=request.card.value)


@caught_by(capability_case.check_capabilities)
class ChargesAnyAmount(_ChangesBodies):
    """Rounds an amount below the minimum up to it."""

    def changed(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"amount": max(body["amount"], 50)}
