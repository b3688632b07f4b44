"""The JSON form of records: what is written, what is read, and what old data still reads as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, get_type_hints

import attrs
import pytest

import billing_core
from billing_core.accounts.saved_card import CardToken
from billing_core.errors import InvalidInput
from billing_core.records import Record, as_dict, as_tuple, decode, encode, encode_record, type_name
from billing_core.values.currency import Currency
from billing_core.values.money import Money
from billing_core.values.schedule import Interval, Period, RenewalSchedule
from billing_core.values.texts import Code, Id, Private, Text, TextKind
from tests.reflection import records

GOLDEN = json.loads((Path(__file__).parents[2] / "vectors" / "records_v1.json").read_text("utf-8"))["records"]
NOW = datetime(2025, 1, 31, 9, 0, tzinfo=UTC)


class Color(StrEnum):
    """Some enum."""

    RED = "red"
    BLUE = "blue"


@attrs.frozen(kw_only=True)
class Inner(Record):
    """A record within a record."""

    note: Private[Text | None] = None
    rows: tuple[int, ...] = ()


@attrs.frozen(kw_only=True)
class Sample(Record):
    """A field of every sort that records have."""

    id: Id
    at: datetime = NOW
    day: date = date(2025, 1, 31)
    pause: timedelta = timedelta(0)
    rate: Decimal = Decimal(0)
    flag: bool = False
    color: Color = Color.RED
    colors: frozenset[Color] = frozenset()
    currency: Currency = Currency.of("EUR")
    money: Money | None = None
    token: Private[CardToken | None] = None
    inner: Inner = Inner()
    inners: tuple[Inner, ...] = ()
    schedule: RenewalSchedule | None = None
    periods: tuple[Period, ...] = ()
    refs: Mapping[Id, Code] = attrs.field(factory=dict, converter=as_dict)
    data: Mapping[str, Any] = attrs.field(factory=dict, converter=as_dict)


def refused(**changes: Any) -> tuple[str, str]:
    """The finding about a stored sample with something else in it."""
    stored = {**Sample(id="x").to_dict(), **changes}
    with pytest.raises(InvalidInput) as caught:
        Sample.from_dict(stored)
    (issue,) = caught.value.issues
    return issue.field, issue.code


class TestGolden:
    """Data of the first release."""

    @pytest.mark.parametrize("stored", GOLDEN, ids=lambda stored: stored["record"])
    def test_old_data_stays_readable(self, stored: dict[str, Any]) -> None:
        """Read, and written again with all that was in it; new fields may come to it, with defaults."""
        cls = {type_name(one): one for one in records()}[stored["record"]]
        written = cls.from_dict(stored).to_dict()
        assert stored == _as_far_as(stored, written)

    def test_there_is_an_example_of_every_record(self) -> None:
        """A new record needs one, from its first release on."""
        assert {type_name(cls) for cls in records()} == {stored["record"] for stored in GOLDEN}


class TestEveryRecord:
    """What holds for all of them, by looking at their fields."""

    def test_records_are_public(self) -> None:
        """What can be stored can be read by a host."""
        assert set() == {cls.__name__ for cls in records()} - set(billing_core.__all__)

    @pytest.mark.parametrize("cls", records(), ids=lambda cls: cls.__name__)
    def test_no_field_is_called_like_the_header(self, cls: Any) -> None:
        """Else one would overwrite the other."""
        assert set() == {field.name for field in attrs.fields(cls)} & {"record", "schema"}

    @pytest.mark.parametrize("cls", records(), ids=lambda cls: cls.__name__)
    def test_every_text_says_what_it_is(self, cls: Any) -> None:
        """No field is annotated as a mere `str`."""
        hints = get_type_hints(cls, include_extras=True)
        bare = [field.name for field in attrs.fields(cls) if _is_bare(hints[field.name])]
        assert [] == bare

    @pytest.mark.parametrize("cls", records(), ids=lambda cls: cls.__name__)
    def test_records_are_frozen(self, cls: Any) -> None:
        """And have no room for anything else."""
        assert "__slots__" in vars(cls)
        assert cls.__setattr__ is not object.__setattr__


def _is_bare(hint: Any) -> bool:
    if any(isinstance(mark, TextKind) for mark in getattr(hint, "__metadata__", ())):
        return False
    return hint is str or any(map(_is_bare, getattr(hint, "__args__", ())))


class TestWriting:
    """Values as JSON-able data."""

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (None, None),
            (True, True),
            (7, 7),
            ("x", "x"),
            (Color.RED, "red"),
            (date(2025, 1, 31), "2025-01-31"),
            (datetime(2025, 1, 31, 10, tzinfo=timezone(timedelta(hours=1))), "2025-01-31T09:00:00+00:00"),
            (timedelta(days=1, seconds=2, microseconds=3), "P1DT2.000003S"),
            (timedelta(seconds=-1), "-P0DT1.000000S"),
            (Decimal("5.50"), "5.50"),
            (Decimal("1E+2"), "100"),
            ((1, [2]), [1, [2]]),
            (frozenset({Color.RED, Color.BLUE}), ["blue", "red"]),
            ({"a": Color.RED, 1: 2}, {"a": "red", "1": 2}),
            (Money.of("1.00", "EUR"), {"amount_minor": 100, "currency": "EUR"}),
            (Currency.of("EUR"), "EUR"),
            (Inner(note="n"), {"note": "n", "rows": []}),
            (Interval.monthly(), {"unit": "month", "count": 1}),
        ],
    )
    def test_each_type_has_one_form(self, value: Any, expected: Any) -> None:
        """Which is JSON as it is."""
        assert expected == encode(value)
        json.dumps(encode(value))

    @pytest.mark.parametrize("value", [1.5, b"x", object(), {1, 2}])
    def test_other_types_are_refused(self, value: Any) -> None:
        """A float has lost something already; bytes and sets have no order or no text."""
        with pytest.raises(InvalidInput, match="value: has the wrong type"):
            encode(value)

    def test_private_fields_can_be_hidden(self) -> None:
        """At any depth; what is missing stays missing."""
        sample = Sample(
            id="x", token=CardToken("tok_1"), inner=Inner(note="n"), inners=(Inner(), Inner(note="m"))
        )
        hidden = encode_record(sample, hide=lambda value: "hidden")
        assert ("hidden", "hidden", [None, "hidden"], "x") == (
            hidden["token"],
            hidden["inner"]["note"],
            [inner["note"] for inner in hidden["inners"]],
            hidden["id"],
        )
        assert {**hidden, "token": {"value": "tok_1"}} != sample.to_dict()
        assert {"value": "tok_1"} == sample.to_dict()["token"]

    def test_names_of_records(self) -> None:
        """Snake case of the class's."""
        assert ("saved_card", "sample") == (type_name(billing_core.SavedCard), type_name(Sample))


class TestReading:
    """Data as values, or a finding at its path."""

    def test_a_full_record_comes_back(self) -> None:
        """Every sort of field at once."""
        sample = Sample(
            id="x",
            at=NOW + timedelta(microseconds=5),
            pause=timedelta(days=-1, seconds=3),
            rate=Decimal("5.50"),
            flag=True,
            color=Color.BLUE,
            colors=frozenset(Color),
            currency=Currency.of("JPY"),
            money=Money.of(5, "JPY"),
            token=CardToken("123", grammar="[0-9]+"),
            inner=Inner(note="n", rows=(1, 2)),
            inners=(Inner(), Inner(note="m")),
            schedule=RenewalSchedule(date(2025, 1, 31), Interval.monthly(), 15),
            periods=(Period(date(2025, 1, 1), date(2025, 2, 1)),),
            refs={"a": "b", "4711": "c"},
            data={"a": [1, {"b": None}]},
        )
        assert sample == Sample.from_dict(json.loads(json.dumps(sample.to_dict())))

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"id": 7}, ("id", "invalid_type")),
            ({"id": "a b"}, ("id", "invalid_characters")),
            ({"at": "2025-01-31T09:00:00"}, ("at", "invalid_format")),
            ({"at": "yesterday"}, ("at", "invalid_format")),
            ({"at": "9999-12-31T23:59:59-14:00"}, ("at", "invalid_format")),
            ({"at": 7}, ("at", "invalid_type")),
            ({"day": "20250131"}, ("day", "invalid_format")),
            ({"day": "2025-W01-1"}, ("day", "invalid_format")),
            ({"day": "2025-02-30"}, ("day", "invalid_format")),
            ({"pause": "PT1S"}, ("pause", "invalid_format")),
            ({"pause": "P9999999999DT0.000000S"}, ("pause", "invalid_format")),
            ({"pause": "P999999999DT99999.000000S"}, ("pause", "invalid_format")),
            ({"rate": "NaN"}, ("rate", "invalid_format")),
            ({"rate": "1E+2"}, ("rate", "invalid_format")),
            ({"rate": "١"}, ("rate", "invalid_format")),
            ({"rate": 1}, ("rate", "invalid_type")),
            ({"flag": 1}, ("flag", "invalid_type")),
            ({"color": "green"}, ("color", "unknown_value")),
            ({"color": ["red"]}, ("color", "unknown_value")),
            ({"colors": "red"}, ("colors", "invalid_type")),
            ({"colors": ["red", "green"]}, ("colors.1", "unknown_value")),
            ({"currency": "EURO"}, ("currency", "unknown_value")),
            ({"currency": 978}, ("currency", "invalid_type")),
            ({"money": {"amount_minor": 1, "currency": "EURO"}}, ("money.currency", "unknown_value")),
            ({"money": 1}, ("money.data", "invalid_type")),
            ({"token": "tok_1"}, ("token.token", "invalid_type")),
            ({"inner": None}, ("inner", "invalid_type")),
            ({"inner": {"note": 5}}, ("inner.note", "invalid_type")),
            ({"inner": {"cvc": "1"}}, ("inner", "unknown_key")),
            ({"inners": {"note": None}}, ("inners", "invalid_type")),
            ({"inners": [{}, {"rows": [1, "2"]}]}, ("inners.1.rows.1", "invalid_type")),
            ({"inners": [{"note": "4242 4242 4242 4242"}]}, ("inners.0.note", "looks_like_card_number")),
            ({"schedule": {"anchor": "2025-01-31"}}, ("schedule.interval", "required")),
            ({"periods": [{"start": "2025-02-01", "end": "2025-02-01"}]}, ("periods.0.end", "mismatch")),
            ({"refs": ["a"]}, ("refs", "invalid_type")),
            ({"refs": {7: "x"}}, ("refs", "invalid_type")),
            ({"refs": {"main": 5}}, ("refs.main", "invalid_type")),
            ({"refs": {"4242424242424242": 5}}, ("refs.(key)", "invalid_type")),
            ({"refs": {"4242424242424242": "x"}}, ("refs", "looks_like_card_number")),
            ({"data": {"a": "4242 4242 4242 4242"}}, ("data", "looks_like_card_number")),
        ],
    )
    def test_findings_say_where(self, changes: dict[str, Any], expected: tuple[str, str]) -> None:
        """By a dotted path of keys and places in lists; hostile keys are not repeated."""
        assert expected == refused(**changes)

    def test_a_single_value_can_be_read(self) -> None:
        """As a type says; stores read columns so."""
        assert (Color.RED,) == decode(tuple[Color, ...], ["red"])
        assert Money.of(1, "JPY") == decode(Money, {"amount_minor": 1, "currency": "JPY"}, "price")
        with pytest.raises(InvalidInput, match=r"span\.end: is required"):
            decode(Period, {"start": "2025-01-01"}, "span")

    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            (None, ("record", "invalid_type")),
            ({}, ("record", "unknown_value")),
            ({"record": "inner", "schema": 1}, ("record", "unknown_value")),
            ({"record": "sample"}, ("schema", "not_supported")),
            ({"record": "sample", "schema": 2}, ("schema", "not_supported")),
            ({"record": "sample", "schema": True}, ("schema", "not_supported")),
            ({"record": "sample", "schema": 1}, ("id", "required")),
        ],
    )
    def test_only_its_own_data_is_read(self, data: Any, expected: tuple[str, str]) -> None:
        """Of this record, in this release's form, with all that it needs."""
        with pytest.raises(InvalidInput) as caught:
            Sample.from_dict(data)
        assert [expected] == [(issue.field, issue.code) for issue in caught.value.issues]


class TestConverters:
    """What records do to the collections that they are given."""

    def test_a_mapping_is_copied(self) -> None:
        """So that nobody else can change it; what is none is left for the check."""
        given = {"a": 1}
        copied = as_dict(given)
        given["a"] = 2
        assert {"a": 1} == copied
        assert 5 == as_dict(5)

    def test_items_become_a_tuple(self) -> None:
        """A text is no tuple of characters, and what has no items is left for the check."""
        assert ((1, 2), (1,)) == (as_tuple([1, 2]), as_tuple(iter([1])))
        assert ("12", 5) == (as_tuple("12"), as_tuple(5))


def _as_far_as(stored: Any, written: Any) -> Any:
    """What was written, without fields that came later, at any depth."""
    if isinstance(stored, dict):
        return {key: _as_far_as(value, written[key]) for key, value in stored.items()}
    if isinstance(stored, list) and len(stored) == len(written):
        return [_as_far_as(before, after) for before, after in zip(stored, written, strict=True)]
    return written
