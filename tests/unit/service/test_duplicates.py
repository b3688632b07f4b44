"""What a processor takes for a repeat: looked up first, never a decline, sent again after its window."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing_core.charging.attempt import AttemptState
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.gateways.results import ChargeNotFound, ChargeRequest, ChargeResult
from billing_core.testing import ScriptedGateway
from tests.unit.service.stage import KEYED, NO_KEYS, PRICE, Stage, paid_periods

MINUTE = timedelta(minutes=1)
WITH_LOOK_UP = Capabilities(operations=frozenset(Operation), duplicate_window=10 * MINUTE)
SUSPECTED = ChargeResult.duplicate_suspected()


class Detecting(ScriptedGateway):
    """Tells when it was asked what, in minutes since its first send."""

    def __init__(self, capabilities: Capabilities = WITH_LOOK_UP) -> None:
        super().__init__(capabilities)
        self.stage: Clocked | None = None
        self.told: list[tuple[str, int]] = []

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        self._tell("send")
        return super().charge(request)

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        self._tell("look")
        return super().find_charge(request)

    def _tell(self, what: str) -> None:
        assert self.stage is not None
        self.told.append((what, (self.stage.clock.now() - self.stage.started_at) // MINUTE))


class Clocked(Stage):
    """A stage that knows when it began."""

    def __init__(self, gateway: Detecting) -> None:
        super().__init__(gateway=gateway)
        self.started_at = self.clock.now()
        gateway.stage = self


def _due(capabilities: Capabilities = WITH_LOOK_UP) -> tuple[Clocked, Detecting, str]:
    gateway = Detecting(capabilities)
    stage = Clocked(gateway)
    return stage, gateway, stage.subscribe().id


def test_repeat_of_this_very_charge_is_settled() -> None:
    """The processor has it already: the look-up finds it, and nothing is sent again."""
    stage, gateway, license_id = _due()
    gateway.next_response_is_lost()
    stage.billing.run_due()
    # Whoever answers for the processor now does not know keys.
    gateway.charge = lambda request: SUSPECTED  # type: ignore[method-assign]
    stage.run_until_calm(days=1)
    assert ([PRICE], AttemptState.SUCCEEDED) == (
        [capture.amount for capture in gateway.captures],
        stage.attempt(license_id).state,
    )
    stage.ensure_sound()


def test_repeat_of_another_charge_waits_for_the_window() -> None:
    """Looked up at once; then sent again under the same key, when the declared window is over."""
    stage, gateway, license_id = _due()
    gateway.next_charge_gives(SUSPECTED)
    stage.run_until_calm(days=1)
    attempt = stage.attempt(license_id)
    sends = [told for told in gateway.told if told[0] == "send"]
    assert ([("send", 0), ("look", 0)], [("send", 0), ("send", 10)]) == (gateway.told[:2], sends)
    assert (AttemptState.SUCCEEDED, 2, 1) == (attempt.state, attempt.sends, attempt.number)
    stage.ensure_sound()


@pytest.mark.parametrize(("asked", "minute"), [(timedelta(minutes=45), 45), (timedelta(minutes=1), 10)])
def test_longer_of_the_windows_counts(asked: timedelta, minute: int) -> None:
    """The one that the processor names in its answer, or the one that is declared."""
    stage, gateway, _ = _due()
    gateway.next_charge_gives(ChargeResult.duplicate_suspected(retry_after=asked))
    stage.run_until_calm(days=1)
    assert ("send", minute) == [told for told in gateway.told if told[0] == "send"][-1]


def test_without_a_declared_window_an_hour_is_waited() -> None:
    """Longer than detectors take."""
    stage, gateway, _ = _due(Capabilities(operations=frozenset(Operation)))
    gateway.next_charge_gives(SUSPECTED)
    stage.run_until_calm(days=1)
    assert ("send", 60) == [told for told in gateway.told if told[0] == "send"][-1]


def test_one_that_is_always_taken_for_a_repeat_is_given_up() -> None:
    """Never declined: once it surely did nothing it is void, and the next attempt has a key of its own."""
    stage, gateway, license_id = _due()
    for _ in range(5):
        gateway.next_charge_gives(SUSPECTED)
    stage.run_until_calm(days=2)
    first, second = stage.attempts(license_id)
    assert (AttemptState.VOID, 5, AttemptState.SUCCEEDED) == (first.state, first.sends, second.state)
    assert 1 == len(paid_periods(stage.license(license_id)))
    stage.ensure_sound()


def test_keys_without_a_look_up() -> None:
    """The same key goes out again when the window is over; a real repeat is answered by what it was."""
    stage, gateway, license_id = _due(KEYED)
    gateway.next_charge_gives(SUSPECTED)
    stage.run_until_calm(days=1)
    assert [("send", 0), ("send", 60)] == gateway.told
    assert AttemptState.SUCCEEDED is stage.attempt(license_id).state


def test_without_anything_a_person_decides() -> None:
    """One send ever: what it repeats can't be found out."""
    stage, gateway, license_id = _due(NO_KEYS)
    gateway.next_charge_gives(SUSPECTED)
    stage.run_until_calm(days=3)
    assert ([("send", 0)], AttemptState.HELD) == (gateway.told, stage.attempt(license_id).state)
    stage.ensure_sound()


def test_failed_look_up_does_not_make_it_forget() -> None:
    """The window is kept, whatever look-ups say meanwhile."""
    stage, gateway, _ = _due()
    gateway.next_charge_gives(SUSPECTED)
    find, failures = gateway.find_charge, iter(range(2))

    def failing(request: ChargeRequest) -> ChargeResult | ChargeNotFound:
        return ChargeResult.unknown() if next(failures, None) is not None else find(request)

    gateway.find_charge = failing  # type: ignore[method-assign]
    stage.run_until_calm(days=1)
    first, second = (minute for what, minute in gateway.told if what == "send")
    assert (0, True) == (first, second >= 10)


@pytest.mark.parametrize("grade", [GatewayGrade.KEYED_WITH_LOOKUP, GatewayGrade.KEYED])
def test_cached_error_hides_no_success(grade: GatewayGrade) -> None:
    """
    A processor replays its first answer, a 500, for as long as it knows the key.

    Where it can be asked, the look-up finds the charge; where it can't, resends
    end, and a person is asked. Nothing is charged under another key.
    """
    capabilities = Capabilities(grade=grade, operations=frozenset(Operation))
    stage, gateway, license_id = _due(capabilities)
    charge = gateway.charge

    def cached(request: ChargeRequest) -> ChargeResult:
        charge(request)
        return ChargeResult.unknown("http_500")

    gateway.charge = cached  # type: ignore[method-assign]
    stage.run_until_calm(days=3)
    is_found = grade is GatewayGrade.KEYED_WITH_LOOKUP
    expected = (AttemptState.SUCCEEDED, 1) if is_found else (AttemptState.HELD, 5)
    attempt = stage.attempt(license_id)
    assert (expected, 1) == ((attempt.state, attempt.sends), len(gateway.captures))
    stage.ensure_sound()
