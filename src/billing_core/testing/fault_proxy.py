"""
A proxy that breaks HTTP on purpose, in the ways in which networks break it.

It stands between an adapter and its processor, on the loopback interface, and
knows nothing of either. Every request passes, unless a fault was programmed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import attrs

from billing_core.issues import invalid
from billing_core.testing.faults import BREAKERS, Exchange, Fault, pass_on

__all__ = ["FaultProxy", "ProxiedRequest"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class ProxiedRequest:
    """A request that went through, and what was done to it."""

    method: str
    path: str
    fault: Fault | None


#: Faults that last until the caller hangs up.
_ENDLESS = frozenset({Fault.STALL, Fault.DRIP})

#: Turns of the loop between accepting a connection and serving it, and some more.
_TURNS = 10


class FaultProxy:
    """
    A proxy in a thread of its own; use it from plain code or from asyncio alike.

    Args:
        upstream: the base address of the processor, ``http`` or ``https``.
        only: which requests faults apply to, by method and path; all but GET, by default, so
            that a fault meets the request that moves money and not what an SDK asks before.

    >>> from billing_core.testing import Fault, ReferenceProcessor
    >>> with ReferenceProcessor() as processor, FaultProxy(processor.url) as proxy:
    ...     proxy.next(Fault.DROP_AFTER)
    ...     proxy.url.startswith("http://127.0.0.1:"), proxy.requests
    (True, ())
    """

    def __init__(self, upstream: str, *, only: Callable[[str, str], bool] | None = None) -> None:
        parts = urlsplit(upstream)
        if parts.scheme not in {"http", "https"} or parts.hostname is None:
            raise invalid("upstream", "invalid_format", example="http://127.0.0.1:8080")
        self._is_tls = parts.scheme == "https"
        self._upstream = (parts.hostname, parts.port or (443 if self._is_tls else 80))
        self._only = only if only is not None else _is_writing
        self._planned: deque[Fault] = deque()
        self._standing: list[Fault] = []
        self._requests: list[ProxiedRequest] = []
        self._serving: set[asyncio.Task[Any]] = set()
        self._stalled: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._server: asyncio.Server
        self._port = 0

    # -- the programme ------------------------------------------------------------------

    @property
    def url(self) -> str:
        """What the adapter takes for the processor."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def requests(self) -> tuple[ProxiedRequest, ...]:
        """All requests so far, oldest first."""
        return tuple(self._requests)

    def next(self, *faults: Fault) -> None:
        """Break the next requests, one with each of these."""
        if Fault.REFUSE in faults:
            raise invalid("faults", "not_supported", reason="a refused connection has no request")
        self._planned.extend(faults)

    @contextmanager
    def injecting(self, fault: Fault) -> Iterator[None]:
        """Break every request inside the block. Who still waits for an answer at its end is hung up on."""
        if fault is Fault.REFUSE:
            self._wait_for(self._stop_listening())
        self._standing.append(fault)
        try:
            yield
        finally:
            self._standing.remove(fault)
            if fault is Fault.REFUSE:
                self._wait_for(self._listen())
            elif fault in _ENDLESS:
                self._wait_for(_end(self._stalled))

    # -- the life of it ---------------------------------------------------------------------

    def start(self) -> Self:
        """Listen on a free port."""
        self._thread.start()
        self._wait_for(self._listen())
        return self

    def close(self) -> None:
        """Stop listening, and hang up on everybody."""
        self._wait_for(self._stop_listening())
        self._wait_for(_end(self._serving))
        self._wait_for(_settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> None:
        # The same port again after a pause: the adapter keeps its address.
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _stop_listening(self) -> None:
        # A connection that was just accepted needs its server for some turns of the loop more,
        # or its socket stays open for ever; so accepting ends first.
        for listener in self._server.sockets:
            # Loops without readers, as on Windows, can't; there the server has to do.
            with suppress(NotImplementedError):
                self._loop.remove_reader(listener.fileno())
        await _settle()
        self._server.close()

    # -- one connection, one request ------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            await self._answer(task, reader, writer)
        except (OSError, EOFError):
            # A caller that hangs up is what this is for.
            pass
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()
            self._serving.discard(task)
            self._stalled.discard(task)

    async def _answer(
        self, task: asyncio.Task[Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        request = await _read_request(reader)
        method, path = request.split(b" ", 2)[:2]
        fault = self._fault_for(method.decode("latin-1"), path.decode("latin-1"))
        if fault in _ENDLESS:
            self._stalled.add(task)
        exchange = Exchange(self._upstream, self._is_tls, request, reader, writer)
        answer = await (BREAKERS[fault] if fault is not None else pass_on)(exchange)
        if answer is not None:
            writer.write(answer)
            await writer.drain()

    def _fault_for(self, method: str, path: str) -> Fault | None:
        fault = None
        if self._only(method, path):
            if self._planned:
                fault = self._planned.popleft()
            elif self._standing:
                fault = self._standing[-1]
        self._requests.append(ProxiedRequest(method=method, path=path, fault=fault))
        return fault


def _is_writing(method: str, path: str) -> bool:
    return method != "GET"


async def _settle() -> None:
    """Let connections that were just made begin, and those that were just ended close."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


async def _end(tasks: set[asyncio.Task[Any]]) -> None:
    ended = tuple(tasks)
    for task in ended:
        task.cancel()
    await asyncio.gather(*ended, return_exceptions=True)


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    fields = _fields(head)
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        return head + await reader.readuntil(b"0\r\n\r\n")
    return head + await reader.readexactly(int(fields.get(b"content-length", b"0")))


def _fields(head: bytes) -> dict[bytes, bytes]:
    lines = head.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    return {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)
    }
