"""The run over all licenses that are due, in batches, and in waves within a batch."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from billing_core.accounts.permissions import Actor, Permission, authorize
from billing_core.charging.attempt import AttemptState
from billing_core.charging.dossier import Dossier
from billing_core.issues import invalid
from billing_core.service.batches import Finished
from billing_core.service.commands import load_dossier
from billing_core.service.context import Context
from billing_core.service.renewal_flow import LicenseRun, look_after
from billing_core.service.reports import RunReport
from billing_core.service.requests import ClaimDue, Flow, SideBySide
from billing_core.service.webhook_flow import wake_attempt
from billing_core.stores.port import Shard

__all__ = ["LEASE", "run_due", "run_license"]

logger = logging.getLogger("billing_core")

#: For how long a claimed license is left to the worker that claimed it.
LEASE = timedelta(minutes=10)
_BATCH = 100
#: How many licenses are looked after side by side. What a wave commits it sends at once: were more
#: intents committed than calls can be under way, the last ones would grow too old to be sent.
_WAVE = 16


def run_due(context: Context, shard: tuple[int, int], limit: int | None) -> Flow[RunReport]:
    """See `Billing.run_due`."""
    context.ensure_may_call_gateways()
    part = _checked_shard(shard)
    if limit is not None and (type(limit) is not int or limit < 1):
        raise invalid("limit", "out_of_range", min=1, max="any whole number")
    report = RunReport()
    while not report.stopped and (limit is None or report.licenses < limit):
        size = _BATCH if limit is None else min(_BATCH, limit - report.licenses)
        dossiers: tuple[Dossier, ...] = yield ClaimDue(size, LEASE, part)
        if not dossiers:
            break
        for wave in _waves(dossiers):
            # Read again: an earlier wave may have frozen the card, or used up its network's attempts.
            flows = tuple(look_after(context, dossier.license.id) for dossier in wave)
            outcomes: tuple[Finished, ...] = yield SideBySide(flows)
            report = report.with_batch([dossier.license.id for dossier in wave], outcomes)
            if report.stopped:
                break
    _log_failures(report)
    return report


def _waves(dossiers: tuple[Dossier, ...]) -> Iterator[list[Dossier]]:
    """
    The licenses in groups of at most `_WAVE`, no two of which could be charged to the same card.

    What one charge teaches about a card - that it declines, that it must never
    be tried again - has to be known before the next one.
    """
    waiting = list(dossiers)
    while waiting:
        wave: list[Dossier] = []
        later: list[Dossier] = []
        cards: set[str] = set()
        for dossier in waiting:
            own = {card.fingerprint for card in dossier.account.cards} | {dossier.account.id}
            if len(wave) < _WAVE and cards.isdisjoint(own):
                wave.append(dossier)
                cards |= own
            else:
                later.append(dossier)
        yield wave
        waiting = later


def run_license(context: Context, license_id: str, actor: Actor | None) -> Flow[LicenseRun]:
    """See `Billing.run_license`."""
    if actor is None:
        return (yield from look_after(context, license_id))
    dossier = yield from load_dossier(context, license_id)
    by = actor.ref(authorize(actor, Permission.RUN_RENEWAL, dossier.account))
    attempt = dossier.unresolved_attempt
    if attempt is None or attempt.state is not AttemptState.REQUIRES_ACTION:
        return (yield from look_after(context, license_id, dossier, by))
    # Whoever comes back from their bank does not wait for the next look.
    context.ensure_may_call_gateways()
    yield from wake_attempt(context, attempt, "cardholder_is_back", by)
    return (yield from look_after(context, license_id, actor=by))


def _log_failures(report: RunReport) -> None:
    for failure in report.failures:
        # Only the class: a host's store or tax provider may quote in its message what it was given.
        logger.error("license %s: %s", failure.license_id, type(failure.error).__name__)
    for reason, count in report.paused.items():
        logger.warning("%s: nothing was sent for %s licenses; they stay due", reason, count)
    if report.stopped:
        logger.critical("run stopped: a gateway refused our credentials or set-up")


def _checked_shard(shard: tuple[int, int]) -> Shard:
    number, count = shard
    if not (type(number) is int and type(count) is int and 0 <= number < count):
        raise invalid("shard", "out_of_range", min="(0, n)", max="(n - 1, n)")
    return Shard(number, count)
