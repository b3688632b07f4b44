"""Adapters for asyncio as plain ones, so that one kit tries both."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

__all__ = ["Bridge", "PlainGateway"]

T = TypeVar("T")

#: How long tasks may take to end when they are canceled.
_END_SECONDS = 1.0


class Bridge:
    """An event loop in a thread of its own: adapters keep their sessions from call to call."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="gateway-kit", daemon=True)
        self._thread.start()

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin, and don't wait."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def begin(self, call: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        """A task that can be given up."""

        async def begun() -> asyncio.Task[T]:
            return asyncio.create_task(call())

        return self.start(begun()).result()

    def give_up(self, task: asyncio.Task[T], seconds: float) -> T | None:
        """
        Cancel a task.

        Returns:
            What it returned all the same; ``None`` if it ended as canceled.

        Raises:
            AssertionError: it does not end.
        """

        async def given_up() -> T | None:
            task.cancel()
            done, _ = await asyncio.wait({task}, timeout=seconds)
            if not done:
                raise AssertionError("a canceled call must end at once")
            return None if task.cancelled() else task.result()

        return self.start(given_up()).result()

    def make(self, factory: Callable[[], T]) -> T:
        """Call inside the loop: what a session needs to be born."""

        async def made() -> T:
            return factory()

        return self.start(made()).result()

    def close(self) -> None:
        """End what is still under way, and the loop."""
        self.start(_end_others()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _end_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=_END_SECONDS)


class PlainGateway:
    """An adapter for asyncio whose methods can be called and waited for."""

    def __init__(self, awaited: Any, bridge: Bridge) -> None:
        #: The adapter itself.
        self.awaited = awaited
        self._bridge = bridge

    def __repr__(self) -> str:
        return repr(self.awaited)

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.awaited, name)
        if not inspect.iscoroutinefunction(attribute):
            return attribute
        return lambda *arguments: self._bridge.start(attribute(*arguments)).result()
