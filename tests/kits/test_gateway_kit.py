"""The gateway kit itself: sound adapters pass, every broken one is caught, and each check catches one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from billing_core.testing import (
    FENCED_CAPABILITIES,
    GATEWAY_CHECKS,
    REFERENCE_CAPABILITIES,
    CaseSkipped,
    ReferenceHarness,
    run_async_gateway_kit,
    run_gateway_kit,
)
from billing_core.testing.gateway_kit.bench import GatewayCheck
from tests.kits import broken_answers, broken_charges, broken_services
from tests.kits.broken_gateway import broken_gateways, catch_of, harness_for

BROKEN = tuple(broken_gateways(broken_charges, broken_answers, broken_services))


@pytest.mark.parametrize("broken", BROKEN, ids=lambda gateway: gateway.__name__)
def test_a_broken_gateway_is_caught(broken: type[Any]) -> None:
    """By the check that is there for it: by what it finds, or by what the adapter raises."""
    with harness_for(broken) as harness, pytest.raises(Exception) as caught:  # noqa: PT011 - an adapter's own
        catch_of(broken).check(harness)
    assert not isinstance(caught.value, CaseSkipped)
