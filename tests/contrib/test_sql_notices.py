"""What processors tell, on record in SQL: found by the processor's id, and told once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from billing_core.contrib.sqlalchemy_store import SqlStore
from billing_core.gateways.webhooks import CardNotice, DisputeStatus
from billing_core.service.requests import Commit
from billing_core.stores.port import AttemptFilter
from billing_core.testing import ManualClock
from billing_core.values.money import Money
from tests.unit.service.stage import START, Stage
from tests.unit.service.told import listen, other, ref, tell, unmatched

TEN = Money.of("10.00", "EUR")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A vendor whose books are in a file."""
    stage = Stage()
    stage.clock = ManualClock(START)
    store = SqlStore.open(f"sqlite:///{tmp_path / 'books.db'}", clock=stage.clock)
    stage.store = store  # type: ignore[assignment]
    stage.billing = stage.worker()
    yield stage
    store.close()


def test_one_of_each(stage: Stage) -> None:
    """A refund made elsewhere, a dispute until its end, and a closed card: each once."""
    license, _, attempt = stage.paid()
    assert (attempt,) == stage.billing.attempts(AttemptFilter(gateway_ref=ref(attempt))).items
    refund = stage.gateway.refund_elsewhere(ref(attempt), TEN)
    dispute = stage.gateway.cardholder_disputes(ref(attempt), TEN)
    card = CardNotice(token=stage.billing.dossier(license.id).account.cards[0].token, is_closed=True)
    for news in ({"refund": refund}, {"dispute": dispute}, {"card": card}):
        assert [(license.id,), ()] == [tell(stage, **news) for _ in range(2)]
    assert 1 == len(stage.billing.attempts(AttemptFilter(dispute=DisputeStatus.OPENED)).items)
    stage.gateway.dispute_becomes(dispute.gateway_ref, DisputeStatus.LOST)
    tell(stage, dispute=dispute)
    assert () == stage.billing.attempts(AttemptFilter(dispute=DisputeStatus.OPENED)).items
    assert 1 == len(stage.billing.attempts(AttemptFilter(dispute=DisputeStatus.LOST)).items)
    stage.ensure_sound()


def test_two_workers_with_one_notice(stage: Stage) -> None:
    """One commits; the other's guard fails, and it finds the refund on file."""
    _, _, attempt = stage.paid()
    told = stage.gateway.refund_elsewhere(ref(attempt), TEN)
    first, second = listen(stage, refund=told), listen(stage, refund=told)
    for hand in (first, second):
        hand.until(Commit)
    assert (1, 0) == (len(first.finish()), len(second.finish()))
    stage.ensure_sound()


def test_what_fits_nowhere_is_kept_once(stage: Stage) -> None:
    """The event's id is a key: a repeat is refused, and nothing else is."""
    _, _, attempt = stage.paid()
    told = stage.gateway.cardholder_disputes(ref(attempt))
    for _ in range(2):
        tell(stage, dispute=other(told, gateway_ref="dp_77"))
    assert [("dp_77", "not_confirmed")] == unmatched(stage)
    stage.ensure_sound()
