"""Verifying an owner: compare what a caller says with what is on file, and show neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import attrs

from billing_core.accounts.account import Account
from billing_core.accounts.billing_info import BillingInfo
from billing_core.identity.folding import folded
from billing_core.identity.phone import check_phone
from billing_core.identity.postal import bare_postal_code
from billing_core.identity.tax_id import check_tax_id
from billing_core.identity.text import clean_code, clean_text
from billing_core.issues import Choice, invalid
from billing_core.policy import BillingPolicy
from billing_core.records import Record, as_dict
from billing_core.values.texts import Word

__all__ = ["ClaimMatch", "Verification", "compare_claims", "verify_owner"]

#: Fewer digits than this at the end of a phone number agree by chance.
_PHONE_TAIL_MIN = 4
_CLAIM_LENGTH_MAX = 200


class ClaimMatch(Choice):
    """How one claimed fact compares with what is on file."""

    MATCH = "match"
    #: The end of the phone number, a part of the name, or the five digits of a longer ZIP code agree.
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

    def _check_together(self) -> None:
        if self.verified != _suffices(self.fields, self.required):
            raise invalid("verified", "mismatch", other="the fields and how many of them are required")

    @property
    def matches(self) -> int:
        """How many claimed facts match."""
        return _matches(self.fields)


def _matches(fields: Mapping[str, ClaimMatch]) -> int:
    return sum(match is ClaimMatch.MATCH for match in fields.values())


def _suffices(fields: Mapping[str, ClaimMatch], required: int) -> bool:
    return _matches(fields) >= required and ClaimMatch.MISMATCH not in fields.values()


def verify_owner(
    account: Account, claims: Mapping[str, object], policy: BillingPolicy | None = None
) -> Verification:
    """
    Whether a caller knows enough of what is on file to be taken for the owner. Pure.

    Args:
        account: whose billing information is on file.
        claims: as for `compare_claims`.
        policy: how many facts must match; the defaults, if not given.

    Raises:
        InvalidInput: an unknown claim, or none at all.
    """
    return compare_claims(account.billing_info, claims, policy if policy is not None else BillingPolicy())


def compare_claims(
    info: BillingInfo | None, claims: Mapping[str, object], policy: BillingPolicy
) -> Verification:
    """
    Compare a caller's claims with the billing information on file.

    Both sides go through the same normalisation as the billing form, so
    spaces, case, accents and separators don't matter.

    Args:
        info: what is on file; ``None`` if nothing is.
        claims: any of ``name``, ``phone``, ``postal_code``, ``tax_id``; one
            that is None or blank was not made.
        policy: ``verification_matches_min`` facts must match.

    Raises:
        InvalidInput: an unknown claim, or none at all.
    """
    if not isinstance(claims, Mapping):
        raise invalid("claims", "invalid_type", expected="a mapping")
    if not claims.keys() <= set(_COMPARE):
        raise invalid("claims", "unknown_key", allowed=", ".join(sorted(_COMPARE)))
    said = {name: claims[name] for name in _COMPARE if not _is_blank(claims.get(name))}
    if not said:
        raise invalid("claims", "required")
    fields = {
        name: ClaimMatch.NOT_ON_FILE if info is None else _COMPARE[name](info, claim)
        for name, claim in said.items()
    }
    required = policy.verification_matches_min
    return Verification(verified=_suffices(fields, required), fields=fields, required=required)


def _is_blank(claim: object) -> bool:
    return claim is None or (isinstance(claim, str) and not claim.strip())


def _compare_name(info: BillingInfo, claim: object) -> ClaimMatch:
    said = _words(clean_text(claim, field="name", max_length=_CLAIM_LENGTH_MAX).value)
    filed = _words(info.name)
    if said == filed:
        return ClaimMatch.MATCH
    return ClaimMatch.PARTIAL if said and said < filed else ClaimMatch.MISMATCH


def _words(name: str | None) -> frozenset[str]:
    return frozenset(map(folded, (name or "").split())) - {""}


def _compare_phone(info: BillingInfo, claim: object) -> ClaimMatch:
    if info.phone is None:
        return ClaimMatch.NOT_ON_FILE
    said = check_phone(claim, info.country).value
    if said is not None and said.e164 == info.phone.e164:
        return ClaimMatch.MATCH
    digits = "".join(filter(str.isdigit, _code(claim)))
    is_tail = len(digits) >= _PHONE_TAIL_MIN and info.phone.e164.endswith(digits)
    return ClaimMatch.PARTIAL if is_tail else ClaimMatch.MISMATCH


def _compare_postal_code(info: BillingInfo, claim: object) -> ClaimMatch:
    if info.address.postal_code is None:
        return ClaimMatch.NOT_ON_FILE
    said, filed = bare_postal_code(_code(claim)), bare_postal_code(info.address.postal_code)
    if said == filed:
        return ClaimMatch.MATCH
    # ZIP+4: people know the five digits, and the four behind them seldom.
    is_zip = info.country == "US" and 5 in {len(said), len(filed)} and said[:5] == filed[:5]
    return ClaimMatch.PARTIAL if is_zip else ClaimMatch.MISMATCH


def _compare_tax_id(info: BillingInfo, claim: object) -> ClaimMatch:
    if info.tax_id is None:
        return ClaimMatch.NOT_ON_FILE
    said = check_tax_id(claim, info.tax_id.country, info.tax_id.type).value
    return ClaimMatch.MATCH if said is not None and said.value == info.tax_id.value else ClaimMatch.MISMATCH


def _code(claim: object) -> str:
    return clean_code(claim, field="claim", max_length=_CLAIM_LENGTH_MAX).value or ""


_COMPARE: Mapping[str, Callable[[BillingInfo, object], ClaimMatch]] = MappingProxyType(
    {
        "name": _compare_name,
        "phone": _compare_phone,
        "postal_code": _compare_postal_code,
        "tax_id": _compare_tax_id,
    }
)
