"""
What lies between the adapter and the processor: requests and answers get lost, late, and doubled.

The network is itself a gateway, so that the driver calls it as it calls any
other. It answers at once; when that answer arrives is in `reply_ms`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NoReturn, cast

from billing_core.accounts.saved_card import CardToken
from billing_core.errors import BillingError, GatewayConfigError
from billing_core.gateways.capabilities import Capabilities
from billing_core.gateways.port import BaseGateway
from billing_core.gateways.results import (
    ChargeNotFound,
    ChargeRequest,
    ChargeResult,
    SetupRequest,
    SetupResult,
    SetupSession,
    WebhookNotice,
)
from billing_core.testing.simulator.agenda import MINUTE, SECOND, Agenda
from billing_core.testing.simulator.config import GatewayTerms
from billing_core.testing.simulator.faults import Fault, Faults
from billing_core.testing.simulator.gateway import GatewayModel

__all__ = ["Network"]

_PROMPT_MS = 400
#: When an adapter gives up waiting.
_TIME_OUT_MS = 31 * SECOND
#: The driver may send up to a minute after the commit; the rest of a request's life is the network's.
_LIFE_SPENT_MS = 2 * MINUTE

#: What an adapter must never answer.
_GARBAGE = cast("ChargeResult", None)

Charging = Callable[[ChargeRequest], ChargeResult | ChargeNotFound]


class Network(BaseGateway):
    """
    A gateway model behind faults.

    Args:
        model: what answers in the end.
        terms: how long a request lives.
        agenda: true time.
        faults: what happens to each call.
        label_of: whose charge it is, for the faults' entities.
        on_send: told about each charge request that a process hands over, and the how-maniest it is.
        on_arrival: told about each charge request at the moment at which it reaches the processor.
    """

    def __init__(
        self,
        model: GatewayModel,
        terms: GatewayTerms,
        *,
        agenda: Agenda,
        faults: Faults,
        label_of: Callable[[ChargeRequest], str],
        on_send: Callable[[ChargeRequest, int], None],
        on_arrival: Callable[[ChargeRequest], None],
    ) -> None:
        self.capabilities: Capabilities = model.capabilities
        self.model = model
        self.reply_ms = _PROMPT_MS
        self.outage: Fault | None = None
        self._life_ms = max(0, terms.true_life_s * SECOND - _LIFE_SPENT_MS)
        self._agenda, self._faults = agenda, faults
        self._label_of, self._on_send, self._on_arrival = label_of, on_send, on_arrival
        self._sends_of_key: dict[str, int] = defaultdict(int)
        self._sends: dict[str, int] = defaultdict(int)
        self._looks: dict[str, int] = defaultdict(int)

    # -- charges ----------------------------------------------------------------

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """Send a charge; what becomes of it is the faults' choice."""
        label, key = self._label_of(request), request.idempotency_key
        self._sends[label] += 1
        self._sends_of_key[key] += 1
        self._on_send(request, self._sends_of_key[key])
        fault = self._faults.at("send", label, self._sends[label])
        self.reply_ms = _PROMPT_MS
        if self.outage is not None:
            return self._in_outage(self.outage)
        if fault is None:
            return self._arrives(request)
        return self._with_fault(request, fault)

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """Ask what became of a charge."""
        return self._asks(request, self.model.find_charge)

    def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """Call a charge off."""
        return self._asks(request, self.model.cancel_charge)

    # -- the rest of the port, without faults --------------------------------------

    def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        """Open the card page."""
        return self.model.begin_card_setup(request)

    def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        """What came of the visit."""
        return self.model.complete_card_setup(session_ref)

    def detach_card(self, token: CardToken, /) -> None:
        """Forget a card."""
        self.model.detach_card(token)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        """Read a notice."""
        return self.model.parse_webhook(body, headers)

    # -- inside -----------------------------------------------------------------------

    def _arrives(self, request: ChargeRequest) -> ChargeResult:
        self._on_arrival(request)
        return self.model.charge(request)

    def _arrives_unheard(self, request: ChargeRequest) -> None:
        """A request reaches the processor when nobody waits for the answer any more."""
        try:
            self._arrives(request)
        except BillingError:
            # Refused, and nobody hears of it.
            return

    def _with_fault(self, request: ChargeRequest, fault: Fault) -> ChargeResult:
        kind = fault.kind
        if kind in {"request_lost", "zombie", "reply_lost"}:
            self._times_out(request, fault)
        if kind == "throttled":
            return ChargeResult.not_attempted(retry_after=timedelta(seconds=fault.scaled(1, 600)))
        if kind == "refused":
            return ChargeResult.not_attempted(detail="refused")
        if kind == "wrong_credentials":
            raise GatewayConfigError("the processor refused the credentials")
        if kind in {"error_without_effect", "error_with_effect"}:
            return self._fails(request, has_effect=kind == "error_with_effect")
        result = self._arrives(request)
        if kind == "reply_late":
            self.reply_ms = fault.scaled(_TIME_OUT_MS, 12 * MINUTE)
        elif kind == "delivered_twice":
            self._agenda.after(fault.scaled(0, self._life_ms), lambda: self._arrives_unheard(request))
        elif kind == "garbage":
            return _GARBAGE
        return result

    def _times_out(self, request: ChargeRequest, fault: Fault) -> NoReturn:
        self.reply_ms = _TIME_OUT_MS
        if fault.kind == "zombie":
            delay = fault.scaled(_TIME_OUT_MS, max(_TIME_OUT_MS, self._life_ms))
            self._agenda.after(delay, lambda: self._arrives_unheard(request))
        elif fault.kind == "reply_lost":
            self._arrives_unheard(request)
        raise TimeoutError(fault.kind)

    def _fails(self, request: ChargeRequest, *, has_effect: bool) -> ChargeResult:
        fail = getattr(self.model, "fail", None)
        if fail is not None:
            self._on_arrival(request)
            answer: ChargeResult = fail(request, has_effect=has_effect)
            return answer
        if has_effect:
            self._arrives(request)
        return ChargeResult.unknown("http_500")

    def _asks(self, request: ChargeRequest, ask: Charging) -> ChargeResult | ChargeNotFound:
        label = self._label_of(request)
        self._looks[label] += 1
        fault = self._faults.at("look_up", label, self._looks[label])
        self.reply_ms = _PROMPT_MS
        if self.outage is not None:
            return self._in_outage(self.outage)
        if fault is None:
            return ask(request)
        if fault.kind == "look_up_fails":
            raise ConnectionResetError(fault.kind)
        if fault.kind == "look_up_throttled":
            return ChargeResult.not_attempted(retry_after=timedelta(seconds=fault.scaled(1, 600)))
        answer = ask(request)
        if fault.kind == "look_up_garbage":
            return _GARBAGE
        self.reply_ms = fault.scaled(_PROMPT_MS, 5 * MINUTE)
        return answer

    def _in_outage(self, outage: Fault) -> ChargeResult:
        """In some outages connections are refused, in others nothing ever comes back."""
        if outage.size % 2:
            return ChargeResult.not_attempted(detail="refused")
        self.reply_ms = _TIME_OUT_MS
        raise TimeoutError(outage.kind)
