"""The commands of `Billing` that give money back."""

from __future__ import annotations

from billing_core.accounts.permissions import Actor
from billing_core.charging.refund import Refund
from billing_core.service import reads, refund_flows
from billing_core.service.arguments import checked
from billing_core.service.commands import By
from billing_core.service.drivers import SyncDriver
from billing_core.service.refund_flows import RefundDecision
from billing_core.service.surface import Surface
from billing_core.stores.port import Page, RefundFilter
from billing_core.values.money import Money

__all__ = ["RefundCommands"]


class RefundCommands(Surface[SyncDriver]):
    """Refunds; a part of `Billing`."""

    @checked
    def refund(
        self,
        charge_id: str,
        amount: Money | None = None,
        *,
        actor: Actor,
        reason: str,
        ends_license: bool = False,
        expect_version: int | None = None,
    ) -> Refund:
        """
        Give back what a charge took, or a part of it. The system, and support where the policy lets it.

        The decision is committed before the processor is called. Whatever
        becomes of the call, the money goes back once: `run_due` finds out
        what is not known yet. Only money moves; days that were paid for stay
        covered, unless ``ends_license``.

        Args:
            charge_id: the id of the invoice, or of the attempt that paid it.
            amount: in the charge's currency; all that is left of it, if not given.
            reason: for the record; required.
            ends_license: also end the license at once, in the same commit.

        Returns:
            The refund as it stands: ``succeeded``, ``declined``, or not
            settled yet. Inside a transaction of the host's it is only
            decided; the next run sends it.

        Raises:
            NotAllowed: ``nothing_to_refund``; ``over_refund`` - more than is
                left; ``refund_unresolved`` - first the earlier refund must be
                settled; ``charge_needs_attention`` - `resolve_attention` decides.
            CapabilityNotSupported: the gateway can't give money back.
        """
        return self._driver.run(
            refund_flows.refund(
                self._context,
                charge_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
                amount=amount,
                ends_license=ends_license,
            )
        )

    @checked
    def resolve_refund(
        self,
        refund_id: str,
        decision: RefundDecision | str,
        *,
        actor: Actor,
        reason: str,
        expect_version: int | None = None,
    ) -> Refund:
        """
        Decide about a refund that nothing but a person can settle. The system only, on a person's behalf.

        Args:
            decision: ``confirm`` - the money went back; ``void`` - it did not.
            reason: what the person knows; required.

        Raises:
            NotAllowed: ``refund_settled`` - it needs no decision; for ``void`` also
                ``refund_happened`` - the processor says that the money is gone.
        """
        return self._driver.run(
            refund_flows.resolve_refund(
                self._context,
                refund_id,
                decision,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    def record_external_refund(
        self,
        charge_id: str,
        amount: Money,
        *,
        gateway_ref: str,
        actor: Actor,
        reason: str,
        expect_version: int | None = None,
    ) -> Refund:
        """
        Book a refund that somebody made in the processor's dashboard. The system only; repeatable.

        Notices do it by themselves (`handle_webhook`). This is for one that never
        came, or that only a person can place. Nothing is sent.

        Args:
            charge_id: the id of the invoice, or of the attempt that paid it.
            amount: what went back, in the charge's currency.
            gateway_ref: the processor's id of the refund; the same one is booked once.
            reason: for the record; required.

        Returns:
            The refund as it is on file.

        Raises:
            NotAllowed: ``refund_not_booked`` - the charge took nothing, less than that is left of it, or
                one of our own refunds is not settled and may be this very one; ``nothing_to_refund``
                - the invoice was not paid by a charge.
        """
        return self._driver.run(
            refund_flows.record_external_refund(
                self._context,
                charge_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
                amount=amount,
                gateway_ref=gateway_ref,
            )
        )

    @checked
    def refunds(
        self, filter: RefundFilter | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[Refund]:
        """
        Refunds by id, a page at a time.

        With ``RefundFilter(needs_attention=True)`` those that wait for a person.
        """
        return self._driver.run(reads.refunds(filter, after, limit))
