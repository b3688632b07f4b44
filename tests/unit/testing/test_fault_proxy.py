"""The proxy breaks the requests that it is told to break, each in its way, and passes all others."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from billing_core.errors import InvalidInput
from billing_core.testing import Fault, FaultProxy, faults


class Upstream(BaseHTTPRequestHandler):
    """Answers with what it got."""

    seen: list[tuple[str, str, bytes]]

    def do_POST(self) -> None:
        """Echo the body."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.headers.get("Transfer-Encoding") == "chunked":
            while line := self.rfile.readline().strip():
                size = int(line, 16)
                body += self.rfile.read(size + 2)[:size]
                if not size:
                    break
        self.seen.append((self.command, self.headers["Host"], body))
        answer = b'{"got": "%s"}' % body
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST  # noqa: N815 - the name that http.server looks for

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[HTTPServer]:
    """A processor that only echoes."""
    handler = type("Handler", (Upstream,), {"seen": []})
    with HTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def seen(server: HTTPServer) -> list[tuple[str, str, bytes]]:
    """What arrived during this test."""
    requests: list[tuple[str, str, bytes]] = server.RequestHandlerClass.seen  # type: ignore[attr-defined]
    requests.clear()
    return requests


@pytest.fixture
def proxy(server: HTTPServer) -> Iterator[FaultProxy]:
    """A proxy before it."""
    with FaultProxy(f"http://127.0.0.1:{server.server_port}") as running:
        yield running


def _ask(proxy: FaultProxy, method: str = "POST", timeout: float = 5) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(proxy.url.removeprefix("http://"), timeout=timeout)
    try:
        connection.request(method, "/v1/charges", b"hello")
        response = connection.getresponse()
        assert "close" == response.headers["Connection"]
        return response.status, response.read()
    finally:
        connection.close()


def test_requests_pass_unless_told_otherwise(proxy: FaultProxy, seen: list[object]) -> None:
    """The processor sees its own name, and the caller the processor's answer."""
    assert (200, b'{"got": "hello"}') == _ask(proxy)
    assert [("POST", "127.0.0.1", b"hello")] == seen
    (request,) = proxy.requests
    assert ("POST", "/v1/charges", None) == (request.method, request.path, request.fault)


def test_chunked_requests_pass(proxy: FaultProxy, seen: list[object]) -> None:
    """Some clients send their body in chunks."""
    connection = http.client.HTTPConnection(proxy.url.removeprefix("http://"), timeout=5)
    connection.request(
        "POST", "/", iter([b"hel", b"lo"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"}
    )
    assert b'{"got": "hello"}' == connection.getresponse().read()
    connection.close()
    assert [("POST", "127.0.0.1", b"hello")] == seen


@pytest.mark.parametrize(
    ("fault", "arrivals"),
    [
        (Fault.DROP_BEFORE, 0),
        (Fault.DROP_AFTER, 1),
        (Fault.NONSENSE, 1),
        (Fault.TRUNCATE, 1),
    ],
)
def test_no_whole_answer(proxy: FaultProxy, seen: list[object], fault: Fault, arrivals: int) -> None:
    """The connection ends too early, or there was no HTTP; the processor saw it or did not."""
    proxy.next(fault)
    with pytest.raises((http.client.HTTPException, OSError)):
        _ask(proxy)
    assert arrivals == len(seen)
    assert 200 == _ask(proxy)[0]


@pytest.mark.parametrize(
    ("fault", "status", "arrivals"),
    [
        (Fault.ERROR_BEFORE, 503, 0),
        (Fault.ERROR_AFTER, 500, 1),
        (Fault.HTML_ERROR, 502, 1),
        (Fault.THROTTLE, 429, 0),
        (Fault.GARBLE, 200, 1),
        (Fault.DUPLICATE, 200, 2),
    ],
)
def test_another_answer(
    proxy: FaultProxy, seen: list[object], fault: Fault, status: int, arrivals: int
) -> None:
    """The caller hears something else than the processor said, or it was said twice."""
    proxy.next(fault)
    answered, body = _ask(proxy)
    assert (status, arrivals) == (answered, len(seen))
    assert (fault is Fault.DUPLICATE) == (b"hello" in body)
    assert [fault] == [request.fault for request in proxy.requests]


def test_a_drip_comes_byte_by_byte(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes by itself and soon, and the last one never."""
    monkeypatch.setattr(faults, "_DRIP_SECONDS", 0.001)
    proxy.next(Fault.DRIP)
    connection = http.client.HTTPConnection(proxy.url.removeprefix("http://"), timeout=5)
    connection.request("POST", "/")
    received, parts = b"", 0
    while not received.endswith(b'{"got": ""'):
        received += connection.sock.recv(1000)
        parts += 1
    connection.sock.settimeout(0.1)
    with pytest.raises(TimeoutError):
        connection.sock.recv(1)
    connection.close()
    assert received.startswith(b"HTTP/1.0 200 OK")
    assert parts > 20


def test_a_stall_lasts_until_the_caller_hangs_up(proxy: FaultProxy, seen: list[object]) -> None:
    """The processor did it, and nothing is heard."""
    proxy.next(Fault.STALL)
    with pytest.raises(TimeoutError):
        _ask(proxy, timeout=0.05)
    assert 1 == len(seen)


def test_a_stall_ends_with_its_block(proxy: FaultProxy, seen: list[object]) -> None:
    """Whoever still waits is hung up on."""
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            _ask(proxy)
        except (http.client.HTTPException, OSError) as error:
            errors.append(error)

    with proxy.injecting(Fault.STALL):
        caller = threading.Thread(target=ask)
        caller.start()
        while not seen:
            time.sleep(0.001)
    caller.join(5)
    assert 1 == len(errors)


def test_a_stalled_caller_does_not_keep_the_proxy(server: HTTPServer) -> None:
    """Closing it hangs up on everybody."""
    with FaultProxy(f"http://127.0.0.1:{server.server_port}") as proxy:
        proxy.next(Fault.STALL)
        waiting = socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2])), timeout=5)
        waiting.sendall(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        while not proxy.requests:
            time.sleep(0.001)
    with waiting:
        assert b"" == waiting.recv(10)


def test_a_refused_connection_is_refused_for_a_while(proxy: FaultProxy, seen: list[object]) -> None:
    """Nobody listens inside the block; afterwards the address is the same."""
    url = proxy.url
    with proxy.injecting(Fault.REFUSE), pytest.raises(ConnectionRefusedError):
        _ask(proxy)
    assert (200, url) == (_ask(proxy)[0], proxy.url)
    assert 1 == len(seen)
    with pytest.raises(InvalidInput, match="no request"):
        proxy.next(Fault.REFUSE)


def test_a_block_breaks_all_requests_but_reads(proxy: FaultProxy) -> None:
    """Faults meet what moves money; a planned one comes before a standing one."""
    proxy.next(Fault.THROTTLE)
    with proxy.injecting(Fault.ERROR_BEFORE):
        assert [429, 503, 503] == [_ask(proxy)[0] for _ in range(3)]
        assert 200 == _ask(proxy, "GET")[0]
    assert 200 == _ask(proxy)[0]


def test_which_requests_break_can_be_chosen(server: HTTPServer) -> None:
    """By method and path."""
    with FaultProxy(
        f"http://127.0.0.1:{server.server_port}", only=lambda method, path: method == "GET"
    ) as proxy:
        proxy.next(Fault.THROTTLE)
        assert [200, 429] == [_ask(proxy, method)[0] for method in ("POST", "GET")]


def test_an_upstream_that_is_not_there_ends_the_connection() -> None:
    """With TLS or without: there is nothing to pass on."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        for scheme in ("http", "https"):
            upstream = f"{scheme}://127.0.0.1:{unheard.getsockname()[1]}"
            with FaultProxy(upstream) as proxy, pytest.raises((http.client.HTTPException, OSError)):
                _ask(proxy)


@pytest.mark.parametrize("upstream", ["ftp://pay.example", "http://", "pay.example"])
def test_addresses_are_checked(upstream: str) -> None:
    """An upstream that HTTP can't reach."""
    with pytest.raises(InvalidInput, match="upstream"):
        FaultProxy(upstream)


def test_closing_while_nobody_listens(server: HTTPServer) -> None:
    """The block outlives the proxy's listening, and the proxy closes all the same."""
    with FaultProxy(f"http://127.0.0.1:{server.server_port}") as proxy:
        proxy._wait_for(proxy._stop_listening())
