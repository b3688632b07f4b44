"""`Billing`: what a host calls."""

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
from billing_core.gateways.port import PaymentGateway
from billing_core.gateways.results import ActionRequired
from billing_core.issues import invalid
from billing_core.licenses.license import License
from billing_core.policy import BillingPolicy
from billing_core.service import reads, running
from billing_core.service.account_commands import AccountCommands
from billing_core.service.arguments import checked
from billing_core.service.books import gather
from billing_core.service.breaker import BreakerPolicy
from billing_core.service.breakers import Breakers
from billing_core.service.commands import load_account, load_dossier
from billing_core.service.control_commands import ControlCommands
from billing_core.service.drivers import SyncDriver
from billing_core.service.license_commands import LicenseCommands
from billing_core.service.refund_commands import RefundCommands
from billing_core.service.renewal_flow import LicenseRun
from billing_core.service.reports import RunReport
from billing_core.service.simulate import PlannedStep
from billing_core.service.taxation import SellerTax
from billing_core.service.views import BillingInfoView, LicenseView
from billing_core.stores.port import AttemptFilter, InvoiceFilter, LicenseFilter, Page, Store
from billing_core.tax.rates import TaxRateProvider

__all__ = ["Billing"]

_BREAKER = BreakerPolicy()


class Billing(AccountCommands, LicenseCommands, RefundCommands, ControlCommands):
    """
    The billing of one vendor, in one environment.

    Every command is ``verb(id, …, *, actor, reason=None, expect_version=None)``:
    it checks the actor's permission, commits the change with its event, wakes
    the licenses concerned, and returns the new object. A command that fails
    leaves nothing behind. Any command may raise `NotFound`, `PermissionDenied`,
    `InvalidInput`, or `Conflict` if the record is not at ``expect_version``
    (of what the command's first argument names).

    Args:
        store: where the records live; it also tells the time.
        gateways: the host's payment gateways by id. Ids are stored with cards
            and attempts, so they must stay what they are.
        policy: how the vendor bills.
        namespace: unique per environment ("production", "staging"). Ids and
            idempotency keys derive from it, so that a copied database can't
            repeat a charge.
        sellers: how each seller is taxed; sellers that are not listed charge
            no tax through this library.
        tax_rates: the host's tax rates.
        threads: how many gateway calls `run_due` makes at the same time.
        breaker: when sending to a processor pauses by itself.

    Example: see the README.
    """

    @checked
    def __init__(
        self,
        store: Store,
        gateways: Mapping[str, PaymentGateway],
        policy: BillingPolicy,
        namespace: str,
        *,
        sellers: Mapping[str, SellerTax] | None = None,
        tax_rates: TaxRateProvider | None = None,
        threads: int = 16,
        breaker: BreakerPolicy = _BREAKER,
    ) -> None:
        if threads < 1:
            raise invalid("threads", "out_of_range", min=1, max="any whole number")
        driver = SyncDriver(store, dict(gateways), tax_rates, threads, Breakers(breaker))
        super().__init__(gateways, policy, namespace, sellers, driver)

    @checked
    def run_due(self, *, shard: tuple[int, int] = (0, 1), limit: int | None = None) -> RunReport:
        """
        Do whatever is due: the nightly run, or any other. Any number of workers may run it at once.

        Args:
            shard: ``(k, n)`` for the k-th of n parts of all licenses.
            limit: look at no more than so many licenses.

        Returns:
            What was done. One license's failure never stops the run.
        """
        return self._driver.run(running.run_due(self._context, shard, limit))

    @checked
    def run_license(self, license_id: str, *, actor: Actor | None = None) -> LicenseRun:
        """
        Do whatever is due for one license, within the request: charge a new card at once, for example.

        Args:
            actor: who asks; an owner or the system. The system if not given.
        """
        return self._driver.run(running.run_license(self._context, license_id, actor))

    @checked
    def handle_webhook(
        self, body: bytes, headers: Mapping[str, str], *, gateway_id: str | None = None
    ) -> tuple[str, ...]:
        """
        Take a processor's notice: verify it, and wake the licenses that it is about.

        The notice itself is never believed: `run_due` or `run_license` looks
        the charge up. Money that arrives for a charge that was given up is
        looked up at once, and waits in `needs_attention` for a decision.

        Refunds made elsewhere, disputes and renewed cards are put on record,
        after the processor was asked about them where its adapter offers that.
        What has no place in the books is told by `EventType.WEBHOOK_UNMATCHED`.

        Returns:
            The ids of the licenses that were woken. Unknown and repeated
            notices wake none, and are fine.

        Raises:
            WebhookRejected: the signature, the age or the form is wrong.
            Conflict: the records were never at rest. As with whatever your
                adapter or database raises, answer with an error: the processor
                tells again.
        """
        return self._driver.run(self._notice_flow(body, headers, gateway_id))

    @checked
    def account(self, account_id: str) -> Account:
        """
        An account.

        Raises:
            NotFound: there is none.
        """
        return self._driver.run(load_account(account_id))

    @checked
    def billing_info_view(self, account_id: str, *, actor: Actor) -> BillingInfoView:
        """Billing information, masked: what support may see."""
        return self._driver.run(reads.billing_info_view(account_id, actor))

    @checked
    def dossier(self, license_id: str) -> Dossier:
        """All that is known about a license, for `simulate` and the host's own pages."""
        return self._driver.run(load_dossier(self._context, license_id))

    @checked
    def preview(self, license_id: str, until: datetime) -> tuple[PlannedStep, ...]:
        """
        All steps of a license until an instant, if nothing changes: the preview page.

        The same decisions that the runs will take, with this vendor's policy,
        tax and the store's time, against gateways that approve everything.
        """
        return self._driver.run(reads.planned(self._context, license_id, until))

    @checked
    def license_view(self, license_id: str) -> LicenseView:
        """Status, access, what is owed and what comes next, as of now."""
        return self._driver.run(reads.view(self._context, license_id))

    @checked
    def payment_action(self, license_id: str, *, actor: Actor) -> ActionRequired | None:
        """
        Where the owner confirms a charge that waits for them (3-D Secure), to be resumed. Owners only.

        The link and the secret are in no event, no log and no other view. Once
        the owner has confirmed, a webhook or `run_license` settles the charge.

        Returns:
            ``None`` if no charge of the license waits for its cardholder.
        """
        return self._driver.run(reads.action_of(self._context, license_id, actor))

    @checked
    def accounts(self, *, after: str | None = None, limit: int = 100) -> Page[Account]:
        """Accounts by id, a page at a time."""
        return self._driver.run(reads.accounts(after, limit))

    @checked
    def licenses(
        self, filter: LicenseFilter | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[License]:
        """Licenses by id, a page at a time."""
        return self._driver.run(reads.licenses(filter, after, limit))

    @checked
    def invoices(
        self, filter: InvoiceFilter | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[Invoice]:
        """Invoices by id, a page at a time."""
        return self._driver.run(reads.invoices(filter, after, limit))

    @checked
    def attempts(
        self, filter: AttemptFilter | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[ChargeAttempt]:
        """Charge attempts by id, a page at a time."""
        return self._driver.run(reads.attempts(filter, after, limit))

    @checked
    def needs_attention(
        self, filter: AttemptFilter | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[ChargeAttempt]:
        """Charge attempts that only a person can resolve."""
        return self._driver.run(reads.needs_attention(filter, after, limit))

    @checked
    def events(self, after: int = 0, limit: int = 1000) -> tuple[Event, ...]:
        """
        What happened, in commit order without gaps.

        A consumer remembers the ``sequence`` of the last event it has dealt
        with and passes it as ``after``; it sees every event at least once.
        """
        return self._driver.run(reads.events(after, limit))

    @checked
    def books(
        self,
        ledger: Iterable[LedgerEntry] | None = None,
        refund_ledger: Iterable[LedgerEntry] | None = None,
    ) -> BillingState:
        """
        Everything in the store, for `check_invariants`.

        Args:
            ledger: what the processors say was captured, less what they gave back, to compare with.
            refund_ledger: what they say they gave back, one entry per refund.
        """
        return self._driver.run(gather(self._context, ledger, refund_ledger))
