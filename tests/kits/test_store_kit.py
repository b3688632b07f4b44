"""The store kit itself: a sound store passes, every broken one is caught, and each check catches one."""

from __future__ import annotations

from typing import Any
from unittest import SkipTest

import pytest

from billing_core.stores.memory import MemoryStore
from billing_core.stores.port import AsyncStore, Page
from billing_core.stores.threaded import ThreadedStore
from billing_core.testing.store_kit import CHECKS, StoreHarness, StoreKitTests, run_store_kit
from billing_core.testing.store_kit.dossiers import check_dossiers_are_in_order
from billing_core.testing.store_kit.races import check_events_appear_in_order
from billing_core.testing.store_kit.round_trip import check_accounts_come_back, check_time_is_the_clocks
from billing_core.testing.store_kit.survival import (
    check_committed_data_is_found_again,
    check_interrupted_commits_leave_nothing,
)
from billing_core.testing.store_kit.trial import ensure_same, every
from tests.builders import account
from tests.kits import broken_commits, broken_reads, broken_work
from tests.kits.broken import broken_stores, catcher_of
from tests.kits.plain_store import PlainHarness, PlainStore
from tools.render_store_kit import PAGE, with_tables

BROKEN = tuple(broken_stores(broken_commits, broken_work, broken_reads))


class Memory(StoreHarness):
    """Declares nothing."""

    def connect(self) -> Any:
        return MemoryStore(self.clock)


def test_a_sound_store_passes_every_check() -> None:
    """With everything declared, nothing is skipped."""
    report = run_store_kit(PlainHarness(), strict=True).ensure_ok()

    assert "Memory" == Memory().name
    assert (len(CHECKS), 0) == (len(report.passed), len(report.skipped))
    assert "store kit: PlainStore\ndurable: yes\ninterruptible: yes\nrace rounds: 20" in str(report)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda store: store.__name__)
def test_a_broken_store_is_caught(broken: type[PlainStore]) -> None:
    """By the check that is there for it: by what it finds, or by what the store raises."""
    with pytest.raises((AssertionError, KeyError, ValueError)):
        catcher_of(broken)(PlainHarness(broken))


def test_each_check_catches_a_broken_store() -> None:
    """A check that catches nothing would be of no use."""
    assert list(CHECKS) == [check for check in CHECKS if check in {catcher_of(store) for store in BROKEN}]


def test_the_page_lists_checks_and_broken_stores() -> None:
    """Run ``python tools/render_store_kit.py --write`` after a change."""
    assert PAGE.read_text() == with_tables(PAGE.read_text())


def test_one_failure_hides_no_other() -> None:
    """The report of a broken store still has a line for every check."""
    report = run_store_kit(PlainHarness(broken_commits.NoGuards))

    assert [check.__name__ for check in CHECKS] == [f"check_{case.name}" for case in report.cases]
    assert "stale_versions_write_nothing" == report.failed[0].name
    assert len(report.failed) < len(CHECKS)


def test_what_is_not_declared_is_skipped() -> None:
    """With a reason in plain mode, as a failure in strict mode; as a test method as well."""

    class Lenient(StoreKitTests):
        def make_harness(self) -> StoreHarness:
            return Memory()

    class Strict(Lenient):
        strict = True

    for name in ("test_committed_data_is_found_again", "test_interrupted_commits_leave_nothing"):
        with pytest.raises(SkipTest, match=r"not declare"):
            getattr(Lenient(), name)()
        with pytest.raises(AssertionError, match=r"not declare"):
            getattr(Strict(), name)()


def test_each_check_is_a_test_method() -> None:
    """With the check's name and its docstring."""
    methods = {name: value for name, value in vars(StoreKitTests).items() if name.startswith("test_")}

    assert {check.__name__.replace("check_", "test_", 1): check.__doc__ for check in CHECKS} == {
        name: method.__doc__ for name, method in methods.items()
    }


def test_a_mixin_without_a_harness_says_so() -> None:
    """And so does a harness that declares interruptions without writing them."""

    class Boasting(Memory):
        interruptible = True

    with pytest.raises(NotImplementedError):
        StoreKitTests().make_harness()
    with pytest.raises(NotImplementedError):
        check_interrupted_commits_leave_nothing(Boasting())


def test_an_interruption_that_never_comes_is_no_proof() -> None:
    """A harness whose interruption does nothing fails its check; so does one that never ends."""

    class Toothless(PlainHarness):
        def interrupting(self, at: int) -> Any:
            return super().interrupting(10_000)

    class Endless(PlainHarness):
        def interrupting(self, at: int) -> Any:
            return super().interrupting(1)

    with pytest.raises(AssertionError, match="interrupted nothing"):
        check_interrupted_commits_leave_nothing(Toothless())
    with pytest.raises(AssertionError, match="still not done"):
        check_interrupted_commits_leave_nothing(Endless())


def test_an_asynchronous_harness_is_awaited() -> None:
    """Connecting and closing happen on the loop on which the store is called."""
    seen: list[str] = []

    class Awaited(Memory):
        async def connect(self) -> AsyncStore:
            seen.append("connect")
            return ThreadedStore(MemoryStore(self.clock))

        async def end(self) -> None:
            seen.append("end")

    check_time_is_the_clocks(Awaited())
    assert ["connect", "end"] == seen


def test_a_harness_is_ended_whatever_happens() -> None:
    """Also when the store can't be made."""
    ended: list[bool] = []

    class Unreachable(Memory):
        def connect(self) -> Any:
            raise ConnectionError

        def end(self) -> None:
            ended.append(True)

    with pytest.raises(ConnectionError):
        check_accounts_come_back(Unreachable())
    assert [True] == ended


def test_what_comes_again_and_again_is_no_endless_read() -> None:
    """A consumer that is told of the same event for ever stops, and says what it saw."""
    with pytest.raises(AssertionError, match="the events as one consumer saw them"):
        check_events_appear_in_order(PlainHarness(broken_commits.LastEventAgain))


def test_a_dossier_that_is_not_found_is_named() -> None:
    """By the license's id."""

    class Blind(PlainStore):
        def dossier(self, license_id: str, /) -> None:
            return None

    with pytest.raises(AssertionError, match="no dossier of lic_1"):
        check_dossiers_are_in_order(PlainHarness(Blind))


def test_data_is_opened_again_by_one_more_store() -> None:
    """Unless the harness has its own way."""
    check_committed_data_is_found_again(PlainHarness())


def test_differences_are_named_by_field() -> None:
    """Also where a record's repr keeps quiet about it."""
    with pytest.raises(AssertionError) as raised:
        ensure_same({"it": account(name="A Ltd")}, {"it": account(name="B Ltd")}, "the account")
    assert "the account: differs in it: differs in name: expected 'A Ltd', got 'B Ltd'" == str(raised.value)
    with pytest.raises(AssertionError, match="the sum: expected 1, got None"):
        ensure_same(1, None, "the sum")


def test_pages_that_lead_back_are_no_endless_list() -> None:
    """A list whose next page starts before the last one is a finding."""
    with pytest.raises(AssertionError, match="starts before"):
        every(lambda after: Page(items=(1,), next="b" if after is None else "a"))
