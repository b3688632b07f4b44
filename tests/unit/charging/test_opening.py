"""The attempt that is committed before anything is sent, and its request, whole."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from billing_core.accounts.billing_info import BillingInfo, check_billing_info
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import CardUse
from billing_core.charging.opening import attempt_at
from billing_core.gateways.capabilities import GatewayGrade
from billing_core.gateways.results import BillingDetails, ChargeRequest, StoredCredential
from billing_core.identity.avs import avs_keys
from billing_core.policy import BillingPolicy
from billing_core.values.ids import derive_id, derive_key, derive_reference
from tests import builders
from tests.charging_builders import (
    PRICE,
    account_with,
    an_attempt,
    capabilities_of,
    card_named,
    dossier_of,
    license_of,
    paris,
)

NOW = paris(date(2025, 1, 31))
BILL = builders.invoice(of=license_of(), amount=PRICE)


def billing_info() -> BillingInfo:
    given = {
        "name": "Ada",
        "country": "US",
        "line1": "1 Main St",
        "city": "Austin",
        "region": "TX",
        "postal_code": "73301",
    }
    return check_billing_info(given, BillingPolicy()).unwrap()


def test_whole() -> None:
    """Everything follows from the invoice, the card, the number and the namespace."""
    info = billing_info()
    card = card_named(network_transaction_id="net_1", brand="mastercard")
    dossier = dossier_of(
        account=account_with(card, billing_info=info, customer_refs={"main": "cus_1", "other": "cus_2"})
    )
    dossier = attrs.evolve(dossier, controls=dossier.controls.in_next_epoch("backup-1", NOW))
    key = "lic_1/1/0/0"
    assert ChargeAttempt(
        id=derive_id("att", "shop", key, 1),
        invoice_id="inv_1",
        license_id="lic_1",
        account_id="acc_1",
        number=1,
        gateway_id="main",
        card_id="card_1",
        fingerprint="fp_card_1",
        brand="mastercard",
        request=ChargeRequest(
            amount=PRICE,
            reference=derive_reference("shop", key),
            idempotency_key=derive_key("shop", key, 1),
            card=card.token,
            customer_ref="cus_1",
            description="team 2025-01-31/2025-02-28",
            stored_credential=StoredCredential(initial_network_transaction_id="net_1"),
            billing=BillingDetails(country="US", avs=avs_keys(info.address)),
        ),
        card_use=1,
        epoch=2,
        first_sent_at=NOW,
        last_sent_at=NOW,
    ) == attempt_at(dossier, BILL, card, NOW, "shop")


def test_without_details() -> None:
    """What the account does not have is not sent."""
    request = attempt_at(dossier_of(), BILL, card_named(), NOW, "shop").request
    assert (None, BillingDetails(), StoredCredential()) == (
        request.customer_ref,
        request.billing,
        request.stored_credential,
    )


def test_next_number() -> None:
    """One more than the highest of this invoice: a lower one may be missing after a restore."""
    earlier = (an_attempt(number=1), an_attempt(id="att_3", number=3))
    foreign = an_attempt(id="att_9", number=9, invoice_id="inv_2")
    third = attempt_at(dossier_of(attempts=(*earlier, foreign)), BILL, card_named(), NOW, "shop")
    assert (4, derive_id("att", "shop", "lic_1/1/0/0", 4)) == (third.number, third.id)
    assert derive_key("shop", "lic_1/1/0/0", 4) == third.request.idempotency_key


@pytest.mark.parametrize("sends", [0, 1])
def test_what_is_only_looked_for(sends: int) -> None:
    """It uses no card, and is prepared nowhere."""
    dossier = dossier_of(
        capabilities=capabilities_of(GatewayGrade.FENCED),
        card_uses=(CardUse(fingerprint="fp_card_1", last=6), CardUse(fingerprint="fp_2", last=9)),
    )
    opened = attempt_at(dossier, BILL, card_named(), NOW, "shop", sends=sends)
    assert (sends, 7 if sends else 0, bool(sends)) == (opened.sends, opened.card_use, opened.is_fenced)


def test_fenced_by_what_the_gateway_declares_now() -> None:
    """One that is not given, or declares less, prepares nothing."""
    elsewhere = card_named(gateway_id="other")
    fenced = dossier_of(capabilities=capabilities_of(GatewayGrade.FENCED))
    assert attempt_at(fenced, BILL, card_named(), NOW, "shop").is_fenced
    assert not attempt_at(fenced, BILL, elsewhere, NOW, "shop").is_fenced
    assert not attempt_at(dossier_of(), BILL, card_named(), NOW, "shop").is_fenced
