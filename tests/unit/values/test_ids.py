"""Ids: derived from facts, or checked."""

from typing import Any

import pytest

from billing_core.errors import InvalidInput
from billing_core.values.ids import check_id, derive_id, derive_key, derive_reference


def test_the_scheme_never_changes_by_accident() -> None:
    """These very texts are in databases and at processors: a change here orphans them."""
    assert "inv_mnlo762phx5b3lbxad7z5pgczo" == derive_id("inv", "production", "lic_1", 0)
    assert "eurbwxygjb3ycvmm47qovwfu4oa2e5igeyggc3xhik7toafv6epq" == derive_key("production", "lic_1", 0)
    assert "llgxdpdestiprfkkllhydqodbd" == derive_reference("production", "lic_1", 0)


def test_lengths_and_alphabet() -> None:
    """Short enough for every processor, and made of small letters and digits."""
    record, key, reference = derive_id("inv", 1), derive_key(1), derive_reference(1)

    assert (30, 52, 26) == (len(record), len(key), len(reference))
    assert set(record + key + reference) <= set("abcdefghijklmnopqrstuvwxyz234567_")


def test_what_is_different_stays_different() -> None:
    """Kinds, bounds, order, purpose and prefix all count."""
    derived = [
        derive_key("ab", "c"),
        derive_key("a", "bc"),
        derive_key("abc"),
        derive_key("abc", ""),
        derive_key("", "abc"),
        derive_key("c", "ab"),
        derive_key(1),
        derive_key("1"),
        derive_key("s1:a"),
        derive_key("é"),
        derive_key("e\u0301"),
        derive_key("\ud800"),
        derive_key(-1),
        derive_key(11, 1),
        derive_key(1, 11),
    ]
    purposes = [derive_id("a", 1)[2:], derive_id("b", 1)[2:], derive_key(1)[:26], derive_reference(1)]

    assert len(derived) == len(set(derived))
    assert len(purposes) == len(set(purposes))


@pytest.mark.parametrize("prefix", ["", "Inv", "inv_", "in1", "x" * 13, "inv\n", None, 3])
def test_a_prefix_is_a_short_word(prefix: Any) -> None:
    """Small letters only."""
    with pytest.raises(InvalidInput, match="prefix: does not have the right form"):
        derive_id(prefix, 1)


@pytest.mark.parametrize("part", [True, None, 1.0, b"a", ("a",)])
def test_parts_are_texts_and_ints(part: Any) -> None:
    """Whatever else has no one spelling."""
    with pytest.raises(InvalidInput, match="parts: has the wrong type"):
        derive_key("a", part)


@pytest.mark.parametrize("derive", [derive_key, derive_reference, lambda: derive_id("inv")])
def test_nothing_derives_from_nothing(derive: Any) -> None:
    """No parts, no id."""
    with pytest.raises(InvalidInput, match="parts: is required"):
        derive()


@pytest.mark.parametrize(
    "value",
    [
        "a",
        "cus_NffrFeUfNV2Hib",
        "urn:x:1/2#3",
        "42",
        "1" * 11,
        "1" * 20,
        "4111-1111-1111-1112",
        "d9428888-122b-11e1-b85c-61cd3cbb3210",
        "~" * 255,
    ],
)
def test_an_id_of_somebody_else_passes_as_it_is(value: str) -> None:
    """Visible ASCII of any shape."""
    assert value == check_id(value, "external_id")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "invalid_type"),
        (42, "invalid_type"),
        (b"42", "invalid_type"),
        ("", "required"),
        ("x" * 256, "too_long"),
        ("a b", "invalid_characters"),
        (" a", "invalid_characters"),
        ("a\n", "invalid_characters"),
        ("é", "invalid_characters"),
        ("a\x7f", "invalid_characters"),
        ("4" * 12, "looks_like_card_number"),
        ("4242424242424242", "looks_like_card_number"),
        ("4" * 19, "looks_like_card_number"),
        ("4242-4242-4242-4242", "looks_like_card_number"),
        ("4242%204242%204242%204242", "looks_like_card_number"),
        ('{"number":"4242424242424242"}', "looks_like_card_number"),
    ],
)
def test_an_id_that_can_be_none_is_refused(value: Any, code: str) -> None:
    """A number as long as a card's above all; the value isn't repeated."""
    with pytest.raises(InvalidInput) as caught:
        check_id(value, "external_id")

    assert [("external_id", code)] == [(issue.field, issue.code) for issue in caught.value.issues]
    assert "424242" not in str(caught.value)


def test_a_host_may_set_a_shorter_limit() -> None:
    """In characters."""
    with pytest.raises(InvalidInput, match="key: is too long; at most 3 characters"):
        check_id("abcd", "key", max_length=3)
