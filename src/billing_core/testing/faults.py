"""
The ways in which a network breaks one HTTP exchange, as functions on its bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import attrs

from billing_core.issues import Choice

__all__ = ["BREAKERS", "Exchange", "Fault", "pass_on"]


class Fault(Choice):
    """What becomes of one request. *Before* means that the processor never sees it, *after* that it does."""

    #: The connection ends, and the processor has seen nothing.
    DROP_BEFORE = "drop_before"
    #: The processor answers, and the connection ends before a byte of the answer arrives.
    DROP_AFTER = "drop_after"
    #: 503 from somewhere on the way.
    ERROR_BEFORE = "error_before"
    #: 500, although the processor did what it was asked.
    ERROR_AFTER = "error_after"
    #: The processor answers, and nothing arrives until the caller hangs up.
    STALL = "stall"
    #: The answer arrives byte by byte, each well within any time-out for one packet, and the last one never.
    DRIP = "drip"
    #: The answer breaks off in the middle.
    TRUNCATE = "truncate"
    #: The answer's body is no JSON any more, under the processor's own status.
    GARBLE = "garble"
    #: What arrives is no HTTP at all.
    NONSENSE = "nonsense"
    #: A gateway on the way answers 502 with a page for people, after the processor did it.
    HTML_ERROR = "html_error"
    #: 429, with 7 seconds to wait; the processor has seen nothing.
    THROTTLE = "throttle"
    #: The request arrives at the processor twice; the first answer is passed on.
    DUPLICATE = "duplicate"
    #: Nobody listens: the connection is refused. Not for a single request, only with `FaultProxy.injecting`.
    REFUSE = "refuse"


@attrs.frozen
class Exchange:
    """One request on its way: what arrived, and the caller's connection."""

    upstream: tuple[str, int]
    is_tls: bool
    request: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def forwarded(self) -> bytes:
        """The processor's whole answer."""
        reader, writer = await asyncio.open_connection(*self.upstream, ssl=self.is_tls or None)
        try:
            writer.write(_for_one_answer(self.request, self.upstream[0]))
            await writer.drain()
            return _for_one_answer(await reader.read(-1), None)
        finally:
            writer.close()


#: What breaks one request: forwards it or not, and returns what the caller sees. ``None``: nothing.
Breaker: TypeAlias = Callable[[Exchange], Coroutine[Any, Any, bytes | None]]

#: Long enough that a time-out per packet does not notice, short enough for tests.
_DRIP_SECONDS = 0.01


def _for_one_answer(message: bytes, host: str | None) -> bytes:
    """The message with a header that ends the connection after it, and the upstream's name as its host."""
    head, _, body = message.partition(b"\r\n\r\n")
    replaced = {b"connection", b"keep-alive"} | ({b"host"} if host is not None else set())
    first, *lines = head.split(b"\r\n")
    kept = [line for line in lines if line.partition(b":")[0].strip().lower() not in replaced]
    added = [b"Connection: close"] + ([b"Host: " + host.encode()] if host is not None else [])
    return b"\r\n".join((first, *added, *kept)) + b"\r\n\r\n" + body


async def pass_on(exchange: Exchange) -> bytes | None:
    """No fault at all."""
    return await exchange.forwarded()


async def _drop_before(exchange: Exchange) -> bytes | None:
    return None


async def _drop_after(exchange: Exchange) -> bytes | None:
    await exchange.forwarded()
    return None


async def _error_before(exchange: Exchange) -> bytes | None:
    return _answer(b"503 Service Unavailable", b"application/json", b'{"error": {"code": "unavailable"}}')


async def _error_after(exchange: Exchange) -> bytes | None:
    await exchange.forwarded()
    return _answer(b"500 Internal Server Error", b"application/json", b'{"error": {"code": "internal"}}')


async def _stall(exchange: Exchange) -> bytes | None:
    await exchange.forwarded()
    return await _silence(exchange)


async def _silence(exchange: Exchange) -> bytes | None:
    """Until the caller hangs up: this side has all the time in the world."""
    await exchange.reader.read()
    return None


async def _drip(exchange: Exchange) -> bytes | None:
    for byte in (await exchange.forwarded())[:-1]:
        exchange.writer.write(bytes((byte,)))
        await exchange.writer.drain()
        await asyncio.sleep(_DRIP_SECONDS)
    return await _silence(exchange)


async def _truncate(exchange: Exchange) -> bytes | None:
    head, _, body = (await exchange.forwarded()).partition(b"\r\n\r\n")
    return head + b"\r\n\r\n" + body[: len(body) // 2]


async def _garble(exchange: Exchange) -> bytes | None:
    head, _, body = (await exchange.forwarded()).partition(b"\r\n\r\n")
    # As long as it was, so that only reading it shows what happened.
    return head + b"\r\n\r\n" + b"{" * len(body)


async def _nonsense(exchange: Exchange) -> bytes | None:
    await exchange.forwarded()
    return b"\x00\x01 this is not HTTP \xff\r\n\r\n"


async def _html_error(exchange: Exchange) -> bytes | None:
    await exchange.forwarded()
    return _answer(b"502 Bad Gateway", b"text/html", b"<html><h1>502 Bad Gateway</h1></html>")


async def _throttle(exchange: Exchange) -> bytes | None:
    body = b'{"error": {"code": "rate_limited"}}'
    return _answer(b"429 Too Many Requests", b"application/json", body, b"Retry-After: 7\r\n")


async def _duplicate(exchange: Exchange) -> bytes | None:
    first = await exchange.forwarded()
    await exchange.forwarded()
    return first


def _answer(status: bytes, kind: bytes, body: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%sConnection: close\r\n\r\n%s" % (
        status,
        kind,
        len(body),
        more,
        body,
    )


#: Fault -> what does it.
BREAKERS: Mapping[Fault, Breaker] = MappingProxyType(
    {
        Fault.DROP_BEFORE: _drop_before,
        Fault.DROP_AFTER: _drop_after,
        Fault.ERROR_BEFORE: _error_before,
        Fault.ERROR_AFTER: _error_after,
        Fault.STALL: _stall,
        Fault.DRIP: _drip,
        Fault.TRUNCATE: _truncate,
        Fault.GARBLE: _garble,
        Fault.NONSENSE: _nonsense,
        Fault.HTML_ERROR: _html_error,
        Fault.THROTTLE: _throttle,
        Fault.DUPLICATE: _duplicate,
        # Connections that were open already when the listening ended.
        Fault.REFUSE: _drop_before,
    }
)
