"""The commands of `Billing` on licenses and invoices, and those that move customers in."""

from __future__ import annotations

from datetime import date

from billing_core.accounts.account import Account
from billing_core.accounts.permissions import Actor
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.invoice import Invoice
from billing_core.gateways.results import CardDetails
from billing_core.licenses.license import License
from billing_core.licenses.plan import Plan
from billing_core.service import importing, license_flows
from billing_core.service.arguments import checked
from billing_core.service.commands import By
from billing_core.service.drivers import SyncDriver
from billing_core.service.license_flows import AttentionDecision
from billing_core.service.surface import Surface

__all__ = ["LicenseCommands"]


class LicenseCommands(Surface[SyncDriver]):
    """Licenses, invoices and imports; a part of `Billing`."""

    @checked
    def choose_plan(
        self,
        account_id: str,
        plan: Plan,
        *,
        quantity: int = 1,
        actor: Actor,
        start_on: date | None = None,
        anchor_day: int | None = None,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> License:
        """
        Start a license. Owners only. It is due at once; `run_license` charges it within the request.

        Args:
            quantity: seats.
            start_on: the first local day; today if not given.
            anchor_day: 1-31 to renew on that day of the month.
        """
        return self._driver.run(
            license_flows.choose_plan(
                self._context,
                account_id,
                plan,
                By(actor=actor, reason=reason, expect_version=expect_version),
                quantity=quantity,
                start_on=start_on,
                anchor_day=anchor_day,
            )
        )

    @checked
    def change_plan(
        self,
        license_id: str,
        plan: Plan | None = None,
        *,
        quantity: int | None = None,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> License:
        """
        Bill another plan, or other seats, from the next unbilled period on. Owners only.

        Raises:
            NotAllowed: ``invoice_open``, if the policy refuses changes while an
                invoice is unpaid; ``license_canceled``.
        """
        return self._driver.run(
            license_flows.change_plan(
                self._context,
                license_id,
                plan,
                By(actor=actor, reason=reason, expect_version=expect_version),
                quantity=quantity,
            )
        ).license

    @checked
    def cancel(
        self,
        license_id: str,
        *,
        actor: Actor,
        at_period_end: bool = True,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> License:
        """
        End a license, when what is paid for runs out or at once. Owners only.

        A license that nobody has paid for ends at once in any case. One that
        will end with its period may still be ended at once.

        Raises:
            NotAllowed: ``license_canceled`` - it has ended already.
        """
        return self._driver.run(
            license_flows.cancel(
                self._context,
                license_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
                at_period_end=at_period_end,
            )
        ).license

    @checked
    def grant_extension(
        self, license_id: str, *, days: int, actor: Actor, reason: str, expect_version: int | None = None
    ) -> License:
        """
        Give full access for some days, so that the owner can fix the card. Support only.

        It moves no date, forgives no debt and stops no retry.

        Raises:
            NotAllowed: ``extension_limit``, ``license_canceled``.
        """
        return self._driver.run(
            license_flows.grant_extension(
                self._context,
                license_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
                days=days,
            )
        ).license

    @checked
    def record_external_payment(
        self,
        invoice_id: str,
        *,
        reference: str,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Invoice:
        """
        Mark an invoice as paid by other means (a bank transfer). The system only; repeatable.

        Raises:
            NotAllowed: ``invoice_not_open``; ``charge_unresolved`` - first the
                charge under way must be known not to have succeeded.
        """
        return self._driver.run(
            license_flows.record_external_payment(
                self._context,
                invoice_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
                reference=reference,
            )
        )

    @checked
    def resolve_attention(
        self,
        attempt_id: str,
        decision: AttentionDecision | str,
        *,
        actor: Actor,
        reason: str,
        expect_version: int | None = None,
    ) -> ChargeAttempt:
        """
        Decide what nothing but a person can. The system only, on a person's behalf.

        Args:
            decision: ``adopt`` - the money is this invoice's; ``void`` - no
                money moved; ``refund`` - it goes back: by the gateway where it
                can give back what is known to have been taken, otherwise the
                person has seen to it.
            reason: what the person knows; required.

        Raises:
            NotAllowed: ``nothing_to_resolve``; for ``adopt`` also ``invoice_not_open``
                (something else has paid it: give this money back) and
                ``charge_unresolved`` (another charge of it is under way).
        """
        return self._driver.run(
            license_flows.resolve_attention(
                self._context,
                attempt_id,
                decision,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    def import_account(
        self,
        name: str,
        *,
        external_id: str,
        currency: str,
        time_zone: str,
        owner: str,
        actor: Actor,
        billing_info: object = None,
        card: CardDetails | None = None,
        gateway_id: str | None = None,
        customer_ref: str | None = None,
        seller_id: str = "default",
    ) -> Account:
        """Take over a customer from another system, with their card's token. The system only; repeatable."""
        return self._driver.run(
            importing.import_account(
                self._context,
                name,
                By(actor=actor),
                external_id=external_id,
                currency=currency,
                time_zone=time_zone,
                owner=owner,
                billing_info=billing_info,
                card=card,
                gateway_id=gateway_id,
                customer_ref=customer_ref,
                seller_id=seller_id,
            )
        )

    @checked
    def import_license(
        self,
        account_id: str,
        plan: Plan,
        *,
        external_id: str,
        anchor: date,
        paid_until: date,
        actor: Actor,
        quantity: int = 1,
        anchor_day: int | None = None,
    ) -> License:
        """
        Take over a license in mid-period. The system only; repeatable.

        Args:
            anchor: the day its periods count from.
            paid_until: the first day that is not paid for; a boundary of the
                anchor's schedule. Nothing is charged before it.
        """
        return self._driver.run(
            importing.import_license(
                self._context,
                account_id,
                plan,
                By(actor=actor),
                external_id=external_id,
                anchor=anchor,
                paid_until=paid_until,
                quantity=quantity,
                anchor_day=anchor_day,
            )
        )
