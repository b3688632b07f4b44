"""
Looking for charges that a restore made the database forget.

A restored database knows nothing of what was sent after the backup. But ids and
keys are derived, so it knows under which keys a lost charge *would* have been
sent. Before anything new is sent for an invoice, an attempt with no send - a
*sought* attempt - is opened under the next such key and looked up. What is
found is booked like any answer; what surely never happened is void.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from billing_core.accounts.saved_card import SavedCard
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice, InvoiceKey
from billing_core.gateways.capabilities import Capabilities
from billing_core.licenses.license import License
from billing_core.values.ids import derive_id, derive_key, derive_reference
from billing_core.values.typed import evolve

__all__ = [
    "Namesake",
    "believed_from",
    "card_to_seek_with",
    "is_from_before_restore",
    "made",
    "may_have_forgotten",
    "must_seek",
    "namesakes",
    "with_nothing_found",
]

#: How many numbers after the next one are looked for too: lost attempts may have been void, and left gaps.
FURTHER_NUMBERS = 5
#: How many numbers are looked for under the key that the period has if the plan was changed.
NUMBERS_OF_CHANGED = 3
#: How many terms after that one are looked for: a plan may change at every boundary.
FURTHER_TERMS = 3


@attrs.frozen
class Namesake:
    """A sought attempt under another name that it may have had, and what that name would bill."""

    key: InvoiceKey
    attempt: ChargeAttempt

    def is_of_another_period(self, invoice: Invoice) -> bool:
        """Whether the name is not its own period's, so that another charge would have it one day."""
        return (self.key.term, self.key.index) != (invoice.key.term, invoice.key.index)


def may_have_forgotten(dossier: Dossier) -> bool:
    """Whether charges of the license may have been made that a restore made us forget."""
    return dossier.license.verified_epoch < dossier.controls.epoch


def must_seek(dossier: Dossier, invoice: Invoice) -> bool:
    """
    Whether an invoice may have been charged by what a restore made us forget.

    It ends by what is on record: with an attempt of this epoch for the invoice,
    and for all later ones with the license's own mark.
    """
    if not may_have_forgotten(dossier):
        return False
    return all(attempt.epoch < dossier.controls.epoch for attempt in dossier.attempts_of(invoice))


def card_to_seek_with(dossier: Dossier) -> SavedCard | None:
    """
    A card whose gateway can be asked; any will do, for a charge is looked for by its key.

    A gateway that can't look up is "asked" too: what comes of it is that a person decides.
    """
    default = dossier.account.default_card
    cards = ((default,) if default is not None else ()) + dossier.account.cards
    return next((card for card in cards if dossier.capabilities(card.gateway_id) is not None), None)


def is_from_before_restore(dossier: Dossier, attempt: ChargeAttempt) -> bool:
    """Whether sends of an attempt may have been forgotten, so that only a look-up may go on with it."""
    return attempt.sends == 0 or attempt.epoch < dossier.controls.epoch


def believed_from(dossier: Dossier, attempt: ChargeAttempt, capabilities: Capabilities) -> datetime:
    """
    From when on a look-up that finds nothing proves that nothing happened.

    A send that was forgotten went out before the restore, at the latest.
    """
    last = attempt.last_sent_at
    began_at = dossier.controls.epoch_began_at
    if began_at is not None and is_from_before_restore(dossier, attempt):
        last = began_at if attempt.sends == 0 else max(last, began_at)
    return last + capabilities.not_found_wait


def with_nothing_found(dossier: Dossier, attempt: ChargeAttempt) -> Dossier:
    """
    The dossier after it was proved that an attempt never happened, nor any after it.

    Only a sought attempt proves so much. Once that is so for the period that was
    running when the store was restored, it is so for all later ones: nothing is
    charged before it is due.
    """
    invoice, began_at = dossier.invoice(attempt.invoice_id), dossier.controls.epoch_began_at
    if attempt.sends or invoice is None or began_at is None:
        return dossier
    if dossier.license.term.start_of(invoice.period.end) <= began_at:
        return dossier
    return dossier.with_license(dossier.license.verified_in(dossier.controls.epoch))


def namesakes(
    sought: ChargeAttempt, invoice: Invoice, license: License, namespace: str
) -> Iterator[Namesake]:
    """
    A sought attempt as it may have been called, and be known to the processor, instead.

    Under a later number: the ones before it were declined, or never happened.
    Or under the next term: the plan was changed after the backup, so the period
    that is due now was billed as the next one of that term, or as its first one.
    If something was found so for an earlier period, the next one of that term
    may have been charged, too, whatever has become of this license's own terms since.

    A name under which something was found is never among them.
    """
    key = invoice.key
    for number in range(sought.number + 1, sought.number + 1 + FURTHER_NUMBERS):
        yield _called(sought, key, number, namespace)
    term, index = key.term, key.index
    if license.found_term:
        following = InvoiceKey(key.license_id, license.found_term, license.found_index + 1)
        for number in range(1, 1 + NUMBERS_OF_CHANGED):
            yield _called(sought, following, number, namespace)
        if following.term > key.term:
            term, index = following.term, following.index
    # If the next term counts from 0, what has this index there is a later period.
    for first in sorted({0, index}):
        for number in range(1, 1 + NUMBERS_OF_CHANGED):
            yield _called(sought, InvoiceKey(key.license_id, term + 1, first), number, namespace)
    for further in range(term + 2, term + 2 + FURTHER_TERMS):
        yield _called(sought, InvoiceKey(key.license_id, further, index), 1, namespace)


def _called(sought: ChargeAttempt, key: InvoiceKey, number: int, namespace: str) -> Namesake:
    request = evolve(
        sought.request,
        reference=derive_reference(namespace, str(key)),
        idempotency_key=derive_key(namespace, str(key), number),
    )
    attempt = evolve(
        sought,
        id=derive_id("att", namespace, str(key), number),
        # Among the attempts of its own invoice it keeps its place.
        number=number if request.reference == sought.request.reference else sought.number + 1,
        request=request,
        version=1,
    )
    return Namesake(key, attempt)


def made(attempts: tuple[ChargeAttempt, ...]) -> tuple[ChargeAttempt, ...]:
    """The attempts that were made, without those that were only looked for."""
    return tuple(it for it in attempts if it.sends or it.state is not AttemptState.VOID)
