"""The defaults of adapters: what is not offered says so."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from billing_core.errors import CapabilityNotSupported
from billing_core.gateways.capabilities import Capabilities
from billing_core.gateways.port import (
    AsyncFencedGateway,
    AsyncPaymentGateway,
    BaseAsyncGateway,
    BaseGateway,
    FencedGateway,
    PaymentGateway,
)

#: The arguments are never looked at; any will do.
OPTIONAL: dict[str, tuple[Any, ...]] = {
    "find_charge": (None,),
    "cancel_charge": (None,),
    "refund": (None,),
    "find_refund": (None,),
    "describe_refund": ("re_1",),
    "describe_dispute": ("dp_1",),
    "list_charges": (None,),
    "begin_card_setup": (None,),
    "complete_card_setup": ("sess_1",),
    "describe_card": (None,),
    "detach_card": (None,),
    "parse_webhook": (b"", {}),
}


def outcome(call: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """What a call comes to, awaited if need be."""
    result = call(*arguments)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


@pytest.mark.parametrize("base", [BaseGateway, BaseAsyncGateway])
@pytest.mark.parametrize("operation", OPTIONAL)
def test_an_operation_that_is_not_offered_says_so(base: type[Any], operation: str) -> None:
    """By its name, so that a host knows what to declare or to leave."""
    with pytest.raises(
        CapabilityNotSupported, match=f"this gateway does not support '{operation}'"
    ) as caught:
        outcome(getattr(base(), operation), OPTIONAL[operation])
    assert operation == caught.value.operation


@pytest.mark.parametrize("base", [BaseGateway, BaseAsyncGateway])
def test_charging_has_no_default(base: type[Any]) -> None:
    """An adapter that can't charge is none; all else is there."""
    assert not hasattr(base, "charge")
    assert Capabilities() == base.capabilities


def operations(port: type[Any]) -> set[str]:
    """The public members of a port."""
    return {name for name in dir(port) if not name.startswith("_")}


def test_the_ports_are_twins() -> None:
    """The same names in both worlds, and defaults for everything but the charge itself."""
    assert operations(PaymentGateway) == operations(AsyncPaymentGateway)
    assert operations(FencedGateway) == operations(AsyncFencedGateway)
    assert {"charge"} == operations(PaymentGateway) - operations(BaseGateway)
    assert {"prepare_charge", "confirm_charge", "get_charge"} == operations(FencedGateway) - operations(
        PaymentGateway
    )
    assert set(OPTIONAL) | {"charge", "capabilities"} == operations(PaymentGateway)
