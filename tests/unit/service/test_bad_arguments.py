"""Whatever is passed to whatever parameter: a clear typed error that repeats none of it, or a sound value."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest

from billing_core.accounts.permissions import Role
from billing_core.accounts.saved_card import CardExpiry, CardToken
from billing_core.charging.dossier import Dossier
from billing_core.charging.invariants import check_invariants
from billing_core.charging.next_step import next_step
from billing_core.charging.status import access_at, expires_at, status_at
from billing_core.errors import BillingError, InvalidInput, NotFound, PermissionDenied
from billing_core.gateways.capabilities import Capabilities
from billing_core.gateways.results import CardDetails, RefundResult
from billing_core.policy import BillingPolicy
from billing_core.service.arguments import checked
from billing_core.service.async_billing import AsyncBilling
from billing_core.service.billing import Billing
from billing_core.stores.port import AttemptFilter, InvoiceFilter, LicenseFilter, RefundFilter
from billing_core.tax.registry import RegistryAnswer, RegistryStatus
from billing_core.tax.verification import VerificationPolicy
from billing_core.values.money import Money
from billing_core.values.rounding import Rounding
from tests.unit.service.stage import ADA, ADDRESS, SAM, SYSTEM, TEAM, Stage, at

Surface = type[Billing] | type[AsyncBilling]

SURFACES: tuple[Surface, ...] = (Billing, AsyncBilling)
SECRET = "Zyzzyva"
CARD = "4242 4242 4242 4242"


class _Text(str):
    """A text that says more of itself than it should."""

    __slots__ = ()

    def __repr__(self) -> str:
        return SECRET

    __str__ = __repr__


class _Thing:
    def __repr__(self) -> str:
        return SECRET


JUNK: Mapping[str, Any] = {
    "none": None,
    "whole number": 5,
    "negative": -1,
    "huge": 10**5000,
    "float": 1.5,
    "not a number": float("nan"),
    "true": True,
    "bytes": SECRET.encode(),
    "empty": "",
    "blank": " ",
    "card number": CARD.replace(" ", ""),
    "card number in a text": f"{SECRET} {CARD}",
    "long": f"{SECRET} " * 10_000,
    "control": f"{SECRET}\x00",
    "half a character": f"{SECRET}\ud800",
    "no ASCII": f"{SECRET} \N{SNOWMAN}",
    "subclass of text": _Text(f"{SECRET} {CARD}"),
    "thing": _Thing(),
    "class": _Thing,
    "list": [SECRET, _Thing()],
    "tuple": (_Thing(), SECRET),
    "mapping": {SECRET: _Thing()},
    "mapping of things": {_Thing(): SECRET},
    "function": lambda: SECRET,
    "naive instant": datetime(2025, 1, 1),  # noqa: DTZ001 - what is to be refused
    "instant": datetime(2025, 1, 1, tzinfo=UTC),
    "day": date(2025, 1, 1),
}


def _public() -> list[str]:
    return [name for name in dir(Billing) if not name.startswith("_")]


def _parameters(method: Any) -> list[str]:
    return [name for name in inspect.signature(method).parameters if name != "self"]


CASES = [(name, parameter) for name in _public() for parameter in _parameters(getattr(Billing, name))]


NUMBERS = {"whole number", "negative", "huge"}


class _World:
    """A vendor with a customer, and a sound value for every parameter of every public method."""

    def __init__(self, surface: Surface = Billing) -> None:
        self.stage = Stage()
        self.license = self.stage.subscribe()
        self.stage.billing.run_due()
        self.billing: Any = surface(self.stage.store, {"main": self.stage.gateway}, self.stage.policy, "test")
        self.account = self.stage.billing.account(self.license.account_id)
        self.setup = self.stage.billing.begin_card_setup(
            self.account.id, return_url="https://host/ok", actor=ADA
        )
        self.stage.gateway.customer_enters_card(self.setup.id)
        self.stage.gateway.next_refund_gives(RefundResult.succeeded(Money.of("1.00", "EUR")))
        paid = self.stage.subscribe(self.stage.open("Bob Ltd"))
        self.stage.billing.run_license(paid.id)
        charge_id = self.stage.attempt(paid.id).id
        self.refund = self.stage.billing.refund(
            charge_id, Money.of("2.00", "EUR"), actor=SYSTEM, reason="a call"
        )
        self.values = self._values()
        self.before = self.stage.contents()

    def sound(self, method: str) -> dict[str, Any]:
        """Arguments that the method takes, all of them."""
        values = {**self.values, **self._own_values().get(method, {})}
        return {name: values[name] for name in _parameters(getattr(Billing, method))}

    def call(self, method: str, arguments: dict[str, Any]) -> Any:
        """Call the method of this world's surface."""
        answer = getattr(self.billing, method)(**arguments)
        return asyncio.run(answer) if inspect.iscoroutine(answer) else answer

    @property
    def is_unchanged(self) -> bool:
        """Whether the store holds what it held at first."""
        return bool(self.before == self.stage.contents())

    def _values(self) -> dict[str, Any]:
        card = CardDetails(token=CardToken("tok_1"), brand="visa", last4="4242", expires=CardExpiry(2030, 1))
        answer = RegistryAnswer(status=RegistryStatus.UNAVAILABLE, checked_at=self.stage.clock.now())
        return {
            "account_id": self.account.id,
            "license_id": self.license.id,
            "invoice_id": self.stage.billing.invoices().items[0].id,
            "charge_id": self.stage.attempt(self.license.id).id,
            "refund_id": self.refund.id,
            "gateway_ref": "re_9",
            "amount": Money.of("1.00", "EUR"),
            "ends_license": False,
            "refund_ledger": (),
            "attempt_id": self.stage.attempt(self.license.id).id,
            "card_id": self.account.cards[0].id,
            "setup_id": self.setup.id,
            "gateway_id": "main",
            "seller_id": "default",
            "external_id": "old_1",
            "restore_id": "backup_1",
            "customer_ref": "cus_1",
            "user_id": "bob",
            "to_user_id": "bob",
            "owner": "ada",
            "id": "acc_2",
            "reference": "transfer_1",
            "replace": self.account.cards[0].id,
            "after": None,
            "limit": 5,
            "shard": (0, 1),
            "filter": None,
            "ledger": (),
            "until": at("2025-03-31T09:00+02:00"),
            "name": "Ada Ltd",
            "currency": "EUR",
            "time_zone": "Europe/Paris",
            "role": "agent",
            "decision": "void",
            "reason": "asked for it",
            "return_url": "https://host/ok",
            "form": ADDRESS,
            "billing_info": ADDRESS,
            "claims": {"name": "Ada Lovelace"},
            "card": card,
            "answer": answer,
            "policy": VerificationPolicy(),
            "plan": TEAM,
            "quantity": 2,
            "days": 2,
            "start_on": date(2025, 2, 3),
            "anchor": date(2025, 1, 31),
            "paid_until": date(2025, 2, 28),
            "anchor_day": None,
            "at_period_end": True,
            "make_default": True,
            "actor": ADA,
            "expect_version": None,
            "body": b"{}",
            "headers": {},
            "connection": object(),
        }

    def _own_values(self) -> dict[str, dict[str, Any]]:
        return {
            "record_external_payment": {"actor": SYSTEM},
            "resolve_attention": {"actor": SYSTEM},
            "refund": {"actor": SYSTEM},
            "resolve_refund": {"actor": SYSTEM},
            "record_external_refund": {"actor": SYSTEM},
            "refunds": {"filter": RefundFilter()},
            "import_account": {"actor": SYSTEM},
            "import_license": {"actor": SYSTEM},
            "record_tax_answer": {"actor": SYSTEM},
            "stop_sending": {"actor": SYSTEM},
            "resume_sending": {"actor": SYSTEM},
            "begin_restore_epoch": {"actor": SYSTEM},
            "grant_extension": {"actor": SAM},
            "verify_owner": {"actor": SAM},
            "events": {"after": 0},
            "licenses": {"filter": LicenseFilter()},
            "invoices": {"filter": InvoiceFilter()},
            "attempts": {"filter": AttemptFilter()},
            "needs_attention": {"filter": AttemptFilter()},
        }


def _said(error: BaseException) -> str:
    """All that a log or a tracker would show of an error."""
    return f"{error} {error!r} {error.args} {error.__cause__!r} {vars(error)}"


def _ensure_silent(error: BillingError, junk: str) -> None:
    text = _said(error)
    assert SECRET not in text, junk
    assert CARD not in text, junk
    assert CARD.replace(" ", "") not in text, junk
    assert 3000 > len(text), junk


@pytest.mark.parametrize("surface", SURFACES)
def test_every_public_method_is_checked(surface: Surface) -> None:
    """Each of them is wrapped, and so is the constructor."""
    wrapper = checked(lambda: None).__code__.co_filename
    for name in [*_public(), "__init__"]:
        method = getattr(surface, name)
        assert wrapper == method.__code__.co_filename, name
        assert inspect.iscoroutinefunction(method) == inspect.iscoroutinefunction(method.__wrapped__), name


#: Made anew whenever a command has changed one: many can't be called twice.
_worlds: dict[Surface, _World] = {}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("method", _public())
def test_sound_values(surface: Surface, method: str) -> None:
    """Nothing is wrong with any argument that the table below leaves as it is."""
    world = _World(surface)
    try:
        world.call(method, world.sound(method))
    except BillingError as error:
        assert not isinstance(error, (InvalidInput, NotFound, PermissionDenied)), error  # noqa: PT017


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(("method", "parameter"), CASES)
def test_junk(surface: Surface, method: str, parameter: str) -> None:
    """A typed error that repeats nothing and leaves nothing behind, or a sound value."""
    for junk, value in JUNK.items():
        world = _worlds.get(surface) or _worlds.setdefault(surface, _World(surface))
        try:
            world.call(method, {**world.sound(method), parameter: value})
        except BillingError as error:
            _ensure_silent(error, junk)
            assert world.is_unchanged, junk
        else:
            # It was none: a name may be any text, and a form any mapping.
            if not world.is_unchanged:
                _worlds.clear()


@cache
def _dossier() -> Dossier:
    world = _World()
    return world.stage.billing.dossier(world.license.id)


def _billing(surface: Surface = Billing, **options: Any) -> Any:
    parts = {"gateways": {}, "policy": BillingPolicy(), "namespace": "test", **options}
    return surface(**{"store": Stage().store, **parts})


def _dossier_of(**parts: Any) -> Dossier:
    return Dossier.of(**{"account": _dossier().account, "license": _dossier().license, **parts})


def _about(function: Callable[..., Any]) -> dict[str, tuple[Callable[[Any], Any], set[str]]]:
    """A function of a dossier, an instant and a policy, with each of them left open."""
    name, policy = function.__name__, BillingPolicy()
    now = at("2025-02-02T09:00+01:00")
    return {
        f"{name}.dossier": (lambda junk: function(junk, now, policy), set()),
        f"{name}.now": (lambda junk: function(_dossier(), junk, policy), {"instant"}),
        f"{name}.policy": (lambda junk: function(_dossier(), now, junk), set()),
    }


#: Functions and constructors that a host calls, with one argument left open, and the junk that is none there.
CALLS: Mapping[str, tuple[Callable[[Any], Any], set[str]]] = {
    **_about(status_at),
    **_about(access_at),
    **_about(expires_at),
    **_about(next_step),
    "check_invariants": (check_invariants, set()),
    "Dossier.of.account": (lambda junk: _dossier_of(account=junk), set()),
    "Dossier.of.license": (lambda junk: _dossier_of(license=junk), set()),
    "Dossier.of.invoices": (lambda junk: _dossier_of(invoices=junk), set()),
    "Dossier.of.attempts": (lambda junk: _dossier_of(attempts=junk), set()),
    "Dossier.of.gateways": (lambda junk: _dossier_of(gateways=junk), {"none"}),
    "Money.allocate": (Money.of(1, "EUR").allocate, set()),
    "Money.split": (Money.of(1, "EUR").split, {"whole number"}),
    "Money.times.ratio": (lambda junk: Money.of(1, "EUR").times(junk, Rounding.HALF_UP), NUMBERS),
    "Money.times.rounding": (lambda junk: Money.of(1, "EUR").times(1, junk), set()),
    "BillingPolicy.retry_days": (lambda junk: BillingPolicy(retry_days=junk), set()),
    "BillingPolicy.grace_days": (lambda junk: BillingPolicy(grace_days=junk), {"whole number"}),
    "Capabilities.operations": (lambda junk: Capabilities(operations=junk), set()),
    "Capabilities.currencies": (lambda junk: Capabilities(currencies=junk), {"none"}),
    "Capabilities.minimum_amounts": (lambda junk: Capabilities(minimum_amounts=junk), set()),
    "Capabilities.send_timeout": (lambda junk: Capabilities(send_timeout=junk), set()),
    "Billing.store": (lambda junk: _billing(store=junk), set()),
    "Billing.gateways": (lambda junk: _billing(gateways=junk), set()),
    "Billing.gateway": (lambda junk: _billing(gateways={"main": junk}), set()),
    "Billing.policy": (lambda junk: _billing(policy=junk), set()),
    "Billing.namespace": (lambda junk: _billing(namespace=junk), set()),
    "Billing.sellers": (lambda junk: _billing(sellers=junk), {"none"}),
    "Billing.seller": (lambda junk: _billing(sellers={"default": junk}), set()),
    "Billing.tax_rates": (lambda junk: _billing(tax_rates=junk), {"none"}),
    "Billing.threads": (lambda junk: _billing(threads=junk), {"whole number"}),
    "AsyncBilling.store": (lambda junk: _billing(AsyncBilling, store=junk), set()),
    "AsyncBilling.gateways": (lambda junk: _billing(AsyncBilling, gateways=junk), set()),
    "AsyncBilling.gateway": (lambda junk: _billing(AsyncBilling, gateways={"main": junk}), set()),
    "AsyncBilling.policy": (lambda junk: _billing(AsyncBilling, policy=junk), set()),
}


@pytest.mark.parametrize("name", CALLS)
def test_junk_for_functions_and_constructors(name: str) -> None:
    """A typed error that repeats nothing; only what is right there is taken."""
    call, right = CALLS[name]
    taken = set()
    for junk, value in JUNK.items():
        try:
            call(value)
            taken.add(junk)
        except BillingError as error:
            _ensure_silent(error, junk)
    assert right == taken


@pytest.mark.parametrize("value", [None, "", {}, 0, 1, "false", _Thing()])
def test_a_choice_is_true_or_false(value: Any) -> None:
    """Nothing else is taken for one: ``at_period_end=None`` would end a paid license at once."""
    world = _World()
    with pytest.raises(InvalidInput, match=r"at_period_end: has the wrong type; expected bool"):
        world.call("cancel", {**world.sound("cancel"), "at_period_end": value})
    assert world.stage.license(world.license.id).cancellation is None


def test_all_wrong_arguments_at_once() -> None:
    """Like a form: one error, with an issue for each argument that does not fit."""
    with pytest.raises(InvalidInput) as caught:
        Stage().billing.choose_plan(
            5,  # type: ignore[arg-type]
            "team",  # type: ignore[arg-type]
            quantity=True,
            actor=None,  # type: ignore[arg-type]
            start_on=datetime(2025, 1, 1, tzinfo=UTC),
        )
    expected = ["account_id", "plan", "quantity", "actor", "start_on"]
    assert expected == [issue.field for issue in caught.value.issues]
    assert {"invalid_type"} == {issue.code for issue in caught.value.issues}


def test_ids_are_judged_before_they_are_looked_up() -> None:
    """A card number never reaches a database, whose errors repeat what they were asked."""
    billing = Stage().billing
    for value, code in [
        (["4242424242424242"], "invalid_type"),
        ("4242424242424242", "looks_like_card_number"),
        ("\ud800", "invalid_characters"),
        ("", "required"),
    ]:
        with pytest.raises(InvalidInput) as caught:
            billing.account(value)  # type: ignore[arg-type]
        assert [("account_id", code)] == [(issue.field, issue.code) for issue in caught.value.issues]
    with pytest.raises(InvalidInput, match="after: has the wrong type; expected a whole number"):
        billing.events(after="5")  # type: ignore[arg-type]


@checked
def _sample(
    license_id: str, text: str = "", role: Role | str = "agent", *, items: Iterable[int] = (), **rest: Any
) -> tuple[Any, ...]:
    return license_id, text, role, items, rest


def test_texts_are_plain_and_items_are_kept() -> None:
    """What a subclass of a text would say of itself is never heard; a generator is read once."""
    license_id, text, role, items, rest = _sample(
        _Text("lic_1"), _Text("x"), Role.OWNER, items=(n for n in (1, 2)), other=5
    )
    assert [str, str] == [type(license_id), type(text)]
    assert ("lic_1", "x", (1, 2), {"other": 5}) == (license_id, text, items, rest)
    assert "owner" == role


@pytest.mark.parametrize(
    ("places", "names"), [((), {}), (("acc_1", "acc_2"), {}), (("acc_1",), {"other": 1})]
)
def test_wrong_calls_are_left_to_python(places: tuple[Any, ...], names: dict[str, Any]) -> None:
    """Missing and surplus arguments are mistakes of the program, as ever."""
    with pytest.raises(TypeError, match="account"):
        Stage().billing.account(*places, **names)


def test_a_field_that_is_no_collection_is_named() -> None:
    """The error blames what the host wrote, not what became of it on the way."""
    for make, expected in [
        (lambda: BillingPolicy(retry_days="135"), "retry_days: has the wrong type; expected a tuple"),
        (lambda: Capabilities(minimum_amounts=5), "minimum_amounts: has the wrong type; expected a mapping"),
        (lambda: Capabilities(operations=[[]]), "operations: has the wrong type; expected a frozenset"),
    ]:
        with pytest.raises(InvalidInput) as caught:
            make()
        assert expected == str(caught.value)


def test_split_into_too_many_parts() -> None:
    """More parts than a machine can hold are refused."""
    with pytest.raises(InvalidInput, match="parts: must be between 1 and 1000000"):
        Money.of(1, "EUR").split(1_000_001)


def test_connection_is_required() -> None:
    """There is no transaction without one."""
    with pytest.raises(InvalidInput, match="connection: is required"):
        Stage().billing.using(None)
