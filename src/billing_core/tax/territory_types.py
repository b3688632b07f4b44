"""The vocabulary of places: what a territory is, and who can resolve one."""

from __future__ import annotations

from datetime import date
from typing import Protocol, runtime_checkable

import attrs

from billing_core.issues import Choice
from billing_core.values.texts import Code, CountryCode, Text
from billing_core.values.typed import Typed

__all__ = ["HostRule", "Territory", "TerritoryResolver"]


class HostRule(Choice):
    """For whose sales into a territory only the host can say what applies."""

    NONE = "none"
    HOME_SELLERS = "home_sellers"
    EVERYBODY = "everybody"


@attrs.frozen(kw_only=True)
class Territory(Typed):
    """
    A place, as tax law sees it: the key of every comparison in this room.

    Attributes:
        code: ISO 3166-1 for a country, a code of the shape of ISO 3166-2 for a part of one.
        country: the ISO country that the place belongs to (``ES`` for the Canary Islands).
        vat_country: the country whose VAT law applies (``FR`` for Monaco). None
            where none does, or where the table knows no VAT law for the place.
        in_eu_vat_area: whether services there are ruled by Directive 2006/112/EC.
        rate_region: the key of rates of its own inside that law (``PT-20``), if there are.
        host_rule: when only the host can say what applies.
        postal_code_missing: whether this is the whole country only because neither postal
            code nor city was given, and parts of the country differ.
        note: one line for a person.
        valid_from: first day for which this answer holds; None: no earlier limit.
        valid_until: first day for which it does not hold any more; None: still valid.
    """

    code: Code
    country: CountryCode
    vat_country: CountryCode | None
    in_eu_vat_area: bool
    rate_region: Code | None = None
    host_rule: HostRule = HostRule.NONE
    postal_code_missing: bool = False
    note: Text = ""
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def place(self) -> str:
        """What two places must share to be one place of taxation: the VAT country, or else the territory."""
        return self.vat_country or self.code

    @property
    def tax_country(self) -> str | None:
        """The country whose tax applies; None for a part of a country that has its own, unknown one."""
        return self.vat_country or (self.code if self.code == self.country else None)

    @property
    def jurisdiction(self) -> str:
        """The key to ask a `TaxRateProvider` with: the most exact one known."""
        return self.rate_region or self.place


@runtime_checkable
class TerritoryResolver(Protocol):
    """Says which territory an address is in; `TerritoryTable` is the default."""

    def resolve(
        self, country: str, postal_code: str | None = None, city: str | None = None, *, on: date | None = None
    ) -> Territory:
        """The territory of an address on a day; without a day, by the rules that have no end yet."""
        ...
