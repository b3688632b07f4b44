"""Billing information: what the owner types once, checked as a whole, in one go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from billing_core.errors import InvalidInput
from billing_core.identity.address import Address, AddressPurpose, check_address
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

_ADDRESS_FIELDS = frozenset(
    {
        "company",
        "line1",
        "line2",
        "dependent_locality",
        "city",
        "region",
        "postal_code",
        "country",
        "sorting_code",
    }
)
#: What stands next to the name on a form, in its order: a card number could be spread over it.
_NEIGHBOURS = ("company", "line1", "line2", "city")
_OWN_FIELDS = frozenset({"name", "address", "phone", "tax_id"})


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

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
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
    if isinstance(form, BillingInfo):
        return Checked(value=form)
    if not isinstance(form, Mapping):
        return _refused("", "invalid_type", expected="a mapping of form fields")
    fields, prefix, unknown = _split(form)
    name = check_name(form.get("name"))
    # An invoice needs a name; whether this one will do is said once, by the check above.
    named = {"name": name.value if name.value is not None else "-", **fields}
    address = check_address(named, AddressPurpose.INVOICE, field=prefix)
    region = address.value.country if address.value is not None else _country(fields)
    phone = check_phone(form.get("phone"), region, required=False)
    tax_id = check_tax_id(form.get("tax_id"), region, required=False)
    issues = (*unknown, *name.issues, *address.issues, *phone.issues, *tax_id.issues)
    issues = (*issues, *_split_card_number(form, fields, issues))
    checked: Checked[BillingInfo] = Checked(value=None, issues=issues)
    if not checked.ok or name.value is None or address.value is None:
        return checked
    info = BillingInfo(name=name.value, address=address.value, phone=phone.value, tax_id=tax_id.value)
    return Checked(value=info, issues=issues)


def _country(fields: Mapping[str, Any]) -> str | None:
    """The country of an address that is wrong elsewhere, so that phone and tax id can still be read."""
    typed = fields.get("country")
    return find_country(typed) if isinstance(typed, str) and len(typed) <= 100 else None


def _split(form: Mapping[Any, Any]) -> tuple[dict[str, Any], str, tuple[Issue, ...]]:
    """Address fields, the prefix of their findings, and the keys that mean nothing here."""
    nested = "address" in form
    allowed = _OWN_FIELDS if nested else (_OWN_FIELDS | _ADDRESS_FIELDS) - {"address"}
    stray = sum(1 for key in form if key not in allowed)
    # A key can be as hostile as a value, so unknown ones are counted, not repeated.
    unknown = tuple(
        Issue(field="form", code="unknown_key", params={"allowed": ", ".join(sorted(allowed))})
        for _ in range(min(stray, 1))
    )
    if not nested:
        return {key: form[key] for key in form if key in _ADDRESS_FIELDS}, "", unknown
    address = form["address"]
    if isinstance(address, Address):
        return {k: v for k, v in address.to_dict().items() if v is not None}, "address", unknown
    return (dict(address) if isinstance(address, Mapping) else {}), "address", unknown


def _split_card_number(
    form: Mapping[Any, Any], fields: Mapping[str, Any], found: tuple[Issue, ...]
) -> tuple[Issue, ...]:
    """A card number spread over neighbouring free-text fields of the form."""
    if any(issue.code == "looks_like_card_number" for issue in found):
        return ()
    texts = {
        "name": form.get("name"),
        **{key: fields.get(key) for key in _NEIGHBOURS},
    }
    return split_card_number({key: value for key, value in texts.items() if isinstance(value, str)})


def _refused(field: str, code: str, **params: Any) -> Checked[BillingInfo]:
    return Checked(value=None, issues=(Issue(field=field or "form", code=code, params=params),))
