"""
Stripe's decline codes and advice codes, as data.

Source: docs.stripe.com/declines/codes and /declines/card, as read in November 2026.
Stripe describes each code and names a next step. Where that step decides
whether the same card may be tried again, the row is certain. Where it is only
"the customer should ask the issuer", the row is this library's reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from billing_core.advice import Advice
from billing_core.gateways.decline_rules import DeclineRule

__all__ = ["STRIPE_ADVICE_CODES", "STRIPE_DECLINE_CODES"]

_LATER, _NEW, _NEVER = Advice.RETRY_LATER, Advice.NEW_CARD, Advice.NEVER
_STOP, _ASK, _FIX = Advice.STOP_RECURRING, Advice.AUTHENTICATE, Advice.FIX_CONFIG


def _rules(*rows: tuple[str, Advice, str] | tuple[str, Advice, str, str]) -> Iterator[DeclineRule]:
    for code, advice, meaning, *marks in rows:
        yield DeclineRule(code=code, advice=advice, meaning=meaning, is_certain="?" not in marks)


#: What Stripe itself advises after a decline; it knows more than the decline code says.
STRIPE_ADVICE_CODES: Final = tuple(
    _rules(
        ("confirm_card_data", _NEW, "the card's data are wrong"),
        ("do_not_try_again", _NEVER, "this card must not be tried again"),
        ("try_again_later", _LATER, "the card may work later"),
    )
)

#: Why, in Stripe's words. A question mark: Stripe's next step leaves the retry open.
STRIPE_DECLINE_CODES: Final = tuple(
    _rules(
        ("approve_with_id", _LATER, "can't be authorized"),
        ("authentication_not_handled", _ASK, "the cardholder did not take part", "?"),
        ("authentication_required", _ASK, "the issuer wants the cardholder to take part"),
        ("call_issuer", _LATER, "no reason given", "?"),
        ("card_not_supported", _NEW, "the card is not for this kind of purchase", "?"),
        ("card_velocity_exceeded", _LATER, "over the balance, limit or number of uses"),
        ("currency_not_supported", _NEW, "the card is not for this currency", "?"),
        ("do_not_honor", _LATER, "no reason given", "?"),
        ("do_not_try_again", _NEVER, "older form of the advice code"),
        ("duplicate_transaction", _LATER, "an equal charge was seen just before: look it up first", "?"),
        ("expired_card", _NEW, "the card has expired"),
        ("fraudulent", _NEVER, "the issuer suspects fraud", "?"),
        ("generic_decline", _LATER, "no reason given", "?"),
        ("highest_risk_level", _NEVER, "blocked by the processor's own risk rules", "?"),
        ("incorrect_address", _NEW, "the address does not match"),
        ("incorrect_cvc", _NEW, "the security code does not match"),
        ("incorrect_number", _NEW, "there is no such card"),
        ("incorrect_pin", _NEW, "a wrong PIN; not of a charge without the card", "?"),
        ("incorrect_zip", _NEW, "the postal code does not match"),
        ("insufficient_funds", _LATER, "not enough money"),
        ("invalid_account", _NEW, "the card or its account is not valid"),
        ("invalid_amount", _FIX, "the amount is refused"),
        ("invalid_cvc", _NEW, "the security code is wrong"),
        ("invalid_expiry_month", _NEW, "the month of expiry is wrong"),
        ("invalid_expiry_year", _NEW, "the year of expiry is wrong"),
        ("invalid_number", _NEW, "the number is wrong"),
        ("invalid_pin", _NEW, "a wrong PIN; not of a charge without the card", "?"),
        ("issuer_not_available", _LATER, "the issuer could not be reached"),
        ("lost_card", _NEVER, "reported lost"),
        ("merchant_blacklist", _NEVER, "on a block list of the seller's"),
        ("new_account_information_available", _NEW, "the card was replaced", "?"),
        ("no_action_taken", _LATER, "no reason given", "?"),
        ("not_permitted", _NEW, "not permitted", "?"),
        ("offline_pin_required", _NEW, "needs a PIN and the card", "?"),
        ("online_or_offline_pin_required", _NEW, "needs a PIN and the card", "?"),
        ("pickup_card", _NEVER, "may be reported lost or stolen"),
        ("pin_try_exceeded", _NEW, "too many wrong PINs"),
        ("processing_error", _LATER, "an error on the way"),
        ("reenter_transaction", _LATER, "the issuer could not process it"),
        ("restricted_card", _NEW, "may be reported lost or stolen", "?"),
        ("revocation_of_all_authorizations", _STOP, "the cardholder withdrew all consents", "?"),
        ("revocation_of_authorization", _STOP, "the cardholder withdrew the consent", "?"),
        ("security_violation", _NEVER, "no reason given", "?"),
        ("service_not_allowed", _NEW, "no reason given", "?"),
        ("stolen_card", _NEVER, "reported stolen"),
        ("stop_payment_order", _STOP, "the cardholder stopped the payment", "?"),
        ("testmode_decline", _FIX, "a test card in live mode, or the other way round"),
        ("transaction_not_allowed", _NEW, "no reason given", "?"),
        ("try_again_later", _LATER, "no reason given"),
        ("withdrawal_count_limit_exceeded", _LATER, "over the balance, limit or number of uses"),
    )
)
