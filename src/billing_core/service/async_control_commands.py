"""The commands of `AsyncBilling` on a store as a whole."""

from __future__ import annotations

from billing_core.accounts.permissions import Actor
from billing_core.charging.controls import Controls
from billing_core.service import control_flows
from billing_core.service.arguments import checked
from billing_core.service.commands import By
from billing_core.service.drivers import AsyncDriver
from billing_core.service.surface import Surface

__all__ = ["AsyncControlCommands"]


class AsyncControlCommands(Surface[AsyncDriver]):
    """The stop switch, and the epoch after a restore; a part of `AsyncBilling`."""

    @checked
    async def controls(self) -> Controls:
        """See `Billing.controls`."""
        return await self._driver.run(control_flows.controls())

    @checked
    async def stop_sending(self, *, actor: Actor, reason: str) -> Controls:
        """See `Billing.stop_sending`."""
        by = By(actor=actor, reason=reason)
        return await self._driver.run(control_flows.stop_sending(self._context, by))

    @checked
    async def resume_sending(self, *, actor: Actor, reason: str | None = None) -> Controls:
        """See `Billing.resume_sending`."""
        by = By(actor=actor, reason=reason)
        return await self._driver.run(control_flows.resume_sending(self._context, by))

    @checked
    async def begin_restore_epoch(
        self, restore_id: str, *, actor: Actor, reason: str | None = None
    ) -> Controls:
        """See `Billing.begin_restore_epoch`."""
        by = By(actor=actor, reason=reason)
        return await self._driver.run(control_flows.begin_restore_epoch(self._context, restore_id, by))
