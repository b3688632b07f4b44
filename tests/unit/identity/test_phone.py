"""Phones: strict about what stands around a number, lenient about how it is written."""

import copy
import pickle
from typing import Any

import attrs
import pytest

from billing_core.errors import InvalidInput
from billing_core.identity.phone import Phone, PhoneKind, PhonePolicy, PhoneValidity, check_phone
from billing_core.identity.phone_reading import is_known_number, read_phone
from billing_core.issues import Checked, Severity

LONDON = Phone(e164="+442079460018", region="GB", kind=PhoneKind.FIXED_LINE, validity=PhoneValidity.VALID)


def code(raw: object, region: str | None = None, **options: Any) -> str:
    """The code of the one error."""
    checked = check_phone(raw, region, **options)
    assert checked.value is None
    (issue,) = checked.issues
    assert issue.severity is Severity.ERROR
    return issue.code


def e164(raw: object, region: str | None = None, **options: Any) -> str:
    """The number of a phone without any finding."""
    checked = check_phone(raw, region, **options)
    assert () == checked.issues
    return checked.unwrap().e164


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        ("020 7946 0018", "GB"),
        ("020 7946 0018", " gb "),
        ("020 7946 0018", "UK"),
        ("(020) 7946-0018", "XI"),
        ("2079460018", "GB"),
        ("442079460018", "GB"),
        ("0044 20 7946 0018", "GB"),
        ("0044 20 7946 0018", "US"),
        ("0011 44 20 7946 0018", "AU"),
        ("+44 20 7946 0018", None),
        ("+44 (0)20 7946 0018", None),
        ("+44 20 7946 0018", "AQ"),
        ("+44 20 7946 0018", "ZZ"),
        ("+44 20 7946 0018", "US"),
        ("++44 20 7946 0018", "PL"),
        ("tel:+44-20-7946-0018", None),
        ("Tel: +44 20 7946 0018", None),
        ("tel:2079460018;phone-context=+44", None),
        ("\u202a+44\u00a020\u20137946\u20110018\u202c", None),
        ("＋４４ ２０ ７９４６ ００１８", None),
        ("٠٢٠ ٧٩٤٦ ٠٠١٨", "GB"),
    ],
)
def test_one_number_in_many_forms(raw: str, region: str | None) -> None:
    """National, international, with marks, in other digits."""
    assert LONDON == check_phone(raw, region).unwrap()


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("03 3316005 #3456", "NZ", "3456"),
        ("+64 3 331 6005 ext. 1234", None, "1234"),
        ("+64 3 331 6005 extensión 1234", None, "1234"),
        ("8 (423) 202-25-11, доб. 100", "RU", "100"),
        ("tel:+64-3-331-6005;ext=1235", None, "1235"),
        ("(800) 901-3355 ,x 7246433", "US", "7246433"),
        ("(800) 901-3355;7246433", "US", "7246433"),
        ("03 3316005 ~ 123456789", "NZ", "123456789"),
        ("+442079460018", None, None),
    ],
)
def test_an_extension_is_kept_apart(raw: str, region: str | None, expected: str | None) -> None:
    """Whatever its label is."""
    assert expected == check_phone(raw, region).unwrap().extension


def test_an_extension_that_is_only_half_understood_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its digits must never end up in the number itself."""
    import phonenumbers

    plain = phonenumbers.parse("+442079460018")
    monkeypatch.setattr(phonenumbers, "parse", lambda *_: plain)
    assert "invalid_format" == code("+44 20 7946 0018 ext. 12")


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        (None, None, "required"),
        (" ", None, "required"),
        ("\u200b", "GB", "required"),
        (442079460018, "GB", "invalid_type"),
        (True, "US", "invalid_type"),
        (b"+442079460018", None, "invalid_type"),
        ("+" + "4" * 400, None, "too_long"),
        ("+4420794600181111111", None, "too_long"),
        ("01495 72553301873 810104", "GB", "too_long"),
        ("4242 4242 4242 4242 42", "US", "too_long"),
        ("+43", None, "invalid_format"),
        ("+49 0", "DE", "too_short"),
        ("112", "JO", "too_short"),
        ("253-0000", "US", "too_short"),
        ("+3767174037", None, "invalid_length"),
        ("0119", "US", "too_short"),
        ("+12025550143999", None, "too_long"),
        ("+", None, "invalid_characters"),
        ("+9991234567", None, "invalid_format"),
        ("+490044206789", None, "invalid_format"),
        ("020 7946 0018", None, "country_missing"),
        ("020 7946 0018", "ZZ", "country_missing"),
        ("020 7946 0018", "AQ", "country_missing"),
        ("020 7946 0018", "QQ", "country_unknown"),
        ("020 7946 0018", 44, "country_unknown"),
        ("0000000000", "US", "placeholder"),
        ("5555555555", "US", "placeholder"),
        ("+442079460018 / +442079460019", None, "two_values"),
        ("020 7946 0018, 020 7946 0019", "GB", "two_values"),
        ("020 7946 0018 or 020 7946 0019", "GB", "two_values"),
        ("+442079460018 +442079460019", None, "two_values"),
        ("020 7946 0018 or 0019", "GB", "invalid_characters"),
        ("Call: 8 (800) 555 35 35", "RU", "invalid_characters"),
        ("+499821958a", None, "invalid_characters"),
        ("O20 7946 0018", "GB", "invalid_characters"),
        ("my number is 020 7946 0018 thanks", "GB", "invalid_characters"),
        ("020 7946 0018 thanks", "GB", "invalid_characters"),
        ("+49 30 12345 home", None, "invalid_characters"),
        ("12 MICROSOFT", "NZ", "invalid_characters"),
        ("john@example.com", "US", "invalid_characters"),
        ("+44 20 7946 0018 \x00", None, "invalid_characters"),
        ("N/A", "GB", "invalid_characters"),
        ("٣²٣", "GB", "invalid_characters"),
    ],
)
def test_what_is_no_phone(raw: object, region: Any, expected: str) -> None:
    """Each with the code that says why."""
    assert expected == code(raw, region)


def test_keypad_letters() -> None:
    """A number by itself if they are needed to complete it; a policy may refuse them."""
    assert "+18003569377" == e164("1-800-FLOWERS", "US")
    assert "+16504666453" == e164("+1 650 GOO OGLE", "US")
    assert "invalid_characters" == code("1-800-FLOWERS", "US", policy=PhonePolicy(allow_letters=False))
    assert "invalid_characters" == code("1800 SIX FLAGS", "US")


def test_a_range_that_is_not_known_to_be_in_use_is_a_warning() -> None:
    """Plans change faster than releases. A strict form may make it an error."""
    checked = check_phone("+1 201 155 0123", field="mobile")
    (issue,) = checked.warnings
    assert ("mobile", "unallocated") == (issue.field, issue.code)
    assert checked.ok
    phone = checked.unwrap()
    assert (PhoneValidity.POSSIBLE, PhoneKind.UNKNOWN, "US") == (phone.validity, phone.kind, phone.region)
    assert "unallocated" == code("+1 201 155 0123", policy=PhonePolicy(unallocated=Severity.ERROR))


def test_the_region_of_an_unallocated_number() -> None:
    """The one that was given if its calling code is the number's; else the calling code's main one."""
    assert "CA" == check_phone("201 155 0123", "CA").unwrap().region
    assert "US" == check_phone("+1 201 155 0123", "FR").unwrap().region


def test_a_card_number_is_no_possible_phone() -> None:
    """A known number may look like one by chance; an unknown one is refused."""
    assert "looks_like_card_number" == code("+4344406119022")


@pytest.mark.parametrize(
    ("raw", "kind", "region"),
    [
        ("+442079460018", PhoneKind.FIXED_LINE, "GB"),
        ("+447400123456", PhoneKind.MOBILE, "GB"),
        ("+12025550143", PhoneKind.FIXED_LINE_OR_MOBILE, "US"),
        ("+18009013355", PhoneKind.TOLL_FREE, "US"),
        ("+16133566900", PhoneKind.FIXED_LINE_OR_MOBILE, "CA"),
        ("+390669885318", PhoneKind.FIXED_LINE, "VA"),
        ("+4779024300", PhoneKind.FIXED_LINE, "SJ"),
        ("+881612345678", PhoneKind.MOBILE, None),
        ("+80012345678", PhoneKind.TOLL_FREE, None),
    ],
)
def test_kind_and_region(raw: str, kind: PhoneKind, region: str | None) -> None:
    """As phonenumbers knows them; numbers of no region have none."""
    phone = check_phone(raw).unwrap()
    assert (kind, region) == (phone.kind, phone.region)


def test_kinds_are_those_of_phonenumbers() -> None:
    """By name and by number, so that an update which adds one is noticed."""
    from phonenumbers import PhoneNumberType

    expected = [PhoneNumberType.to_string(value).lower() for value in PhoneNumberType.values()]
    assert expected == [str(kind) for kind in PhoneKind]
    assert [*range(11), 99] == list(PhoneNumberType.values())


def test_codes_are_those_of_phonenumbers() -> None:
    """The reading's tables use its numbers by value."""
    from phonenumbers import NumberParseException as Parse
    from phonenumbers import ValidationResult as Result

    assert (0, 2, 3, 4) == (
        Parse.INVALID_COUNTRY_CODE,
        Parse.TOO_SHORT_AFTER_IDD,
        Parse.TOO_SHORT_NSN,
        Parse.TOO_LONG,
    )
    assert (0, 2, 3, 4, 5) == (
        Result.IS_POSSIBLE,
        Result.TOO_SHORT,
        Result.TOO_LONG,
        Result.IS_POSSIBLE_LOCAL_ONLY,
        Result.INVALID_LENGTH,
    )


def test_places_without_a_plan_use_another() -> None:
    """ISO knows more places than the numbering plans do."""
    assert "+6493737999" == e164("09 373 7999", "PN")
    assert "+16046626000" == e164("604-662-6000", "UM")
    for region in ("BV", "EL", "GS", "HM", "TF"):
        assert "country_missing" != code("1", region)


def test_formats() -> None:
    """For readers abroad and at home, with the extension."""
    assert "+44 20 7946 0018" == LONDON.format_international()
    assert "020 7946 0018" == LONDON.format_national()
    extended = attrs.evolve(LONDON, extension="12")
    assert ("+44 20 7946 0018 x12", "020 7946 0018 x12") == (
        extended.format_international(),
        extended.format_national(),
    )


def test_repr_shows_the_last_two_digits_only() -> None:
    """A phone is personal data, and records end up in logs."""
    phone = attrs.evolve(LONDON, extension="123")
    expected = (
        "Phone(e164='+**********18', extension='***', region='GB', kind='fixed_line', validity='valid')"
    )
    assert expected == repr(phone) == str(phone) == f"{phone}"
    assert "extension=None" in repr(LONDON)


def test_plain_data_and_back() -> None:
    """Nothing is lost, and nothing is checked anew."""
    for phone in (LONDON, attrs.evolve(LONDON, extension="7", region=None, validity=PhoneValidity.POSSIBLE)):
        assert phone == Phone.from_dict(phone.to_dict())
        assert phone == pickle.loads(pickle.dumps(phone)) == copy.deepcopy(phone)
        assert hash(phone) == hash(Phone.from_dict(phone.to_dict()))


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"cvv": "123"}, "", "unknown_key"),
        ({"e164": None}, "e164", "required"),
        ({"e164": 442079460018}, "e164", "invalid_type"),
        ({"e164": "020 7946 0018"}, "e164", "invalid_format"),
        ({"e164": "+424242424242424242424"}, "e164", "invalid_format"),
        ({"e164": "+4242424242424242"}, "e164", "looks_like_card_number"),
        ({"e164": "+378282246310005"}, "e164", "looks_like_card_number"),
        ({"extension": "4242424242424242"}, "extension", "invalid_format"),
        ({"region": "4242424242424242"}, "region", "invalid_format"),
        ({"kind": "4242424242424242"}, "kind", "unknown_value"),
        ({"validity": "4242424242424242"}, "validity", "unknown_value"),
    ],
)
def test_foreign_data_is_refused_without_echo(change: dict[str, Any], field: str, expected: str) -> None:
    """Unknown keys, wrong forms, card numbers."""
    with pytest.raises(InvalidInput) as caught:
        Phone.from_dict(LONDON.to_dict() | change)
    assert [(field, expected)] == [(issue.field, issue.code) for issue in caught.value.issues]
    assert "4242" not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"e164": 442079460018}, "e164"),
        ({"extension": 12}, "extension"),
        ({"region": "GBR"}, "region"),
        ({"kind": "mobile"}, "kind"),
        ({"validity": "valid"}, "validity"),
    ],
)
def test_the_constructor_takes_what_it_says(change: dict[str, Any], field: str) -> None:
    """Whoever builds a phone by hand hears at once."""
    with pytest.raises(InvalidInput) as caught:
        attrs.evolve(LONDON, **change)
    assert [field] == [issue.field for issue in caught.value.issues]


def test_a_known_number_may_look_like_a_card() -> None:
    """A German mobile number of 13 digits that starts with 4 and passes Luhn."""
    number = next(
        candidate
        for last in range(10)
        if is_known_number(candidate := f"+491512345678{last}") and _passes_luhn(candidate[1:])
    )
    assert number == check_phone(number).unwrap().e164


def _passes_luhn(digits: str) -> bool:
    return sum(sum(divmod(int(d) * (1 + k % 2), 10)) for k, d in enumerate(reversed(digits))) % 10 == 0


def test_parse_raises() -> None:
    """Checks and unwraps."""
    assert LONDON == Phone.parse("020 7946 0018", "GB")
    with pytest.raises(InvalidInput, match=r"^phone: is required$"):
        Phone.parse("")


def test_nothing_is_a_phone_where_none_is_required() -> None:
    """Nobody must have a phone."""
    assert Checked(value=None) == check_phone(None, required=False)


def test_a_number_that_is_another_one_when_it_is_read_again_is_refused() -> None:
    """A trunk or carrier prefix that is typed twice: no E.164 form could hold it."""
    assert "invalid_format" == code("0120647445395", "CN")
    assert "invalid_format" == code("080075199808", "BY")


@pytest.mark.parametrize(
    ("raw", "region", "validity"),
    [
        ("0037 494728576139", "JP", PhoneValidity.VALID),
        ("00780341019084218", "JP", PhoneValidity.VALID),
        ("+62 5279119896224639", None, PhoneValidity.POSSIBLE),
    ],
)
def test_numbers_longer_than_the_standard(raw: str, region: str | None, validity: PhoneValidity) -> None:
    """Some plans have numbers that can be dialled at home only; they are no crash."""
    phone = check_phone(raw, region).unwrap()

    assert validity is phone.validity
    assert phone == check_phone(phone.e164).value


def test_the_field_is_the_forms_name() -> None:
    """In every kind of finding."""
    assert [("contact.mobile", "invalid_type")] == [
        (issue.field, issue.code) for issue in check_phone(5, field="contact.mobile").issues
    ]
    assert "contact.mobile" == check_phone("x", field="contact.mobile").issues[0].field


def test_reading_by_itself() -> None:
    """The engine under the check."""
    assert "country_unknown" == read_phone("020 7946 0018", "ENGLAND", allow_letters=True)
    assert not is_known_number("+12011550123")
    assert not is_known_number("nonsense")
