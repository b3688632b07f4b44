"""
What goes wrong, and when.

A *point* is a place where something may happen: a stream (what kind of place),
an entity (about whom) and a step (the how-maniest such place of it). What
happens there is drawn from the seed, or read from a list of *faults*: the
list that an earlier run has recorded, perhaps with some of them left out.
Not only misfortunes count as faults: whatever is not plain sunshine is on the
list, an owner's new card as well as a lost answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import attrs

from billing_core.testing.simulator.chance import MILLION, Chance

__all__ = ["FAULTS", "DrawnFaults", "Fault", "Faults", "GivenFaults"]

#: Stream -> what may happen at its points; at one point at most one of them.
FAULTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # What a process does when it asks its store something, or commits, or calls a gateway.
        "read": ("crash_at_read", "slow_read"),
        "commit": (
            "crash_before_commit",
            "crash_after_commit",
            "commit_lost",
            "commit_unseen",
            "slow_commit",
            "pause_after_commit",
        ),
        "call": ("crash_before_call", "crash_in_flight", "slow_call", "power_cut"),
        # What becomes of a request to the gateway, and of its answer.
        "send": (
            "request_lost",
            "reply_lost",
            "reply_late",
            "zombie",
            "delivered_twice",
            "throttled",
            "refused",
            "error_without_effect",
            "error_with_effect",
            "garbage",
            "wrong_credentials",
        ),
        "look_up": ("look_up_fails", "look_up_throttled", "look_up_late", "look_up_garbage"),
        # What issuer and cardholder say.
        "issuer": (
            "decline_retry_later",
            "decline_not_before",
            "decline_new_card",
            "decline_authenticate",
            "decline_stop_recurring",
            "decline_never",
            "decline_fix_config",
            "requires_action",
            "pending",
            "captures_less",
        ),
        "cardholder": ("confirms_never", "confirms_late"),
        "pending": ("pending_declined", "pending_long"),
        "notice": ("notice_lost", "notice_late", "notice_twice", "notice_early", "notice_years_late"),
        # What people do, once a month and account.
        "owner": (
            "new_card",
            "same_card_again",
            "card_removed",
            "plan_changed",
            "canceled_now",
            "canceled_at_period_end",
            "zone_changed",
            "license_added",
            "runs_at_once",
        ),
        "support": ("extension_granted", "paid_elsewhere", "refunded", "refunded_partly"),
        "repair": ("owner_waits",),
        "person": ("person_waits",),
        # What happens to the host and its gateway, once a week.
        "host": ("host_down", "gateway_outage", "clock_jump", "worker_down", "restored"),
    }
)


@attrs.frozen(order=True)
class Fault:
    """
    One thing that happened.

    Attributes:
        stream, entity, step: the point.
        kind: what happened there, one of the stream's `FAULTS`.
        size: how much of it (how late, how long), in millionths of the most.
    """

    stream: str
    entity: str
    step: int
    kind: str
    size: int = 0

    def scaled(self, low: int, high: int) -> int:
        """The fault's size as a whole number from ``low`` to ``high``."""
        return low + self.size * (high - low) // MILLION

    def __str__(self) -> str:
        return f"{self.kind} ({self.entity}, {self.stream} {self.step})"


class Faults:
    """What happens at each point; remembers what did."""

    def __init__(self) -> None:
        self.happened: list[Fault] = []
        self.is_calm = False

    def at(self, stream: str, entity: str, step: int) -> Fault | None:
        """What happens at a point; nothing while it is calm."""
        if self.is_calm:
            return None
        fault = self._find(stream, entity, step)
        if fault is not None:
            self.happened.append(fault)
        return fault

    def _find(self, stream: str, entity: str, step: int) -> Fault | None:
        raise NotImplementedError


class DrawnFaults(Faults):
    """
    Faults drawn from a seed.

    Args:
        chance: the seed's decisions.
        rates: fault kind -> its chance at each point, in millionths.
    """

    def __init__(self, chance: Chance, rates: Mapping[str, int]) -> None:
        super().__init__()
        self._pair = chance.pair
        self._tables: dict[str, tuple[int, tuple[tuple[int, str], ...]]] = {}
        for stream, kinds in FAULTS.items():
            total, table = 0, []
            for kind in kinds:
                if rates.get(kind, 0):
                    total += rates[kind]
                    table.append((total, kind))
            self._tables[stream] = total, tuple(table)

    def _find(self, stream: str, entity: str, step: int) -> Fault | None:
        total, table = self._tables[stream]
        if not total:
            return None
        drawn, size = self._pair(stream, entity, step)
        if drawn >= total:
            return None
        kind = next(kind for limit, kind in table if drawn < limit)
        return Fault(stream, entity, step, kind, size)


class GivenFaults(Faults):
    """Faults from a list: nothing else happens."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__()
        self._given = {(fault.stream, fault.entity, fault.step): fault for fault in faults}

    def _find(self, stream: str, entity: str, step: int) -> Fault | None:
        return self._given.get((stream, entity, step))
