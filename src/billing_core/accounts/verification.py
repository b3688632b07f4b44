"""Verifying an owner: compare what a caller says with what is on file, and show neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

import attrs

from billing_core.accounts.billing_info import BillingInfo
from billing_core.identity.address import AddressPurpose, check_address
from billing_core.identity.folding import folded
from billing_core.identity.phone import check_phone
from billing_core.identity.tax_id import check_tax_id
from billing_core.identity.text import clean_text
from billing_core.issues import invalid
from billing_core.policy import BillingPolicy
from billing_core.records import Record, as_dict
from billing_core.values.texts import Word

__all__ = ["ClaimMatch", "Verification", "compare_claims"]


class ClaimMatch(StrEnum):
    """How one claimed fact compares with what is on file."""

    MATCH = "match"
    #: The end of the phone number, or a part of the name, agrees.
    PARTIAL = "partial"
    MISMATCH = "mismatch"
    NOT_ON_FILE = "not_on_file"


@attrs.frozen(kw_only=True)
class Verification(Record):
    """
    The outcome of a verification. Holds nothing of what is on file or was said.

    Attributes:
        verified: at least ``required`` facts match and none contradicts.
        fields: how each claimed field compared.
        required: how many matches the policy asks for.
    """

    verified: bool
    fields: Mapping[Word, ClaimMatch] = attrs.field(converter=as_dict)
    required: int

    @property
    def matches(self) -> int:
        """How many claimed facts match."""
        return sum(1 for match in self.fields.values() if match is ClaimMatch.MATCH)


def compare_claims(
    info: BillingInfo | None, claims: Mapping[str, object], policy: BillingPolicy
) -> Verification:
    """
    Compare a caller's claims with the billing information on file.

    Both sides go through the same normalisation as the billing form, so
    spaces, case, accents and separators don't matter.

    Args:
        info: what is on file; ``None`` if nothing is.
        claims: any of ``name``, ``phone``, ``postal_code``, ``tax_id``.
        policy: ``verification_matches_min`` facts must match.

    Raises:
        InvalidInput: an unknown claim, or none at all.
    """
    if not claims:
        raise invalid("claims", "required")
    if not set(claims) <= set(_COMPARE):
        raise invalid("claims", "unknown_key", allowed=", ".join(sorted(_COMPARE)))
    fields = {
        name: ClaimMatch.NOT_ON_FILE if info is None else compare(info, claims[name])
        for name, compare in _COMPARE.items()
        if name in claims
    }
    matches = sum(1 for match in fields.values() if match is ClaimMatch.MATCH)
    required = policy.verification_matches_min
    contradicted = ClaimMatch.MISMATCH in fields.values()
    return Verification(verified=matches >= required and not contradicted, fields=fields, required=required)


def _compare_name(info: BillingInfo, claim: object) -> ClaimMatch:
    said = clean_text(claim, field="name", max_length=200).value
    if said is None:
        return ClaimMatch.MISMATCH
    said_words = {folded(word) for word in said.split()} - {""}
    filed_words = {folded(word) for word in info.name.split()} - {""}
    if said_words == filed_words:
        return ClaimMatch.MATCH
    return ClaimMatch.PARTIAL if said_words and said_words < filed_words else ClaimMatch.MISMATCH


def _compare_phone(info: BillingInfo, claim: object) -> ClaimMatch:
    if info.phone is None:
        return ClaimMatch.NOT_ON_FILE
    said = check_phone(claim, info.country).value
    if said is not None and said.e164 == info.phone.e164:
        return ClaimMatch.MATCH
    digits = "".join(character for character in str(claim) if character in "0123456789")[-12:]
    is_tail = len(digits) >= 4 and info.phone.e164.endswith(digits[-7:])
    return ClaimMatch.PARTIAL if is_tail else ClaimMatch.MISMATCH


def _compare_postal_code(info: BillingInfo, claim: object) -> ClaimMatch:
    filed = info.address.postal_code
    if filed is None:
        return ClaimMatch.NOT_ON_FILE
    fields = {**info.address.to_dict(), "postal_code": claim}
    said = check_address(
        {key: value for key, value in fields.items() if value is not None}, AddressPurpose.TAX
    ).value
    return ClaimMatch.MATCH if said is not None and said.postal_code == filed else ClaimMatch.MISMATCH


def _compare_tax_id(info: BillingInfo, claim: object) -> ClaimMatch:
    if info.tax_id is None:
        return ClaimMatch.NOT_ON_FILE
    said = check_tax_id(claim, info.tax_id.country).value
    return ClaimMatch.MATCH if said is not None and said.value == info.tax_id.value else ClaimMatch.MISMATCH


_COMPARE: Mapping[str, Callable[[BillingInfo, object], ClaimMatch]] = MappingProxyType(
    {
        "name": _compare_name,
        "phone": _compare_phone,
        "postal_code": _compare_postal_code,
        "tax_id": _compare_tax_id,
    }
)
