"""The commands of `Billing` on a store as a whole."""

from __future__ import annotations

from billing_core.accounts.permissions import Actor
from billing_core.charging.controls import Controls
from billing_core.service import control_flows
from billing_core.service.arguments import checked
from billing_core.service.commands import By
from billing_core.service.drivers import SyncDriver
from billing_core.service.surface import Surface

__all__ = ["ControlCommands"]


class ControlCommands(Surface[SyncDriver]):
    """The stop switch, and the epoch after a restore; a part of `Billing`."""

    @checked
    def controls(self) -> Controls:
        """Whether sending is stopped, and since which restore charges are looked for first."""
        return self._driver.run(control_flows.controls())

    @checked
    def stop_sending(self, *, actor: Actor, reason: str) -> Controls:
        """
        Send nothing more to any processor, from this instant on. The system only; repeatable.

        It takes effect within runs that are under way. They go on with
        everything that sends nothing: look-ups, answers, notices, expiries.
        What is due stays due.

        Args:
            reason: for those who wonder why nothing is charged; required.
        """
        return self._driver.run(control_flows.stop_sending(self._context, By(actor=actor, reason=reason)))

    @checked
    def resume_sending(self, *, actor: Actor, reason: str | None = None) -> Controls:
        """Send again. The system only; repeatable. What is due is charged by the next runs."""
        return self._driver.run(control_flows.resume_sending(self._context, By(actor=actor, reason=reason)))

    @checked
    def begin_restore_epoch(self, restore_id: str, *, actor: Actor, reason: str | None = None) -> Controls:
        """
        Tell that this store was restored from a backup. The system only.

        Call it once after a restore, before any worker runs. From then on every
        due license is looked up at its processor, by the keys that a lost
        charge would have had, before anything new is sent for it. What is found
        is booked. "Not found" is believed when no request from before the
        restore can take effect any more. That ends license by license, by
        what is on record, never by the clock.

        Args:
            restore_id: the host's name of this restore, different for each.
                Telling of the same restore again changes nothing.
        """
        return self._driver.run(
            control_flows.begin_restore_epoch(self._context, restore_id, By(actor=actor, reason=reason))
        )
