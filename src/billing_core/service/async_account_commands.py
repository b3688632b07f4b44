"""The commands of `AsyncBilling` on accounts, people and cards: those of `Billing`, awaited."""

from __future__ import annotations

from collections.abc import Mapping

from billing_core.accounts.account import Account, CardSetup
from billing_core.accounts.permissions import Actor, Role
from billing_core.accounts.saved_card import SavedCard
from billing_core.accounts.verification import Verification
from billing_core.service import account_flows, card_flows
from billing_core.service.arguments import checked
from billing_core.service.commands import By
from billing_core.service.drivers import AsyncDriver
from billing_core.service.surface import Surface
from billing_core.tax.registry import RegistryAnswer
from billing_core.tax.verification import VerificationPolicy

__all__ = ["AsyncAccountCommands"]


class AsyncAccountCommands(Surface[AsyncDriver]):
    """See `AccountCommands`."""

    @checked
    async def open_account(
        self,
        name: str,
        *,
        currency: str,
        time_zone: str,
        actor: Actor,
        owner: str | None = None,
        id: str | None = None,
        seller_id: str = "default",
        reason: str | None = None,
    ) -> Account:
        """See `Billing.open_account`."""
        return await self._driver.run(
            account_flows.open_account(
                self._context,
                name,
                By(actor=actor, reason=reason),
                currency=currency,
                time_zone=time_zone,
                owner=owner,
                id=id,
                seller_id=seller_id,
            )
        )

    @checked
    async def update_billing_info(
        self,
        account_id: str,
        form: object,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """See `Billing.update_billing_info`."""
        return await self._driver.run(
            account_flows.update_billing_info(
                self._context, account_id, form, By(actor=actor, reason=reason, expect_version=expect_version)
            )
        )

    @checked
    async def change_time_zone(
        self,
        account_id: str,
        time_zone: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """See `Billing.change_time_zone`."""
        return await self._driver.run(
            account_flows.change_time_zone(
                self._context,
                account_id,
                time_zone,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    async def add_member(
        self,
        account_id: str,
        user_id: str,
        role: Role | str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """See `Billing.add_member`."""
        return await self._driver.run(
            account_flows.add_member(
                self._context,
                account_id,
                user_id,
                role,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    async def remove_member(
        self,
        account_id: str,
        user_id: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """See `Billing.remove_member`."""
        return await self._driver.run(
            account_flows.remove_member(
                self._context,
                account_id,
                user_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    async def transfer_ownership(
        self,
        account_id: str,
        to_user_id: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """See `Billing.transfer_ownership`."""
        return await self._driver.run(
            account_flows.transfer_ownership(
                self._context,
                account_id,
                to_user_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    async def verify_owner(
        self,
        account_id: str,
        claims: Mapping[str, object],
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Verification:
        """See `Billing.verify_owner`."""
        return await self._driver.run(
            account_flows.verify_owner(
                self._context,
                account_id,
                claims,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    async def record_tax_answer(
        self,
        account_id: str,
        answer: RegistryAnswer,
        *,
        actor: Actor,
        policy: VerificationPolicy | None = None,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """See `Billing.record_tax_answer`."""
        return await self._driver.run(
            account_flows.record_tax_answer(
                self._context,
                account_id,
                answer,
                policy or VerificationPolicy(),
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    async def begin_card_setup(
        self,
        account_id: str,
        *,
        return_url: str,
        actor: Actor,
        gateway_id: str | None = None,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> CardSetup:
        """See `Billing.begin_card_setup`."""
        return await self._driver.run(
            card_flows.begin_card_setup(
                self._context,
                account_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
                return_url=return_url,
                gateway_id=gateway_id,
            )
        )

    @checked
    async def complete_card_setup(
        self,
        account_id: str,
        setup_id: str,
        *,
        actor: Actor,
        replace: str | None = None,
        make_default: bool = True,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> SavedCard:
        """See `Billing.complete_card_setup`."""
        return await self._driver.run(
            card_flows.complete_card_setup(
                self._context,
                account_id,
                setup_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
                replace=replace,
                make_default=make_default,
            )
        )

    @checked
    async def remove_card(
        self,
        account_id: str,
        card_id: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """See `Billing.remove_card`."""
        return await self._driver.run(
            card_flows.remove_card(
                self._context,
                account_id,
                card_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    async def set_default_card(
        self,
        account_id: str,
        card_id: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """See `Billing.set_default_card`."""
        return await self._driver.run(
            card_flows.set_default_card(
                self._context,
                account_id,
                card_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )
