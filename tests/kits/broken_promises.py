"""Gateways that declare what is not true, or whose fence does not hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any, ClassVar

import attrs

from billing_core.advice import Advice
from billing_core.errors import CapabilityNotSupported
from billing_core.gateways.capabilities import Operation
from billing_core.gateways.listing import ChargePage
from billing_core.gateways.results import (
    ChargeNotFound,
    ChargeRequest,
    ChargeResult,
    Outcome,
    RefundRequest,
    RefundResult,
)
from billing_core.gateways.webhooks import DisputeDetails, DisputeStatus, RefundDetails
from billing_core.testing import FENCED_CAPABILITIES, REFERENCE_CAPABILITIES, ReferenceGateway
from billing_core.testing.gateway_kit import capability_case
from billing_core.testing.reference_gateway.wire import Call
from billing_core.values.money import Money
from tests.kits.broken_gateway import caught_by

# -- the declaration -------------------------------------------------------------------------------


class _Declares(ReferenceGateway):
    """Declares something else than it is told."""

    declared: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.capabilities = attrs.evolve(self.capabilities, **self.declared)


@caught_by(capability_case.check_capabilities)
class DeclaresWhatItLacks(ReferenceGateway):
    """Declares refunds, and has none."""

    def refund(self, request: RefundRequest, /) -> RefundResult:
        raise CapabilityNotSupported("refund")


@caught_by(capability_case.check_capabilities)
class LacksWhatItHas(_Declares):
    """Does not declare the refunds that it makes."""

    declared: ClassVar = {"operations": frozenset(Operation) - {Operation.REFUND}}

    def refund(self, request: RefundRequest, /) -> RefundResult:
        return RefundResult(outcome=Outcome.SUCCEEDED, amount=request.amount)


@caught_by(capability_case.check_capabilities)
class InventsRefunds(ReferenceGateway):
    """Describes whatever it is asked about."""

    def describe_refund(self, gateway_ref: str, /) -> RefundDetails | None:
        return RefundDetails(gateway_ref=gateway_ref, charge_ref="ch_1", amount=Money.of("1", "USD"))


@caught_by(capability_case.check_capabilities)
class InventsDisputes(ReferenceGateway):
    """Has lost every dispute that it is asked about."""

    def describe_dispute(self, gateway_ref: str, /) -> DisputeDetails | None:
        return DisputeDetails(
            gateway_ref=gateway_ref, charge_ref="ch_1", status=DisputeStatus.LOST, amount=Money.of("1", "USD")
        )


@caught_by(capability_case.check_capabilities)
class StaleMinimum(_Declares):
    """Declares last year's minimum amounts."""

    declared: ClassVar = {"minimum_amounts": {"USD": 10}}


@caught_by(capability_case.check_capabilities)
class DeclaresALongMemory(_Declares):
    """Declares that keys are remembered for a week."""

    declared: ClassVar = {"key_retention": timedelta(days=7)}


@caught_by(capability_case.check_capabilities)
class DeclaresByChance(_Declares):
    """Declares something else each time."""

    _numbers: ClassVar = count(10)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.capabilities = attrs.evolve(self.capabilities, rate_limit_per_second=next(self._numbers))


@caught_by(capability_case.check_capabilities)
class ListsOnePage(ReferenceGateway):
    """Lists the first charges, and says that there are no more."""

    def list_charges(self, since: datetime, after: str | None = None, /) -> ChargePage:
        return attrs.evolve(super().list_charges(since, after), next=None)


@caught_by(capability_case.check_capabilities)
class ListsAnonymously(ReferenceGateway):
    """Lists charges without their references."""

    def list_charges(self, since: datetime, after: str | None = None, /) -> ChargePage:
        page = super().list_charges(since, after)
        return attrs.evolve(page, items=[attrs.evolve(charge, reference=None) for charge in page.items])


@caught_by(capability_case.check_capabilities)
class ListsForEver(ReferenceGateway):
    """Always says that there is another page."""

    def list_charges(self, since: datetime, after: str | None = None, /) -> ChargePage:
        return attrs.evolve(super().list_charges(since, after), next="ch_1")


@caught_by(
    capability_case.check_capabilities,
    attrs.evolve(REFERENCE_CAPABILITIES, duplicate_window=timedelta(seconds=30)),
)
class SuspicionIsADecline(ReferenceGateway):
    """Declines a charge because another one was like it."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        result = super().charge(request)
        if result.outcome is Outcome.DUPLICATE_SUSPECTED:
            return ChargeResult.declined(Advice.RETRY_LATER, gateway_code="duplicate")
        return result


# -- the fence ------------------------------------------------------------------------------------------


@caught_by(capability_case.check_capabilities, FENCED_CAPABILITIES)
class PrepareCharges(ReferenceGateway):
    """Moves the money when a charge is only prepared."""

    def prepare_charge(self, request: ChargeRequest, /) -> str:
        gateway_ref = super().prepare_charge(request)
        self.confirm_charge(gateway_ref, request)
        return gateway_ref


@caught_by(capability_case.check_capabilities, FENCED_CAPABILITIES)
class ConfirmsAgain(ReferenceGateway):
    """Makes a new charge for each confirmation."""

    _numbers: ClassVar = count()

    def confirm_charge(self, gateway_ref: str, request: ChargeRequest, /) -> ChargeResult:
        key = f"{request.idempotency_key}_{next(self._numbers)}"
        return self.charge(attrs.evolve(request, idempotency_key=key))


@caught_by(capability_case.check_capabilities, FENCED_CAPABILITIES)
class ReadsAreLate(ReferenceGateway):
    """Reads a charge by the search, which sees it after the lag."""

    def get_charge(self, gateway_ref: str, /) -> ChargeResult:
        known = super().get_charge(gateway_ref)
        search = self._send(Call(method="GET", path="/v1/charges?reference=" + gateway_ref))
        return known if getattr(search, "body", {}).get("data") else ChargeResult.not_attempted()


@caught_by(capability_case.check_capabilities, FENCED_CAPABILITIES)
class CancelsNothing(ReferenceGateway):
    """Says that a charge was canceled, without telling the processor."""

    def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        return ChargeNotFound()
