"""
What lies between the adapter and the processor: requests and answers get lost, late, and doubled.

The network is itself a gateway, so that the driver calls it as it calls any
other. It answers at once; when that answer arrives is in `reply_ms`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import NoReturn, TypeVar, cast

from billing_core.accounts.saved_card import CardToken
from billing_core.errors import BillingError, GatewayConfigError
from billing_core.gateways.capabilities import Capabilities, GatewayGrade
from billing_core.gateways.port import BaseGateway, FencedGateway
from billing_core.gateways.results import (
    ChargeNotFound,
    ChargeRequest,
    ChargeResult,
    RefundRequest,
    RefundResult,
    SetupRequest,
    SetupResult,
    SetupSession,
)
from billing_core.gateways.webhooks import WebhookNotice
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

_LOST = frozenset({"request_lost", "zombie", "reply_lost"})
_REFUSED = frozenset({"throttled", "refused"})
_ERRORS = frozenset({"error_without_effect", "error_with_effect"})

A = TypeVar("A")
B = TypeVar("B")


class Network(BaseGateway):
    """
    A gateway model behind faults.

    Args:
        model: what answers in the end.
        terms: how long a request lives.
        agenda: true time.
        faults: what happens to each call.
        label_of, label_of_reference: whose charge it is, for the faults' entities.
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
        label_of_reference: Callable[[str], str],
        on_send: Callable[[ChargeRequest, int], None],
        on_arrival: Callable[[ChargeRequest], None],
    ) -> None:
        self.capabilities: Capabilities = model.capabilities
        self.model = model
        self.reply_ms = _PROMPT_MS
        self.outage: Fault | None = None
        self._life_ms = max(0, terms.true_life_s * SECOND - _LIFE_SPENT_MS)
        self._agenda, self._faults = agenda, faults
        self._label_of_reference = label_of_reference
        self._label_of, self._on_send, self._on_arrival = label_of, on_send, on_arrival
        self._sends_of_key: dict[str, int] = defaultdict(int)
        self._steps: dict[tuple[str, str], int] = defaultdict(int)
        self._labels_of_refs: dict[str, str] = {}
        self._is_fenced = self.capabilities.grade is GatewayGrade.FENCED

    def forget_sends(self) -> None:
        """The store was restored: from now on only what is on record in it is counted."""
        self._sends_of_key.clear()

    # -- charges ----------------------------------------------------------------

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """Send a charge; what becomes of it is the faults' choice."""
        return self._sends(request, lambda: self._arrives(request))

    def prepare_charge(self, request: ChargeRequest, /) -> str | ChargeResult:
        """Prepare a charge at a fenced gateway."""
        prepare, label = cast("FencedGateway", self.model).prepare_charge, self._label_of(request)

        def arrive() -> str | ChargeResult:
            prepared = prepare(request)
            self._labels_of_refs[str(prepared)] = label
            return prepared

        return self._travels("send", label, arrive, _no_charge)

    def confirm_charge(self, gateway_ref: str, request: ChargeRequest, /) -> ChargeResult:
        """Confirm what was prepared."""
        confirm = cast("FencedGateway", self.model).confirm_charge

        def arrive() -> ChargeResult:
            self._on_arrival(request)
            return confirm(gateway_ref, request)

        return self._sends(request, arrive)

    def get_charge(self, gateway_ref: str, /) -> ChargeResult | ChargeNotFound:
        """Ask what became of what was prepared."""
        get = cast("FencedGateway", self.model).get_charge
        label = self._labels_of_refs.get(gateway_ref, gateway_ref)
        return self._asks(label, lambda: get(gateway_ref), ChargeResult.not_attempted())

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """Ask what became of a charge."""
        label, refused = self._label_of(request), ChargeResult.not_attempted()
        return self._asks(label, lambda: self.model.find_charge(request), refused)

    def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """Call a charge off."""
        label, refused = self._label_of(request), ChargeResult.not_attempted()
        return self._asks(label, lambda: self.model.cancel_charge(request), refused)

    # -- refunds -----------------------------------------------------------------

    def refund(self, request: RefundRequest, /) -> RefundResult:
        """Send a refund."""
        label = f"refund of {self._label_of_reference(request.charge_reference)}"
        return self._travels("send", label, lambda: self.model.refund(request), _no_refund)

    def find_refund(self, request: RefundRequest, /) -> RefundResult | ChargeNotFound:
        """Ask what became of a refund."""
        label = f"refund of {self._label_of_reference(request.charge_reference)}"
        return self._asks(label, lambda: self.model.find_refund(request), RefundResult.not_attempted())

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

    def _sends(self, request: ChargeRequest, arrive: Callable[[], ChargeResult]) -> ChargeResult:
        """A send that may move money: somebody counts them."""
        key = request.idempotency_key
        self._sends_of_key[key] += 1
        self._on_send(request, self._sends_of_key[key])
        fail = getattr(self.model, "fail", None) if not self._is_fenced else None

        def no_charge(what: str, retry_after: timedelta | None = None) -> ChargeResult:
            if not what.startswith("error_") or fail is None:
                return _no_charge(what, retry_after)
            self._on_arrival(request)
            answer: ChargeResult = fail(request, has_effect=what == "error_with_effect")
            return answer

        return self._travels(
            "send", self._label_of(request), arrive, no_charge, fails_by_itself=fail is not None
        )

    def _arrives(self, request: ChargeRequest) -> ChargeResult:
        self._on_arrival(request)
        return self.model.charge(request)

    def _travels(
        self,
        stream: str,
        label: str,
        arrive: Callable[[], A],
        instead: Callable[..., B],
        *,
        fails_by_itself: bool = False,
    ) -> A | B:
        """A request goes to the processor and its answer comes back, or something else happens."""
        self._steps[stream, label] += 1
        fault = self._faults.at(stream, label, self._steps[stream, label])
        self.reply_ms = _PROMPT_MS
        if self.outage is not None:
            return self._in_outage(self.outage, instead)
        if fault is None:
            return arrive()
        kind = fault.kind
        if kind in _LOST:
            self._times_out(fault, arrive)
        if kind in _REFUSED:
            return instead(kind, timedelta(seconds=fault.scaled(1, 600)))
        if kind == "wrong_credentials":
            raise GatewayConfigError("the processor refused the credentials")
        if kind in _ERRORS:
            if kind == "error_with_effect" and not fails_by_itself:
                arrive()
            return instead(kind)
        return self._comes_back_oddly(arrive, fault)

    def _comes_back_oddly(self, arrive: Callable[[], A], fault: Fault) -> A:
        result = arrive()
        if fault.kind == "reply_late":
            self.reply_ms = fault.scaled(_TIME_OUT_MS, 12 * MINUTE)
        elif fault.kind == "delivered_twice":
            self._agenda.after(fault.scaled(0, self._life_ms), lambda: _unheard(arrive))
        else:
            return cast("A", None)
        return result

    def _times_out(self, fault: Fault, arrive: Callable[[], object]) -> NoReturn:
        self.reply_ms = _TIME_OUT_MS
        if fault.kind == "zombie":
            delay = fault.scaled(_TIME_OUT_MS, max(_TIME_OUT_MS, self._life_ms))
            self._agenda.after(delay, lambda: _unheard(arrive))
        elif fault.kind == "reply_lost":
            _unheard(arrive)
        raise TimeoutError(fault.kind)

    def _asks(self, label: str, ask: Callable[[], A], refused: B) -> A | B:
        self._steps["look_up", label] += 1
        fault = self._faults.at("look_up", label, self._steps["look_up", label])
        self.reply_ms = _PROMPT_MS
        if self.outage is not None:
            return self._in_outage(self.outage, lambda _: refused)
        if fault is None:
            return ask()
        if fault.kind == "look_up_fails":
            raise ConnectionResetError(fault.kind)
        if fault.kind == "look_up_throttled":
            return refused
        answer = ask()
        if fault.kind == "look_up_garbage":
            return cast("A", None)
        self.reply_ms = fault.scaled(_PROMPT_MS, 5 * MINUTE)
        return answer

    def _in_outage(self, outage: Fault, instead: Callable[..., B]) -> B:
        """In some outages connections are refused, in others nothing ever comes back."""
        if outage.size % 2:
            return instead("refused")
        self.reply_ms = _TIME_OUT_MS
        raise TimeoutError(outage.kind)


def _unheard(arrive: Callable[[], object]) -> None:
    """A request reaches the processor, and nobody hears the answer."""
    with suppress(BillingError):
        arrive()


def _no_charge(what: str, retry_after: timedelta | None = None) -> ChargeResult:
    """What an adapter answers that got no charge."""
    if what.startswith("error_"):
        return ChargeResult.unknown("http_500")
    return ChargeResult.not_attempted(retry_after=retry_after, detail=what)


def _no_refund(what: str, _: timedelta | None = None) -> RefundResult:
    """What an adapter answers that got no refund."""
    return RefundResult.unknown("http_500") if what.startswith("error_") else RefundResult.not_attempted(what)
