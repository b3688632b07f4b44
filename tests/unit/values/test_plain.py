"""Plain data is read strictly."""

import pytest

from billing_core.errors import InvalidInput
from billing_core.values.plain import check_keys


def test_exactly_the_keys_pass() -> None:
    """No more, no less."""
    check_keys({"a": 1, "b": 2}, ("a", "b"))
    check_keys({}, ())


def test_every_finding_is_reported_and_no_key_repeated() -> None:
    """Missing keys by name; unknown ones by the list of those that exist."""
    with pytest.raises(InvalidInput) as caught:
        check_keys({"4242424242424242": 1, "a": 1}, ("a", "b"), "price")

    assert [("b", "required"), ("price", "unknown_key")] == [(i.field, i.code) for i in caught.value.issues]
    assert "4242" not in str(caught.value)


def test_only_a_mapping_is_read() -> None:
    """A list is none."""
    with pytest.raises(InvalidInput, match="price: has the wrong type"):
        check_keys(["a"], ("a",), "price")  # type: ignore[arg-type]
