"""What every store refuses, by its rules alone."""

from __future__ import annotations

import pytest

from billing_core.charging.attempt import AttemptEvent
from billing_core.errors import InvalidInput, InvariantViolated
from billing_core.stores.port import Change, Guard, RecordKind, Shard
from billing_core.stores.rules import ensure_sound, event_guard, may_follow, slots
from tests.builders import NOW, account, attempt, change, event, invoice, license


@pytest.mark.parametrize(("number", "count", "field"), [(5, 3, "number"), (-1, 3, "number"), (0, 0, "count")])
def test_a_shard_is_one_of_its_parts(number: int, count: int, field: str) -> None:
    """The licenses of any other would be nobody's."""
    with pytest.raises(InvalidInput) as caught:
        Shard(number, count)
    assert [field] == [issue.field for issue in caught.value.issues]


def test_a_whole_new_customer_is_sound() -> None:
    """Records that are new together stand for each other."""
    ensure_sound([change(account(), license(), invoice(), attempt())])


def test_the_refusal_names_the_record() -> None:
    """And the rule, so that the bug is found."""
    with pytest.raises(InvariantViolated, match=r"license lic_1: version 1 must be one above"):
        ensure_sound([Change(licenses=(license(),))])
    with pytest.raises(InvariantViolated, match=r"invoice inv_1: its license is not guarded"):
        ensure_sound([change(invoice())])


def test_an_owner_that_is_surely_missing_is_no_owner() -> None:
    """Guarding that the account is not there does not make it one."""
    guards = (Guard(RecordKind.LICENSE, "lic_1", 0), Guard(RecordKind.ACCOUNT, "acc_1", 0))
    with pytest.raises(InvariantViolated, match="its account is not guarded"):
        ensure_sound([Change(guards=guards, licenses=(license(),))])


def test_what_is_final_stays_final() -> None:
    """Void, resolved, numbered."""
    paid, open_ = invoice().paid(NOW), attempt()
    declined = open_.after(AttemptEvent.DECLINED, NOW)

    assert may_follow(invoice(), invoice().voided())
    assert not may_follow(invoice().voided(), invoice())
    assert may_follow(paid.numbered(7), paid)
    assert not may_follow(paid.numbered(7), paid.numbered(8))
    assert may_follow(open_, declined)
    assert may_follow(declined, declined.decided("refund"))
    assert not may_follow(declined, open_)
    assert may_follow(license(), license())


def test_slots_say_what_only_one_may_hold() -> None:
    """Accounts and licenses hold nothing but their ids; a void or resolved record gives its place back."""
    void, declined = invoice().voided(), attempt().after(AttemptEvent.DECLINED, NOW)

    assert [] == [*slots(account()), *slots(license())]
    assert {("live invoice", "lic_1", 1, 0)} == set(slots(invoice())) - set(slots(void))
    assert {("open attempt", "lic_1")} == set(slots(attempt())) - set(slots(declined))


def test_a_repeated_event_blames_what_it_is_about() -> None:
    """The license, or the account if it is about no license."""
    assert Guard(RecordKind.LICENSE, "lic_1", 0) == event_guard([event()])
    assert Guard(RecordKind.ACCOUNT, "acc_1", 0) == event_guard([event(license_id=None), event()])
