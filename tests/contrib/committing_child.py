"""A process that commits for as long as it lives, and says what was done. A test starts and kills it."""

from __future__ import annotations

import os
import sys

import attrs

from billing_core.charging.attempt import AttemptEvent
from billing_core.contrib.sqlalchemy_store.store import SqlStore
from billing_core.stores.port import Wake
from billing_core.testing.clock import ManualClock
from tests.builders import NOW, attempt, change, event, invoice, license


def main(url: str) -> None:
    """
    Go on from where the last one died.

    Each commit settles one attempt and bills the next period: a license, an
    invoice, two attempts and two events change together.
    """
    store = SqlStore.open(url, clock=ManualClock(NOW))
    while True:
        current = store.license("lic_1")
        assert current is not None
        index = current.version
        pending = store.dossier("lic_1")
        assert pending is not None
        open_ = [tried for tried in pending.attempts if tried.is_unresolved]
        settled = [tried.after(AttemptEvent.NEVER_HAPPENED, NOW) for tried in open_]
        unpaid = invoice(f"inv_{index}", index=index)
        results = store.commit(
            [
                change(
                    *settled,
                    attrs.evolve(license(), version=index + 1),
                    unpaid,
                    attempt(f"att_{index}", at=unpaid),
                    events=(event(f"evt_{index}a"), event(f"evt_{index}b")),
                    wakes=(Wake("lic_1", NOW),),
                )
            ]
        )
        assert results[0].ok
        os.write(1, f"{index}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1])
