"""
What a tax id registry said, as data: an answer, and the maps from fault codes to answers.

*Unavailable is never invalid*: in one published log 116 of 173 "invalid" answers
were outages of the registry, each of them a business charged a tax it does
not owe, or turned away.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

import attrs

from billing_core.issues import Choice, invalid
from billing_core.tax.plain import PlainReader, utc
from billing_core.values.texts import Text
from billing_core.values.typed import Typed

__all__ = [
    "HMRC_FAULTS",
    "VIES_FAULTS",
    "RegistryAnswer",
    "RegistryStatus",
    "answer_from_hmrc_fault",
    "answer_from_vies_fault",
]


_RETRY_AFTER_MAX: Final = timedelta(days=366)
_FAULT_LENGTH_MAX: Final = 64


class RegistryStatus(Choice):
    """
    The four things a registry can say.

    ``UNAVAILABLE``: nobody knows, ask again later. ``REFUSED``: the registry does
    not serve *us* (blocked, bad credentials): tell the operator; it says
    nothing about the customer.
    """

    VALID = "valid"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"

    @property
    def is_verdict(self) -> bool:
        """Whether it says something about the tax id."""
        return self in (RegistryStatus.VALID, RegistryStatus.INVALID)


def _disclosed(text: str | None) -> str | None:
    """The text, or None for the ways in which registries write "not disclosed"."""
    stripped = (text or "").strip()
    return stripped if stripped.strip("-") else None


def _instant(value: datetime) -> datetime:
    return utc(value, "checked_at")


def _whole_seconds(pause: timedelta | None) -> timedelta | None:
    if pause is None:
        return None
    if not timedelta(0) <= pause <= _RETRY_AFTER_MAX:
        raise invalid("retry_after", "out_of_range", min="0 seconds", max=f"{_RETRY_AFTER_MAX.days} days")
    # Rounded up: a registry that asks for half a second is not asked again too early.
    return timedelta(seconds=-(-pause // timedelta(seconds=1)))


@attrs.frozen(kw_only=True)
class RegistryAnswer(Typed):
    """
    One answer of one registry about one tax id. Keep it: it is the evidence of good faith.

    Attributes:
        status: what was said.
        checked_at: when, as an aware instant.
        reference: the consultation number, where the registry gives one.
        name: the registered name; None where it is not disclosed (``---`` in VIES).
        address: the registered address; the same.
        fault: the registry's fault code, if there was one.
        retry_after: how long the registry asks to be left alone, in whole seconds, at most 366 days.

    Source: Implementing Regulation (EU) 282/2011 art. 18(1)(a): validity, name and address.

    >>> from datetime import datetime, timezone
    >>> at = datetime(2026, 1, 31, tzinfo=timezone.utc)
    >>> RegistryAnswer(status=RegistryStatus.VALID, checked_at=at, name="---").name is None
    True
    """

    status: RegistryStatus
    checked_at: datetime = attrs.field(converter=_instant)
    reference: Text | None = None
    name: Text | None = attrs.field(default=None, converter=_disclosed, repr=False)
    address: Text | None = attrs.field(default=None, converter=_disclosed, repr=False)
    fault: Text | None = None
    retry_after: timedelta | None = attrs.field(default=None, converter=_whole_seconds)

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary for JSON; `from_dict` reads it back."""
        return {
            "status": self.status.value,
            "checked_at": self.checked_at.isoformat(),
            "reference": self.reference,
            "name": self.name,
            "address": self.address,
            "fault": self.fault,
            "retry_after_seconds": None
            if self.retry_after is None
            else int(self.retry_after.total_seconds()),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RegistryAnswer:
        """
        The answer that `to_dict` wrote.

        Raises:
            InvalidInput: an unknown key, a missing or a misfit value; the value is not repeated.
        """
        reader = PlainReader(data, "registry_answer", _KEYS)
        seconds = reader.value("retry_after_seconds")
        return cls(
            status=reader.choice("status", RegistryStatus),
            checked_at=reader.instant("checked_at"),
            reference=reader.optional_text("reference"),
            name=reader.optional_text("name"),
            address=reader.optional_text("address"),
            fault=reader.optional_text("fault"),
            retry_after=(
                None if seconds is None else timedelta(seconds=reader.integer("retry_after_seconds"))
            ),
        )


_KEYS: Final = ("status", "checked_at", "reference", "name", "address", "fault", "retry_after_seconds")

#: VIES fault codes. A code that is not listed is UNAVAILABLE.
VIES_FAULTS: Mapping[str, RegistryStatus] = MappingProxyType(
    {
        "SERVICE_UNAVAILABLE": RegistryStatus.UNAVAILABLE,
        "MS_UNAVAILABLE": RegistryStatus.UNAVAILABLE,
        "TIMEOUT": RegistryStatus.UNAVAILABLE,
        "GLOBAL_MAX_CONCURRENT_REQ": RegistryStatus.UNAVAILABLE,
        "GLOBAL_MAX_CONCURRENT_REQ_TIME": RegistryStatus.UNAVAILABLE,
        "MS_MAX_CONCURRENT_REQ": RegistryStatus.UNAVAILABLE,
        "MS_MAX_CONCURRENT_REQ_TIME": RegistryStatus.UNAVAILABLE,
        "VAT_BLOCKED": RegistryStatus.REFUSED,
        "IP_BLOCKED": RegistryStatus.REFUSED,
        "INVALID_REQUESTER_INFO": RegistryStatus.REFUSED,
        "INVALID_INPUT": RegistryStatus.INVALID,
    }
)

#: HMRC "check a UK VAT number" fault codes. A code that is not listed is UNAVAILABLE.
HMRC_FAULTS: Mapping[str, RegistryStatus] = MappingProxyType(
    {
        "NOT_FOUND": RegistryStatus.INVALID,
        "MESSAGE_THROTTLED_OUT": RegistryStatus.UNAVAILABLE,
        "SCHEDULED_MAINTENANCE": RegistryStatus.UNAVAILABLE,
        "SERVER_ERROR": RegistryStatus.UNAVAILABLE,
        "GATEWAY_TIMEOUT": RegistryStatus.UNAVAILABLE,
        "INVALID_CREDENTIALS": RegistryStatus.REFUSED,
    }
)


def answer_from_vies_fault(
    code: str | None, checked_at: datetime, *, retry_after: timedelta | None = None
) -> RegistryAnswer:
    """
    The answer that a VIES fault code stands for; an unknown code, or none, is UNAVAILABLE.

    >>> from datetime import datetime, timezone
    >>> at = datetime(2026, 1, 31, tzinfo=timezone.utc)
    >>> answer_from_vies_fault("MS_UNAVAILABLE", at).status.value
    'unavailable'
    >>> answer_from_vies_fault("IP_BLOCKED", at).status.value
    'refused'
    """
    return _from_fault(VIES_FAULTS, code, checked_at, retry_after)


def answer_from_hmrc_fault(
    code: str | None, checked_at: datetime, *, retry_after: timedelta | None = None
) -> RegistryAnswer:
    """
    The answer that an HMRC error code stands for; an unknown code is UNAVAILABLE.

    >>> from datetime import datetime, timezone
    >>> answer_from_hmrc_fault("NOT_FOUND", datetime(2026, 1, 31, tzinfo=timezone.utc)).status.value
    'invalid'
    """
    return _from_fault(HMRC_FAULTS, code, checked_at, retry_after)


def _from_fault(
    table: Mapping[str, RegistryStatus], code: str | None, checked_at: datetime, retry_after: timedelta | None
) -> RegistryAnswer:
    # The old SOAP faults came as "{ 'MS_UNAVAILABLE' }"; the code is the same.
    fault = (code or "").strip(" {}'\"").upper()[:_FAULT_LENGTH_MAX]
    return RegistryAnswer(
        status=table.get(fault, RegistryStatus.UNAVAILABLE),
        checked_at=checked_at,
        fault=fault or None,
        retry_after=retry_after,
    )
