"""
A deterministic simulation of a billing host, with faults: for this library, and for a host's own parts.

`python -m billing_core.testing.simulator` plays seeds; the names below do the same from a test.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from billing_core.testing.simulator.campaign import Campaign, run_seed
    from billing_core.testing.simulator.config import Customer, GatewayTerms, Sale, SimulationConfig
    from billing_core.testing.simulator.failure import Failure
    from billing_core.testing.simulator.faults import FAULTS, DrawnFaults, Fault, GivenFaults
    from billing_core.testing.simulator.gateway import GatewayModel, SimulatedGateway
    from billing_core.testing.simulator.profiles import Profile, draw_config
    from billing_core.testing.simulator.shrinking import shrink
    from billing_core.testing.simulator.simulation import Simulation, SimulationResult

#: Public name -> the module that holds it.
_HOME = {
    "Campaign": "campaign",
    "Customer": "config",
    "DrawnFaults": "faults",
    "FAULTS": "faults",
    "Failure": "failure",
    "Fault": "faults",
    "GatewayModel": "gateway",
    "GatewayTerms": "config",
    "GivenFaults": "faults",
    "Profile": "profiles",
    "Sale": "config",
    "SimulatedGateway": "gateway",
    "Simulation": "simulation",
    "SimulationConfig": "config",
    "SimulationResult": "simulation",
    "draw_config": "profiles",
    "run_seed": "campaign",
    "shrink": "shrinking",
}

__all__ = [
    "FAULTS",
    "Campaign",
    "Customer",
    "DrawnFaults",
    "Failure",
    "Fault",
    "GatewayModel",
    "GatewayTerms",
    "GivenFaults",
    "Profile",
    "Sale",
    "SimulatedGateway",
    "Simulation",
    "SimulationConfig",
    "SimulationResult",
    "draw_config",
    "run_seed",
    "shrink",
]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return list(__all__)
