"""Accounts, the people on them, their billing information and their cards."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import reject
from hypothesis import strategies as st

from billing_core.accounts.account import Account, CardSetup, CardSetupStatus, Member
from billing_core.accounts.billing_info import BillingInfo
from billing_core.accounts.permissions import Actor, ActorKind, Role
from billing_core.accounts.saved_card import CardCheck, CardChecks, CardExpiry, CardToken, SavedCard
from billing_core.accounts.verification import ClaimMatch, Verification
from billing_core.advice import Advice
from billing_core.events import ActorRef
from billing_core.identity.address import Address
from billing_core.identity.phone import Phone, PhoneKind, PhoneValidity
from billing_core.identity.tax_id import TaxId, TaxIdLevel
from billing_core.policy import (
    BillingPolicy,
    CancelUncertain,
    CatchUp,
    ExpiredAccess,
    OpenInvoiceRule,
    TrialEnd,
)
from billing_core.tax.answers import RegistryAnswer, RegistryStatus
from billing_core.tax.verification import VerificationState
from billing_core.testing.strategies.values import (
    currencies,
    human_texts,
    ids,
    instants,
    monies,
    time_zones,
)
from billing_core.values.currency import Currency
from billing_core.values.money import Money

__all__ = [
    "accounts",
    "actor_refs",
    "actors",
    "addresses",
    "billing_infos",
    "card_checks",
    "card_expiries",
    "card_setups",
    "card_tokens",
    "last4s",
    "members",
    "phones",
    "policies",
    "saved_cards",
    "tax_ids",
    "verification_states",
    "verifications",
]

_BRANDS = ("visa", "mastercard", "amex", "discover", "jcb", "unionpay", "cartes_bancaires")

#: Known to phonenumbers and to stdnum; drawing from them costs nothing.
_PHONES = (
    Phone(e164="+442079460018", region="GB", kind=PhoneKind.FIXED_LINE, validity=PhoneValidity.VALID),
    Phone(e164="+12025550143", region="US", kind=PhoneKind.FIXED_LINE_OR_MOBILE),
    Phone(e164="+33142685300", extension="12", region="FR", kind=PhoneKind.FIXED_LINE),
)
_TAX_IDS = (
    TaxId(type="eu_vat", country="DE", value="DE136695976", level=TaxIdLevel.CHECKSUM),
    TaxId(type="gb_vat", country="GB", value="GB980780684", level=TaxIdLevel.CHECKSUM),
    TaxId(type="au_abn", country="AU", value="51824753556", level=TaxIdLevel.CHECKSUM),
)


def actors() -> st.SearchStrategy[Actor]:
    """Members, support agents and jobs."""
    return st.builds(Actor, kind=st.sampled_from(ActorKind), id=ids())


def actor_refs() -> st.SearchStrategy[ActorRef]:
    """Actors as events name them."""
    return st.builds(
        lambda kind, id, role: ActorRef(kind=kind.value, id=id, role=role.value),
        st.sampled_from(ActorKind),
        ids(),
        st.sampled_from(Role),
    )


def members() -> st.SearchStrategy[Member]:
    """Users of an account, in any role."""
    return st.builds(Member, user_id=ids(), role=st.sampled_from((Role.OWNER, Role.ADMIN, Role.AGENT)))


def phones() -> st.SearchStrategy[Phone]:
    """Phone numbers that somebody could be called by."""
    return st.sampled_from(_PHONES)


def tax_ids() -> st.SearchStrategy[TaxId]:
    """Tax ids with right check digits."""
    return st.sampled_from(_TAX_IDS)


def addresses() -> st.SearchStrategy[Address]:
    """Addresses in a few countries, with any text in their lines."""
    line = st.none() | human_texts()
    return built(
        Address,
        name=line,
        company=line,
        line1=human_texts(),
        line2=line,
        city=human_texts(),
        region=st.none() | st.sampled_from(("NY", "BY", "Ontario")),
        postal_code=st.none() | st.sampled_from(("75001", "SW1A 1AA", "10115-2")),
        country=st.sampled_from(("FR", "GB", "US", "DE", "JP")),
    )


def billing_infos() -> st.SearchStrategy[BillingInfo]:
    """Billing information, with and without phone and tax id."""
    return built(
        BillingInfo,
        name=human_texts(),
        address=addresses(),
        phone=st.none() | phones(),
        tax_id=st.none() | tax_ids(),
    )


def card_tokens() -> st.SearchStrategy[CardToken]:
    """Tokens of the default grammar, and of one that an adapter declares."""
    plain = st.text("abcdefghijklmnopqrstuvwxyz23", min_size=1, max_size=20)
    declared = st.integers(1, 10**9).map(lambda number: CardToken(str(number), grammar="[0-9]{1,10}"))
    return plain.map(lambda text: CardToken(f"tok_{text}")) | declared


def card_expiries(*, min_year: int = 2000, max_year: int = 2199) -> st.SearchStrategy[CardExpiry]:
    """Months of expiry."""
    return st.builds(CardExpiry, st.integers(min_year, max_year), st.integers(1, 12))


def last4s() -> st.SearchStrategy[str]:
    """The last four digits of a card."""
    return st.integers(0, 9999).map("{:04d}".format)


def card_checks() -> st.SearchStrategy[CardChecks]:
    """What an issuer said when the card was set up."""
    check = st.sampled_from(CardCheck)
    return st.builds(CardChecks, cvc=check, postal_code=check, address=check)


def saved_cards(
    *, gateway_id: str | None = None, min_year: int = 2000, max_year: int = 2199
) -> st.SearchStrategy[SavedCard]:
    """Cards on file: in use, frozen, expired."""
    return st.builds(
        SavedCard,
        id=ids(prefix="card"),
        gateway_id=ids() if gateway_id is None else st.just(gateway_id),
        token=card_tokens(),
        brand=st.sampled_from(_BRANDS),
        last4=last4s(),
        expires=card_expiries(min_year=min_year, max_year=max_year),
        added_at=instants(),
        fingerprint=ids(prefix="fp"),
        checks=card_checks(),
        network_transaction_id=st.none() | ids(),
        frozen_because=st.none() | st.sampled_from((Advice.NEVER, Advice.STOP_RECURRING)),
    )


def card_setups() -> st.SearchStrategy[CardSetup]:
    """Visits to a processor's card page, at any stage."""
    return st.builds(
        CardSetup,
        id=ids(prefix="setup"),
        account_id=ids(prefix="acc"),
        gateway_id=ids(),
        session_ref=ids(prefix="sess"),
        begun_at=instants(),
        expires_at=st.none() | instants(),
        url=st.none() | ids().map("https://processor.example/{}".format),
        client_secret=st.none() | ids(prefix="secret"),
        status=st.just(CardSetupStatus.PENDING),
    ) | st.builds(
        lambda setup, card_id: setup.completed(card_id), st.deferred(card_setups), ids(prefix="card")
    )


def verification_states() -> st.SearchStrategy[VerificationState]:
    """What a registry said about a tax id, with the name it gave."""
    answer = st.builds(
        RegistryAnswer,
        status=st.sampled_from(RegistryStatus),
        checked_at=instants(),
        reference=st.none() | ids(),
        name=st.none() | human_texts(),
        address=st.none() | human_texts(),
    )
    return st.builds(
        VerificationState,
        last_valid=st.none() | answer.map(lambda known: attrs.evolve(known, status=RegistryStatus.VALID)),
        last_answer=st.none() | answer,
        attempts=st.integers(0, 9),
        next_check_at=st.none() | instants(),
    )


def verifications() -> st.SearchStrategy[Verification]:
    """Outcomes of verifying an owner."""
    claims = st.sampled_from(("name", "phone", "postal_code", "tax_id"))
    required, fields = st.integers(1, 4), st.dictionaries(claims, st.sampled_from(ClaimMatch))
    return st.builds(_verification, fields, required)


def _verification(fields: dict[str, ClaimMatch], required: int) -> Verification:
    found = list(fields.values())
    verified = found.count(ClaimMatch.MATCH) >= required and ClaimMatch.MISMATCH not in found
    return Verification(verified=verified, fields=fields, required=required)


@st.composite
def accounts(
    draw: st.DrawFn,
    *,
    currency: Currency | None = None,
    min_cards: int = 0,
    max_cards: int = 2,
    gateway_id: str | None = None,
    max_balance_minor: int = 10**6,
) -> Account:
    """Accounts with an owner or more, with cards, visits, credit, and what was verified."""
    money = currency if currency is not None else draw(currencies())
    people = draw(st.lists(members(), max_size=3, unique_by=lambda member: member.user_id))
    cards = draw(
        st.lists(
            saved_cards(gateway_id=gateway_id),
            min_size=min_cards,
            max_size=max_cards,
            unique_by=lambda card: card.id,
        )
    )
    others = tuple(member for member in people if member.user_id != "ada")
    return Account(
        id=draw(ids(prefix="acc")),
        seller_id=draw(st.just("default") | ids()),
        name=draw(human_texts()),
        time_zone=draw(time_zones()),
        currency=money,
        members=(Member(user_id="ada", role=Role.OWNER), *others),
        billing_info=draw(st.none() | billing_infos()),
        tax_verification=draw(st.none() | verification_states()),
        cards=tuple(cards),
        default_card_id=cards[0].id if cards else None,
        card_setups=tuple(draw(st.lists(card_setups(), max_size=2, unique_by=lambda setup: setup.id))),
        customer_refs=draw(st.dictionaries(ids(), ids(prefix="cus"), max_size=2)),
        balance=draw(
            st.just(Money.zero(money)) | monies(currency=money, min_minor=0, max_minor=max_balance_minor)
        ),
        external_id=draw(st.none() | ids()),
        opened_at=draw(instants()),
        license_count=draw(st.integers(0, 9)),
        setup_count=draw(st.integers(0, 9)),
        version=draw(st.integers(1, 99)),
    )


@st.composite
def policies(draw: st.DrawFn) -> BillingPolicy:
    """All that a vendor can choose."""
    days_max = draw(st.integers(1, 60))
    return BillingPolicy(
        grace_days=draw(st.integers(0, 30)),
        initial_grace_days=draw(st.none() | st.integers(0, 30)),
        retry_days=sorted(draw(st.sets(st.integers(1, 40), max_size=5))),
        catch_up=draw(st.sampled_from(CatchUp)),
        catch_up_days_max=draw(st.integers(0, 800)),
        extension_days_max=days_max,
        extension_days_per_year_max=draw(st.integers(days_max, 90)),
        renewal_notice_days=draw(st.integers(0, 30)),
        extension_notice_days=draw(st.integers(0, 7)),
        expired_access=draw(st.sampled_from(ExpiredAccess)),
        trial_end=draw(st.sampled_from(TrialEnd)),
        open_invoice=draw(st.sampled_from(OpenInvoiceRule)),
        cancel_uncertain=draw(st.sampled_from(CancelUncertain)),
        verification_matches_min=draw(st.integers(1, 4)),
    )


@st.composite
def built(draw: st.DrawFn, /, kind: type[Any], **fields: st.SearchStrategy[Any]) -> Any:
    """A record whose neighbouring texts don't happen to hold a card number together."""
    arguments = {name: draw(field) for name, field in fields.items()}
    try:
        return kind(**arguments)
    except ValueError:
        reject()
