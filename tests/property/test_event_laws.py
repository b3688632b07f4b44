"""Laws of events: folding rebuilds everything, and nothing private is in them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_core.accounts.account import Account
from billing_core.accounts.permissions import Actor
from billing_core.accounts.saved_card import CardExpiry, CardToken
from billing_core.advice import Advice
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.invoice import Invoice
from billing_core.events import ActorRef, Event, EventType, fold, masked_state, record_change
from billing_core.gateways.results import (
    ActionRequired,
    CardDetails,
    ChargeResult,
    SetupRequest,
    SetupSession,
)
from billing_core.identity.address import Address
from billing_core.identity.avs import AvsKeys
from billing_core.identity.phone import Phone
from billing_core.identity.tax_id import TaxId
from billing_core.licenses.license import License
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy
from billing_core.service.billing import Billing
from billing_core.stores.memory import MemoryStore
from billing_core.tax.answers import RegistryAnswer
from billing_core.tax.verification import VerificationState
from billing_core.testing import ManualClock, ScriptedGateway
from billing_core.testing.strategies import instants, registered
from billing_core.values.money import Money
from billing_core.values.texts import PRIVATE, Secret, Text, TextKind, Url

#: The records that events rebuild.
VERSIONED = {"account": Account, "license": License, "invoice": Invoice, "attempt": ChargeAttempt}

#: Types that tell who somebody is, or that let one in.
PERSONAL_TYPES = {Address, Phone, TaxId, AvsKeys, CardToken, RegistryAnswer, VerificationState}
PERSONAL_KINDS = {get_args(Url)[1], get_args(Secret)[1]}

#: Texts that people write and that events keep: each of them is of the vendor's, or a reason on record.
OPEN_TEXTS = {
    "Cancellation.reason",
    "ChargeRequest.description",
    "Extension.reason",
    "Invoice.notes",
    "InvoiceLine.description",
    "Plan.name",
    "Treatment.invoice_notes",
    "Treatment.legal_basis",
}


@pytest.mark.parametrize("kind", VERSIONED)
@settings(max_examples=10)
@given(data=st.data())
def test_folding_the_changes_gives_the_last_state(kind: str, data: st.DataObject) -> None:
    """Whatever a record turns into from version to version, and however versions share out over events."""
    drawn = data.draw(st.lists(registered()[VERSIONED[kind].__name__], min_size=1, max_size=4))
    versions = [
        attrs.evolve(record, id="r_1", version=number) for number, record in enumerate(drawn, start=1)
    ]
    befores = [None, *versions]
    changes = [record_change(kind, before, after) for before, after in zip(befores, versions, strict=False)]
    cut = data.draw(st.integers(0, len(changes)))
    actor = ActorRef(kind="system", id="billing", role="system")
    events = [
        Event(
            id=f"evt_{number}",
            type=EventType.ACCOUNT_OPENED,
            at=data.draw(instants()),
            actor=actor,
            account_id="acc_1",
            changes=tuple(part),
        )
        for number, part in enumerate((changes[:cut], changes[cut:]))
    ]
    stored = [Event.from_dict(json.loads(json.dumps(event.to_dict()))) for event in events]
    assert {(kind, "r_1"): masked_state(versions[-1])} == fold(stored)


def leaves(hint: Any, path: str, *, private: bool) -> Iterator[tuple[str, Any, bool]]:
    """Every type and kind of text below an annotation: its path, itself, whether a private field holds it."""
    marks = getattr(hint, "__metadata__", ())
    private = private or PRIVATE in marks
    kinds = [mark for mark in marks if isinstance(mark, TextKind)]
    arguments = getattr(hint, "__args__", ())
    if kinds:
        yield path, kinds[0], private
    elif hint in PERSONAL_TYPES or not (arguments or attrs.has(hint)):
        yield path, hint, private
    elif arguments:
        for argument in arguments:
            yield from leaves(argument, path, private=private)
    else:
        hints = get_type_hints(hint, include_extras=True)
        for field in attrs.fields(hint):
            yield from leaves(hints[field.name], f"{hint.__name__}.{field.name}", private=private)


@pytest.mark.parametrize("kind", VERSIONED)
def test_every_field_that_can_hold_personal_data_is_private(kind: str) -> None:
    """Found by its type; a new one must be marked before events can carry it."""
    open_ = {
        path
        for path, leaf, private in leaves(VERSIONED[kind], kind, private=False)
        if not private and (leaf in PERSONAL_TYPES or leaf in PERSONAL_KINDS)
    }
    assert set() == open_


def test_open_texts_are_known() -> None:
    """A text that people write is private, or it is on this list on purpose."""
    text = get_args(Text)[1]
    found = {
        path
        for kind in VERSIONED
        for path, leaf, private in leaves(VERSIONED[kind], kind, private=False)
        if leaf is text and not private
    }
    assert OPEN_TEXTS == found


class SentinelGateway(ScriptedGateway):
    """A processor whose tokens, pages and secrets are recognised wherever they turn up."""

    def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        """With a sentinel in each place."""
        session = super().begin_card_setup(request)
        return attrs.evolve(
            session,
            url="https://processor.example/sentinel_url",
            client_secret="sentinel_secret",
            customer_ref="sentinel_customer",
        )


#: What must not be found again: personal data, tokens, addresses of pages.
FORM = {
    "name": "Sentinelname Sentinelson",
    "company": "Sentinelcompany",
    "line1": "74747 Sentinelstreet",
    "line2": "Sentinelfloor",
    "city": "Sentinelcity",
    "postal_code": "75013",
    "country": "FR",
    "phone": "+33 1 42 68 53 79",
    "tax_id": "FR83404833048",
}
SECRETS = ("sentinel", "74747", "75013", "142685379", "83404833048", "tok_")


def test_no_event_and_no_log_line_holds_personal_data_or_a_token(caplog: pytest.LogCaptureFixture) -> None:
    """A customer's life, with everything that can be put on file, leaves no trace of who it is."""
    caplog.set_level(logging.DEBUG)
    clock = ManualClock("2025-01-31T09:00+01:00")
    gateway = SentinelGateway()
    store = MemoryStore(clock=clock)
    billing = Billing(store, {"main": gateway}, BillingPolicy(), namespace="test")
    ada, sam, vendor = Actor.member("ada"), Actor.support("sam"), Actor.system()
    account = billing.open_account("Sentinelaccount", currency="EUR", time_zone="Europe/Paris", actor=ada)
    billing.update_billing_info(account.id, FORM, actor=ada)
    billing.verify_owner(account.id, {"name": FORM["name"], "phone": "5379"}, actor=sam)
    setup = billing.begin_card_setup(account.id, return_url="https://host.example/sentinel_return", actor=ada)
    gateway.customer_enters_card(setup.id)
    first = billing.complete_card_setup(account.id, setup.id, actor=ada)
    plan = Plan.monthly("team", price=Money.of("20", "EUR"))
    license_ = billing.choose_plan(account.id, plan, actor=ada)
    gateway.next_response_is_lost()
    billing.run_due()
    clock.set("2025-02-28T09:00+01:00")
    action = ActionRequired(
        url="https://processor.example/sentinel_confirm", client_secret="sentinel_confirm"
    )
    gateway.next_charge_gives(ChargeResult.requires_action(action))
    billing.run_due()
    clock.set("2025-03-02T09:00+01:00")
    gateway.card_declines(first.token, Advice.NEVER)
    billing.run_due()
    billing.grant_extension(license_.id, days=3, actor=sam, reason="card was stolen")
    again = billing.begin_card_setup(account.id, return_url="https://host.example/sentinel_return", actor=ada)
    gateway.customer_enters_card(again.id, fingerprint="fp_2")
    billing.complete_card_setup(account.id, again.id, replace=first.id, actor=ada)
    billing.run_due()
    details = CardDetails(
        token=CardToken("tok_sentinel"), brand="visa", last4="4242", expires=CardExpiry(2030, 1)
    )
    billing.import_account(
        "Sentinelimport",
        external_id="legacy:1",
        currency="EUR",
        time_zone="UTC",
        owner="eve",
        actor=vendor,
        billing_info=FORM,
        card=details,
        customer_ref="sentinel_ref",
    )
    events = billing.events(limit=1000)
    texts = [json.dumps(event.to_dict(), ensure_ascii=False) + repr(event) for event in events]
    texts += [record.getMessage() for record in caplog.records]
    texts += [repr(store), repr(billing.account(account.id)), repr(billing.books())]
    assert [] == [(word, text) for text in texts for word in SECRETS if word in text.lower()]
    assert len(events) > 20
    assert fold(events)["account", account.id] == masked_state(billing.account(account.id))
