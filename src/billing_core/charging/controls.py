"""
What holds for a whole store: the restore epoch, and the stop switch.

One record, versioned and guarded like any other. Every decision reads it with
its dossier, so a commit that was decided before a stop, or before a restore,
fails its guard and is decided again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import attrs

from billing_core.issues import invalid
from billing_core.records import Record
from billing_core.values.texts import Id, Text
from billing_core.values.typed import evolve
from billing_core.values.zones import ensure_aware

__all__ = ["CONTROLS_ID", "Controls"]

#: A store has one such record.
CONTROLS_ID: Final = "controls"


def _maybe_in_utc(at: datetime | None) -> datetime | None:
    return ensure_aware(at, "at").astimezone(UTC) if at is not None else None


@attrs.frozen(kw_only=True)
class Controls(Record):
    """
    The state of a store as a whole.

    Attributes:
        epoch: 1, and one more with every restore from a backup.
        epoch_began_at: when the latest restore was told of; ``None`` before the first.
        restore_id: the host's name of that restore.
        stopped_at: since when nothing may be sent; ``None`` if it may.
        stop_reason: in words of whoever stopped it.
        version: 0 as long as nothing was ever changed.
    """

    id: Id = CONTROLS_ID
    epoch: int = 1
    epoch_began_at: datetime | None = attrs.field(default=None, converter=_maybe_in_utc)
    restore_id: Id | None = None
    stopped_at: datetime | None = attrs.field(default=None, converter=_maybe_in_utc)
    stop_reason: Text | None = None
    version: int = 0

    def _check_together(self) -> None:
        if self.id != CONTROLS_ID:
            raise invalid("id", "unknown_value", allowed=CONTROLS_ID)
        if (self.epoch > 1) != (self.epoch_began_at is not None):
            raise invalid("epoch_began_at", "mismatch", other="the epoch")

    @property
    def is_stopped(self) -> bool:
        """Whether nothing may be sent to any processor."""
        return self.stopped_at is not None

    def in_next_epoch(self, restore_id: str, at: datetime) -> Controls:
        """The controls of a store that was just restored from a backup."""
        return self._next(epoch=self.epoch + 1, epoch_began_at=at, restore_id=restore_id)

    def stopped(self, reason: str, at: datetime) -> Controls:
        """The controls of a store from which nothing is sent any more."""
        return self._next(stopped_at=at, stop_reason=reason)

    def resumed(self) -> Controls:
        """The controls of a store from which charges are sent again."""
        return self._next(stopped_at=None, stop_reason=None)

    def _next(self, **changes: object) -> Controls:
        return evolve(self, version=self.version + 1, **changes)
