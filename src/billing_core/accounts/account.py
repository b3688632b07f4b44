"""The account: who is billed, who may change it, and with which card."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import attrs

from billing_core.accounts.billing_info import BillingInfo
from billing_core.accounts.permissions import Role
from billing_core.accounts.saved_card import CardToken, SavedCard
from billing_core.advice import Advice
from billing_core.errors import NotAllowed, NotFound
from billing_core.identity.text import free_text
from billing_core.issues import Choice, invalid
from billing_core.records import Record, as_dict
from billing_core.tax.verification import VerificationState
from billing_core.values.currency import Currency
from billing_core.values.money import Money
from billing_core.values.texts import Id, Private, Secret, Text, Url, ZoneName
from billing_core.values.typed import evolve
from billing_core.values.zones import local_date, zone

__all__ = ["Account", "CardSetup", "CardSetupStatus", "Member"]

_MEMBER_ROLES = (Role.OWNER, Role.ADMIN, Role.AGENT)


def _member_role(value: Role | str) -> Role:
    if value not in _MEMBER_ROLES:
        raise invalid("role", "unknown_value", allowed=", ".join(_MEMBER_ROLES))
    return Role(value)


@attrs.frozen(kw_only=True)
class Member(Record):
    """A user of the account and their one role in it."""

    user_id: Id
    role: Role = attrs.field(converter=_member_role)


def _check_unique(field: str, ids: list[str]) -> None:
    if len(set(ids)) != len(ids):
        raise invalid(field, "not_unique")


class CardSetupStatus(Choice):
    """How far a card set-up has come."""

    PENDING = "pending"
    COMPLETED = "completed"


@attrs.frozen(kw_only=True, repr=False)
class CardSetup(Record):
    """
    One visit of the owner to the processor's card page.

    Attributes:
        id: also the reference under which the processor knows the visit.
        session_ref: the processor's own id of the visit.
        url: where to send the owner; ``None`` for embedded forms.
        client_secret: for the processor's embedded form; ``None`` for pages.
        expires_at: after this instant the visit is void (exclusive).
        card_id: the card that came of it.
    """

    id: Id
    account_id: Id
    gateway_id: Id
    session_ref: Id
    begun_at: datetime
    expires_at: datetime | None = None
    url: Private[Url | None] = None
    client_secret: Private[Secret | None] = None
    status: CardSetupStatus = CardSetupStatus.PENDING
    card_id: Id | None = None

    def _check_together(self) -> None:
        if (self.status is CardSetupStatus.COMPLETED) != (self.card_id is not None):
            raise invalid("card_id", "mismatch", other="the status")

    def completed(self, card_id: str) -> CardSetup:
        """The visit after it gave a card."""
        return evolve(self, status=CardSetupStatus.COMPLETED, card_id=card_id, url=None, client_secret=None)

    def __repr__(self) -> str:
        return f"CardSetup({self.id}, {self.status.value})"


@attrs.frozen(kw_only=True, repr=False)
class Account(Record):
    """
    A customer of the vendor.

    Attributes:
        seller_id: which legal seller bills it; invoice series and tax are per seller.
        time_zone: IANA name; days begin and end here.
        currency: of every price and invoice; fixed once anything was invoiced.
        balance: credit in favour of the customer, never negative.
        tax_verification: what registries said about the tax id on file.
        customer_refs: the processor's customer id per gateway.
        license_count, setup_count: how many were ever made; ids derive from them.
        version: 1 when opened, raised by one with every change.
    """

    id: Id
    seller_id: Id = "default"
    name: Private[Text]
    time_zone: ZoneName
    currency: Currency
    members: tuple[Member, ...]
    billing_info: Private[BillingInfo | None] = None
    tax_verification: Private[VerificationState | None] = None
    cards: tuple[SavedCard, ...] = ()
    default_card_id: Id | None = None
    card_setups: tuple[CardSetup, ...] = ()
    customer_refs: Private[Mapping[Id, Id]] = attrs.field(factory=dict, converter=as_dict)
    balance: Money = attrs.field(
        default=attrs.Factory(lambda self: Money.zero(self.currency), takes_self=True)
    )
    external_id: Id | None = None
    opened_at: datetime
    license_count: int = 0
    setup_count: int = 0
    version: int = 1

    def _check_together(self) -> None:
        if self.balance.currency != self.currency:
            raise invalid("balance", "mismatch", other="the account's currency")
        if self.balance.is_negative:
            raise invalid("balance", "negative")
        if not any(member.role is Role.OWNER for member in self.members):
            raise NotAllowed("last_owner", {"account_id": self.id})
        card_ids = [card.id for card in self.cards]
        _check_unique("members", [member.user_id for member in self.members])
        _check_unique("cards", card_ids)
        _check_unique("card_setups", [setup.id for setup in self.card_setups])
        if self.default_card_id not in {None, *card_ids}:
            raise invalid("default_card_id", "unknown_value")

    @classmethod
    def open(
        cls,
        id: str,
        name: str,
        *,
        currency: Currency | str,
        time_zone: str,
        owner: str,
        opened_at: datetime,
        seller_id: str = "default",
        external_id: str | None = None,
    ) -> Account:
        """
        A new account with its first owner.

        Raises:
            InvalidInput: the name, the currency, the zone or an id is wrong;
                a currency withdrawn on or before the opening day is refused.
        """
        money = Currency.of(currency)
        money.ensure_active_on(local_date(opened_at, zone(time_zone)))
        return cls(
            id=id,
            seller_id=seller_id,
            name=free_text("name", name, max_length=200),
            time_zone=time_zone,
            currency=money,
            members=(Member(user_id=owner, role=Role.OWNER),),
            external_id=external_id,
            opened_at=opened_at,
        )

    # -- people ---------------------------------------------------------------

    def member(self, user_id: str) -> Member | None:
        """The member with this user id."""
        return next((member for member in self.members if member.user_id == user_id), None)

    @property
    def owners(self) -> tuple[str, ...]:
        """The user ids of all owners; never empty."""
        return tuple(member.user_id for member in self.members if member.role is Role.OWNER)

    def with_member(self, user_id: str, role: Role) -> Account:
        """The account with this user in this role, whatever role they had before."""
        others = tuple(member for member in self.members if member.user_id != user_id)
        return self._next(members=(*others, Member(user_id=user_id, role=role)))

    def without_member(self, user_id: str) -> Account:
        """
        The account without this user.

        Raises:
            NotFound: no such member.
            NotAllowed: ``last_owner`` - an account always has an owner.
        """
        if self.member(user_id) is None:
            raise NotFound("member", user_id)
        return self._next(members=tuple(member for member in self.members if member.user_id != user_id))

    def with_ownership_moved(self, from_user: str, to_user: str) -> Account:
        """
        Make another member an owner; the former owner stays as an admin.

        Raises:
            NotFound: the new owner is not a member yet.
        """
        if self.member(to_user) is None:
            raise NotFound("member", to_user)
        roles = {to_user: Role.OWNER, from_user: Role.ADMIN} if to_user != from_user else {}
        return self._next(
            members=tuple(
                evolve(member, role=roles.get(member.user_id, member.role)) for member in self.members
            )
        )

    # -- billing information -----------------------------------------------------

    def with_billing_info(self, info: BillingInfo) -> Account:
        """The account with other billing information. What was verified holds for the same tax id only."""
        keeps = self.billing_info is not None and self.billing_info.tax_id == info.tax_id
        return self._next(billing_info=info, tax_verification=self.tax_verification if keeps else None)

    def with_tax_verification(self, state: VerificationState) -> Account:
        """The account after a registry was asked about its tax id."""
        return self._next(tax_verification=state)

    def touched(self) -> Account:
        """The same account one version on: something was put on record about it."""
        return self._next()

    def with_time_zone(self, time_zone: str) -> Account:
        """The account in another zone; its licenses change at their next unbilled boundary."""
        return self._next(time_zone=time_zone)

    def with_balance(self, balance: Money) -> Account:
        """The account with another credit balance."""
        return self._next(balance=balance)

    def with_license_counted(self) -> Account:
        """The account after one more license was started on it."""
        return self._next(license_count=self.license_count + 1)

    # -- cards --------------------------------------------------------------------

    def card(self, card_id: str) -> SavedCard:
        """
        The card with this id.

        Raises:
            NotFound: no such card on this account.
        """
        for card in self.cards:
            if card.id == card_id:
                return card
        raise NotFound("card", card_id)

    def card_with_token(self, gateway_id: str, token: CardToken) -> SavedCard | None:
        """The card that this gateway knows by this token, if it is on the account."""
        known = (card for card in self.cards if card.gateway_id == gateway_id and card.token == token)
        return next(known, None)

    @property
    def default_card(self) -> SavedCard | None:
        """The one card that renewals are charged to; no other card is ever tried instead."""
        return self.card(self.default_card_id) if self.default_card_id is not None else None

    def chargeable_card(self, on: date) -> SavedCard | None:
        """The default card, if it may be charged on this local day."""
        card = self.default_card
        return card if card is not None and card.is_chargeable_on(on) else None

    def setup(self, setup_id: str) -> CardSetup:
        """
        The card set-up with this id.

        Raises:
            NotFound: no such set-up on this account.
        """
        for setup in self.card_setups:
            if setup.id == setup_id:
                return setup
        raise NotFound("card_setup", setup_id)

    def with_setup(self, setup: CardSetup, customer_ref: str | None) -> Account:
        """The account with a begun card set-up, and the processor's customer id if it has one now."""
        refs = dict(self.customer_refs)
        if customer_ref is not None:
            refs[setup.gateway_id] = customer_ref
        # Old visits are of no use to anybody once they are over; a few stay so that repeats find them.
        kept = self.card_setups[-9:]
        return self._next(card_setups=(*kept, setup), setup_count=self.setup_count + 1, customer_refs=refs)

    def with_customer_ref(self, gateway_id: str, customer_ref: str) -> Account:
        """The account with the processor's id for this customer."""
        return self._next(customer_refs={**self.customer_refs, gateway_id: customer_ref})

    def as_first_version(self) -> Account:
        """The account as it is, as its first version: for one that is stored for the first time."""
        return evolve(self, version=1)

    def with_card(
        self,
        card: SavedCard,
        *,
        setup_id: str | None = None,
        replace: str | None = None,
        make_default: bool = True,
    ) -> Account:
        """
        The account with one more card, or with one card replaced by it.

        A card that may never be tried again stays so when it is typed once
        more: the processor's fingerprint tells that it is the same one. A
        withdrawn consent, in contrast, is given anew by typing the card. Where the
        processor gives the same token again, the card takes the place of itself.

        Args:
            card: the new card.
            setup_id: the visit that gave it, marked as completed.
            replace: the id of the card that it replaces.
            make_default: charge renewals to it from now on. The first card,
                and the replacement of the default card, always become the default.
        """
        blocked = (other for other in self.cards if other.frozen_because is Advice.NEVER)
        if card.fingerprint in {other.fingerprint for other in blocked}:
            card = card.frozen(Advice.NEVER)
        if replace is not None:
            self.card(replace)
        same = self.card_with_token(card.gateway_id, card.token)
        gone = {replace, same.id if same is not None else None}
        remaining = tuple(other for other in self.cards if other.id not in gone)
        is_default = make_default or self.default_card_id in {None, *gone}
        setups = self._setups_with(self.setup(setup_id).completed(card.id)) if setup_id else self.card_setups
        return self._next(
            cards=(*remaining, card),
            default_card_id=card.id if is_default else self.default_card_id,
            card_setups=setups,
        )

    def with_card_updated(self, updated: SavedCard) -> Account:
        """The account with other details of a card that it has."""
        self.card(updated.id)
        return self._next(cards=tuple(updated if card.id == updated.id else card for card in self.cards))

    def without_card(self, card_id: str) -> Account:
        """
        The account without this card.

        Removing the default card leaves none: another one is never chosen silently.
        """
        self.card(card_id)
        return self._next(
            cards=tuple(card for card in self.cards if card.id != card_id),
            default_card_id=None if self.default_card_id == card_id else self.default_card_id,
        )

    def with_default_card(self, card_id: str) -> Account:
        """The account with another default card."""
        self.card(card_id)
        return self._next(default_card_id=card_id)

    def with_card_frozen(self, fingerprint: str, because: Advice) -> Account:
        """The account after a decline that forbids another attempt on this physical card."""
        return self._next(
            cards=tuple(
                card.frozen(because) if card.fingerprint == fingerprint else card for card in self.cards
            )
        )

    # -- inside ---------------------------------------------------------------------

    def _setups_with(self, changed: CardSetup) -> tuple[CardSetup, ...]:
        return tuple(changed if setup.id == changed.id else setup for setup in self.card_setups)

    def _next(self, **changes: object) -> Account:
        return evolve(self, version=self.version + 1, **changes)

    def __repr__(self) -> str:
        return f"Account({self.id}, version={self.version})"
