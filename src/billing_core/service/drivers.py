"""
Two drivers for the same flows: threads, and asyncio.

A driver answers a flow's requests with the host's store and gateways. It is
also where the rule lives that nothing which escapes an adapter is lost: what
is not a clear refusal of our request or our credentials is UNKNOWN.
"""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

import attrs

from billing_core.charging.controls import Controls
from billing_core.errors import GatewayConfigError, GatewayRequestError, NotAllowed
from billing_core.gateways.port import AsyncPaymentGateway, PaymentGateway
from billing_core.gateways.results import ChargeNotFound, ChargeResult, Outcome, RefundResult
from billing_core.service.breaker import BreakerPolicy
from billing_core.service.breakers import Breakers
from billing_core.service.calls import (
    Detach,
    GatewayCall,
    Get,
    MaySend,
    MoneyCall,
    Prepare,
    Prepared,
    Sending,
    SendRefund,
    Sent,
)
from billing_core.service.requests import (
    Commit,
    Flow,
    GetNow,
    LoadControls,
    LookUpTaxRate,
    Request,
    SideBySide,
    StoreRequest,
)
from billing_core.stores.port import AsyncStore, Change, Store
from billing_core.tax.rates import TaxRateProvider
from billing_core.values.ids import check_id

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["SEND_DELAY_MAX", "AsyncDriver", "Finished", "SyncDriver"]

T = TypeVar("T")

logger = logging.getLogger("billing_core")
# Silent unless the host says otherwise.
logger.addHandler(logging.NullHandler())

#: A worker that was held up for longer between commit and send must not send any more.
SEND_DELAY_MAX = timedelta(seconds=60)


#: What may move money, and must be sent at once after its intent is committed, or not at all.
_SENDS = (Sending, SendRefund)


@attrs.frozen
class Finished:
    """How one of many flows ended: with a value, or with an exception."""

    value: Any = None
    error: Exception | None = None

    def unwrap(self) -> Any:
        """What the flow returned; raises what it raised."""
        if self.error is not None:
            raise self.error
        return self.value


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
        self._world = _World(store, gateways, rates, breakers or Breakers(BreakerPolicy()))
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
                answer = self._finished(_next_request(flow, answer))
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
        batch = _Batch(flows)
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
        if isinstance(request, _SENDS):
            now, controls = self._world.store.now(), self._world.store.controls()
            refused = self._world.refused(request, now, controls)
            return refused or self._world.noted(request, self._called(request), now)
        return self._called(request)

    def _called(self, request: Request) -> Any:
        try:
            return _answered(request, self._world.ask(request))
        except (KeyboardInterrupt, SystemExit):
            # The process is to end: the attempt is on file as open, and the next run looks it up.
            raise
        except BaseException as error:  # noqa: BLE001 - what it means depends on the request
            return _escaped(request, error)


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
        self._world = _World(store, gateways, rates, breakers or Breakers(BreakerPolicy()))

    def using(self, connection: Any) -> AsyncDriver:
        """The same driver over the store inside a transaction of the host's."""
        inside = self._world.using(connection)
        return AsyncDriver(inside.store, inside.gateways, inside.rates, inside.breakers)

    async def run(self, flow: Flow[T]) -> T:
        """Run one flow to its end."""
        batch = _Batch((flow,))
        while batch.requests:
            batch.advance({0: await self._finished(batch.requests[0])})
        (finished,) = batch.finished()
        return cast("T", finished.unwrap())

    async def run_many(self, flows: Sequence[Flow[Any]]) -> tuple[Finished, ...]:
        """Run many flows side by side: their commits together, their gateway calls at once."""
        import asyncio

        batch = _Batch(flows)
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
        if isinstance(request, _SENDS):
            now, controls = await self._called(GetNow()), await self._called(LoadControls())
            refused = self._world.refused(request, now, controls)
            return refused or self._world.noted(request, await self._called(request), now)
        return await self._called(request)

    async def _called(self, request: Request) -> Any:
        import asyncio

        try:
            return _answered(request, await _awaited(self._world.ask(request)))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            # Otherwise nobody cancelled us: a scope inside the adapter ran out.
            return _escaped(request, error)


async def _awaited(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer


@attrs.frozen
class _World:
    """The host's parts, plain or asynchronous."""

    store: Any
    gateways: Mapping[str, Any]
    rates: TaxRateProvider | None
    breakers: Breakers

    def using(self, connection: Any) -> _World:
        """The same parts, with the store inside a transaction of the host's."""
        using = getattr(self.store, "using", None)
        if using is None:
            raise NotAllowed("store_has_no_using", {"store": type(self.store).__name__})
        return attrs.evolve(self, store=using(connection))

    def ask(self, request: Request) -> Any:
        """What the host's part answers; awaitable if it is asynchronous."""
        if isinstance(request, StoreRequest):
            return request.ask(self.store)
        if isinstance(request, GatewayCall):
            return request.ask(self.gateways[request.gateway_id])
        if isinstance(request, MaySend):
            return self.breakers.may_send(request.gateway_id, request.now)
        assert isinstance(request, LookUpTaxRate), "drivers answer all other requests themselves"
        if self.rates is None:
            return None
        return self.rates.rate(request.jurisdiction, request.category, request.on)

    def refused(self, request: Sending | SendRefund, now: datetime, controls: Controls) -> Sent[Any] | None:
        """What is answered instead of sending, although the intent is committed; ``None`` to send."""
        if controls.is_stopped:
            detail = "sending_stopped"
        elif now - request.committed_at > SEND_DELAY_MAX:
            detail = "held_up_before_send"
        elif not self.breakers.take(request.gateway_id, now):
            detail = "gateway_paused"
        else:
            return None
        if isinstance(request, SendRefund):
            return Sent(RefundResult.not_attempted(detail=detail))
        return Sent(ChargeResult.not_attempted(retry_after=timedelta(minutes=1), detail=detail))

    def noted(
        self, request: Sending | SendRefund, answer: Sent[Any] | Prepared, now: datetime
    ) -> Sent[Any] | Prepared:
        """The answer to a send, after the breaker has heard of it."""
        is_unknown = isinstance(answer, Sent) and answer.result.outcome is Outcome.UNKNOWN
        self.breakers.note(request.gateway_id, now, is_unknown=is_unknown)
        return answer


def _answered(request: Request, answer: Any) -> Any:
    """What a flow is told; an adapter's answer about money is a `Sent`, whatever it was."""
    if not isinstance(request, MoneyCall):
        return answer
    if isinstance(request, Prepare) and isinstance(answer, str):
        return Prepared(check_id(answer, "gateway_ref"))
    if isinstance(answer, request.RESULT):
        was_not_confirmed = isinstance(request, Get) and answer.outcome is Outcome.NOT_ATTEMPTED
        return ChargeNotFound() if was_not_confirmed else Sent(answer)
    if isinstance(answer, ChargeNotFound) and not isinstance(request, _SENDS):
        return answer
    # ``None`` is no "not found": an adapter that forgets to return must not void a charge.
    logger.error("gateway %s answered with a %s", request.gateway_id, type(answer).__name__)
    return Sent(request.RESULT.unknown("adapter_answer"))


def _escaped(request: Request, error: BaseException) -> Sent[Any] | None:
    """What an exception out of a host's part means; raises it where that is all there is to say."""
    if not isinstance(request, (MoneyCall, Detach)):
        raise error
    # Only the class is logged: an adapter's message may quote what it was sent.
    name = type(error).__name__
    logger.warning("gateway %s raised %s", request.gateway_id, name)
    if isinstance(request, Detach):
        return None
    code = re.sub("[^A-Za-z_]", "", name)[:64] or "error"
    if isinstance(error, GatewayConfigError) and isinstance(request, _SENDS):
        # Refused at the door: with these credentials nothing can have happened.
        return Sent(request.RESULT.not_attempted(detail=code), error)
    # A request that is refused as malformed may be a used key: somebody sent it before. Look, don't guess.
    told = error if isinstance(error, (GatewayConfigError, GatewayRequestError)) else None
    return Sent(request.RESULT.unknown(code), told)


class _Batch:
    """Flows side by side, each with the request that it waits for."""

    def __init__(self, flows: Sequence[Flow[Any]]) -> None:
        self._flows = flows
        self._finished: dict[int, Finished] = {}
        self.requests: dict[int, Request] = {}
        for place in range(len(flows)):
            self._move(place, None)

    def by_kind(self) -> tuple[list[int], list[int], list[int]]:
        """The places that wait for a commit, for an answer about money, and for something else."""
        commits: list[int] = []
        calls: list[int] = []
        others: list[int] = []
        for place, request in self.requests.items():
            kind = (
                commits
                if isinstance(request, Commit)
                else calls
                if isinstance(request, MoneyCall)
                else others
            )
            kind.append(place)
        return commits, calls, others

    def changes(self, places: list[int]) -> list[Change]:
        """What waits to be committed at these places."""
        return [cast("Commit", self.requests[place]).change for place in places]

    def advance(self, answers: Mapping[int, Finished]) -> None:
        """Give every flow its answer."""
        for place, answer in answers.items():
            self._move(place, answer)

    def finished(self) -> tuple[Finished, ...]:
        """How each flow ended, in the order in which they were given."""
        return tuple(self._finished[place] for place in range(len(self._flows)))

    def _move(self, place: int, answer: Finished | None) -> None:
        self.requests.pop(place, None)
        try:
            self.requests[place] = _next_request(self._flows[place], answer)
        except StopIteration as end:
            self._finished[place] = Finished(end.value)
        except Exception as error:  # noqa: BLE001 - one license's failure never stops the run
            self._finished[place] = Finished(error=error)


def _next_request(flow: Flow[Any], answer: Finished | None) -> Request:
    if answer is None:
        return next(flow)
    if answer.error is not None:
        return flow.throw(answer.error)
    return flow.send(answer.value)
