"""The dossier: everything that is known about one license, and all that a decision reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

import attrs

from billing_core.accounts.account import Account
from billing_core.accounts.saved_card import SavedCard
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.gateways.capabilities import Capabilities
from billing_core.licenses.license import License
from billing_core.records import as_tuple
from billing_core.values.money import Money
from billing_core.values.texts import Id
from billing_core.values.typed import Typed, check_instance, evolve, trusted
from billing_core.values.zones import local_date

__all__ = ["CardTry", "CardUse", "Dossier"]

_NOTHING_DECLARED = Capabilities()


@attrs.frozen(kw_only=True)
class CardTry(Typed):
    """
    One recent attempt on a physical card, of whatever license.

    Attributes:
        number: which attempt on the card it is.
        at: when it was sent, the last time.
    """

    number: int
    attempt_id: Id
    gateway_id: Id
    at: datetime
    amount: Money
    state: AttemptState

    @classmethod
    def of(cls, attempt: ChargeAttempt) -> CardTry:
        """What others on the same card have to know of an attempt."""
        return trusted(
            cls,
            number=attempt.card_use,
            attempt_id=attempt.id,
            gateway_id=attempt.gateway_id,
            at=attempt.last_sent_at,
            amount=attempt.request.amount,
            state=attempt.state,
        )

    @property
    def may_be_declined(self) -> bool:
        """Whether the network counts it, or may still come to count it."""
        return self.state is AttemptState.DECLINED or self.state.is_unresolved

    @property
    def may_have_captured(self) -> bool:
        """Whether money moved, or may move."""
        return self.state is AttemptState.SUCCEEDED or self.state.is_unresolved


@attrs.frozen(kw_only=True)
class CardUse(Typed):
    """
    How one physical card was used, over all licenses of the store.

    Attributes:
        last: the number of the latest attempt on it.
        tries: those of the last 30 days, in order. Older ones matter to nobody.
    """

    fingerprint: Id
    last: int
    tries: tuple[CardTry, ...] = ()


@attrs.frozen(kw_only=True, repr=False)
class Dossier(Typed):
    """
    One license with all that a decision about it reads.

    Attributes:
        invoices: the license's invoices that are open, or have an unresolved
            attempt or refund, or were issued for the period that comes next
            (with their voided revisions).
        attempts: all attempts of those invoices, oldest first.
        refunds: all refunds of those attempts, oldest first.
        card_uses: how the account's cards were used lately, also by other accounts.
        gateways: what each gateway declares, by id.
        controls: what holds for the whole store.
    """

    account: Account
    license: License
    invoices: tuple[Invoice, ...] = ()
    attempts: tuple[ChargeAttempt, ...] = ()
    refunds: tuple[Refund, ...] = ()
    card_uses: tuple[CardUse, ...] = ()
    gateways: Mapping[Id, Capabilities] = MappingProxyType({})
    controls: Controls = Controls()

    @classmethod
    def of(
        cls,
        account: Account,
        license: License,
        *,
        invoices: Iterable[Invoice] = (),
        attempts: Iterable[ChargeAttempt] = (),
        refunds: Iterable[Refund] = (),
        gateways: Mapping[str, Capabilities] | None = None,
    ) -> Dossier:
        """
        A dossier by hand, for a host without a store, and for tests.

        Raises:
            InvalidInput: ``invalid_type``.
        """
        check_instance(account, Account, "account")
        cards = {card.gateway_id for card in account.cards}
        return cls(
            account=account,
            license=license,
            invoices=as_tuple(invoices),
            attempts=as_tuple(attempts),
            refunds=as_tuple(refunds),
            gateways=gateways if gateways is not None else dict.fromkeys(cards, _NOTHING_DECLARED),
        )

    @property
    def open_invoice(self) -> Invoice | None:
        """The one invoice that waits for its money."""
        return next((invoice for invoice in self.invoices if invoice.is_open), None)

    @property
    def unresolved_attempt(self) -> ChargeAttempt | None:
        """The one attempt that blocks every other charge."""
        return next((attempt for attempt in self.attempts if attempt.is_unresolved), None)

    def attempt(self, attempt_id: str) -> ChargeAttempt | None:
        """The attempt with this id, if it is still of interest."""
        return next((attempt for attempt in self.attempts if attempt.id == attempt_id), None)

    def invoice(self, invoice_id: str) -> Invoice | None:
        """The invoice with this id, if it is still of interest."""
        return next((invoice for invoice in self.invoices if invoice.id == invoice_id), None)

    def attempts_of(self, invoice: Invoice) -> tuple[ChargeAttempt, ...]:
        """All attempts at one invoice, oldest first."""
        mine = (attempt for attempt in self.attempts if attempt.invoice_id == invoice.id)
        return tuple(sorted(mine, key=lambda attempt: attempt.number))

    @property
    def unresolved_refunds(self) -> tuple[Refund, ...]:
        """Refunds whose outcome is not settled; they block no charge, but one of the same invoice."""
        return tuple(refund for refund in self.refunds if refund.is_unresolved)

    @property
    def awaited_refund(self) -> Refund | None:
        """What is given back of an earlier charge of the open invoice, and is not settled."""
        invoice = self.open_invoice
        if invoice is None:
            return None
        return next((it for it in self.unresolved_refunds if it.invoice_id == invoice.id), None)

    @property
    def is_in_doubt(self) -> bool:
        """Whether nobody knows if money for the open invoice is here: not the customer's fault."""
        attempt = self.unresolved_attempt
        return (attempt is not None and attempt.is_uncertain) or self.awaited_refund is not None

    def refund(self, refund_id: str) -> Refund | None:
        """The refund with this id, if it is still of interest."""
        return next((refund for refund in self.refunds if refund.id == refund_id), None)

    def refunds_of(self, attempt: ChargeAttempt) -> tuple[Refund, ...]:
        """All refunds of one charge, oldest first."""
        mine = (refund for refund in self.refunds if refund.attempt_id == attempt.id)
        return tuple(sorted(mine, key=lambda refund: refund.number))

    def tries_on(self, card: SavedCard) -> tuple[CardTry, ...]:
        """The recent attempts on this physical card, oldest first; the license's own as they are by now."""
        tries = {
            tried.attempt_id: tried
            for use in self.card_uses
            if use.fingerprint == card.fingerprint
            for tried in use.tries
        }
        own = (attempt for attempt in self.attempts if attempt.fingerprint == card.fingerprint)
        tries |= {attempt.id: CardTry.of(attempt) for attempt in own}
        return tuple(sorted(tries.values(), key=lambda tried: (tried.at, tried.number)))

    def next_use_of(self, card: SavedCard) -> int:
        """The number of the next attempt on this physical card."""
        last = (use.last for use in self.card_uses if use.fingerprint == card.fingerprint)
        own = (attempt.card_use for attempt in self.attempts if attempt.fingerprint == card.fingerprint)
        return max((*last, *own), default=0) + 1

    def capabilities(self, gateway_id: str) -> Capabilities | None:
        """What a gateway declares; ``None`` if the host did not give it."""
        return self.gateways.get(gateway_id)

    @property
    def needs_no_card(self) -> bool:
        """Whether the next period costs nothing, or no more (before tax) than the account has in credit."""
        owed, carried = self.license.next_price, self.license.carried
        return (owed if carried is None else owed + carried) <= self.account.balance

    def today(self, now: datetime) -> date:
        """The local day, in the zone of the term in force."""
        return local_date(now, self.license.term.zone)

    def uncertain_time(self, now: datetime) -> timedelta:
        """For how long nobody knew whether the open invoice was paid."""
        invoice = self.open_invoice
        if invoice is None:
            return timedelta(0)
        times = (attempt.uncertain_time(now) for attempt in self.attempts_of(invoice))
        waits = (refund.unsettled_time(now) for refund in self.refunds if refund.invoice_id == invoice.id)
        return sum((*times, *waits), timedelta(0))

    def with_account(self, account: Account) -> Dossier:
        """The dossier after a change of its account."""
        return evolve(self, account=account)

    def with_license(self, license: License) -> Dossier:
        """The dossier after a change of its license."""
        return evolve(self, license=license)

    def with_invoice(self, invoice: Invoice) -> Dossier:
        """The dossier with a new or changed invoice."""
        others = tuple(other for other in self.invoices if other.id != invoice.id)
        return evolve(self, invoices=(*others, invoice))

    def with_attempt(self, attempt: ChargeAttempt) -> Dossier:
        """The dossier with a new or changed attempt."""
        others = tuple(other for other in self.attempts if other.id != attempt.id)
        return evolve(self, attempts=(*others, attempt))

    def with_refund(self, refund: Refund) -> Dossier:
        """The dossier with a new or changed refund."""
        others = tuple(other for other in self.refunds if other.id != refund.id)
        return evolve(self, refunds=(*others, refund))

    def with_gateways(self, gateways: Mapping[str, Capabilities]) -> Dossier:
        """The dossier with what the host's gateways declare."""
        return self if gateways is self.gateways else evolve(self, gateways=gateways)

    def __repr__(self) -> str:
        return f"Dossier({self.license.id}, {len(self.invoices)} invoices, {len(self.attempts)} attempts)"
