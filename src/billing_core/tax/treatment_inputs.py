"""What a treatment is decided from, besides the customer: the seller, and the host's policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

import attrs

from billing_core.issues import invalid
from billing_core.tax.place_rules import REMOTE_RULES, PlaceRule
from billing_core.tax.territory import (
    DEFAULT_TERRITORIES,
    Territory,
    TerritoryResolver,
    country_code,
    is_eu_member,
    resolve_territory,
)
from billing_core.tax.treatment_types import PendingAction
from billing_core.values.texts import CountryCode
from billing_core.values.typed import Typed

__all__ = ["TaxPolicy", "TaxSeller"]


def _countries(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(country_code(code, "also_established_in") for code in codes)


@attrs.frozen(kw_only=True)
class TaxSeller(Typed):
    """
    The seller, as far as tax asks.

    Attributes:
        territory: where the business is established.
        has_tax_id: whether it is registered for the tax that it would charge.
        below_eu_threshold: whether art. 59c holds: established in one member state only, and
            cross-border sales to consumers at most 10 000 EUR this year and last.
        also_established_in: VAT countries of further establishments that *take part in this supply*.
    """

    territory: Territory
    has_tax_id: bool = True
    below_eu_threshold: bool = False
    also_established_in: frozenset[CountryCode] = attrs.field(default=frozenset(), converter=_countries)

    def is_established_in_several_eu_countries(self, on: date) -> bool:
        """Whether art. 59c is closed: establishments in more than one member state."""
        elsewhere = self.also_established_in - {self.territory.place}
        return any(is_eu_member(country, on) for country in elsewhere)

    @classmethod
    def of(
        cls,
        country: str,
        postal_code: str | None = None,
        city: str | None = None,
        *,
        has_tax_id: bool = True,
        below_eu_threshold: bool = False,
    ) -> TaxSeller:
        """
        A seller by the address of its establishment.

        >>> TaxSeller.of("MC").territory.vat_country
        'FR'
        """
        return cls(
            territory=resolve_territory(country, postal_code, city),
            has_tax_id=has_tax_id,
            below_eu_threshold=below_eu_threshold,
        )


def _read_only(rules: Mapping[str, PlaceRule]) -> Mapping[str, PlaceRule]:
    return MappingProxyType(dict(rules))


@attrs.frozen(kw_only=True)
class TaxPolicy(Typed):
    """
    What the host decides once, for all sales. Data only.

    Attributes:
        pending: what to do while a registry can't say.
        provisional_days_max: how old the last VALID answer may be for a provisional reverse charge.
        verified_days_max: how old a VALID answer may be to prove anything at all.
        territories: who resolves addresses.
        remote_rules: by VAT country, laws outside the EU that tax electronic services from abroad.
    """

    pending: PendingAction = PendingAction.CHARGE_AND_CREDIT
    provisional_days_max: int = 90
    verified_days_max: int = 365
    territories: TerritoryResolver = DEFAULT_TERRITORIES
    remote_rules: Mapping[CountryCode, PlaceRule] = attrs.field(default=REMOTE_RULES, converter=_read_only)

    def _check_together(self) -> None:
        for field in ("provisional_days_max", "verified_days_max"):
            days = getattr(self, field)
            if type(days) is not int or not 1 <= days <= 3660:
                raise invalid(field, "out_of_range", min=1, max=3660)
