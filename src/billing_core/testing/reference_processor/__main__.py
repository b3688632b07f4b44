"""
The processor as a process of its own: prints its port, and answers until it is stopped.

    python -m billing_core.testing.reference_processor --port 0 --ledger ledger.sqlite3
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta

from billing_core.testing.reference_processor.books import LedgerClock
from billing_core.testing.reference_processor.server import ReferenceProcessor, system_clock
from billing_core.testing.reference_processor.settings import ProcessorSettings


def processor_from(arguments: Sequence[str]) -> ReferenceProcessor:
    """The processor that a command line describes."""
    options = _parser().parse_args(arguments)
    settings = ProcessorSettings(
        key_retention=timedelta(hours=options.key_retention_hours),
        look_up_lag=timedelta(seconds=options.look_up_lag_seconds),
        duplicate_window=(
            None
            if options.duplicate_window_seconds is None
            else timedelta(seconds=options.duplicate_window_seconds)
        ),
    )
    clock = system_clock if options.now is None else LedgerClock(options.ledger, options.now).now
    return ReferenceProcessor(options.ledger, port=options.port, settings=settings, clock=clock)


def main(arguments: Sequence[str]) -> None:
    """Serve until the process ends."""
    processor = processor_from(arguments)
    # The port is the first line, for whoever started this process and waits for it.
    sys.stdout.write(f"{processor.url.rpartition(':')[2]}\n")
    sys.stdout.flush()
    processor.serve()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m billing_core.testing.reference_processor")
    parser.add_argument("--port", type=int, default=0, help="where to listen; 0 takes a free port")
    parser.add_argument("--ledger", required=True, help="the SQLite file of its books")
    parser.add_argument("--now", help="start at this instant, and stand still until a LedgerClock is set")
    parser.add_argument("--key-retention-hours", type=float, default=24)
    parser.add_argument("--look-up-lag-seconds", type=float, default=0)
    parser.add_argument("--duplicate-window-seconds", type=float)
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
