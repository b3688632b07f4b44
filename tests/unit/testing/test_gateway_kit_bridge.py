"""The kit's loop in a thread: calls can be awaited, given up, and are ended with it."""

from __future__ import annotations

import asyncio

import pytest

from billing_core.testing.gateway_kit.bridge import Bridge, PlainGateway


class Gateway:
    """An adapter for asyncio, as far as this matters."""

    name = "own"

    async def double(self, number: int) -> int:
        """Something to await."""
        await asyncio.sleep(0)
        return 2 * number

    def triple(self, number: int) -> int:
        """Something to call."""
        return 3 * number

    def __repr__(self) -> str:
        return "Gateway(own)"


def test_methods_are_awaited_or_called() -> None:
    """The adapter is made inside the loop, and looks like a plain one."""
    bridge = Bridge()
    gateway = PlainGateway(bridge.make(Gateway), bridge)
    assert (8, 12, "own", "Gateway(own)") == (
        gateway.double(4),
        gateway.triple(4),
        gateway.name,
        repr(gateway),
    )
    bridge.close()


def test_a_task_is_given_up() -> None:
    """It ends as canceled, returns something all the same, or does not end at all."""

    async def stubborn() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "said something"
        return "never"

    async def deaf() -> None:
        while True:
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                await asyncio.sleep(0.05)
                return

    bridge = Bridge()
    assert bridge.give_up(bridge.begin(lambda: asyncio.sleep(60)), 1) is None
    task = bridge.begin(stubborn)
    bridge.start(asyncio.sleep(0)).result()
    assert "said something" == bridge.give_up(task, 1)
    late = bridge.begin(deaf)
    bridge.start(asyncio.sleep(0)).result()
    with pytest.raises(AssertionError, match="at once"):
        bridge.give_up(late, 0.001)
    bridge.close()
    assert late.done()


def test_what_is_under_way_ends_with_the_loop() -> None:
    """No task is left behind."""
    bridge = Bridge()
    task = bridge.begin(lambda: asyncio.sleep(60))
    bridge.close()
    assert task.cancelled()
