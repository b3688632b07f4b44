"""Cases 17 and 21: credentials that are refused, and secrets that stay secret."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import attrs

from billing_core.card_numbers import contains_card_number
from billing_core.errors import GatewayConfigError, is_plain_id
from billing_core.gateways.results import ChargeRequest
from billing_core.testing.gateway_kit.bench import Bench, gateway_case
from billing_core.testing.gateway_kit.harness import CardScenario
from billing_core.testing.kit_report import ensure

__all__ = ["check_nothing_leaks", "check_wrong_credentials"]

_SHOWN = (CardScenario.OK, CardScenario.INSUFFICIENT_FUNDS, CardScenario.AUTHENTICATION_REQUIRED)


@gateway_case()
def check_wrong_credentials(bench: Bench) -> None:
    """A key that the processor does not take stops the run: GatewayConfigError, and nobody is declined."""
    request = bench.request()
    stranger = bench.new_gateway(wrong_credentials=True)
    calls = {"charge": partial(bench.try_to_send, request, stranger)}
    if bench.can_look_up:
        calls["find_charge"] = partial(stranger.find_charge, request)
    for name, call in calls.items():
        try:
            result = call()
        except GatewayConfigError:
            continue
        raise AssertionError(
            f"with a wrong key, {name} must raise GatewayConfigError, not answer {type(result).__name__}"
        )
    bench.ensure_not_charged(request, "with a wrong key")


@gateway_case()
def check_nothing_leaks(bench: Bench) -> None:
    """No token, key or secret is in a result, an error, an adapter's text or a log line."""
    request = bench.request()
    names = (f"secret {n} of the harness" for n, _ in enumerate(bench.harness.secrets, start=1))
    secrets = {**dict(zip(names, bench.harness.secrets, strict=True)), "the card's token": request.card.value}
    shown = {"the adapter": repr(bench.gateway)}
    with _logged() as lines:
        for scenario in _SHOWN:
            if bench.harness.card(scenario) is not None:
                result = bench.send(bench.request(scenario))
                shown[f"a result ({result.outcome.value})"] = f"{result} {result!r}"
                if result.action is not None and result.action.client_secret:
                    secrets["the client_secret"] = result.action.client_secret
        bench.send(request)
        for name, call in _failing(bench, request).items():
            try:
                call()
            except Exception as error:  # noqa: BLE001 - whatever it is, it may be logged somewhere
                shown[name] = f"{error} {error!r} {error.__cause__!r}"
    shown["a log line"] = "\n".join(lines)
    _ensure_clean(shown, secrets)


def _failing(bench: Bench, request: ChargeRequest) -> Mapping[str, Callable[[], object]]:
    """Calls that raise."""
    stranger = bench.new_gateway(wrong_credentials=True)
    changed = attrs.evolve(request, amount=request.amount * 2)
    return {
        "an error about a wrong key": lambda: bench.try_to_send(request, stranger),
        "an error about a changed request": lambda: bench.try_to_send(changed),
    }


def _ensure_clean(shown: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    for where, text in shown.items():
        for what, secret in secrets.items():
            ensure(secret not in text, f"{where} must not show {what}")
        words = (word for word in text.split() if not is_plain_id(word))
        ensure(
            not contains_card_number(" ".join(words)), f"{where} must not show what looks like a card number"
        )


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.exc_info!r}")


@contextmanager
def _logged() -> Iterator[list[str]]:
    """Everything that is logged inside the block, whatever the host's settings are."""
    root, handler = logging.getLogger(), _Lines()
    level: Any = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
