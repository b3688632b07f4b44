"""
What a host supplies so that the kit can try its adapter.

The kit sees the adapter, and, through the harness, the world around it: the
processor's own ledger, the owner at the card page, the network in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import uuid4

import attrs

from billing_core.accounts.saved_card import CardToken
from billing_core.gateways.results import SetupSession
from billing_core.issues import Choice
from billing_core.testing.faults import Fault
from billing_core.testing.kit_report import CaseSkipped
from billing_core.values.money import Money
from billing_core.values.texts import Id
from billing_core.values.typed import Typed

__all__ = [
    "BaseGatewayHarness",
    "CardScenario",
    "GatewayHarness",
    "KitCard",
    "Movement",
    "MovementKind",
    "NoticeScenario",
    "SetupScenario",
]


class CardScenario(Choice):
    """A card that behaves so when it is charged without its holder."""

    OK = "ok"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    LOST_OR_STOLEN = "lost_or_stolen"
    EXPIRED = "expired"
    #: The cardholder withdrew the consent to recurring charges.
    REVOKED = "revoked"
    AUTHENTICATION_REQUIRED = "authentication_required"
    PENDING = "pending"
    #: Less is captured than was asked.
    PARTIAL = "partial"
    #: A good card of another customer than the one that the kit charges.
    WRONG_CUSTOMER = "wrong_customer"
    #: A card that was detached.
    DETACHED = "detached"


class SetupScenario(Choice):
    """How an owner's visit to the card page ends."""

    ENTERED = "entered"
    ABANDONED = "abandoned"
    EXPIRED = "expired"


class NoticeScenario(Choice):
    """A webhook as it arrives. What can be made of a good one, such as a changed body, the kit makes."""

    GOOD = "good"
    WRONG_SECRET = "wrong_secret"  # noqa: S105 - a scenario, not a secret
    #: Signed a day ago.
    STALE = "stale"
    #: Signed, and no JSON.
    NOT_JSON = "not_json"


class MovementKind(Choice):
    """What money did at the processor."""

    CHARGE = "charge"
    REFUND = "refund"


@attrs.frozen(kw_only=True)
class KitCard(Typed):
    """A card to charge, and the processor's customer it belongs to."""

    token: CardToken
    customer_ref: Id | None = None


@attrs.frozen(kw_only=True)
class Movement(Typed):
    """Money that really moved: one line of the processor's ledger."""

    kind: MovementKind
    amount: Money


class GatewayHarness(Protocol):
    """
    One processor, set up for the kit.

    Derive from `BaseGatewayHarness`, which leaves out what you can't offer.

    Attributes:
        name: what the report is called.
        is_async: whether `make_gateway` makes adapters for asyncio.
        price: what the kit charges, or up to 500 minor units more; at least the minimum of its currency.
        short_timeout: a ``send_timeout`` that the kit can wait for.
        timing_slack: how much later than that a result may come, on a busy machine.
        secrets: what must never be printed: API keys, webhook secrets.
        run_id: different for each run against the same processor, so that no key is used twice.
    """

    name: str
    is_async: bool
    price: Money
    short_timeout: timedelta
    timing_slack: timedelta
    secrets: Sequence[str]
    run_id: str

    def make_gateway(self, *, send_timeout: timedelta | None = None, wrong_credentials: bool = False) -> Any:
        """
        A fresh adapter, which shares no memory with those made before.

        Args:
            send_timeout: to be used, and declared, instead of the usual one.
            wrong_credentials: with a key that the processor does not take.
        """
        ...

    def card(self, scenario: CardScenario) -> KitCard | None:
        """A card that behaves so; ``None`` if the processor has none for tests."""
        ...

    def ledger(self, reference: str) -> Sequence[Movement]:
        """What really moved for a charge reference, oldest first - not asked through the adapter."""
        ...

    def injecting(self, fault: Fault) -> AbstractContextManager[object]:
        """Break the requests that adapters send inside the block; `FaultProxy.injecting` does it."""
        ...

    def finish_setup(self, session: SetupSession, scenario: SetupScenario) -> None:
        """Do what the owner does on the card page."""
        ...

    def settle(self, reference: str, *, approved: bool) -> None:
        """Let a pending charge come to its end."""
        ...

    def confirm_action(self, reference: str) -> None:
        """Do what the cardholder does when asked: confirm."""
        ...

    def webhook(self, scenario: NoticeScenario, reference: str) -> tuple[bytes, Mapping[str, str]]:
        """A notice about a charge: raw body and headers."""
        ...

    def now(self) -> datetime:
        """The processor's time."""
        ...

    def let_pass(self, time: timedelta) -> None:
        """Let this much time pass at the processor, by a virtual clock or by waiting."""
        ...


class BaseGatewayHarness:
    """
    Defaults for harnesses: what is left out skips the cases that need it, with a reason.

    A subclass has at least ``name``, `make_gateway`, `card` and `ledger`. It is a context manager: one that
    starts something in ``__enter__`` ends it in ``__exit__``.
    """

    name = "a gateway"
    is_async = False
    price = Money.of("11.53", "USD")
    short_timeout = timedelta(seconds=1)
    timing_slack = timedelta(seconds=2)
    secrets: Sequence[str] = ()

    def __init__(self) -> None:
        self.run_id = uuid4().hex

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to close."""

    def injecting(self, fault: Fault) -> AbstractContextManager[object]:
        """Left out."""
        raise CaseSkipped("the harness can't break the network; give it a FaultProxy")

    def finish_setup(self, session: SetupSession, scenario: SetupScenario) -> None:
        """Left out."""
        raise CaseSkipped("the harness can't fill in the card page")

    def settle(self, reference: str, *, approved: bool) -> None:
        """Left out."""
        raise CaseSkipped("the harness can't settle pending charges")

    def confirm_action(self, reference: str) -> None:
        """Left out."""
        raise CaseSkipped("the harness can't confirm for the cardholder")

    def webhook(self, scenario: NoticeScenario, reference: str) -> tuple[bytes, Mapping[str, str]]:
        """Left out."""
        raise CaseSkipped("the harness has no webhooks")

    def now(self) -> datetime:
        """The machine's time."""
        return datetime.now(UTC)

    def let_pass(self, time: timedelta) -> None:
        """Left out."""
        raise CaseSkipped("the harness can't let time pass")
