"""The dossier: what is found in it, and how it is put together by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest

from billing_core.charging.attempt import AttemptEvent, AttemptState
from billing_core.charging.dossier import CardTry, CardUse, Dossier
from billing_core.charging.refund import RefundState
from billing_core.charging.steps import Because
from billing_core.errors import InvalidInput
from billing_core.gateways.capabilities import Capabilities
from billing_core.values.money import Money
from tests.builders import attempt, refund
from tests.charging_builders import (
    JAN_31,
    PRICE,
    account_with,
    an_attempt,
    at,
    card_named,
    dossier_of,
    license_of,
    monthly,
    paris,
    sent,
)

NOW = paris(JAN_31)


def test_dossier_by_hand() -> None:
    """The gateways of the account's cards are taken to charge, unless the host says what they declare."""
    account, license = account_with(card_named()), license_of()
    assert {"main": Capabilities()} == Dossier.of(account, license).gateways
    assert {} == Dossier.of(account, license, gateways={}).gateways


def test_dossier_of_what_is_no_account() -> None:
    """Is refused by the name of the argument."""
    wrong: Any = license_of()
    with pytest.raises(InvalidInput, match=r"^account: has the wrong type; expected Account$"):
        Dossier.of(wrong, license_of())


def test_whole_dossier_by_hand() -> None:
    """All that it is given, as tuples."""
    whole = sent(dossier_of(), NOW)
    back = refund()
    dossier = Dossier.of(
        whole.account,
        whole.license,
        invoices=list(whole.invoices),
        attempts=list(whole.attempts),
        refunds=[back],
        gateways=whole.gateways,
    )
    assert attrs.evolve(whole, refunds=(back,)) == dossier
    assert ((back,), (back,), back) == (
        dossier.unresolved_refunds,
        dossier.refunds_of(attempt()),
        dossier.refund("ref_1"),
    )
    assert dossier.refund("ref_2") is None
    assert () == dossier.refunds_of(attempt("att_2"))
    second, first = attrs.evolve(back, id="ref_2", number=2), attrs.evolve(back, state=RefundState.VOID)
    both = dossier.with_refund(second).with_refund(first)
    assert ((second, first), (first, second)) == (both.refunds, both.refunds_of(attempt()))
    assert (second,) == both.unresolved_refunds


def test_what_others_know_of_an_attempt() -> None:
    """Which one on the card it is, where, when it was sent last, over how much, and how it stands."""
    declined = an_attempt(AttemptState.DECLINED, sent_at=NOW, card_use=7, last_sent_at=at("2025-02-01 09:00"))
    assert CardTry(
        number=7,
        attempt_id="att_1",
        gateway_id="main",
        at=at("2025-02-01 09:00"),
        amount=PRICE,
        state=AttemptState.DECLINED,
    ) == CardTry.of(declined)


def test_tries_are_in_order() -> None:
    """Of their times, and at one time of their numbers."""
    early, late = at("2025-01-20 09:00"), at("2025-01-21 09:00")
    first, second, third = (
        CardTry.of(an_attempt(id=f"att_{number}", sent_at=sent_at, card_use=number))
        for number, sent_at in ((9, early), (2, late), (3, late))
    )
    uses = (CardUse(fingerprint="fp_card_1", last=9, tries=(third, second, first)),)
    assert (first, second, third) == dossier_of(card_uses=uses).tries_on(card_named())
    assert 10 == dossier_of(card_uses=uses).next_use_of(card_named())


@pytest.mark.parametrize(
    ("price", "carried", "balance", "expected"),
    [
        ("20.00", None, "20.00", True),
        ("20.00", None, "19.99", False),
        ("20.00", "1.00", "20.99", False),
        ("20.00", "1.00", "21.00", True),
        ("0.00", None, "0.00", True),
    ],
)
def test_credit_that_pays_the_next_period(
    price: str, carried: str | None, balance: str, *, expected: bool
) -> None:
    """With what an earlier one left over."""
    left = Money.of(carried, "EUR") if carried is not None else None
    license = license_of(monthly(Money.of(price, "EUR")), carried=left)
    dossier = dossier_of(license, account_with(balance=Money.of(balance, "EUR")))
    assert expected is dossier.needs_no_card


def test_doubt_about_the_open_invoice() -> None:
    """Of all its attempts, and of no other's."""
    dossier = sent(dossier_of(), NOW)
    [mine] = dossier.attempts
    was, is_now = timedelta(hours=2), NOW + timedelta(hours=3)
    earlier = attrs.evolve(mine, id="att_0", number=2, uncertain_for=was, state=AttemptState.VOID)
    other = attrs.evolve(earlier, id="att_9", invoice_id="inv_9")
    doubted = attrs.evolve(mine, uncertain_since=NOW)
    dossier = attrs.evolve(dossier, attempts=(earlier, other, doubted))
    assert was + timedelta(hours=3) == dossier.uncertain_time(is_now)


def test_refund_that_is_waited_for() -> None:
    """One of the open invoice that is not settled: nobody knows whether that money is here."""
    dossier = sent(dossier_of(), NOW)
    [invoice], [charge] = dossier.invoices, dossier.attempts
    over = dossier.with_attempt(charge.after(AttemptEvent.NEVER_HAPPENED, NOW))
    back = refund(invoice_id=invoice.id, decided_at=NOW)
    waits, settled = over.with_refund(back), over.with_refund(attrs.evolve(back, state=RefundState.VOID))
    elsewhere = over.with_refund(refund())
    assert (None, back, None, None) == tuple(it.awaited_refund for it in (over, waits, settled, elsewhere))
    assert (False, True, False, False) == tuple(it.is_in_doubt for it in (over, waits, settled, elsewhere))
    assert dossier.is_in_doubt
    paid = waits.with_invoice(invoice.paid(NOW))
    assert (None, False) == (paid.awaited_refund, paid.is_in_doubt)
    hour = timedelta(hours=1)
    assert hour == waits.uncertain_time(NOW + hour)
    assert timedelta(0) == elsewhere.uncertain_time(NOW + hour)
    doubted = waits.with_attempt(attrs.evolve(over.attempts[0], uncertain_for=3 * hour))
    assert 4 * hour == doubted.uncertain_time(NOW + hour)


def test_what_is_found() -> None:
    """The open invoice and the attempt that blocks; by id, too."""
    dossier = sent(dossier_of(), NOW)
    [invoice], [attempt] = dossier.invoices, dossier.attempts
    assert (invoice, attempt) == (dossier.open_invoice, dossier.unresolved_attempt)
    assert (invoice, attempt) == (dossier.invoice(invoice.id), dossier.attempt(attempt.id))
    assert (attempt,) == dossier.attempts_of(invoice)


def test_what_is_not_there() -> None:
    """Nothing is found in an empty dossier."""
    dossier = dossier_of()
    assert (None, None) == (dossier.open_invoice, dossier.unresolved_attempt)
    assert (None, None, None) == (dossier.invoice("x"), dossier.attempt("x"), dossier.capabilities("x"))
    assert timedelta(0) == dossier.uncertain_time(NOW)


def test_attempts_in_their_order() -> None:
    """By number, whatever order they were added in."""
    dossier = sent(dossier_of(), NOW)
    first = dossier.attempts[0]
    second = attrs.evolve(first, id="att_2", number=2)
    swapped = attrs.evolve(dossier, attempts=(second, first))
    assert (first, second) == swapped.attempts_of(dossier.invoices[0])


def test_tries_of_a_physical_card() -> None:
    """Those of other licenses, and the own ones as they are by now; of this fingerprint only."""
    here = an_attempt(AttemptState.DECLINED, sent_at=NOW, card_use=7)
    elsewhere = CardTry.of(an_attempt(id="att_9", sent_at=at("2025-01-20 09:00"), card_use=6))
    stale = CardTry.of(an_attempt(sent_at=NOW, card_use=7))
    theirs = CardTry.of(an_attempt(id="att_8", sent_at=NOW, card_use=1))
    dossier = dossier_of(
        attempts=(here, attrs.evolve(here, id="att_2", fingerprint="fp_other", card_use=9)),
        card_uses=(
            CardUse(fingerprint="fp_card_1", last=7, tries=(stale, elsewhere)),
            CardUse(fingerprint="fp_other", last=1, tries=(theirs,)),
        ),
    )
    assert (elsewhere, CardTry.of(here)) == dossier.tries_on(card_named())
    assert 8 == dossier.next_use_of(card_named())
    assert 1 == dossier_of().next_use_of(card_named())


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (AttemptState.OPEN, (True, True)),
        (AttemptState.UNKNOWN, (True, True)),
        (AttemptState.HELD, (True, True)),
        (AttemptState.SUCCEEDED, (False, True)),
        (AttemptState.DECLINED, (True, False)),
        (AttemptState.VOID, (False, False)),
    ],
)
def test_what_a_try_may_count_as(state: AttemptState, expected: tuple[bool, bool]) -> None:
    """What is not known yet may be a decline, and may be money."""
    tried = CardTry.of(an_attempt(state, sent_at=NOW))
    assert expected == (tried.may_be_declined, tried.may_have_captured)


def test_today_is_local() -> None:
    """In the zone of the term in force."""
    dossier = dossier_of(license_of(zone="Asia/Tokyo"))
    assert date(2025, 2, 1) == dossier.today(datetime(2025, 1, 31, 15, tzinfo=UTC))


def test_repr_shows_no_person() -> None:
    """Ids and counts only."""
    assert "Dossier(lic_1, 1 invoices, 1 attempts)" == repr(sent(dossier_of(), NOW))


def test_reason_reads_as_text() -> None:
    """A rule, and the facts it looked at if any."""
    assert ("covered (paid_until=2025-02-28)", "paused") == (
        str(Because("covered", {"paid_until": "2025-02-28"})),
        str(Because("paused")),
    )


def test_facts_of_a_reason_are_its_own() -> None:
    """Changing the mapping that it was made from changes nothing."""
    facts = {"days": 1}
    because = Because("rule", facts)
    facts["days"] = 2
    assert {"days": 1} == because.facts
