"""What the adapters declare about the reference processor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from billing_core.errors import CapabilityNotSupported
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.testing.reference_gateway.results import TOKEN_GRAMMAR
from billing_core.testing.reference_processor.settings import ProcessorSettings

__all__ = ["FENCED_CAPABILITIES", "REFERENCE_CAPABILITIES", "Connection"]

_SETTINGS = ProcessorSettings()

#: One call that makes and captures a charge.
REFERENCE_CAPABILITIES = Capabilities(
    grade=GatewayGrade.KEYED_WITH_LOOKUP,
    operations=frozenset(Operation),
    currencies=frozenset(_SETTINGS.minimum_amounts),
    minimum_amounts=_SETTINGS.minimum_amounts,
    token_grammar=TOKEN_GRAMMAR,
    key_retention=_SETTINGS.key_retention,
    send_timeout=timedelta(seconds=10),
    look_up_lag=timedelta(minutes=1),
    action_lifetime=_SETTINGS.action_lifetime,
    partial_approval=True,
)

#: The same processor, with charges that are prepared and confirmed in two calls.
FENCED_CAPABILITIES = attrs.evolve(REFERENCE_CAPABILITIES, grade=GatewayGrade.FENCED)


@attrs.frozen(kw_only=True, repr=False)
class Connection:
    """How an adapter reaches the processor. Its text never shows a key."""

    base_url: str
    api_key: str
    webhook_secret: bytes
    clock: Callable[[], datetime]

    def __repr__(self) -> str:
        return f"Connection({self.base_url})"


def require(capabilities: Capabilities, operation: Operation) -> None:
    """
    Refuse what was not declared.

    Raises:
        CapabilityNotSupported: the operation's name.
    """
    if not capabilities.supports(operation):
        raise CapabilityNotSupported(operation.value)


def require_fence(capabilities: Capabilities, operation: str) -> None:
    """
    Refuse the two-step charge of a gateway that did not declare it.

    Raises:
        CapabilityNotSupported: the operation's name.
    """
    if capabilities.grade is not GatewayGrade.FENCED:
        raise CapabilityNotSupported(operation)
