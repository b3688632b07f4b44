"""
A payment processor with a ledger that tells the truth.

It keeps idempotency keys for as long as its terms say and forgets them then;
its charges stay. What issuers and cardholders do comes from the faults.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import attrs

from billing_core.accounts.saved_card import CardExpiry, CardToken
from billing_core.advice import Advice
from billing_core.charging.invariants import LedgerEntry
from billing_core.errors import GatewayRequestError, NotFound
from billing_core.gateways.capabilities import Capabilities, GatewayGrade
from billing_core.gateways.port import BaseGateway, PaymentGateway
from billing_core.gateways.results import (
    ActionRequired,
    CardDetails,
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
from billing_core.testing.simulator.agenda import DAY, HOUR, SECOND, Agenda
from billing_core.testing.simulator.config import GatewayTerms
from billing_core.testing.simulator.faults import Fault, Faults
from billing_core.values.money import Money

__all__ = ["GatewayModel", "SimulatedCharge", "SimulatedGateway"]

_ADVICE = {f"decline_{advice.value}": advice for advice in Advice} | {
    "decline_not_before": Advice.RETRY_LATER
}


class GatewayModel(PaymentGateway, Protocol):
    """
    A processor that the simulator can play with: the port, a ledger, and the card page.

    One that has ``refund_ledger()``, too, has its refunds compared with the books.
    """

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """All money that really moved, less what was given back, oldest first."""
        ...

    def customer_enters_card(
        self, setup_id: str, *, expires: CardExpiry | None = None, fingerprint: str | None = None
    ) -> CardToken:
        """What the processor's page does when the owner types a card."""
        ...


class SimulatedCharge:
    """One charge at the processor: what was asked, what it came to, and what was given back."""

    __slots__ = ("answer", "captured", "is_closed", "made_ms", "ref", "refunded_minor", "request")

    def __init__(self, request: ChargeRequest, ref: str, made_ms: int) -> None:
        self.request = request
        self.ref = ref
        self.is_closed = False
        self.answer = ChargeResult.unknown()
        self.captured: Money | None = None
        self.refunded_minor = 0
        self.made_ms = made_ms

    @property
    def kept_minor(self) -> int:
        """What the processor holds of it, in minor units."""
        return (self.captured.amount_minor if self.captured is not None else 0) - self.refunded_minor


@attrs.frozen
class _Known:
    """What a key was used for and answered, while the processor remembers it."""

    request: ChargeRequest
    answer: ChargeResult
    charge: SimulatedCharge | None
    at_ms: int


class SimulatedGateway(BaseGateway):
    """
    The shipped `GatewayModel`.

    Args:
        terms: what it declares, and what is true.
        agenda: the true time.
        faults: what issuers and cardholders do.
        label_of: a reference -> whose charge it is, for the faults' entities.
        on_capture: called with each charge at the moment at which money moves.
        on_refund: called with each refund at the moment at which money goes back.
        on_news: called with the reference of each charge that changed without being asked.
    """

    def __init__(
        self,
        terms: GatewayTerms,
        agenda: Agenda,
        faults: Faults,
        *,
        label_of: Callable[[ChargeRequest], str],
        on_capture: Callable[[SimulatedCharge], None],
        on_refund: Callable[[RefundRequest], None],
        on_news: Callable[[str], None],
    ) -> None:
        self.terms = terms
        self.capabilities: Capabilities = terms.capabilities()
        self.charges: list[SimulatedCharge] = []
        self.by_key: dict[str, list[SimulatedCharge]] = defaultdict(list)
        self._has_keys = self.capabilities.grade is not GatewayGrade.NONE
        self._retention_ms = terms.true_retention_s * SECOND
        self._lag_ms = terms.true_lag_s * SECOND
        self._agenda, self._faults = agenda, faults
        self._label_of, self._on_capture = label_of, on_capture
        self._on_refund, self._on_news = on_refund, on_news
        self._by_ref: dict[str, SimulatedCharge] = {}
        self._refunds: dict[str, tuple[RefundResult, int]] = {}
        self._given_back: list[LedgerEntry] = []
        self._keys: dict[str, _Known] = {}
        self._tries: dict[str, int] = defaultdict(int)
        self._cards: dict[str, CardDetails] = {}
        self._sessions: dict[str, SetupResult] = {}

    # -- the port ---------------------------------------------------------------

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """Charge, or replay what this key was answered while it is kept."""
        known = self._known(request.idempotency_key)
        if known is None:
            charge = self._new(request)
            self._remember(request, charge.answer, charge)
            return charge.answer
        if known.request != request:
            raise GatewayRequestError("this idempotency key was used for another request")
        if self.terms.intent and known.charge is not None:
            return known.charge.answer
        return known.answer

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """What became of a request, as far as it is visible already."""
        seen_ms = self._agenda.now_ms - self._lag_ms
        charges = self.by_key.get(request.idempotency_key, ())
        visible = [c for c in charges if c.made_ms <= seen_ms and c.answer.outcome is not Outcome.UNKNOWN]
        if not visible:
            return ChargeNotFound()
        return next((c for c in visible if c.captured is not None), visible[-1]).answer

    def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """Call a charge off unless it is captured."""
        charges = self.by_key.get(request.idempotency_key)
        if not charges:
            return ChargeNotFound()
        charge = charges[-1] if request.gateway_ref is None else self._by_ref[request.gateway_ref]
        self.call_off(charge)
        return charge.answer

    # -- the fence ---------------------------------------------------------------

    def prepare_charge(self, request: ChargeRequest, /) -> str:
        """Create a charge without moving money; the same one while its key is kept."""
        known = self._known(request.idempotency_key)
        charge = known.charge if known is not None else None
        if charge is None:
            charge = self._made(request)
            self._remember(request, charge.answer, charge)
        return charge.ref

    def confirm_charge(self, gateway_ref: str, request: ChargeRequest, /) -> ChargeResult:
        """Capture what was prepared, once; what was declined can be confirmed again until it is closed."""
        charge = self._by_ref[gateway_ref]
        if not charge.is_closed and charge.answer.outcome in {Outcome.UNKNOWN, Outcome.DECLINED}:
            self._decide(charge)
        return charge.answer

    def get_charge(self, gateway_ref: str, /) -> ChargeResult | ChargeNotFound:
        """What became of what was prepared, without any lag."""
        charge = self._by_ref[gateway_ref]
        return ChargeNotFound() if charge.answer.outcome is Outcome.UNKNOWN else charge.answer

    # -- refunds -----------------------------------------------------------------

    def refund(self, request: RefundRequest, /) -> RefundResult:
        """Give money back, never more than was captured; replayed under its key while that is kept."""
        known = self._refunds.get(request.idempotency_key)
        if known is not None and self._agenda.now_ms - known[1] < self._retention_ms:
            return known[0]
        charges = self.charges_of(request.charge_reference)
        charge = next((c for c in charges if c.ref == request.gateway_ref), None)
        if charge is None or charge.kept_minor < request.amount.amount_minor:
            result = RefundResult.declined("over_refund")
        else:
            charge.refunded_minor += request.amount.amount_minor
            self._given_back.append(_entry(request, request.amount))
            self._on_refund(request)
            result = RefundResult.succeeded(request.amount, gateway_ref=f"re_{len(self._refunds)}")
        self._refunds[request.idempotency_key] = result, self._agenda.now_ms
        return result

    def find_refund(self, request: RefundRequest, /) -> RefundResult | ChargeNotFound:
        """What became of a refund, as far as it is visible already."""
        known = self._refunds.get(request.idempotency_key)
        is_visible = known is not None and self._agenda.now_ms - known[1] >= self._lag_ms
        return known[0] if known is not None and is_visible else ChargeNotFound()

    def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        """Open a page on which the owner types the card."""
        session_ref = f"sess_{request.setup_id}"
        self._sessions.setdefault(session_ref, SetupResult(outcome=SetupOutcome.PENDING))
        return SetupSession(session_ref=session_ref, customer_ref=f"cus_{request.account_id}")

    def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        """What came of the visit."""
        if session_ref not in self._sessions:
            raise NotFound("card_setup", session_ref)
        return self._sessions[session_ref]

    # -- what people do at the processor ------------------------------------------

    def customer_enters_card(
        self, setup_id: str, *, expires: CardExpiry | None = None, fingerprint: str | None = None
    ) -> CardToken:
        """What the processor's page does when the owner types a card."""
        number = len(self._cards) + 1
        card = CardDetails(
            token=CardToken(f"tok_{number}"),
            brand="visa",
            last4=f"{number:04}"[-4:],
            expires=expires if expires is not None else CardExpiry(2099, 12),
            fingerprint=fingerprint if fingerprint is not None else f"fp_{number}",
        )
        self._cards[card.token.value] = card
        self._sessions[f"sess_{setup_id}"] = SetupResult(outcome=SetupOutcome.COMPLETED, card=card)
        return card.token

    def call_off(self, charge: SimulatedCharge) -> None:
        """End a charge that is not captured."""
        charge.is_closed = True
        if charge.answer.outcome in {Outcome.REQUIRES_ACTION, Outcome.PENDING, Outcome.UNKNOWN}:
            charge.answer = ChargeResult.declined(Advice.AUTHENTICATE, gateway_code="canceled")

    def give_back(self, key: str) -> None:
        """Refund all that is kept of a key's charges."""
        for charge in self.by_key.get(key, ()):
            charge.refunded_minor += charge.kept_minor

    # -- the ledger -------------------------------------------------------------------

    def charges_of(self, reference: str) -> list[SimulatedCharge]:
        """All charges for one reference."""
        return [charge for charge in self.charges if charge.request.reference == reference]

    def kept_minor(self, key: str) -> int:
        """What the processor holds of a key's charges, in minor units."""
        return sum(charge.kept_minor for charge in self.by_key.get(key, ()))

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """All money that really moved, less what was given back."""
        return tuple(
            _entry(charge.request, Money.of_minor(charge.kept_minor, charge.captured.currency))
            for charge in self.charges
            if charge.captured is not None
        )

    def refund_ledger(self) -> tuple[LedgerEntry, ...]:
        """All money that really went back by a refund, oldest first."""
        return tuple(self._given_back)

    def fail(self, request: ChargeRequest, *, has_effect: bool) -> ChargeResult:
        """A 5xx, with or without effect; kept under the key if the terms say so."""
        is_repeat = self._known(request.idempotency_key) is not None
        charge = self._new(request) if has_effect and not is_repeat else None
        error = ChargeResult.unknown("http_500")
        if not is_repeat and (charge is not None or self.terms.stores_errors):
            told = error if charge is None or self.terms.stores_errors else charge.answer
            self._remember(request, told, charge)
        return error

    # -- inside -------------------------------------------------------------------------

    def _known(self, key: str) -> _Known | None:
        known = self._keys.get(key)
        is_kept = known is not None and self._agenda.now_ms - known.at_ms < self._retention_ms
        return known if is_kept else None

    def _remember(self, request: ChargeRequest, answer: ChargeResult, charge: SimulatedCharge | None) -> None:
        if self._has_keys:
            self._keys[request.idempotency_key] = _Known(request, answer, charge, self._agenda.now_ms)

    def _new(self, request: ChargeRequest) -> SimulatedCharge:
        charge = self._made(request)
        self._decide(charge)
        return charge

    def _made(self, request: ChargeRequest) -> SimulatedCharge:
        charge = SimulatedCharge(request, f"ch_{len(self.charges) + 1}", self._agenda.now_ms)
        self.charges.append(charge)
        self.by_key[request.idempotency_key].append(charge)
        self._by_ref[charge.ref] = charge
        return charge

    def _decide(self, charge: SimulatedCharge) -> None:
        """What issuer and cardholder say."""
        request = charge.request
        label = self._label_of(request)
        self._tries[label] += 1
        fault = self._faults.at("issuer", label, self._tries[label])
        if fault is None:
            self._capture(charge, request.amount)
        elif fault.kind in _ADVICE:
            charge.answer = _declined(fault)
        elif fault.kind == "captures_less":
            less = Money.of_minor(max(1, request.amount.amount_minor - 1), request.amount.currency)
            self._capture(charge, less)
        elif fault.kind == "requires_action":
            charge.answer = ChargeResult.requires_action(ActionRequired())
            self._ask_cardholder(charge, label)
        else:
            charge.answer = ChargeResult.pending()
            self._settle_later(charge, label)

    def _capture(self, charge: SimulatedCharge, amount: Money) -> None:
        charge.captured = amount
        charge.answer = ChargeResult.succeeded(amount, gateway_ref=charge.ref)
        self._on_capture(charge)

    def _ask_cardholder(self, charge: SimulatedCharge, label: str) -> None:
        fault = self._faults.at("cardholder", label, self._tries[label])
        if fault is not None and fault.kind == "confirms_never":
            return
        # The shipped capabilities give the cardholder a day.
        delay = fault.scaled(6 * HOUR, DAY) if fault is not None else 2 * HOUR
        self._agenda.after(delay, lambda: self._confirm(charge, Outcome.REQUIRES_ACTION))

    def _settle_later(self, charge: SimulatedCharge, label: str) -> None:
        fault = self._faults.at("pending", label, self._tries[label])
        if fault is not None and fault.kind == "pending_declined":
            delay = fault.scaled(0, 3 * DAY)
            self._agenda.after(delay, lambda: self._refuse_pending(charge))
            return
        delay = fault.scaled(DAY, 12 * DAY) if fault is not None else 5 * HOUR
        self._agenda.after(delay, lambda: self._confirm(charge, Outcome.PENDING))

    def _confirm(self, charge: SimulatedCharge, still: Outcome) -> None:
        if charge.answer.outcome is still:
            self._capture(charge, charge.request.amount)
            self._on_news(charge.request.reference)

    def _refuse_pending(self, charge: SimulatedCharge) -> None:
        if charge.answer.outcome is Outcome.PENDING:
            charge.answer = ChargeResult.declined(Advice.RETRY_LATER)
            self._on_news(charge.request.reference)


def _entry(request: ChargeRequest | RefundRequest, amount: Money) -> LedgerEntry:
    return LedgerEntry(reference=request.reference, idempotency_key=request.idempotency_key, amount=amount)


def _declined(fault: Fault) -> ChargeResult:
    wait = timedelta(hours=fault.scaled(1, 200)) if fault.kind == "decline_not_before" else None
    return ChargeResult.declined(_ADVICE[fault.kind], not_before=wait)
