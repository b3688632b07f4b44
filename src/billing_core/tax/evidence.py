"""
Where a consumer is: whether the evidence suffices, and whether it agrees.

For electronic services to consumers the seller must be able to show where the
customer is. Items are compared by *tax territory* (an address in Monaco and a
French card agree), and every item is kept, also those that disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import attrs

from billing_core.identity.plain import read_choice
from billing_core.issues import Choice, invalid
from billing_core.tax.plain import utc
from billing_core.tax.territory import DEFAULT_TERRITORIES, TerritoryResolver, country_code
from billing_core.values.texts import Code, CountryCode, Text
from billing_core.values.typed import Typed

__all__ = [
    "EvidenceKind",
    "EvidencePolicy",
    "LocationAssessment",
    "LocationEvidence",
    "LocationStatus",
    "assess_location",
]


class EvidenceKind(Choice):
    """
    The items of art. 24f. The calling code of a phone number is only ``OTHER``.

    Source: Implementing Regulation (EU) 282/2011 art. 24f(a) to (f).
    """

    BILLING_ADDRESS = "billing_address"
    IP = "ip"
    BANK = "bank"
    CARD = "card"
    SIM = "sim"
    LANDLINE = "landline"
    OTHER = "other"


def _kind(kind: EvidenceKind | str) -> EvidenceKind:
    return read_choice("kind", kind, EvidenceKind)


def _country(code: str) -> str:
    return country_code(code)


def _observed(instant: datetime) -> datetime:
    return utc(instant, "observed_at")


@attrs.frozen(kw_only=True)
class LocationEvidence(Typed):
    """
    One item that points to a country.

    Attributes:
        kind: what sort of item it is.
        country: the ISO 3166-1 code that it points to.
        source: who or what said so: ``checkout form``, ``geo database 2026-11``.
        observed_at: when, as an aware instant.
        third_party: whether it came from somebody who is neither the seller nor
            the customer (a payment provider, a carrier).
    """

    kind: EvidenceKind = attrs.field(converter=_kind)
    country: CountryCode = attrs.field(converter=_country)
    source: Text
    observed_at: datetime = attrs.field(converter=_observed)
    third_party: bool = False


@attrs.frozen(kw_only=True)
class EvidencePolicy:
    """
    How much evidence is enough. Data only.

    Attributes:
        required_items: how many different items must agree, 1 to 6: two as a rule,
            three to rebut a presumption (art. 24d).
        single_third_party_item: whether one item from a third party is enough: only for
            a seller established in one member state and below the yearly limit of
            art. 24b; the host knows its turnover.
        ignore_minority: whether enough agreeing items outweigh fewer that disagree.
            False: any disagreement is a conflict.
    """

    required_items: int = 2
    single_third_party_item: bool = False
    ignore_minority: bool = True

    def __attrs_post_init__(self) -> None:
        if type(self.required_items) is not int or not 1 <= self.required_items <= 6:
            raise invalid("required_items", "out_of_range", min=1, max=6)


class LocationStatus(Choice):
    """Whether the evidence says one thing, too little, or two things."""

    SUFFICIENT = "sufficient"
    INSUFFICIENT = "insufficient"
    CONFLICT = "conflict"


@attrs.frozen(kw_only=True)
class LocationAssessment(Typed):
    """
    What the evidence amounts to. Store all of it: ``used`` and ``contradicting``.

    Attributes:
        status: enough, too little, or contradictory.
        country: the VAT country that the used items agree on (a territory's code where
            no VAT law is known); None unless the status is SUFFICIENT.
        used: the items that carry the answer.
        contradicting: the items that point elsewhere; all items of a conflict that are not used.
    """

    status: LocationStatus
    country: Code | None = None
    used: tuple[LocationEvidence, ...] = ()
    contradicting: tuple[LocationEvidence, ...] = ()


_DEFAULT: Final = EvidencePolicy()


def assess_location(
    evidences: Iterable[LocationEvidence],
    policy: EvidencePolicy = _DEFAULT,
    *,
    territories: TerritoryResolver = DEFAULT_TERRITORIES,
) -> LocationAssessment:
    """
    Weigh the items of evidence about where a consumer is.

    Two items of one kind count once (two look-ups of an address are one item);
    several of kind ``OTHER`` count by source.

    Args:
        evidences: all items, in any order.
        policy: how much is enough.
        territories: which countries are one for tax.

    Returns:
        SUFFICIENT with the country; CONFLICT if items disagree and the policy does
        not let the majority decide; INSUFFICIENT if they are too few.

    Source: Implementing Regulation (EU) 282/2011 art. 24b, 24d and 24f.

    >>> from datetime import datetime, timezone
    >>> at = datetime(2026, 1, 31, tzinfo=timezone.utc)
    >>> address = LocationEvidence(kind="billing_address", country="MC", source="form", observed_at=at)
    >>> ip = LocationEvidence(kind="ip", country="FR", source="geo", observed_at=at)
    >>> assess_location([address, ip]).country
    'FR'
    >>> assess_location([address]).status.value
    'insufficient'
    """
    items = tuple(evidences)
    by_place: dict[str, tuple[LocationEvidence, ...]] = {}
    for item in items:
        place = territories.resolve(item.country, on=item.observed_at.date()).place
        by_place[place] = (*by_place.get(place, ()), item)
    if not by_place:
        return LocationAssessment(status=LocationStatus.INSUFFICIENT)
    strongest = max(by_place, key=lambda place: _weight(by_place[place]))
    used = by_place[strongest]
    others = tuple(item for item in items if item not in used)
    if _outweighed(by_place, strongest, policy):
        return LocationAssessment(status=LocationStatus.CONFLICT, contradicting=items)
    if not _is_enough(used, policy):
        return LocationAssessment(status=LocationStatus.INSUFFICIENT, used=used)
    return LocationAssessment(
        status=LocationStatus.SUFFICIENT, country=strongest, used=used, contradicting=others
    )


def _weight(items: tuple[LocationEvidence, ...]) -> int:
    return len({(item.kind, item.source if item.kind is EvidenceKind.OTHER else "") for item in items})


def _outweighed(
    by_place: dict[str, tuple[LocationEvidence, ...]], strongest: str, policy: EvidencePolicy
) -> bool:
    """Whether items elsewhere keep the strongest place from being the answer."""
    rivals = [_weight(items) for place, items in by_place.items() if place != strongest]
    if not rivals:
        return False
    weight = _weight(by_place[strongest])
    return not policy.ignore_minority or weight < policy.required_items or weight <= max(rivals)


def _is_enough(items: tuple[LocationEvidence, ...], policy: EvidencePolicy) -> bool:
    if policy.single_third_party_item and any(item.third_party for item in items):
        return True
    return _weight(items) >= policy.required_items
