"""Whether a due invoice can be charged: what is charged, why, and from when on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from billing_core.accounts.account import Account
from billing_core.accounts.saved_card import CardExpiry
from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.chance import Chance, charging_chance
from billing_core.charging.dossier import CardTry, CardUse, Dossier
from billing_core.charging.refund import RefundState
from billing_core.charging.steps import Because
from billing_core.gateways.capabilities import RetryOwner
from billing_core.gateways.results import ChargeResult
from billing_core.policy import BillingPolicy
from billing_core.values.money import Money
from tests.builders import invoice, refund
from tests.charging_builders import (
    JAN_31,
    PRICE,
    account_with,
    an_attempt,
    capabilities_of,
    card_named,
    dossier_of,
    license_of,
    paris,
)

S = AttemptState
TICK, MINUTE, HOUR, DAY = (
    timedelta(microseconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
NOW = paris(JAN_31)
POLICY = BillingPolicy(retry_days=(1, 3))
BILL = invoice(of=license_of(), amount=PRICE)
CARD = card_named()
DECLINED = an_attempt(S.DECLINED)


def chance(dossier: Dossier, now: Any = NOW, *, is_billed: bool = True) -> Chance:
    return charging_chance(dossier, BILL if is_billed else None, now, POLICY)


def now_with(rule: str, **facts: Any) -> Chance:
    return Chance(because=Because(rule, facts), is_now=True, card=CARD)


def never_with(rule: str, **facts: Any) -> Chance:
    return Chance(because=Because(rule, facts))


@pytest.mark.parametrize("is_billed", [True, False])
def test_due(*, is_billed: bool) -> None:
    """With the default card, whether it is billed yet or not."""
    assert now_with("renewal_due") == chance(dossier_of(), is_billed=is_billed)


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (account_with(), never_with("no_card")),
        (
            account_with(card_named(frozen_because=Advice.STOP_RECURRING)),
            never_with("card_frozen", advice="stop_recurring"),
        ),
        (
            account_with(card_named(expires=CardExpiry(2024, 12))),
            never_with("card_expired", expires="2024-12"),
        ),
        (
            account_with(card_named(gateway_id="gone")),
            Chance(because=Because("gateway_not_given", {"gateway_id": "gone"}), at=NOW + DAY),
        ),
    ],
    ids=["none", "frozen", "expired", "no gateway"],
)
@pytest.mark.parametrize("is_billed", [True, False])
def test_card_that_can_not_be_charged(account: Account, expected: Chance, *, is_billed: bool) -> None:
    """Not before another card comes; but a gateway may be given any day."""
    assert expected == chance(dossier_of(account=account), is_billed=is_billed)


def test_nothing_to_charge() -> None:
    """No card is needed for what costs nothing; once it is billed, what is due is due."""
    rich = dossier_of(account=account_with(balance=PRICE))
    assert Chance(because=Because("nothing_to_charge"), is_now=True) == chance(rich, is_billed=False)
    assert never_with("no_card") == chance(rich)


@pytest.mark.parametrize(
    ("currencies", "expected"),
    [
        (None, now_with("renewal_due")),
        (frozenset({"EUR", "USD"}), now_with("renewal_due")),
        (frozenset({"USD"}), never_with("currency_not_supported", gateway_id="main")),
    ],
)
def test_currency(currencies: Any, expected: Chance) -> None:
    """Of the account, if the gateway says which ones it takes."""
    assert expected == chance(dossier_of(capabilities=capabilities_of(currencies=currencies)))


def test_limit_of_the_network() -> None:
    """Which network, and until when; at that instant it is over."""
    tries = tuple(
        CardTry.of(an_attempt(S.DECLINED, id=f"att_{n}", sent_at=NOW - (15 - n) * HOUR, card_use=n))
        for n in range(15)
    )
    dossier = dossier_of(card_uses=(CardUse(fingerprint="fp_card_1", last=15, tries=tries),))
    until = NOW - 15 * HOUR + 30 * DAY
    limited = Chance(because=Because("network_limit", {"brand": "visa"}), at=until)
    assert (limited, limited) == (chance(dossier), chance(dossier, until - TICK))
    assert now_with("renewal_due") == chance(dossier, until)
    fewer = attrs.evolve(dossier, card_uses=(CardUse(fingerprint="fp_card_1", last=15, tries=tries[1:]),))
    assert now_with("renewal_due") == chance(fewer)


# -- tried before ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ((an_attempt(S.VOID, sends=0),), now_with("renewal_due")),
        ((an_attempt(S.VOID),), now_with("earlier_attempt_never_happened", attempt=1)),
        ((DECLINED,), Chance(because=Because("retry_planned", {"attempts": 1}), at=NOW + DAY)),
        (
            (an_attempt(S.DECLINED, id="att_2", number=2, sent_at=NOW + DAY), DECLINED),
            Chance(because=Because("retry_planned", {"attempts": 2}), at=NOW + 3 * DAY),
        ),
        (
            (attrs.evolve(DECLINED, number=3, first_sent_at=NOW + 3 * DAY),),
            never_with("retries_exhausted", attempts=3),
        ),
        ((attrs.evolve(DECLINED, card_id="card_0"),), now_with("card_changed", due_on="2025-01-31")),
        (
            (attrs.evolve(DECLINED, result=ChargeResult.declined(Advice.NEW_CARD)),),
            never_with("new_card_needed", advice="new_card"),
        ),
        ((attrs.evolve(DECLINED, result=None),), never_with("new_card_needed", advice="none")),
        (
            (DECLINED, an_attempt(S.VOID, id="att_2", number=2, orphan=ChargeResult.succeeded(PRICE))),
            never_with("late_money_undecided", attempt=2),
        ),
        ((attrs.evolve(DECLINED, invoice_id="inv_2"),), now_with("renewal_due")),
    ],
    ids=["sought", "void", "once", "twice", "last", "other card", "needed", "silent", "late", "other bill"],
)
def test_tried_before(attempts: tuple[ChargeAttempt, ...], expected: Chance) -> None:
    """The latest attempt that was made at this invoice decides, with its number as the fact."""
    assert expected == chance(dossier_of(attempts=attempts))


def test_refund_of_an_earlier_charge_is_waited_for() -> None:
    """Which one, and where it stands; only one of this invoice that is not settled."""
    back = refund(number=2)
    assert never_with("refund_unresolved", refund=2, state="open") == chance(
        dossier_of(invoices=(BILL,), refunds=(back,))
    )
    for fine in (attrs.evolve(back, state=RefundState.SUCCEEDED), attrs.evolve(back, invoice_id="inv_2")):
        assert now_with("renewal_due") == chance(dossier_of(invoices=(BILL,), refunds=(fine,)))


@pytest.mark.parametrize(("later", "is_new"), [(timedelta(0), False), (TICK, True)])
def test_card_that_was_updated(later: timedelta, *, is_new: bool) -> None:
    """New details since the decline are another card."""
    card = attrs.evolve(CARD, updated_at=DECLINED.first_sent_at + later)
    found = chance(dossier_of(account=account_with(card), attempts=(DECLINED,)))
    assert ("card_changed" if is_new else "retry_planned") == found.because.rule


def test_retry_day() -> None:
    """At its first instant, and not before."""
    dossier = dossier_of(attempts=(DECLINED,))
    assert not chance(dossier, NOW + DAY - TICK).is_now
    assert now_with("retry_day", due_on="2025-01-31") == chance(dossier, NOW + DAY)


def test_processor_that_retries_by_itself() -> None:
    """Then the library does not; another card is charged all the same."""
    theirs = capabilities_of(retry_owner=RetryOwner.GATEWAY)
    assert never_with("gateway_owns_retries") == chance(dossier_of(capabilities=theirs, attempts=(DECLINED,)))
    other = attrs.evolve(DECLINED, card_id="card_0")
    assert chance(dossier_of(capabilities=theirs, attempts=(other,))).is_now
    assert now_with("renewal_due") == chance(dossier_of(capabilities=theirs))


# -- spacing -----------------------------------------------------------------------------------


def tried(state: AttemptState = S.SUCCEEDED, **changes: Any) -> CardTry:
    """Another license's charge over the same amount, on the same card, just before."""
    return attrs.evolve(
        CardTry.of(an_attempt(state, id="att_9", sent_at=NOW - MINUTE, card_use=1)), **changes
    )


def with_tries(*tries: CardTry, window: timedelta | None = 10 * MINUTE) -> Dossier:
    uses = (CardUse(fingerprint="fp_card_1", last=9, tries=tries),)
    return dossier_of(capabilities=capabilities_of(duplicate_window=window), card_uses=uses)


def test_equal_charges_are_spaced() -> None:
    """Until the longest call must be over, and the window after it; then it is charged."""
    free_at = NOW - MINUTE + 2 * MINUTE + 10 * MINUTE
    facts = {"amount_due": "20.00 EUR", "gateway_id": "main"}
    spaced = Chance(because=Because("equal_charge_just_before", facts), at=free_at, is_spacing=True)
    earlier = tried(at=NOW - 3 * MINUTE, attempt_id="att_8")
    for dossier in (with_tries(tried()), with_tries(tried(), earlier), with_tries(tried(S.UNKNOWN))):
        assert (spaced, spaced) == (chance(dossier), chance(dossier, free_at - TICK))
        assert now_with("renewal_due") == chance(dossier, free_at)


@pytest.mark.parametrize(
    "dossier",
    [
        with_tries(),
        with_tries(tried(), window=None),
        with_tries(tried(S.DECLINED)),
        with_tries(tried(amount=Money.of("20.01", "EUR"))),
        with_tries(tried(gateway_id="other")),
        with_tries(tried(at=NOW - 12 * MINUTE)),
    ],
    ids=["none", "no window", "declined", "amount", "gateway", "long ago"],
)
def test_what_is_no_repeat(dossier: Dossier) -> None:
    """Is charged at once."""
    assert now_with("renewal_due") == chance(dossier)


def test_what_is_not_charged_now_is_not_spaced() -> None:
    """The reason is the one that lasts."""
    dossier = attrs.evolve(with_tries(tried()), attempts=(DECLINED,))
    assert "retry_planned" == chance(dossier).because.rule
    assert now_with("renewal_due") == chance(with_tries(tried()), is_billed=False)
