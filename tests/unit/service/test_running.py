"""The nightly run: shards, limits, failures of single licenses, reports."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from billing_core.accounts.permissions import Actor
from billing_core.charging.next_step import next_step
from billing_core.charging.steps import StepKind
from billing_core.errors import InvalidInput, InvariantViolated, NotAllowed
from billing_core.service import renewal_flow
from billing_core.service.async_billing import AsyncBilling
from billing_core.service.context import make_context
from billing_core.service.renewal_flow import LicenseRun
from tests.unit.service.stage import ADA, TEAM, Stage, paid_periods


def _many(count: int) -> tuple[Stage, list[str]]:
    stage = Stage()
    account = stage.open()
    stage.add_card(account.id)
    ids = [stage.billing.choose_plan(account.id, TEAM, quantity=3, actor=ADA).id for _ in range(count)]
    return stage, ids


def test_report() -> None:
    """How many licenses, which steps, how many charges."""
    stage, _ = _many(3)
    report = stage.billing.run_due()
    assert (3, 3, (), False) == (report.licenses, report.charges, report.failures, report.stopped)
    assert {StepKind.ISSUE_INVOICE: 3, StepKind.CHARGE: 3, StepKind.WAIT: 3} == dict(report.steps)
    assert 0 == stage.billing.run_due().charges


def test_shards_share_all_licenses() -> None:
    """Each license belongs to exactly one shard."""
    stage, ids = _many(20)
    counts = [stage.billing.run_due(shard=(number, 3)).licenses for number in range(3)]
    assert (20, True) == (sum(counts), all(counts))
    assert {1} == {len(paid_periods(stage.license(license_id))) for license_id in ids}


@pytest.mark.parametrize("shard", [(3, 3), (-1, 3), (0, 0), (0.0, 1), (True, 2)])
def test_wrong_shard(shard: Any) -> None:
    """The number is from 0 to the count less one."""
    with pytest.raises(InvalidInput, match="shard"):
        Stage().billing.run_due(shard=shard)


def test_limit() -> None:
    """A chunk of the work; the rest stays due."""
    stage, _ = _many(5)
    assert [2, 2, 1, 0] == [stage.billing.run_due(limit=2).licenses for _ in range(4)]


@pytest.mark.parametrize("limit", [0, -1, 1.5, True])
def test_wrong_limit(limit: Any) -> None:
    """At least one."""
    with pytest.raises(InvalidInput, match="limit"):
        Stage().billing.run_due(limit=limit)


def test_more_than_one_batch() -> None:
    """A run goes on until nothing is due."""
    stage, _ = _many(105)
    report = stage.billing.run_due()
    assert (105, 105) == (report.licenses, report.charges)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_one_license_fails_and_the_others_are_billed(is_async: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A license on which the decision itself fails is listed; it is tried again when its lease is over."""
    stage, ids = _many(3)
    decide = next_step

    def broken(dossier: Any, now: Any, policy: Any) -> Any:
        if dossier.license.id == ids[1]:
            raise ZeroDivisionError
        return decide(dossier, now, policy)

    monkeypatch.setattr(renewal_flow, "next_step", broken)
    if is_async:
        report = asyncio.run(
            AsyncBilling(stage.store, {"main": stage.gateway}, stage.policy, "test").run_due()
        )
    else:
        report = stage.billing.run_due()
    assert [(ids[1], "ZeroDivisionError")] == [
        (failure.license_id, type(failure.error).__name__) for failure in report.failures
    ]
    assert 2 == len(stage.gateway.captures)
    monkeypatch.undo()
    assert 0 == stage.billing.run_due().licenses
    stage.clock.advance(minutes=10)
    assert 1 == stage.billing.run_due().charges
    stage.ensure_sound()


def test_rules_that_undo_each_other_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless decision is an InvariantViolated, not an endless loop."""
    stage, ids = _many(1)
    decide = next_step
    monkeypatch.setattr(renewal_flow, "_STEPS_IN_ALL_MAX", 400)
    before = stage.billing.dossier(ids[0])
    monkeypatch.setattr(renewal_flow, "apply_step", lambda step, dossier, now, making: (before, ()))
    monkeypatch.setattr(renewal_flow, "next_step", lambda dossier, now, policy: decide(before, now, policy))
    with pytest.raises(InvariantViolated, match="no end of steps, the last one is period_due"):
        stage.billing.run_license(ids[0])
    assert () == stage.gateway.captures


def test_run_license_says_what_it_did() -> None:
    """Steps with their reasons, and until when nothing is left to do."""
    stage, ids = _many(1)
    run = stage.billing.run_license(ids[0])
    assert [StepKind.ISSUE_INVOICE, StepKind.CHARGE, StepKind.WAIT] == [step.kind for step in run.steps]
    assert run.wait is not None
    assert date(2025, 2, 21) == run.wait.until.date() if run.wait.until is not None else None
    assert None is LicenseRun(license_id=ids[0]).wait
    assert None is LicenseRun(license_id=ids[0], steps=run.steps[:1]).wait


def test_run_license_names_who_asked() -> None:
    """The owner, a named job, or the library's own system."""
    stage, ids = _many(3)
    stage.billing.run_license(ids[0], actor=ADA)
    stage.billing.run_license(ids[1], actor=Actor.system("cron"))
    stage.billing.run_license(ids[2])
    issued = [event.actor for event in stage.billing.events() if event.type == "invoice.issued"]
    assert [("member", "ada", "owner"), ("system", "cron", "system"), ("system", "billing", "system")] == [
        (actor.kind, actor.id, actor.role) for actor in issued
    ]


@pytest.mark.parametrize(
    "wrong", [{"namespace": ""}, {"namespace": "a b"}, {"gateways": {"my gateway": None}}]
)
def test_wrong_host_choices(wrong: Any) -> None:
    """The namespace and the gateways' ids are ids."""
    stage = Stage()
    choices = {"gateways": {"main": stage.gateway}, "namespace": "test", **wrong}
    with pytest.raises(InvalidInput):
        make_context(policy=stage.policy, sellers=None, **choices)


def test_no_gateway_inside_a_transaction() -> None:
    """The choices inside a host's transaction are the same but for that."""
    context = Stage().context
    context.ensure_may_call_gateways()
    with pytest.raises(NotAllowed):
        context.in_host_transaction().ensure_may_call_gateways()


def test_a_year_of_renewals() -> None:
    """Twelve charges on the anchored dates, no more."""
    stage, ids = _many(1)
    for _ in range(365):
        stage.billing.run_due()
        stage.clock.advance(days=1)
    assert [
        "2025-01-31",
        "2025-02-28",
        "2025-03-31",
        "2025-04-30",
        "2025-05-31",
        "2025-06-30",
        "2025-07-31",
        "2025-08-31",
        "2025-09-30",
        "2025-10-31",
        "2025-11-30",
        "2025-12-31",
    ] == [day.isoformat() for day in paid_periods(stage.license(ids[0]))]
    stage.ensure_sound()
