"""Simulations with one customer, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from billing_core.testing.simulator import Customer, Sale, SimulationConfig

__all__ = ["START", "small_config"]

START = datetime(2025, 1, 31, 9, tzinfo=UTC)


def small_config(**changes: Any) -> SimulationConfig:
    """One customer with one monthly license, one worker, right clocks, no webhooks."""
    given: dict[str, Any] = {
        "start": START,
        "days": 40,
        "customers": (Customer(name="A0", sales=(Sale(starts_after_days=1),)),),
        "clock_offsets_s": (0,),
        "sends_notices": False,
        **changes,
    }
    return SimulationConfig(**given)
