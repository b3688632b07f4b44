"""
Visa's response codes and Mastercard's merchant advice codes, as data.

Visa sorts its response codes into four categories: 1 the issuer will never
approve, 2 not at this time, 3 not with these data, 4 no reason given. Visa
publishes the list to acquirers only. A row is certain if two of those that
pass it on agree and none that was read differs.

Source: checkout.com/docs (Visa response codes, and the notice of 10 September
2026), support.forte.net (Visa decline response code rules), developers.tabapay.com
(Visa response code updates), docs.cielo.com.br (5C and 9G); for Mastercard
developer.paypal.com/braintree (merchant advice codes), docs.everonet.com,
developer.cybersource.com and the schema of Heartland's gateway. Read in November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from billing_core.advice import Advice
from billing_core.gateways.decline_rules import DeclineRule

__all__ = ["MASTERCARD_ADVICE_CODES", "VISA_NEVER", "VISA_RESPONSE_CODES"]

_LATER, _NEW, _NEVER = Advice.RETRY_LATER, Advice.NEW_CARD, Advice.NEVER
_STOP, _ASK, _FIX = Advice.STOP_RECURRING, Advice.AUTHENTICATE, Advice.FIX_CONFIG

#: The category in which every further attempt on the card costs a fee.
VISA_NEVER: Final = 1


def _visa(
    category: int, *rows: tuple[str, Advice, str] | tuple[str, Advice, str, str]
) -> Iterator[DeclineRule]:
    for code, advice, meaning, *marks in rows:
        is_certain = "?" not in marks
        yield DeclineRule(code=code, advice=advice, meaning=meaning, category=category, is_certain=is_certain)


VISA_RESPONSE_CODES: Final = (
    *_visa(
        VISA_NEVER,
        ("04", _NEVER, "pick up the card"),
        ("07", _NEVER, "pick up the card, special conditions"),
        ("12", _NEVER, "invalid transaction"),
        ("14", _NEVER, "invalid card number; some still list it under 3", "?"),
        ("15", _NEVER, "no such issuer"),
        ("41", _NEVER, "lost card"),
        ("43", _NEVER, "stolen card"),
        ("46", _NEVER, "closed account"),
        ("R0", _STOP, "this payment is stopped"),
        ("R1", _STOP, "all payments to this merchant are stopped"),
        ("R3", _STOP, "all recurring payments of the card are stopped"),
    ),
    # Visa turned it into 05 for issuers' answers in October 2025, and back into a "never" a year later.
    DeclineRule(
        code="57", meaning="not permitted to the cardholder", advice=_LATER, category=4, is_certain=False
    ),
    DeclineRule(
        code="57",
        meaning="not permitted to the cardholder",
        advice=_NEVER,
        category=VISA_NEVER,
        since=date(2026, 10, 25),
    ),
    *_visa(
        2,
        ("03", _FIX, "invalid merchant; some still list it under 1", "?"),
        ("19", _LATER, "enter again"),
        ("39", _LATER, "no credit account", "?"),
        ("51", _LATER, "not enough money"),
        ("52", _LATER, "no checking account", "?"),
        ("53", _LATER, "no savings account", "?"),
        ("59", _LATER, "suspected fraud"),
        ("5C", _LATER, "blocked by the issuer"),
        ("61", _LATER, "over the amount limit"),
        ("62", _LATER, "restricted card; some still list it under 1", "?"),
        ("65", _LATER, "over the number of uses"),
        ("75", _LATER, "too many wrong PINs"),
        ("78", _LATER, "new card, not unblocked yet; some still list it under 1", "?"),
        ("91", _LATER, "the issuer could not be reached"),
        ("93", _LATER, "can't be completed; some still list it under 1", "?"),
        ("96", _LATER, "a system failed"),
        ("9G", _LATER, "blocked by the cardholder"),
    ),
    DeclineRule(
        code="83",
        meaning="fraud or security, by the network",
        advice=_LATER,
        category=2,
        since=date(2026, 10, 25),
        is_certain=False,
    ),
    *_visa(
        3,
        ("1A", _ASK, "the cardholder must take part", "?"),
        ("54", _NEW, "expired"),
        ("55", _NEW, "wrong PIN"),
        ("6P", _NEW, "identity not verified", "?"),
        ("70", _ASK, "PIN needed", "?"),
        ("82", _NEW, "wrong verification value"),
        ("N7", _NEW, "wrong security code", "?"),
    ),
    *_visa(
        4,
        ("01", _LATER, "refer to the issuer"),
        ("05", _LATER, "do not honor"),
        ("06", _LATER, "error", "?"),
        ("09", _LATER, "in progress", "?"),
        ("13", _FIX, "invalid amount", "?"),
    ),
)


def _advice(
    code: str, advice: Advice | None, meaning: str, *, wait: timedelta | None = None, is_certain: bool = True
) -> DeclineRule:
    return DeclineRule(code=code, advice=advice, meaning=meaning, not_before=wait, is_certain=is_certain)


MASTERCARD_ADVICE_CODES: Final = (
    _advice("01", _NEW, "new account information available"),
    # Only one acquirer names the three days; none names less.
    _advice("02", _LATER, "try again later", wait=timedelta(hours=72), is_certain=False),
    _advice("03", _NEVER, "do not try again"),
    _advice("04", _FIX, "token requirements not fulfilled"),
    _advice("05", _NEVER, "not approved, or blocked by the scheme: acquirers differ", is_certain=False),
    _advice("21", _STOP, "recurring payments are canceled"),
    _advice("22", _FIX, "the merchant does not qualify for the product"),
    _advice("24", _LATER, "after 1 hour", wait=timedelta(hours=1)),
    _advice("25", _LATER, "after 24 hours", wait=timedelta(hours=24)),
    _advice("26", _LATER, "after 2 days", wait=timedelta(days=2)),
    _advice("27", _LATER, "after 4 days", wait=timedelta(days=4)),
    _advice("28", _LATER, "after 6 days", wait=timedelta(days=6)),
    _advice("29", _LATER, "after 8 days", wait=timedelta(days=8)),
    _advice("30", _LATER, "after 10 days", wait=timedelta(days=10)),
    _advice("40", _NEW, "prepaid card that can't be loaded again", is_certain=False),
    _advice("41", _NEW, "virtual card for a single use", is_certain=False),
    _advice("42", _NEW, "sanctions score", is_certain=False),
    _advice("43", None, "virtual card for several uses"),
    _advice("99", _NEVER, "do not try again", is_certain=False),
)
