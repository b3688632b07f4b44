"""Flows side by side, each with the request that it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import attrs

from billing_core.service.calls import MoneyCall
from billing_core.service.requests import Commit, Flow, Request
from billing_core.stores.port import Change

__all__ = ["Batch", "Finished", "next_request"]


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


class Batch:
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
            self.requests[place] = next_request(self._flows[place], answer)
        except StopIteration as end:
            self._finished[place] = Finished(end.value)
        except Exception as error:  # noqa: BLE001 - one license's failure never stops the run
            self._finished[place] = Finished(error=error)


def next_request(flow: Flow[Any], answer: Finished | None) -> Request:
    """What a flow asks for next, once it is told how the last request ended; ``None`` to begin."""
    if answer is None:
        return next(flow)
    if answer.error is not None:
        return flow.throw(answer.error)
    return flow.send(answer.value)
