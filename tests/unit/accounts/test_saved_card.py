"""Saved cards and their tokens: what can be in them, and what never gets out."""

from __future__ import annotations

import copy
import pickle
import string
from datetime import date
from typing import Any

import attrs
import pytest

from billing_core.accounts.saved_card import CardCheck, CardChecks, CardExpiry, CardToken, SavedCard
from billing_core.advice import Advice
from billing_core.errors import InvalidInput
from tests.builders import NOW, account, attempt, card

TOKEN = "pm_1Nv0FGQ9RKHgCVdK"
DIGITS_ONLY = "[0-9]{6,20}"


def found(error: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    """The findings of an error."""
    return [(issue.field, issue.code) for issue in error.value.issues]


class TestTokens:
    """A token is in its adapter's grammar, and is no card number."""

    @pytest.mark.parametrize(
        "value",
        [TOKEN, "tok_1", "x", "a" * 255, "card.1:2-3_4", "12345678901"],
    )
    def test_usual_tokens_pass(self, value: str) -> None:
        """Letters, digits and a few signs; up to eleven digits in a row."""
        assert value == CardToken(value).value

    @pytest.mark.parametrize(
        ("value", "code"),
        [
            ("", "invalid_format"),
            ("_tok", "invalid_format"),
            ("a b", "invalid_format"),
            ("tok\n", "invalid_format"),
            ("é", "invalid_format"),
            ("a" * 256, "too_long"),
            ("123456789012", "looks_like_card_number"),
            ("4242424242424242", "looks_like_card_number"),
            ("4242-4242-4242-4242", "looks_like_card_number"),
            ("tok_4242424242424242", "looks_like_card_number"),
            (None, "invalid_type"),
            (7, "invalid_type"),
            (b"tok", "invalid_type"),
        ],
    )
    def test_others_are_refused(self, value: Any, code: str) -> None:
        """And what was given is not repeated."""
        with pytest.raises(InvalidInput) as caught:
            CardToken(value)
        assert [("token", code)] == found(caught)
        assert "4242" not in str(caught.value) + repr(caught.value)

    def test_an_adapter_may_declare_plain_digits(self) -> None:
        """A number that fails a card's check digit, or starts like no card, is a token then."""
        assert "9842424242424242" == CardToken("9842424242424242", grammar=DIGITS_ONLY).value

    @pytest.mark.parametrize("value", ["4242424242424242", "378282246310005", "5105105105105100"])
    def test_even_then_a_card_number_is_refused(self, value: str) -> None:
        """Declared or not."""
        with pytest.raises(InvalidInput) as caught:
            CardToken(value, grammar=DIGITS_ONLY)
        assert [("token", "looks_like_card_number")] == found(caught)

    def test_an_adapter_may_declare_uuids(self) -> None:
        """They have long rows of digits at times, and letters always: no search for card numbers."""
        uuid = "42424242-4242-4242-4242-00000000000a"
        assert uuid == CardToken(uuid, grammar="[0-9a-f-]{36}").value

    @pytest.mark.parametrize(
        ("grammar", "code"),
        [
            ("(", "invalid_format"),
            ("4242424242424242|tok", "looks_like_card_number"),
            ("x" * 256, "too_long"),
            (None, "invalid_type"),
            (["x"], "invalid_type"),
        ],
    )
    def test_a_grammar_is_a_regular_expression(self, grammar: Any, code: str) -> None:
        """And no way in for what is no token."""
        with pytest.raises(InvalidInput) as caught:
            CardToken("tok_1", grammar=grammar)
        assert [("grammar", code)] == found(caught)
        assert "4242" not in repr(caught.value)

    def test_tokens_are_equal_by_value(self) -> None:
        """The grammar only says what may be one."""
        assert CardToken("123", grammar="[0-9]+") == CardToken("123")
        assert 1 == len({CardToken("123", grammar="[0-9]+"), CardToken("123")})

    def test_stored_form(self) -> None:
        """The value, and the grammar where it is another than usual."""
        declared = CardToken("123", grammar="[0-9]+")
        assert {"value": TOKEN} == CardToken(TOKEN).to_dict()
        assert {"value": "123", "grammar": "[0-9]+"} == declared.to_dict()
        assert declared.grammar == CardToken.from_dict(declared.to_dict()).grammar

    @pytest.mark.parametrize(
        "data", [None, TOKEN, {}, {"grammar": "x"}, {"value": "x", "cvc": "123"}, [TOKEN]]
    )
    def test_other_data_is_no_token(self, data: Any) -> None:
        """Above all nothing with more keys."""
        with pytest.raises(InvalidInput, match="token: has the wrong type; expected a stored token"):
            CardToken.from_dict(data)


class TestSecrecy:
    """Nothing shows a token but `to_dict`."""

    @pytest.mark.parametrize(
        "shown",
        [
            repr,
            str,
            format,
            "{}".format,
            "{!r:>40}".format,
            "{:>40}".format,
            "%s %%".__mod__,
            "%r".__mod__,
            lambda token: f"{token!s:.40}",
            lambda token: string.Template("$t").substitute(t=token),
            lambda token: repr({"token": [token]}),
        ],
    )
    def test_no_text_shows_a_token(self, shown: Any) -> None:
        """Four digits of its hash tell two tokens apart in a log, no more."""
        text = shown(CardToken(TOKEN))
        assert TOKEN not in text
        assert "CardToken(****4940)" in text

    def test_tokens_differ_in_logs(self) -> None:
        """So that a person can tell them apart."""
        assert repr(CardToken("tok_1")) != repr(CardToken("tok_2"))

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_a_token_does_not_pickle(self, protocol: int) -> None:
        """Nor anything that holds one: caches and queues are no place for it."""
        for holder in (
            CardToken(TOKEN),
            card(),
            [card()],
            account(cards=(card(),)),
            attempt(),
            attempt().request,
        ):
            with pytest.raises(TypeError, match="a card token is not pickled; store the record with to_dict"):
                pickle.dumps(holder, protocol)

    def test_copies_are_the_same_token(self) -> None:
        """In memory, a copy shows no more than the original."""
        token = CardToken(TOKEN)
        assert token is copy.copy(token)
        assert token is copy.deepcopy(token)
        assert card() == copy.deepcopy(card())

    def test_a_card_shows_brand_and_four_digits(self) -> None:
        """Its id helps support to find it."""
        assert "SavedCard(card_1, visa ****4242)" == repr(card())
        assert "visa ····4242" == card().label


class TestExpiry:
    """A card is valid through the whole of its last month."""

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (date(2025, 1, 31), False),
            (date(2025, 2, 1), False),
            (date(2025, 2, 28), False),
            (date(2025, 3, 1), True),
            (date(2026, 1, 1), True),
        ],
    )
    def test_a_month_ends_with_its_last_day(self, day: date, expected: bool) -> None:
        """Whatever the day of the month."""
        assert expected is CardExpiry(2025, 2).is_past(day)
        assert expected is card(expires=CardExpiry(2025, 2)).is_expired_on(day)

    def test_reads_as_year_and_month(self) -> None:
        """In the order of ISO 8601."""
        assert "2025-02" == str(CardExpiry(2025, 2))

    @pytest.mark.parametrize(
        ("year", "month", "expected"),
        [
            (25, 2, ("year", "out_of_range")),
            (1999, 12, ("year", "out_of_range")),
            (2200, 1, ("year", "out_of_range")),
            (2025, 0, ("month", "out_of_range")),
            (2025, 13, ("month", "out_of_range")),
            (2025, True, ("month", "invalid_type")),
            ("2025", 1, ("year", "invalid_type")),
            (2025, 1.0, ("month", "invalid_type")),
        ],
    )
    def test_an_expiry_is_a_month(self, year: Any, month: Any, expected: tuple[str, str]) -> None:
        """In a century in which cards are in use; two digits of a year are not guessed at."""
        with pytest.raises(InvalidInput) as caught:
            CardExpiry(year, month)
        assert [expected] == found(caught)


class TestCards:
    """What is on file about a card."""

    def test_a_frozen_card_is_not_chargeable(self) -> None:
        """However long it is valid."""
        today = date(2025, 2, 1)
        assert card().is_chargeable_on(today)
        assert not card().frozen(Advice.NEVER).is_chargeable_on(today)
        assert not card(expires=CardExpiry(2025, 1)).is_chargeable_on(today)

    @pytest.mark.parametrize("advice", [advice for advice in Advice if not advice.freezes_card])
    def test_only_the_networks_word_freezes(self, advice: Advice) -> None:
        """A decline that may be over tomorrow does not."""
        with pytest.raises(
            InvalidInput, match="frozen_because: is not a known value; allowed: stop_recurring, never"
        ):
            card().frozen(advice)

    def test_an_unknown_fingerprint_is_the_cards_id(self) -> None:
        """Then every card counts for itself."""
        made = SavedCard(
            id="card_1",
            gateway_id="main",
            token=CardToken(TOKEN),
            brand="visa",
            last4="0007",
            expires=CardExpiry(2030, 12),
            added_at=NOW,
        )
        assert ("card_1", CardChecks()) == (made.fingerprint, made.checks)

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"last4": "123"}, ("last4", "invalid_format")),
            ({"last4": "12345"}, ("last4", "invalid_format")),
            ({"last4": "４２４２"}, ("last4", "invalid_format")),
            ({"last4": 4242}, ("last4", "invalid_format")),
            ({"brand": "Visa"}, ("brand", "invalid_format")),
            ({"brand": ""}, ("brand", "invalid_format")),
            ({"brand": "x" * 65}, ("brand", "too_long")),
            ({"brand": "v4242424242424242"}, ("brand", "looks_like_card_number")),
            ({"brand": None}, ("brand", "invalid_type")),
            ({"token": TOKEN}, ("token", "invalid_type")),
            ({"token": "4242424242424242"}, ("token", "invalid_type")),
            ({"expires": "2030-12"}, ("expires", "invalid_type")),
            ({"added_at": NOW.replace(tzinfo=None)}, ("added_at", "naive_datetime")),
            ({"fingerprint": "a b"}, ("fingerprint", "invalid_characters")),
            ({"checks": CardCheck.PASS}, ("checks", "invalid_type")),
        ],
    )
    def test_each_field_holds_what_it_is_for(
        self, changes: dict[str, Any], expected: tuple[str, str]
    ) -> None:
        """And the error does not repeat what was given."""
        with pytest.raises(InvalidInput) as caught:
            card(**changes)
        assert [expected] == found(caught)
        assert "424242" not in repr(caught.value)

    def test_there_is_no_field_for_a_number_or_a_code(self) -> None:
        """Four digits, and no other field that could take one."""
        names = {field.name for field in attrs.fields(SavedCard)}
        assert set() == names & {"number", "pan", "cvc", "cvv", "bin", "first6", "track"}
        with pytest.raises(TypeError, match="cvc"):
            SavedCard(**{**attrs.asdict(card(), recurse=False), "cvc": "123"})
