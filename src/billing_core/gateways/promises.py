"""What the library does with a gateway of each grade, and what it promises: in words, with its times."""

from __future__ import annotations

from datetime import timedelta

from billing_core.gateways.capabilities import Capabilities, GatewayGrade
from billing_core.values.typed import check_instance

__all__ = ["promises"]


def promises(capabilities: Capabilities) -> str:
    """
    What is done after a lost answer, and what is promised, by what a gateway declares.

    `Billing` logs it for each of its gateways when it is made, at level INFO.

    Raises:
        InvalidInput: ``invalid_type``.

    >>> print(promises(Capabilities(grade=GatewayGrade.NONE)))
    none: one send per attempt; what stays unknown goes to a person. Never twice.
    """
    check_instance(capabilities, Capabilities, "capabilities")
    return f"{capabilities.grade.value}: {_TEXTS[capabilities.grade].format(**_times(capabilities))}"


_TEXTS = {
    GatewayGrade.FENCED: (
        "prepared, confirmed at most once, read by its id, closed before a decline counts. "
        "Never twice and never lost, whatever the times."
    ),
    GatewayGrade.KEYED_WITH_LOOKUP: (
        "looked up; sent again under its key until {resend} after the first send; 'not found' believed "
        "{wait} after the last. Never twice and never lost, if keys live {keys}, requests die within {life}, "
        "look-ups lag {lag} at most, and clocks and pauses stay within {margin}."
    ),
    GatewayGrade.KEYED: (
        "sent again under its key until {resend} after the first send; then it goes to a person. "
        "Never twice, if keys live {keys}, requests die within {life}, and clocks and pauses stay "
        "within {margin}."
    ),
    GatewayGrade.NONE: ("one send per attempt; what stays unknown goes to a person. Never twice."),
}


def _times(capabilities: Capabilities) -> dict[str, str]:
    retention = capabilities.key_retention
    return {
        "resend": _text(capabilities.resend_window),
        "wait": _text(capabilities.not_found_wait),
        "keys": _text(retention if retention is not None else timedelta(0)),
        "life": _text(capabilities.request_life),
        "lag": _text(capabilities.look_up_lag),
        "margin": _text(capabilities.clock_margin),
    }


def _text(time: timedelta) -> str:
    """Hours and minutes, and seconds if there are any: 18h, 6h1m, 30s."""
    seconds = round(time.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"
