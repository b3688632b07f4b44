"""
Two drivers for the same flows: threads, and asyncio.

A driver answers a flow's requests with the host's store and gateways, one after
the other for each flow, and side by side for many.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from billing_core.gateways.port import AsyncPaymentGateway, PaymentGateway
from billing_core.service.batches import Batch, Finished, next_request
from billing_core.service.breaker import BreakerPolicy
from billing_core.service.breakers import Breakers
from billing_core.service.requests import (
    Commit,
    Flow,
    GetNow,
    LoadControls,
    Request,
    SideBySide,
)
from billing_core.service.world import SENDS, World, answered, escaped
from billing_core.stores.port import AsyncStore, Change, Store
from billing_core.tax.rates import TaxRateProvider

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["AsyncDriver", "SyncDriver"]

T = TypeVar("T")


class SyncDriver:
    """
    Runs flows with a plain store, plain gateways, and threads for many calls at once.

    Args:
        threads: how many gateway calls may be under way at the same time; 1 to make
            each in the caller's own thread.
    """

    def __init__(
        self,
        store: Store,
        gateways: Mapping[str, PaymentGateway],
        rates: TaxRateProvider | None = None,
        threads: int = 16,
        breakers: Breakers | None = None,
    ) -> None:
        self._world = World(store, gateways, rates, breakers or Breakers(BreakerPolicy()))
        self._threads = threads

    def using(self, connection: Any) -> SyncDriver:
        """The same driver over the store inside a transaction of the host's."""
        inside = self._world.using(connection)
        return SyncDriver(inside.store, inside.gateways, inside.rates, self._threads, inside.breakers)

    def run(self, flow: Flow[T]) -> T:
        """Run one flow to its end, in this thread."""
        return cast("T", self._run_alone(flow).unwrap())

    def _run_alone(self, flow: Flow[Any]) -> Finished:
        answer: Finished | None = None
        try:
            while True:
                answer = self._finished(next_request(flow, answer))
        except StopIteration as end:
            return Finished(end.value)
        except Exception as error:  # noqa: BLE001 - one license's failure never stops the run
            return Finished(error=error)

    def run_many(self, flows: Sequence[Flow[Any]]) -> tuple[Finished, ...]:
        """
        Run many flows side by side: their commits together, their gateway calls in threads.

        One flow's failure never stops the others.
        """
        if self._threads == 1:
            return tuple(map(self._run_alone, flows))
        finished: list[Finished] = []
        with _Threads(self._threads) as threads:
            # No more intents than calls that can be under way: an intent that waits grows too old to be sent.
            for start in range(0, len(flows), self._threads):
                finished += self._run_together(flows[start : start + self._threads], threads)
        return tuple(finished)

    def _run_together(self, flows: Sequence[Flow[Any]], threads: _Threads) -> tuple[Finished, ...]:
        batch = Batch(flows)
        while batch.requests:
            commits, calls, others = batch.by_kind()
            answers = dict(zip(commits, self._commit(batch.changes(commits)), strict=True))
            answers |= {place: self._finished(batch.requests[place]) for place in others}
            called = threads.map(self._finished, [batch.requests[place] for place in calls])
            answers |= dict(zip(calls, called, strict=True))
            batch.advance(answers)
        return batch.finished()

    def _commit(self, changes: list[Change]) -> list[Finished]:
        try:
            return [Finished(result) for result in self._world.store.commit(changes)] if changes else []
        except Exception as error:  # noqa: BLE001 - the flow decides what it means
            # One unsound change must not keep the others from being carried out. If the
            # store had committed after all, their guards now fail, and they look again.
            apart = (
                ([Finished(error=error)],) if len(changes) == 1 else (self._commit([it]) for it in changes)
            )
            return [finished for part in apart for finished in part]

    def _finished(self, request: Request) -> Finished:
        try:
            return Finished(self._perform(request))
        except Exception as error:  # noqa: BLE001 - the flow decides what it means
            return Finished(error=error)

    def _perform(self, request: Request) -> Any:
        if isinstance(request, Commit):
            return self._world.store.commit([request.change])[0]
        if isinstance(request, SideBySide):
            return self.run_many(request.flows)
        if isinstance(request, SENDS):
            now, controls = self._world.store.now(), self._world.store.controls()
            refused = self._world.refused(request, now, controls)
            return refused or self._world.noted(request, self._called(request), now)
        return self._called(request)

    def _called(self, request: Request) -> Any:
        try:
            return answered(request, self._world.ask(request))
        except (KeyboardInterrupt, SystemExit):
            # The process is to end: the attempt is on file as open, and the next run looks it up.
            raise
        except BaseException as error:  # noqa: BLE001 - what it means depends on the request
            return escaped(request, error)


class _Threads:
    """Threads for calls that are under way at once. There are none until two calls have to be."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: Executor | None = None

    def map(self, call: Callable[[Request], Finished], requests: list[Request]) -> list[Finished]:
        """The answers, in the order of the requests."""
        if len(requests) < 2:
            return [call(request) for request in requests]
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(max_workers=self._count)
        return list(self._pool.map(call, requests))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()


class AsyncDriver:
    """
    Runs flows on an event loop.

    The store and the gateways may be asynchronous or plain; plain ones are
    called directly, so wrap a slow plain store in `ThreadedStore`.
    """

    def __init__(
        self,
        store: AsyncStore | Store,
        gateways: Mapping[str, AsyncPaymentGateway | PaymentGateway],
        rates: TaxRateProvider | None = None,
        breakers: Breakers | None = None,
    ) -> None:
        self._world = World(store, gateways, rates, breakers or Breakers(BreakerPolicy()))

    def using(self, connection: Any) -> AsyncDriver:
        """The same driver over the store inside a transaction of the host's."""
        inside = self._world.using(connection)
        return AsyncDriver(inside.store, inside.gateways, inside.rates, inside.breakers)

    async def run(self, flow: Flow[T]) -> T:
        """Run one flow to its end."""
        batch = Batch((flow,))
        while batch.requests:
            batch.advance({0: await self._finished(batch.requests[0])})
        (finished,) = batch.finished()
        return cast("T", finished.unwrap())

    async def run_many(self, flows: Sequence[Flow[Any]]) -> tuple[Finished, ...]:
        """Run many flows side by side: their commits together, their gateway calls at once."""
        import asyncio

        batch = Batch(flows)
        while batch.requests:
            commits, calls, others = batch.by_kind()
            answers = dict(zip(commits, await self._commit(batch.changes(commits)), strict=True))
            async with asyncio.TaskGroup() as group:
                tasks = {
                    place: group.create_task(self._finished(batch.requests[place]))
                    for place in (*others, *calls)
                }
            answers |= {place: task.result() for place, task in tasks.items()}
            batch.advance(answers)
        return batch.finished()

    async def _commit(self, changes: list[Change]) -> list[Finished]:
        try:
            results = await _awaited(self._world.store.commit(changes)) if changes else ()
        except Exception as error:  # noqa: BLE001 - the flow decides what it means
            if len(changes) == 1:
                return [Finished(error=error)]
        else:
            return [Finished(result) for result in results]
        # As in `SyncDriver`.
        return [(await self._commit([change]))[0] for change in changes]

    async def _finished(self, request: Request) -> Finished:
        try:
            return Finished(await self._perform(request))
        except Exception as error:  # noqa: BLE001 - the flow decides what it means
            return Finished(error=error)

    async def _perform(self, request: Request) -> Any:
        if isinstance(request, Commit):
            return (await _awaited(self._world.store.commit([request.change])))[0]
        if isinstance(request, SideBySide):
            return await self.run_many(request.flows)
        if isinstance(request, SENDS):
            now, controls = await self._called(GetNow()), await self._called(LoadControls())
            refused = self._world.refused(request, now, controls)
            return refused or self._world.noted(request, await self._called(request), now)
        return await self._called(request)

    async def _called(self, request: Request) -> Any:
        import asyncio

        try:
            return answered(request, await _awaited(self._world.ask(request)))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            # Otherwise nobody cancelled us: a scope inside the adapter ran out.
            return escaped(request, error)


async def _awaited(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer
