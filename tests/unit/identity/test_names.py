"""Names: whatever can be read is one."""

import pytest

from billing_core.identity.names import check_name


@pytest.mark.parametrize(
    "name",
    [
        "Suharto",
        "Ng",
        "李",
        "O'Neill-Şahin",
        "Jon 3rd",
        "7-Eleven",
        "محمد",
        "X Æ A-12",
        "ශ්\u200dරී",
        "van der Berg",
        "NULL",
        "Łódź Sp. z o.o. & Co. (PL)",
    ],
)
def test_real_names_are_names(name: str) -> None:
    """One word, one letter, digits, any script; and nothing is changed."""
    assert (name, ()) == (check_name(name).value, check_name(name).issues)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "required"),
        ("  ", "required"),
        ("---", "invalid_format"),
        ("🙂", "invalid_format"),
        ("\x00Ada", "invalid_characters"),
        ("a" * 201, "too_long"),
        (b"Ada", "invalid_type"),
        ("Ada 4242 4242 4242 4242", "looks_like_card_number"),
    ],
)
def test_what_is_no_name(raw: object, code: str) -> None:
    """Nothing, no letter at all, what can't be shown, absurd lengths, card numbers."""
    checked = check_name(raw, field="holder")
    assert (None, [("holder", code)]) == (checked.value, [(i.field, i.code) for i in checked.issues])


def test_a_name_may_be_optional() -> None:
    """A company's name, for example."""
    assert (None, ()) == (check_name("", required=False).value, check_name("", required=False).issues)
    assert ["too_long"] == [issue.code for issue in check_name("abc", max_length=2).issues]
