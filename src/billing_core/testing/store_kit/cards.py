"""How physical cards were used: numbered, over all licenses and accounts, as far back as networks count."""

from __future__ import annotations

from datetime import datetime, timedelta

from billing_core.accounts.saved_card import SavedCard
from billing_core.charging.attempt import AttemptEvent, ChargeAttempt
from billing_core.charging.dossier import CardTry, CardUse
from billing_core.licenses.license import License
from billing_core.stores.port import Guard, RecordKind
from billing_core.testing.kit_report import ensure_equal
from billing_core.testing.store_kit.records import NOW, account, attempt, card, change, invoice, license
from billing_core.testing.store_kit.trial import Trial, payer, store_check

__all__ = [
    "check_card_uses_are_unique",
    "check_card_uses_count_from_the_last_send",
    "check_dossiers_tell_how_cards_were_used",
]

MARK = "fp_card_1"
MONTH = timedelta(days=30)


@store_check
def check_card_uses_are_unique(trial: Trial) -> None:
    """No two attempts on one physical card have the same number, not even of different licenses."""
    trial.sell()
    other = license("lic_2")
    trial.commit(change(other, reads=(payer(),)))
    _try(trial, license(), 0, use=1)
    theirs = invoice("inv_2", of=other)
    trial.commit(change(theirs, reads=(other,)))

    second = attempt("att_2", at=theirs, card_use=1)
    guard = Guard(RecordKind.ATTEMPT, "att_2", 0)
    trial.ensure_refused(change(second, reads=(theirs,)), guard, because="the card has a first use")
    trial.commit(change(attempt("att_2", at=theirs, card_use=2), reads=(theirs,)))


@store_check
def check_dossiers_tell_how_cards_were_used(trial: Trial) -> None:
    """Of the physical card, once: on other licenses and accounts as well, within the longest window."""
    twins = (card(), card("card_2", fingerprint=MARK))
    trial.commit(change(account(cards=twins), license()))
    same = card("card_x", fingerprint=MARK)
    theirs = license("lic_2", "acc_2")
    trial.commit(change(account("acc_2", cards=(same,), default_card_id="card_x"), theirs))
    sent = (NOW - MONTH, NOW - MONTH + timedelta(microseconds=1), NOW)
    tries = [_try(trial, theirs, index, use=index + 1, at=at, on=same) for index, at in enumerate(sent)]
    _try(trial, theirs, 9, use=1, on=card("card_z"))
    _try(trial, theirs, 10, use=0, on=same)

    expected = CardUse(fingerprint=MARK, last=3, tries=tuple(CardTry.of(it) for it in tries[1:]))
    ensure_equal((expected,), trial.dossier().card_uses, "how the card was used")
    trial.clock.advance(days=31)
    ensure_equal(
        (CardUse(fingerprint=MARK, last=3),), trial.dossier().card_uses, "how it was used, a month later"
    )


@store_check
def check_card_uses_count_from_the_last_send(trial: Trial) -> None:
    """A resend brings an attempt back into the window; an answer does not."""
    trial.sell()
    unpaid = invoice()
    started = attempt(at=unpaid, card_use=1)
    trial.commit(change(unpaid, started, reads=(license(),)))
    trial.clock.advance(days=31)
    over = (CardUse(fingerprint=MARK, last=1),)
    ensure_equal(over, trial.dossier().card_uses, "a month after it was sent")

    resent = started.resent(trial.clock.now())
    trial.commit(change(resent))
    ensure_equal((CardTry.of(resent),), trial.dossier().card_uses[0].tries, "after it was sent again")
    trial.clock.advance(days=31)
    trial.commit(change(resent.after(AttemptEvent.DECLINED, trial.clock.now())))
    ensure_equal(over, trial.dossier().card_uses, "after a late answer")


def _try(
    trial: Trial, sold: License, index: int, *, use: int, at: datetime = NOW, on: SavedCard | None = None
) -> ChargeAttempt:
    """A declined attempt for a period of a license, in the store."""
    unpaid = invoice(f"inv_{sold.id}_{index}", of=sold, index=index)
    with_card = on if on is not None else card()
    started = attempt(
        f"att_{sold.id}_{index}", at=unpaid, card=with_card, card_use=use, first_sent_at=at, last_sent_at=at
    )
    trial.commit(change(unpaid, started, reads=(sold,)))
    declined = started.after(AttemptEvent.DECLINED, NOW)
    trial.commit(change(declined))
    return declined
