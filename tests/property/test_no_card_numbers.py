"""
No card number gets in, and none gets out: the proof, over everything that is public.

The entry points are found by reflection: every class of `billing_core` and of
`billing_core.testing` with its constructors and methods, every function, every
command of `Billing` and `AsyncBilling`. Each parameter of each of them,
whatever its type, is given card numbers of all networks in all notations. Each
is refused, or is of no consequence: neither the answer nor the exception shows
the number - printed, formatted, copied, pickled, as JSON - and no log line does.

What is not searched for card numbers, on purpose:

* Amounts. `Money.of`, `UnitPrice.of` and their like take a plain number of any
  length: it is a number, is added up, rounded, and printed as one.
* Ids (`values.texts.Id`) and codes with a letter in them, such as
  ``msg_4242424242424242``: hashes and random ids look like card numbers by
  chance. In the notations here, ids refuse card numbers like everything else.
* Phone numbers and tax ids that are known to be right: some look like a card's.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from itertools import cycle, islice
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
import pytest
from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrule, rruleset
from hypothesis import given, settings
from hypothesis import strategies as st

import billing_core
import billing_core.testing
from billing_core.accounts.billing_info import check_billing_info
from billing_core.accounts.saved_card import CardExpiry, CardToken
from billing_core.card_numbers import contains_card_number
from billing_core.charging.dossier import Dossier
from billing_core.errors import (
    BillingError,
    CapabilityNotSupported,
    Conflict,
    GatewayRequestError,
    NotAllowed,
    NotFound,
    WebhookRejected,
)
from billing_core.gateways.results import CardDetails, ChargeNotFound
from billing_core.identity.address import Address
from billing_core.identity.phone import Phone, PhonePolicy
from billing_core.identity.tax_id import TaxId
from billing_core.identity.text import clean_text, free_text
from billing_core.records import Record, type_name
from billing_core.stores.memory import MemoryStore
from billing_core.tax.answers import RegistryAnswer, RegistryStatus
from billing_core.tax.territory import resolve_territory
from billing_core.testing import ManualClock, ScriptedGateway
from billing_core.values import texts
from billing_core.values.currency import Currency
from billing_core.values.ids import check_id
from billing_core.values.money import Money, UnitPrice
from billing_core.values.rounding import Rounding
from billing_core.values.schedule import Interval, Period, RenewalSchedule
from billing_core.values.texts import TextKind
from tests.builders import NOW, account, attempt, card, invoice, license, refund
from tests.card_numbers import NOTATIONS, PANS, card_numbers, leaks
from tests.unit.service.stage import ADA, ADDRESS, SAM, SYSTEM, TEAM, Stage

ADDRESS_OF_A_FORM = {key: ADDRESS[key] for key in ("line1", "city", "postal_code", "country")}
GOLDEN = json.loads((Path(__file__).parents[1] / "vectors" / "records_v1.json").read_text("utf-8"))["records"]

#: Where a plain number is an amount. In any other notation it is refused there, too.
AMOUNTS = {
    ("Money.of", "amount"),
    ("UnitPrice.of", "amount"),
    ("Money.times", "ratio"),
    ("Money.allocate", "weights"),
}

_PANS = cycle(PANS)


def spellings() -> Iterator[tuple[str, str, str]]:
    """A card number, in each notation: its digits, the notation, the text. Each time of other networks."""
    for notation, written in NOTATIONS.items():
        pan = next(_PANS)
        yield pan, notation, written(pan)


# -- the detector and the kinds of texts, over all networks and notations -------------------------


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("pan", PANS)
def test_every_network_is_found_in_every_notation(pan: str, notation: str) -> None:
    """By the detector, the cleaner of what people type, the check of ids, and every kind of text."""
    text = NOTATIONS[notation](pan)
    assert contains_card_number(text)
    assert clean_text(text, field="name").value is None
    assert refuses(pan, lambda: check_id(text, "id"))
    assert refuses(pan, lambda: free_text("reason", text))
    assert [] == takers(pan, text)


@settings(max_examples=200)
@given(pan=card_numbers(), notation=st.sampled_from(sorted(NOTATIONS)))
def test_any_number_of_any_network_is_found(pan: str, notation: str) -> None:
    """Not only the examples: numbers with any digits in the middle."""
    text = NOTATIONS[notation](pan)
    assert contains_card_number(text)
    assert [] == takers(pan, text)


def takers(pan: str, text: str) -> list[str]:
    """The kinds of texts that take a text, or refuse it and show it."""
    kinds = [kind for name in texts.__all__ for kind in _kinds(getattr(texts, name))]
    assert len(kinds) > 8
    return [kind.name for kind in kinds if not refuses(pan, partial(kind.check, text, "field"))]


def _kinds(annotation: Any) -> list[TextKind]:
    return [mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, TextKind)]


def refuses(pan: str, call: Callable[[], Any]) -> bool:
    """Whether a call is refused by an error of this library that does not show the number."""
    try:
        call()
    except BillingError as error:
        return leaks(pan, error) == []
    return False


# -- values for every other parameter ---------------------------------------------------------------

_CARD = CardDetails(token=CardToken("tok_1"), brand="visa", last4="4242", expires=CardExpiry(2030, 1))
_WHOLE: Mapping[str, int] = {"month": 2, "year": 2030, "denominator": 1, "parts": 2, "n": 1}

#: A value for each kind of text.
KINDS = {
    "id": "x_1",
    "text": "Ada",
    "code": "51",
    "word": "visa",
    "url": "https://host.example/ok",
    "secret": "secret_1",
    "country": "FR",
    "currency": "EUR",
    "pattern": "[a-z_0-9]+",
    "zone": "Europe/Paris",
    "last4": "4242",
    "token": "tok_1",
}

#: A text for a parameter that is only said to be one, by its name.
NAMES = {
    "currency": "EUR",
    "time_zone": "Europe/Paris",
    "zone": "Europe/Paris",
    "country": "FR",
    "customer": "FR",
    "user_id": "bob",
    "owner": "ada",
    "to_user_id": "bob",
    "card_id": "card_1",
    "code": "required",
    "start": "2025-01-31T09:00+01:00",
    "at": "2025-01-31T09:00+01:00",
    "amount": "19.99",
    "jurisdiction": "DE",
    "network": "visa",
}


@cache
def specials() -> dict[Any, Any]:
    """A value of each type that is not made of its fields alone."""
    info = check_billing_info(ADDRESS).unwrap()
    owner = account()
    return {
        int: 1,
        bool: True,
        float: 1.0,
        bytes: b"{}",
        datetime: NOW,
        date: date(2025, 1, 31),
        timedelta: timedelta(hours=1),
        Decimal: Decimal(19),
        object: "x",
        Any: "x",
        Exception: ValueError("x"),
        relativedelta: relativedelta(months=1),
        Currency: Currency.of("EUR"),
        Money: Money.of("19.99", "EUR"),
        UnitPrice: UnitPrice.of("19.99", "EUR"),
        Interval: Interval.monthly(),
        Period: Period(date(2025, 1, 1), date(2025, 2, 1)),
        RenewalSchedule: RenewalSchedule(date(2025, 1, 31), Interval.monthly()),
        Address: info.address,
        Phone: Phone.parse("+33142685300"),
        TaxId: TaxId.parse("FR83404833048"),
        Rounding: Rounding.HALF_UP,
        PhonePolicy: PhonePolicy(),
        ChargeNotFound: ChargeNotFound(),
        Dossier: Dossier.of(owner, license(), invoices=[invoice()]),
        billing_core.Territory: resolve_territory("FR", "75001", "Paris"),
        billing_core.Treatment: billing_core.decide_tax_treatment(
            seller=billing_core.TaxSeller.of("FR"), customer="FR", on=date(2025, 1, 31)
        ),
        RegistryAnswer: RegistryAnswer(status=RegistryStatus.VALID, checked_at=NOW),
        MemoryStore: MemoryStore(clock=ManualClock(NOW)),
        ScriptedGateway: ScriptedGateway(),
        billing_core.Store: MemoryStore(clock=ManualClock(NOW)),
        billing_core.AsyncStore: billing_core.ThreadedStore(MemoryStore(clock=ManualClock(NOW))),
        billing_core.PaymentGateway: ScriptedGateway(),
        billing_core.AsyncPaymentGateway: billing_core.testing.AsyncScriptedGateway(),
        billing_core.TaxRateProvider: billing_core.DatedTaxRates(),
        billing_core.stores.memory.Clock: ManualClock(NOW),
    }


#: Names that annotations use and modules import late, or for type checkers only.
LATE = {"Account": billing_core.Account, "relativedelta": relativedelta, "rrule": rrule, "rruleset": rruleset}


@cache
def golden() -> dict[str, Any]:
    """A record of every class, by name."""
    return {stored["record"]: stored for stored in GOLDEN}


def sample(hint: Any, name: str = "") -> Any:
    """A value that fits an annotation."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        kinds = _kinds(hint)
        return KINDS[kinds[0].name] if kinds else sample(arguments[0], name)
    if hint is str:
        return NAMES.get(name, "x_1")
    if hint is int:
        return _WHOLE.get(name, 1)
    if origin in {Union, UnionType}:
        return sample(arguments[0], name)
    if origin is not None:
        return _sample_of_many(origin, arguments, name)
    if hint in specials():
        return specials()[hint]
    if isinstance(hint, TypeVar):
        return Money.of(1, "EUR")
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    return instance(hint)


def _sample_of_many(origin: Any, arguments: tuple[Any, ...], name: str) -> Any:
    if origin is type:
        return Money
    if issubclass(origin, Mapping):
        return {}
    if attrs.has(origin):
        return instance(origin)
    if name == "shard":
        return (0, 1)
    return frozenset() if origin is frozenset else (sample(arguments[0], name),) if name == "weights" else ()


def instance(cls: Any) -> Any:
    """An instance of a class, made of what its fields say."""
    if cls in specials():
        return specials()[cls]
    if issubclass(cls, Record):
        return cls.from_dict(golden()[type_name(cls)])
    hints = get_type_hints(cls, include_extras=True)
    needed = [field for field in attrs.fields(cls) if field.init and field.default is attrs.NOTHING]
    return cls(**{field.alias: sample(hints[field.name], field.name) for field in needed})


# -- the entry points ---------------------------------------------------------------------------------


#: What plays the world around the library in tests: a processor with its network, and the kits that drive
#: both. They store nothing of a host's, some of them serve a port until they are told to stop, and the
#: records that they exchange with the library are driven like all others.
PLAYS_THE_WORLD = re.compile(
    r"billing_core\.testing\.(reference_\w+|fault_proxy|gateway_kit|store_kit|kit_report|simulator)\b"
)


def public_things() -> dict[str, Any]:
    """Everything of the library that is public, by name."""
    names = {name: getattr(billing_core, name) for name in billing_core.__all__}
    tools = {name: getattr(billing_core.testing, name) for name in billing_core.testing.__all__}
    own = {
        name: tool
        for name, tool in tools.items()
        if not PLAYS_THE_WORLD.match(getattr(tool, "__module__", "") or "")
    }
    return {**names, **own}


SURFACES = (billing_core.Billing, billing_core.AsyncBilling)


def classes() -> list[Any]:
    """Public classes but enums, ports, exceptions, and `Billing`, which has a world of its own."""
    found = [thing for thing in public_things().values() if isinstance(thing, type)]
    return [
        cls
        for cls in found
        if not issubclass(cls, (Enum, Exception))
        and not getattr(cls, "_is_protocol", False)
        and cls not in SURFACES
    ]


#: A box for what a validator made of a text. Codes are judged after they were cleaned, in such a box.
BOXES = [billing_core.Checked]
RECORDS = [cls for cls in classes() if attrs.has(cls) and cls not in BOXES]
OTHERS = [cls for cls in classes() if not attrs.has(cls)]
FUNCTIONS = [thing for thing in public_things().values() if inspect.isfunction(thing)]
ENUMS = [thing for thing in public_things().values() if isinstance(thing, type) and issubclass(thing, Enum)]


def public_methods(cls: Any) -> list[str]:
    """The names of what can be called on a class or its instances."""
    members = inspect.getmembers_static(cls)
    callables = (staticmethod, classmethod)
    return [
        name
        for name, member in members
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, callables))
    ]


def parameters(call: Any) -> list[inspect.Parameter]:
    """What a call takes."""
    return [
        parameter
        for parameter in inspect.signature(call).parameters.values()
        if parameter.kind not in {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}
    ]


def drive(
    name: str, call: Any, arguments: dict[str, Any], outcome: Callable[[Any], Any] = lambda answer: answer
) -> None:
    """Give each parameter of a call each spelling of a card number, and some in collections or as bytes."""
    _ensure_sound(call, arguments, outcome)
    for parameter in parameters(call):
        for pan, notation, text in spellings():
            if (name, parameter.name) in AMOUNTS and notation == "plain":
                continue
            for given_ in (text, *_wrapped(text)) if notation in WRAPPED else (text,):
                found = _leaks_of(pan, call, {**arguments, parameter.name: given_}, outcome)
                assert [] == found, (name, parameter.name, notation, type(given_).__name__)


#: Notations that are also given in what is no text; what is in it is judged like any other.
WRAPPED = {"plain", "no-break spaces"}


def _wrapped(text: str) -> tuple[Any, ...]:
    return ([text], (text,), {text: text}, text.encode())


#: Refusals of calls that are sound in themselves: there is no such thing, or it is not its time.
BECAUSE_OF_THE_STATE = (
    NotFound,
    NotAllowed,
    Conflict,
    CapabilityNotSupported,
    GatewayRequestError,
    WebhookRejected,
)


def _ensure_sound(call: Any, arguments: dict[str, Any], outcome: Callable[[Any], Any]) -> None:
    """Without a card number the call is taken; else it would be refused for another reason."""
    with suppress(*BECAUSE_OF_THE_STATE):
        _called(call, arguments, outcome)


def _called(call: Any, arguments: dict[str, Any], outcome: Callable[[Any], Any]) -> Any:
    by_place = [it.name for it in parameters(call) if it.kind is inspect.Parameter.POSITIONAL_ONLY]
    places = [arguments[name] for name in by_place if name in arguments]
    return outcome(
        call(*places, **{name: value for name, value in arguments.items() if name not in by_place})
    )


def _leaks_of(pan: str, call: Any, arguments: dict[str, Any], outcome: Callable[[Any], Any]) -> list[str]:
    try:
        answer = _called(call, arguments, outcome)
    except Exception as error:  # noqa: BLE001 - whatever is raised must not show the number
        return leaks(pan, error)
    return leaks(pan, answer) if answer is not None else []


def sound_arguments(call: Any, owner: Any = None) -> dict[str, Any]:
    """A value for every parameter that has no default."""
    hints = get_type_hints(inspect.unwrap(call), localns=LATE, include_extras=True)
    return {
        parameter.name: sample(hints.get(parameter.name, str), parameter.name)
        for parameter in parameters(call)
        if parameter.default is inspect.Parameter.empty and parameter.name not in {"self", "cls"}
    }


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
def test_no_constructor_takes_one(cls: Any) -> None:
    """Whatever field it is given for, of whatever type; JSON of records is the same way in."""
    made = instance(cls)
    fields = {field.alias: getattr(made, field.name) for field in attrs.fields(cls) if field.init}
    drive(cls.__name__, cls, fields)


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
def test_no_method_takes_one(cls: Any) -> None:
    """Class methods and methods of instances, of records and of values."""
    made = FRESH.get(cls, instance)(cls)
    for name in public_methods(cls):
        method, called = getattr(made, name), f"{cls.__name__}.{name}"
        own = {"data": made.to_dict()} if name == "from_dict" else SOUND.get(called, {})
        drive(called, method, {**sound_arguments(method), **own}, _run_out)


#: Records as they are before anything has happened to them; those of the vectors have had a life.
FRESH: Mapping[Any, Callable[[Any], Any]] = {
    billing_core.ChargeAttempt: lambda _: attempt(),
    billing_core.Invoice: lambda _: invoice(),
    billing_core.License: lambda _: license(),
    billing_core.Refund: lambda _: refund(),
}

#: What a call needs besides a value of the right type, so that it is taken without a card number.
SOUND: Mapping[str, Mapping[str, Any]] = {
    "Account.with_card": {"card": card("card_9")},
    "Account.with_setup": {"setup": attrs.evolve(instance(billing_core.CardSetup), id="setup_9")},
    "Address.parse": {"fields": {**ADDRESS_OF_A_FORM, "name": "Ada"}},
    "Currency.from_text": {"text": "EUR"},
    "Currency.of": {"code": "EUR"},
    "DatedTaxRates.with_rate": {"category": "books"},
    "License.with_term": {"term": attrs.evolve(license().term, number=2)},
    "Phone.parse": {"raw": "+33142685300"},
    "Plan.monthly": {"price": Money.of("19.99", "EUR")},
    "Plan.yearly": {"price_per_seat": Money.of("19.99", "EUR")},
    "SavedCard.frozen": {"because": billing_core.Advice.NEVER},
    "SavedCard.updated": {"last4": "1881"},
    "TaxId.parse": {"raw": "FR83404833048"},
    "authorize": {"actor": billing_core.Actor.member("ada")},
    "settle": {
        "dossier": Dossier.of(account(), license(), invoices=[invoice()], attempts=[attempt()]),
        "attempt_id": attempt().id,
    },
    "verify_owner": {"claims": {"name": "Ada Lovelace"}},
    "change_plan": {"plan": TEAM, "quantity": 2},
}


@pytest.mark.parametrize("cls", OTHERS, ids=lambda cls: cls.__name__)
def test_no_tool_takes_one(cls: Any) -> None:
    """Stores, clocks, processors in memory and tables of rates: their constructors and their methods."""
    for name in public_methods(cls):
        method, called = getattr(_tool(cls), name), f"{cls.__name__}.{name}"
        drive(called, method, {**sound_arguments(method), **SOUND.get(called, {})}, _run_out)
    if inspect.isfunction(vars(cls).get("__init__")):
        drive(cls.__name__, cls, sound_arguments(cls.__init__))


def _tool(cls: Any) -> Any:
    if cls is billing_core.ThreadedStore:
        return cls(MemoryStore(clock=ManualClock(NOW)))
    if cls is billing_core.MemoryStore:
        return cls(clock=ManualClock(NOW))
    if cls is billing_core.DatedTaxRates:
        return cls().with_rate("DE", "x_1", 16, valid_from=date(2020, 1, 1))
    return cls(NOW) if cls is ManualClock else cls()


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_no_function_takes_one(function: Any) -> None:
    """Validators refuse it, decisions have no use for it."""
    arguments = {**sound_arguments(function), **SOUND.get(function.__name__, {})}
    drive(function.__name__, function, arguments, _run_out)


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_no_enum_repeats_one(enum: Any) -> None:
    """A text that is none of its values."""
    drive(enum.__name__, lambda value: enum(value), {"value": next(iter(enum))})  # noqa: PLW0108 - an enum has no signature


def _run_out(answer: Any) -> Any:
    """What an answer comes to: awaited, or read to its end."""
    if inspect.iscoroutine(answer):
        return asyncio.run(answer)
    return tuple(islice(answer, 5)) if inspect.isgenerator(answer) else answer


# -- stored data ----------------------------------------------------------------------------------------


def _places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from _places(value, (*path, key))


def _replaced(data: Any, path: tuple[Any, ...], text: str) -> Any:
    if not path:
        return text
    changed = dict(data) if isinstance(data, dict) else list(data)
    changed[path[0]] = _replaced(data[path[0]], path[1:], text)
    return changed


@pytest.mark.parametrize("stored", GOLDEN, ids=lambda stored: stored["record"])
def test_no_stored_record_takes_one(stored: dict[str, Any]) -> None:
    """In any place of it, as a value or as a key."""
    cls = getattr(billing_core, "".join(word.title() for word in stored["record"].split("_")))
    for path in _places(stored):
        for pan, _, text in islice(cycle(spellings()), 3):
            assert refuses(pan, partial(cls.from_dict, _replaced(stored, path, text))), path
    for pan, _, text in spellings():
        assert refuses(pan, partial(cls.from_dict, {**stored, text: "x"}))


@pytest.mark.parametrize(
    "cls",
    [cls for cls in RECORDS if hasattr(cls, "from_dict") and not issubclass(cls, Record)],
    ids=lambda cls: cls.__name__,
)
def test_no_stored_value_takes_one(cls: Any) -> None:
    """Values have forms of their own."""
    stored = instance(cls).to_dict()
    for path in _places(stored):
        for pan, _, text in islice(cycle(spellings()), 6):
            assert refuses(pan, partial(cls.from_dict, _replaced(stored, path, text))), path
    for pan, _, text in spellings():
        assert refuses(pan, partial(cls.from_dict, {**stored, text: "x"}))


# -- Billing ----------------------------------------------------------------------------------------------


#: `using` takes the connection of a store that has one.
COMMANDS = [name for name in public_methods(billing_core.Billing) if name != "using"]


class World:
    """A vendor with a customer, and a sound value for every parameter of every command."""

    def __init__(self, surface: Any) -> None:
        self.stage = Stage()
        license_ = self.stage.subscribe()
        self.stage.billing.run_due()
        stage = self.stage.billing
        self.surface: Any = surface(self.stage.store, {"main": self.stage.gateway}, self.stage.policy, "test")
        owner = stage.account(license_.account_id)
        setup = stage.begin_card_setup(owner.id, return_url="https://host.example/ok", actor=ADA)
        self.values: dict[str, Any] = {
            "account_id": owner.id,
            "license_id": license_.id,
            "invoice_id": stage.invoices().items[0].id,
            "attempt_id": self.stage.attempt(license_.id).id,
            "setup_id": setup.id,
            "card_id": owner.cards[0].id,
            "user_id": "dan",
            "to_user_id": "bob",
            "owner": "dan",
            "role": billing_core.Role.AGENT,
            "name": "Dan Ltd",
            "currency": "EUR",
            "time_zone": "Europe/Paris",
            "external_id": "legacy:7",
            "return_url": "https://host.example/ok",
            "form": ADDRESS,
            "claims": {"name": "Ada Lovelace"},
            "answer": RegistryAnswer(status=RegistryStatus.VALID, checked_at=self.stage.clock.now()),
            "plan": TEAM,
            "anchor": date(2025, 1, 31),
            "paid_until": date(2025, 2, 28),
            "days": 3,
            "reason": "lost",
            "reference": "bank:1",
            "decision": "void",
            "body": b"{}",
            "headers": {},
            "card": _CARD,
            "connection": None,
        }

    def actor(self, name: str) -> Any:
        """Who may do it."""
        if name in {"verify_owner", "grant_extension"}:
            return SAM
        system = {
            "import_account",
            "import_license",
            "resolve_attention",
            "record_external_payment",
            "refund",
            "resolve_refund",
            "record_external_refund",
            "record_tax_answer",
            "stop_sending",
            "resume_sending",
            "begin_restore_epoch",
        }
        return SYSTEM if name in system else ADA

    def everything(self) -> list[Any]:
        """All that is stored, and all that was told."""
        books = self.stage.billing.books()
        return [*books.accounts, *books.licenses, *books.invoices, *books.attempts, *(books.events or ())]


@pytest.mark.parametrize("surface", SURFACES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_takes_one(command: str, surface: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a host passes on: the answer, the exception, the log and the whole store stay clean."""
    caplog.set_level(logging.DEBUG)
    world = World(surface)
    method = getattr(world.surface, command)
    hints = get_type_hints(inspect.unwrap(method), include_extras=True)
    needed = [it.name for it in parameters(method) if it.default is inspect.Parameter.empty]
    arguments = {
        name: world.values.get(name) or sample(hints[name], name) for name in needed if name != "actor"
    }
    if "actor" in needed:
        arguments["actor"] = world.actor(command)
    drive(f"{surface.__name__}.{command}", method, {**arguments, **SOUND.get(command, {})}, _run_out)
    stored = "".join(repr(it) + json.dumps(it.to_dict(), ensure_ascii=False) for it in world.everything())
    assert [] == [pan for pan in PANS if leaks(pan, stored) or leaks(pan, caplog.text)]


@pytest.mark.parametrize("surface", SURFACES, ids=lambda cls: cls.__name__)
def test_no_vendor_is_named_by_one(surface: Any) -> None:
    """The namespace, the gateways' ids, and whatever else a host sets up once."""
    arguments = {
        "store": MemoryStore(clock=ManualClock(NOW)),
        "gateways": {"main": ScriptedGateway()},
        "policy": billing_core.BillingPolicy(),
        "namespace": "test",
    }
    drive(surface.__name__, surface, arguments)


def test_a_webhook_with_one_is_not_believed() -> None:
    """Not even if its signature is right: references are ids."""
    gateway = ScriptedGateway()
    for pan, _, text in spellings():
        assert [] == _leaks_of(pan, gateway.notice, {"reference": text}, lambda answer: answer)


def test_everything_public_is_driven() -> None:
    """What is public is a class, a function, an enum, a port, an exception, a table or a constant."""
    driven = [*BOXES, *RECORDS, *OTHERS, *FUNCTIONS, *ENUMS, *SURFACES]
    rest = {
        name: thing
        for name, thing in public_things().items()
        if not any(thing is other for other in driven)
        and not isinstance(thing, Mapping)
        and not name.isupper()
    }
    ports = {name for name, thing in rest.items() if getattr(thing, "_is_protocol", False)}
    errors = {
        name for name, thing in rest.items() if isinstance(thing, type) and issubclass(thing, BillingError)
    }
    assert {"Step"} >= set(rest) - ports - errors
    assert (12, True) == (len(errors), len(ports) > 4)
    assert len(RECORDS) > 80


def test_amounts_are_numbers() -> None:
    """The exception: a plain number of any length is an amount, in no other notation."""
    for pan in PANS:
        assert Decimal(pan) == Money.of(pan, "EUR").amount
        assert refuses(pan, partial(Money.of, NOTATIONS["spaces"](pan), "EUR"))


def test_times_of_this_test_are_aware() -> None:
    """So that no refusal above is about that."""
    assert NOW.tzinfo is UTC
