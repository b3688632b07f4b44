"""One case's place of work: an adapter, a harness, and the sentences that all cases use."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial, wraps
from itertools import count
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NoReturn, TypeAlias, TypeVar

import attrs

from billing_core.errors import CapabilityNotSupported, GatewayConfigError, GatewayRequestError
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.gateways.results import ChargeNotFound, ChargeRequest, ChargeResult, Outcome
from billing_core.testing.faults import Fault
from billing_core.testing.gateway_kit.bridge import Bridge, PlainGateway
from billing_core.testing.gateway_kit.harness import (
    CardScenario,
    GatewayHarness,
    KitCard,
    MovementKind,
)
from billing_core.testing.kit_report import CaseSkipped, ensure, ensure_equal
from billing_core.values.money import Money

__all__ = ["Bench", "GatewayCheck", "gateway_case", "in_background"]

T = TypeVar("T")

#: One case of the kit: returns, raises `AssertionError`, or `CaseSkipped`.
GatewayCheck: TypeAlias = Callable[[GatewayHarness], None]

#: How often the bench looks whether something has happened, in seconds.
_POLL = 0.005

#: How many different amounts there are, before they repeat.
_PRICES = 500

_numbers = count(1)


class Bench:
    """What a check works with. Charges go the declared grade's way: in one step, or prepared first."""

    def __init__(self, harness: GatewayHarness) -> None:
        self.harness = harness
        self.bridge = Bridge() if harness.is_async else None
        self._left_out: list[str] = []
        self.gateway = self.new_gateway()

    # -- the adapter ------------------------------------------------------------------

    @property
    def capabilities(self) -> Capabilities:
        """What the adapter declares."""
        declared: Capabilities = self.gateway.capabilities
        return declared

    @property
    def is_fenced(self) -> bool:
        """Whether a charge is prepared first."""
        return self.capabilities.grade is GatewayGrade.FENCED

    def new_gateway(self, **options: Any) -> Any:
        """A fresh adapter, as a plain one."""
        if self.bridge is None:
            return self.harness.make_gateway(**options)
        return PlainGateway(self.bridge.make(lambda: self.harness.make_gateway(**options)), self.bridge)

    # -- requests -------------------------------------------------------------------------

    def request(
        self, card: CardScenario | KitCard = CardScenario.OK, amount: Money | None = None
    ) -> ChargeRequest:
        """A charge that was never asked for before, nor, unless an amount is given, one of its amount."""
        chosen = self.card(card) if isinstance(card, CardScenario) else card
        return ChargeRequest(
            amount=amount if amount is not None else self._new_price(),
            reference=self.new_id("ref"),
            idempotency_key=self.new_id("key"),
            card=chosen.token,
            customer_ref=chosen.customer_ref,
            description="gateway kit",
        )

    def _new_price(self) -> Money:
        # Some processors take an equal amount on the same card for a mistake.
        more = Money(next(_numbers) % _PRICES, self.harness.price.currency)
        return self.harness.price + more

    def next_attempt(self, request: ChargeRequest, card: CardScenario) -> ChargeRequest:
        """Another attempt at the same invoice: the same reference under a new key, on another card."""
        chosen = self.card(card)
        return attrs.evolve(
            request,
            idempotency_key=self.new_id("key"),
            card=chosen.token,
            customer_ref=chosen.customer_ref,
        )

    def card(self, scenario: CardScenario) -> KitCard:
        """
        The harness's card for a scenario.

        Raises:
            CaseSkipped: it has none.
        """
        card = self.harness.card(scenario)
        if card is None:
            raise CaseSkipped(f"the harness has no card that is {scenario.value}")
        return card

    def new_id(self, prefix: str) -> str:
        """As long as the library's own ids; two of them differ at the end only."""
        digest = hashlib.sha256(self.harness.run_id.encode()).hexdigest()
        return f"{prefix}_{digest[:40]}_{next(_numbers):07}"

    # -- calls ---------------------------------------------------------------------------------

    def send(self, request: ChargeRequest, gateway: Any = None, fault: Fault | None = None) -> ChargeResult:
        """
        Send a good charge as the library does, and treat what escapes as it does: as UNKNOWN.

        The fault meets the call that moves money.

        Raises:
            AssertionError: the adapter says that our request or our credentials are wrong.
        """
        return self.good(self.try_to_send, request, gateway, fault)

    def good(self, call: Callable[..., Any], *arguments: Any) -> ChargeResult:
        """
        The result of a call that nobody may refuse.

        Raises:
            AssertionError: the adapter says that our request or our credentials are wrong.
        """
        try:
            return self.attempt(lambda: call(*arguments))
        except (GatewayConfigError, GatewayRequestError) as error:
            raise AssertionError(f"a good charge must not raise {type(error).__name__}: {error}") from error

    def try_to_send(
        self, request: ChargeRequest, gateway: Any = None, fault: Fault | None = None
    ) -> ChargeResult:
        """`send` for a request or credentials that the processor may refuse."""
        chosen = gateway if gateway is not None else self.gateway
        method, arguments = self.ready(request, chosen)
        return self.attempt(lambda: getattr(chosen, method)(*arguments), fault)

    def accepted(self, request: ChargeRequest) -> ChargeResult | None:
        """The result of a charge, or ``None`` if the adapter refused the request by an error."""
        try:
            return self.try_to_send(request)
        except GatewayRequestError:
            return None

    def attempt(self, call: Callable[[], Any], fault: Fault | None = None) -> ChargeResult:
        """Any call that answers a charge's result, with what escapes as UNKNOWN."""
        broken = self.harness.injecting(fault) if fault is not None else nullcontext()
        try:
            with broken:
                result = call()
        except (GatewayConfigError, GatewayRequestError, CapabilityNotSupported, CaseSkipped):
            raise
        except Exception:  # noqa: BLE001 - the library does the same
            return ChargeResult.unknown("escaped")
        return _checked_result(result)

    def ready(self, request: ChargeRequest, gateway: Any) -> tuple[str, tuple[Any, ...]]:
        """The method that moves the money, and its arguments; a fenced charge is prepared by then."""
        if not self.is_fenced:
            return "charge", (request,)
        return "confirm_charge", (gateway.prepare_charge(request), request)

    def find(self, request: ChargeRequest, gateway: Any = None) -> ChargeResult | ChargeNotFound:
        """Look a charge up, once the declared lag has passed."""
        self.let_pass_lag()
        chosen = gateway if gateway is not None else self.gateway
        found = chosen.find_charge(request)
        return found if isinstance(found, ChargeNotFound) else _checked_result(found)

    def let_pass_lag(self) -> None:
        """Wait until a look-up must see what was done before."""
        if self.capabilities.look_up_lag:
            self.harness.let_pass(self.capabilities.look_up_lag)

    def ensure_not_found(self, request: ChargeRequest, what: str) -> None:
        """The look-up finds nothing."""
        found = self.find(request)
        became = None if isinstance(found, ChargeNotFound) else found.outcome
        ensure(became is None, f"the look-up must not find {what}; it says {became}")

    @property
    def can_look_up(self) -> bool:
        """Whether the adapter declares a look-up."""
        return self.capabilities.supports(Operation.FIND_CHARGE)

    # -- the truth ----------------------------------------------------------------------------------

    def captured(self, request: ChargeRequest) -> list[Money]:
        """What the processor's ledger says was captured for the request's reference."""
        lines = self.harness.ledger(request.reference)
        return [line.amount for line in lines if line.kind is MovementKind.CHARGE]

    def refunded(self, request: ChargeRequest) -> list[Money]:
        """What the processor's ledger says was given back."""
        lines = self.harness.ledger(request.reference)
        return [line.amount for line in lines if line.kind is MovementKind.REFUND]

    def ensure_charged_once(self, request: ChargeRequest, when: str) -> None:
        """Exactly one capture, of exactly the amount."""
        ensure_equal([request.amount], self.captured(request), f"{when}, the processor's ledger")

    def ensure_not_charged(self, request: ChargeRequest, when: str) -> None:
        """No money moved."""
        ensure_equal([], self.captured(request), f"{when}, the processor's ledger")

    def ensure_outcome(self, result: ChargeResult, when: str, *allowed: Outcome) -> None:
        """One of these outcomes."""
        names = " or ".join(outcome.name for outcome in allowed)
        ensure(result.outcome in allowed, f"{when}, charge must answer {names}, not {result.outcome.name}")

    # -- time and company -------------------------------------------------------------------------------

    def in_time(self, call: Callable[[], T], when: str) -> T:
        """The call's result, unless it takes longer than the short time-out and some slack."""
        limit = self.harness.short_timeout + self.harness.timing_slack
        try:
            return in_background(call)(limit.total_seconds())
        except Empty:
            raise AssertionError(f"{when}, the call must end within its send_timeout") from None

    def wait_until(self, holds: Callable[[], object], otherwise: str) -> None:
        """Look again and again until it holds."""
        limit = time.monotonic() + self.harness.timing_slack.total_seconds()
        while not holds():
            ensure(time.monotonic() < limit, otherwise)
            time.sleep(_POLL)

    # -- the end -------------------------------------------------------------------------------------------

    def leave_out(self, reason: str) -> None:
        """Note a part of the case that could not be tried; if the rest passes, the case counts as skipped."""
        self._left_out.append(reason)

    def close(self) -> None:
        """Give the loop back."""
        if self.bridge is not None:
            self.bridge.close()

    def ensure_complete(self) -> None:
        """Skip the case if a part of it was left out."""
        if self._left_out:
            raise CaseSkipped("the rest passed, but " + "; ".join(self._left_out))


def gateway_case(*needs: Operation, keyed: bool = False) -> Callable[[Callable[[Bench], None]], GatewayCheck]:
    """
    A function of a bench as a check of the kit.

    Args:
        needs: operations without which the case does not apply.
        keyed: whether it applies only to gateways with idempotency keys.
    """

    def as_check(case: Callable[[Bench], None]) -> GatewayCheck:
        @wraps(case)
        def check(harness: GatewayHarness) -> None:
            with _bench(harness) as bench:
                for operation in needs:
                    if not bench.capabilities.supports(operation):
                        raise CaseSkipped(f"{operation.value} is not declared")
                if keyed and bench.capabilities.grade is GatewayGrade.NONE:
                    raise CaseSkipped("the declared grade has no idempotency keys")
                case(bench)
                bench.ensure_complete()

        # The check has another signature than what it wraps.
        del check.__wrapped__
        return check

    return as_check


@contextmanager
def _bench(harness: GatewayHarness) -> Iterator[Bench]:
    bench = Bench(harness)
    try:
        yield bench
    finally:
        bench.close()


def in_background(call: Callable[[], T]) -> Callable[[float | None], T]:
    """Begin a call in a thread; what is returned waits for its end, at most so many seconds."""
    answers: SimpleQueue[Callable[[], T]] = SimpleQueue()

    def run() -> None:
        try:
            value = call()
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            answers.put(partial(_raise, error))
        else:
            answers.put(lambda: value)

    def wait(seconds: float | None) -> T:
        return answers.get(timeout=seconds)()

    Thread(target=run, daemon=True).start()
    return wait


def _raise(error: Exception) -> NoReturn:
    raise error


def _checked_result(result: Any) -> ChargeResult:
    if not isinstance(result, ChargeResult):
        name = type(result).__name__
        raise AssertionError(f"a charge must answer a ChargeResult, not {name}")  # noqa: TRY004 - a finding
    return result
