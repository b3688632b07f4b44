"""What a restore made us forget: when it is looked for, under which names, and what that proves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from billing_core.charging.attempt import AttemptEvent, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice, InvoiceKey
from billing_core.charging.next_step import next_step
from billing_core.charging.resolve import resolution, resolution_times
from billing_core.charging.seeking import (
    believed_from,
    card_to_seek_with,
    is_from_before_restore,
    made,
    must_seek,
    namesakes,
    with_nothing_found,
)
from billing_core.charging.steps import Because, SeekCharge
from billing_core.gateways.capabilities import GatewayGrade
from billing_core.gateways.results import ChargeResult
from billing_core.policy import BillingPolicy
from billing_core.values.ids import derive_id, derive_key, derive_reference
from tests import builders
from tests.charging_builders import (
    CAPABILITIES,
    account_with,
    an_attempt,
    capabilities_of,
    card_named,
    dossier_of,
    license_of,
    paris,
)

TICK, MINUTE, HOUR, DAY = (
    timedelta(microseconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
#: 1 h of request life, 1 min of lag and 5 h of margin.
PROOF = 6 * HOUR + MINUTE
DUE = paris(date(2025, 1, 31))
RESTORED = DUE + 3 * DAY
BILL = builders.invoice(of=license_of())
SOUGHT = an_attempt(sends=0, epoch=2, sent_at=RESTORED)
SENT = an_attempt(sent_at=DUE)
LOST = SENT.answered(ChargeResult.unknown(), DUE)


def restored(
    *attempts: ChargeAttempt, grade: GatewayGrade = GatewayGrade.KEYED_WITH_LOOKUP, **changes: Any
) -> Dossier:
    """What is known after a backup was put back."""
    dossier = dossier_of(capabilities=capabilities_of(grade), attempts=attempts, invoices=(BILL,), **changes)
    return attrs.evolve(dossier, controls=dossier.controls.in_next_epoch("backup-1", RESTORED))


def found(dossier: Dossier, now: Any) -> tuple[str, str] | None:
    step = resolution(dossier, dossier.attempts[0], now)
    return None if step is None else (step.action.value, step.because.rule)


# -- whether to look ------------------------------------------------------------------------------


def test_sought_before_anything_is_sent() -> None:
    """With the default card, and the epoch as the reason."""
    expected = SeekCharge(because=Because("restored", {"epoch": 2}), invoice_id="inv_1", card_id="card_1")
    assert expected == next_step(restored(), RESTORED, BillingPolicy(renewal_notice_days=0))


@pytest.mark.parametrize(
    ("dossier", "expected"),
    [
        (dossier_of(invoices=(BILL,)), False),
        (restored(), True),
        (restored(SENT), True),
        (restored(attrs.evolve(SENT, epoch=2)), False),
        (restored(SENT, attrs.evolve(SENT, id="att_2", number=2, epoch=2)), False),
        (restored(attrs.evolve(SENT, epoch=2, invoice_id="inv_2")), True),
        (restored(license=license_of().verified_in(2)), False),
        (restored(license=license_of().verified_in(1)), True),
    ],
    ids=["no restore", "nothing", "before", "since", "both", "of another", "verified", "verified before"],
)
def test_it_is_looked_for_once_in_an_epoch(dossier: Dossier, *, expected: bool) -> None:
    """For an invoice, by an attempt of the epoch; for a license, by its mark."""
    assert expected is must_seek(dossier, BILL)


def test_any_card_will_do_whose_gateway_is_given() -> None:
    """The default one first."""
    lost, kept = card_named("card_1", gateway_id="gone"), card_named("card_2")
    other = card_named("card_3")
    assert kept == card_to_seek_with(dossier_of(account=account_with(lost, kept)))
    assert kept == card_to_seek_with(dossier_of(account=account_with(kept, lost)))
    assert other == card_to_seek_with(dossier_of(account=account_with(kept, other)))
    assert card_to_seek_with(dossier_of(account=account_with(lost))) is None
    assert card_to_seek_with(dossier_of(account=account_with())) is None


def test_attempts_of_the_epoch_are_known() -> None:
    """What was sent in it is on file; what was only looked for, or sent before, may not be all there was."""
    dossier = restored()
    assert is_from_before_restore(dossier, SENT)
    assert is_from_before_restore(dossier, SOUGHT)
    assert not is_from_before_restore(dossier, attrs.evolve(SENT, epoch=2))


# -- from when on it is believed -----------------------------------------------------------------------


def test_believed_from() -> None:
    """The last send that may have been: before the restore, or on file since."""
    late = attrs.evolve(SENT, epoch=1, last_sent_at=RESTORED + HOUR)
    since = attrs.evolve(SENT, epoch=2)
    assert DUE + PROOF == believed_from(dossier_of(), SENT, CAPABILITIES)
    assert RESTORED + PROOF == believed_from(restored(), SENT, CAPABILITIES)
    assert RESTORED + HOUR + PROOF == believed_from(restored(), late, CAPABILITIES)
    assert DUE + PROOF == believed_from(restored(), since, CAPABILITIES)
    sought_late = attrs.evolve(SOUGHT, last_sent_at=RESTORED + 9 * DAY)
    assert RESTORED + PROOF == believed_from(restored(), sought_late, CAPABILITIES)


@pytest.mark.parametrize("before", [SENT, LOST, SOUGHT], ids=["sent", "lost", "sought"])
def test_looked_up_first(before: ChargeAttempt) -> None:
    """From the restore on, whatever was planned before it; then void, once nothing can show late."""
    planned = attrs.evolve(before, looked_at=RESTORED - TICK, look_at=RESTORED + 9 * DAY)
    for known in (before, planned):
        assert found(restored(known), RESTORED - TICK) is None
        assert ("look_up", "restored") == found(restored(known), RESTORED)
        assert RESTORED == min(resolution_times(restored(known), known))
    early, late = (before.looked_up_in_vain(RESTORED + PROOF - wait) for wait in (TICK, timedelta(0)))
    assert found(restored(early), RESTORED + PROOF - TICK) is None
    assert ("look_up", "restored") == found(restored(early), RESTORED + PROOF)
    assert ("void", "not_found_after_restore") == found(restored(late), RESTORED + PROOF)


def test_looked_up_again() -> None:
    """As planned, and when it proves something."""
    looked = attrs.evolve(LOST, looks=2, looked_at=RESTORED, look_at=RESTORED + DAY)
    assert (RESTORED + DAY, RESTORED + PROOF) == resolution_times(restored(looked), looked)
    assert found(restored(looked), RESTORED + PROOF - TICK) is None
    assert ("look_up", "restored") == found(restored(looked), RESTORED + PROOF)
    proved = attrs.evolve(looked, looked_at=RESTORED + PROOF)
    assert (RESTORED + DAY,) == resolution_times(restored(proved), proved)


def test_not_found_proves_nothing_of_what_was_accepted() -> None:
    """It is looked for until it is found, or a person is asked."""
    pending = SENT.answered(ChargeResult.pending(), DUE).looked_up_in_vain(RESTORED + PROOF)
    assert found(restored(pending), RESTORED + PROOF) is None
    over = attrs.evolve(pending, looks=9, look_at=RESTORED + DAY)
    almost = attrs.evolve(over, looks=8)
    assert ("look_up", "restored") == found(restored(almost), RESTORED + DAY)
    assert ("hold", "looks_exhausted") == found(restored(over), RESTORED + DAY)


@pytest.mark.parametrize("grade", [GatewayGrade.KEYED, GatewayGrade.NONE])
def test_nobody_can_be_asked(grade: GatewayGrade) -> None:
    """A person decides, at once: nothing is sent that may have been sent."""
    assert ("hold", "restored_and_cannot_look_up") == found(restored(SENT, grade=grade), DUE)


def test_what_was_sent_since_is_like_any_other() -> None:
    """It is on file with all that became of it."""
    since = attrs.evolve(LOST, epoch=2)
    assert ("look_up", "outcome_unknown") == found(restored(since), DUE + 5 * MINUTE)


# -- what is proved -----------------------------------------------------------------------------------


def test_nothing_found_for_the_running_period_verifies_the_license() -> None:
    """Only by a sought attempt; the period has to be the one that ran at the restore, or a later one."""
    marked = with_nothing_found(restored(SOUGHT), SOUGHT)
    assert 2 == marked.license.verified_epoch
    for dossier, attempt in (
        (restored(SENT), SENT),
        (dossier_of(invoices=(BILL,)), SOUGHT),
        (restored(SOUGHT, license=license_of()), attrs.evolve(SOUGHT, invoice_id="inv_of_nobody")),
    ):
        assert dossier is with_nothing_found(dossier, attempt)


@pytest.mark.parametrize(("after", "is_verified"), [(timedelta(0), False), (TICK, True)])
def test_a_period_that_was_over_proves_nothing_of_the_next(after: timedelta, *, is_verified: bool) -> None:
    """Its end, in the zone of the license, has to lie after the restore."""
    dossier = restored(SOUGHT)
    ends_at = paris(BILL.period.end)
    controls = attrs.evolve(dossier.controls, epoch_began_at=ends_at - after)
    marked = with_nothing_found(attrs.evolve(dossier, controls=controls), SOUGHT)
    assert is_verified is (2 == marked.license.verified_epoch)


# -- under which names -----------------------------------------------------------------------------------


def named(key: InvoiceKey, number: int) -> tuple[str, str, str]:
    """Id, key and reference of an attempt, as any process derives them."""
    return (
        derive_id("att", "shop", str(key), number),
        derive_key("shop", str(key), number),
        derive_reference("shop", str(key)),
    )


def _sought(invoice: Invoice, number: int) -> ChargeAttempt:
    id, key, reference = named(invoice.key, number)
    request = attrs.evolve(SOUGHT.request, reference=reference, idempotency_key=key)
    return attrs.evolve(SOUGHT, id=id, number=number, request=request, version=3)


@pytest.mark.parametrize("index", [0, 4])
def test_every_name_that_it_may_have_had(index: int) -> None:
    """Later numbers; the next term, as its next period or its first one; and the terms after it."""
    bill = builders.invoice(of=license_of(), index=index)
    sought = _sought(bill, 2)
    names = [(InvoiceKey("lic_1", 1, index), number) for number in (3, 4, 5, 6, 7)]
    for place in [0, index] if index else [0]:
        names += [(InvoiceKey("lic_1", 2, place), number) for number in (1, 2, 3)]
    names += [(InvoiceKey("lic_1", term, index), 1) for term in (3, 4, 5)]
    others = list(namesakes(sought, bill, license_of(), "shop"))
    assert [named(*name) for name in names] == [
        (it.attempt.id, it.attempt.request.idempotency_key, it.attempt.request.reference) for it in others
    ]
    assert [key for key, _ in names] == [it.key for it in others]
    assert [it.key != bill.key for it in others] == [it.is_of_another_period(bill) for it in others]
    assert [3, 4, 5, 6, 7, *[3] * (len(names) - 5)] == [it.attempt.number for it in others]
    for it in others:
        as_sought = attrs.evolve(it.attempt, id=sought.id, number=2, request=sought.request, version=3)
        assert (sought, 1) == (as_sought, it.attempt.version)
        assert sought.request.card == it.attempt.request.card


def test_what_follows_a_found_charge_is_looked_for_after_it() -> None:
    """As the next period of the term it was found in, or of one after; never under the found name itself."""
    found = license_of().found_as(2, 0)
    bill = attrs.evolve(BILL, key=InvoiceKey("lic_1", 1, 4))
    names = [(1, 4, number) for number in (2, 3, 4, 5, 6)]
    names += [(2, 1, number) for number in (1, 2, 3)]
    names += [(3, index, number) for index in (0, 1) for number in (1, 2, 3)]
    names += [(term, 1, 1) for term in (4, 5, 6)]
    expected = [derive_id("att", "shop", f"lic_1/{term}/{index}/0", number) for term, index, number in names]
    assert expected == [it.attempt.id for it in namesakes(SOUGHT, bill, found, "shop")]


def test_what_follows_a_found_charge_is_looked_for_in_a_later_term_too() -> None:
    """The license has begun a term of its own since; the forgotten one may have gone on."""
    bill = attrs.evolve(BILL, key=InvoiceKey("lic_1", 3, 1))
    names = [it.attempt.id for it in namesakes(SOUGHT, bill, license_of().found_as(2, 0), "shop")]
    following = [derive_id("att", "shop", "lic_1/2/1/0", number) for number in (1, 2, 3)]
    plain = [it.attempt.id for it in namesakes(SOUGHT, bill, license_of(), "shop")]
    assert (following, plain) == (names[5:8], names[:5] + names[8:])


def test_only_what_was_made_counts() -> None:
    """A sought attempt that found nothing was never an attempt."""
    void = SOUGHT.after(AttemptEvent.NEVER_HAPPENED, RESTORED)
    never_happened = SENT.after(AttemptEvent.NEVER_HAPPENED, RESTORED)
    assert (SENT, never_happened, SOUGHT) == made((SENT, void, never_happened, SOUGHT))
