"""Tokens and session secrets appear in no log line, no repr, no error and no event."""

from __future__ import annotations

import logging
import pickle
from typing import Any

import pytest

from billing_core.accounts.saved_card import CardExpiry, CardToken
from billing_core.advice import Advice
from billing_core.errors import BillingError, GatewayConfigError, GatewayRequestError
from billing_core.gateways.results import SetupOutcome, SetupResult, SetupSession
from billing_core.service.billing import Billing
from billing_core.service.renewal_flow import look_after
from billing_core.testing import ScriptedGateway
from tests.unit.service.stage import ADA, ADDRESS, SAM, SYSTEM, TEAM, Hand, Stage

TOKEN = "tok_SENTINEL_card"
SECRET = "cs_SENTINEL_client"
URL = "https://processor.example/SENTINEL_url"
CUSTOMER = "cus_17"


class _Telling(ScriptedGateway):
    """A processor whose every failure quotes what it was sent."""

    def begin_card_setup(self, request: Any, /) -> SetupSession:
        """With secrets of its own."""
        session = super().begin_card_setup(request)
        return SetupSession(
            session_ref=session.session_ref, url=URL, client_secret=SECRET, customer_ref=CUSTOMER
        )

    def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        """With a token that is easy to find."""
        result = super().complete_card_setup(session_ref)
        if result.card is None:
            return result
        from tests.unit.service.stage import changed

        card = changed(result.card, token=CardToken(TOKEN))
        return SetupResult(outcome=SetupOutcome.COMPLETED, card=card, customer_ref=CUSTOMER)

    def detach_card(self, token: CardToken, /) -> None:
        """Quote the token."""
        raise ValueError(token.value)


def _leaks(*things: object) -> list[str]:
    texts = [text for thing in things for text in (repr(thing), str(thing), f"{thing}")]
    return [text for text in texts if "SENTINEL" in text]


@pytest.mark.parametrize(
    "error",
    [
        None,
        TimeoutError(TOKEN),
        ValueError(f"card {TOKEN} of {CUSTOMER}"),
        GatewayConfigError("no such account"),
        GatewayRequestError("no such field"),
    ],
)
def test_no_secret_leaves(error: Exception | None, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong: logs, reprs of every record, request, report and error stay clean."""
    caplog.set_level(logging.DEBUG)
    stage = Stage(gateway=_Telling())
    account = stage.open()
    stage.billing.update_billing_info(account.id, ADDRESS, actor=ADA)
    setup = stage.billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ADA)
    assert (URL, SECRET) == (setup.url, setup.client_secret)
    stage.gateway.customer_enters_card(setup.id, expires=CardExpiry(2030, 1))
    old = stage.billing.complete_card_setup(account.id, setup.id, actor=ADA)
    license = stage.billing.choose_plan(account.id, TEAM, quantity=3, actor=ADA)
    if error is not None:
        stage.gateway.next_charge_raises(error)
    requests = []
    hand = Hand(stage, look_after(stage.context, license.id))
    while not hand.is_done:
        requests.append(hand.request)
        hand.step()
    report = stage.billing.run_due()
    stage.gateway.next_charge_declines(Advice.NEVER)
    stage.run_until_calm(days=1)
    stage.add_card(account.id, replace=old.id)
    errors: list[BillingError] = []
    for call in (
        lambda: stage.billing.grant_extension(license.id, days=99, actor=SAM, reason="card lost"),
        lambda: stage.billing.remove_card(account.id, TOKEN[4:8], actor=ADA),
        lambda: stage.billing.resolve_attention("att_1", "void", actor=SYSTEM, reason="nothing moved"),
        lambda: stage.billing.handle_webhook(TOKEN.encode(), {"X-Signature": TOKEN}),
    ):
        with pytest.raises(BillingError) as refused:
            call()
        errors.append(refused.value)
    books = stage.billing.books()
    things: list[object] = [
        setup,
        report,
        hand.result,
        *requests,
        *errors,
        stage.billing,
        stage.context,
        stage.billing.dossier(license.id),
        stage.billing.license_view(license.id),
        stage.billing.billing_info_view(account.id, actor=SAM),
        *books.accounts,
        *books.licenses,
        *books.invoices,
        *books.attempts,
        *(books.events or ()),
        *(event.to_dict() for event in books.events or ()),
        *(event.data for event in books.events or ()),
    ]
    assert [] == _leaks(*things)
    assert "SENTINEL" not in caplog.text
    assert [] == [record for record in caplog.records if "SENTINEL" in repr(record.args)]


def test_a_card_is_not_pickled() -> None:
    """A cache or a queue that pickles would keep the token."""
    stage = Stage(gateway=_Telling())
    account = stage.open()
    card = stage.add_card(account.id)
    for thing in (card, stage.billing.account(account.id), stage.billing.accounts()):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(thing)


def test_failures_are_logged_by_license_and_class(caplog: pytest.LogCaptureFixture) -> None:
    """An operator sees which license failed and how, and that a run was stopped."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_raises(GatewayConfigError("bad key sk_live_1"))
    with caplog.at_level(logging.INFO, "billing_core"):
        stage.billing.run_due()
    assert [
        "gateway main raised GatewayConfigError",
        f"license {license.id}: GatewayConfigError",
        "run stopped: a gateway refused our credentials or set-up",
    ] == caplog.messages


def test_silent_unless_the_host_says_otherwise() -> None:
    """The library's logger has a handler that does nothing, and no other."""
    assert Billing.__module__.startswith("billing_core")
    handlers = logging.getLogger("billing_core").handlers
    assert [logging.NullHandler] == [type(handler) for handler in handlers]
