"""The preview: what will happen, with date, amount and reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptEvent, AttemptState
from billing_core.charging.dossier import Dossier
from billing_core.charging.steps import StepKind
from billing_core.errors import InvalidInput
from billing_core.gateways.capabilities import GatewayGrade
from billing_core.gateways.results import ActionRequired, ChargeResult
from billing_core.licenses.license import Cancellation, PendingChange
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy, CatchUp
from billing_core.service.simulate import simulate
from billing_core.values.money import Money
from billing_core.values.schedule import Interval
from tests.charging_builders import (
    JAN_31,
    account_with,
    answering,
    capabilities_of,
    card_named,
    covered,
    dossier_of,
    driven,
    license_of,
    monthly,
    paris,
    sent,
)

DUE = paris(JAN_31)
QUIET = BillingPolicy(renewal_notice_days=0)
YEAR = timedelta(days=365)


def planned(
    dossier: Dossier, days: int = 100, now=DUE, policy: BillingPolicy = QUIET
) -> list[tuple[str, str, str | None]]:
    """Day, kind and amount of each step."""
    return [
        (str(dossier.today(step.at)), step.kind.value, str(step.amount) if step.amount is not None else None)
        for step in simulate(dossier, now + timedelta(days=days), now, policy)
    ]


def test_preview_of_a_plan() -> None:
    """Month ends from the anchor; the amount is the price of each period."""
    assert [
        ("2025-01-31", "issue_invoice", "40.00 EUR"),
        ("2025-01-31", "charge", "40.00 EUR"),
        ("2025-02-28", "issue_invoice", "40.00 EUR"),
        ("2025-02-28", "charge", "40.00 EUR"),
        ("2025-03-31", "issue_invoice", "40.00 EUR"),
        ("2025-03-31", "charge", "40.00 EUR"),
    ] == planned(dossier_of(license_of(quantity=2)), 60)


def test_until_is_exclusive() -> None:
    """What happens at that very instant is not part of the preview."""
    dossier = dossier_of(covered(license_of()))
    due = paris("2025-02-28")
    assert [] == list(simulate(dossier, due, DUE, QUIET))
    assert 2 == len(list(simulate(dossier, due + timedelta(microseconds=1), DUE, QUIET)))


def test_every_step_has_its_reason() -> None:
    """In words that a page can translate."""
    steps = list(simulate(dossier_of(), DUE + timedelta(days=1), DUE, QUIET))
    assert ["period_due", "renewal_due"] == [step.because.rule for step in steps]


def test_defaults() -> None:
    """From the start of the license, by the default policy; an unknown gateway is taken to charge."""
    steps = list(simulate(dossier_of(gateways={}), DUE + timedelta(days=29)))
    assert [
        (DUE, StepKind.ISSUE_INVOICE),
        (DUE, StepKind.CHARGE),
        (paris("2025-02-21"), StepKind.NOTIFY),
        (paris("2025-02-28"), StepKind.ISSUE_INVOICE),
        (paris("2025-02-28"), StepKind.CHARGE),
    ] == [(step.at, step.kind) for step in steps]


def test_known_gateway_counts_as_it_declares() -> None:
    """A small amount is carried to the next invoice, in the preview as well."""
    small = capabilities_of(minimum_amounts={"EUR": 50})
    dossier = dossier_of(license_of(monthly(Money.of("0.30", "EUR"))), capabilities=small)
    assert ["carry_over", "charge"] == [
        kind for _, kind, _ in planned(dossier, 29) if kind != "issue_invoice"
    ]
    assert ("2025-02-28", "charge", "0.60 EUR") in planned(dossier, 29)


@pytest.mark.parametrize("argument", ["until", "now"])
def test_naive_instants_are_refused(argument: str) -> None:
    """Both of them."""
    arguments: dict[str, Any] = {"until": DUE + YEAR, "now": DUE}
    arguments[argument] = arguments[argument].replace(tzinfo=None)
    with pytest.raises(InvalidInput, match="aware"):
        list(simulate(dossier_of(), **arguments))


def test_preview_of_a_change_and_of_an_end() -> None:
    """What was asked for is part of the future."""
    asked = PendingChange(quantity=3, requested_at=DUE)
    changed = dossier_of(covered(license_of()).with_pending_change(asked))
    assert ("2025-02-28", "charge", "60.00 EUR") in planned(changed, 30)
    ending = Cancellation(requested_at=DUE, effective_on=date(2025, 2, 28))
    ended = dossier_of(covered(license_of()).with_cancellation(ending))
    assert [("2025-02-28", "cancel", None)] == planned(ended, 400)


def test_preview_without_a_card() -> None:
    """It expires, and the preview ends: nothing more will happen by itself."""
    assert [
        ("2025-01-31", "issue_invoice", "20.00 EUR"),
        ("2025-01-31", "notify", None),
        ("2025-02-07", "expire", None),
    ] == planned(dossier_of(account=account_with()), 400)


# -- from the middle of a charge -----------------------------------------------------------------


def unresolved(answer: ChargeResult, grade: GatewayGrade = GatewayGrade.KEYED_WITH_LOOKUP) -> Dossier:
    return driven(dossier_of(capabilities=capabilities_of(grade)), DUE, QUIET, answering(answer))[0]


LOST = ChargeResult.unknown()


@pytest.mark.parametrize("grade", [GatewayGrade.KEYED_WITH_LOOKUP, GatewayGrade.KEYED])
def test_unknown_charge_turns_out_well(grade: GatewayGrade) -> None:
    """It is looked up, or sent again, and then life goes on."""
    assert [
        ("2025-01-31", "resolve", "20.00 EUR"),
        ("2025-02-28", "issue_invoice", "20.00 EUR"),
        ("2025-02-28", "charge", "20.00 EUR"),
    ] == planned(unresolved(LOST, grade), 30)


def test_charge_under_way_turns_out_well() -> None:
    """The same if no answer is on record yet."""
    assert ("2025-01-31", "resolve", "20.00 EUR") == planned(sent(dossier_of(), DUE, QUIET), 10)[0]


def test_charge_that_goes_to_a_person_ends_the_preview() -> None:
    """What a person will decide nobody can tell."""
    assert [("2025-01-31", "resolve", None)] == planned(unresolved(LOST, GatewayGrade.NONE), 400)
    held = unresolved(LOST)
    held = held.with_attempt(held.attempts[0].after(AttemptEvent.GAVE_UP, DUE))
    assert [] == planned(held, 400)


def test_charge_of_an_old_card_is_called_off() -> None:
    """And the new card is charged instead."""
    asked = unresolved(ChargeResult.requires_action(ActionRequired()))
    asked = asked.with_account(asked.account.with_card(card_named("card_2")))
    assert [
        ("2025-01-31", "resolve", "20.00 EUR"),
        ("2025-01-31", "charge", "20.00 EUR"),
    ] == planned(asked, 10)


def test_charge_that_was_never_sent_and_is_not_wanted() -> None:
    """It is void, and the new card is charged."""
    refused = unresolved(ChargeResult.not_attempted())
    refused = refused.with_account(refused.account.with_card(card_named("card_2")))
    assert [("2025-01-31", "resolve", None), ("2025-01-31", "charge", "20.00 EUR")] == planned(refused, 10)


def test_retry_is_part_of_the_preview() -> None:
    """On its planned day."""
    declined = unresolved(ChargeResult.declined(Advice.RETRY_LATER))
    assert ("2025-02-01", "charge", "20.00 EUR") == planned(declined, 10)[0]


def test_long_catch_up_is_previewed() -> None:
    """A year of days that are all billed is no endless loop."""
    daily = Plan(id="daily", interval=Interval.daily(), unit_price=Money.of("1.00", "EUR"))
    policy = attrs.evolve(QUIET, catch_up=CatchUp.BILL_EACH)
    steps = planned(dossier_of(license_of(daily)), 1, DUE + 300 * timedelta(days=1), policy)
    assert 301 == sum(kind == "charge" for _, kind, _ in steps)


def test_preview_changes_nothing() -> None:
    """It is a pure function: the dossier stays, and a second look is the same."""
    dossier = dossier_of()
    assert planned(dossier) == planned(dossier)
    assert (dossier_of(), AttemptState.OPEN) == (dossier, sent(dossier, DUE).attempts[0].state)


def test_each_step_names_its_local_day() -> None:
    """The day is the license's own: midnight in Paris is still the day before in UTC."""
    charges = [step for step in simulate(dossier_of(), DUE + timedelta(days=40), DUE, QUIET) if step.amount]
    assert {paris(step.date.isoformat()) <= step.at for step in charges} == {True}
    assert date(2025, 2, 28) in {step.date for step in charges}
