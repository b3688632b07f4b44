"""
The processes that `kill_test.py` kills: workers that renew, and the processor that they charge at.

One process imports everything once, and forks itself for each of them: so a
worker is under way a few milliseconds after it was asked for, and it can be
killed hundreds of times. It reads commands, one a line, and answers each with a line:

    worker    -> the id of a new process that calls ``run_due`` until nothing is due
    processor -> the id of a new processor, over the same books as the last one
    wait <id> -> how that process ended: a signal as ``-9``, or an exit code
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from billing_core import Billing, BillingPolicy
from billing_core.contrib.sqlalchemy_store import SqlStore
from billing_core.testing import (
    FENCED_CAPABILITIES,
    REFERENCE_CAPABILITIES,
    LedgerClock,
    ProcessorSettings,
    ReferenceGateway,
    ReferenceProcessor,
)
from billing_core.testing.reference_gateway.wire import Call, Lost, Reply

__all__ = ["GRADES", "START", "open_billing", "sign_of", "url_of"]

#: When the processor's clock starts.
START = "2025-01-15T06:00:00+00:00"

_AT_ONCE = 16

#: What the gateway declares, by what it is called on the command line.
GRADES = {"keyed": REFERENCE_CAPABILITIES, "fenced": FENCED_CAPABILITIES}


def url_of(folder: Path) -> str:
    """Where the store is."""
    return f"sqlite:///{folder / 'billing.db'}"


def open_billing(folder: Path, port: int, grade: str) -> Billing:
    """
    A billing of its own, as every process has one: over the same store, at the same processor.

    Args:
        folder: where the store and the processor's books are.
        port: where the processor listens.
        grade: one of `GRADES`: whether a charge is one call, or prepared and confirmed.
    """
    settings = ProcessorSettings()
    gateway = _Announcing(
        f"http://127.0.0.1:{port}",
        api_key=settings.api_key,
        webhook_secret=settings.webhook_secret,
        capabilities=GRADES[grade],
    )
    gateway.sign = sign_of(folder, os.getpid(), "sends")
    store = SqlStore.open(url_of(folder), clock=LedgerClock(folder / "processor.db", START))
    return Billing(store, {"main": gateway}, BillingPolicy(), namespace="kills")


def sign_of(folder: Path, worker: int, what: str) -> Path:
    """
    A file that a worker makes when it comes so far; its last moment is counted from then on.

    Args:
        folder: where the store is.
        worker: its process.
        what: ``works``, or ``sends`` for the first time.
    """
    return folder / f"worker-{worker}-{what}"


class _Announcing(ReferenceGateway):
    """Says when it sends for the first time."""

    sign: Path | None = None

    def _send(self, call: Call) -> Reply | Lost:
        if self.sign is not None:
            self.sign.touch()
        return super()._send(call)


def renew(folder: Path, port: int, grade: str) -> None:
    """Whatever is due, a few licenses at a time: soon there are charges under way."""
    billing = open_billing(folder, port, grade)
    sign_of(folder, os.getpid(), "works").touch()
    while True:
        report = billing.run_due(limit=_AT_ONCE)
        if report.failures:
            raise RuntimeError(f"{len(report.failures)} licenses failed: {report.failures[0]}")
        if report.stopped or not report.licenses:
            return


def serve(folder: Path, port: int, _: str) -> None:
    """Be the processor, until killed."""
    ledger = folder / "processor.db"
    ReferenceProcessor(ledger, port=port, clock=LedgerClock(ledger, START).now).serve()


def main(folder: Path, port: int, grade: str) -> None:
    """Take commands until there are no more; then nothing that was forked stays behind."""
    alive: set[int] = set()
    for line in sys.stdin:
        command, *values = line.split()
        if command == "wait":
            process, status = os.waitpid(int(values[0]), 0)
            answer = os.waitstatus_to_exitcode(status)
            alive.discard(process)
        else:
            work = renew if command == "worker" else serve
            answer = _forked(lambda work=work: work(folder, port, grade))  # type: ignore[misc]
            alive.add(answer)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for process in alive:
        os.kill(process, signal.SIGKILL)


def _forked(work: Callable[[], None]) -> int:
    process = os.fork()
    if process == 0:
        _be(work)
    return process


def _be(work: Callable[[], None]) -> NoReturn:
    code = 1
    try:
        os.close(0)
        work()
        code = 0
    except Exception:  # noqa: BLE001 - whatever it is, its end is the fork's end
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        # Not `sys.exit`: what the parent has open is not this process's to close.
        os._exit(code)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
