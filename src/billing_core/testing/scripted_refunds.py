"""The half of `ScriptedGateway` that gives money back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from threading import RLock

import attrs

from billing_core.accounts.saved_card import CardToken
from billing_core.charging.invariants import LedgerEntry
from billing_core.errors import GatewayRequestError
from billing_core.gateways.port import BaseGateway
from billing_core.gateways.results import ChargeNotFound, Outcome, RefundRequest, RefundResult
from billing_core.values.money import Money
from billing_core.values.texts import Id
from billing_core.values.typed import Typed

__all__ = ["Capture", "RefundScript"]


@attrs.frozen(kw_only=True)
class Capture(Typed):
    """One entry of the processor's ledger: money that really moved."""

    reference: Id
    idempotency_key: Id
    amount: Money
    token: CardToken
    gateway_ref: Id
    refunded: Money
    captured_at: datetime | None = None


class RefundScript(BaseGateway):
    """Gives back what was captured, and never more, unless the script says otherwise."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._captures: dict[str, Capture] = {}
        self._refund_script: deque[Callable[[RefundRequest], RefundResult]] = deque()
        self._known_refunds: dict[str, tuple[RefundRequest, RefundResult]] = {}
        self._given_back: list[LedgerEntry] = []
        self.refund_sends = 0

    # -- the script ---------------------------------------------------------------

    def next_refund_gives(self, result: RefundResult) -> None:
        """Answer the next refund with this, and remember it under its key."""
        self._refund_script.append(lambda request: self._remember_refund(request, result))

    def next_refund_is_refused(self, detail: str | None = None) -> None:
        """Refuse the next refund."""
        self.next_refund_gives(RefundResult.declined(detail))

    def next_refund_response_is_lost(self) -> None:
        """Give the next refund's money back, and lose the answer on the way."""

        def lose(request: RefundRequest) -> RefundResult:
            self._give_back(request)
            raise TimeoutError("the answer was lost")

        self._refund_script.append(lose)

    def next_refund_request_is_lost(self) -> None:
        """Lose the next refund before it is looked at."""
        self.next_refund_raises(TimeoutError("the request was lost"))

    def next_refund_raises(self, error: Exception) -> None:
        """Let the adapter fail with this."""

        def fail(request: RefundRequest) -> RefundResult:
            raise error

        self._refund_script.append(fail)

    def pending_refund_settles(self, reference: str, result: RefundResult | None = None) -> None:
        """A pending refund comes to an end at the processor: the money goes back, or this."""
        with self._lock:
            for request, known in list(self._known_refunds.values()):
                if request.reference == reference and known.outcome is Outcome.PENDING:
                    if result is None:
                        self._give_back(request)
                    else:
                        self._remember_refund(request, result)

    # -- the ledger ------------------------------------------------------------------

    def refund_ledger(self) -> tuple[LedgerEntry, ...]:
        """All money that really went back, oldest first, as `Billing.books` takes it."""
        with self._lock:
            return tuple(self._given_back)

    # -- the port -----------------------------------------------------------------------

    def refund(self, request: RefundRequest, /) -> RefundResult:
        """Give money back, never more than was captured; replay, or do what the script says."""
        with self._lock:
            self.refund_sends += 1
            known = self._known_refunds.get(request.idempotency_key)
            if known is not None:
                if known[0] != request:
                    raise GatewayRequestError("this idempotency key was used for another request")
                return known[1]
            if self._refund_script:
                return self._refund_script.popleft()(request)
            return self._give_back(request)

    def find_refund(self, request: RefundRequest, /) -> RefundResult | ChargeNotFound:
        """What became of a refund, by its key."""
        with self._lock:
            known = self._known_refunds.get(request.idempotency_key)
            return known[1] if known is not None else ChargeNotFound()

    # -- inside ----------------------------------------------------------------------------

    def _give_back(self, request: RefundRequest) -> RefundResult:
        capture = next((c for c in self._captures.values() if c.gateway_ref == request.gateway_ref), None)
        if capture is None or capture.refunded + request.amount > capture.amount:
            return self._remember_refund(request, RefundResult.declined("over_refund"))
        refunded = capture.refunded + request.amount
        self._captures[capture.idempotency_key] = attrs.evolve(capture, refunded=refunded)
        self._given_back.append(
            LedgerEntry(
                reference=request.reference, idempotency_key=request.idempotency_key, amount=request.amount
            )
        )
        done = RefundResult.succeeded(request.amount, gateway_ref=f"re_{len(self._given_back)}")
        return self._remember_refund(request, done)

    def _remember_refund(self, request: RefundRequest, result: RefundResult) -> RefundResult:
        if result.outcome not in {Outcome.NOT_ATTEMPTED, Outcome.UNKNOWN}:
            self._known_refunds[request.idempotency_key] = (request, result)
        return result
