"""
The people of the demo: owners who enter cards, forget to renew them, call support.

A story says how an owner's card behaves at the processor and how the owner
reacts. Everything goes through the public commands, as a host would call them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import attrs

from billing_core import (
    Actor,
    Billing,
    Event,
    EventType,
    License,
    LicenseFilter,
    LicenseStatus,
    NotFound,
    PermissionDenied,
    Role,
)
from billing_core.contrib.demo.customers import Customer, plan_for
from billing_core.contrib.demo.processor import DemoProcessor

__all__ = ["CARD_SCRIPTS", "World"]

#: Story -> how the first card's charges end, in order; the last word holds for ever.
CARD_SCRIPTS = {
    "": "ok",
    "troubled": "ok,ok,retry_later,retry_later,ok",
    "declines_once": "ok,ok,retry_later,ok",
    "declines_twice": "ok,ok,ok,retry_later,retry_later,ok",
    "stolen": "ok,ok,ok,ok,never",
    "authenticate": "ok,ok,action,ok",
    "silent": "ok,ok,ok,retry_later",
    "lost_reply": "ok,ok,lost,ok",
}

_SAM = Actor.support("sam")
_SYSTEM = Actor.system("crm-sync")


@attrs.define
class World:
    """Everybody outside the library."""

    billing: Billing
    processor: DemoProcessor
    customers: tuple[Customer, ...]
    refusals: list[str] = attrs.field(factory=list)

    def live_through(self, day: date) -> None:
        """What people do on one day, after the night's renewals."""
        for customer in self.customers:
            if customer.starts_on == day:
                self._sign_up(customer)
            elif customer.starts_on < day:
                story = _STORIES.get(customer.story)
                if story is not None:
                    story(self, customer, day)

    def _sign_up(self, customer: Customer) -> None:
        billing, owner = self.billing, Actor.member(customer.owner)
        try:
            billing.account(customer.external_id)
        except NotFound:
            billing.open_account(
                customer.name,
                id=customer.external_id,
                currency=customer.currency,
                time_zone=customer.time_zone,
                actor=owner,
            )
        billing.update_billing_info(customer.external_id, customer.form, actor=owner)
        if customer.story == "troubled":
            billing.add_member(customer.external_id, "nadia", Role.AGENT, actor=owner)
        if customer.story != "no_card":
            script = CARD_SCRIPTS.get(customer.story, "ok")
            self._enter_card(customer, customer.card_last4, customer.card_expires, script)
        plan = plan_for(customer.plan, customer.currency)
        lic = billing.choose_plan(customer.external_id, plan, quantity=customer.seats, actor=owner)
        billing.run_license(lic.id)

    def _enter_card(self, customer: Customer, last4: str, expires: str, script: str = "ok") -> None:
        owner = Actor.member(customer.owner)
        account = self.billing.account(customer.external_id)
        setup = self.billing.begin_card_setup(account.id, return_url="https://helpdesk.example/billing", actor=owner)
        self.processor.owner_enters_card(setup.session_ref, customer.card_brand, last4, expires, script)
        self.billing.complete_card_setup(account.id, setup.id, replace=account.default_card_id, actor=owner)

    def update_card(self, customer: Customer) -> None:
        """The owner enters a new card, and what is unpaid is charged within the same request."""
        self._enter_card(customer, "1881", "2028-11")
        self.billing.run_license(self.license(customer).id, actor=Actor.member(customer.owner))

    def license(self, customer: Customer) -> License:
        """The customer's one license."""
        page = self.billing.licenses(LicenseFilter(account_id=customer.external_id))
        return page.items[0]

    def status(self, customer: Customer) -> LicenseStatus:
        """Its status now."""
        return self.billing.license_view(self.license(customer).id).status

    def unpaid_for(self, customer: Customer, day: date) -> int:
        """For how many days the license has been due, on this day."""
        return (day - self.license(customer).paid_until).days

    def refused(self, what: str, attempt: Callable[[], object]) -> None:
        """Try something that must not be possible, and note how it was refused."""
        try:
            attempt()
        except PermissionDenied as error:
            self.refusals.append(f"{what}: {error}")
        else:
            raise AssertionError(f"{what} should have been refused")

    def notify(self, references: list[str]) -> None:
        """The processor tells us that something happened; we look for ourselves."""
        if references:
            body = json.dumps({"id": f"evt-{references[0]}", "references": references}).encode()
            for license_id in self.billing.handle_webhook(body, {}):
                self.billing.run_license(license_id)


def _replaces_expired_card(world: World, customer: Customer, day: date) -> None:
    """The owner reads the first notice only after the renewal failed, two days late."""
    if world.unpaid_for(customer, day) == 2:
        world.update_card(customer)


def _replaces_stolen_card(world: World, customer: Customer, day: date) -> None:
    """The bank blocked the card; the new one arrives nine days after the renewal."""
    if world.unpaid_for(customer, day) == 9:
        world.update_card(customer)


def _confirms_at_the_bank(world: World, customer: Customer, day: date) -> None:
    """The bank wants the cardholder to confirm; they do so on the next day."""
    if world.unpaid_for(customer, day) == 1:
        world.notify(world.processor.cardholders_confirm())


def _cancels(world: World, customer: Customer, day: date) -> None:
    if day == date(2024, 6, 15):
        lic = world.license(customer)
        world.billing.cancel(lic.id, actor=Actor.member(customer.owner), reason="we moved to a self-hosted tool")


def _gets_into_trouble(world: World, customer: Customer, day: date) -> None:
    """The whole story: the card runs out, the license expires, support helps, the owner pays."""
    if world.status(customer) is not LicenseStatus.EXPIRED:
        return
    lic = world.license(customer)
    billing, account_id = world.billing, customer.external_id
    days = world.unpaid_for(customer, day)
    if days == 9:
        # An agent of the customer tries first, then the owner calls support, who must not touch a card.
        page = "https://helpdesk.example/billing"
        nadia = Actor.member("nadia")
        world.refused(
            "agent updates the card", lambda: billing.begin_card_setup(account_id, return_url=page, actor=nadia)
        )
        world.refused(
            "support touches a card", lambda: billing.begin_card_setup(account_id, return_url=page, actor=_SAM)
        )
        claims = {field: customer.form[field] for field in ("name", "phone", "postal_code", "tax_id")}
        check = billing.verify_owner(account_id, claims, actor=_SAM, reason="owner on the phone, locked out")
        if check.verified:
            billing.grant_extension(lic.id, days=5, actor=_SAM, reason="card ran out, new one is in the post")
    elif days == 12:
        world.update_card(customer)


_STORIES: dict[str, Callable[[World, Customer, date], None]] = {
    "troubled": _gets_into_trouble,
    "expires": _replaces_expired_card,
    "stolen": _replaces_stolen_card,
    "authenticate": _confirms_at_the_bank,
    "cancels": _cancels,
}




