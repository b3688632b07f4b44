"""The processor on a port of the loopback interface."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import PathLike
from threading import Thread
from types import TracebackType
from typing import Any, ClassVar, Self

from billing_core.testing.reference_processor.processor import Processor
from billing_core.testing.reference_processor.settings import ProcessorSettings

__all__ = ["ReferenceProcessor", "system_clock"]

#: How often the server looks whether it should stop, in seconds.
_POLL = 0.01


def system_clock() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)


class ReferenceProcessor:
    """
    A payment processor that answers HTTP on ``127.0.0.1`` until it is closed.

    In another process, it is ``python -m billing_core.testing.reference_processor``.

    Args:
        ledger: the SQLite file of its books; ``":memory:"`` keeps none.
        port: where to listen; 0 takes a free one.
        settings: its times, limits and secrets.
        clock: what tells it the time; the machine's clock, by default.

    >>> from billing_core.testing import ManualClock, ReferenceProcessor
    >>> clock = ManualClock("2025-01-31T09:00+00:00")
    >>> with ReferenceProcessor(clock=clock.now) as processor:
    ...     processor.url.startswith("http://127.0.0.1:"), processor.desk.ledger()
    (True, ())
    """

    def __init__(
        self,
        ledger: str | PathLike[str] = ":memory:",
        *,
        port: int = 0,
        settings: ProcessorSettings | None = None,
        clock: Callable[[], datetime] = system_clock,
    ) -> None:
        self.settings = settings if settings is not None else ProcessorSettings()
        #: The processor behind the port: its ledger, and the people around it.
        self.desk = Processor(ledger, self.settings, clock)
        handler = type("Handler", (_Handler,), {"processor": self.desk})
        self._server = _Server(("127.0.0.1", port), handler)
        self._thread: Thread | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        """Answer from now on, in a thread of its own."""
        self._thread = Thread(target=self.serve, name="reference-processor", daemon=True)
        self._thread.start()
        return self

    def serve(self) -> None:
        """Answer in this thread, until it is closed."""
        self._server.serve_forever(poll_interval=_POLL)

    def close(self) -> None:
        """Stop listening, and close the books."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self.desk.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Many workers may knock at once.
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is its own affair."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Buffered, so that head and body leave together: two packets would wait for each other.
    wbufsize = -1
    processor: ClassVar[Processor]

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.processor.answer(self.command, self.path, headers, self.rfile.read(length))
        body = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the ledger is the record."""
