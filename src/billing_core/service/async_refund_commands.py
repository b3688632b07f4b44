"""The refund commands of `AsyncBilling`; each is described at `Billing`."""

from __future__ import annotations

from billing_core.accounts.permissions import Actor
from billing_core.charging.refund import Refund
from billing_core.service import reads, refund_flows
from billing_core.service.arguments import checked
from billing_core.service.commands import By
from billing_core.service.drivers import AsyncDriver
from billing_core.service.refund_flows import RefundDecision
from billing_core.service.surface import Surface
from billing_core.stores.port import Page, RefundFilter
from billing_core.values.money import Money

__all__ = ["AsyncRefundCommands"]


class AsyncRefundCommands(Surface[AsyncDriver]):
    """Refunds; a part of `AsyncBilling`."""

    @checked
    async def refund(
        self,
        charge_id: str,
        amount: Money | None = None,
        *,
        actor: Actor,
        reason: str,
        ends_license: bool = False,
        expect_version: int | None = None,
    ) -> Refund:
        """See `Billing.refund`."""
        return await self._driver.run(
            refund_flows.refund(
                self._context,
                charge_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
                amount=amount,
                ends_license=ends_license,
            )
        )

    @checked
    async def resolve_refund(
        self,
        refund_id: str,
        decision: RefundDecision | str,
        *,
        actor: Actor,
        reason: str,
        expect_version: int | None = None,
    ) -> Refund:
        """See `Billing.resolve_refund`."""
        return await self._driver.run(
            refund_flows.resolve_refund(
                self._context,
                refund_id,
                decision,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    async def record_external_refund(
        self,
        charge_id: str,
        amount: Money,
        *,
        gateway_ref: str,
        actor: Actor,
        reason: str,
        expect_version: int | None = None,
    ) -> Refund:
        """See `Billing.record_external_refund`."""
        return await self._driver.run(
            refund_flows.record_external_refund(
                self._context,
                charge_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
                amount=amount,
                gateway_ref=gateway_ref,
            )
        )

    @checked
    async def refunds(
        self, filter: RefundFilter | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[Refund]:
        """See `Billing.refunds`."""
        return await self._driver.run(reads.refunds(filter, after, limit))
