"""What a host needs to test its own billing: a clock, a processor in memory, strategies."""

from billing_core.testing.clock import ManualClock
from billing_core.testing.gateways import AsyncScriptedGateway, Capture, ScriptedGateway
from billing_core.testing.kit_report import Case, CaseOutcome, CaseSkipped, KitReport

__all__ = [
    "AsyncScriptedGateway",
    "Capture",
    "Case",
    "CaseOutcome",
    "CaseSkipped",
    "KitReport",
    "ManualClock",
    "ScriptedGateway",
]
