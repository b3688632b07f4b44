"""
A payment processor in memory, for hosts' tests and for demos.

It behaves like a good processor: idempotency keys replay, a look-up finds
every charge, a changed request under a used key is refused, and a ledger of
its own says what was really captured, however the answer got lost.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from billing_core.accounts.saved_card import CardChecks, CardExpiry, CardToken
from billing_core.advice import Advice
from billing_core.charging.invariants import LedgerEntry
from billing_core.errors import GatewayRequestError, NotFound
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.gateways.listing import ChargePage, ListedCharge
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
from billing_core.gateways.webhooks import DisputeDetails, RefundDetails, WebhookNotice
from billing_core.testing.clock import ManualClock
from billing_core.testing.scripted_notices import NoticeScript
from billing_core.testing.scripted_refunds import Capture
from billing_core.values.money import Money
from billing_core.values.typed import check_instance

__all__ = ["AsyncScriptedGateway", "Capture", "ScriptedGateway"]

_LISTED_AT_ONCE = 10

_EVERYTHING = Capabilities(
    grade=GatewayGrade.KEYED_WITH_LOOKUP,
    operations=frozenset(Operation),
)


class ScriptedGateway(NoticeScript):
    """
    Approves every charge unless the script says otherwise.

    Args:
        capabilities: what to declare; everything, by default.
        webhook_secret: what notices are signed with.
        clock: dates what is captured. Without one, `list_charges` lists
            everything, as if it were captured at the instant that is asked for.

    >>> gateway = ScriptedGateway()
    >>> gateway.next_charge_declines(Advice.RETRY_LATER)
    >>> gateway.captures
    ()
    """

    def __init__(
        self,
        capabilities: Capabilities = _EVERYTHING,
        webhook_secret: bytes = b"test secret",
        clock: ManualClock | None = None,
    ) -> None:
        super().__init__(webhook_secret)
        self.capabilities = capabilities
        self._clock = clock
        self._script: deque[Callable[[ChargeRequest], ChargeResult]] = deque()
        self._declining: dict[str, Advice] = {}
        self._known: dict[str, tuple[ChargeRequest, ChargeResult]] = {}
        self._prepared: dict[str, ChargeRequest] = {}
        self._closed: set[str] = set()
        self._prepare_script: deque[Callable[[ChargeRequest], str | ChargeResult]] = deque()
        self._sessions: dict[str, SetupResult] = {}
        self._customers: dict[str, str] = {}
        self.sends = 0

    # -- the script ---------------------------------------------------------------

    def next_charge_declines(
        self, advice: Advice, *, gateway_code: str | None = None, not_before: timedelta | None = None
    ) -> None:
        """Decline the next charge that is not scripted yet."""
        self.next_charge_gives(
            ChargeResult.declined(advice, gateway_code=gateway_code, not_before=not_before)
        )

    def next_charge_gives(self, result: ChargeResult) -> None:
        """Answer the next charge with this, and remember it under its key."""
        self._script.append(lambda request: self._remember(request, result))

    def next_charge_requires_action(self, expires_at: datetime | None = None) -> None:
        """Ask for the cardholder; `cardholder_confirms` or `cardholder_gives_up` ends it."""
        action = ActionRequired(url="https://processor.example/confirm", expires_at=expires_at)
        self.next_charge_gives(ChargeResult.requires_action(action))

    def next_charge_captures(self, amount: Money) -> None:
        """Capture another amount than the next charge asks for, and say so."""
        self._script.append(lambda request: self._approve(request, amount))

    def next_response_is_lost(self) -> None:
        """Capture the next charge, and lose the answer on the way back."""

        def lose(request: ChargeRequest) -> ChargeResult:
            self._approve(request)
            raise TimeoutError("the answer was lost")

        self._script.append(lose)

    def next_request_is_lost(self) -> None:
        """Lose the next charge before it is looked at."""

        def lose(request: ChargeRequest) -> ChargeResult:
            raise TimeoutError("the request was lost")

        self._script.append(lose)

    def next_prepare_is_lost(self, *, is_prepared: bool) -> None:
        """Lose the next call that prepares a charge: on the way back, or before it is looked at."""

        def lose(request: ChargeRequest) -> str:
            if is_prepared:
                self._prepare(request)
            raise TimeoutError("the answer was lost" if is_prepared else "the request was lost")

        self._prepare_script.append(lose)

    def next_prepare_gives(self, result: ChargeResult) -> None:
        """Prepare nothing, and answer with this."""
        self._prepare_script.append(lambda _: result)

    def next_charge_raises(self, error: Exception) -> None:
        """Let the adapter fail with this."""

        def fail(request: ChargeRequest) -> ChargeResult:
            raise error

        self._script.append(fail)

    def card_declines(self, token: CardToken, advice: Advice) -> None:
        """Decline every further charge on this card."""
        self._declining[token.value] = advice

    def card_works_again(self, token: CardToken) -> None:
        """Approve this card again."""
        self._declining.pop(token.value, None)

    def customer_enters_card(
        self,
        setup_id: str,
        *,
        last4: str = "4242",
        brand: str = "visa",
        expires: CardExpiry | None = None,
        fingerprint: str | None = None,
        checks: CardChecks | None = None,
    ) -> CardToken:
        """What the processor's page does when the owner types a card. No number ever passes here."""
        with self._lock:
            session = self._session(setup_id)
            number = len(self._cards) + 1
            details = CardDetails(
                token=CardToken(f"tok_{number}"),
                brand=brand,
                last4=last4,
                expires=expires if expires is not None else CardExpiry(2099, 12),
                fingerprint=fingerprint if fingerprint is not None else f"fp_{number}",
                checks=checks if checks is not None else CardChecks(),
            )
            self._cards[details.token.value] = details
            self._sessions[session] = SetupResult(
                outcome=SetupOutcome.COMPLETED, card=details, customer_ref=self._customers[session]
            )
            return details.token

    def customer_gives_up(self, setup_id: str) -> None:
        """What the processor's page does when the owner leaves."""
        self._sessions[self._session(setup_id)] = SetupResult(outcome=SetupOutcome.ABANDONED)

    def cardholder_confirms(self, reference: str) -> None:
        """The cardholder confirms a charge that waits for them: it is captured now."""
        with self._lock:
            for request, result in list(self._known.values()):
                if request.reference == reference and result.outcome is Outcome.REQUIRES_ACTION:
                    self._approve(request)

    def pending_charge_settles(self, reference: str, result: ChargeResult) -> None:
        """A pending charge comes to an end at the processor."""
        with self._lock:
            for request, known in list(self._known.values()):
                if request.reference == reference and known.outcome is Outcome.PENDING:
                    if result.outcome is Outcome.SUCCEEDED:
                        self._approve(request)
                    else:
                        self._remember(request, result)

    # -- the ledger ------------------------------------------------------------------

    @property
    def captures(self) -> tuple[Capture, ...]:
        """All money that really moved, oldest first: the truth to compare the books with."""
        with self._lock:
            return tuple(self._captures.values())

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """The same money, less what was given back, as `Billing.books` takes it."""
        return tuple(
            LedgerEntry(
                reference=capture.reference,
                idempotency_key=capture.idempotency_key,
                amount=capture.amount - capture.refunded,
            )
            for capture in self.captures
        )

    # -- the port -----------------------------------------------------------------------

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """Charge, replay, or do what the script says."""
        with self._lock:
            self.sends += 1
            known = self._known.get(request.idempotency_key)
            if known is not None:
                if known[0] != request:
                    raise GatewayRequestError("this idempotency key was used for another request")
                return known[1]
            return self._decide(request)

    def prepare_charge(self, request: ChargeRequest, /) -> str | ChargeResult:
        """Prepare a charge, the same one for the same key."""
        with self._lock:
            if self._prepare_script:
                return self._prepare_script.popleft()(request)
            return self._prepare(request)

    def confirm_charge(self, gateway_ref: str, request: ChargeRequest, /) -> ChargeResult:
        """Capture what was prepared, once. What was declined can be confirmed again until it is closed."""
        with self._lock:
            self.sends += 1
            prepared = self._known_prepared(gateway_ref)
            known = self._known.get(prepared.idempotency_key)
            is_open = known is None or known[1].outcome is Outcome.DECLINED
            if known is not None and (gateway_ref in self._closed or not is_open):
                return known[1]
            return self._decide(prepared)

    def get_charge(self, gateway_ref: str, /) -> ChargeResult | ChargeNotFound:
        """What became of what was prepared."""
        with self._lock:
            known = self._known.get(self._known_prepared(gateway_ref).idempotency_key)
            return known[1] if known is not None else ChargeNotFound()

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """What became of a request, by its key."""
        with self._lock:
            known = self._known.get(request.idempotency_key)
            return known[1] if known is not None else ChargeNotFound()

    def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """Call a charge off unless it is captured."""
        with self._lock:
            known = self._known.get(request.idempotency_key)
            ref = _prepared_as(request)
            prepared = self._prepared.get(ref)
            if prepared is not None:
                self._closed.add(ref)
            elif known is None:
                return ChargeNotFound()
            if known is None or known[1].outcome in {Outcome.REQUIRES_ACTION, Outcome.PENDING}:
                canceled = ChargeResult.declined(Advice.AUTHENTICATE, gateway_code="canceled")
                return self._remember(prepared if prepared is not None else request, canceled)
            return known[1]

    def list_charges(self, since: datetime, after: str | None = None, /) -> ChargePage:
        """All money captured since an instant, ten charges a page."""
        start = _page_start(after)
        with self._lock:
            listed = [
                ListedCharge(
                    gateway_ref=capture.gateway_ref,
                    reference=capture.reference,
                    idempotency_key=capture.idempotency_key,
                    amount=capture.amount,
                    refunded=capture.refunded,
                    captured_at=capture.captured_at if capture.captured_at is not None else since,
                )
                for capture in self._captures.values()
                if capture.captured_at is None or capture.captured_at >= since
            ]
        end = start + _LISTED_AT_ONCE
        return ChargePage(items=listed[start:end], next=str(end) if end < len(listed) else None)

    def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        """Open a page on which the owner types the card."""
        session_ref = f"sess_{request.setup_id}"
        self._sessions.setdefault(session_ref, SetupResult(outcome=SetupOutcome.PENDING))
        customer_ref = self._customers.setdefault(
            session_ref, request.customer_ref or f"cus_{request.account_id}"
        )
        return SetupSession(
            session_ref=session_ref,
            url=f"https://processor.example/{session_ref}",
            customer_ref=customer_ref,
        )

    def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        """What came of the visit."""
        return self._sessions[self._known_session(session_ref)]

    # -- inside ----------------------------------------------------------------------------

    def _session(self, setup_id: str) -> str:
        session_ref = f"sess_{setup_id}"
        if session_ref not in self._sessions:
            raise NotFound("card_setup", setup_id)
        return session_ref

    def _known_session(self, session_ref: str) -> str:
        if session_ref not in self._sessions:
            raise NotFound("card_setup", session_ref)
        return session_ref

    def _decide(self, request: ChargeRequest) -> ChargeResult:
        if self._script:
            return self._script.popleft()(request)
        advice = self._declining.get(request.card.value)
        if advice is not None:
            return self._remember(request, ChargeResult.declined(advice))
        return self._approve(request)

    def _prepare(self, request: ChargeRequest) -> str:
        gateway_ref = _prepared_as(request)
        if self._prepared.setdefault(gateway_ref, request) != request:
            raise GatewayRequestError("this idempotency key was used for another request")
        return gateway_ref

    def _known_prepared(self, gateway_ref: str) -> ChargeRequest:
        if gateway_ref not in self._prepared:
            raise GatewayRequestError("no such charge was prepared")
        return self._prepared[gateway_ref]

    def _approve(self, request: ChargeRequest, amount: Money | None = None) -> ChargeResult:
        captured = amount if amount is not None else request.amount
        gateway_ref = f"ch_{len(self._captures) + 1}"
        self._captures[request.idempotency_key] = Capture(
            reference=request.reference,
            idempotency_key=request.idempotency_key,
            amount=captured,
            token=request.card,
            gateway_ref=gateway_ref,
            refunded=Money.zero(captured.currency),
            captured_at=self._clock.now() if self._clock is not None else None,
        )
        return self._remember(request, ChargeResult.succeeded(captured, gateway_ref=gateway_ref))

    def _remember(self, request: ChargeRequest, result: ChargeResult) -> ChargeResult:
        if result.outcome not in {Outcome.NOT_ATTEMPTED, Outcome.UNKNOWN, Outcome.DUPLICATE_SUSPECTED}:
            self._known[request.idempotency_key] = (request, result)
        return result


def _prepared_as(request: ChargeRequest) -> str:
    return f"prep_{request.idempotency_key}"


def _page_start(after: str | None) -> int:
    if after is None:
        return 0
    if not re.fullmatch("[0-9]{1,9}", after):
        raise GatewayRequestError("no page starts there")
    return int(after)


class AsyncScriptedGateway:
    """A `ScriptedGateway` for asyncio; the script is the same object, under ``script``."""

    def __init__(self, script: ScriptedGateway | None = None) -> None:
        self.script = script if script is not None else ScriptedGateway()
        check_instance(self.script, ScriptedGateway, "script")

    @property
    def capabilities(self) -> Capabilities:
        """What the script declares."""
        return self.script.capabilities

    async def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """See `ScriptedGateway.charge`."""
        return self.script.charge(request)

    async def prepare_charge(self, request: ChargeRequest, /) -> str | ChargeResult:
        """See `ScriptedGateway.prepare_charge`."""
        return self.script.prepare_charge(request)

    async def confirm_charge(self, gateway_ref: str, request: ChargeRequest, /) -> ChargeResult:
        """See `ScriptedGateway.confirm_charge`."""
        return self.script.confirm_charge(gateway_ref, request)

    async def get_charge(self, gateway_ref: str, /) -> ChargeResult | ChargeNotFound:
        """See `ScriptedGateway.get_charge`."""
        return self.script.get_charge(gateway_ref)

    async def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """See `ScriptedGateway.find_charge`."""
        return self.script.find_charge(request)

    async def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """See `ScriptedGateway.cancel_charge`."""
        return self.script.cancel_charge(request)

    async def refund(self, request: RefundRequest, /) -> RefundResult:
        """See `ScriptedGateway.refund`."""
        return self.script.refund(request)

    async def find_refund(self, request: RefundRequest, /) -> RefundResult | ChargeNotFound:
        """See `ScriptedGateway.find_refund`."""
        return self.script.find_refund(request)

    async def describe_refund(self, gateway_ref: str, /) -> RefundDetails | None:
        """See `ScriptedGateway.describe_refund`."""
        return self.script.describe_refund(gateway_ref)

    async def describe_dispute(self, gateway_ref: str, /) -> DisputeDetails | None:
        """See `ScriptedGateway.describe_dispute`."""
        return self.script.describe_dispute(gateway_ref)

    async def list_charges(self, since: datetime, after: str | None = None, /) -> ChargePage:
        """See `ScriptedGateway.list_charges`."""
        return self.script.list_charges(since, after)

    async def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        """See `ScriptedGateway.begin_card_setup`."""
        return self.script.begin_card_setup(request)

    async def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        """See `ScriptedGateway.complete_card_setup`."""
        return self.script.complete_card_setup(session_ref)

    async def describe_card(self, token: CardToken, /) -> CardDetails | None:
        """See `ScriptedGateway.describe_card`."""
        return self.script.describe_card(token)

    async def detach_card(self, token: CardToken, /) -> None:
        """See `ScriptedGateway.detach_card`."""
        self.script.detach_card(token)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        """See `ScriptedGateway.parse_webhook`."""
        return self.script.parse_webhook(body, headers)
