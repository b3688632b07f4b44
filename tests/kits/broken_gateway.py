"""How a broken gateway says which check is there to catch it, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, TypeVar

import attrs

from billing_core.gateways.capabilities import Capabilities
from billing_core.testing import REFERENCE_CAPABILITIES, ReferenceHarness
from billing_core.testing.gateway_kit.bench import GatewayCheck
from billing_core.testing.reference_gateway.wire import Call, Lost, Reply

__all__ = ["Catch", "broken_gateways", "catch_of", "caught_by", "cut_off", "harness_for"]

G = TypeVar("G", bound=type[Any])


@attrs.frozen(kw_only=True)
class Catch:
    """The check that catches a broken gateway, and what the kit is told about it."""

    check: GatewayCheck
    capabilities: Capabilities
    is_async: bool


_CATCHES: dict[type[Any], Catch] = {}


def caught_by(
    check: GatewayCheck, capabilities: Capabilities = REFERENCE_CAPABILITIES, *, is_async: bool = False
) -> Callable[[G], G]:
    """Others may catch the gateway as well; this one was written for it."""

    def note(gateway: G) -> G:
        _CATCHES[gateway] = Catch(check=check, capabilities=capabilities, is_async=is_async)
        return gateway

    return note


def catch_of(gateway: type[Any]) -> Catch:
    """What is there to catch a broken gateway."""
    return _CATCHES[gateway]


def broken_gateways(*rooms: ModuleType) -> Iterator[type[Any]]:
    """The broken gateways of some modules, in the order in which they stand there."""
    for room in rooms:
        yield from (value for value in vars(room).values() if isinstance(value, type) and value in _CATCHES)


def harness_for(gateway: type[Any]) -> ReferenceHarness:
    """The harness in which a broken gateway is tried; it waits for no time-out for long."""
    catch = catch_of(gateway)
    harness = ReferenceHarness(catch.capabilities, is_async=catch.is_async, make=gateway)
    harness.timing_slack /= 4
    return harness


def cut_off(reply: Reply | Lost) -> bool:
    """Whether there is no answer although the request went out, or none that the processor wrote."""
    return reply.was_sent if isinstance(reply, Lost) else not reply.body


def renamed(call: Call, key: str | None) -> Call:
    """The same call under another key."""
    return attrs.evolve(call, idempotency_key=key)
