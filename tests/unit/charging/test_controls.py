"""What holds for a whole store: the epoch rises with a restore, and sending stops and goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billing_core.charging.controls import Controls
from billing_core.errors import InvalidInput

NOW = datetime(2025, 1, 31, 9, tzinfo=UTC)


def test_a_new_store_was_never_restored_and_may_send() -> None:
    """Version 0: nothing was ever written."""
    controls = Controls()
    assert (1, None, False, 0) == (
        controls.epoch,
        controls.epoch_began_at,
        controls.is_stopped,
        controls.version,
    )


def test_the_epoch_rises_and_the_switch_stays() -> None:
    """A restore does not start the sending that somebody has stopped."""
    controls = Controls().stopped("the processor is down", NOW).in_next_epoch("backup-1", NOW)
    assert (2, NOW, "backup-1", True, 2) == (
        controls.epoch,
        controls.epoch_began_at,
        controls.restore_id,
        controls.is_stopped,
        controls.version,
    )
    resumed = controls.resumed()
    assert (False, None, 2, 3) == (resumed.is_stopped, resumed.stop_reason, resumed.epoch, resumed.version)
    assert controls == Controls.from_dict(controls.to_dict())


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"id": "others"}, "id"),
        ({"epoch": 2}, "epoch_began_at"),
        ({"epoch_began_at": NOW}, "epoch_began_at"),
    ],
)
def test_there_is_one_record_and_its_epoch_has_a_beginning(fields: dict[str, Any], wrong: str) -> None:
    """Anything else is refused."""
    with pytest.raises(InvalidInput) as caught:
        Controls(**fields)
    assert [wrong] == [issue.field for issue in caught.value.issues]


def test_a_stop_is_dated_and_says_why() -> None:
    """Whoever finds that nothing is sent reads since when, and for what reason."""
    stopped = Controls().stopped("the processor is down", NOW)
    assert ("the processor is down", NOW) == (stopped.stop_reason, stopped.stopped_at)


def test_the_error_names_the_one_id_that_there_is() -> None:
    """Whoever gives another one reads which."""
    with pytest.raises(InvalidInput) as caught:
        Controls(id="others")
    assert "id: is not a known value; allowed: controls" == str(caught.value)


@pytest.mark.parametrize("field", ["epoch_began_at", "stopped_at"])
def test_instants_are_aware_and_kept_in_utc(field: str) -> None:
    """A time without an offset is no instant; the zone in which one is written makes no other record."""
    epoch = {"epoch": 2} if field == "epoch_began_at" else {}
    naive: Any = {field: NOW.replace(tzinfo=None), **epoch}
    with pytest.raises(InvalidInput, match=r"^at: must be an aware datetime; give it a time zone$"):
        Controls(**naive)
    written: Any = {field: NOW.astimezone(ZoneInfo("Asia/Tokyo")), **epoch}
    assert UTC is getattr(Controls(**written), field).tzinfo


@pytest.mark.parametrize("fields", [{"epoch": 2}, {"epoch_began_at": NOW}])
def test_the_error_names_what_the_beginning_belongs_to(fields: dict[str, Any]) -> None:
    """The epoch."""
    with pytest.raises(InvalidInput, match=r"^epoch_began_at: does not agree with the epoch$"):
        Controls(**fields)
