"""What happens to the customers of the demo, story by story, and what must be on record of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from billing_core import Actor, EventType, Invoice, LicenseFilter, RenewalSchedule
from billing_core.contrib.demo.customers import Customer
from billing_core.contrib.demo.world import CARD_PAGE, SAM, Story, World

__all__ = ["STORIES", "happened_in_order"]

_FORTNIGHT = timedelta(days=15)


def happened_in_order(expected: Iterable[str], happened: Iterable[str]) -> bool:
    """
    Whether all that is expected happened, in that order, whatever else happened between.

    >>> happened_in_order(["declined", "paid"], ["started", "declined", "told", "paid"])
    True
    """
    rest = iter(happened)
    return all(event in rest for event in expected)


def _after_renewals(count: int) -> Callable[[Customer], date]:
    """A fortnight after a renewal: 0 is the first payment."""
    return lambda customer: (
        RenewalSchedule(customer.starts_on, customer.plan.interval).boundary(count) + _FORTNIGHT
    )


def _after_the_card_expired(customer: Customer) -> date:
    """A fortnight after the first renewal for which the card is too old."""
    schedule = RenewalSchedule(customer.starts_on, customer.plan.interval)
    number = 0
    while not customer.card_expires.is_past(schedule.boundary(number)):
        number += 1
    return schedule.boundary(number) + _FORTNIGHT


# -- what people do about an unpaid invoice -----------------------------------------------------------


def _gets_help(world: World, customer: Customer, invoice: Invoice, days: int) -> None:
    """Locked out on day 7, the owner calls support on day 9, and has a new card on day 12."""
    if days == 9:
        _calls_support(world, customer, invoice.license_id)
    elif days == 12:
        world.update_card(customer, invoice.license_id)


def _calls_support(world: World, customer: Customer, license_id: str) -> None:
    """An agent of the customer tries first; then the owner calls support, who must not touch a card."""
    billing, account_id = world.billing, customer.external_id
    for who, actor in (("an agent", Actor.member("nadia")), ("support", SAM)):
        world.refuse(
            who,
            "open the card page",
            lambda actor=actor: billing.begin_card_setup(account_id, return_url=CARD_PAGE, actor=actor),  # type: ignore[misc]
        )
    claims = {field: customer.form[field] for field in ("name", "phone", "postal_code", "tax_id")}
    check = billing.verify_owner(account_id, claims, actor=SAM, reason="locked out, on the phone")
    is_extended = billing.dossier(license_id).license.extensions
    if check.verified and not is_extended:
        billing.grant_extension(license_id, days=5, actor=SAM, reason="the new card is in the post")


def _updates_the_card_after(waits_days: int) -> Callable[[World, Customer, Invoice, int], None]:
    def act(world: World, customer: Customer, invoice: Invoice, days: int) -> None:
        if days == waits_days:
            world.update_card(customer, invoice.license_id)

    return act


def _confirms(world: World, _customer: Customer, _invoice: Invoice, days: int) -> None:
    if days == 1:
        world.cardholders_confirm()


def _cancels(world: World, customer: Customer) -> None:
    (license,) = world.billing.licenses(LicenseFilter(account_id=customer.external_id)).items
    owner = Actor.member(customer.owner)
    world.billing.cancel(license.id, actor=owner, reason="we moved to a self-hosted tool")


# -- the stories ------------------------------------------------------------------------------------------

_E = EventType

STORIES: Mapping[str, Story] = MappingProxyType(
    {
        "troubled": Story(
            card="ok,ok,retry_later,retry_later,ok",
            told="two declines; later the card runs out, the door closes, support helps, a new card pays",
            events=(
                *(_E.CHARGE_DECLINED, _E.CHARGE_DECLINED, _E.LICENSE_RENEWED, _E.NOTICE_CARD_EXPIRING),
                *(_E.LICENSE_EXPIRED, _E.OWNER_VERIFIED, _E.EXTENSION_GRANTED, _E.CARD_REPLACED),
                *(_E.CHARGE_SUCCEEDED, _E.LICENSE_RENEWED),
            ),
            told_by=_after_the_card_expired,
            when_unpaid=_gets_help,
        ),
        "declines_once": Story(
            card="ok,ok,retry_later,ok",
            told="one decline, paid at the first retry",
            events=(_E.CHARGE_DECLINED, _E.CHARGE_SUCCEEDED, _E.LICENSE_RENEWED),
            told_by=_after_renewals(2),
        ),
        "declines_twice": Story(
            card="ok,ok,ok,retry_later,retry_later,ok",
            told="two declines, paid at the second retry",
            events=(_E.CHARGE_DECLINED, _E.CHARGE_DECLINED, _E.CHARGE_SUCCEEDED, _E.LICENSE_RENEWED),
            told_by=_after_renewals(3),
        ),
        "stolen": Story(
            card="ok,ok,ok,ok,never",
            told="a stolen card is never tried again; expired for two days, until the new card comes",
            events=(
                _E.CHARGE_DECLINED,
                _E.CARD_FROZEN,
                _E.LICENSE_EXPIRED,
                _E.CARD_REPLACED,
                _E.LICENSE_RENEWED,
            ),
            told_by=_after_renewals(4),
            when_unpaid=_updates_the_card_after(9),
        ),
        "expires": Story(
            told="a card that ran out is announced, not charged; the owner is two days late",
            events=(_E.NOTICE_CARD_EXPIRING, _E.CARD_REPLACED, _E.CHARGE_SUCCEEDED, _E.LICENSE_RENEWED),
            told_by=_after_the_card_expired,
            when_unpaid=_updates_the_card_after(2),
        ),
        "authenticate": Story(
            card="ok,ok,action,ok",
            told="the bank asks the owner, who confirms on the next day",
            events=(_E.CHARGE_REQUIRES_ACTION, _E.CHARGE_NOTICED, _E.CHARGE_SUCCEEDED, _E.LICENSE_RENEWED),
            told_by=_after_renewals(2),
            when_unpaid=_confirms,
        ),
        "lost_reply": Story(
            card="ok,ok,lost,ok",
            told="the processor's answer gets lost; a look-up finds the money",
            events=(_E.CHARGE_UNCERTAIN, _E.CHARGE_SUCCEEDED, _E.LICENSE_RENEWED),
            told_by=_after_renewals(2),
        ),
        "silent": Story(
            card="ok,ok,ok,retry_later",
            told="four declines, and nobody does anything: expired, and nothing more is tried",
            events=(*[_E.CHARGE_DECLINED] * 4, _E.LICENSE_EXPIRED),
            told_by=_after_renewals(3),
        ),
        "no_card": Story(
            card=None,
            told="signs up without a card, and never enters one",
            events=(_E.LICENSE_STARTED, _E.NOTICE_CARD_MISSING, _E.LICENSE_EXPIRED),
            told_by=_after_renewals(0),
        ),
        "cancels": Story(
            told="cancels on 15 June, and is served to the end of the paid period",
            events=(_E.CANCELLATION_SCHEDULED, _E.LICENSE_CANCELED),
            told_by=lambda _: date(2024, 7, 15),
            on_days={date(2024, 6, 15): _cancels},
        ),
    }
)
