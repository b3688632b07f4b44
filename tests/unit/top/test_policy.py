"""What a vendor can choose, and what no vendor can."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from billing_core.errors import InvalidInput
from billing_core.policy import (
    BillingPolicy,
    CancelUncertain,
    CatchUp,
    ExpiredAccess,
    FailedChecks,
    OpenInvoiceRule,
    TrialEnd,
)

#: Each number with its limits.
LIMITS = {
    "grace_days": (0, 366),
    "initial_grace_days": (0, 366),
    "catch_up_days_max": (0, 36_600),
    "extension_days_max": (1, 366),
    "extension_days_per_year_max": (1, 366),
    "renewal_notice_days": (0, 366),
    "extension_notice_days": (0, 366),
    "verification_matches_min": (1, 4),
}
CHOICES = {
    "catch_up": CatchUp,
    "expired_access": ExpiredAccess,
    "trial_end": TrialEnd,
    "open_invoice": OpenInvoiceRule,
    "cancel_uncertain": CancelUncertain,
    "failed_card_checks": FailedChecks,
}


def refused(changes: dict[str, Any]) -> list[tuple[str, str]]:
    """The findings of a wrong choice."""
    with pytest.raises(InvalidInput) as caught:
        BillingPolicy(**changes)
    return [(issue.field, issue.code) for issue in caught.value.issues]


def test_defaults() -> None:
    """A week of grace, three retries in it, nothing billed for time without service."""
    assert {
        "grace_days": 7,
        "initial_grace_days": None,
        "retry_days": (1, 3, 5),
        "catch_up": CatchUp.BILL_CURRENT,
        "catch_up_days_max": 366,
        "extension_days_max": 14,
        "extension_days_per_year_max": 30,
        "renewal_notice_days": 7,
        "extension_notice_days": 1,
        "expired_access": ExpiredAccess.BILLING_ONLY,
        "trial_end": TrialEnd.EXPIRE,
        "open_invoice": OpenInvoiceRule.REFUSE,
        "cancel_uncertain": CancelUncertain.HONOUR,
        "verification_matches_min": 3,
        "failed_card_checks": FailedChecks.ACCEPT,
        "invoice_series": "INV",
    } == attrs.asdict(BillingPolicy())


def test_every_field_is_looked_at_here() -> None:
    """A new choice has to be tested."""
    names = {field.name for field in attrs.fields(BillingPolicy)}
    assert set(LIMITS) | set(CHOICES) | {"retry_days", "invoice_series"} == names


@pytest.mark.parametrize(("field", "limits"), LIMITS.items())
def test_numbers_have_limits(field: str, limits: tuple[int, int]) -> None:
    """The ends belong to them; beyond is an error, and so is anything but a whole number."""
    low, high = limits
    for value in limits:
        chosen: dict[str, Any] = {field: value}
        assert value == getattr(BillingPolicy(**chosen), field)
    for value in (low - 1, high + 1):
        assert [(field, "out_of_range")] == refused({field: value})
    for wrong in (True, 1.0, "1", [1]):
        assert [(field, "invalid_type")] == refused({field: wrong})


@pytest.mark.parametrize(("field", "kind"), CHOICES.items())
def test_choices_are_members_of_their_enum(field: str, kind: Any) -> None:
    """A text that looks like one is an error, not a silent default."""
    for member in kind:
        chosen: dict[str, Any] = {field: member}
        assert member is getattr(BillingPolicy(**chosen), field)
    for wrong in ("none", None, 1):
        assert [(field, "invalid_type")] == refused({field: wrong})


@pytest.mark.parametrize("days", [(), (1,), (366,), (1, 2, 3), [1, 3, 5]])
def test_retry_days_increase(days: Any) -> None:
    """None at all is a choice; a list will do."""
    assert tuple(days) == BillingPolicy(retry_days=days).retry_days


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ((1, 1), "invalid_format"),
        ((3, 1), "invalid_format"),
        ((0, 1), "out_of_range"),
        ((1, 367), "out_of_range"),
        ((1, 2.0), "invalid_type"),
        ((True, 2), "invalid_type"),
        (("1",), "invalid_type"),
        ("135", "invalid_type"),
        (5, "invalid_type"),
        (None, "invalid_type"),
    ],
)
def test_other_retry_days_are_refused(days: Any, code: str) -> None:
    """Two retries on one day, before the due date, or after more than a year."""
    assert [("retry_days", code)] == refused({"retry_days": days})


@pytest.mark.parametrize("series", ["INV", "2025", "FR-2025-A", "a"])
def test_a_series_is_letters_digits_and_hyphens(series: str) -> None:
    """As tax offices read them."""
    assert series == BillingPolicy(invoice_series=series).invoice_series


@pytest.mark.parametrize(
    ("series", "code"),
    [
        ("", "invalid_format"),
        ("---", "invalid_characters"),
        ("INV 1", "invalid_characters"),
        ("INV/1", "invalid_characters"),
        ("É", "invalid_format"),
        ("4242424242424242", "looks_like_card_number"),
        ("x" * 65, "too_long"),
        (None, "invalid_type"),
    ],
)
def test_other_series_are_refused(series: Any, code: str) -> None:
    """They stand on every invoice."""
    assert [("invoice_series", code)] == refused({"invoice_series": series})
