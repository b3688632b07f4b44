"""What a host needs to test its own billing: a clock, a processor in memory, strategies."""

from billing_core.testing.clock import ManualClock
from billing_core.testing.gateways import AsyncScriptedGateway, Capture, ScriptedGateway

__all__ = ["AsyncScriptedGateway", "Capture", "ManualClock", "ScriptedGateway"]
