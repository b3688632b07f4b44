"""Billing information: what the owner types once, checked as a whole, in one go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from billing_core.errors import InvalidInput
from billing_core.identity.address import ADDRESS_FIELDS, Address, AddressPurpose, check_address
from billing_core.identity.countries import find_country
from billing_core.identity.names import check_name
from billing_core.identity.phone import Phone, check_phone
from billing_core.identity.tax_id import TaxId, check_tax_id
from billing_core.identity.text import split_card_number
from billing_core.issues import Checked, Issue
from billing_core.policy import BillingPolicy
from billing_core.records import Record
from billing_core.values.texts import Private, Text

__all__ = ["BillingInfo", "check_billing_info"]

#: Those of a flat form; there the name is the customer's, not the address's.
_ADDRESS_FIELDS = frozenset(ADDRESS_FIELDS) - {"name"}
#: What stands next to the name on a form, in its order: a card number could be spread over it.
_NEIGHBOURS = ("company", "line1", "line2", "city")
_OWN_FIELDS = frozenset({"name", "address", "phone", "tax_id"})
_COUNTRY_LENGTH_MAX = 100
_FLAT_FIELDS = (_OWN_FIELDS | _ADDRESS_FIELDS) - {"address"}


@attrs.frozen(kw_only=True, repr=False)
class BillingInfo(Record):
    """
    Who is billed: name, address, phone and tax id, all of them checked.

    Build it with `check_billing_info`, which reports every wrong field at
    once. Its repr shows the country only: the rest is personal data.
    """

    name: Private[Text]
    address: Private[Address]
    phone: Private[Phone | None] = None
    tax_id: Private[TaxId | None] = None

    def _check_together(self) -> None:
        texts = {"name": self.name, **{key: getattr(self.address, key) for key in _NEIGHBOURS}}
        if issues := split_card_number(texts):
            raise InvalidInput(issues)

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2 code of the address."""
        return self.address.country

    def __repr__(self) -> str:
        return f"BillingInfo(country={self.country!r})"


def check_billing_info(form: object, policy: BillingPolicy | None = None) -> Checked[BillingInfo]:
    """
    Check a whole billing form and say everything that is wrong with it.

    Args:
        form: a mapping with ``name``, ``phone``, ``tax_id``, and the address
            either as a mapping under ``address`` or flat beside the others
            (``line1 line2 dependent_locality city region postal_code country
            sorting_code company``). Findings name the fields as the form does.
        policy: reserved for what a vendor requires; the default suits invoices.

    Returns:
        The information, or every finding. Never raises on input of any type.

    >>> checked = check_billing_info({"name": "", "country": "FR", "line1": "1 rue X", "city": "Paris"})
    >>> [(issue.field, issue.code) for issue in checked.errors]
    [('name', 'required'), ('postal_code', 'required')]
    """
    del policy
    if type(form) is BillingInfo:
        return Checked(value=form)
    fields = _as_dict(form)
    if fields is None:
        return Checked(value=None, issues=(_finding("invalid_type", expected="a mapping of form fields"),))
    is_nested = "address" in fields
    allowed = _OWN_FIELDS if is_nested else _FLAT_FIELDS
    # A key can be as hostile as a value: unknown ones are not repeated.
    unknown = (
        () if fields.keys() <= allowed else (_finding("unknown_key", allowed=", ".join(sorted(allowed))),)
    )
    typed = fields["address"] if is_nested else {key: fields[key] for key in fields if key in _ADDRESS_FIELDS}
    name = check_name(fields.get("name"))
    address = check_address(
        _named(typed, name.value), AddressPurpose.INVOICE, field="address" if is_nested else ""
    )
    region = address.value.country if address.value is not None else _country(typed)
    phone = check_phone(fields.get("phone"), region, required=False)
    tax_id = check_tax_id(fields.get("tax_id"), region, required=False)
    issues = (*unknown, *name.issues, *address.issues, *phone.issues, *tax_id.issues)
    checked: Checked[BillingInfo] = Checked(value=None, issues=issues)
    if not checked.ok or name.value is None or address.value is None:
        return checked
    return _joined(name.value, address.value, phone.value, tax_id.value, issues)


def _joined(
    name: str, address: Address, phone: Phone | None, tax_id: TaxId | None, warnings: tuple[Issue, ...]
) -> Checked[BillingInfo]:
    """All parts as one, unless the name and the address hold a card number together."""
    try:
        info = BillingInfo(name=name, address=address, phone=phone, tax_id=tax_id)
    except InvalidInput as error:
        return Checked(value=None, issues=(*warnings, *error.issues))
    return Checked(value=info, issues=warnings)


def _as_dict(form: object) -> dict[Any, Any] | None:
    try:
        # A foreign mapping may raise anything, and a proxy may lie about its class.
        return dict(form) if issubclass(type(form), Mapping) else None  # type: ignore[call-overload]
    except Exception:  # noqa: BLE001 - the promise is: never raises on input of any type
        return None


def _named(address: object, name: str | None) -> object:
    """An address with the customer's name, which an invoice needs; a wrong name is found elsewhere."""
    fields = address.to_dict() if type(address) is Address else _as_dict(address)
    return address if fields is None else {**fields, "name": fields.get("name") or name or "-"}


def _country(address: object) -> str | None:
    """The country of an address that is wrong elsewhere, so that phone and tax id can still be read."""
    typed: Any = (_as_dict(address) or {}).get("country")
    is_text = issubclass(type(typed), str) and len(typed) <= _COUNTRY_LENGTH_MAX
    return find_country(typed) if is_text else None


def _finding(code: str, **params: Any) -> Issue:
    return Issue(field="form", code=code, params=params)
