"""What registries say becomes one of four answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from billing_core.errors import InvalidInput
from billing_core.tax.answers import (
    HMRC_FAULTS,
    VIES_FAULTS,
    RegistryAnswer,
    RegistryStatus,
    answer_from_hmrc_fault,
    answer_from_vies_fault,
)

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize("undisclosed", ["---", " --- ", "-", "", "   ", None])
def test_undisclosed_details_are_none(undisclosed: str | None) -> None:
    """The registries' ways to write nothing are nothing."""
    answer = RegistryAnswer(status=RegistryStatus.VALID, checked_at=AT, name=undisclosed, address=undisclosed)
    assert (None, None) == (answer.name, answer.address)


def test_details_are_not_in_the_repr() -> None:
    """Logs get the verdict, not who the customer is."""
    answer = RegistryAnswer(status=RegistryStatus.VALID, checked_at=AT, name="Ada Ltd", address="1 Rue X")

    assert ("Ada Ltd", "1 Rue X") == (answer.name, answer.address)
    assert "Ada" not in repr(answer)
    assert "Rue" not in repr(answer)


@pytest.mark.parametrize(
    ("code", "status"), [*VIES_FAULTS.items(), ("NEW_CODE", "unavailable"), ("", "unavailable")]
)
def test_vies_faults(code: str, status: str) -> None:
    """Each fault has its status; what nobody knows is an outage."""
    assert status == answer_from_vies_fault(code, AT).status


@pytest.mark.parametrize(
    ("code", "status"), [*HMRC_FAULTS.items(), ("NEW_CODE", "unavailable"), (None, "unavailable")]
)
def test_hmrc_faults(code: str | None, status: str) -> None:
    """The same for HMRC."""
    assert status == answer_from_hmrc_fault(code, AT).status


def test_only_a_verdict_of_the_registry_is_one() -> None:
    """Faults of the service say nothing about the customer, but a refused number does."""
    assert {"INVALID_INPUT"} == {code for code, status in VIES_FAULTS.items() if status.is_verdict}
    assert {"NOT_FOUND"} == {code for code, status in HMRC_FAULTS.items() if status.is_verdict}


def test_fault_codes_are_unwrapped_and_kept() -> None:
    """The old service put its codes in braces; long nonsense is cut."""
    assert answer_from_vies_fault("{ 'ms_unavailable' }", AT).fault == "MS_UNAVAILABLE"
    assert len(answer_from_vies_fault("X" * 9999, AT).fault or "") == 64
    assert answer_from_vies_fault(None, AT).fault is None


def test_retry_after_is_whole_seconds_rounded_up() -> None:
    """Half a second asked for is a second waited."""
    answer = answer_from_hmrc_fault("SERVER_ERROR", AT, retry_after=timedelta(milliseconds=500))
    assert answer.retry_after == timedelta(seconds=1)


@pytest.mark.parametrize("pause", [timedelta(seconds=-1), timedelta(days=367)])
def test_retry_after_has_a_range(pause: timedelta) -> None:
    """No pause goes back in time, or beyond a year."""
    with pytest.raises(InvalidInput, match="retry_after: must be between"):
        answer_from_vies_fault("TIMEOUT", AT, retry_after=pause)


def test_instants_are_aware() -> None:
    """A naive instant is refused."""
    with pytest.raises(InvalidInput, match="checked_at: must be an aware datetime"):
        RegistryAnswer(status=RegistryStatus.VALID, checked_at=AT.replace(tzinfo=None))


def test_round_trip() -> None:
    """What is stored comes back equal, with and without the optional parts."""
    full = RegistryAnswer(
        status=RegistryStatus.UNAVAILABLE,
        checked_at=AT,
        reference="WAPIAAAA",
        name="Ada Ltd",
        address="1 Rue X",
        fault="TIMEOUT",
        retry_after=timedelta(minutes=3),
    )
    for answer in (full, RegistryAnswer(status=RegistryStatus.VALID, checked_at=AT)):
        assert answer == RegistryAnswer.from_dict(json.loads(json.dumps(answer.to_dict())))


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"status": "maybe"}, "registry_answer.status", "unknown_value"),
        ({"status": None}, "registry_answer.status", "required"),
        ({"checked_at": "yesterday"}, "registry_answer.checked_at", "invalid_format"),
        ({"checked_at": "2026-01-31T09:00:00"}, "registry_answer.checked_at", "naive_datetime"),
        ({"checked_at": "0001-01-01T00:00:00+14:00"}, "registry_answer.checked_at", "out_of_range"),
        ({"name": 7}, "registry_answer.name", "invalid_type"),
        ({"retry_after_seconds": 1.5}, "registry_answer.retry_after_seconds", "invalid_type"),
        ({"retry_after_seconds": -1}, "registry_answer.retry_after_seconds", "out_of_range"),
        ({"4242424242424242": 1}, "registry_answer", "unknown_key"),
    ],
)
def test_misfits_are_named_and_not_repeated(change: dict[str, object], field: str, code: str) -> None:
    """A wrong record is refused by field and code."""
    data = RegistryAnswer(status=RegistryStatus.VALID, checked_at=AT).to_dict()
    with pytest.raises(InvalidInput) as caught:
        RegistryAnswer.from_dict({**data, **change})
    assert (field, code) == (caught.value.issues[0].field, caught.value.issues[0].code)
    assert "4242" not in str(caught.value)
