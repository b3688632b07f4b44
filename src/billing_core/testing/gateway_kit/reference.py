"""A harness for the reference processor and its adapters: what a host's own looks like."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from types import MappingProxyType, TracebackType
from typing import Any, Self
from uuid import uuid4

import attrs

from billing_core.accounts.saved_card import CardToken
from billing_core.gateways.capabilities import Capabilities
from billing_core.gateways.results import SetupRequest, SetupSession
from billing_core.testing.clock import ManualClock
from billing_core.testing.fault_proxy import FaultProxy
from billing_core.testing.faults import Fault
from billing_core.testing.gateway_kit.harness import (
    BaseGatewayHarness,
    CardScenario,
    KitCard,
    Movement,
    MovementKind,
    NoticeScenario,
    SetupScenario,
)
from billing_core.testing.reference_gateway.async_gateway import AsyncReferenceGateway
from billing_core.testing.reference_gateway.declared import REFERENCE_CAPABILITIES
from billing_core.testing.reference_gateway.gateway import ReferenceGateway
from billing_core.testing.reference_processor.processor import signed_notice
from billing_core.testing.reference_processor.server import ReferenceProcessor
from billing_core.testing.reference_processor.settings import ProcessorSettings, card_of

__all__ = ["ReferenceHarness"]

_CARDS: Mapping[CardScenario, str] = MappingProxyType(
    {
        CardScenario.OK: "ok",
        CardScenario.INSUFFICIENT_FUNDS: "insufficient_funds",
        CardScenario.LOST_OR_STOLEN: "lost",
        CardScenario.EXPIRED: "expired",
        CardScenario.REVOKED: "revoked",
        CardScenario.AUTHENTICATION_REQUIRED: "authentication_required",
        CardScenario.PENDING: "pending",
        CardScenario.PARTIAL: "partial",
    }
)
_CUSTOMER = "cus_kit"
_OLD_KEY = "sk_test_of_yesterday"


class ReferenceHarness(BaseGatewayHarness):
    """
    A reference processor on a virtual clock, behind a `FaultProxy`.

    Args:
        capabilities: what the adapters declare.
        is_async: whether to try the adapter for asyncio.
        make: makes another adapter instead, from the arguments of `ReferenceGateway`.

    >>> from billing_core.testing import run_gateway_kit
    >>> with ReferenceHarness() as harness:
    ...     print(run_gateway_kit(harness, strict=True).ensure_ok().to_text().splitlines()[-1])
    30 passed, 0 skipped, 0 failed
    """

    short_timeout = timedelta(milliseconds=60)
    timing_slack = timedelta(seconds=1)

    def __init__(
        self,
        capabilities: Capabilities = REFERENCE_CAPABILITIES,
        *,
        is_async: bool = False,
        make: Callable[..., Any] | None = None,
    ) -> None:
        super().__init__()
        self.is_async = is_async
        self.name = f"{'AsyncReferenceGateway' if is_async else 'ReferenceGateway'}"
        self._capabilities = capabilities
        self._make = make if make is not None else AsyncReferenceGateway if is_async else ReferenceGateway
        self.clock = ManualClock("2025-01-31T09:00+00:00")
        self._settings = ProcessorSettings(
            look_up_lag=capabilities.look_up_lag,
            duplicate_window=capabilities.duplicate_window,
            page_size=2,
        )
        self.secrets = (self._settings.api_key, _OLD_KEY, self._settings.webhook_secret.decode())
        self.processor = ReferenceProcessor(settings=self._settings, clock=self.clock.now)
        self.proxy = FaultProxy(self.processor.url)

    def __enter__(self) -> Self:
        self.processor.start()
        self.proxy.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.proxy.close()
        self.processor.close()

    def make_gateway(self, *, send_timeout: timedelta | None = None, wrong_credentials: bool = False) -> Any:
        """An adapter that reaches the processor through the proxy."""
        timeout = send_timeout if send_timeout is not None else self._capabilities.send_timeout
        return self._make(
            self.proxy.url,
            api_key=_OLD_KEY if wrong_credentials else self._settings.api_key,
            webhook_secret=self._settings.webhook_secret,
            capabilities=attrs.evolve(self._capabilities, send_timeout=timeout),
            clock=self.clock.now,
        )

    def card(self, scenario: CardScenario) -> KitCard | None:
        """A test card, or one that was typed into a card page."""
        if scenario is CardScenario.WRONG_CUSTOMER:
            return attrs.evolve(self._typed_card(), customer_ref=_CUSTOMER)
        if scenario is CardScenario.DETACHED:
            card = self._typed_card()
            self._direct().detach_card(card.token)
            return card
        return KitCard(token=CardToken(card_of(_CARDS[scenario])), customer_ref=_CUSTOMER)

    def ledger(self, reference: str) -> Sequence[Movement]:
        """The processor's ledger, read beside its interface."""
        return [
            Movement(kind=MovementKind(entry.kind), amount=entry.amount)
            for entry in self.processor.desk.ledger()
            if entry.reference == reference
        ]

    def injecting(self, fault: Fault) -> AbstractContextManager[object]:
        """By the proxy."""
        return self.proxy.injecting(fault)

    def finish_setup(self, session: SetupSession, scenario: SetupScenario) -> None:
        """What the owner does on the page."""
        if scenario is SetupScenario.ENTERED:
            self.processor.desk.enter_card(session.session_ref)
        elif scenario is SetupScenario.ABANDONED:
            self.processor.desk.leave_session(session.session_ref)
        else:
            self.let_pass(self._settings.session_lifetime)

    def settle(self, reference: str, *, approved: bool) -> None:
        """What the bank does."""
        desk = self.processor.desk
        desk.settle(desk.charge_id(reference), "ok" if approved else "insufficient_funds")

    def confirm_action(self, reference: str) -> None:
        """What the cardholder does."""
        desk = self.processor.desk
        desk.cardholder_confirms(desk.charge_id(reference))

    def webhook(self, scenario: NoticeScenario, reference: str) -> tuple[bytes, Mapping[str, str]]:
        """Signed as the processor signs, or nearly so."""
        notice = {"id": "evt_kit", "kind": "charge.succeeded", "references": [reference]}
        secret, at = self._settings.webhook_secret, self.clock.now()
        if scenario is NoticeScenario.WRONG_SECRET:
            secret = b"whsec_of_somebody_else"
        elif scenario is NoticeScenario.STALE:
            at -= timedelta(days=1)
        if scenario is NoticeScenario.NOT_JSON:
            return signed_notice(b"references=" + reference.encode(), secret, at)
        return signed_notice(notice, secret, at)

    def now(self) -> datetime:
        """By the virtual clock."""
        return self.clock.now()

    def let_pass(self, time: timedelta) -> None:
        """By the virtual clock."""
        self.clock.advance(seconds=time.total_seconds())

    def _typed_card(self) -> KitCard:
        """A card of another customer each time."""
        session = self._direct().begin_card_setup(
            SetupRequest(
                setup_id=f"setup_{uuid4().hex}",
                account_id="account",
                return_url="https://host.example/",
                currency=self.price.currency.code,
            )
        )
        token = self.processor.desk.enter_card(session.session_ref)
        assert token is not None
        return KitCard(token=CardToken(token), customer_ref=session.customer_ref)

    def _direct(self) -> ReferenceGateway:
        """An adapter that nobody broke, past the proxy."""
        return ReferenceGateway(
            self.processor.url,
            api_key=self._settings.api_key,
            webhook_secret=self._settings.webhook_secret,
            clock=self.clock.now,
        )
