"""What every flow of one `Billing` shares."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from billing_core.gateways.capabilities import Capabilities
from billing_core.policy import BillingPolicy
from billing_core.service.taxation import SellerTax

__all__ = ["Context"]


@attrs.frozen(kw_only=True)
class Context:
    """
    The host's choices.

    Attributes:
        namespace: unique per environment; ids and keys derive from it.
        policy: how the vendor bills.
        gateways: what each gateway declares, by id.
        default_gateway_id: where new cards are set up; ``None`` if the host must say.
        sellers: how each seller is taxed; a seller that is not listed
            charges no tax through this library.
    """

    namespace: str
    policy: BillingPolicy
    gateways: Mapping[str, Capabilities]
    default_gateway_id: str | None
    sellers: Mapping[str, SellerTax]
