"""
What a host needs to test its own billing: a clock, processors in memory and on a port, kits, strategies.

Names load on first use, so that a test with a clock pays for no web server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from billing_core.testing.clock import ManualClock
    from billing_core.testing.fault_proxy import FaultProxy, ProxiedRequest
    from billing_core.testing.faults import Fault
    from billing_core.testing.gateway_kit.harness import (
        BaseGatewayHarness,
        CardScenario,
        GatewayHarness,
        KitCard,
        Movement,
        MovementKind,
        NoticeScenario,
        SetupScenario,
    )
    from billing_core.testing.gateway_kit.kit import (
        GATEWAY_CHECKS,
        GatewayKitTests,
        run_async_gateway_kit,
        run_gateway_kit,
    )
    from billing_core.testing.gateway_kit.reference import ReferenceHarness
    from billing_core.testing.gateways import AsyncScriptedGateway, Capture, ScriptedGateway
    from billing_core.testing.kit_report import Case, CaseOutcome, CaseSkipped, KitReport
    from billing_core.testing.reference_gateway.async_gateway import AsyncReferenceGateway
    from billing_core.testing.reference_gateway.declared import FENCED_CAPABILITIES, REFERENCE_CAPABILITIES
    from billing_core.testing.reference_gateway.gateway import ReferenceGateway
    from billing_core.testing.reference_processor.books import (
        LedgerClock,
        ProcessorEntry,
        ledger_entries,
        read_ledger,
    )
    from billing_core.testing.reference_processor.processor import Processor
    from billing_core.testing.reference_processor.server import ReferenceProcessor
    from billing_core.testing.reference_processor.settings import ProcessorSettings
    from billing_core.testing.store_kit import StoreHarness, StoreKitTests, run_store_kit

#: Public name -> the module that holds it.
_HOME = {
    "AsyncReferenceGateway": "reference_gateway.async_gateway",
    "AsyncScriptedGateway": "gateways",
    "BaseGatewayHarness": "gateway_kit.harness",
    "Capture": "gateways",
    "CardScenario": "gateway_kit.harness",
    "Case": "kit_report",
    "CaseOutcome": "kit_report",
    "CaseSkipped": "kit_report",
    "FENCED_CAPABILITIES": "reference_gateway.declared",
    "Fault": "faults",
    "FaultProxy": "fault_proxy",
    "GATEWAY_CHECKS": "gateway_kit.kit",
    "GatewayHarness": "gateway_kit.harness",
    "GatewayKitTests": "gateway_kit.kit",
    "KitCard": "gateway_kit.harness",
    "KitReport": "kit_report",
    "LedgerClock": "reference_processor.books",
    "ManualClock": "clock",
    "Movement": "gateway_kit.harness",
    "MovementKind": "gateway_kit.harness",
    "NoticeScenario": "gateway_kit.harness",
    "Processor": "reference_processor.processor",
    "ProcessorEntry": "reference_processor.books",
    "ProcessorSettings": "reference_processor.settings",
    "ProxiedRequest": "fault_proxy",
    "REFERENCE_CAPABILITIES": "reference_gateway.declared",
    "ReferenceGateway": "reference_gateway.gateway",
    "ReferenceHarness": "gateway_kit.reference",
    "ReferenceProcessor": "reference_processor.server",
    "ScriptedGateway": "gateways",
    "SetupScenario": "gateway_kit.harness",
    "StoreHarness": "store_kit",
    "StoreKitTests": "store_kit",
    "ledger_entries": "reference_processor.books",
    "read_ledger": "reference_processor.books",
    "run_async_gateway_kit": "gateway_kit.kit",
    "run_gateway_kit": "gateway_kit.kit",
    "run_store_kit": "store_kit",
}

__all__ = [
    "FENCED_CAPABILITIES",
    "GATEWAY_CHECKS",
    "REFERENCE_CAPABILITIES",
    "AsyncReferenceGateway",
    "AsyncScriptedGateway",
    "BaseGatewayHarness",
    "Capture",
    "CardScenario",
    "Case",
    "CaseOutcome",
    "CaseSkipped",
    "Fault",
    "FaultProxy",
    "GatewayHarness",
    "GatewayKitTests",
    "KitCard",
    "KitReport",
    "LedgerClock",
    "ManualClock",
    "Movement",
    "MovementKind",
    "NoticeScenario",
    "Processor",
    "ProcessorEntry",
    "ProcessorSettings",
    "ProxiedRequest",
    "ReferenceGateway",
    "ReferenceHarness",
    "ReferenceProcessor",
    "ScriptedGateway",
    "SetupScenario",
    "StoreHarness",
    "StoreKitTests",
    "ledger_entries",
    "read_ledger",
    "run_async_gateway_kit",
    "run_gateway_kit",
    "run_store_kit",
]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
