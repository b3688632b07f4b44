"""Moving customers in, in the middle of a period. Idempotent; nothing is charged before it is due here."""

from __future__ import annotations

from datetime import date, datetime

from billing_core.accounts.account import Account
from billing_core.accounts.billing_info import check_billing_info
from billing_core.accounts.permissions import Actor, ActorKind, Permission, Role, authorize
from billing_core.charging.apply import Draft
from billing_core.charging.dossier import Dossier
from billing_core.errors import Conflict, PermissionDenied
from billing_core.events import EventType
from billing_core.gateways.results import CardDetails
from billing_core.issues import invalid
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.licenses.license import License, Term
from billing_core.licenses.plan import Plan
from billing_core.service.card_flows import saved_card
from billing_core.service.changes import Occasion, license_change, opening_change
from billing_core.service.commands import TRIES_MAX, By, load_account
from billing_core.service.context import Context
from billing_core.service.requests import Commit, Flow, GetNow, LoadAccount, LoadDossier
from billing_core.stores.port import CommitResult
from billing_core.values.ids import check_id, derive_id
from billing_core.values.schedule import RenewalSchedule
from billing_core.values.zones import local_date

__all__ = ["import_account", "import_license"]


def import_account(
    context: Context,
    name: str,
    by: By,
    *,
    external_id: str,
    currency: str,
    time_zone: str,
    owner: str,
    billing_info: object,
    card: CardDetails | None,
    gateway_id: str | None,
    customer_ref: str | None,
    seller_id: str,
) -> Flow[Account]:
    """See `Billing.import_account`."""
    check_id(external_id, "external_id")
    _ensure_system(by.actor, external_id)
    account_id = derive_id("acc", context.namespace, "import", external_id)
    known: Account | None = yield LoadAccount(account_id)
    if known is not None:
        return known
    now: datetime = yield GetNow()
    account = Account.open(
        account_id,
        name,
        currency=currency,
        time_zone=time_zone,
        owner=owner,
        opened_at=now,
        seller_id=seller_id,
        external_id=external_id,
    )
    if billing_info is not None:
        account = account.with_billing_info(check_billing_info(billing_info, context.policy).unwrap())
    if card is not None:
        gateway = context.gateway(gateway_id)
        card_id = derive_id("card", context.namespace, account_id, "import")
        account = account.with_card(saved_card(card_id, gateway, card, now))
        if customer_ref is not None:
            account = account.with_customer_ref(gateway, customer_ref)
    occasion = Occasion(
        namespace=context.namespace, at=now, actor=by.actor.ref(Role.SYSTEM), reason=by.reason
    )
    data = {"external_id": external_id, "currency": account.currency.code, "time_zone": time_zone}
    draft = Draft(type=EventType.ACCOUNT_IMPORTED, data=data)
    change, opened = opening_change(occasion, account.as_first_version(), (draft,))
    result: CommitResult = yield Commit(change)
    if result.ok:
        return opened
    # Another worker imported the same customer first.
    return (yield from load_account(account_id))


def import_license(
    context: Context,
    account_id: str,
    plan: Plan,
    by: By,
    *,
    external_id: str,
    anchor: date,
    paid_until: date,
    quantity: int,
    anchor_day: int | None,
) -> Flow[License]:
    """See `Billing.import_license`."""
    check_id(external_id, "external_id")
    license_id = derive_id("lic", context.namespace, account_id, "import", external_id)
    for _ in range(TRIES_MAX):
        account = yield from load_account(account_id)
        role = authorize(by.actor, Permission.IMPORT, account)
        known: Dossier | None = yield LoadDossier(license_id)
        if known is not None:
            return known.license
        plan.ensure_currency(account.currency)
        now: datetime = yield GetNow()
        license = _imported(
            License.start(
                license_id,
                account_id,
                plan,
                quantity=quantity,
                start_on=anchor,
                time_zone=account.time_zone,
                started_at=now,
            ),
            RenewalSchedule(anchor, plan.interval, anchor_day),
            paid_until,
            external_id,
        )
        data = {"external_id": external_id, "paid_until": paid_until.isoformat(), "plan": plan.id}
        change, stepped = license_change(
            Occasion(namespace=context.namespace, at=now, actor=by.actor.ref(role), reason=by.reason),
            None,
            Dossier(account=account.with_license_counted(), license=license),
            (Draft(type=EventType.LICENSE_IMPORTED, data=data),),
            wake_at=now,
            account_before=account,
        )
        result: CommitResult = yield Commit(change)
        if result.ok:
            return stepped.license
    raise Conflict("account", account_id)


def _imported(blank: License, schedule: RenewalSchedule, paid_until: date, external_id: str) -> License:
    """The license with one row for what was paid elsewhere, ending on a boundary of its schedule."""
    if paid_until < schedule.anchor:
        raise invalid("paid_until", "out_of_range", min=schedule.anchor.isoformat(), max="any later boundary")
    index = schedule.index_at(paid_until)
    if schedule.boundary(index) != paid_until:
        nearest = f"{schedule.boundary(index).isoformat()} or {schedule.boundary(index + 1).isoformat()}"
        raise invalid("paid_until", "mismatch", other=f"a boundary of the anchor's schedule: {nearest}")
    term: Term = blank.terms[0]
    rows = _paid_elsewhere(schedule, index, local_date(blank.started_at, term.zone))
    return blank.imported(term.rescheduled(schedule), rows, external_id)


def _paid_elsewhere(schedule: RenewalSchedule, index: int, today: date) -> tuple[CoverageRow, ...]:
    """One row up to the boundary: from the period that today lies in, or the last one if that is over."""
    end = schedule.boundary(index)
    if today < schedule.anchor:
        # The anchor is the end of a trial: whoever had it is served until then.
        return (CoverageRow(start=today, end=end, why=CoverageKind.IMPORTED, term=1),)
    if index == 0:
        return ()
    first = min(schedule.index_at(today), index - 1)
    period = first if first == index - 1 else None
    start = schedule.boundary(first)
    return (CoverageRow(start=start, end=end, why=CoverageKind.IMPORTED, term=1, index=period),)


def _ensure_system(actor: Actor, external_id: str) -> None:
    """An account that does not exist yet has no roles: only the vendor's automation imports."""
    if actor.kind is not ActorKind.SYSTEM:
        raise PermissionDenied(Permission.IMPORT.value, actor.kind.value, external_id)
