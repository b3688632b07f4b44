"""The store as the simulator sees it: the host's own, and what it was last told about each license."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from billing_core.service.requests import ClaimDue, StoreRequest
from billing_core.stores.memory import Clock
from billing_core.stores.port import Change, CommitResult, Store
from billing_core.testing.simulator.agenda import Agenda

__all__ = ["MakeStore", "ObservedStore"]

#: A store whose time is the given clock's.
MakeStore = Callable[[Clock], Store]


class ObservedStore:
    """
    A store, with somebody who looks over its shoulder.

    Args:
        inner: the store that is played with.
        agenda: true time.
        clock: the time of whoever asks.
        on_commit: told about each change that was carried out.
        on_wake: told when the time of a license comes, by the store's clock.
    """

    def __init__(
        self,
        inner: Store,
        agenda: Agenda,
        clock: Clock,
        on_commit: Callable[[Change, CommitResult], None],
        on_wake: Callable[[int], None],
    ) -> None:
        self.inner = inner
        self.commits = 0
        #: License id -> when it is looked at next, and until when it is claimed, by clocks without error.
        self.wakes_ms: dict[str, int | None] = {}
        self.leased_ms: dict[str, int] = {}
        self._licenses_of: dict[str, list[str]] = {}
        self._agenda, self._clock = agenda, clock
        self._on_commit, self._on_wake = on_commit, on_wake

    def start_again(self, inner: Store) -> None:
        """Play on with a store that holds nothing yet."""
        self.inner = inner
        self.wakes_ms.clear()
        self.leased_ms.clear()
        self._licenses_of.clear()

    def ask(self, request: StoreRequest) -> Any:
        """Anything but a commit."""
        answer = request.ask(self.inner)
        if isinstance(request, ClaimDue):
            until_ms = self._agenda.ms_of(self._clock.now() + request.lease)
            for dossier in answer:
                self.leased_ms[dossier.license.id] = until_ms
        return answer

    def commit(self, change: Change) -> CommitResult:
        """Carry a change out."""
        (result,) = self.inner.commit([change])
        if result.ok:
            self.commits += 1
            self.take(change)
            self._on_commit(change, result)
            due = self.due_ms()
            if due is not None:
                self._on_wake(due)
        return result

    def take(self, change: Change) -> None:
        """Note when which license is looked at next."""
        for license in change.licenses:
            if license.id not in self.wakes_ms:
                self.wakes_ms[license.id] = None
                self._licenses_of.setdefault(license.account_id, []).append(license.id)
        self._take_wakes(change)

    def due_ms(self) -> int | None:
        """When the next license can be claimed, by clocks without error."""
        leased = self.leased_ms
        times = [
            max(at, leased[id_]) if id_ in leased else at
            for id_, at in self.wakes_ms.items()
            if at is not None
        ]
        return min(times, default=None)

    def _take_wakes(self, change: Change) -> None:
        now_ms = self._agenda.ms_of(self._clock.now())
        woken = []
        for account_id in change.wake_accounts:
            for license_id in self._licenses_of.get(account_id, ()):
                at = self.wakes_ms[license_id]
                woken.append((license_id, now_ms if at is None else min(at, now_ms)))
        for license_id, at_ms in woken:
            self.wakes_ms[license_id] = at_ms
        for wake in change.wakes:
            self.wakes_ms[wake.license_id] = self._agenda.ms_of(wake.at) if wake.at is not None else None
            self.leased_ms.pop(wake.license_id, None)
