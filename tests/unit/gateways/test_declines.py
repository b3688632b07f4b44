"""What the codes of a decline are translated into."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest

from billing_core.advice import Advice
from billing_core.errors import InvalidInput
from billing_core.gateways.decline_rules import DeclineRule, rule_for
from billing_core.gateways.declines import DECLINE_RULES, decline_from_network, decline_from_stripe
from billing_core.gateways.network_declines import VISA_NEVER, VISA_RESPONSE_CODES
from billing_core.gateways.results import ChargeResult, Decline, Outcome

LAST_DAY_BEFORE, FIRST_DAY = date(2026, 10, 24), date(2026, 10, 25)


@pytest.mark.parametrize("table", sorted(DECLINE_RULES))
def test_rows_of_one_code_follow_each_other_in_time(table: str) -> None:
    """One row per code and day: several rows of a code have rising days."""
    rows: dict[str, list[DeclineRule]] = defaultdict(list)
    for rule in DECLINE_RULES[table]:
        rows[rule.code].append(rule)
    days = [[rule.since or date.min for rule in same] for same in rows.values()]
    assert [] == [found for found in days if any(a >= b for a, b in pairwise(found))]


def test_visa_never_is_never_tried_again() -> None:
    """Every code of Visa's category 1 freezes the card; no other one does."""
    freezing = {rule.code for rule in VISA_RESPONSE_CODES if rule.advice and rule.advice.freezes_card}
    assert {rule.code for rule in VISA_RESPONSE_CODES if rule.category == VISA_NEVER} == freezing


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("lost_card", Advice.NEVER),
        ("stolen_card", Advice.NEVER),
        ("pickup_card", Advice.NEVER),
        ("revocation_of_authorization", Advice.STOP_RECURRING),
        ("stop_payment_order", Advice.STOP_RECURRING),
        ("expired_card", Advice.NEW_CARD),
        ("incorrect_number", Advice.NEW_CARD),
        ("authentication_required", Advice.AUTHENTICATE),
        ("insufficient_funds", Advice.RETRY_LATER),
        ("do_not_honor", Advice.RETRY_LATER),
        ("testmode_decline", Advice.FIX_CONFIG),
        ("a_code_of_next_year", Advice.NEW_CARD),
        (None, Advice.NEW_CARD),
    ],
)
def test_stripe_code_alone(code: str | None, expected: Advice) -> None:
    """A decline code means what the table says, and one that nobody knows asks for another card."""
    assert Decline(advice=expected, gateway_code=code) == decline_from_stripe(code)


@pytest.mark.parametrize(
    ("own", "network", "expected"),
    [
        (("do_not_try_again", "insufficient_funds"), (None, None, "visa"), Advice.NEVER),
        (("confirm_card_data", "do_not_honor"), (None, None, None), Advice.NEW_CARD),
        (("try_again_later", "expired_card"), (None, None, None), Advice.RETRY_LATER),
        (("of_next_year", "expired_card"), (None, None, None), Advice.NEW_CARD),
        (("try_again_later", "do_not_honor"), (None, "03", "mastercard"), Advice.NEVER),
        (("do_not_try_again", "lost_card"), (None, "25", "mastercard"), Advice.RETRY_LATER),
        ((None, "insufficient_funds"), (None, "21", None), Advice.STOP_RECURRING),
        ((None, "insufficient_funds"), (None, "43", "mastercard"), Advice.RETRY_LATER),
        ((None, "insufficient_funds"), (None, "03", "visa"), Advice.RETRY_LATER),
        (("try_again_later", "do_not_honor"), ("41", None, "visa"), Advice.NEVER),
        ((None, "do_not_honor"), ("R1", None, "visa"), Advice.STOP_RECURRING),
        ((None, "do_not_honor"), ("41", None, "mastercard"), Advice.RETRY_LATER),
        ((None, "expired_card"), ("51", None, "visa"), Advice.NEW_CARD),
        ((None, "of_next_year"), ("51", None, "visa"), Advice.RETRY_LATER),
        ((None, "of_next_year"), ("ZZ", "ZZ", "visa"), Advice.NEW_CARD),
    ],
)
def test_the_word_that_knows_most_decides(
    own: tuple[str | None, str], network: tuple[str | None, str | None, str | None], expected: Advice
) -> None:
    """Mastercard's advice, Visa's never, the processor's advice, its code, Visa's other categories."""
    advice_code, decline_code = own
    network_code, mac, brand = network
    decline = decline_from_stripe(
        decline_code,
        advice_code=advice_code,
        network_decline_code=network_code,
        network_advice_code=mac,
        brand=brand,
    )
    kept = (decline.gateway_code, decline.network_decline_code, decline.network_advice_code)
    assert (expected, decline_code, network_code, mac) == (decline.advice, *kept)


@pytest.mark.parametrize(
    ("mac", "hours"),
    [("02", 72), ("24", 1), ("25", 24), ("26", 48), ("27", 96), ("28", 144), ("29", 192), ("30", 240)],
)
def test_waiting_times_of_mastercard(mac: str, hours: int) -> None:
    """The time that the network names goes with the decline."""
    decline = decline_from_network("mastercard", network_advice_code=mac)
    assert (Advice.RETRY_LATER, timedelta(hours=hours)) == (decline.advice, decline.not_before)


@pytest.mark.parametrize(
    ("on", "expected"),
    [(LAST_DAY_BEFORE, Advice.RETRY_LATER), (FIRST_DAY, Advice.NEVER), (None, Advice.NEVER)],
)
def test_visa_57_changed(on: date | None, expected: Advice) -> None:
    """From 25 October 2026 on it is a never; without a day the latest rule holds."""
    assert expected is decline_from_network("visa", network_decline_code="57", on=on).advice


def test_rule_that_does_not_hold_yet() -> None:
    """Before its day, a code whose only row is dated has none."""
    assert rule_for(VISA_RESPONSE_CODES, "83", LAST_DAY_BEFORE) is None
    found = rule_for(VISA_RESPONSE_CODES, "83", FIRST_DAY)
    assert found is not None
    assert (2, False) == (found.category, found.is_certain)


def test_translation_of_ones_own_codes() -> None:
    """A processor's own code counts unless the network says more."""
    alone = decline_from_network("visa", gateway_code="D14", gateway_advice=Advice.RETRY_LATER)
    assert Decline(advice=Advice.RETRY_LATER, gateway_code="D14") == alone
    with_network = decline_from_network("visa", network_decline_code="43", gateway_advice=Advice.RETRY_LATER)
    assert Advice.NEVER is with_network.advice


def test_codes_that_are_none_are_refused() -> None:
    """What could be a card number does not get into a decline."""
    with pytest.raises(InvalidInput):
        decline_from_stripe("4242424242424242")


def test_answers_that_carry_it() -> None:
    """A charge's answer takes the whole decline; a suspected duplicate is an answer of its own."""
    decline = decline_from_stripe("lost_card")
    declined = ChargeResult.declined_with(decline, gateway_ref="ch_1")
    assert (Outcome.DECLINED, decline, "ch_1") == (declined.outcome, declined.decline, declined.gateway_ref)
    doubted = ChargeResult.duplicate_suspected(retry_after=timedelta(minutes=2), detail="11")
    assert (Outcome.DUPLICATE_SUSPECTED, timedelta(minutes=2)) == (doubted.outcome, doubted.retry_after)
