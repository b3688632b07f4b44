"""The dossier: what is found in it, and how it is put together by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from billing_core.charging.attempt import AttemptState
from billing_core.charging.dossier import CardTry, CardUse, Dossier
from billing_core.charging.steps import Because
from billing_core.gateways.capabilities import Capabilities
from tests.charging_builders import (
    JAN_31,
    account_with,
    an_attempt,
    at,
    card_named,
    dossier_of,
    license_of,
    paris,
    sent,
)

NOW = paris(JAN_31)


def test_dossier_by_hand() -> None:
    """The gateways of the account's cards are taken to charge, unless the host says what they declare."""
    account, license = account_with(card_named()), license_of()
    assert {"main": Capabilities()} == Dossier.of(account, license).gateways
    assert {} == Dossier.of(account, license, gateways={}).gateways


def test_what_is_found() -> None:
    """The open invoice and the attempt that blocks; by id, too."""
    dossier = sent(dossier_of(), NOW)
    [invoice], [attempt] = dossier.invoices, dossier.attempts
    assert (invoice, attempt) == (dossier.open_invoice, dossier.unresolved_attempt)
    assert (invoice, attempt) == (dossier.invoice(invoice.id), dossier.attempt(attempt.id))
    assert (attempt,) == dossier.attempts_of(invoice)


def test_what_is_not_there() -> None:
    """Nothing is found in an empty dossier."""
    dossier = dossier_of()
    assert (None, None) == (dossier.open_invoice, dossier.unresolved_attempt)
    assert (None, None, None) == (dossier.invoice("x"), dossier.attempt("x"), dossier.capabilities("x"))
    assert timedelta(0) == dossier.uncertain_time(NOW)


def test_attempts_in_their_order() -> None:
    """By number, whatever order they were added in."""
    dossier = sent(dossier_of(), NOW)
    first = dossier.attempts[0]
    second = attrs.evolve(first, id="att_2", number=2)
    swapped = attrs.evolve(dossier, attempts=(second, first))
    assert (first, second) == swapped.attempts_of(dossier.invoices[0])


def test_tries_of_a_physical_card() -> None:
    """Those of other licenses, and the own ones as they are by now; of this fingerprint only."""
    here = an_attempt(AttemptState.DECLINED, sent_at=NOW, card_use=7)
    elsewhere = CardTry.of(an_attempt(id="att_9", sent_at=at("2025-01-20 09:00"), card_use=6))
    stale = CardTry.of(an_attempt(sent_at=NOW, card_use=7))
    theirs = CardTry.of(an_attempt(id="att_8", sent_at=NOW, card_use=1))
    dossier = dossier_of(
        attempts=(here, attrs.evolve(here, id="att_2", fingerprint="fp_other", card_use=9)),
        card_uses=(
            CardUse(fingerprint="fp_card_1", last=7, tries=(stale, elsewhere)),
            CardUse(fingerprint="fp_other", last=1, tries=(theirs,)),
        ),
    )
    assert (elsewhere, CardTry.of(here)) == dossier.tries_on(card_named())
    assert 8 == dossier.next_use_of(card_named())
    assert 1 == dossier_of().next_use_of(card_named())


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (AttemptState.OPEN, (True, True)),
        (AttemptState.UNKNOWN, (True, True)),
        (AttemptState.HELD, (True, True)),
        (AttemptState.SUCCEEDED, (False, True)),
        (AttemptState.DECLINED, (True, False)),
        (AttemptState.VOID, (False, False)),
    ],
)
def test_what_a_try_may_count_as(state: AttemptState, expected: tuple[bool, bool]) -> None:
    """What is not known yet may be a decline, and may be money."""
    tried = CardTry.of(an_attempt(state, sent_at=NOW))
    assert expected == (tried.may_be_declined, tried.may_have_captured)


def test_today_is_local() -> None:
    """In the zone of the term in force."""
    dossier = dossier_of(license_of(zone="Asia/Tokyo"))
    assert date(2025, 2, 1) == dossier.today(datetime(2025, 1, 31, 15, tzinfo=UTC))


def test_repr_shows_no_person() -> None:
    """Ids and counts only."""
    assert "Dossier(lic_1, 1 invoices, 1 attempts)" == repr(sent(dossier_of(), NOW))


def test_reason_reads_as_text() -> None:
    """A rule, and the facts it looked at if any."""
    assert ("covered (paid_until=2025-02-28)", "paused") == (
        str(Because("covered", {"paid_until": "2025-02-28"})),
        str(Because("paused")),
    )


def test_facts_of_a_reason_are_its_own() -> None:
    """Changing the mapping that it was made from changes nothing."""
    facts = {"days": 1}
    because = Because("rule", facts)
    facts["days"] = 2
    assert {"days": 1} == because.facts
