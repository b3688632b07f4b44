"""
The people of the demo: owners, an agent, and Sam of support.

Everything that they do goes through the public commands, as a host would call
them; what happens to their cards is up to the processor.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

import attrs

from billing_core import (
    Access,
    Actor,
    Billing,
    CardExpiry,
    Invoice,
    InvoiceFilter,
    InvoiceStatus,
    LicenseFilter,
    LicenseStatus,
    NotFound,
    PermissionDenied,
    Role,
)
from billing_core.contrib.demo.customers import Customer
from billing_core.contrib.demo.processor import DemoProcessor
from billing_core.records import Record

__all__ = ["CARD_PAGE", "SAM", "Memory", "Standing", "Story", "World"]

CARD_PAGE = "https://helpdesk.example/billing"
SAM = Actor.support("sam")


@attrs.frozen(kw_only=True)
class Story:
    """
    What happens to a customer, and what of it must be on record in the end.

    Attributes:
        card: how the first card's charges end, in order; ``None`` for no card.
        told: the story in one sentence.
        events: what happens, in this order, among other things.
        told_by: the day by which it is over.
        when_unpaid: what the people do about an unpaid invoice, once a day.
        on_days: what they do on given days.
    """

    card: str | None = "ok"
    told: str
    events: tuple[str, ...]
    told_by: Callable[[Customer], date]
    when_unpaid: Callable[[World, Customer, Invoice, int], None] = lambda *_: None
    on_days: Mapping[date, Callable[[World, Customer], None]] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Standing(Record):
    """Status and access of a license, seen at an instant before or after people did something."""

    at: datetime
    is_after: bool
    status: LicenseStatus = attrs.field(converter=LicenseStatus)
    access: Access = attrs.field(converter=Access)


@attrs.define
class Memory:
    """
    What people remember; the world goes on from here when it is played again.

    Attributes:
        until: the first day that was not lived yet.
        refused: who was refused what, and how.
        diary: the hero's status and access, whenever they changed.
    """

    until: date
    refused: list[list[str]] = attrs.field(factory=list)
    diary: list[Standing] = attrs.field(factory=list)


class World:
    """
    Everybody outside the library.

    Args:
        billing: the vendor's billing.
        processor: where cards are typed.
        customers: who lives here.
        stories: what happens to them, by name; who has none just pays.
        hero: whose standing goes into the diary.
        memory: what they remember.
    """

    def __init__(
        self,
        billing: Billing,
        processor: DemoProcessor,
        *,
        customers: Iterable[Customer],
        stories: Mapping[str, Story],
        hero: Customer | None,
        memory: Memory,
    ) -> None:
        self.billing = billing
        self.processor = processor
        self.memory = memory
        self._stories = stories
        self._hero = hero
        self._customers = {customer.external_id: customer for customer in customers}

    def live_through(self, now: datetime) -> None:
        """What people do on one day, after the night's renewals."""
        day = now.date()
        for customer in self._customers.values():
            if customer.starts_on == day:
                self.sign_up(customer)
            elif customer.story in self._stories:
                self._stories[customer.story].on_days.get(day, _nothing)(self, customer)
        for invoice in self._unpaid():
            customer = self._customers[invoice.account_id]
            if customer.story in self._stories:
                self._look(customer, now, is_after=False)
                waited_days = (day - invoice.due_on).days
                self._stories[customer.story].when_unpaid(self, customer, invoice, waited_days)
        if self._hero is not None and self.memory.diary:
            self._look(self._hero, now, is_after=True)

    def sign_up(self, customer: Customer) -> None:
        """Account, form, card, plan, first payment; a second time does what is left of it."""
        billing, owner, id = self.billing, Actor.member(customer.owner), customer.external_id
        try:
            account = billing.account(id)
        except NotFound:
            account = billing.open_account(
                customer.name, id=id, currency=customer.currency, time_zone=customer.time_zone, actor=owner
            )
        billing.update_billing_info(id, customer.form, actor=owner)
        if customer == self._hero:
            billing.add_member(id, "nadia", Role.AGENT, actor=owner)
        card = self._stories[customer.story].card if customer.story in self._stories else "ok"
        if card is not None and not account.cards:
            self._enter_card(customer, customer.card_last4, customer.card_expires, card)
        licenses = billing.licenses(LicenseFilter(account_id=id)).items
        license = (
            licenses[0]
            if licenses
            else billing.choose_plan(id, customer.plan, quantity=customer.seats, actor=owner)
        )
        billing.run_license(license.id)

    def update_card(self, customer: Customer, license_id: str) -> None:
        """The owner enters a new card, and what is unpaid is charged within the same request."""
        self._enter_card(customer, "1881", CardExpiry(2028, 11), "ok")
        self.billing.run_license(license_id, actor=Actor.member(customer.owner))

    def refuse(self, who: str, what: str, attempt: Callable[[], object]) -> None:
        """Try something that must not be possible, and note how it was refused."""
        try:
            attempt()
        except PermissionDenied as error:
            self.memory.refused.append([who, what, str(error)])
        else:
            raise AssertionError(f"{who} should not be able to {what}")

    def cardholders_confirm(self) -> None:
        """Everybody whom the bank asked confirms; the processor sends a notice, and we look for ourselves."""
        references = self.processor.cardholders_confirm()
        if references:
            body = json.dumps({"id": f"evt-{references[0]}", "references": references}).encode()
            for license_id in self.billing.handle_webhook(body, {}):
                self.billing.run_license(license_id)

    def _enter_card(self, customer: Customer, last4: str, expires: CardExpiry, script: str) -> None:
        owner = Actor.member(customer.owner)
        account = self.billing.account(customer.external_id)
        setup = self.billing.begin_card_setup(account.id, return_url=CARD_PAGE, actor=owner)
        self.processor.owner_enters_card(setup.session_ref, customer.card_brand, last4, expires, script)
        self.billing.complete_card_setup(account.id, setup.id, replace=account.default_card_id, actor=owner)

    def _unpaid(self) -> tuple[Invoice, ...]:
        return self.billing.invoices(InvoiceFilter(status=InvoiceStatus.OPEN), limit=1000).items

    def _look(self, customer: Customer, now: datetime, *, is_after: bool) -> None:
        """Note the hero's standing if it is not what it was."""
        diary = self.memory.diary
        if customer != self._hero or (is_after and diary[-1].status is LicenseStatus.ACTIVE):
            return
        (license,) = self.billing.licenses(LicenseFilter(account_id=customer.external_id)).items
        view = self.billing.license_view(license.id)
        if not diary or (view.status, view.access) != (diary[-1].status, diary[-1].access):
            diary.append(Standing(at=now, is_after=is_after, status=view.status, access=view.access))


def _nothing(_world: World, _customer: Customer) -> None:
    """A day like any other."""
