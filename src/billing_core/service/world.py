"""
The host's parts as a flow's requests reach them, and what their answers mean.

Here lives the rule that nothing which escapes an adapter is lost: what is not
a clear refusal of our request or our credentials is UNKNOWN.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from billing_core.charging.controls import Controls
from billing_core.errors import GatewayConfigError, GatewayRequestError, NotAllowed
from billing_core.gateways.results import ChargeNotFound, ChargeResult, Outcome, RefundResult
from billing_core.service.breakers import Breakers
from billing_core.service.calls import (
    Detach,
    GatewayCall,
    Get,
    MaySend,
    MoneyCall,
    Prepare,
    Prepared,
    Sending,
    SendRefund,
    Sent,
)
from billing_core.service.requests import LookUpTaxRate, Request, StoreRequest
from billing_core.tax.rates import TaxRateProvider
from billing_core.values.ids import check_id

__all__ = ["SENDS", "SEND_DELAY_MAX", "World", "answered", "escaped"]

logger = logging.getLogger("billing_core")
# Silent unless the host says otherwise.
logger.addHandler(logging.NullHandler())

#: A worker that was held up for longer between commit and send must not send any more.
SEND_DELAY_MAX = timedelta(seconds=60)

#: What may move money, and must be sent at once after its intent is committed, or not at all.
SENDS = (Sending, SendRefund)


@attrs.frozen
class World:
    """The host's parts, plain or asynchronous."""

    store: Any
    gateways: Mapping[str, Any]
    rates: TaxRateProvider | None
    breakers: Breakers

    def using(self, connection: Any) -> World:
        """The same parts, with the store inside a transaction of the host's."""
        using = getattr(self.store, "using", None)
        if using is None:
            raise NotAllowed("store_has_no_using", {"store": type(self.store).__name__})
        return attrs.evolve(self, store=using(connection))

    def ask(self, request: Request) -> Any:
        """What the host's part answers; awaitable if it is asynchronous."""
        if isinstance(request, StoreRequest):
            return request.ask(self.store)
        if isinstance(request, GatewayCall):
            return request.ask(self.gateways[request.gateway_id])
        if isinstance(request, MaySend):
            return self.breakers.may_send(request.gateway_id, request.now)
        assert isinstance(request, LookUpTaxRate), "drivers answer all other requests themselves"
        if self.rates is None:
            return None
        return self.rates.rate(request.jurisdiction, request.category, request.on)

    def refused(self, request: Sending | SendRefund, now: datetime, controls: Controls) -> Sent[Any] | None:
        """What is answered instead of sending, although the intent is committed; ``None`` to send."""
        if controls.is_stopped:
            detail = "sending_stopped"
        elif now - request.committed_at > SEND_DELAY_MAX:
            detail = "held_up_before_send"
        elif not self.breakers.take(request.gateway_id, now):
            detail = "gateway_paused"
        else:
            return None
        if isinstance(request, SendRefund):
            return Sent(RefundResult.not_attempted(detail=detail))
        return Sent(ChargeResult.not_attempted(retry_after=timedelta(minutes=1), detail=detail))

    def noted(
        self, request: Sending | SendRefund, answer: Sent[Any] | Prepared, now: datetime
    ) -> Sent[Any] | Prepared:
        """The answer to a send, after the breaker has heard of it."""
        is_unknown = isinstance(answer, Sent) and answer.result.outcome is Outcome.UNKNOWN
        self.breakers.note(request.gateway_id, now, is_unknown=is_unknown)
        return answer


def answered(request: Request, answer: Any) -> Any:
    """What a flow is told; an adapter's answer about money is a `Sent`, whatever it was."""
    if not isinstance(request, MoneyCall):
        return answer
    if isinstance(request, Prepare) and isinstance(answer, str):
        return Prepared(check_id(answer, "gateway_ref"))
    if isinstance(answer, request.RESULT):
        was_not_confirmed = isinstance(request, Get) and answer.outcome is Outcome.NOT_ATTEMPTED
        return ChargeNotFound() if was_not_confirmed else Sent(answer)
    if isinstance(answer, ChargeNotFound) and not isinstance(request, SENDS):
        return answer
    # ``None`` is no "not found": an adapter that forgets to return must not void a charge.
    logger.error("gateway %s answered with a %s", request.gateway_id, type(answer).__name__)
    return Sent(request.RESULT.unknown("adapter_answer"))


def escaped(request: Request, error: BaseException) -> Sent[Any] | None:
    """What an exception out of a host's part means; raises it where that is all there is to say."""
    if not isinstance(request, (MoneyCall, Detach)):
        raise error
    # Only the class is logged: an adapter's message may quote what it was sent.
    name = type(error).__name__
    logger.warning("gateway %s raised %s", request.gateway_id, name)
    if isinstance(request, Detach):
        return None
    code = re.sub("[^A-Za-z_]", "", name)[:64] or "error"
    if isinstance(error, GatewayConfigError) and isinstance(request, SENDS):
        # Refused at the door: with these credentials nothing can have happened.
        return Sent(request.RESULT.not_attempted(detail=code), error)
    # A request that is refused as malformed may be a used key: somebody sent it before. Look, don't guess.
    told = error if isinstance(error, (GatewayConfigError, GatewayRequestError)) else None
    return Sent(request.RESULT.unknown(code), told)
