"""What a store in memory finds without looking at all of its records."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from billing_core.charging.attempt import AttemptEvent
from billing_core.stores.memory_index import Agenda, MemoryIndex
from tests.builders import NOW, attempt, invoice, license

EARLY, LATE = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


def test_due_licenses_come_oldest_first() -> None:
    """Of one instant in the order of their ids; what is later, or asleep, does not come."""
    agenda = Agenda()
    for license_id, at in {"c": NOW, "b": NOW, "a": LATE, "d": EARLY, "e": None}.items():
        agenda.put(license_id, at)

    assert ["d", "b", "c"] == list(agenda.due(NOW))
    assert [LATE, None, None] == [agenda.at("a"), agenda.at("e"), agenda.at("nobody")]


def test_a_license_has_one_time() -> None:
    """The latest that was said."""
    agenda = Agenda()
    for at in (LATE, EARLY, None, NOW):
        agenda.put("a", at)

    assert ["a"] == list(agenda.due(NOW))
    assert [] == list(agenda.due(EARLY))


def test_times_are_instants() -> None:
    """Whatever zone they are written in, and though the wall clock goes back."""
    agenda = Agenda()
    agenda.put("a", datetime.fromisoformat("2025-10-26T02:30+01:00"))
    agenda.put("b", datetime.fromisoformat("2025-10-26T02:45+02:00"))

    assert ["b"] == list(agenda.due(datetime(2025, 10, 26, 1, tzinfo=UTC)))


def test_invoices_of_interest_are_open_or_ahead_or_in_doubt() -> None:
    """And stay so as long as that is the case."""
    index = MemoryIndex()
    unpaid, tried = invoice(), attempt()
    index.put(unpaid, None, NOW)
    mine = index.of_license(unpaid.license_id)
    behind, ahead = unpaid.period.start, unpaid.period.end

    assert {unpaid.id} == mine.of_interest(ahead)
    paid = unpaid.paid(NOW)
    index.put(paid, unpaid, NOW)
    assert (set(), {paid.id}) == (mine.of_interest(ahead), mine.of_interest(behind))
    index.put(tried, None, NOW)
    assert ({paid.id}, {paid.id: [tried.id]}) == (mine.of_interest(ahead), mine.attempts)
    index.put(tried.after(AttemptEvent.SUCCEEDED, NOW), tried, NOW)
    assert set() == mine.of_interest(date.max)


def test_an_account_has_its_licenses() -> None:
    """In the order in which they were started; a change adds none."""
    index = MemoryIndex()
    first, second = license("lic_1"), license("lic_2")
    index.put(first, None, NOW)
    index.put(second, None, NOW)
    index.put(first.with_carried(None), first, NOW)

    assert ["lic_1", "lic_2"] == index.licenses_of(first.account_id)
    assert [] == index.licenses_of("nobody")
