"""What an adapter may make of a notice: closed values that name a charge, an amount, a token."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from billing_core.errors import InvalidInput
from billing_core.gateways.results import Outcome
from billing_core.gateways.webhooks import DisputeDetails, DisputeStatus, RefundDetails, WebhookNotice
from billing_core.values.money import Money

TEN = Money.of("10.00", "EUR")
REFUND = RefundDetails(gateway_ref="re_1", charge_ref="ch_1", amount=TEN)
DISPUTE = DisputeDetails(gateway_ref="dp_1", charge_ref="ch_1", status=DisputeStatus.OPENED, amount=TEN)


@pytest.mark.parametrize("details", [REFUND, DISPUTE], ids=["refund", "dispute"])
@pytest.mark.parametrize(
    ("changes", "issue"),
    [
        ({"charge_ref": None}, ("charge_ref", "required")),
        ({"amount": Money.zero("EUR")}, ("amount", "zero")),
        ({"amount": -TEN}, ("amount", "negative")),
    ],
    ids=["no charge", "zero", "negative"],
)
def test_details_name_a_charge_and_an_amount(
    details: Any, changes: dict[str, Any], issue: tuple[str, str]
) -> None:
    """Else nothing could be put on record."""
    with pytest.raises(InvalidInput) as caught:
        attrs.evolve(details, **changes)
    assert [issue] == [(it.field, it.code) for it in caught.value.issues]


def test_a_charge_is_named_by_either_of_both() -> None:
    """The processor's id, or our reference."""
    by_reference = attrs.evolve(REFUND, charge_ref=None, charge_reference="ref_1")
    assert (None, "ref_1") == (by_reference.charge_ref, by_reference.charge_reference)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_known_refund_has_happened_or_is_under_way_or_failed(outcome: Outcome) -> None:
    """A send may come to more than that; what the processor knows of does not."""
    known = {Outcome.SUCCEEDED, Outcome.PENDING, Outcome.DECLINED}
    if outcome in known:
        assert outcome is attrs.evolve(REFUND, outcome=outcome).outcome
        return
    with pytest.raises(InvalidInput, match="outcome"):
        attrs.evolve(REFUND, outcome=outcome)


def test_a_notice_may_be_a_mere_hint() -> None:
    """As those of adapters that tell nothing but references."""
    assert (None, None, None) == attrs.astuple(WebhookNotice(id="evt_1", references=["ref_1"]))[2:]
