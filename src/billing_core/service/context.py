"""What every flow of one `Billing` shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from billing_core.errors import NotAllowed
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.gateways.port import BaseAsyncGateway, BaseGateway
from billing_core.issues import invalid
from billing_core.policy import BillingPolicy
from billing_core.service.taxation import SellerTax
from billing_core.values.ids import check_id

__all__ = ["Context", "make_context"]


@attrs.frozen(kw_only=True)
class Context:
    """
    The host's choices.

    Attributes:
        namespace: unique per environment; ids and keys derive from it.
        policy: how the vendor bills.
        gateways: what each gateway declares, by id.
        sellers: how each seller is taxed; a seller that is not listed
            charges no tax through this library.
        is_in_host_transaction: whether commits become durable only when the
            host's own transaction does. No gateway may be called before that.
    """

    namespace: str
    policy: BillingPolicy
    gateways: Mapping[str, Capabilities]
    sellers: Mapping[str, SellerTax]
    is_in_host_transaction: bool = False

    def in_host_transaction(self) -> Context:
        """The same choices inside a transaction of the host's."""
        return attrs.evolve(self, is_in_host_transaction=True)

    def ensure_may_call_gateways(self) -> None:
        """
        Refuse what calls a gateway while the host's transaction may still be rolled back.

        Raises:
            NotAllowed: ``gateway_inside_transaction``.
        """
        if self.is_in_host_transaction:
            raise NotAllowed("gateway_inside_transaction")

    def gateway(self, gateway_id: str | None) -> str:
        """
        The id of the gateway that is meant: the given one, or the only one.

        Raises:
            InvalidInput: ``required`` if there are several, or ``unknown_value``.
        """
        if gateway_id is None and len(self.gateways) == 1:
            return next(iter(self.gateways))
        if gateway_id is None:
            raise invalid("gateway_id", "required")
        if gateway_id not in self.gateways:
            raise invalid("gateway_id", "unknown_value", allowed=", ".join(sorted(self.gateways)))
        return gateway_id

    def supports(self, gateway_id: str, operation: Operation) -> bool:
        """Whether the host gave this gateway, and its adapter offers the operation."""
        capabilities = self.gateways.get(gateway_id)
        return capabilities is not None and capabilities.supports(operation)


def make_context(
    gateways: Mapping[str, Any],
    policy: BillingPolicy,
    namespace: str,
    sellers: Mapping[str, SellerTax] | None,
) -> Context:
    """
    The host's choices, checked.

    Args:
        gateways: adapters by id, each with its ``capabilities``.

    Raises:
        InvalidInput: the namespace or a gateway's id is no id, or a gateway
            declares no `Capabilities`, or a fence that it does not have.
    """
    check_id(namespace, "namespace")
    for gateway_id, gateway in gateways.items():
        check_id(gateway_id, "gateway_id")
        if not isinstance(getattr(gateway, "capabilities", None), Capabilities):
            raise invalid("gateways", "invalid_type", expected="adapters that declare their Capabilities")
        if gateway.capabilities.grade is GatewayGrade.FENCED:
            _ensure_fence(gateway)
    return Context(
        namespace=namespace,
        policy=policy,
        gateways={gateway_id: gateway.capabilities for gateway_id, gateway in gateways.items()},
        sellers=dict(sellers or {}),
    )


def _ensure_fence(gateway: Any) -> None:
    absent = {BaseGateway.cancel_charge, BaseAsyncGateway.cancel_charge}
    for name in ("prepare_charge", "confirm_charge", "get_charge", "cancel_charge"):
        method = getattr(type(gateway), name, None)
        if method is None or method in absent:
            raise invalid("gateways", "invalid_type", expected=f"{name}, by grade fenced")
