"""The rules of `check_invariants` about how physical cards are used."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias

from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.invariants import BillingState
from billing_core.gateways.network_limits import earliest_attempt_at

__all__ = ["Findings", "card_uses_are_counted", "network_limits_are_kept", "no_charge_on_a_frozen_card"]

Findings: TypeAlias = Iterator[tuple[str, str]]


def no_charge_on_a_frozen_card(state: BillingState) -> Findings:
    """
    After "never again", no charge of the same saved card is sent. To look for a forgotten one is no charge.

    A network's updater may put other plastic in its place; consent that was withdrawn stays so.
    """
    frozen: dict[str | tuple[str, str], datetime] = {}
    for attempt in sorted(state.attempts, key=lambda a: a.first_sent_at):
        plastic = (attempt.card_id, attempt.fingerprint)
        frozen_at = frozen.get(attempt.card_id, frozen.get(plastic))
        if attempt.sends and frozen_at is not None and attempt.first_sent_at > frozen_at:
            yield attempt.id, "the card was frozen before"
        decline = attempt.result.decline if attempt.result is not None else None
        if decline is not None and decline.advice.freezes_card and attempt.declined_at is not None:
            mark = plastic if decline.advice is Advice.NEVER else attempt.card_id
            frozen.setdefault(mark, attempt.declined_at)


def network_limits_are_kept(state: BillingState) -> Findings:
    """No charge of a card is sent while its network's limit of declined attempts is reached."""
    by_card: dict[str, list[ChargeAttempt]] = defaultdict(list)
    for attempt in state.attempts:
        by_card[attempt.fingerprint].append(attempt)
    for attempts in by_card.values():
        for attempt in (it for it in attempts if it.sends):
            earlier = [
                a.first_sent_at
                for a in attempts
                if a.state is AttemptState.DECLINED and _place_on_card(a) < _place_on_card(attempt)
            ]
            allowed_at = earliest_attempt_at(attempt.brand, earlier)
            if allowed_at is not None and attempt.first_sent_at < allowed_at:
                yield attempt.id, f"allowed again at {allowed_at}"


def card_uses_are_counted(state: BillingState) -> Findings:
    """No two attempts on a physical card have the same number."""
    uses = Counter((a.fingerprint, a.card_use) for a in state.attempts if a.card_use)
    for (fingerprint, number), count in uses.items():
        if count > 1:
            yield fingerprint, f"{count} attempts are number {number} on the card"


def _place_on_card(attempt: ChargeAttempt) -> tuple[int, datetime]:
    return attempt.card_use, attempt.first_sent_at
