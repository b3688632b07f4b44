"""`AsyncBilling`: `Billing` for asyncio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from billing_core.accounts.account import Account
from billing_core.accounts.permissions import Actor
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.invariants import BillingState, LedgerEntry
from billing_core.charging.invoice import Invoice
from billing_core.events import Event
from billing_core.gateways.port import AsyncPaymentGateway, PaymentGateway
from billing_core.gateways.results import ActionRequired
from billing_core.licenses.license import License
from billing_core.policy import BillingPolicy
from billing_core.service import reads, running
from billing_core.service.arguments import checked
from billing_core.service.async_account_commands import AsyncAccountCommands
from billing_core.service.async_control_commands import AsyncControlCommands
from billing_core.service.async_license_commands import AsyncLicenseCommands
from billing_core.service.async_refund_commands import AsyncRefundCommands
from billing_core.service.books import gather
from billing_core.service.breaker import BreakerPolicy
from billing_core.service.breakers import Breakers
from billing_core.service.commands import load_account, load_dossier
from billing_core.service.drivers import AsyncDriver
from billing_core.service.renewal_flow import LicenseRun
from billing_core.service.reports import RunReport
from billing_core.service.simulate import PlannedStep
from billing_core.service.taxation import SellerTax
from billing_core.service.views import BillingInfoView, LicenseView
from billing_core.stores.port import AsyncStore, AttemptFilter, InvoiceFilter, LicenseFilter, Page, Store
from billing_core.tax.rates import TaxRateProvider

__all__ = ["AsyncBilling"]

_BREAKER = BreakerPolicy()


class AsyncBilling(AsyncAccountCommands, AsyncLicenseCommands, AsyncRefundCommands, AsyncControlCommands):
    """
    What `Billing` is, awaited: the same commands, the same flows, the same records.

    The store and the gateways may be asynchronous or plain, in any mix. Plain
    ones are called on the event loop; wrap a plain store that waits for a disk
    or a network in `ThreadedStore`.

    Args: as of `Billing`, but for ``threads``: all calls of a batch are under way at once.
    """

    @checked
    def __init__(
        self,
        store: AsyncStore | Store,
        gateways: Mapping[str, AsyncPaymentGateway | PaymentGateway],
        policy: BillingPolicy,
        namespace: str,
        *,
        sellers: Mapping[str, SellerTax] | None = None,
        tax_rates: TaxRateProvider | None = None,
        breaker: BreakerPolicy = _BREAKER,
    ) -> None:
        driver = AsyncDriver(store, dict(gateways), tax_rates, Breakers(breaker))
        super().__init__(gateways, policy, namespace, sellers, driver)

    @checked
    async def run_due(self, *, shard: tuple[int, int] = (0, 1), limit: int | None = None) -> RunReport:
        """See `Billing.run_due`."""
        return await self._driver.run(running.run_due(self._context, shard, limit))

    @checked
    async def run_license(self, license_id: str, *, actor: Actor | None = None) -> LicenseRun:
        """See `Billing.run_license`."""
        return await self._driver.run(running.run_license(self._context, license_id, actor))

    @checked
    async def handle_webhook(
        self, body: bytes, headers: Mapping[str, str], *, gateway_id: str | None = None
    ) -> tuple[str, ...]:
        """See `Billing.handle_webhook`."""
        return await self._driver.run(self._notice_flow(body, headers, gateway_id))

    @checked
    async def account(self, account_id: str) -> Account:
        """See `Billing.account`."""
        return await self._driver.run(load_account(account_id))

    @checked
    async def billing_info_view(self, account_id: str, *, actor: Actor) -> BillingInfoView:
        """See `Billing.billing_info_view`."""
        return await self._driver.run(reads.billing_info_view(account_id, actor))

    @checked
    async def dossier(self, license_id: str) -> Dossier:
        """See `Billing.dossier`."""
        return await self._driver.run(load_dossier(self._context, license_id))

    @checked
    async def preview(self, license_id: str, until: datetime) -> tuple[PlannedStep, ...]:
        """See `Billing.preview`."""
        return await self._driver.run(reads.planned(self._context, license_id, until))

    @checked
    async def license_view(self, license_id: str) -> LicenseView:
        """See `Billing.license_view`."""
        return await self._driver.run(reads.view(self._context, license_id))

    @checked
    async def payment_action(self, license_id: str, *, actor: Actor) -> ActionRequired | None:
        """See `Billing.payment_action`."""
        return await self._driver.run(reads.action_of(self._context, license_id, actor))

    @checked
    async def accounts(self, *, after: str | None = None, limit: int = 100) -> Page[Account]:
        """See `Billing.accounts`."""
        return await self._driver.run(reads.accounts(after, limit))

    @checked
    async def licenses(
        self, filter: LicenseFilter | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[License]:
        """See `Billing.licenses`."""
        return await self._driver.run(reads.licenses(filter, after, limit))

    @checked
    async def invoices(
        self, filter: InvoiceFilter | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[Invoice]:
        """See `Billing.invoices`."""
        return await self._driver.run(reads.invoices(filter, after, limit))

    @checked
    async def attempts(
        self, filter: AttemptFilter | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[ChargeAttempt]:
        """See `Billing.attempts`."""
        return await self._driver.run(reads.attempts(filter, after, limit))

    @checked
    async def needs_attention(
        self, filter: AttemptFilter | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[ChargeAttempt]:
        """See `Billing.needs_attention`."""
        return await self._driver.run(reads.needs_attention(filter, after, limit))

    @checked
    async def events(self, after: int = 0, limit: int = 1000) -> tuple[Event, ...]:
        """See `Billing.events`."""
        return await self._driver.run(reads.events(after, limit))

    @checked
    async def books(
        self,
        ledger: Iterable[LedgerEntry] | None = None,
        refund_ledger: Iterable[LedgerEntry] | None = None,
    ) -> BillingState:
        """See `Billing.books`."""
        return await self._driver.run(gather(self._context, ledger, refund_ledger))
