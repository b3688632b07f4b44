"""Exceptions: what they say, what they survive, and what they withhold."""

from __future__ import annotations

import copy
import pickle
import traceback
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import billing_core.errors
from billing_core.errors import (
    BillingError,
    CapabilityNotSupported,
    Conflict,
    CurrencyMismatch,
    GatewayConfigError,
    GatewayRequestError,
    InvalidInput,
    InvariantViolated,
    NotAllowed,
    NotFound,
    PermissionDenied,
    WebhookRejected,
    is_plain_id,
    withheld,
)
from billing_core.issues import Issue, Severity, invalid

CARD = "4242 4242 4242 4242"
WITHHELD = "(withheld: looks like a card number)"

ISSUE = Issue(
    field="phone", code="unallocated", severity=Severity.WARNING, params={"a": (1, 2)}, suggestion="FR"
)

#: One of each class, with what it says.
SAMPLES: list[tuple[BillingError, str]] = [
    (BillingError("something", 7), "('something', 7)"),
    (
        InvalidInput(
            (Issue(field="a", code="required"), Issue(field="b", code="too_long", params={"max_length": 5}))
        ),
        "a: is required; b: is too long; at most 5 characters",
    ),
    (
        CurrencyMismatch("EUR", "USD"),
        "expected an amount in EUR, got one in USD; convert it first, this library never does",
    ),
    (
        PermissionDenied("manage_cards", "support", "acc_1"),
        "role 'support' may not 'manage_cards' on account acc_1",
    ),
    (NotFound("account", "acc_1"), "no account with id 'acc_1'"),
    (
        Conflict("account", "acc_1"),
        "account 'acc_1' already exists or was changed meanwhile; reload and decide again",
    ),
    (
        Conflict("license", "lic_1", 3, 4),
        "license 'lic_1' was expected at version 3, is at 4; reload and decide again",
    ),
    (NotAllowed("last_owner"), "not allowed: last_owner"),
    (
        NotAllowed("extension_limit", {"days_used": 20, "until": date(2025, 1, 31)}),
        "not allowed: extension_limit (days_used=20, until=2025-01-31)",
    ),
    (GatewayConfigError("the key was refused"), "the key was refused"),
    (GatewayRequestError("amount too small"), "amount too small"),
    (WebhookRejected("the signature is too old"), "the signature is too old"),
    (
        CapabilityNotSupported("refund"),
        "this gateway does not support 'refund'; ask its capabilities first",
    ),
    (InvariantViolated("two invoices for one period"), "two invoices for one period"),
]
CLASSES = sorted({type(error) for error, _ in SAMPLES}, key=lambda cls: cls.__name__)


def test_there_are_twelve_classes_and_a_sample_of_each() -> None:
    """All errors of this library are these."""
    public = {
        thing
        for name in billing_core.errors.__all__
        if isinstance(thing := getattr(billing_core.errors, name), type)
    }
    assert 12 == len(public)
    assert public == set(CLASSES)
    assert all(issubclass(cls, BillingError) for cls in CLASSES)


@pytest.mark.parametrize(("error", "expected"), SAMPLES, ids=lambda value: type(value).__name__)
def test_what_they_say(error: BillingError, expected: str) -> None:
    """What is wrong, where, and what would be right."""
    assert expected == str(error)


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [
        (InvalidInput, ValueError),
        (CurrencyMismatch, ValueError),
        (NotFound, LookupError),
        (InvariantViolated, AssertionError),
    ],
)
def test_some_are_builtins_too(cls: type[Exception], builtin: type[Exception]) -> None:
    """So that frameworks wrap them without being told."""
    assert issubclass(cls, builtin)


@pytest.mark.parametrize("error", [error for error, _ in SAMPLES], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_they_survive_pickling_whole(error: BillingError, protocol: int) -> None:
    """A worker in another process may raise them: class, arguments, attributes and text are the same."""
    again = pickle.loads(pickle.dumps(error, protocol))
    assert (type(error), error.args, vars(error), str(error)) == (
        type(again),
        again.args,
        vars(again),
        str(again),
    )
    assert error.args == copy.copy(error).args == copy.deepcopy(error).args


def test_findings_survive_pickling() -> None:
    """With everything that belongs to them."""
    error = InvalidInput((ISSUE,))
    again = pickle.loads(pickle.dumps(error))
    assert (ISSUE,) == again.issues
    assert {"a": (1, 2)} == dict(again.issues[0].params)
    assert again.issues[0].suggestion == "FR"


@pytest.mark.parametrize(
    "make",
    [
        BillingError,
        lambda text: BillingError([text]),
        lambda text: BillingError({text: {"x": text}}),
        lambda text: BillingError(text.encode()),
        lambda text: BillingError(ValueError(text)),
        lambda text: CurrencyMismatch(text, text),
        lambda text: PermissionDenied(text, text, text),
        lambda text: NotFound(text, text),
        lambda text: Conflict(text, text, 1, 2),
        lambda text: NotAllowed(text, {"x": text, text: 1}),
        lambda text: GatewayConfigError(f"card {text} refused"),
        GatewayRequestError,
        WebhookRejected,
        CapabilityNotSupported,
        InvariantViolated,
        lambda text: InvalidInput((Issue(field=text, code=text, params={text: text}, suggestion=text),)),
        lambda text: invalid(text, "unknown_value", allowed=text),
    ],
)
@pytest.mark.parametrize("text", [CARD, "4242424242424242", "4242-4242-4242-4242", "٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢"])
def test_no_exception_holds_a_card_number(make: Any, text: str) -> None:
    """An adapter passes on what a processor said; exceptions end in logs."""
    error = make(text)
    shown = [str(error), repr(error), repr(error.args), repr(vars(error)), *traceback.format_exception(error)]
    assert [] == [one for one in shown if "4242" in one or "٤٢٤٢" in one]
    assert b"4242" not in pickle.dumps(error)
    assert any(WITHHELD in one for one in shown)


@pytest.mark.parametrize(
    "value",
    [
        "acc_1",
        "d9428888-122b-11e1-b85c-61cd3cbb3210",
        "msg_4242424242424242",
        "insufficient_funds",
        "2025-01-31T09:00:00+01:00",
        4242424242424242,
        42424242424242.42,
        Decimal(4242424242424242),
        date(2025, 1, 31),
        None,
        True,
        b"raw",
        ("a", 1),
    ],
)
def test_other_values_stay_as_they_are(value: object) -> None:
    """Ids with letters, numbers, times: what tells a person which record it was."""
    assert value is withheld(value)


def test_what_is_withheld() -> None:
    """The whole text, at any depth of a mapping; no copy of a mapping's owner is changed."""
    params = {"code": "51", "raw": {"pan": CARD}}
    assert {"code": "51", "raw": {"pan": WITHHELD}} == withheld(params)
    assert CARD == params["raw"]["pan"]  # type: ignore[index]
    assert WITHHELD == withheld(f"charge of {CARD} failed") == withheld([CARD])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("acc_1", True),
        ("a", True),
        ("legacy:4711/7", True),
        ("", False),
        ("1", False),
        ("4242-4242", False),
        ("a b", False),
        ('{"a":1}', False),
        ("4242<br>", False),
        ("é", False),
        ("a" * 255, True),
        ("a" * 256, False),
        ("a\n", False),
    ],
)
def test_plain_ids(text: str, expected: bool) -> None:
    """Letters, digits and the signs of ids, with at least one letter."""
    assert expected is is_plain_id(text)
