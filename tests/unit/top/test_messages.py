"""The catalogue of issue codes."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from billing_core.messages import CODES, message_for


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_text_with_and_without_parameters(code: str) -> None:
    """No brace and no bracket is left over."""
    names = {
        name for _, name, _, _ in Formatter().parse(CODES[code].replace("[", "").replace("]", "")) if name
    }
    filled = message_for(code, dict.fromkeys(names, "X"))
    assert not re.search(r"[{}\[\]]", filled)
    assert names == set() or "X" in filled
    optional = {
        name for _, name, _, _ in Formatter().parse(CODES[code].partition("[")[2].rstrip("]")) if name
    }
    assert not re.search(r"[\[\]]", message_for(code, {}))
    if names == optional:
        assert not re.search(r"[{}]", message_for(code, {}))


def test_texts_follow_the_fields_name() -> None:
    """No capital at the start, no full stop at the end."""
    assert [] == [code for code, text in CODES.items() if text[0].isupper() or text.endswith(".")]


def test_optional_parts_go_as_a_whole() -> None:
    """With a parameter, without it, and with one that is not asked for."""
    assert "is too long; at most 64 characters" == message_for("too_long", {"max_length": 64})
    assert "is too long" == message_for("too_long", {})
    assert "is required" == message_for("required", {"max_length": 64})


def test_a_code_of_tomorrow_still_reads() -> None:
    """An adapter may be newer than this table; one that holds a card number is withheld."""
    assert "brand_new" == message_for("brand_new", {})
    assert "4242" not in message_for("4242 4242 4242 4242", {})
    assert "4242" not in message_for("unknown_value", {"allowed": "4242 4242 4242 4242"})
