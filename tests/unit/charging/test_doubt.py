"""What may be done about a request whose outcome is not known, to the microsecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from billing_core.charging.doubt import (
    after_not_found,
    in_utc,
    look_times,
    maybe_in_utc,
    wait_after_look,
    without_look_up,
)
from billing_core.charging.refund import Refund, RefundState
from billing_core.charging.steps import ResolveAction
from billing_core.errors import InvalidInput
from billing_core.gateways.capabilities import Capabilities, GatewayGrade
from tests.builders import NOW, refund

TICK, MINUTE, HOUR, DAY = (
    timedelta(microseconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
CAPABILITIES = Capabilities()
WINDOW, PROOF = 18 * HOUR, 6 * HOUR + MINUTE
RESEND, VOID, HOLD = ResolveAction.RESEND, ResolveAction.VOID, ResolveAction.HOLD


def asked(**changes: Any) -> Refund:
    """Sent once, and not heard of since."""
    return attrs.evolve(refund().sent(NOW), state=RefundState.UNKNOWN, **changes)


def test_instants_are_kept_in_utc() -> None:
    """One without an offset is refused by the name that every such field has."""
    tokyo = NOW.astimezone(ZoneInfo("Asia/Tokyo"))
    assert (NOW, UTC) == (in_utc(tokyo), in_utc(tokyo).tzinfo)
    assert (NOW, None) == (maybe_in_utc(tokyo), maybe_in_utc(None))
    for convert in (in_utc, maybe_in_utc):
        with pytest.raises(InvalidInput, match=r"^at: must be an aware datetime; give it a time zone$"):
            convert(datetime(2025, 1, 31, 9))  # noqa: DTZ001 - naive on purpose


def test_waits() -> None:
    """Five minutes, an hour, then a day each."""
    assert [5 * MINUTE, HOUR, DAY, DAY, DAY] == [wait_after_look(looks) for looks in range(5)]


@pytest.mark.parametrize(
    ("later", "sends", "expected"),
    [
        (timedelta(0), 1, (RESEND, "not_found_inside_window")),
        (PROOF - TICK, 4, (RESEND, "not_found_inside_window")),
        (PROOF - TICK, 5, None),
        (PROOF, 1, (VOID, "not_found_after_wait")),
        (PROOF, 5, (VOID, "not_found_after_wait")),
    ],
)
def test_after_not_found(later: timedelta, sends: int, expected: Any) -> None:
    """Sent again at most five times, and void once it is proved."""
    known = asked(not_found_at=NOW + later, sends=sends)
    assert expected == after_not_found(known, CAPABILITIES, NOW + later)


@pytest.mark.parametrize(("later", "is_inside"), [(WINDOW - TICK, True), (WINDOW, False)])
def test_window_counts_from_the_first_send(later: timedelta, *, is_inside: bool) -> None:
    """And the proof from the last one."""
    now = NOW + later
    known = asked(last_sent_at=now, not_found_at=now, sends=2)
    expected = (RESEND, "not_found_inside_window") if is_inside else None
    assert expected == after_not_found(known, CAPABILITIES, now)
    keyed = (RESEND, "inside_key_window") if is_inside else (HOLD, "cannot_be_found_out")
    assert keyed == without_look_up(known, CAPABILITIES, now)


@pytest.mark.parametrize(("sends", "action"), [(4, RESEND), (5, HOLD)])
def test_without_look_up(sends: int, action: ResolveAction) -> None:
    """Repeated at most five times; never without keys."""
    assert action is without_look_up(asked(sends=sends), CAPABILITIES, NOW)[0]
    keyless = Capabilities(grade=GatewayGrade.NONE)
    assert (HOLD, "cannot_be_found_out") == without_look_up(asked(), keyless, NOW)


def test_look_times() -> None:
    """When the call must be over; as planned; and when a look proves something, if none did yet."""
    assert (NOW + 2 * MINUTE,) == look_times(asked(), CAPABILITIES)
    planned = asked(look_at=NOW + DAY)
    assert (NOW + DAY,) == look_times(planned, CAPABILITIES)
    early, late = (attrs.evolve(planned, looked_at=NOW + PROOF - wait) for wait in (TICK, timedelta(0)))
    assert (NOW + DAY, NOW + PROOF) == look_times(early, CAPABILITIES)
    assert (NOW + DAY,) == look_times(late, CAPABILITIES)
