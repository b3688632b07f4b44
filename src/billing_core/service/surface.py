"""What `Billing` and `AsyncBilling` have in common: the host's choices, and a driver."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from copy import copy
from typing import Any, Generic, Self, TypeVar

from billing_core.errors import BillingError, WebhookRejected
from billing_core.gateways.promises import promises
from billing_core.gateways.webhooks import WebhookNotice
from billing_core.issues import invalid
from billing_core.policy import BillingPolicy
from billing_core.service.arguments import checked
from billing_core.service.context import make_context
from billing_core.service.drivers import AsyncDriver, SyncDriver
from billing_core.service.notice_flows import take_notice
from billing_core.service.requests import Flow
from billing_core.service.taxation import SellerTax

__all__ = ["Surface"]

logger = logging.getLogger("billing_core")

D = TypeVar("D", SyncDriver, AsyncDriver)


class Surface(Generic[D]):
    """The parts that every command works with."""

    def __init__(
        self,
        gateways: Mapping[str, Any],
        policy: BillingPolicy,
        namespace: str,
        sellers: Mapping[str, SellerTax] | None,
        driver: D,
    ) -> None:
        self._gateways = dict(gateways)
        self._context = make_context(gateways, policy, namespace, sellers)
        self._driver: D = driver
        for gateway_id, capabilities in self._context.gateways.items():
            # Ids are grammar-checked, and a promise holds words and times only.
            logger.info("gateway %s: %s", gateway_id, promises(capabilities))

    @checked
    def using(self, connection: Any) -> Self:
        """
        The same billing inside a transaction of the host's.

        What its commands write becomes durable, or not, together with what the
        host writes. No gateway may be called before that is known, so commands
        that would call one are refused before they write anything.

        `refund` and `resolve_attention` only decide there that money goes back;
        the next run sends it.

        Args:
            connection: what the store's own ``using`` takes.

        Raises:
            InvalidInput: ``required``.
            NotAllowed: ``store_has_no_using``. And ``gateway_inside_transaction``,
                by `begin_card_setup`, `complete_card_setup`, `remove_card`,
                `run_due`, `run_license` and `handle_webhook` of the answer.
        """
        if connection is None:
            raise invalid("connection", "required")
        inside = copy(self)
        inside._driver = self._driver.using(connection)  # noqa: SLF001 - its own copy
        inside._context = self._context.in_host_transaction()  # noqa: SLF001 - its own copy
        return inside

    def _notice_flow(
        self, body: bytes, headers: Mapping[str, str], gateway_id: str | None
    ) -> Flow[tuple[str, ...]]:
        chosen = self._context.gateway(gateway_id)
        return take_notice(self._context, chosen, _parsed(self._gateways[chosen], chosen, body, headers))


def _parsed(gateway: Any, gateway_id: str, body: bytes, headers: Mapping[str, str]) -> WebhookNotice:
    try:
        notice = gateway.parse_webhook(body, headers)
    except BillingError:
        raise
    except Exception as error:  # noqa: BLE001 - anybody can send anything here
        # Only the class is told: the message may quote the body.
        logger.warning("gateway %s could not read a notice: %s", gateway_id, type(error).__name__)
        raise WebhookRejected("the notice can't be read") from None
    if not isinstance(notice, WebhookNotice):
        raise WebhookRejected("the adapter made no notice of it")
    return notice
