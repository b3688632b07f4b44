"""The breakers of one process, shared by its threads; and the log that tells when they open and close."""

from __future__ import annotations

import logging
from datetime import datetime
from threading import Lock

from billing_core.service.breaker import Breaker, BreakerPolicy

__all__ = ["Breakers"]

logger = logging.getLogger("billing_core")


class Breakers:
    """The breakers of all gateways of one process. Each process learns by itself."""

    def __init__(self, policy: BreakerPolicy) -> None:
        self._policy = policy
        self._lock = Lock()
        self._by_gateway: dict[str, Breaker] = {}

    def may_send(self, gateway_id: str, now: datetime) -> bool:
        """Whether a charge may be sent through a gateway now."""
        with self._lock:
            return self._breaker(gateway_id).may_send(now)

    def take(self, gateway_id: str, now: datetime) -> bool:
        """The same, and if so it is about to be sent."""
        with self._lock:
            breaker = self._breaker(gateway_id)
            if not breaker.may_send(now):
                return False
            self._by_gateway[gateway_id] = breaker.sending(now)
            return True

    def note(self, gateway_id: str, sent_at: datetime, *, is_unknown: bool) -> None:
        """What came of a charge that was sent."""
        with self._lock:
            before = self._breaker(gateway_id)
            after = before.after(sent_at, is_unknown=is_unknown)
            self._by_gateway[gateway_id] = after
        if before.paused_until is None and after.paused_until is not None:
            logger.error("gateway %s: too many unknown outcomes, sending is paused", gateway_id)
        elif before.paused_until is not None and after.paused_until is None:
            logger.warning("gateway %s: sending goes on", gateway_id)

    def _breaker(self, gateway_id: str) -> Breaker:
        return self._by_gateway.get(gateway_id) or Breaker(policy=self._policy)
