"""The choices that a vendor makes about billing, as plain data."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import attrs

from billing_core.issues import Choice, invalid
from billing_core.records import Record, as_tuple
from billing_core.values.texts import Code

__all__ = [
    "BillingPolicy",
    "CancelUncertain",
    "CatchUp",
    "ExpiredAccess",
    "FailedChecks",
    "OpenInvoiceRule",
    "TrialEnd",
]

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


class CatchUp(Choice):
    """What is billed when a license comes back after one or more missed periods."""

    #: Periods that went by without service are not billed; the current one is.
    BILL_CURRENT = "bill_current"
    #: Every missed period is billed, oldest first.
    BILL_EACH = "bill_each"
    #: A new term starts today; its periods count from today.
    RESTART = "restart"


class ExpiredAccess(Choice):
    """What an expired license still lets its owner do."""

    #: The owner can log in to see and fix the billing, nothing else.
    BILLING_ONLY = "billing_only"
    NONE = "none"


class FailedChecks(Choice):
    """What becomes of a card whose issuer contradicts the code or the address that came with it."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class OpenInvoiceRule(Choice):
    """Whether a plan may change while an invoice is unpaid."""

    REFUSE = "refuse"
    SETTLE_FIRST = "settle_first"


class CancelUncertain(Choice):
    """What happens to money that turns out to be taken after a cancellation."""

    #: The payment stands for its period; the license stays canceled.
    HONOUR = "honour"
    #: The money goes back, by itself where the gateway can; otherwise a person is asked to see to it.
    REFUND = "refund"


class TrialEnd(Choice):
    """What a trial that ends without a card turns into."""

    EXPIRE = "expire"
    PAST_DUE = "past_due"


def _count(low: int, high: int) -> Validator:
    def check(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
        if type(value) is not int:
            raise invalid(attribute.name, "invalid_type", expected="int")
        if not low <= value <= high:
            raise invalid(attribute.name, "out_of_range", min=low, max=high)

    return check


def _optional_count(low: int, high: int) -> Validator:
    check = _count(low, high)

    def check_optional(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
        if value is not None:
            check(instance, attribute, value)

    return check_optional


@attrs.frozen(kw_only=True)
class BillingPolicy(Record):
    """
    How a vendor bills. All of it is data; nothing here runs.

    Attributes:
        grace_days: whole local days after the due date during which an unpaid
            license keeps full access (status PAST_DUE), 0-366.
        initial_grace_days: the same for a license whose first period was
            never paid; ``None`` means ``grace_days``.
        retry_days: local days *after the due date* on which a declined charge
            is tried again, increasing; never counted from the last try, so
            retries do not drift.
        catch_up: what is billed after missed periods.
        catch_up_days_max: an unpaid license older than this is not charged by
            itself any more, not even after a card update.
        extension_days_max: the longest single extension, in days.
        extension_days_per_year_max: all extensions of a license within any
            365 days, in days.
        renewal_notice_days: how long before the due date the renewal, a
            missing card or an expiring card is announced; 0 switches it off.
        extension_notice_days: how long before its end an extension is announced.
        expired_access: what an expired license still allows.
        trial_end: what a trial without a card turns into.
        open_invoice: whether a plan may change while an invoice is unpaid.
        cancel_uncertain: what happens to money taken after a cancellation.
        failed_card_checks: whether a card may be saved if the issuer says that
            its security code, postal code or address (AVS) is wrong. A check
            that was not made, or is not available, never counts against a card.
        verification_matches_min: how many facts a caller must know for
            `verify_owner` to succeed.
        invoice_series: prefix of invoice numbers, which are gapless per
            seller and series.

    >>> BillingPolicy(grace_days=7).retry_days
    (1, 3, 5)
    """

    grace_days: int = attrs.field(default=7, validator=_count(0, 366))
    initial_grace_days: int | None = attrs.field(default=None, validator=_optional_count(0, 366))
    retry_days: tuple[int, ...] = attrs.field(default=(1, 3, 5), converter=as_tuple)
    catch_up: CatchUp = CatchUp.BILL_CURRENT
    catch_up_days_max: int = attrs.field(default=366, validator=_count(0, 36_600))
    extension_days_max: int = attrs.field(default=14, validator=_count(1, 366))
    extension_days_per_year_max: int = attrs.field(default=30, validator=_count(1, 366))
    renewal_notice_days: int = attrs.field(default=7, validator=_count(0, 366))
    extension_notice_days: int = attrs.field(default=1, validator=_count(0, 366))
    expired_access: ExpiredAccess = ExpiredAccess.BILLING_ONLY
    trial_end: TrialEnd = TrialEnd.EXPIRE
    open_invoice: OpenInvoiceRule = OpenInvoiceRule.REFUSE
    cancel_uncertain: CancelUncertain = CancelUncertain.HONOUR
    failed_card_checks: FailedChecks = FailedChecks.ACCEPT
    verification_matches_min: int = attrs.field(default=3, validator=_count(1, 4))
    invoice_series: Code = "INV"

    def _check_together(self) -> None:
        days = self.retry_days
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise invalid("retry_days", "invalid_format", example="(1, 3, 5), each later than the one before")
        if days and not (days[0] >= 1 and days[-1] <= 366):
            raise invalid("retry_days", "out_of_range", min=1, max=366)
        if not self.invoice_series.replace("-", "").isalnum():
            raise invalid("invoice_series", "invalid_characters", allowed="ASCII letters, digits and hyphens")
