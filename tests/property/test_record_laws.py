"""Laws that hold for every record, found by reflection and drawn by the package's own strategies."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_core.errors import BillingError, InvalidInput
from billing_core.testing.strategies import registered
from tests.reflection import records

CARD = "5105 1051 0510 5100"
EXAMPLES = settings(max_examples=10)
#: Drawing is what costs; each of these is then changed in every place that it has.
FEW_EXAMPLES = settings(max_examples=2)

every_record = pytest.mark.parametrize("cls", records(), ids=lambda cls: cls.__name__)
Path = tuple[str | int, ...]

#: Mappings whose keys are the host's or a person's, not a record's.
FREE = {"patch", "data", "customer_refs", "minimum_amounts", "fields"}


#: What makes a stored record another's, and the finding it must give.
STRANGERS: tuple[tuple[dict[Any, Any], tuple[str, str]], ...] = (
    ({"record": "other"}, ("record", "unknown_value")),
    ({"record": None}, ("record", "unknown_value")),
    ({"schema": 99}, ("schema", "not_supported")),
    ({"schema": True}, ("schema", "not_supported")),
    ({"schema": "1"}, ("schema", "not_supported")),
    ({CARD: "x"}, ("record", "unknown_key")),
    ({7: "x"}, ("record", "unknown_key")),
)


def required(cls: Any) -> set[str]:
    """The fields without a default."""
    return {field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING}


def instances(cls: Any) -> st.SearchStrategy[Any]:
    """The strategy of a record; each has one."""
    return registered()[cls.__name__]


def places(data: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every value in plain data, the whole excepted."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def at_place(data: Any, path: Path) -> Any:
    """The value at a path."""
    for key in path:
        data = data[key]
    return data


def with_value(data: Any, path: Path, value: Any) -> Any:
    """A copy with another value at a path."""
    changed = copy.deepcopy(data)
    at_place(changed, path[:-1])[path[-1]] = value
    return changed


def refusal(cls: Any, data: Any) -> BillingError | None:
    """What the record says against the data; any other exception is a bug."""
    try:
        cls.from_dict(data)
    except BillingError as error:
        return error
    return None


@every_record
@EXAMPLES
@given(data=st.data())
def test_json_and_back_is_the_same_record(cls: Any, data: st.DataObject) -> None:
    """`to_dict` is JSON as it is, and `from_dict` reads it back to an equal record of the same form."""
    record = data.draw(instances(cls))
    stored = record.to_dict()
    read = cls.from_dict(json.loads(json.dumps(stored)))
    assert record == read
    assert stored == read.to_dict()


@every_record
@FEW_EXAMPLES
@given(data=st.data())
def test_no_place_of_a_record_takes_a_card_number(cls: Any, data: st.DataObject) -> None:
    """Whatever value of a stored record is replaced by a card number: it is refused, and not repeated."""
    stored = data.draw(instances(cls)).to_dict()
    for path in places(stored):
        for number in (CARD, CARD.replace(" ", "")):
            error = refusal(cls, with_value(stored, path, number))
            assert isinstance(error, BillingError), path
            assert "1051" not in str(error) + repr(error)


@every_record
@FEW_EXAMPLES
@given(
    data=st.data(), value=st.sampled_from((None, True, 7, 3.5, "x", "", [], ["x"], {}, {"x": 1}, [[]], -1))
)
def test_data_of_any_form_is_read_or_refused(cls: Any, data: st.DataObject, value: Any) -> None:
    """Only this library's own errors come out of `from_dict`, and what is read can be stored again."""
    stored = data.draw(instances(cls)).to_dict()
    for path in places(stored):
        changed = with_value(stored, path, value)
        if refusal(cls, changed) is None:
            read = cls.from_dict(changed)
            assert read == cls.from_dict(json.loads(json.dumps(read.to_dict())))


@every_record
@FEW_EXAMPLES
@given(data=st.data())
def test_unknown_keys_are_refused_at_every_depth(cls: Any, data: st.DataObject) -> None:
    """A key that does not belong is an error that repeats neither key nor value."""
    stored = data.draw(instances(cls)).to_dict()
    for path in ((), *places(stored)):
        if isinstance(at_place(stored, path), dict) and not FREE & set(path):
            error = refusal(cls, with_value(stored, (*path, "hostile_key"), "hostile value"))
            assert isinstance(error, InvalidInput), path
            assert "hostile" not in str(error) + repr(error)


@every_record
@FEW_EXAMPLES
@given(data=st.data())
def test_a_missing_key_is_named_or_has_a_default(cls: Any, data: st.DataObject) -> None:
    """Without one of its keys a record is refused by that key's name, or reads the default."""
    stored = data.draw(instances(cls)).to_dict()
    for key in stored:
        error = refusal(cls, {name: value for name, value in stored.items() if name != key})
        if error is not None and key in required(cls):
            assert isinstance(error, InvalidInput)
            assert [(key, "required")] == [(issue.field, issue.code) for issue in error.issues]


@every_record
@settings(max_examples=1)
@given(data=st.data())
def test_another_record_or_release_is_refused(cls: Any, data: st.DataObject) -> None:
    """A record reads only its own data, in the form it knows, and nothing that is no mapping."""
    stored = data.draw(instances(cls)).to_dict()
    for change, expected in STRANGERS:
        error = refusal(cls, {**stored, **change})
        assert isinstance(error, InvalidInput)
        assert [expected] == [(issue.field, issue.code) for issue in error.issues]
        assert "1051" not in str(error) + repr(error)
    for other in (None, 7, "x", [], [("record", "x")]):
        assert "record: has the wrong type; expected a mapping" == str(refusal(cls, other))
