"""Commands on accounts and their people, as flows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from billing_core.accounts.account import Account
from billing_core.accounts.billing_info import check_billing_info
from billing_core.accounts.permissions import ActorKind, Permission, Role, authorize
from billing_core.accounts.verification import Verification, compare_claims
from billing_core.charging.apply import Draft
from billing_core.charging.dossier import Dossier
from billing_core.errors import Conflict, PermissionDenied
from billing_core.events import EventType
from billing_core.issues import invalid
from billing_core.licenses.license import PendingChange
from billing_core.service.changes import Occasion, opening_change
from billing_core.service.commands import By, change_account, change_license
from billing_core.service.context import Context
from billing_core.service.requests import Commit, Flow, GetNow, ListLicenses
from billing_core.stores.port import CommitResult, LicenseFilter
from billing_core.tax.registry import RegistryAnswer
from billing_core.tax.verification import VerificationPolicy, VerificationState, next_verification
from billing_core.values.ids import derive_id
from billing_core.values.zones import zone

__all__ = [
    "add_member",
    "change_time_zone",
    "open_account",
    "record_tax_answer",
    "remove_member",
    "transfer_ownership",
    "update_billing_info",
    "verify_owner",
]

#: Accounts that one owner may open under one name at one instant.
_OPENINGS_MAX = 100


def open_account(
    context: Context,
    name: str,
    by: By,
    *,
    currency: str,
    time_zone: str,
    owner: str | None,
    id: str | None,
    seller_id: str,
) -> Flow[Account]:
    """See `Billing.open_account`."""
    first_owner = _first_owner(by, owner, id)
    now: datetime = yield GetNow()
    role = Role.SYSTEM if by.actor.kind is ActorKind.SYSTEM else Role.OWNER
    occasion = Occasion(namespace=context.namespace, at=now, actor=by.actor.ref(role), reason=by.reason)
    for place in range(_OPENINGS_MAX if id is None else 1):
        derived = derive_id("acc", context.namespace, first_owner, name, now.isoformat(), place)
        account = Account.open(
            id if id is not None else derived,
            name,
            currency=currency,
            time_zone=time_zone,
            owner=first_owner,
            opened_at=now,
            seller_id=seller_id,
        )
        data = {"currency": account.currency.code, "time_zone": time_zone}
        change, opened = opening_change(occasion, account, (Draft(type=EventType.ACCOUNT_OPENED, data=data),))
        result: CommitResult = yield Commit(change)
        if result.ok:
            return opened
    raise Conflict("account", account.id)


def _first_owner(by: By, owner: str | None, id: str | None) -> str:
    """A member opens an account for themselves, the system for anybody, support for nobody."""
    is_for_another = owner is not None and owner != by.actor.id
    if by.actor.kind is ActorKind.SUPPORT or (by.actor.kind is ActorKind.MEMBER and is_for_another):
        raise PermissionDenied("open_account", by.actor.kind.value, id or "(new)")
    if owner is None and by.actor.kind is ActorKind.SYSTEM:
        raise invalid("owner", "required")
    return owner if owner is not None else by.actor.id


def update_billing_info(context: Context, account_id: str, form: object, by: By) -> Flow[Account]:
    """See `Billing.update_billing_info`."""

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        info = check_billing_info(form, context.policy).unwrap()
        if info == account.billing_info:
            return account, ()
        data = {"country": info.country}
        return account.with_billing_info(info), (Draft(type=EventType.BILLING_INFO_UPDATED, data=data),)

    return change_account(context, account_id, Permission.UPDATE_BILLING_INFO, by, decide)


def change_time_zone(context: Context, account_id: str, time_zone: str, by: By) -> Flow[Account]:
    """See `Billing.change_time_zone`."""
    zone(time_zone)

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        if account.time_zone == time_zone:
            return account, ()
        data = {"before": account.time_zone, "after": time_zone}
        return account.with_time_zone(time_zone), (Draft(type=EventType.TIME_ZONE_CHANGED, data=data),)

    account = yield from change_account(context, account_id, Permission.UPDATE_BILLING_INFO, by, decide)
    # Each license follows at its next unbilled boundary. Repeating the command finishes what a crash left.
    after: str | None = None
    while True:
        page = yield ListLicenses(LicenseFilter(account_id=account_id), after)
        for license in page.items:
            yield from _move_license(context, license.id, time_zone, by.with_any_version())
        after = page.next
        if after is None:
            return account


def _move_license(context: Context, license_id: str, time_zone: str, by: By) -> Flow[Dossier]:
    def decide(dossier: Dossier, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
        license = dossier.license
        change = license.pending_change
        planned = change.zone if change is not None and change.zone is not None else license.terms[-1].zone
        if planned == time_zone or license.cancellation is not None:
            return dossier, ()
        moved = license.with_pending_change(PendingChange(zone=time_zone, requested_at=now))
        data = {"zone": time_zone, "from": license.paid_until.isoformat()}
        return dossier.with_license(moved), (Draft(type=EventType.PLAN_CHANGE_SCHEDULED, data=data),)

    return change_license(context, license_id, Permission.UPDATE_BILLING_INFO, by, decide)


def add_member(context: Context, account_id: str, user_id: str, role: Role | str, by: By) -> Flow[Account]:
    """See `Billing.add_member`."""
    try:
        wanted = Role(role)
    except ValueError:
        raise invalid("role", "unknown_value", allowed="owner, admin, agent") from None

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        if wanted is Role.OWNER or user_id in account.owners:
            authorize(by.actor, Permission.TRANSFER_OWNERSHIP, account)
        known = account.member(user_id)
        if known is not None and known.role is wanted:
            return account, ()
        data = {"user_id": user_id, "role": wanted.value}
        return account.with_member(user_id, wanted), (Draft(type=EventType.MEMBER_ADDED, data=data),)

    return change_account(context, account_id, Permission.MANAGE_MEMBERS, by, decide)


def remove_member(context: Context, account_id: str, user_id: str, by: By) -> Flow[Account]:
    """See `Billing.remove_member`."""

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        if user_id in account.owners:
            authorize(by.actor, Permission.TRANSFER_OWNERSHIP, account)
        removed = Draft(type=EventType.MEMBER_REMOVED, data={"user_id": user_id})
        return account.without_member(user_id), (removed,)

    return change_account(context, account_id, Permission.MANAGE_MEMBERS, by, decide)


def transfer_ownership(context: Context, account_id: str, to_user_id: str, by: By) -> Flow[Account]:
    """See `Billing.transfer_ownership`."""

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        if to_user_id == by.actor.id:
            return account, ()
        moved = account.with_ownership_moved(by.actor.id, to_user_id)
        data = {"from": by.actor.id, "to": to_user_id}
        return moved, (Draft(type=EventType.OWNERSHIP_TRANSFERRED, data=data),)

    return change_account(context, account_id, Permission.TRANSFER_OWNERSHIP, by, decide)


def verify_owner(
    context: Context, account_id: str, claims: Mapping[str, object], by: By
) -> Flow[Verification]:
    """See `Billing.verify_owner`."""
    found: list[Verification] = []

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        verification = compare_claims(account.billing_info, claims, context.policy)
        found[:] = [verification]
        fields = {field: match.value for field, match in verification.fields.items()}
        data = {"verified": verification.verified, "fields": fields}
        return account.touched(), (Draft(type=EventType.OWNER_VERIFIED, data=data),)

    yield from change_account(context, account_id, Permission.VERIFY_OWNER, by, decide)
    return found[0]


def record_tax_answer(
    context: Context, account_id: str, answer: RegistryAnswer, policy: VerificationPolicy, by: By
) -> Flow[Account]:
    """See `Billing.record_tax_answer`."""

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        state = account.tax_verification if account.tax_verification is not None else VerificationState()
        after, outcomes = next_verification(state, answer, now, policy)
        if after == account.tax_verification:
            return account, ()
        data = {"status": answer.status.value, "outcomes": [outcome.value for outcome in outcomes]}
        return account.with_tax_verification(after), (Draft(type=EventType.TAX_ID_CHECKED, data=data),)

    return change_account(context, account_id, Permission.RECORD_TAX_ANSWER, by, decide)
