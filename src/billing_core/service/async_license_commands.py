"""The commands of `AsyncBilling` on licenses and invoices: those of `Billing`, awaited."""

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
from billing_core.service.drivers import AsyncDriver
from billing_core.service.license_flows import AttentionDecision
from billing_core.service.surface import Surface

__all__ = ["AsyncLicenseCommands"]


class AsyncLicenseCommands(Surface[AsyncDriver]):
    """See `LicenseCommands`."""

    @checked
    async def choose_plan(
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
        """See `Billing.choose_plan`."""
        return await self._driver.run(
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
    async def change_plan(
        self,
        license_id: str,
        plan: Plan | None = None,
        *,
        quantity: int | None = None,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> License:
        """See `Billing.change_plan`."""
        return (
            await self._driver.run(
                license_flows.change_plan(
                    self._context,
                    license_id,
                    plan,
                    By(actor=actor, reason=reason, expect_version=expect_version),
                    quantity=quantity,
                )
            )
        ).license

    @checked
    async def cancel(
        self,
        license_id: str,
        *,
        actor: Actor,
        at_period_end: bool = True,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> License:
        """See `Billing.cancel`."""
        return (
            await self._driver.run(
                license_flows.cancel(
                    self._context,
                    license_id,
                    By(actor=actor, reason=reason, expect_version=expect_version),
                    at_period_end=at_period_end,
                )
            )
        ).license

    @checked
    async def grant_extension(
        self, license_id: str, *, days: int, actor: Actor, reason: str, expect_version: int | None = None
    ) -> License:
        """See `Billing.grant_extension`."""
        return (
            await self._driver.run(
                license_flows.grant_extension(
                    self._context,
                    license_id,
                    By(actor=actor, reason=reason, expect_version=expect_version),
                    days=days,
                )
            )
        ).license

    @checked
    async def record_external_payment(
        self,
        invoice_id: str,
        *,
        reference: str,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Invoice:
        """See `Billing.record_external_payment`."""
        return await self._driver.run(
            license_flows.record_external_payment(
                self._context,
                invoice_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
                reference=reference,
            )
        )

    @checked
    async def resolve_attention(
        self,
        attempt_id: str,
        decision: AttentionDecision | str,
        *,
        actor: Actor,
        reason: str,
        expect_version: int | None = None,
    ) -> ChargeAttempt:
        """See `Billing.resolve_attention`."""
        return await self._driver.run(
            license_flows.resolve_attention(
                self._context,
                attempt_id,
                decision,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    async def import_account(
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
        """See `Billing.import_account`."""
        return await self._driver.run(
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
    async def import_license(
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
        """See `Billing.import_license`."""
        return await self._driver.run(
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
