"""
Two drivers for the same flows: threads, and asyncio.

A driver answers a flow's requests with the host's store and gateways. It is
also where the rule lives that nothing which escapes an adapter is lost: what
is not a clear refusal of our request or our credentials is UNKNOWN.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar, cast

import attrs

from billing_core.errors import GatewayConfigError, GatewayRequestError
from billing_core.gateways.port import AsyncPaymentGateway, PaymentGateway
from billing_core.gateways.results import ChargeNotFound, ChargeResult
from billing_core.service.requests import (
    BeginSetup,
    CallOff,
    Commit,
    CompleteSetup,
    Detach,
    Flow,
    GetNow,
    ListAttempts,
    ListLicenses,
    LoadAccount,
    LoadAttempt,
    LoadDossier,
    LoadInvoice,
    LookUp,
    LookUpTaxRate,
    Request,
    Send,
    Sent,
)
from billing_core.stores.port import AsyncStore, CommitResult, Store
from billing_core.tax.rates import TaxRateProvider

__all__ = ["AsyncDriver", "Finished", "SyncDriver"]

T = TypeVar("T")

logger = logging.getLogger("billing_core")

#: A worker that was held up for longer between commit and send must not send any more.
SEND_DELAY_MAX = timedelta(seconds=60)

_PAGE = 200


@attrs.frozen
class Finished:
    """How one of many flows ended: with a value, or with an exception."""

    value: Any = None
    error: Exception | None = None


@attrs.frozen
class _Call:
    """One method of the store or of a gateway, ready to be called."""

    target: Any
    arguments: tuple[Any, ...]

    def __call__(self) -> Any:
        return self.target(*self.arguments)


class _Answers:
    """What both drivers share: which call answers a request, and what an outcome means."""

    def __init__(self, store: Any, gateways: Mapping[str, Any], rates: TaxRateProvider | None) -> None:
        self.store = store
        self.gateways = gateways
        self.rates = rates

    def call_for(self, request: Request) -> _Call:
        """The call that answers a request."""
        store = self.store
        match request:
            case GetNow():
                return _Call(store.now, ())
            case LoadAccount(account_id):
                return _Call(store.account, (account_id,))
            case LoadInvoice(invoice_id):
                return _Call(store.invoice, (invoice_id,))
            case LoadAttempt(attempt_id):
                return _Call(store.attempt, (attempt_id,))
            case LoadDossier(license_id):
                return _Call(store.dossier, (license_id,))
            case ListLicenses(filter_, after):
                return _Call(store.licenses, (filter_, after, _PAGE))
            case ListAttempts(filter_, after):
                return _Call(store.attempts, (filter_, after, _PAGE))
            case LookUpTaxRate(jurisdiction, category, on):
                return _Call(self._rate, (jurisdiction, category, on))
        return self._gateway_call(request)

    def _gateway_call(self, request: Request) -> _Call:
        match request:
            case Send(gateway_id, charge, _):
                return _Call(self.gateways[gateway_id].charge, (charge,))
            case LookUp(gateway_id, charge):
                return _Call(self.gateways[gateway_id].find_charge, (charge,))
            case CallOff(gateway_id, charge):
                return _Call(self.gateways[gateway_id].cancel_charge, (charge,))
            case BeginSetup(gateway_id, setup):
                return _Call(self.gateways[gateway_id].begin_card_setup, (setup,))
            case CompleteSetup(gateway_id, session_ref):
                return _Call(self.gateways[gateway_id].complete_card_setup, (session_ref,))
            case Detach(gateway_id, token):
                return _Call(self.gateways[gateway_id].detach_card, (token,))
        raise TypeError(f"no driver answers a {type(request).__name__}")

    def _rate(self, jurisdiction: str, category: str, on: Any) -> Any:
        return self.rates.rate(jurisdiction, category, on) if self.rates is not None else None


def _is_charge(request: Request) -> bool:
    return isinstance(request, (Send, LookUp, CallOff))


def _answered(request: Request, answer: Any) -> Sent | ChargeNotFound:
    """An adapter's answer to a charge request, whatever it is."""
    if isinstance(answer, ChargeResult):
        return Sent(answer)
    if not isinstance(request, Send) and (answer is None or isinstance(answer, ChargeNotFound)):
        return ChargeNotFound()
    logger.error("gateway %s answered with a %s", request.gateway_id, type(answer).__name__)  # type: ignore[union-attr]
    return Sent(ChargeResult.unknown("adapter_answer"))


def _escaped(request: Request, error: Exception) -> Sent:
    """What an exception out of an adapter says about the send."""
    name = type(error).__name__
    # Only the class is logged: an adapter's message may quote what it was sent.
    logger.warning("gateway %s raised %s", request.gateway_id, name)  # type: ignore[union-attr]
    if isinstance(error, (GatewayConfigError, GatewayRequestError)):
        result = ChargeResult.not_attempted(detail=name) if isinstance(request, Send) else ChargeResult.unknown(name)
        return Sent(result, error)
    return Sent(ChargeResult.unknown(name[:64] if name.isascii() else "error"))


def _too_late() -> Sent:
    return Sent(ChargeResult.not_attempted(retry_after=timedelta(0), detail="held_up_before_send"))


class SyncDriver:
    """
    Runs flows with a plain store, plain gateways, and threads for many calls at once.

    Args:
        threads: how many gateway calls may be under way at the same time.
    """

    def __init__(
        self,
        store: Store,
        gateways: Mapping[str, PaymentGateway],
        rates: TaxRateProvider | None = None,
        threads: int = 16,
    ) -> None:
        self._answers = _Answers(store, gateways, rates)
        self._threads = threads

    def run(self, flow: Flow[T]) -> T:
        """Run one flow to its end, in this thread."""
        request = _start(flow)
        while not isinstance(request, _End):
            try:
                answer = self._perform(request)
            except Exception as error:  # noqa: BLE001 - the flow decides what it means
                request = _throw(flow, error)
            else:
                request = _send(flow, answer)
        return cast("T", request.value)

    def run_many(self, flows: Sequence[Flow[Any]]) -> tuple[Finished, ...]:
        """
        Run many flows side by side: their commits together, their gateway calls in threads.

        One flow's failure never stops the others.
        """
        batch = _Batch(flows)
        with ThreadPoolExecutor(max_workers=self._threads) as pool:
            while batch.requests:
                commits, calls, reads = batch.by_kind()
                answers = dict(zip(commits, self._commit(batch, commits), strict=True))
                answers |= {place: self._safely(batch.requests[place]) for place in reads}
                called = pool.map(self._safely, [batch.requests[place] for place in calls])
                answers |= dict(zip(calls, called, strict=True))
                batch.advance(answers)
        return batch.finished()

    def _commit(self, batch: _Batch, places: list[int]) -> list[Finished]:
        if not places:
            return []
        changes = [cast("Commit", batch.requests[place]).change for place in places]
        try:
            results: Sequence[CommitResult] = self._answers.store.commit(changes)
        except Exception as error:  # noqa: BLE001 - every flow of the batch hears of it
            return [Finished(error=error) for _ in places]
        return [Finished(result) for result in results]

    def _safely(self, request: Request) -> Finished:
        try:
            return Finished(self._perform(request))
        except Exception as error:  # noqa: BLE001 - the flow decides what it means
            return Finished(error=error)

    def _perform(self, request: Request) -> Any:
        if isinstance(request, Commit):
            return self._answers.store.commit([request.change])[0]
        if isinstance(request, Send) and self._answers.store.now() - request.committed_at > SEND_DELAY_MAX:
            return _too_late()
        try:
            answer = self._answers.call_for(request)()
        except Exception as error:
            return _handled(request, error)
        return _answered(request, answer) if _is_charge(request) else answer


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
    ) -> None:
        self._answers = _Answers(store, gateways, rates)

    async def run(self, flow: Flow[T]) -> T:
        """Run one flow to its end."""
        request = _start(flow)
        while not isinstance(request, _End):
            try:
                answer = await self._perform(request)
            except Exception as error:  # noqa: BLE001 - the flow decides what it means
                request = _throw(flow, error)
            else:
                request = _send(flow, answer)
        return cast("T", request.value)

    async def run_many(self, flows: Sequence[Flow[Any]]) -> tuple[Finished, ...]:
        """Run many flows side by side: their commits together, their gateway calls at once."""
        import asyncio

        batch = _Batch(flows)
        while batch.requests:
            commits, calls, reads = batch.by_kind()
            answers = dict(zip(commits, await self._commit(batch, commits), strict=True))
            async with asyncio.TaskGroup() as group:
                tasks = {
                    place: group.create_task(self._safely(batch.requests[place])) for place in (*calls, *reads)
                }
            answers |= {place: task.result() for place, task in tasks.items()}
            batch.advance(answers)
        return batch.finished()

    async def _commit(self, batch: _Batch, places: list[int]) -> list[Finished]:
        if not places:
            return []
        changes = [cast("Commit", batch.requests[place]).change for place in places]
        try:
            results = await _awaited(self._answers.store.commit(changes))
        except Exception as error:  # noqa: BLE001 - every flow of the batch hears of it
            return [Finished(error=error) for _ in places]
        return [Finished(result) for result in results]

    async def _safely(self, request: Request) -> Finished:
        try:
            return Finished(await self._perform(request))
        except Exception as error:  # noqa: BLE001 - the flow decides what it means
            return Finished(error=error)

    async def _perform(self, request: Request) -> Any:
        if isinstance(request, Commit):
            return (await _awaited(self._answers.store.commit([request.change])))[0]
        if isinstance(request, Send):
            now = await _awaited(self._answers.store.now())
            if now - request.committed_at > SEND_DELAY_MAX:
                return _too_late()
        try:
            answer = await _awaited(self._answers.call_for(request)())
        except Exception as error:
            return _handled(request, error)
        return _answered(request, answer) if _is_charge(request) else answer


async def _awaited(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer


def _handled(request: Request, error: Exception) -> Any:
    """An exception out of a call that is not a commit."""
    if _is_charge(request):
        return _escaped(request, error)
    if isinstance(request, Detach):
        logger.warning("gateway %s could not detach a card: %s", request.gateway_id, type(error).__name__)
        return None
    raise error


@attrs.frozen
class _End:
    value: Any


def _start(flow: Flow[Any]) -> Request | _End:
    try:
        return next(flow)
    except StopIteration as end:
        return _End(end.value)


def _send(flow: Flow[Any], answer: Any) -> Request | _End:
    try:
        return flow.send(answer)
    except StopIteration as end:
        return _End(end.value)


def _throw(flow: Flow[Any], error: Exception) -> Request | _End:
    try:
        return flow.throw(error)
    except StopIteration as end:
        return _End(end.value)


class _Batch:
    """Flows side by side, each with the request that it waits for."""

    def __init__(self, flows: Sequence[Flow[Any]]) -> None:
        self._flows = flows
        self._finished: dict[int, Finished] = {}
        self.requests: dict[int, Request] = {}
        for place in range(len(flows)):
            self._move(place, None)

    def by_kind(self) -> tuple[list[int], list[int], list[int]]:
        """The places that wait for a commit, for a gateway's answer, and for something to be read."""
        commits: list[int] = []
        calls: list[int] = []
        reads: list[int] = []
        for place, request in self.requests.items():
            kind = commits if isinstance(request, Commit) else calls if _is_charge(request) else reads
            kind.append(place)
        return commits, calls, reads

    def advance(self, answers: Mapping[int, Finished]) -> None:
        """Give every flow its answer."""
        for place, answer in answers.items():
            self._move(place, answer)

    def finished(self) -> tuple[Finished, ...]:
        """How each flow ended, in the order in which they were given."""
        return tuple(self._finished[place] for place in range(len(self._flows)))

    def _move(self, place: int, answer: Finished | None) -> None:
        flow = self._flows[place]
        try:
            if answer is None:
                request = _start(flow)
            elif answer.error is not None:
                request = _throw(flow, answer.error)
            else:
                request = _send(flow, answer.value)
        except Exception as error:  # noqa: BLE001 - one license's failure never stops the run
            self.requests.pop(place, None)
            self._finished[place] = Finished(error=error)
            return
        if isinstance(request, _End):
            self.requests.pop(place, None)
            self._finished[place] = Finished(request.value)
        else:
            self.requests[place] = request
