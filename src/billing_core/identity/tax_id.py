"""
Tax ids: what a business is called by its tax office.

An offline check says whether a number can be right. Whether it was issued, and
to whom, only a registry knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import attrs

from billing_core.card_numbers import contains_card_number
from billing_core.identity.plain import as_code, read_choice, read_texts
from billing_core.identity.tax_id_rules import TaxIdLevel, Verdict, stdnum_module
from billing_core.identity.tax_id_types import COUNTRIES, PREFIXES, ROWS, TYPES, TaxIdType
from billing_core.identity.text import clean_code, rejected
from billing_core.issues import Checked, invalid

__all__ = ["TaxId", "TaxIdLevel", "check_tax_id"]

_LENGTH_MAX: Final = 64

_SEPARATORS: Final = re.compile(r"[\s.,:/_'’()\-‐-―−﹣]+")
_LOOSE_SEPARATORS: Final = re.compile(r"[\s,:_'’]+")
_CHARACTERS: Final = re.compile(r"[A-Za-z0-9&Ññ+*]*")
_CANONICAL: Final = re.compile(r"[A-Z0-9&Ñ+*./-]{2,32}")

#: What people write in front of a number: a label, and what qualifies it.
_LABEL: Final = re.compile(
    r"(?:N[°ºo]\s?)?(?:VAT|TVA|P\.?\s?IVA|PARTITA IVA|IVA|BTW|MWST|MOMS|DPH|DIČ|PVM|USTIDNR|USTID|UST|UID"
    r"|GSTIN|GST|HST|TAX|TIN|EIN|ABN|NIF|CIF|NIP|CUIT|CUI|CVR|RFC|RUT|RUC|CNPJ|CPF|NPWP|TRN)[\s.:#/-]+",
    re.IGNORECASE,
)
_QUALIFIER: Final = re.compile(
    r"(?:(?:REG|REGISTRATION|ID|ID-?NR|NO|NR|NUMBER|NUMMER|N[°º]|#)(?![A-Z0-9])[\s.:#/-]*)+", re.IGNORECASE
)

_CAPITAL_LOOKALIKES: Final = ("ΑΒΕΖΗΙΚΛΜΝΟΡΤΥΧАВЕКМНОРСТУХІЅЈ", "ABEZHIKLMNOPTYXABEKMHOPCTYXISJ")

#: Greek and Cyrillic letters that look like Latin ones. They are read so in a
#: country prefix only: nobody has a reason to write them behind it.
_LOOKALIKES: Final = str.maketrans(
    "".join(map(str.lower, _CAPITAL_LOOKALIKES[0])) + _CAPITAL_LOOKALIKES[0], _CAPITAL_LOOKALIKES[1] * 2
)

_DASHES: Final = re.compile("[‐-―−﹣]")

#: Findings from the least to the most telling; the best of several attempts is reported.
_TELLING: Final = (
    "not_supported",
    "invalid_format",
    "invalid_length",
    "invalid_checksum",
    "placeholder",
    "looks_like_card_number",
)


@attrs.frozen(kw_only=True)
class TaxId:
    """
    A tax id in its canonical form.

    Attributes:
        type: Stripe's name of the type, such as ``eu_vat`` or ``au_abn``.
        country: ISO 3166 code of the country that issues it (``GR``, though
            Greek numbers start with EL; ``GB`` for Northern Ireland's XI).
        value: the canonical form: capitals, no separators, with the prefix
            that the country itself uses.
        level: whether the check knew a check digit, or the form only.

    >>> TaxId.parse("de 136 695 976").value
    'DE136695976'
    """

    type: str
    country: str
    value: str
    level: TaxIdLevel

    def __attrs_post_init__(self) -> None:
        if (
            type(self.type) is not str
            or type(self.country) is not str
            or (self.type, self.country) not in ROWS
        ):
            raise invalid("type", "unknown_value")
        if not isinstance(self.level, TaxIdLevel):
            raise invalid("level", "unknown_value", allowed=", ".join(TaxIdLevel))
        if type(self.value) is not str or not _CANONICAL.fullmatch(self.value):
            raise invalid("value", "invalid_format", example=self._row.example)
        # Some checked numbers are as long as a card's and pass its check as well; others only look like it.
        if len(self.value) >= 12 and contains_card_number(self.value) and not self._is_checked():
            raise invalid("value", "looks_like_card_number")

    def __repr__(self) -> str:
        return (
            f"TaxId(type={self.type!r}, country={self.country!r}, "
            f"value='…{self.value[-2:]}', level={str(self.level)!r})"
        )

    @classmethod
    def parse(cls, raw: object, country: str | None = None, type: str | None = None) -> TaxId:
        """
        Check a tax id, and give it back or raise.

        Raises:
            InvalidInput: with the finding of `check_tax_id`.

        >>> TaxId.parse("094259216", country="GR").value
        'EL094259216'
        """
        return check_tax_id(raw, country, type).unwrap()

    @property
    def display(self) -> str:
        """
        The form that people of the country write, for an invoice.

        >>> TaxId.parse("51824753556", type="au_abn").display
        '51 824 753 556'
        """
        row = self._row
        number = self.value.removeprefix(row.prefix)
        if row.mask:
            characters = iter(number)
            return "".join(next(characters) if char == "#" else char for char in row.mask)
        form = getattr(stdnum_module(row.module), "format", None) if row.module else None
        if form is None:
            return self.value
        shown = str(form(self.value))
        return shown if shown.startswith(row.prefix) else f"{row.prefix} {shown}"

    def to_dict(self) -> dict[str, str]:
        """Plain data, for storage."""
        return {"type": self.type, "country": self.country, "value": self.value, "level": str(self.level)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TaxId:
        """
        The tax id that `to_dict` wrote. It is not checked anew: rules change, what was accepted stays.

        Raises:
            InvalidInput: on missing or unknown keys, or on what can't be a tax id.
        """
        texts = read_texts(data, ("type", "country", "value", "level"))
        return cls(
            type=texts["type"],
            country=texts["country"],
            value=texts["value"],
            level=read_choice("level", texts["level"], TaxIdLevel),
        )

    @property
    def _row(self) -> TaxIdType:
        return ROWS[self.type, self.country]

    def _is_checked(self) -> bool:
        row = self._row
        verdict = row.rule(self.value.removeprefix(row.prefix))
        return verdict.code is None and (verdict.level or row.level) is TaxIdLevel.CHECKSUM


class _Finding(NamedTuple):
    code: str
    params: Mapping[str, str] = {}
    suggestion: str | None = None


def check_tax_id(
    raw: object,
    country: str | None = None,
    type: str | None = None,
    *,
    field: str = "tax_id",
    required: bool = True,
) -> Checked[TaxId]:
    """
    Check a tax id as a person typed it.

    The country's prefix is optional where the country or the type is given.
    Separators, labels ("VAT no."), full-width forms and invisible marks are
    no obstacle.

    Args:
        raw: anything at all; only a `str` can be right.
        country: ISO 3166 code, or a VAT prefix (``EL``, ``XI``, ``UK``).
        type: Stripe's name of the type, such as ``eu_vat``; tells apart the
            numbers of a country that has several.
        field: the name that findings carry.
        required: whether nothing (None, blank) is an error; else it is the value None.

    Errors: ``required``, ``invalid_type``, ``too_long``, ``too_short``,
    ``invalid_characters``, ``invalid_format``, ``invalid_length``,
    ``invalid_checksum``, ``placeholder``, ``looks_like_card_number``,
    ``country_missing``, ``country_unknown``, ``country_mismatch`` (suggests
    the country that the number belongs to), ``unknown_value`` (the type),
    ``not_supported``.

    >>> check_tax_id("VAT no. GB 980 7806 84").value.value
    'GB980780684'
    >>> check_tax_id("DE136695976", country="FR").errors[0].suggestion
    'DE'
    """
    cleaned = clean_code(raw, field=field, max_length=_LENGTH_MAX, required=required)
    if cleaned.value is None:
        return Checked(value=None, issues=cleaned.issues)
    rows = _rows_for(country, type)
    found = rows if isinstance(rows, _Finding) else _found(cleaned.value, rows, country)
    if isinstance(found, TaxId):
        return Checked(value=found)
    return rejected(field, found.code, suggestion=found.suggestion, **found.params)


def _rows_for(country: object, type_name: object) -> tuple[TaxIdType, ...] | _Finding:
    """The rows that country and type allow; none if neither is given."""
    rows: tuple[TaxIdType, ...] = ()
    if type_name is not None:
        rows = TYPES.get(as_code(type_name).lower(), ())
        if not rows:
            return _Finding("unknown_value")
    if country is None:
        return rows
    code = as_code(country)
    of_country = COUNTRIES.get(code)
    if of_country is None:
        return _Finding("not_supported" if re.fullmatch("[A-Z]{2}", code) else "country_unknown")
    if not rows:
        return of_country
    fitting = tuple(row for row in rows if row.country == of_country[0].country)
    return fitting or _Finding("country_mismatch", {"country": code}, rows[0].country)


def _found(value: str, rows: tuple[TaxIdType, ...], country: str | None) -> TaxId | _Finding:
    found = _matched(value, rows, country)
    if isinstance(found, _Finding):
        for unlabelled in _without_label(value):
            found = _matched(unlabelled, rows, country)
            if isinstance(found, TaxId):
                break
    return found


def _without_label(value: str) -> Iterator[str]:
    label = _LABEL.match(value)
    if label is None:
        return
    # "NO" may be short for number, or be Norway: the longer text first.
    yield value[label.end() :]
    qualifier = _QUALIFIER.match(value, label.end())
    if qualifier is not None:
        yield value[qualifier.end() :]


def _matched(value: str, rows: tuple[TaxIdType, ...], country: str | None) -> TaxId | _Finding:
    """The first row that a text fits, or the most telling reason why it fits none."""
    text = _compact(value)
    if text is None:
        return _Finding("invalid_characters", {"allowed": "letters, digits and separators"})
    carried = PREFIXES.get(text[:3]) or PREFIXES.get(text[:2], ())
    rows = rows or carried or COUNTRIES.get(text[:2], ())
    own = rows if rows == carried else tuple(row for row in rows if row in carried)
    if own:
        # The usual case, on the shortest way.
        verdict = _judged(own[0], text[len(own[0].prefix) :])
        if verdict.code is None:
            return _accepted(own[0], verdict)
    elif carried and _is_foreign(carried[0], rows, text):
        return _Finding("country_mismatch", {"country": country} if country else {}, carried[0].country)
    if len({row.country for row in rows}) != 1:
        if not own:
            return _Finding("country_missing")
        # The prefix says whose number it is: it can't be the start of another country's.
        rows = own
    if len(text) < (len(own[0].prefix) if own else 0) + 2:
        return _Finding("too_short")
    return _tried(_attempts(text, value, rows, own))


def _is_foreign(carried: TaxIdType, rows: tuple[TaxIdType, ...], text: str) -> bool:
    """Whether a prefix that no allowed row has makes a number another country's."""
    if rows[0].prefix:
        return True
    # Numbers without a prefix may start with its letters by chance.
    if carried.country == rows[0].country:
        return False
    return _judged(carried, text[len(carried.prefix) :]).code is None


def _tried(attempts: Iterator[tuple[TaxIdType, str]]) -> TaxId | _Finding:
    failures = []
    for row, number in attempts:
        verdict = _judged(row, number)
        if verdict.code is None:
            return _accepted(row, verdict)
        failures.append(_Finding(verdict.code, {"example": row.example}))
    return max(failures, key=lambda finding: _TELLING.index(finding.code))


def _accepted(row: TaxIdType, verdict: Verdict) -> TaxId:
    level = verdict.level or row.level
    return TaxId(type=row.name, country=row.country, value=row.prefix + verdict.number, level=level)


def _compact(value: str) -> str | None:
    """A number without separators, in capitals; None if it holds what no number does."""
    if value.isascii() and value.isalnum():
        return value.upper()
    text = _SEPARATORS.sub("", value)
    if not text.isascii():
        text = text[:3].translate(_LOOKALIKES) + text[3:]
    return text.upper() if _CHARACTERS.fullmatch(text) else None


def _attempts(
    text: str, value: str, rows: tuple[TaxIdType, ...], own: tuple[TaxIdType, ...]
) -> Iterator[tuple[TaxIdType, str]]:
    """The readings of a text: with its own prefix first, then as a number without any."""
    for row in own:
        yield row, text[len(row.prefix) :]
    for row in rows:
        if row.is_opaque:
            yield row, _DASHES.sub("-", _LOOSE_SEPARATORS.sub("", value)).upper()
            continue
        yield row, text
        if not row.prefix and text.startswith(row.country) and text[2:4] != row.country:
            yield row, text[2:]


def _judged(row: TaxIdType, number: str) -> Verdict:
    if not number.strip("0"):
        return Verdict("", "placeholder")
    verdict = row.rule(number)
    is_unchecked = (verdict.level or row.level) is TaxIdLevel.FORMAT
    # Without a check digit of its own the number might as well be a payment card's.
    if verdict.code is None and is_unchecked and contains_card_number(verdict.number):
        return Verdict("", "looks_like_card_number")
    return verdict
