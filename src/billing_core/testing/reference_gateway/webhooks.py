"""The processor's notices: who sent it, and when, before what it says."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from billing_core.errors import WebhookRejected
from billing_core.gateways.webhooks import WebhookNotice
from billing_core.testing.reference_gateway.results import card_told, dispute_told, refund_told

__all__ = ["TOLERANCE", "verified_notice"]

#: A notice that is older, or further in the future, may be a copy.
TOLERANCE = timedelta(minutes=5)

_HEADER = "processor-signature"
_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def verified_notice(
    body: bytes, headers: Mapping[str, str], *, secret: bytes, now: datetime
) -> WebhookNotice:
    """
    A notice that is surely the processor's.

    Raises:
        WebhookRejected: no or a wrong signature, too old, not readable, or a
            text where the raw bytes belong.
    """
    if not isinstance(body, bytes):
        raise WebhookRejected("the body must be the bytes as they arrived, not a text made of them")
    # Frameworks differ in the case of header names.
    given = next((value for name, value in headers.items() if name.lower() == _HEADER), "")
    match = _SIGNATURE.fullmatch(given)
    if match is None:
        raise WebhookRejected("there is no signature in the expected form")
    sent_at, signature = match.groups()
    expected = hmac.new(secret, sent_at.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature):
        raise WebhookRejected("the signature does not match the body")
    if abs(now.timestamp() - int(sent_at)) > TOLERANCE.total_seconds():
        raise WebhookRejected("the notice is too old, or of the future")
    try:
        return _notice_of(json.loads(body))
    except (KeyError, TypeError, ValueError):
        raise WebhookRejected("the body is signed, but can't be read") from None


def _notice_of(body: Mapping[str, Any]) -> WebhookNotice:
    refund, dispute, card = (body.get(name) for name in ("refund", "dispute", "card"))
    return WebhookNotice(
        id=body["id"],
        references=body["references"],
        refund=refund_told(refund) if refund is not None else None,
        dispute=dispute_told(dispute) if dispute is not None else None,
        card=card_told(body["kind"], card) if card is not None else None,
    )
