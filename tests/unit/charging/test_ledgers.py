"""Both ledgers side by side: each difference with all that is known about it, and what is no difference."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from billing_core.charging.attempt import AttemptEvent, AttemptState, ChargeAttempt
from billing_core.charging.ledgers import (
    ShadowFinding,
    ShadowKind,
    accounts_for_money,
    compare_charges,
    compare_refunds,
    compare_success,
    finding_about,
    keys_with_a_person,
    taker_of,
)
from billing_core.charging.refund import Refund, RefundState
from billing_core.gateways.listing import ListedCharge
from billing_core.gateways.results import ChargeResult, RefundResult
from billing_core.values.money import Money
from tests.builders import NOW, PRICE, attempt, refund

K, S = ShadowKind, AttemptState
ONE, HOUR, TICK = Money.of("1.00", "EUR"), timedelta(hours=1), timedelta(microseconds=1)
NOTHING = Money.zero("EUR")
SUCCESS = ChargeResult.succeeded(PRICE, gateway_ref="ch_1")
#: 26 characters of a-z and 2-7.
OURS = "abcdefghijklmnopqrstuvwxyz"
PAID = attempt().answered(SUCCESS, NOW)
VOID = attempt().after(AttemptEvent.NEVER_HAPPENED, NOW)


def listed(key: str | None = "key_att_1", **changes: Any) -> ListedCharge:
    charge = ListedCharge(
        gateway_ref="ch_1", reference=OURS, idempotency_key=key, amount=PRICE, captured_at=NOW + HOUR
    )
    return attrs.evolve(charge, **changes)


def about(kind: ShadowKind, attempt: ChargeAttempt | None = None, **changes: Any) -> ShadowFinding:
    """A finding about the charge, with where it belongs."""
    finding = ShadowFinding(
        kind=kind,
        reference=OURS,
        gateway_ref="ch_1",
        attempt_id=attempt.id if attempt is not None else None,
        invoice_id="inv_1" if attempt is not None else None,
        captured=PRICE,
        at=NOW + HOUR,
    )
    return attrs.evolve(finding, **changes)


def kinds(charges: list[ListedCharge], *attempts: ChargeAttempt) -> list[ShadowKind]:
    return [finding.kind for finding in compare_charges(charges, attempts)]


def second(of: ChargeAttempt, **changes: Any) -> ChargeAttempt:
    request = attrs.evolve(of.request, idempotency_key="key_att_2")
    return attrs.evolve(of, id="att_2", number=2, request=request, **changes)


def test_both_say_the_same() -> None:
    """By key, or where the processor lists none, by the one attempt that may have taken it."""
    assert [] == kinds([listed()], PAID)
    assert [] == kinds([listed(None)], VOID, second(PAID))
    assert [] == kinds([listed()], attempt())


def test_unrecorded() -> None:
    """No attempt has the key, or the one that has it was given up."""
    assert [about(K.UNRECORDED)] == list(compare_charges([listed("key_other")], [PAID]))
    assert [about(K.UNRECORDED, VOID)] == list(compare_charges([listed()], [VOID]))
    assert [about(K.UNRECORDED)] == list(compare_charges([listed(None)], [VOID]))
    assert [about(K.UNRECORDED)] == list(compare_charges([listed()], []))


@pytest.mark.parametrize("reference", ["order-17", OURS[:-1], OURS + "a", OURS[:-1] + "1", None])
def test_foreign(reference: str | None) -> None:
    """Only the form of its reference tells, if no attempt has it."""
    charge = listed(reference=reference)
    assert [about(K.FOREIGN, reference=reference)] == list(compare_charges([charge], []))
    assert [K.UNRECORDED] == kinds([charge], VOID)


def test_amount_differs() -> None:
    """What the books have is told, too; an answer that is awaited has no amount yet."""
    other = listed(amount=ONE)
    expected = about(K.AMOUNT_DIFFERS, PAID, captured=ONE, recorded=PRICE)
    assert [expected] == list(compare_charges([other], [PAID]))
    orphan = attrs.evolve(PAID, orphan=ChargeResult.succeeded(ONE))
    assert [] == kinds([other], orphan)
    assert [] == kinds([other], attempt())


def test_charged_twice() -> None:
    """The last of them, about the one that paid; what was given back in full is no charge."""
    twice = [listed(), listed("key_att_2", gateway_ref="ch_2")]
    other = second(PAID)
    expected = about(K.CHARGED_TWICE, PAID, gateway_ref="ch_2", recorded=PRICE)
    assert [expected] == list(compare_charges(twice, [PAID, other]))
    assert [] == kinds([twice[0], attrs.evolve(twice[1], refunded=PRICE)], PAID, other)
    assert [K.CHARGED_TWICE] == kinds([twice[0], attrs.evolve(twice[1], refunded=ONE)], PAID, other)
    assert [K.FOREIGN] * 2 == kinds([attrs.evolve(it, reference=None) for it in twice])


def test_charged_twice_and_a_person_knows() -> None:
    """Of that attempt's own money; where no keys are listed nobody can tell which is whose."""
    twice = [listed(), listed("key_att_2")]
    known = second(VOID, orphan=SUCCESS)
    assert [] == kinds(twice, PAID, known)
    assert [K.CHARGED_TWICE] == kinds([*twice, listed()], PAID, known)
    without_keys = [listed(None), listed(None)]
    assert [] == kinds(without_keys, PAID, known)
    assert [K.CHARGED_TWICE] == kinds(without_keys, PAID)
    assert [K.CHARGED_TWICE] == kinds([*twice, listed(), listed(None, refunded=PRICE)], PAID, known)


@pytest.mark.parametrize("state", AttemptState)
def test_place_for_money(state: AttemptState) -> None:
    """A decline or a void has none, but for late money, and for what a person decided."""
    plain = attempt(state=state)
    assert (state not in {S.DECLINED, S.VOID}) is accounts_for_money(plain)
    assert accounts_for_money(attrs.evolve(plain, orphan=SUCCESS))
    assert accounts_for_money(attrs.evolve(plain, decision="void"))


def test_keys_with_a_person() -> None:
    """Those that need one, and those that had one."""
    held, decided = attempt("att_1", state=S.HELD), attempt("att_2", decision="void")
    expected = frozenset({"key_att_1", "key_att_2"})
    assert expected == keys_with_a_person([held, decided, attempt("att_3")])


def test_success_that_the_processor_does_not_know() -> None:
    """Missing, once a new charge must be visible; what a person has, or had, is another matter."""
    lag = timedelta(minutes=1)

    def compared(
        attempt: ChargeAttempt, later: timedelta = lag, *, is_known: bool = False
    ) -> ShadowKind | None:
        return compare_success(attempt, NOW + later, lag, is_known=is_known)

    assert (None, K.MISSING) == (compared(PAID, lag - TICK), compared(PAID))
    assert K.MISSING is compared(attrs.evolve(PAID, resolved_at=None), timedelta(0))
    for fine in (attrs.evolve(PAID, decision="adopt"), VOID, attempt()):
        assert compared(fine) is None
    assert compared(PAID, is_known=True) is None
    assert K.UNDECIDED is compared(attrs.evolve(VOID, orphan=SUCCESS), is_known=True)


def test_finding_about_an_attempt() -> None:
    """Where it is, what the books say of it, and since when."""
    expected = ShadowFinding(
        kind=K.MISSING,
        reference="ref_inv_1",
        gateway_ref="ch_1",
        attempt_id="att_1",
        invoice_id="inv_1",
        recorded=ONE,
        at=NOW + HOUR,
    )
    less = attempt().answered(ChargeResult.succeeded(ONE, gateway_ref="ch_1"), NOW + HOUR)
    settled = less.after(AttemptEvent.NEVER_HAPPENED, NOW + HOUR)
    assert expected == finding_about(settled, K.MISSING)
    unanswered = attrs.evolve(expected, kind=K.UNDECIDED, gateway_ref=None, recorded=PRICE, at=NOW)
    assert unanswered == finding_about(attempt(), K.UNDECIDED)


def test_money_that_went_back() -> None:
    """Both must know of the same; what is under way, fresh, with a person or untold is no difference yet."""
    back = refund().sent(NOW).answered(RefundResult.succeeded(ONE, gateway_ref="re_1"), NOW)
    small = attrs.evolve(back, request=attrs.evolve(back.request, amount=ONE), state=RefundState.SUCCEEDED)
    done = attrs.evolve(small, resolved_at=NOW)

    def compared(refunded: Money | None, *refunds: Refund, by: ChargeAttempt = PAID) -> ShadowFinding | None:
        return compare_refunds(listed(refunded=refunded), by, refunds, NOW + HOUR, HOUR)

    expected = about(K.REFUND_DIFFERS, PAID, captured=ONE, recorded=NOTHING)
    assert expected == compared(ONE)
    assert attrs.evolve(expected, captured=Money.zero("EUR"), recorded=ONE) == compared(
        Money.zero("EUR"), done
    )
    assert attrs.evolve(expected, captured=ONE, recorded=ONE + ONE) == compared(ONE, done, done)
    undecided = attrs.evolve(VOID, orphan=SUCCESS)
    for fine in (
        compared(ONE, done),
        compared(None, done),
        compared(ONE + ONE, attrs.evolve(done, resolved_at=NOW + TICK)),
        compared(ONE + ONE, attrs.evolve(done, state=RefundState.UNKNOWN)),
        compared(ONE + ONE, attrs.evolve(done, orphan=back.result)),
        compared(ONE, by=undecided),
        compared(ONE, by=attrs.evolve(PAID, decision="refund")),
    ):
        assert fine is None
    dollars = listed(amount=Money.of("1", "USD"), refunded=Money.of("1", "USD"))
    assert compare_refunds(dollars, PAID, (done,), NOW + HOUR, HOUR) is None


def test_whose_charge_it_is() -> None:
    """By its key; without one, the one attempt that money can belong to."""
    other = second(PAID)
    assert (PAID, other) == (taker_of(listed(), [other, PAID]), taker_of(listed(None), [VOID, other]))
    assert taker_of(listed("key_other"), [PAID]) is taker_of(listed(None), [VOID]) is None
