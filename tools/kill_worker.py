"""
The processes that `kill_test.py` kills: workers that renew, and the processor that they charge at.

One process imports everything once, and forks itself for each of them: so a
worker is under way a few milliseconds after it was asked for, and it can be
killed hundreds of times. It reads commands, one a line, and answers each with a line:

    worker           -> the id of a new process that runs ``run_due`` to its end
    processor <port> -> the id of a new processor at this port
    wait <id>        -> how that process ended: a signal as ``-9``, or an exit code
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from billing_core import Billing, BillingPolicy
from billing_core.contrib.sqlalchemy_store import SqlStore
from billing_core.testing import LedgerClock, ProcessorSettings, ReferenceGateway, ReferenceProcessor

__all__ = ["START", "began_file", "open_billing", "url_of"]

#: When the processor's clock starts.
START = "2025-01-15T06:00:00+00:00"

_AT_ONCE = 16


def url_of(folder: Path) -> str:
    """Where the store is."""
    return f"sqlite:///{folder / 'billing.db'}"


def open_billing(folder: Path, port: int) -> Billing:
    """A billing of its own, as every process has one: over the same store, at the same processor."""
    settings = ProcessorSettings()
    gateway = ReferenceGateway(
        f"http://127.0.0.1:{port}", api_key=settings.api_key, webhook_secret=settings.webhook_secret
    )
    store = SqlStore.open(url_of(folder), clock=LedgerClock(folder / "processor.db", START))
    return Billing(store, {"main": gateway}, BillingPolicy(), namespace="kills")


def began_file(folder: Path, worker: int) -> Path:
    """What is there as soon as a worker works: its last moment is counted from then on."""
    return folder / f"worker-{worker}"


def renew(folder: Path, port: int) -> None:
    """Whatever is due, a few licenses at a time: soon there are charges under way."""
    billing = open_billing(folder, port)
    began_file(folder, os.getpid()).touch()
    while True:
        report = billing.run_due(limit=_AT_ONCE)
        if report.failures:
            raise RuntimeError(f"{len(report.failures)} licenses failed: {report.failures[0]}")
        if report.stopped or not report.licenses:
            return


def serve(folder: Path, port: int) -> None:
    """Be the processor, until killed."""
    ledger = folder / "processor.db"
    ReferenceProcessor(ledger, port=port, clock=LedgerClock(ledger, START).now).serve()


def main(folder: Path, port: int) -> None:
    """Take commands until there are no more."""
    for line in sys.stdin:
        command, *values = line.split()
        if command == "wait":
            _, status = os.waitpid(int(values[0]), 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            work = renew if command == "worker" else serve
            answer = _forked(lambda work=work: work(folder, port))  # type: ignore[misc]
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


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
    main(Path(sys.argv[1]), int(sys.argv[2]))
