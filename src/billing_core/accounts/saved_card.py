"""
Saved cards: a token, a brand, four digits and an expiry. Nothing else exists.

There is no field, parameter or parser in this library through which a card
number could enter; the processor's own page takes it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, NoReturn, Self, TypeAlias

import attrs

from billing_core.advice import Advice
from billing_core.card_numbers import contains_card_number
from billing_core.errors import is_plain_id
from billing_core.issues import Choice, invalid
from billing_core.records import Record
from billing_core.values.ids import MAX_ID_LENGTH
from billing_core.values.texts import Id, Pattern, Private, TextKind, Word
from billing_core.values.typed import Typed, evolve

__all__ = ["CardCheck", "CardChecks", "CardExpiry", "CardToken", "Last4", "SavedCard"]

_DEFAULT_GRAMMAR = r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,254}"
_DIGIT_RUN = re.compile(r"\d(?:[-_.:]?\d){11,}")
_FREEZING = tuple(advice for advice in Advice if advice.freezes_card)
_LAST4 = re.compile(r"[0-9]{4}")


def _check_token_text(value: object, _: str) -> None:
    if not isinstance(value, str):
        raise invalid("token", "invalid_type", expected="text")
    if len(value) > MAX_ID_LENGTH:
        raise invalid("token", "too_long", max_length=MAX_ID_LENGTH)


#: The text of a token, judged by its grammar.
TokenText: TypeAlias = Annotated[str, TextKind("token", _check_token_text)]


@attrs.frozen(repr=False)
class CardToken(Typed):
    """
    The processor's name for a card. Printing, formatting or pickling it never shows it.

    Args:
        value: the token, in the adapter's grammar.
        grammar: a regular expression that the whole token must match; an
            adapter whose tokens are plain digits must say so here.

    Raises:
        InvalidInput: not in the grammar, or it could be a card number. The
            default grammar takes no run of 12 or more digits at all. A
            declared one may (UUIDs have such runs), but without any letter
            it is never a number of a card issuer's range with a right check digit.

    >>> CardToken("pm_1Nv0FGQ9RKHgCVdK")
    CardToken(****4940)
    """

    value: TokenText
    grammar: Pattern = attrs.field(default=_DEFAULT_GRAMMAR, eq=False, kw_only=True)

    def _check_together(self) -> None:
        if not re.fullmatch(self.grammar, self.value):
            raise invalid("token", "invalid_format", example="the adapter's token, never a card number")
        if self.grammar == _DEFAULT_GRAMMAR and _DIGIT_RUN.search(self.value):
            raise invalid("token", "looks_like_card_number")
        if not is_plain_id(self.value) and contains_card_number(self.value):
            raise invalid("token", "looks_like_card_number")

    def __repr__(self) -> str:
        return f"CardToken(****{hashlib.sha256(self.value.encode()).hexdigest()[-4:]})"

    def __str__(self) -> str:
        return repr(self)

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a card token is not pickled; store the record with to_dict, encrypted where you need it"
        )

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def to_dict(self) -> dict[str, str]:
        """The token for the host's own store, and for nothing else."""
        if self.grammar == _DEFAULT_GRAMMAR:
            return {"value": self.value}
        return {"value": self.value, "grammar": self.grammar}

    @classmethod
    def from_dict(cls, data: Any) -> CardToken:
        """Read what `to_dict` wrote."""
        if not isinstance(data, Mapping) or not {"value"} <= set(data) <= {"value", "grammar"}:
            raise invalid("token", "invalid_type", expected="a stored token")
        return cls(**data)


@attrs.frozen
class CardExpiry(Record):
    """
    Month and year of expiry. A card is valid through the last instant of that month.

    Source: ISO/IEC 7813 (the expiry is a month), and the networks' rule that
    the card works until that month's last day.

    >>> CardExpiry(2025, 2).is_past(date(2025, 2, 28)), CardExpiry(2025, 2).is_past(date(2025, 3, 1))
    (False, True)
    """

    year: int
    month: int

    def _check_together(self) -> None:
        if not 2000 <= self.year <= 2199:
            raise invalid("year", "out_of_range", min=2000, max=2199)
        if not 1 <= self.month <= 12:
            raise invalid("month", "out_of_range", min=1, max=12)

    def is_past(self, day: date) -> bool:
        """Whether the card's last month is over on this local day."""
        return (day.year, day.month) > (self.year, self.month)

    def is_before(self, other: CardExpiry) -> bool:
        """Whether a card with this expiry ends earlier than one with the other."""
        return (self.year, self.month) < (other.year, other.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


class CardCheck(Choice):
    """What the issuer said about one detail when the card was set up."""

    PASS = "pass"  # noqa: S105 - the field's term, not a password
    FAIL = "fail"
    UNCHECKED = "unchecked"
    UNAVAILABLE = "unavailable"


@attrs.frozen(kw_only=True)
class CardChecks(Record):
    """The issuer's checks at set-up; meaningful only then, not on renewals."""

    cvc: CardCheck = CardCheck.UNCHECKED
    postal_code: CardCheck = CardCheck.UNCHECKED
    address: CardCheck = CardCheck.UNCHECKED


def _check_last4(value: object, field: str) -> None:
    if not isinstance(value, str) or not _LAST4.fullmatch(value):
        raise invalid(field, "invalid_format", example="exactly four digits, 4242")


#: The last four digits of a card: all that may ever be known of its number.
Last4: TypeAlias = Annotated[str, TextKind("last4", _check_last4)]


def _own_id(card: SavedCard) -> str:
    return card.id


@attrs.frozen(kw_only=True, repr=False)
class SavedCard(Record):
    """
    A card on file.

    Attributes:
        gateway_id: which of the host's gateways knows the token.
        expires: its expiry month; valid through that month's last instant.
        fingerprint: the processor's name for the physical card, the same for
            every token of it; network limits count by it. Defaults to ``id``.
        checks: what the issuer said at set-up.
        network_transaction_id: the scheme's id of the first, customer-present
            transaction; renewals carry it.
        frozen_because: the advice that forbids charging this card again.
        updated_at: when a network's updater last told of new details.
    """

    id: Id
    gateway_id: Id
    token: Private[CardToken]
    brand: Word
    last4: Last4
    expires: CardExpiry
    added_at: datetime
    fingerprint: Id = attrs.field(default=attrs.Factory(_own_id, takes_self=True))
    checks: CardChecks = CardChecks()
    network_transaction_id: Id | None = None
    frozen_because: Advice | None = None
    updated_at: datetime | None = None

    def _check_together(self) -> None:
        if self.frozen_because is not None and not self.frozen_because.freezes_card:
            raise invalid("frozen_because", "unknown_value", allowed=", ".join(_FREEZING))

    def is_expired_on(self, day: date) -> bool:
        """Whether the card is no longer valid on this local day of its account."""
        return self.expires.is_past(day)

    def is_chargeable_on(self, day: date) -> bool:
        """Whether a renewal may be charged to it: neither expired nor frozen."""
        return self.frozen_because is None and not self.is_expired_on(day)

    def frozen(self, because: Advice) -> SavedCard:
        """The card after a decline that forbids another attempt."""
        return evolve(self, frozen_because=because)

    def updated(
        self, *, brand: str, last4: str, expires: CardExpiry, fingerprint: str | None, at: datetime
    ) -> SavedCard:
        """
        The card with what a network's updater knows; itself if that is no news.

        Another fingerprint is another piece of plastic: that the old one may
        never be tried again does not concern it. A withdrawn consent does.
        """
        mark = fingerprint if fingerprint is not None else self.fingerprint
        after = evolve(self, brand=brand, last4=last4, expires=expires, fingerprint=mark)
        if after == self:
            return self
        is_other = mark != self.fingerprint and self.frozen_because is Advice.NEVER
        return evolve(after, updated_at=at, frozen_because=None if is_other else self.frozen_because)

    @property
    def label(self) -> str:
        """Brand and last four digits, the only way a card is ever shown."""
        return f"{self.brand} ····{self.last4}"

    def __repr__(self) -> str:
        return f"SavedCard({self.id}, {self.brand} ****{self.last4})"
