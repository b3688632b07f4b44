"""Requests and answers: what they hold, and the contradictions that they refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from billing_core.accounts.saved_card import CardExpiry, CardToken
from billing_core.advice import Advice
from billing_core.errors import InvalidInput
from billing_core.gateways.results import (
    ActionRequired,
    BillingDetails,
    CardDetails,
    ChargeNotFound,
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
from billing_core.gateways.webhooks import WebhookNotice
from billing_core.identity.avs import AvsKeys
from billing_core.values.money import Money
from tests.builders import NOW

TEN = Money.of(10, "EUR")
ACTION = ActionRequired(url="https://processor.example/confirm", expires_at=NOW)
TOKEN = CardToken("tok_sentinel")
REQUEST = ChargeRequest(amount=TEN, reference="ref_1", idempotency_key="key_1", card=TOKEN)
REFUND = RefundRequest(
    amount=TEN, charge_reference="ref_1", gateway_ref="ch_1", reference="ref_2", idempotency_key="key_2"
)
CARD = CardDetails(token=TOKEN, brand="visa", last4="4242", expires=CardExpiry(2030, 1))
MINUTE = timedelta(minutes=1)


def found(error: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    """The findings of an error."""
    return [(issue.field, issue.code) for issue in error.value.issues]


class TestChargeResults:
    """An answer says one thing."""

    @pytest.mark.parametrize(
        ("result", "expected"),
        [
            (
                ChargeResult.succeeded(TEN, gateway_ref="ch_1", network_transaction_id="n_1"),
                {
                    "outcome": Outcome.SUCCEEDED,
                    "amount": TEN,
                    "gateway_ref": "ch_1",
                    "network_transaction_id": "n_1",
                },
            ),
            (
                ChargeResult.declined(Advice.RETRY_LATER, gateway_code="51", not_before=MINUTE),
                {
                    "outcome": Outcome.DECLINED,
                    "decline": Decline(advice=Advice.RETRY_LATER, gateway_code="51", not_before=MINUTE),
                },
            ),
            (
                ChargeResult.requires_action(ACTION, gateway_ref="ch_1"),
                {"outcome": Outcome.REQUIRES_ACTION, "action": ACTION, "gateway_ref": "ch_1"},
            ),
            (ChargeResult.pending(gateway_ref="ch_1"), {"outcome": Outcome.PENDING, "gateway_ref": "ch_1"}),
            (
                ChargeResult.not_attempted(retry_after=MINUTE, detail="429"),
                {"outcome": Outcome.NOT_ATTEMPTED, "retry_after": MINUTE, "detail": "429"},
            ),
            (ChargeResult.unknown("timeout"), {"outcome": Outcome.UNKNOWN, "detail": "timeout"}),
        ],
    )
    def test_named_constructors(self, result: ChargeResult, expected: dict[str, Any]) -> None:
        """Each sets what belongs to its outcome, and nothing else."""
        nothing = dict.fromkeys((field.name for field in attrs.fields(ChargeResult)), None)
        assert {**nothing, **expected} == {name: getattr(result, name) for name in nothing}

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"outcome": Outcome.SUCCEEDED}, ("amount", "required")),
            ({"outcome": Outcome.SUCCEEDED, "amount": -TEN}, ("amount", "negative")),
            ({"outcome": Outcome.UNKNOWN, "amount": TEN}, ("amount", "mismatch")),
            ({"outcome": Outcome.PENDING, "amount": TEN}, ("amount", "mismatch")),
            ({"outcome": Outcome.DECLINED}, ("decline", "mismatch")),
            (
                {"outcome": Outcome.SUCCEEDED, "amount": TEN, "decline": Decline(advice=Advice.NEVER)},
                ("decline", "mismatch"),
            ),
            ({"outcome": Outcome.REQUIRES_ACTION}, ("action", "mismatch")),
            ({"outcome": Outcome.UNKNOWN, "action": ACTION}, ("action", "mismatch")),
            ({"outcome": Outcome.UNKNOWN, "retry_after": MINUTE}, ("retry_after", "mismatch")),
            ({"outcome": Outcome.NOT_ATTEMPTED, "retry_after": -MINUTE}, ("retry_after", "negative")),
            ({"outcome": "succeeded"}, ("outcome", "invalid_type")),
            ({"outcome": True}, ("outcome", "invalid_type")),
            ({"outcome": Outcome.SUCCEEDED, "amount": "10.00"}, ("amount", "invalid_type")),
            (
                {"outcome": Outcome.UNKNOWN, "detail": "4242424242424242"},
                ("detail", "looks_like_card_number"),
            ),
            ({"outcome": Outcome.UNKNOWN, "detail": "x" * 65}, ("detail", "too_long")),
            ({"outcome": Outcome.UNKNOWN, "detail": "é"}, ("detail", "invalid_format")),
            ({"outcome": Outcome.UNKNOWN, "detail": ""}, ("detail", "invalid_format")),
            ({"outcome": Outcome.UNKNOWN, "detail": 5}, ("detail", "invalid_type")),
            ({"outcome": Outcome.UNKNOWN, "gateway_ref": "a b"}, ("gateway_ref", "invalid_characters")),
        ],
    )
    def test_contradictions_are_refused(self, fields: dict[str, Any], expected: tuple[str, str]) -> None:
        """An adapter's bug is found when it answers, and not in the books."""
        with pytest.raises(InvalidInput) as caught:
            ChargeResult(**fields)
        assert [expected] == found(caught)

    def test_a_suspected_duplicate_may_ask_to_wait(self) -> None:
        """It did nothing either."""
        result = ChargeResult(outcome=Outcome.DUPLICATE_SUSPECTED, retry_after=MINUTE)
        assert MINUTE == result.retry_after

    def test_a_decline_must_say_what_it_means(self) -> None:
        """The core never guesses from a processor's code."""
        with pytest.raises(TypeError, match="advice"):
            Decline(gateway_code="51")  # type: ignore[call-arg]
        with pytest.raises(InvalidInput, match="advice: has the wrong type"):
            Decline(advice="51")  # type: ignore[arg-type]
        with pytest.raises(InvalidInput, match="not_before: must not be negative"):
            Decline(advice=Advice.RETRY_LATER, not_before=-MINUTE)

    def test_not_found_is_an_answer_of_its_own(self) -> None:
        """All are equal, and none is a result."""
        assert ChargeNotFound() == ChargeNotFound()


class TestRequests:
    """What is asked of a processor."""

    @pytest.mark.parametrize("request_", [REQUEST, REFUND])
    @pytest.mark.parametrize(
        ("amount", "code"),
        [(Money.zero("EUR"), "zero"), (-TEN, "negative"), (10, "invalid_type"), ("10 EUR", "invalid_type")],
    )
    def test_more_than_nothing_is_asked_for(self, request_: Any, amount: Any, code: str) -> None:
        """A zero amount is paid without a processor, and a charge is never a refund."""
        with pytest.raises(InvalidInput) as caught:
            attrs.evolve(request_, amount=amount)
        assert [("amount", code)] == found(caught)

    def test_a_charge_needs_a_token(self) -> None:
        """A text where the token belongs would be sent, stored and printed."""
        number: Any = "4242424242424242"
        with pytest.raises(InvalidInput) as caught:
            attrs.evolve(REQUEST, card=number)
        assert [("card", "invalid_type")] == found(caught)
        assert "4242" not in repr(caught.value)

    def test_a_renewal_is_marked_as_one(self) -> None:
        """The merchant starts it, recurring; the first transaction's id goes with it if there is one."""
        assert (
            StoredCredential(initiator="merchant", reason="recurring", initial_network_transaction_id=None)
            == StoredCredential()
        )

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("javascript:alert(1)", "invalid_format"),
            ("DATA:text/html,x", "invalid_format"),
            ("/relative", "invalid_format"),
            ("https://host.example/a b", "invalid_format"),
            ("https://host.example/" + "x" * 2048, "too_long"),
            ("https://host.example/?card=4242424242424242", "looks_like_card_number"),
            ("https://host.example/4242-4242-4242-4242/", "looks_like_card_number"),
            (None, "invalid_type"),
        ],
    )
    def test_a_return_url_is_one(self, url: Any, code: str) -> None:
        """Nothing that a browser would run, and no card number in any part."""
        with pytest.raises(InvalidInput) as caught:
            SetupRequest(setup_id="s", account_id="a", return_url=url, currency="EUR")
        assert [("return_url", code)] == found(caught)

    @pytest.mark.parametrize(
        "url",
        ["https://host.example/ok?account=d9428888-122b-11e1-b85c-61cd3cbb3210#x", "myapp://billing/ok"],
    )
    def test_a_return_url_may_hold_ids(self, url: str) -> None:
        """They look like card numbers by chance, and are none."""
        assert url == SetupRequest(setup_id="s", account_id="a", return_url=url, currency="EUR").return_url

    def test_billing_details_are_a_country_and_keys(self) -> None:
        """Each of its kind."""
        keys = AvsKeys(postal="75001")
        assert keys == BillingDetails(country="FR", avs=keys).avs
        with pytest.raises(InvalidInput, match="country: is not a known country"):
            BillingDetails(country="France")


class TestOtherAnswers:
    """Refunds, card set-ups, notices."""

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"outcome": Outcome.SUCCEEDED}, ("amount", "required")),
            ({"outcome": Outcome.PENDING, "amount": TEN}, ("amount", "mismatch")),
            ({"outcome": Outcome.REQUIRES_ACTION}, ("outcome", "not_supported")),
            ({"outcome": Outcome.DUPLICATE_SUSPECTED}, ("outcome", "not_supported")),
        ],
    )
    def test_refunds_say_one_thing(self, fields: dict[str, Any], expected: tuple[str, str]) -> None:
        """As charges do."""
        with pytest.raises(InvalidInput) as caught:
            RefundResult(**fields)
        assert [expected] == found(caught)

    @pytest.mark.parametrize(
        ("outcome", "amount"),
        [
            (Outcome.SUCCEEDED, TEN),
            (Outcome.DECLINED, None),
            (Outcome.PENDING, None),
            (Outcome.NOT_ATTEMPTED, None),
            (Outcome.UNKNOWN, None),
        ],
    )
    def test_what_refunds_come_to(self, outcome: Outcome, amount: Money | None) -> None:
        """Five outcomes; an amount with a success."""
        assert (outcome, amount) == attrs.astuple(
            RefundResult(outcome=outcome, amount=amount), recurse=False
        )[:2]

    @pytest.mark.parametrize(
        ("outcome", "card"),
        [(SetupOutcome.COMPLETED, None), (SetupOutcome.PENDING, CARD), (SetupOutcome.DECLINED, CARD)],
    )
    def test_a_completed_set_up_has_a_card(self, outcome: SetupOutcome, card: CardDetails | None) -> None:
        """And no other has one."""
        with pytest.raises(InvalidInput, match="card: does not agree with the outcome"):
            SetupResult(outcome=outcome, card=card)

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"token": "tok_1"}, ("token", "invalid_type")),
            ({"last4": "424242"}, ("last4", "invalid_format")),
            ({"brand": "4242424242424242"}, ("brand", "invalid_format")),
            ({"expires": None}, ("expires", "invalid_type")),
        ],
    )
    def test_card_details_take_what_may_be_known(
        self, changes: dict[str, Any], expected: tuple[str, str]
    ) -> None:
        """An adapter that passes more finds out at once."""
        with pytest.raises(InvalidInput) as caught:
            attrs.evolve(CARD, **changes)
        assert [expected] == found(caught)

    def test_a_notice_is_an_id_and_references(self) -> None:
        """A list will do; a text is no list."""
        assert ("a", "b") == WebhookNotice(id="evt_1", references=["a", "b"]).references
        with pytest.raises(InvalidInput, match="references: has the wrong type"):
            WebhookNotice(id="evt_1", references="4242424242424242")


class TestSecrecy:
    """No answer and no request shows a secret when it is printed."""

    SESSION = SetupSession(
        session_ref="sess_1",
        url="https://processor.example/sentinel",
        client_secret="sentinel",
        customer_ref="cus_1",
    )

    @pytest.mark.parametrize(
        "holder",
        [
            REQUEST,
            REFUND,
            CARD,
            SetupResult(outcome=SetupOutcome.COMPLETED, card=CARD),
            ActionRequired(url="https://processor.example/sentinel", client_secret="sentinel"),
            ChargeResult.requires_action(ActionRequired(client_secret="sentinel")),
            SESSION,
            BillingDetails(country="FR", avs=AvsKeys(street_number="sentinel")),
        ],
        ids=lambda holder: type(holder).__name__,
    )
    def test_sentinels_stay_inside(self, holder: object) -> None:
        """In repr, str and format, alone and in a container."""
        shown = [repr(holder), str(holder), f"{holder}", f"{[holder]}", f"{ {'a': holder} }"]
        assert [] == [text for text in shown if "sentinel" in text]

    def test_what_they_show(self) -> None:
        """Enough to find the record by."""
        assert ("ActionRequired(...)", "SetupSession(sess_1)") == (repr(ACTION), repr(self.SESSION))
        assert "BillingDetails(country=None)" == repr(BillingDetails())
