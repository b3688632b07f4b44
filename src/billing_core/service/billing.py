"""`Billing`: what a host calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from billing_core.accounts.account import Account, CardSetup
from billing_core.accounts.permissions import Actor, Permission, Role, authorize
from billing_core.accounts.saved_card import SavedCard
from billing_core.accounts.verification import Verification
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.invariants import BillingState, LedgerEntry
from billing_core.charging.invoice import Invoice
from billing_core.errors import NotFound
from billing_core.events import Event
from billing_core.gateways.port import PaymentGateway
from billing_core.gateways.results import CardDetails
from billing_core.issues import invalid
from billing_core.licenses.license import License
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy
from billing_core.service import account_flows, card_flows, importing, license_flows
from billing_core.service.books import gather
from billing_core.service.context import Context
from billing_core.service.drivers import SyncDriver
from billing_core.service.license_flows import AttentionDecision
from billing_core.service.renewal_flow import LicenseRun, look_after
from billing_core.service.reports import RunReport
from billing_core.service.taxation import SellerTax
from billing_core.service.views import BillingInfoView, LicenseView, license_view, masked_billing_info
from billing_core.service.webhook_flow import wake_by_notice
from billing_core.stores.port import AttemptFilter, InvoiceFilter, LicenseFilter, Page, Shard, Store
from billing_core.tax.rates import TaxRateProvider
from billing_core.tax.registry import RegistryAnswer
from billing_core.tax.verification import VerificationPolicy
from billing_core.values.ids import check_id

__all__ = ["Billing", "make_context"]

_LEASE = timedelta(minutes=10)
_BATCH = 100
_PAGE = 100


def make_context(
    gateways: Mapping[str, Any],
    policy: BillingPolicy,
    namespace: str,
    sellers: Mapping[str, SellerTax] | None,
) -> Context:
    """The host's choices, checked."""
    check_id(namespace, "namespace")
    for gateway_id in gateways:
        check_id(gateway_id, "gateway_id")
    return Context(
        namespace=namespace,
        policy=policy,
        gateways={gateway_id: gateway.capabilities for gateway_id, gateway in gateways.items()},
        default_gateway_id=next(iter(gateways)) if len(gateways) == 1 else None,
        sellers=dict(sellers or {}),
    )


class Billing:
    """
    The billing of one vendor, in one environment.

    Every command is ``verb(id, …, *, actor, reason=None, expect_version=None)``:
    it checks the actor's permission, commits the change with its event, wakes
    the licenses concerned, and returns the new object. A command that fails
    leaves nothing behind.

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

    Example: see the README.
    """

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
    ) -> None:
        self._store = store
        self._gateways = dict(gateways)
        self._context = make_context(gateways, policy, namespace, sellers)
        self._driver = SyncDriver(store, self._gateways, tax_rates, threads)

    # -- accounts and people ---------------------------------------------------------

    def open_account(
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
        """
        Open an account. The member who opens it is its first owner.

        Args:
            name: what the account is called; not who is billed.
            currency: ISO 4217 code; fixed from the first invoice on.
            time_zone: IANA name; days begin and end there.
            owner: the first owner's user id, if the system opens the account.
            id: the host's own id for it; derived if not given.
            seller_id: which seller bills it.

        Raises:
            InvalidInput: naming the field and the reason.
            PermissionDenied: support, or a member for somebody else.
            Conflict: an account with this id exists.
        """
        return self._driver.run(
            account_flows.open_account(
                self._context,
                name,
                currency=currency,
                time_zone=time_zone,
                actor=actor,
                owner=owner,
                id=id,
                seller_id=seller_id,
                reason=reason,
            )
        )

    def update_billing_info(
        self,
        account_id: str,
        form: object,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """
        Replace name, address, phone and tax id. Owners only.

        Args:
            form: as for `check_billing_info`, which a form handler calls first
                to show what is wrong, or to see the warnings.

        Raises:
            InvalidInput: with every wrong field at once.
        """
        return self._driver.run(
            account_flows.update_billing_info(
                self._context, account_id, form, actor=actor, reason=reason, expect_version=expect_version
            )
        )

    def change_time_zone(
        self,
        account_id: str,
        time_zone: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """
        Move an account to another time zone. Owners only.

        Each license follows at its next unbilled boundary, so that no day is
        lost and none is billed twice.
        """
        return self._driver.run(
            account_flows.change_time_zone(
                self._context, account_id, time_zone, actor=actor, reason=reason, expect_version=expect_version
            )
        )

    def add_member(
        self,
        account_id: str,
        user_id: str,
        role: Role,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """Add a user, or give a member another role. Owners, and the system for other roles than owner."""
        return self._driver.run(
            account_flows.add_member(
                self._context, account_id, user_id, role, actor=actor, reason=reason, expect_version=expect_version
            )
        )

    def remove_member(
        self,
        account_id: str,
        user_id: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """
        Remove a user from an account.

        Raises:
            NotAllowed: ``last_owner``.
        """
        return self._driver.run(
            account_flows.remove_member(
                self._context, account_id, user_id, actor=actor, reason=reason, expect_version=expect_version
            )
        )

    def transfer_ownership(
        self,
        account_id: str,
        to_user_id: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """Make another member the owner in the actor's place; the actor stays as an admin."""
        return self._driver.run(
            account_flows.transfer_ownership(
                self._context, account_id, to_user_id, actor=actor, reason=reason, expect_version=expect_version
            )
        )

    def verify_owner(
        self, account_id: str, claims: Mapping[str, object], *, actor: Actor, reason: str | None = None
    ) -> Verification:
        """
        Compare what a caller says with what is on file. Support only; put on record.

        Args:
            claims: any of ``name``, ``phone``, ``postal_code``, ``tax_id``.

        Returns:
            How each fact compares; never what is on file.
        """
        return self._driver.run(
            account_flows.verify_owner(self._context, account_id, claims, actor=actor, reason=reason)
        )

    def record_tax_answer(
        self,
        account_id: str,
        answer: RegistryAnswer,
        *,
        actor: Actor,
        policy: VerificationPolicy | None = None,
        reason: str | None = None,
    ) -> Account:
        """Put on record what a registry said about the account's tax id. The system only."""
        rules = policy if policy is not None else VerificationPolicy()
        return self._driver.run(
            account_flows.record_tax_answer(
                self._context, account_id, answer, rules, actor=actor, reason=reason
            )
        )

    # -- cards -------------------------------------------------------------------------

    def begin_card_setup(
        self,
        account_id: str,
        *,
        return_url: str,
        actor: Actor,
        gateway_id: str | None = None,
        reason: str | None = None,
    ) -> CardSetup:
        """
        Open the processor's card page for an owner; send them to ``url`` of the answer.

        Args:
            return_url: where the processor sends the owner afterwards.
            gateway_id: which gateway; needed only if the host has several.
        """
        return self._driver.run(
            card_flows.begin_card_setup(
                self._context,
                account_id,
                return_url=return_url,
                gateway_id=gateway_id,
                actor=actor,
                reason=reason,
            )
        )

    def complete_card_setup(
        self,
        account_id: str,
        setup_id: str,
        *,
        actor: Actor,
        replace: str | None = None,
        make_default: bool = True,
        reason: str | None = None,
    ) -> SavedCard:
        """
        Save the card that the owner entered, and charge what is unpaid to it soon.

        Repeating it gives the same card. `run_license` charges at once.

        Args:
            setup_id: from `begin_card_setup`.
            replace: the id of the card that the new one replaces.
            make_default: charge renewals to it.

        Raises:
            NotAllowed: ``card_setup_incomplete`` - the owner has not finished, or gave up.
        """
        return self._driver.run(
            card_flows.complete_card_setup(
                self._context,
                account_id,
                setup_id,
                replace=replace,
                make_default=make_default,
                actor=actor,
                reason=reason,
            )
        )

    def remove_card(
        self,
        account_id: str,
        card_id: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """Remove a card. Owners only. Without the default card nothing can be renewed."""
        return self._driver.run(
            card_flows.remove_card(
                self._context, account_id, card_id, actor=actor, reason=reason, expect_version=expect_version
            )
        )

    def set_default_card(
        self,
        account_id: str,
        card_id: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """Choose the card that renewals are charged to. Owners only."""
        return self._driver.run(
            card_flows.set_default_card(
                self._context, account_id, card_id, actor=actor, reason=reason, expect_version=expect_version
            )
        )

    # -- licenses ------------------------------------------------------------------------

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
                quantity=quantity,
                start_on=start_on,
                anchor_day=anchor_day,
                actor=actor,
                reason=reason,
            )
        )

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
                quantity=quantity,
                actor=actor,
                reason=reason,
                expect_version=expect_version,
            )
        ).license

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

        A license that nobody has paid for ends at once in any case.
        """
        return self._driver.run(
            license_flows.cancel(
                self._context,
                license_id,
                at_period_end=at_period_end,
                actor=actor,
                reason=reason,
                expect_version=expect_version,
            )
        ).license

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
                self._context, license_id, days=days, actor=actor, reason=reason, expect_version=expect_version
            )
        ).license

    def record_external_payment(
        self, invoice_id: str, *, reference: str, actor: Actor, reason: str | None = None
    ) -> Invoice:
        """
        Mark an invoice as paid by other means (a bank transfer). The system only; repeatable.

        Raises:
            NotAllowed: ``invoice_not_open``; ``charge_unresolved`` - first the
                charge under way must be known not to have succeeded.
        """
        return self._driver.run(
            license_flows.record_external_payment(
                self._context, invoice_id, reference=reference, actor=actor, reason=reason
            )
        )

    def resolve_attention(
        self, attempt_id: str, decision: AttentionDecision | str, *, actor: Actor, reason: str
    ) -> ChargeAttempt:
        """
        Decide what nothing but a person can. The system only, on a person's behalf.

        Args:
            decision: ``adopt`` - the money is this invoice's; ``void`` - no
                money moved; ``refunded`` - it was given back at the processor.
        """
        return self._driver.run(
            license_flows.resolve_attention(
                self._context, attempt_id, str(decision), actor=actor, reason=reason
            )
        )

    # -- moving in ------------------------------------------------------------------------

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
                external_id=external_id,
                currency=currency,
                time_zone=time_zone,
                owner=owner,
                billing_info=billing_info,
                card=card,
                gateway_id=gateway_id,
                customer_ref=customer_ref,
                seller_id=seller_id,
                actor=actor,
            )
        )

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
                external_id=external_id,
                anchor=anchor,
                paid_until=paid_until,
                quantity=quantity,
                anchor_day=anchor_day,
                actor=actor,
            )
        )

    # -- running -----------------------------------------------------------------------------

    def run_due(self, *, shard: tuple[int, int] = (0, 1), limit: int | None = None) -> RunReport:
        """
        Do whatever is due: the nightly run, or any other. Any number of workers may run it at once.

        Args:
            shard: ``(k, n)`` for the k-th of n parts of all licenses.
            limit: look at no more than so many licenses.

        Returns:
            What was done. One license's failure never stops the run.
        """
        report = RunReport()
        part = _checked_shard(shard)
        while not report.stopped and (limit is None or report.licenses < limit):
            size = _BATCH if limit is None else min(_BATCH, limit - report.licenses)
            dossiers = self._store.claim_due(size, _LEASE, part)
            if not dossiers:
                break
            ids = [dossier.license.id for dossier in dossiers]
            flows = [look_after(self._context, dossier.license.id, dossier) for dossier in dossiers]
            report = report.with_batch(ids, self._driver.run_many(flows))
        return report

    def run_license(self, license_id: str, *, actor: Actor | None = None) -> LicenseRun:
        """
        Do whatever is due for one license, within the request: charge a new card at once, for example.

        Args:
            actor: who asks; an owner or the system. The system if not given.
        """
        ref = None
        if actor is not None:
            dossier = self._dossier(license_id)
            ref = actor.ref(authorize(actor, Permission.RUN_RENEWAL, dossier.account))
        flow = look_after(self._context, license_id, actor=ref) if ref else look_after(self._context, license_id)
        return self._driver.run(flow)

    def handle_webhook(self, body: bytes, headers: Mapping[str, str], *, gateway_id: str | None = None) -> tuple[str, ...]:
        """
        Take a processor's notice: verify it, and wake the licenses that it is about.

        Returns:
            The ids of the licenses that were woken. Unknown and repeated
            notices wake none, and are fine.

        Raises:
            WebhookRejected: the signature, the age or the form is wrong.
        """
        chosen = gateway_id if gateway_id is not None else self._context.default_gateway_id
        if chosen is None or chosen not in self._gateways:
            raise invalid("gateway_id", "unknown_value", allowed=", ".join(sorted(self._gateways)))
        notice = self._gateways[chosen].parse_webhook(body, headers)
        return self._driver.run(wake_by_notice(self._context, notice))

    # -- reading -----------------------------------------------------------------------------

    def account(self, account_id: str) -> Account:
        """
        An account.

        Raises:
            NotFound: there is none.
        """
        account = self._store.account(account_id)
        if account is None:
            raise NotFound("account", account_id)
        return account

    def billing_info_view(self, account_id: str, *, actor: Actor) -> BillingInfoView:
        """Billing information, masked: what support may see."""
        return masked_billing_info(self.account(account_id), actor)

    def dossier(self, license_id: str) -> Dossier:
        """All that is known about a license, for `simulate` and the host's own pages."""
        return self._dossier(license_id)

    def license_view(self, license_id: str) -> LicenseView:
        """Status, access, what is owed and what comes next, as of now."""
        return license_view(self._dossier(license_id), self._store.now(), self._context.policy)

    def accounts(self, *, after: str | None = None, limit: int = _PAGE) -> Page[Account]:
        """Accounts by id, a page at a time."""
        return self._store.accounts(after, _checked_limit(limit))

    def licenses(
        self, filter: LicenseFilter | None = None, *, after: str | None = None, limit: int = _PAGE
    ) -> Page[License]:
        """Licenses by id, a page at a time."""
        return self._store.licenses(filter or LicenseFilter(), after, _checked_limit(limit))

    def invoices(
        self, filter: InvoiceFilter | None = None, *, after: str | None = None, limit: int = _PAGE
    ) -> Page[Invoice]:
        """Invoices by id, a page at a time."""
        return self._store.invoices(filter or InvoiceFilter(), after, _checked_limit(limit))

    def attempts(
        self, filter: AttemptFilter | None = None, *, after: str | None = None, limit: int = _PAGE
    ) -> Page[ChargeAttempt]:
        """Charge attempts by id, a page at a time."""
        return self._store.attempts(filter or AttemptFilter(), after, _checked_limit(limit))

    def needs_attention(self, *, after: str | None = None, limit: int = _PAGE) -> Page[ChargeAttempt]:
        """Charge attempts that only a person can resolve."""
        return self._store.attempts(AttemptFilter(needs_attention=True), after, _checked_limit(limit))

    def events(self, after: int = 0, limit: int = 1000) -> tuple[Event, ...]:
        """
        What happened, in commit order without gaps.

        A consumer remembers the ``sequence`` of the last event it has dealt
        with and passes it as ``after``; it sees every event at least once.
        """
        if limit < 1:
            raise invalid("limit", "out_of_range", min=1, max="any whole number")
        return self._store.events(after, limit)

    def books(self, ledger: Iterable[LedgerEntry] | None = None) -> BillingState:
        """
        Everything in the store, for `check_invariants`.

        Args:
            ledger: what the processors say was captured, to compare with.
        """
        return gather(self._context, self._store, ledger)

    def _dossier(self, license_id: str) -> Dossier:
        dossier = self._store.dossier(license_id)
        if dossier is None:
            raise NotFound("license", license_id)
        return dossier.with_gateways(self._context.gateways)


def _checked_limit(limit: int) -> int:
    if type(limit) is not int or not 1 <= limit <= 1000:
        raise invalid("limit", "out_of_range", min=1, max=1000)
    return limit


def _checked_shard(shard: tuple[int, int]) -> Shard:
    number, count = shard
    if not (type(number) is int and type(count) is int and 0 <= number < count):
        raise invalid("shard", "out_of_range", min="(0, n)", max="(n - 1, n)")
    return Shard(number, count)
