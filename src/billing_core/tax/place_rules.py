"""
Which law taxes a service sold from abroad, and what it cites. Data only.

The EU is one such rule; other countries that tax electronic services of foreign
sellers follow the same two lines: a verified business accounts for the tax
itself, everybody else is charged. A host adds or replaces rules through
`TaxPolicy.remote_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import attrs

__all__ = ["EU_RULE", "REMOTE_RULES", "SALES_TAX_COUNTRIES", "PlaceRule"]


@attrs.frozen(kw_only=True)
class PlaceRule:
    """
    How one law treats electronic services of sellers from elsewhere.

    Attributes:
        tax_id_types: the types of tax id that prove a business there.
        business_basis: what says that a business accounts for the tax itself.
        consumer_basis: what says that everybody else is charged where they are.
        has_threshold: whether small foreign sellers may be exempt: the host knows its turnover.
        valid_from: first day of the rule; None: as far back as anybody asks.
        valid_until: first day after it; None: still valid.
    """

    tax_id_types: frozenset[str]
    business_basis: tuple[str, ...]
    consumer_basis: tuple[str, ...]
    has_threshold: bool = False
    valid_from: date | None = None
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


EU_RULE = PlaceRule(
    tax_id_types=frozenset({"eu_vat"}),
    business_basis=("Directive 2006/112/EC art. 44", "Directive 2006/112/EC art. 196"),
    consumer_basis=("Directive 2006/112/EC art. 58",),
)


def _rule(law: str, *tax_id_types: str, has_threshold: bool = False) -> PlaceRule:
    return PlaceRule(
        tax_id_types=frozenset(tax_id_types),
        business_basis=(law,),
        consumer_basis=(law,),
        has_threshold=has_threshold,
    )


#: By VAT country, for sellers outside the EU. Named by act: which scheme and threshold apply is the host's.
REMOTE_RULES: Mapping[str, PlaceRule] = MappingProxyType(
    {
        "AU": _rule("AU: A New Tax System (Goods and Services Tax) Act 1999", "au_abn", has_threshold=True),
        "CH": _rule("CH: Mehrwertsteuergesetz art. 8, 10 and 45", "ch_vat", "ch_uid", has_threshold=True),
        "GB": _rule("GB: Value Added Tax Act 1994 s. 7A and 8", "gb_vat", "xi_vat"),
        "IN": _rule("IN: Integrated Goods and Services Tax Act 2017 s. 13 and 14", "in_gst"),
        "NO": _rule("NO: merverdiavgiftsloven § 3-30", "no_vat", has_threshold=True),
        "NZ": _rule("NZ: Goods and Services Tax Act 1985 s. 8", "nz_gst", has_threshold=True),
        "SG": _rule("SG: Goods and Services Tax Act 1993", "sg_gst", "sg_uen", has_threshold=True),
    }
)

#: Countries whose own sales are taxed by state and city, not by a national VAT.
SALES_TAX_COUNTRIES = frozenset({"US"})
