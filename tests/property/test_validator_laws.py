"""Laws of the validators: nothing raises, clean stays clean, what nobody sees changes nothing."""

import random
import unicodedata
from importlib import import_module
from typing import Any

import phonenumbers
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from billing_core.card_numbers import contains_card_number
from billing_core.errors import InvalidInput
from billing_core.identity.names import check_name
from billing_core.identity.phone import Phone, PhoneValidity, check_phone
from billing_core.identity.tax_id import TaxId, TaxIdLevel, check_tax_id
from billing_core.identity.tax_id_types import ROWS
from billing_core.identity.text import clean_code, clean_text, free_texts
from tools.fuzz_validators import fuzz
from tools.measure_card_detector import card

INVISIBLE = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2064\ufeff"
SEPARATORS = " .,-/:_'\t\n\u00a0\u2009\u2013\u2212\u3000"
SCRIPTS = (0x0660, 0x0966, 0xFF10, 0x1D7CE)

any_text = st.text(st.characters(exclude_categories=()), max_size=80)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.binary() | any_text,
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner)
    ),
    max_leaves=4,
)
rows = st.sampled_from([row for row in ROWS.values() if not row.is_opaque])
plain_rows = st.sampled_from(
    [row for row in ROWS.values() if row.module and row.rule.__qualname__.startswith("by_")]
)
regions = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))


def inserted(text: str, places: list[tuple[int, str]]) -> str:
    """The text with characters put in between."""
    for place, char in places:
        at = place % (len(text) + 1)
        text = text[:at] + char + text[at:]
    return text


def insertions(chars: str) -> st.SearchStrategy[list[tuple[int, str]]]:
    """Some of these characters, somewhere."""
    return st.lists(st.tuples(st.integers(0, 99), st.sampled_from(chars)), min_size=1, max_size=6)


def sample_phone(region: str) -> phonenumbers.PhoneNumber:
    """A valid number of a region."""
    number = phonenumbers.example_number(region)
    assert number is not None
    return number


@given(anything, anything, anything)
def test_no_input_of_any_type_raises(raw: Any, place: Any, kind: Any) -> None:
    """Neither the value nor what is said about it."""
    for checked in (
        clean_text(raw, field="x"),
        clean_code(raw, field="x", max_length=64),
        check_name(raw),
        check_phone(raw, place),
        check_tax_id(raw, place, kind),
        check_tax_id(raw, "DE"),
    ):
        assert checked.ok or checked.value is None


@given(any_text)
@example("e\u200b\u0301")
@example("\u0645\u200c\u0645\u200c")
@example("a\u0f73\u0f74")
def test_cleaning_twice_is_cleaning_once(raw: str) -> None:
    """For human text and for codes."""
    for clean in (
        lambda text: clean_text(text, field="x", max_length=400).value,
        lambda text: clean_code(text, field="x", max_length=400).value,
    ):
        once = clean(raw)
        assert once == clean(once)


@given(any_text)
def test_clean_text_has_nothing_unseen(raw: str) -> None:
    """Composed, trimmed, single spaces, no controls, no card number."""
    text = clean_text(raw, field="x").value or ""
    assert text == unicodedata.normalize("NFC", " ".join(text.split()))
    assert not {"Cc", "Cs", "Co"} & set(map(unicodedata.category, text))
    assert not contains_card_number(text)


@given(st.text(max_size=60), insertions(INVISIBLE))
def test_invisible_marks_never_change_the_verdict_on_a_text(raw: str, places: list[tuple[int, str]]) -> None:
    """Nor its value, but for joiners that shape letters."""
    before, after = clean_text(raw, field="x"), clean_text(inserted(raw, places), field="x")
    assert [issue.code for issue in before.issues] == [issue.code for issue in after.issues]
    bare = str.maketrans("", "", INVISIBLE)
    assert unicodedata.normalize("NFC", (before.value or "").translate(bare)) == unicodedata.normalize(
        "NFC", (after.value or "").translate(bare)
    )


@given(rows, insertions(INVISIBLE + SEPARATORS), st.sampled_from(SCRIPTS))
def test_a_tax_id_is_read_through_all_separators(row: Any, places: list[tuple[int, str]], zero: int) -> None:
    """And through marks, lower case and other scripts' digits."""
    expected = check_tax_id(row.example, row.country, row.name).unwrap()
    written = row.example.lower().translate({ord("0") + k: chr(zero + k) for k in range(10)})
    assert expected == check_tax_id(inserted(written, places), row.country, row.name).unwrap()
    assert expected == check_tax_id(expected.value, expected.country, expected.type).unwrap()


@given(plain_rows, st.data())
def test_a_plain_row_says_what_its_module_says(row: Any, data: st.DataObject) -> None:
    """On clean numbers near right ones, but for fillers of zeros and what might be a card's number."""
    body = row.example.removeprefix(row.prefix)
    digits = data.draw(st.lists(st.tuples(st.integers(0, 99), st.sampled_from("0123456789")), max_size=3))
    for place, digit in digits:
        at = place % len(body)
        if body[at].isdigit():
            body = body[:at] + digit + body[at + 1 :]
    assume(body.strip("0"))
    is_valid = import_module(f"stdnum.{row.module}").is_valid
    checked = check_tax_id(row.prefix + body, row.country, row.name)
    assert is_valid(row.prefix + body) is checked.ok or "looks_like_card_number" == checked.issues[0].code


@given(st.sampled_from(list(ROWS.values())), st.integers(0, 2**32))
def test_a_card_number_is_a_tax_id_only_by_its_own_check_digits(row: Any, seed: int) -> None:
    """Of no other type, and it is never a crash."""
    checked = check_tax_id(card(random.Random(seed)), row.country, row.name)
    assert checked.value is None or checked.value.level is TaxIdLevel.CHECKSUM


@given(regions, st.data())
def test_a_phone_is_valid_where_phonenumbers_says_so(region: str, data: st.DataObject) -> None:
    """With the same E.164, and possible means a possible length."""
    sample = sample_phone(region)
    national = list(phonenumbers.national_significant_number(sample))
    for place, digit in data.draw(
        st.lists(st.tuples(st.integers(0, 20), st.sampled_from("0123456789")), max_size=4)
    ):
        national[place % len(national)] = digit
    written = f"+{sample.country_code}{''.join(national)}"
    number = phonenumbers.parse(written)
    phone = check_phone(written).value
    is_valid = phone is not None and phone.validity is PhoneValidity.VALID
    assert phonenumbers.is_valid_number(number) is is_valid
    if phone is not None:
        assert phonenumbers.is_possible_number(number)
        assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == phone.e164
        assert phone == check_phone(phone.e164).value


@given(regions, insertions(" -.()/\u00a0\u2013\u200b\u202a\ufeff"))
def test_a_phone_is_read_through_separators(region: str, places: list[tuple[int, str]]) -> None:
    """Wherever they stand behind the plus."""
    sample = phonenumbers.format_number(sample_phone(region), phonenumbers.PhoneNumberFormat.E164)
    assert check_phone(sample) == check_phone("+" + inserted(sample[1:], places))


@given(st.sampled_from(["4242424242424242", "378282246310005", "5555555555554444"]), st.integers(1, 15))
def test_a_card_number_split_over_two_fields_is_found(pan: str, at: int) -> None:
    """Wherever it is split."""
    checked = free_texts({"line1": f"c/o {pan[:at]}", "line2": f"{pan[at:]} x"})
    assert ["looks_like_card_number"] == [issue.code for issue in checked.issues]


@given(st.dictionaries(st.text(max_size=8), anything, max_size=4))
def test_foreign_data_is_refused_not_crashed_on(data: dict[str, Any]) -> None:
    """By both records."""
    for record in (Phone, TaxId):
        with pytest.raises(InvalidInput):
            record.from_dict(data)


@given(st.integers(0, 2**32))
@settings(max_examples=2)
def test_the_fuzzer_finds_nothing(seed: int) -> None:
    """A short run; the long one is ``python tools/fuzz_validators.py --minutes 10``."""
    counts, failures = fuzz(5.0, seed, calls_max=60)
    assert failures == []
    assert all(count.calls for count in counts.values())
