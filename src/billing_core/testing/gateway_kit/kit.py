"""The thirty cases in their order, and what runs them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import ClassVar

from billing_core.gateways.capabilities import Capabilities, GatewayGrade
from billing_core.testing.gateway_kit.bench import Bench, GatewayCheck
from billing_core.testing.gateway_kit.capability_case import check_capabilities
from billing_core.testing.gateway_kit.card_cases import check_card_setup, check_cards_gone
from billing_core.testing.gateway_kit.charge_cases import (
    check_changed_request,
    check_charge,
    check_hard_declines,
    check_minor_units,
    check_new_card_after_decline,
    check_next_period,
    check_reported_amount,
    check_requires_action,
    check_same_key,
    check_soft_decline,
)
from billing_core.testing.gateway_kit.harness import GatewayHarness
from billing_core.testing.gateway_kit.later_cases import (
    check_abandoned_call,
    check_fresh_process,
    check_look_up_lag,
    check_pending_settles,
    check_same_key_at_once,
    check_unknown_reference,
)
from billing_core.testing.gateway_kit.lost_cases import (
    check_lost_request,
    check_lost_response,
    check_refused_connection,
    check_server_errors,
    check_stalled_response,
    check_throttling,
    check_unreadable_answers,
)
from billing_core.testing.gateway_kit.money_back_cases import check_refunds, check_webhooks
from billing_core.testing.gateway_kit.secret_cases import check_nothing_leaks, check_wrong_credentials
from billing_core.testing.kit_report import (
    Case,
    CaseOutcome,
    KitReport,
    add_tests,
    as_test,
    case_name,
    run_case,
)

__all__ = ["GATEWAY_CHECKS", "GatewayKitTests", "run_async_gateway_kit", "run_gateway_kit"]

#: All cases; the first has number 1.
GATEWAY_CHECKS: tuple[GatewayCheck, ...] = (
    check_charge,
    check_soft_decline,
    check_hard_declines,
    check_requires_action,
    check_same_key,
    check_changed_request,
    check_next_period,
    check_new_card_after_decline,
    check_lost_response,
    check_lost_request,
    check_server_errors,
    check_unreadable_answers,
    check_stalled_response,
    check_throttling,
    check_refused_connection,
    check_unknown_reference,
    check_wrong_credentials,
    check_refunds,
    check_webhooks,
    check_minor_units,
    check_nothing_leaks,
    check_same_key_at_once,
    check_reported_amount,
    check_pending_settles,
    check_look_up_lag,
    check_card_setup,
    check_cards_gone,
    check_capabilities,
    check_abandoned_call,
    check_fresh_process,
)

#: What each grade adds to the one below it, as names of cases.
_PROOFS: Mapping[GatewayGrade, tuple[str, ...]] = {
    GatewayGrade.KEYED: ("same_key", "changed_request", "next_period", "same_key_at_once", "capabilities"),
    GatewayGrade.KEYED_WITH_LOOKUP: (
        "lost_response",
        "lost_request",
        "unknown_reference",
        "look_up_lag",
        "fresh_process",
    ),
    # The fence itself is tried within the case of the capabilities, if it is declared.
    GatewayGrade.FENCED: (),
}


def run_gateway_kit(harness: GatewayHarness, *, strict: bool = False) -> KitReport:
    """
    Run all cases against one adapter.

    Args:
        harness: the adapter, and the world around it.
        strict: count what was skipped as failed.

    Returns:
        The report; `KitReport.ensure_ok` raises with the table, and ``str`` is the table.
    """
    cases = tuple(
        run_case(number, case_name(check), lambda check=check: check(harness))  # type: ignore[misc]
        for number, check in enumerate(GATEWAY_CHECKS, start=1)
    )
    declared = _declared(harness)
    report = KitReport(
        title=f"gateway kit: {harness.name}",
        facts=(("grade", _grade_text(declared.grade, cases)),),
        cases=cases,
    )
    return report.strict() if strict else report


async def run_async_gateway_kit(harness: GatewayHarness, *, strict: bool = False) -> KitReport:
    """`run_gateway_kit` for a caller that must not wait: it runs in a thread, with a loop of its own."""
    return await asyncio.to_thread(run_gateway_kit, harness, strict=strict)


class GatewayKitTests:
    """
    Each check as a test method, for pytest and unittest.

    Subclass it as ``TestMyGateway``, and say how to get a harness, which is entered for each test::

        class TestMyGateway(GatewayKitTests):
            def make_harness(self):
                return MyHarness()

    With unittest, derive from `unittest.TestCase` as well.

    Attributes:
        strict: fail what would be skipped.
    """

    strict: ClassVar[bool] = False

    def make_harness(self) -> AbstractContextManager[GatewayHarness]:
        """A new harness; called by each test."""
        raise NotImplementedError

    def _run(self, check: GatewayCheck) -> None:
        with as_test(strict=self.strict), self.make_harness() as harness:
            check(harness)


def _declared(harness: GatewayHarness) -> Capabilities:
    bench = Bench(harness)
    try:
        return bench.capabilities
    finally:
        bench.close()


def _grade_text(declared: GatewayGrade, cases: tuple[Case, ...]) -> str:
    proven = _proven(declared, {case.name for case in cases if case.outcome is CaseOutcome.PASS})
    if proven is declared:
        return f"{declared.value}, declared and probed"
    return f"{declared.value} declared, only {proven.value} probed"


def _proven(declared: GatewayGrade, passed: set[str]) -> GatewayGrade:
    """The highest grade, up to the declared one, all of whose cases passed."""
    proven = GatewayGrade.NONE
    for grade, proofs in _PROOFS.items():
        if proven is declared or not passed.issuperset(proofs):
            break
        proven = grade
    return proven


add_tests(GatewayKitTests, GATEWAY_CHECKS)
