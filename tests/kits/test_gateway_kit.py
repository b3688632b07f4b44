"""The gateway kit itself: sound adapters pass, every broken one is caught, and each check catches one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from unittest import SkipTest

import attrs
import pytest

from billing_core.accounts.saved_card import CardToken
from billing_core.errors import CapabilityNotSupported, GatewayRequestError
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.gateways.results import ChargeRequest, ChargeResult, Outcome, RefundRequest, RefundResult
from billing_core.testing import (
    FENCED_CAPABILITIES,
    GATEWAY_CHECKS,
    REFERENCE_CAPABILITIES,
    BaseGatewayHarness,
    CardScenario,
    Case,
    GatewayHarness,
    GatewayKitTests,
    KitCard,
    KitReport,
    Movement,
    MovementKind,
    ReferenceGateway,
    ReferenceHarness,
    run_async_gateway_kit,
    run_gateway_kit,
)
from billing_core.testing.gateway_kit import capability_case
from billing_core.testing.gateway_kit.bench import Bench
from billing_core.testing.kit_report import case_name, run_case
from tests.kits import broken_answers, broken_charges, broken_promises, broken_services
from tests.kits.broken_gateway import broken_gateways, catch_of, harness_for
from tools.render_gateway_kit import PAGE, with_tables

BROKEN = tuple(broken_gateways(broken_charges, broken_answers, broken_services, broken_promises))
CALLED_ONLY = Capabilities(grade=GatewayGrade.NONE, operations=frozenset(), key_retention=None)
KEYED_ONLY = attrs.evolve(REFERENCE_CAPABILITIES, grade=GatewayGrade.KEYED, operations=frozenset())


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(
    "capabilities", [REFERENCE_CAPABILITIES, FENCED_CAPABILITIES], ids=["keyed_with_lookup", "fenced"]
)
def test_the_reference_adapters_pass_every_check(capabilities: Capabilities, is_async: bool) -> None:
    """Thirty of thirty, without a skip, in both flavors and at both grades."""
    with ReferenceHarness(capabilities, is_async=is_async) as harness:
        report = run_gateway_kit(harness, strict=True).ensure_ok()

    assert (30, 0) == (len(report.passed), len(report.skipped))
    assert (("grade", f"{capabilities.grade.value}, declared and probed"),) == report.facts
    assert f"gateway kit: {harness.name}" == report.title


@pytest.mark.parametrize("broken", BROKEN, ids=lambda gateway: gateway.__name__)
def test_a_broken_gateway_is_caught(broken: type[Any]) -> None:
    """By the check that is there for it, in words."""
    with harness_for(broken) as harness, pytest.raises(AssertionError, match=" "):
        catch_of(broken).check(harness)


def test_each_check_catches_a_broken_gateway() -> None:
    """A check that catches nothing would be of no use."""
    assert list(GATEWAY_CHECKS) == [
        check for check in GATEWAY_CHECKS if check in {catch_of(gateway).check for gateway in BROKEN}
    ]


def test_the_page_lists_checks_and_broken_gateways() -> None:
    """Run ``python tools/render_gateway_kit.py --write`` after a change."""
    assert PAGE.read_text() == with_tables(PAGE.read_text())


def test_checks_say_what_an_adapter_must_do() -> None:
    """Thirty names, and a sentence for each."""
    assert 30 == len({case_name(check) for check in GATEWAY_CHECKS})
    assert all((check.__doc__ or "").endswith(".") for check in GATEWAY_CHECKS)


def test_a_running_loop_may_wait_for_the_kit() -> None:
    """The report is the same; a broken promise lowers the grade, and hides nothing."""

    async def run() -> KitReport:
        with ReferenceHarness(make=broken_answers.LookUpByReferenceAlone) as harness:
            return await run_async_gateway_kit(harness)

    report = asyncio.run(run())
    assert (("grade", "keyed_with_lookup declared, only keyed probed"),) == report.facts
    assert {"unknown_reference"} == {case.name for case in report.failed}
    assert 30 == len(report.cases)


# -- adapters that can do less --------------------------------------------------------------


class CallsOnly:
    """A processor that only charges: no keys, no look-up, no cards."""

    def __init__(self, ledger: list[ChargeRequest], send_timeout: timedelta) -> None:
        self._ledger = ledger
        self.capabilities = attrs.evolve(CALLED_ONLY, send_timeout=send_timeout)

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """Capture."""
        self._ledger.append(request)
        return ChargeResult.succeeded(request.amount, gateway_ref=f"ch_{len(self._ledger)}")

    def __getattr__(self, name: str) -> Any:
        def refuse(*arguments: Any) -> Any:
            raise CapabilityNotSupported(name)

        return refuse


class CallsOnlyHarness(BaseGatewayHarness):
    """The least that a harness can be."""

    name = "calls only"

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[ChargeRequest] = []

    def make_gateway(
        self, *, send_timeout: timedelta | None = None, wrong_credentials: bool = False
    ) -> CallsOnly:
        """The adapter."""
        return CallsOnly(self.requests, send_timeout or timedelta(seconds=10))

    def card(self, scenario: CardScenario) -> KitCard | None:
        """One good card."""
        return KitCard(token=CardToken("card_1")) if scenario is CardScenario.OK else None

    def ledger(self, reference: str) -> list[Movement]:
        """What was asked for."""
        return [
            Movement(kind=MovementKind.CHARGE, amount=request.amount)
            for request in self.requests
            if request.reference == reference
        ]


def test_what_can_not_be_tried_is_skipped_with_a_reason() -> None:
    """No network to break, no test cards, nothing declared: what is left passes."""
    with CallsOnlyHarness() as harness:
        report = run_gateway_kit(harness)
    outcomes = {case.name: (case.outcome.value, case.reason) for case in report.cases}
    assert ("pass", None) == outcomes["charge"] == outcomes["next_period"]
    assert ("skip", "the declared grade has no idempotency keys") == outcomes["same_key"]
    assert ("skip", "find_charge is not declared") == outcomes["look_up_lag"]
    assert ("skip", "the harness has no card that is insufficient_funds") == outcomes["soft_decline"]
    assert ("skip", "partial_approval is not declared") == outcomes["reported_amount"]
    assert ("skip", "the harness can't break the network; give it a FaultProxy") == outcomes["lost_response"]
    assert "the rest passed, but the harness has no card" in (outcomes["hard_declines"][1] or "")
    # A key that is wrong is not noticed: that is a finding, and no skip.
    assert {"wrong_credentials"} == {case.name for case in report.failed}
    assert (("grade", "none, declared and probed"),) == report.facts
    assert len(report.skipped) == len(report.strict().failed) - 1


def test_a_base_harness_leaves_out_what_it_can_not_offer() -> None:
    """Each default says what is missing; the clock is the machine's."""
    harness: GatewayHarness = CallsOnlyHarness()
    session = ReferenceHarness  # any object: it is not looked at
    for call, reason in (
        (lambda: harness.finish_setup(session, "entered"), "card page"),  # type: ignore[arg-type]
        (lambda: harness.settle("ref_1", approved=True), "settle"),
        (lambda: harness.confirm_action("ref_1"), "confirm"),
        (lambda: harness.webhook("good", "ref_1"), "webhooks"),  # type: ignore[arg-type]
        (lambda: harness.let_pass(timedelta(1)), "time"),
    ):
        with pytest.raises(Exception, match=reason):
            call()
    assert harness.now().tzinfo is not None


def test_a_gateway_with_keys_only_passes_what_applies() -> None:
    """Without a look-up, repeats prove the charge; without refunds and cards, those cases are left out."""
    with ReferenceHarness(KEYED_ONLY, is_async=True) as harness:
        report = run_gateway_kit(harness).ensure_ok()
    assert (("grade", "keyed, declared and probed"),) == report.facts
    skipped = {case.name for case in report.skipped}
    assert {"unknown_reference", "refunds", "webhooks", "pending_settles", "card_setup"} <= skipped
    assert {"lost_response", "requires_action", "abandoned_call", "cards_gone"}.isdisjoint(skipped)
    with ReferenceHarness(KEYED_ONLY) as harness:
        assert "pass" == _case(harness, "abandoned_call").outcome.value


@pytest.mark.parametrize(
    ("check", "missing", "passes"),
    [
        ("refunds", {Operation.FIND_REFUND}, "skip"),
        ("cards_gone", {Operation.CARD_SETUP}, "skip"),
        ("cards_gone", {Operation.DESCRIBE_CARD}, "pass"),
        ("card_setup", {Operation.DESCRIBE_CARD}, "pass"),
        ("capabilities", {Operation.LIST_CHARGES, Operation.REFUND}, "pass"),
    ],
)
def test_parts_that_do_not_apply_are_left_out(check: str, missing: set[Operation], passes: str) -> None:
    """A case whose part can't be tried says so; one that needs nothing of it passes."""
    capabilities = attrs.evolve(REFERENCE_CAPABILITIES, operations=frozenset(Operation) - missing)
    with ReferenceHarness(capabilities) as harness:
        assert passes == _case(harness, check).outcome.value


@pytest.mark.parametrize(("currencies", "outcome"), [({"USD"}, "skip"), ({"USD", "JPY"}, "pass")])
def test_declared_currencies_are_tried(currencies: set[str], outcome: str) -> None:
    """Those that are declared, as far as they have other units; the rest must be refused."""
    capabilities = attrs.evolve(REFERENCE_CAPABILITIES, currencies=frozenset(currencies))
    with ReferenceHarness(capabilities) as harness:
        assert outcome == _case(harness, "minor_units").outcome.value
        assert "pass" == _case(harness, "capabilities").outcome.value


class RoughGateway(ReferenceGateway):
    """Raises wherever the port allows it."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """No answer escapes; a card that is gone is a refused request."""
        result = super().charge(request)
        if result.outcome is Outcome.UNKNOWN:
            raise ConnectionError("no answer")
        if result.decline is not None and result.decline.gateway_code == "card_not_usable":
            raise GatewayRequestError("no such card")
        return result

    def refund(self, request: RefundRequest, /) -> RefundResult:
        """No answer escapes; what can't be given back is a refused request."""
        result = super().refund(request)
        if result.outcome is Outcome.UNKNOWN:
            raise ConnectionError("no answer")
        if result.outcome is Outcome.DECLINED:
            raise GatewayRequestError("not so much")
        return result


def test_an_adapter_may_raise_where_the_port_allows_it() -> None:
    """What escapes is unknown to the library, and to the kit."""
    with ReferenceHarness(make=RoughGateway) as harness:
        run_gateway_kit(harness, strict=True).ensure_ok()


def test_a_gateway_without_keys_passes_what_applies() -> None:
    """Nothing is sent twice; a look-up may find a lost charge all the same."""
    capabilities = attrs.evolve(REFERENCE_CAPABILITIES, grade=GatewayGrade.NONE, key_retention=None)
    with ReferenceHarness(capabilities) as harness:
        report = run_gateway_kit(harness).ensure_ok()
    assert ["same_key", "changed_request", "same_key_at_once"] == [case.name for case in report.skipped]


@pytest.mark.parametrize("grade", [GatewayGrade.KEYED_WITH_LOOKUP, GatewayGrade.FENCED])
def test_a_duplicate_detector_is_no_obstacle(grade: GatewayGrade) -> None:
    """The kit's own charges don't look like repeats, but for those that are meant to."""
    capabilities = attrs.evolve(REFERENCE_CAPABILITIES, grade=grade, duplicate_window=timedelta(seconds=30))
    with ReferenceHarness(capabilities) as harness:
        run_gateway_kit(harness, strict=True).ensure_ok()


def test_every_operation_is_tried() -> None:
    """What the port gains, the kit must try."""
    with ReferenceHarness() as harness:
        assert set(Operation) == set(capability_case.calls_of(Bench(harness)))


def test_a_harness_without_time_leaves_the_retention_out() -> None:
    """Nineteen hours can't be waited for at a real processor."""

    class Slow(ReferenceHarness):
        def let_pass(self, time: timedelta) -> None:
            if time > timedelta(hours=1):
                BaseGatewayHarness.let_pass(self, time)
            super().let_pass(time)

    with Slow() as harness:
        assert "key_retention was not tried" in (_case(harness, "capabilities").reason or "")


# -- as tests ----------------------------------------------------------------------------------


def test_the_kit_is_thirty_tests() -> None:
    """Each check is a method that a test runner finds, with its sentence."""

    class OwnGateway(GatewayKitTests):
        def make_harness(self) -> ReferenceHarness:
            return ReferenceHarness()

    methods = [name for name in vars(GatewayKitTests) if name.startswith("test_")]
    assert [f"test_{case_name(check)}" for check in GATEWAY_CHECKS] == methods
    OwnGateway().test_charge()  # type: ignore[attr-defined]
    assert GATEWAY_CHECKS[0].__doc__ == OwnGateway.test_charge.__doc__  # type: ignore[attr-defined]


def test_skips_are_skips_of_the_framework() -> None:
    """Skipped where a case does not apply, failed if that is strict, and never passed in silence."""

    class Lenient(GatewayKitTests):
        def make_harness(self) -> CallsOnlyHarness:
            return CallsOnlyHarness()

    class Strict(Lenient):
        strict = True

    with pytest.raises(SkipTest, match="idempotency keys"):
        Lenient().test_same_key()  # type: ignore[attr-defined]
    with pytest.raises(AssertionError, match="idempotency keys"):
        Strict().test_same_key()  # type: ignore[attr-defined]
    with pytest.raises(NotImplementedError):
        GatewayKitTests().make_harness()


def _case(harness: ReferenceHarness, name: str) -> Case:
    checks = {case_name(check): check for check in GATEWAY_CHECKS}
    return run_case(1, name, lambda: checks[name](harness))
