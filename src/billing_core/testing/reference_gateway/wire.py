"""
HTTP as bytes, shared by both adapters, with the one distinction that matters.

Whatever goes wrong before the first byte has left proves that nothing
happened. Whatever goes wrong later proves nothing.
"""

from __future__ import annotations

import http.client
import io
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import attrs

from billing_core.issues import invalid

__all__ = ["Call", "Lost", "Reply", "address_of", "read_reply", "request_bytes"]

#: No answer of this processor is longer; one that is comes from somewhere else.
ANSWER_LENGTH_MAX = 1_000_000


@attrs.frozen(kw_only=True, repr=False)
class Call:
    """One request of the processor's interface."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    idempotency_key: str | None = None


@attrs.frozen(kw_only=True, repr=False)
class Reply:
    """One answer; ``body`` is empty if it is not the JSON object that the processor always sends."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def error_code(self) -> str:
        """The processor's code of a refusal."""
        error = self.body.get("error")
        return str(error.get("code")) if isinstance(error, Mapping) else ""

    @property
    def retry_after(self) -> timedelta | None:
        """How long it asks to wait."""
        seconds = self.headers.get("retry-after", "")
        return timedelta(seconds=int(seconds)) if seconds.isdecimal() and len(seconds) < 7 else None


@attrs.frozen(kw_only=True)
class Lost:
    """
    There is no answer.

    Attributes:
        was_sent: whether any byte of the request may have arrived.
        detail: a short code for people.
    """

    was_sent: bool
    detail: str
    retry_after: timedelta | None = None


def address_of(base_url: str) -> tuple[str, int]:
    """
    Host and port of the processor.

    >>> address_of("http://127.0.0.1:8080")
    ('127.0.0.1', 8080)
    """
    parts = urlsplit(base_url)
    if parts.scheme != "http" or parts.hostname is None:
        raise invalid("base_url", "invalid_format", example="http://127.0.0.1:8080")
    return parts.hostname, parts.port or 80


def request_bytes(call: Call, host: str, api_key: str) -> bytes:
    """The request as it goes out; the processor closes the connection after its answer."""
    body = b"" if call.body is None else json.dumps(call.body).encode()
    head = [
        f"{call.method} {call.path} HTTP/1.1",
        f"Host: {host}",
        f"Authorization: Bearer {api_key}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    if call.idempotency_key is not None:
        head.append(f"Idempotency-Key: {call.idempotency_key}")
    return "\r\n".join((*head, "", "")).encode("latin-1") + body


def read_reply(received: bytes) -> Reply | Lost:
    """What came back until the connection ended. Cut short, or no HTTP at all: there is no answer."""
    response = http.client.HTTPResponse(_Received(received))  # type: ignore[arg-type]  # it only calls makefile
    try:
        response.begin()
        body = response.read()
    except (http.client.HTTPException, ValueError):
        return Lost(was_sent=True, detail="broken_answer")
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Reply(status=response.status, headers=headers, body=_json_object(body))


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


class _Received:
    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._received)
