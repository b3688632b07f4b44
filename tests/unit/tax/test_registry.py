"""Asking a register always gives an answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from billing_core.errors import InvalidInput
from billing_core.identity.tax_id import TaxId
from billing_core.tax.registry import (
    AsyncTaxIdRegistry,
    RegistryAnswer,
    RegistryStatus,
    TaxIdRegistry,
    ask,
    ask_async,
)
from billing_core.testing.registries import FAULT_BY_LAST_DIGITS, FakeTaxIdRegistry

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
FRENCH = TaxId.parse("FR40303265045")
VALID = RegistryAnswer(status=RegistryStatus.VALID, checked_at=AT, reference="R1")


class Adapter:
    """An adapter that does what it is told: give something back, or raise it."""

    def __init__(self, reply: object, *, supported: bool = True) -> None:
        self.reply = reply
        self.supported = supported

    def supports(self, tax_id: TaxId) -> bool:
        return self.supported

    def check(self, tax_id: TaxId, requester: TaxId | None = None, /) -> RegistryAnswer:
        if isinstance(self.reply, BaseException):
            raise self.reply
        return self.reply  # type: ignore[return-value]


class AsyncAdapter(Adapter):
    """The same, awaited."""

    async def check(  # type: ignore[override]
        self, tax_id: TaxId, requester: TaxId | None = None, /
    ) -> RegistryAnswer:
        return super().check(tax_id, requester)


REPLIES = [
    (Adapter(VALID), VALID),
    (Adapter(TimeoutError("secret")), "exception_TimeoutError"),
    (Adapter(KeyError("valid")), "exception_KeyError"),
    (Adapter({"valid": True}), "not_an_answer"),
    (Adapter(None), "not_an_answer"),
    (Adapter(VALID, supported=False), "not_supported"),
]


@pytest.mark.parametrize(("adapter", "expected"), REPLIES)
def test_every_reply_is_an_answer(adapter: Adapter, expected: RegistryAnswer | str) -> None:
    """A good answer passes as it is; everything else is UNAVAILABLE and says what happened."""
    if isinstance(expected, str):
        expected = RegistryAnswer(status=RegistryStatus.UNAVAILABLE, checked_at=AT, fault=expected)
    awaited = AsyncAdapter(adapter.reply, supported=adapter.supported)

    assert expected == ask(adapter, FRENCH, None, AT)
    assert expected == asyncio.run(ask_async(awaited, FRENCH, None, AT))


def test_an_interrupt_is_not_swallowed() -> None:
    """Ctrl-C and cancellation are not the register's doing."""
    with pytest.raises(KeyboardInterrupt):
        ask(Adapter(KeyboardInterrupt()), FRENCH, None, AT)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(ask_async(AsyncAdapter(asyncio.CancelledError()), FRENCH, None, AT))


def test_now_is_aware() -> None:
    """A naive instant is the caller's mistake, and said so."""
    with pytest.raises(InvalidInput, match="now: must be an aware datetime"):
        ask(Adapter(VALID), FRENCH, None, AT.replace(tzinfo=None))


def fake_id(digits: str) -> TaxId:
    """An id of the right form that ends in these digits; its check digit does not matter to the fake."""
    return TaxId(type="eu_vat", country="DE", value=f"DE136695{digits}", level=FRENCH.level)


@pytest.mark.parametrize(
    ("digits", "status"),
    [
        ("100", "valid"),
        ("200", "invalid"),
        ("201", "invalid"),
        ("202", "refused"),
        ("300", "unavailable"),
        ("302", "unavailable"),
        ("400", "refused"),
        ("401", "refused"),
        ("601", "unavailable"),
        ("999", "unavailable"),
    ],
)
def test_fake_answers_by_the_last_digits(digits: str, status: str) -> None:
    """The fake is keyed like the test service of VIES."""
    fake = FakeTaxIdRegistry(lambda: AT)
    answer = ask(fake, fake_id(digits), None, AT)

    assert (status, FAULT_BY_LAST_DIGITS.get(digits)) == (answer.status, answer.fault)
    assert [f"DE136695{digits}"] == fake.calls


def test_fake_gives_a_reference_to_a_known_requester() -> None:
    """As registers do: a consultation number only if they know who asked."""
    fake = FakeTaxIdRegistry(lambda: AT)

    assert ask(fake, fake_id("100"), None, AT).reference is None
    assert ask(fake, fake_id("100"), FRENCH, AT).reference == "FAKE00000002"


def test_fake_can_be_told() -> None:
    """Answers given by value beat the digits; the rest is as asked for."""
    fake = FakeTaxIdRegistry(lambda: AT, otherwise=RegistryStatus.VALID, types=frozenset({"eu_vat"}))
    fake.answers["DE136695300"] = RegistryStatus.INVALID

    assert ask(fake, fake_id("300"), None, AT).status is RegistryStatus.INVALID
    assert ask(fake, FRENCH, None, AT).status is RegistryStatus.VALID
    assert ask(fake, TaxId.parse("GB980780684"), None, AT).fault == "not_supported"


def test_fake_and_adapters_are_registries() -> None:
    """The protocols can be checked at run time."""
    assert isinstance(FakeTaxIdRegistry(lambda: AT), TaxIdRegistry)
    assert isinstance(AsyncAdapter(VALID), AsyncTaxIdRegistry)
