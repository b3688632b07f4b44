"""
A postal address: what was typed, checked, and nothing of it lost.

`check_address` reads a form's fields, reports every wrong one at once, and
never raises on input. It normalises three things only: the country becomes its
ISO code, the postal code gets its official form, and a region becomes its code
where the country's addresses write one. Everything else stays as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Self

import attrs

from billing_core.card_numbers import contains_card_number
from billing_core.errors import InvalidInput
from billing_core.identity.address_fields import ADDRESS_FIELDS, cleaned, given_fields, plain
from billing_core.identity.address_rules import AddressPurpose, Requirements, requirements
from billing_core.identity.countries import find_country
from billing_core.identity.plain import read_choice, read_texts
from billing_core.identity.postal import likely_country, postal_rule, read_postal_code
from billing_core.identity.regions import accepts_postal_code, find_region, has_regions, writes_region_codes
from billing_core.identity.text import split_card_number
from billing_core.issues import Checked, Issue, Severity, invalid

__all__ = ["ADDRESS_FIELDS", "Address", "AddressPurpose", "check_address"]

_ORDER: Final = {field: place for place, field in enumerate(ADDRESS_FIELDS)}
_COUNTRY_CODE: Final = re.compile("[A-Z]{2}")
_NOTHING: Final[frozenset[str]] = frozenset()
_ADDRESSEE: Final = frozenset({"name", "company"})
_MISSING: Final = {"region": "region_required"}

#: Countries whose taxes and card checks need a region that is surely right.
_REGION_MUST_BE_KNOWN: Final = frozenset({"AU", "CA", "US"})
_REGION_DECIDES: Final = frozenset({AddressPurpose.TAX, AddressPurpose.AVS})


@attrs.frozen(kw_only=True, repr=False)
class Address:
    """
    A postal address. Build it with `check_address` or `Address.parse`.

    Its repr shows the country only: the rest is personal data. No field, and
    no row of neighbouring fields, can hold a card number.

    Attributes:
        name: the person, as they write themselves.
        company: the organisation.
        line1: street and number, or post box.
        line2: what follows: floor, flat, building.
        dependent_locality: a part of the city, where addresses name it.
        city: city, town or post town.
        region: state, province, prefecture or county; a code where addresses write one.
        postal_code: in its country's official form.
        country: ISO 3166-1 alpha-2.
        sorting_code: for example the CEDEX number in France.

    Raises:
        InvalidInput: ``country_unknown``, ``invalid_type``, ``looks_like_card_number``.

    >>> Address(line1="1600 Amphitheatre Pkwy", country="US")
    Address(country='US')
    """

    name: str | None = None
    company: str | None = None
    line1: str | None = None
    line2: str | None = None
    dependent_locality: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str
    sorting_code: str | None = None

    def __attrs_post_init__(self) -> None:
        texts = (
            self.name,
            self.company,
            self.line1,
            self.line2,
            self.dependent_locality,
            self.city,
            self.region,
            self.postal_code,
            self.sorting_code,
        )
        # A code of a later release is read as it is; a number or a sentence is no code.
        if type(self.country) is not str or not _COUNTRY_CODE.fullmatch(self.country):
            raise invalid("country", "country_unknown", example="US")
        try:
            joined = " ".join(filter(None, texts))
        except TypeError:
            raise invalid("address", "invalid_type", expected="texts") from None
        if contains_card_number(joined):
            raise InvalidInput(split_card_number(_without_country(self.to_dict())))

    def __repr__(self) -> str:
        return f"Address(country={self.country!r})"

    @classmethod
    def parse(cls, fields: object, purpose: AddressPurpose = AddressPurpose.INVOICE) -> Address:
        """
        Check and unwrap.

        Args:
            fields: as for `check_address`.
            purpose: what the address is for.

        Raises:
            InvalidInput: with every error that `check_address` finds.

        >>> fields = {"country": "UK", "city": "London", "line1": "10 Downing St", "postal_code": "sw1a2aa"}
        >>> Address.parse(fields, AddressPurpose.MAIL).postal_code
        'SW1A 2AA'
        """
        return check_address(fields, purpose).unwrap()

    def to_dict(self) -> dict[str, str | None]:
        """The address as plain data, every field by its name."""
        return {field: getattr(self, field) for field in ADDRESS_FIELDS}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """
        Read what `to_dict` wrote. The rules of `check_address` are not applied: they may have changed since.

        Raises:
            InvalidInput: ``unknown_key``, ``required`` (the country), ``invalid_type``,
                ``looks_like_card_number``.

        >>> address = Address(city="Wien", country="AT")
        >>> Address.from_dict(address.to_dict()) == address
        True
        """
        optional = (field for field in ADDRESS_FIELDS if field != "country")
        return cls(**read_texts(data, ["country"], optional=optional))


def check_address(
    fields: object, purpose: AddressPurpose = AddressPurpose.INVOICE, *, field: str = ""
) -> Checked[Address]:
    """
    Check an address and say everything that is wrong with it.

    Args:
        fields: a mapping with keys of `ADDRESS_FIELDS`, or an `Address`. Anything else is a finding.
        purpose: what the address is for; it decides which fields are required.
        field: the form's name for the address; findings are named ``field.line1`` and so on.

    Returns:
        The address, with warnings at most; or every finding, in the order of the form.

    Errors: ``required``, ``region_required``, ``country_unknown``, ``invalid_format`` (postal code),
    ``region_unknown`` (US, CA, AU for tax and AVS), ``unknown_key``, and what `clean_text` finds.
    Warnings: ``postal_code_other_country`` (with that country), ``postal_code_mismatch_region``,
    ``region_unknown``, ``region_required`` on invoices.

    Raises:
        InvalidInput: for an unknown ``purpose``; never for the fields.

    Source: requirements and formats from Google's address data, see NOTICE.

    >>> checked = check_address({"country": "FR", "postal_code": "7500"}, AddressPurpose.MAIL)
    >>> [(issue.field, issue.code) for issue in checked.errors]
    [('line1', 'required'), ('city', 'required'), ('postal_code', 'invalid_format')]
    """
    if type(purpose) is not AddressPurpose:
        purpose = read_choice("purpose", purpose, AddressPurpose)
    issues: list[Issue] = []
    given = given_fields(fields.to_dict() if type(fields) is Address else fields, issues)
    if given is None:
        return _answer({}, issues, field)
    values = plain(given)
    if values is None:
        values = cleaned(given, issues)
    wrong = frozenset([issue.field for issue in issues]) if issues else _NOTHING
    country = None if "country" in wrong else _checked_country(values, issues)
    if country is not None:
        bare = _checked_postal_code(country, values, issues) if "postal_code" in values else None
        if "region" in values:
            _check_region(country, purpose, values, bare, issues)
        _check_required(requirements(country, purpose), values, wrong, issues)
    return _answer(values, issues, field)


def _checked_country(values: dict[str, str], issues: list[Issue]) -> str | None:
    typed = values.get("country")
    if typed is None:
        issues.append(Issue(field="country", code="required"))
        return None
    country = find_country(typed)
    if country is None:
        issues.append(Issue(field="country", code="country_unknown", params={"example": "US"}))
        return None
    values["country"] = country
    return country


def _checked_postal_code(country: str, values: dict[str, str], issues: list[Issue]) -> str | None:
    """The bare code, if it is one of the country and can be held against the region."""
    typed = values["postal_code"]
    code = read_postal_code(country, typed)
    if code is None:
        issues.append(_postal_code_fault(country, typed))
        return None
    values["postal_code"] = code.text
    if code.other_country is not None:
        issues.append(_warning("postal_code", "postal_code_other_country", suggestion=code.other_country))
        return None
    return code.bare


def _postal_code_fault(country: str, typed: str) -> Issue:
    rule = postal_rule(country)
    assert rule is not None  # without a rule every code is read as it is
    return Issue(
        field="postal_code",
        code="invalid_format",
        severity=Severity.WARNING if rule.is_uncertain else Severity.ERROR,
        params={"example": rule.example},
        suggestion=likely_country(country, typed),
    )


def _check_region(
    country: str, purpose: AddressPurpose, values: dict[str, str], bare: str | None, issues: list[Issue]
) -> None:
    region = find_region(country, values["region"])
    if region is None:
        if has_regions(country):
            must_be_known = country in _REGION_MUST_BE_KNOWN and purpose in _REGION_DECIDES
            severity = Severity.ERROR if must_be_known else Severity.WARNING
            issues.append(Issue(field="region", code="region_unknown", severity=severity))
        return
    if writes_region_codes(country):
        values["region"] = region.key
    if bare is not None and not accepts_postal_code(region, bare):
        issues.append(_warning("postal_code", "postal_code_mismatch_region"))


def _check_required(
    needs: Requirements, values: Mapping[str, str], wrong: frozenset[str], issues: list[Issue]
) -> None:
    given = values.keys() | wrong if wrong else values.keys()
    issues += [Issue(field=field, code=_MISSING.get(field, "required")) for field in needs.required - given]
    issues += [_warning(field, _MISSING.get(field, "required")) for field in needs.advised - given]
    if needs.needs_addressee and _ADDRESSEE.isdisjoint(given):
        issues.append(Issue(field="name", code="required"))


def _warning(field: str, code: str, *, suggestion: str | None = None) -> Issue:
    return Issue(field=field, code=code, severity=Severity.WARNING, suggestion=suggestion)


def _answer(values: dict[str, str], issues: list[Issue], field: str) -> Checked[Address]:
    """The address if nothing is wrong with it; else the findings in the order of the form."""
    address = None
    if issues and any(issue.severity is Severity.ERROR for issue in issues):
        issues += split_card_number(_without_country(values))
    else:
        try:
            address = Address(**values)
        except InvalidInput as card_number:
            issues += card_number.issues
    if not issues:
        return Checked(value=address)
    issues.sort(key=lambda issue: _ORDER.get(issue.field, len(_ORDER)))
    return Checked(value=address, issues=tuple(issue.at(field) if field else issue for issue in issues))


def _without_country(values: Mapping[str, str | None]) -> dict[str, str | None]:
    return {field: values[field] for field in ADDRESS_FIELDS if field in values and field != "country"}
