"""What is asked of a processor, and what it answers."""

from __future__ import annotations

from hypothesis import strategies as st

from billing_core.advice import Advice
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation, RetryOwner
from billing_core.gateways.results import (
    ActionRequired,
    BillingDetails,
    CardDetails,
    ChargeRequest,
    ChargeResult,
    Decline,
    Outcome,
    RefundRequest,
    RefundResult,
    SetupOutcome,
    SetupRequest,
    SetupResult,
    SetupSession,
    StoredCredential,
)
from billing_core.identity.avs import AvsKeys
from billing_core.testing.strategies.people import card_checks, card_expiries, card_tokens, last4s
from billing_core.testing.strategies.values import durations, human_texts, ids, instants, monies
from billing_core.values.money import Money

__all__ = [
    "actions_required",
    "billing_details",
    "capabilities",
    "card_details",
    "charge_requests",
    "charge_results",
    "declines",
    "refund_requests",
    "refund_results",
    "setup_requests",
    "setup_results",
    "setup_sessions",
    "stored_credentials",
]

_CODES = st.none() | st.sampled_from(("insufficient_funds", "51", "R1", "do not honor", "05: generic"))
_URLS = st.none() | ids().map("https://processor.example/pay/{}".format)


@st.composite
def capabilities(draw: st.DrawFn, *, grade: GatewayGrade | None = None) -> Capabilities:
    """Declarations of adapters of every grade."""
    chosen = grade if grade is not None else draw(st.sampled_from(GatewayGrade))
    operations = draw(st.frozensets(st.sampled_from(Operation)))
    return Capabilities(
        grade=chosen,
        operations=operations | {Operation.FIND_CHARGE, Operation.CANCEL_CHARGE},
        currencies=draw(st.none() | st.frozensets(st.sampled_from(("EUR", "USD", "JPY")), min_size=1)),
        minimum_amounts=draw(st.dictionaries(st.sampled_from(("EUR", "USD")), st.integers(1, 100))),
        key_retention=draw(durations()) if chosen is not GatewayGrade.NONE else None,
        send_timeout=draw(durations(max_days=1)),
        request_life=draw(durations(max_days=1)),
        look_up_lag=draw(durations(max_days=1)),
        clock_margin=draw(durations(max_days=1)),
        duplicate_window=draw(st.none() | durations(max_days=1)),
        action_lifetime=draw(durations(max_days=2)),
        partial_approval=draw(st.booleans()),
        retry_owner=draw(st.sampled_from(RetryOwner)),
    )


def declines(*, advice: Advice | None = None) -> st.SearchStrategy[Decline]:
    """Why an issuer said no."""
    return st.builds(
        Decline,
        advice=st.sampled_from(Advice) if advice is None else st.just(advice),
        gateway_code=_CODES,
        network_decline_code=_CODES,
        network_advice_code=_CODES,
        not_before=st.none() | durations(max_days=5),
    )


def actions_required() -> st.SearchStrategy[ActionRequired]:
    """Where a cardholder confirms a payment."""
    return st.builds(
        ActionRequired,
        url=_URLS,
        client_secret=st.none() | ids(prefix="secret"),
        expires_at=st.none() | instants(),
    )


def stored_credentials() -> st.SearchStrategy[StoredCredential]:
    """How a charge without the cardholder is marked."""
    return st.builds(
        StoredCredential,
        initiator=st.sampled_from(("merchant", "cardholder")),
        reason=st.sampled_from(("recurring", "unscheduled")),
        initial_network_transaction_id=st.none() | ids(),
    )


def billing_details() -> st.SearchStrategy[BillingDetails]:
    """What an issuer compares."""
    digits = st.none() | st.integers(1, 99_999).map(str)
    keys = st.builds(AvsKeys, street_number=digits, street_digits=digits, postal=digits, postal_digits=digits)
    return st.builds(
        BillingDetails,
        country=st.none() | st.sampled_from(("FR", "GB", "US")),
        avs=st.none() | keys,
    )


def charge_requests(*, amount: Money | None = None) -> st.SearchStrategy[ChargeRequest]:
    """Charges of more than nothing."""
    return st.builds(
        ChargeRequest,
        amount=monies(min_minor=1) if amount is None else st.just(amount),
        reference=ids(),
        idempotency_key=ids(),
        card=card_tokens(),
        customer_ref=st.none() | ids(prefix="cus"),
        description=st.just("") | human_texts(),
        stored_credential=stored_credentials(),
        billing=billing_details(),
    )


def charge_results(*, amount: Money | None = None) -> st.SearchStrategy[ChargeResult]:
    """
    Everything that a processor may answer.

    Args:
        amount: what a success captures; any amount, if not given.
    """
    ref = st.none() | ids(prefix="ch")
    quiet = st.sampled_from((Outcome.PENDING, Outcome.UNKNOWN))
    undone = st.sampled_from((Outcome.NOT_ATTEMPTED, Outcome.DUPLICATE_SUSPECTED))
    return st.one_of(
        st.builds(
            ChargeResult.succeeded,
            monies(min_minor=1) if amount is None else st.just(amount),
            gateway_ref=ref,
            network_transaction_id=st.none() | ids(),
        ),
        st.builds(ChargeResult, outcome=st.just(Outcome.DECLINED), decline=declines(), gateway_ref=ref),
        st.builds(ChargeResult.requires_action, actions_required(), gateway_ref=ref),
        st.builds(ChargeResult, outcome=quiet, gateway_ref=ref, detail=_CODES),
        st.builds(ChargeResult, outcome=undone, retry_after=st.none() | durations(max_days=1), detail=_CODES),
    )


def refund_requests() -> st.SearchStrategy[RefundRequest]:
    """Refunds of more than nothing."""
    return st.builds(
        RefundRequest,
        amount=monies(min_minor=1),
        charge_reference=ids(),
        gateway_ref=st.none() | ids(prefix="ch"),
        reference=ids(),
        idempotency_key=ids(),
    )


def refund_results() -> st.SearchStrategy[RefundResult]:
    """Everything that a refund may come to."""
    others = (Outcome.DECLINED, Outcome.PENDING, Outcome.NOT_ATTEMPTED, Outcome.UNKNOWN)
    ref = st.none() | ids(prefix="re")
    return st.builds(
        RefundResult, outcome=st.just(Outcome.SUCCEEDED), amount=monies(min_minor=1), gateway_ref=ref
    ) | st.builds(RefundResult, outcome=st.sampled_from(others), gateway_ref=ref, detail=_CODES)


def setup_requests() -> st.SearchStrategy[SetupRequest]:
    """Requests to open a processor's card page."""
    return st.builds(
        SetupRequest,
        setup_id=ids(prefix="setup"),
        account_id=ids(prefix="acc"),
        return_url=ids().map("https://host.example/ok?account={}".format),
        currency=st.sampled_from(("EUR", "USD")),
        customer_ref=st.none() | ids(prefix="cus"),
        billing=billing_details(),
    )


def setup_sessions() -> st.SearchStrategy[SetupSession]:
    """Where an owner types the card."""
    return st.builds(
        SetupSession,
        session_ref=ids(prefix="sess"),
        url=_URLS,
        client_secret=st.none() | ids(prefix="secret"),
        customer_ref=st.none() | ids(prefix="cus"),
        expires_at=st.none() | instants(),
    )


def card_details() -> st.SearchStrategy[CardDetails]:
    """What a processor may tell about a card."""
    return st.builds(
        CardDetails,
        token=card_tokens(),
        brand=st.sampled_from(("visa", "mastercard", "amex")),
        last4=last4s(),
        expires=card_expiries(),
        fingerprint=st.none() | ids(prefix="fp"),
        network_transaction_id=st.none() | ids(),
        checks=card_checks(),
    )


def setup_results() -> st.SearchStrategy[SetupResult]:
    """What came of a visit to the card page."""
    others = (SetupOutcome.PENDING, SetupOutcome.ABANDONED, SetupOutcome.DECLINED)
    ref = st.none() | ids(prefix="cus")
    return st.builds(
        SetupResult, outcome=st.just(SetupOutcome.COMPLETED), card=card_details(), customer_ref=ref
    ) | st.builds(SetupResult, outcome=st.sampled_from(others), customer_ref=ref)
