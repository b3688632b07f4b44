"""Lists: in the order of ids, page by page, narrowed by filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptEvent
from billing_core.charging.dispute import Dispute, DisputeStep
from billing_core.charging.invoice import InvoiceStatus
from billing_core.gateways.results import ChargeResult, Decline
from billing_core.gateways.webhooks import DisputeDetails, DisputeStatus
from billing_core.stores.port import AttemptFilter, InvoiceFilter, LicenseFilter, Store
from billing_core.testing.kit_report import ensure_equal
from billing_core.testing.store_kit.records import NOW, account, attempt, card, change, invoice, license
from billing_core.testing.store_kit.trial import Trial, store_check

__all__ = [
    "check_filters_narrow_lists",
    "check_ids_are_ordered_by_code_point",
    "check_pages_follow_each_other",
    "check_unknown_ids_find_nothing",
]

_FILTERS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("licenses", LicenseFilter(), ("lic_1", "lic_2", "lic_3")),
    ("licenses", LicenseFilter(account_id="acc_2"), ("lic_2", "lic_3")),
    ("invoices", InvoiceFilter(account_id="acc_1"), ("inv_0", "inv_3")),
    ("invoices", InvoiceFilter(license_id="lic_2"), ("inv_1",)),
    ("invoices", InvoiceFilter(status=InvoiceStatus.OPEN), ("inv_0", "inv_2", "inv_3")),
    ("invoices", InvoiceFilter(account_id="acc_2", status=InvoiceStatus.VOID), ("inv_1",)),
    ("attempts", AttemptFilter(), ("att_0", "att_1", "att_2", "att_3")),
    ("attempts", AttemptFilter(account_id="acc_2"), ("att_1", "att_2")),
    ("attempts", AttemptFilter(license_id="lic_1"), ("att_0", "att_3")),
    ("attempts", AttemptFilter(invoice_id="inv_3"), ("att_3",)),
    ("attempts", AttemptFilter(card_id="card_1"), ("att_1", "att_3")),
    ("attempts", AttemptFilter(reference="ref_inv_2"), ("att_2",)),
    ("attempts", AttemptFilter(gateway_ref="ch_1"), ("att_1",)),
    ("attempts", AttemptFilter(dispute=DisputeStatus.OPENED), ("att_1",)),
    ("attempts", AttemptFilter(dispute=DisputeStatus.WON), ("att_2",)),
    ("attempts", AttemptFilter(needs_attention=True), ("att_2",)),
    ("attempts", AttemptFilter(needs_attention=False), ("att_0", "att_1", "att_3")),
    ("attempts", AttemptFilter(is_unresolved=True), ("att_2", "att_3")),
    ("attempts", AttemptFilter(is_unresolved=False), ("att_0", "att_1")),
    ("attempts", AttemptFilter(account_id="acc_1", is_unresolved=True), ("att_3",)),
)


@store_check
def check_pages_follow_each_other(trial: Trial) -> None:
    """Each page says where the next one starts; a last page that is full says that it is the last."""
    _stock(trial)
    first = trial.store.invoices(InvoiceFilter(), None, 3)
    second = trial.store.invoices(InvoiceFilter(), first.next, 3)
    full = trial.store.accounts(None, 2)

    ensure_equal(
        (["inv_0", "inv_1", "inv_2"], "inv_2"), ([it.id for it in first.items], first.next), "page 1"
    )
    ensure_equal((["inv_3"], None), ([it.id for it in second.items], second.next), "page 2")
    ensure_equal(
        (["acc_1", "acc_2"], None), ([it.id for it in full.items], full.next), "a page that holds all"
    )
    ensure_equal((), trial.store.accounts("acc_2", 2).items, "a page after the last record")


@store_check
def check_filters_narrow_lists(trial: Trial) -> None:
    """Every filter, alone and together, also across pages."""
    _stock(trial)
    for listing, wanted, expected in _FILTERS:
        some: Callable[[Any, str | None, int], Any] = getattr(trial.store, listing)
        asked = attrs.asdict(wanted, filter=lambda _, value: value is not None)
        ensure_equal(expected, tuple(it.id for it in some(wanted, None, 100).items), f"{listing} of {asked}")
        rest = some(wanted, expected[0], 100)
        ensure_equal(expected[1:], tuple(it.id for it in rest.items), f"more {listing} of {asked}")


@store_check
def check_ids_are_ordered_by_code_point(trial: Trial) -> None:
    """No language's rules: capitals come before small letters, everywhere, and no two ids are one."""
    ids = ["acc_b", "acc_A", "acc_a", "ACC_z", "acc-1", "acc_10", "acc_9"]
    trial.commit(*(change(account(id_)) for id_ in ids))

    ensure_equal(sorted(ids), [it.id for it in trial.store.accounts(None, 100).items], "the order of ids")


@store_check
def check_unknown_ids_find_nothing(trial: Trial) -> None:
    """Asking for what is not there is no error."""
    trial.sell()
    store: Store = trial.store
    asked = (
        store.account,
        store.license,
        store.invoice,
        store.attempt,
        store.refund,
        store.dossier,
        store.wake_at,
    )

    ensure_equal([None] * len(asked), [ask("nobody") for ask in asked], "what is found for an unknown id")


def _stock(trial: Trial) -> None:
    """Two accounts, three licenses, four invoices, four attempts."""
    trial.sell()
    second, third = license("lic_2", "acc_2"), license("lic_3", "acc_2")
    trial.commit(change(account("acc_2"), second, third))
    for number, (sold, index) in enumerate([(license(), 0), (second, 0), (third, 0), (license(), 1)]):
        unpaid = invoice(f"inv_{number}", of=sold, index=index)
        tried = attempt(f"att_{number}", at=unpaid, card=card(f"card_{number % 2}"))
        trial.commit(change(unpaid, tried, reads=(sold,)))
        if number in {0, 1}:
            trial.commit(change(tried.after(AttemptEvent.DECLINED, NOW, _answer(number))))
        if number == 1:
            trial.commit(change(unpaid.voided()))
            _dispute(trial, f"att_{number}", DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.OPENED)
        if number == 2:
            trial.commit(change(tried.after(AttemptEvent.GAVE_UP, NOW)))
            _dispute(trial, f"att_{number}", DisputeStatus.OPENED)
            _dispute(trial, f"att_{number}", DisputeStatus.WON)


def _answer(number: int) -> ChargeResult:
    return ChargeResult.declined_with(Decline(advice=Advice.RETRY_LATER), gateway_ref=f"ch_{number}")


def _dispute(trial: Trial, attempt_id: str, *statuses: DisputeStatus) -> None:
    """Disputes of a charge, one commit after the other; one that is known by now changes."""
    for number, status in enumerate(statuses):
        tried = trial.store.attempt(attempt_id)
        assert tried is not None, "it was stored just now"
        step = DisputeStep(status=status, at=NOW, notice_id="evt_1", is_confirmed=True)
        details = DisputeDetails(
            gateway_ref=f"dp_{number}", charge_ref="ch_1", status=status, amount=tried.request.amount
        )
        trial.commit(change(tried.with_dispute(Dispute.first_told(details, step))))
