"""Reading plain dictionaries back into records: strict about keys, silent about values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from billing_core.issues import invalid
from billing_core.values.plain import check_keys
from billing_core.values.zones import ensure_aware

__all__ = ["INTEGER_MAX", "PlainReader", "utc"]

#: No count or number of seconds in this room is near it; it keeps stored nonsense out of date arithmetic.
INTEGER_MAX: Final = 1_000_000_000

E = TypeVar("E", bound=StrEnum)


def utc(at: datetime, field: str) -> datetime:
    """
    The same instant in UTC, where adding a pause and comparing are exact on every day of the year.

    Raises:
        InvalidInput: ``invalid_type``, ``naive_datetime``, or an instant at the very ends of the calendar.

    >>> utc(datetime.fromisoformat("2026-01-31T09:00:00+01:00"), "now").hour
    8
    """
    try:
        return ensure_aware(at, field).astimezone(UTC)
    except OverflowError:
        raise invalid(field, "out_of_range", min="year 1", max="year 9999") from None


class PlainReader:
    """
    One record's dictionary, read field by field; any misfit is named by field, never by value.

    Args:
        data: what was stored.
        record: the record's name, for errors.
        fields: every key that stands in it, and no others.

    Raises:
        InvalidInput: not a mapping, a missing key, or a key that is not a field.

    >>> PlainReader({"status": "valid"}, "registry_answer", ("status",)).optional_text("status")
    'valid'
    """

    def __init__(self, data: Mapping[str, Any], record: str, fields: tuple[str, ...]) -> None:
        check_keys(data, fields, record)
        self._data = data
        self._record = record

    def value(self, key: str) -> object:
        """The value as it is, or None."""
        return self._data.get(key)

    def text(self, key: str) -> str:
        """A text that must be there."""
        value = self.optional_text(key)
        if value is None:
            raise invalid(self._name(key), "required")
        return value

    def optional_text(self, key: str) -> str | None:
        """A text, or None."""
        value = self._data.get(key)
        if value is not None and not isinstance(value, str):
            raise invalid(self._name(key), "invalid_type", expected="text")
        return value

    def integer(self, key: str) -> int:
        """A whole number, 0 to `INTEGER_MAX`."""
        value = self._data.get(key)
        if type(value) is not int:
            raise invalid(self._name(key), "invalid_type", expected="a whole number")
        if not 0 <= value <= INTEGER_MAX:
            raise invalid(self._name(key), "out_of_range", min=0, max=INTEGER_MAX)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self._data.get(key)
        if not isinstance(values, (list, tuple)) or not all(isinstance(value, str) for value in values):
            raise invalid(self._name(key), "invalid_type", expected="a list of texts")
        return tuple(values)

    def choice(self, key: str, kind: type[E]) -> E:
        """A member of an enum."""
        return self._member(key, self.text(key), kind)

    def optional_choice(self, key: str, kind: type[E]) -> E | None:
        """A member of an enum, or None."""
        text = self.optional_text(key)
        return None if text is None else self._member(key, text, kind)

    def choices(self, key: str, kind: type[E]) -> tuple[E, ...]:
        """A list of members of an enum."""
        return tuple(self._member(key, text, kind) for text in self.texts(key))

    def instant(self, key: str) -> datetime:
        """An aware instant that must be there."""
        return self._instant(key, self.text(key))

    def optional_instant(self, key: str) -> datetime | None:
        """An aware instant in ISO 8601, or None."""
        text = self.optional_text(key)
        return None if text is None else self._instant(key, text)

    def day(self, key: str) -> date:
        """A date in ISO 8601."""
        text = self.text(key)
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise invalid(self._name(key), "invalid_format", example="2026-01-31") from None

    def _instant(self, key: str, text: str) -> datetime:
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise invalid(self._name(key), "invalid_format", example="2026-01-31T09:00:00+00:00") from None
        return utc(instant, self._name(key))

    def _member(self, key: str, text: str, kind: type[E]) -> E:
        try:
            return kind(text)
        except ValueError:
            allowed = ", ".join(member.value for member in kind)
            raise invalid(self._name(key), "unknown_value", allowed=allowed) from None

    def _name(self, key: str) -> str:
        return f"{self._record}.{key}"
