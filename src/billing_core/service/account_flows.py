"""Commands on accounts and their people, as flows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from billing_core.accounts.account import Account
from billing_core.accounts.billing_info import BillingInfo, check_billing_info
from billing_core.accounts.permissions import Actor, ActorKind, Permission, Role, authorize
from billing_core.accounts.verification import Verification, compare_claims
from billing_core.charging.apply import Draft
from billing_core.charging.dossier import Dossier
from billing_core.errors import Conflict, PermissionDenied
from billing_core.events import EventType
from billing_core.issues import invalid
from billing_core.licenses.license import PendingChange
from billing_core.service.changes import Occasion, opening_change
from billing_core.service.commands import change_account, change_license, checked_reason
from billing_core.service.context import Context
from billing_core.service.requests import Commit, Flow, GetNow, ListLicenses
from billing_core.stores.port import CommitResult, LicenseFilter
from billing_core.tax.registry import RegistryAnswer
from billing_core.tax.verification import VerificationPolicy, VerificationState, next_verification
from billing_core.values.ids import derive_id

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

_OPENINGS_MAX = 100


def open_account(
    context: Context,
    name: str,
    *,
    currency: str,
    time_zone: str,
    actor: Actor,
    owner: str | None,
    id: str | None,
    seller_id: str,
    reason: str | None,
) -> Flow[Account]:
    """See `Billing.open_account`."""
    said = checked_reason(reason)
    first_owner = owner if owner is not None else actor.id
    if actor.kind is ActorKind.SUPPORT or (actor.kind is ActorKind.MEMBER and first_owner != actor.id):
        raise PermissionDenied("open_account", actor.kind.value, id or "(new)")
    if owner is None and actor.kind is not ActorKind.MEMBER:
        raise invalid("owner", "required")
    now: datetime = yield GetNow()
    for place in range(_OPENINGS_MAX):
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
        role = Role.SYSTEM if actor.kind is ActorKind.SYSTEM else Role.OWNER
        occasion = Occasion(namespace=context.namespace, at=now, actor=actor.ref(role), reason=said)
        data = {"currency": account.currency.code, "time_zone": time_zone}
        change, opened = opening_change(occasion, account, (Draft(type=EventType.ACCOUNT_OPENED, data=data),))
        result: CommitResult = yield Commit(change)
        if result.ok:
            return opened
        if id is not None:
            raise Conflict("account", id)
    raise Conflict("account", derived)


def update_billing_info(
    context: Context,
    account_id: str,
    form: object,
    *,
    actor: Actor,
    reason: str | None,
    expect_version: int | None,
) -> Flow[Account]:
    """See `Billing.update_billing_info`."""

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        info: BillingInfo = check_billing_info(form, context.policy).unwrap()
        if info == account.billing_info:
            return account, ()
        return account.with_billing_info(info), (
            Draft(type=EventType.BILLING_INFO_UPDATED, data={"country": info.country}),
        )

    return change_account(
        context,
        account_id,
        Permission.UPDATE_BILLING_INFO,
        decide,
        actor=actor,
        reason=reason,
        expect_version=expect_version,
    )


def change_time_zone(
    context: Context, account_id: str, time_zone: str, *, actor: Actor, reason: str | None, expect_version: int | None
) -> Flow[Account]:
    """See `Billing.change_time_zone`."""

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        if account.time_zone == time_zone:
            return account, ()
        data = {"before": account.time_zone, "after": time_zone}
        return account.with_time_zone(time_zone), (Draft(type=EventType.TIME_ZONE_CHANGED, data=data),)

    account = yield from change_account(
        context,
        account_id,
        Permission.UPDATE_BILLING_INFO,
        decide,
        actor=actor,
        reason=reason,
        expect_version=expect_version,
    )
    # Each license follows at its own next unbilled boundary. Repeating the command finishes what a crash left.
    after: str | None = None
    while True:
        page = yield ListLicenses(LicenseFilter(account_id=account_id), after)
        for license_ in page.items:
            yield from _move_license(context, license_.id, time_zone, actor=actor, reason=reason)
        after = page.next
        if after is None:
            return account


def _move_license(
    context: Context, license_id: str, time_zone: str, *, actor: Actor, reason: str | None
) -> Flow[Dossier]:
    def decide(dossier: Dossier, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
        license_ = dossier.license
        change = license_.pending_change
        planned = change.zone if change is not None and change.zone is not None else license_.terms[-1].zone
        if planned == time_zone or license_.cancellation is not None:
            return dossier, ()
        moved = license_.with_pending_change(PendingChange(zone=time_zone, requested_at=now))
        data = {"zone": time_zone, "from": license_.paid_until.isoformat()}
        return dossier.with_license(moved), (Draft(type=EventType.PLAN_CHANGE_SCHEDULED, data=data),)

    return change_license(
        context,
        license_id,
        Permission.UPDATE_BILLING_INFO,
        decide,
        actor=actor,
        reason=reason,
        expect_version=None,
    )


def add_member(
    context: Context,
    account_id: str,
    user_id: str,
    role: Role,
    *,
    actor: Actor,
    reason: str | None,
    expect_version: int | None,
) -> Flow[Account]:
    """See `Billing.add_member`."""

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        if role is Role.OWNER or user_id in account.owners:
            authorize(actor, Permission.TRANSFER_OWNERSHIP, account)
        data = {"user_id": user_id, "role": role.value}
        return account.with_member(user_id, role), (Draft(type=EventType.MEMBER_ADDED, data=data),)

    return change_account(
        context, account_id, Permission.MANAGE_MEMBERS, decide, actor=actor, reason=reason, expect_version=expect_version
    )


def remove_member(
    context: Context, account_id: str, user_id: str, *, actor: Actor, reason: str | None, expect_version: int | None
) -> Flow[Account]:
    """See `Billing.remove_member`."""

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        return account.without_member(user_id), (
            Draft(type=EventType.MEMBER_REMOVED, data={"user_id": user_id}),
        )

    return change_account(
        context, account_id, Permission.MANAGE_MEMBERS, decide, actor=actor, reason=reason, expect_version=expect_version
    )


def transfer_ownership(
    context: Context, account_id: str, to_user_id: str, *, actor: Actor, reason: str | None, expect_version: int | None
) -> Flow[Account]:
    """See `Billing.transfer_ownership`."""

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        moved = account.with_ownership_moved(actor.id, to_user_id)
        data = {"from": actor.id, "to": to_user_id}
        return moved, (Draft(type=EventType.OWNERSHIP_TRANSFERRED, data=data),)

    return change_account(
        context,
        account_id,
        Permission.TRANSFER_OWNERSHIP,
        decide,
        actor=actor,
        reason=reason,
        expect_version=expect_version,
    )


def verify_owner(
    context: Context, account_id: str, claims: Mapping[str, object], *, actor: Actor, reason: str | None
) -> Flow[Verification]:
    """See `Billing.verify_owner`."""
    found: list[Verification] = []

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        verification = compare_claims(account.billing_info, claims, context.policy)
        found[:] = [verification]
        fields = {field: match.value for field, match in verification.fields.items()}
        data = {"verified": verification.verified, "fields": fields}
        return account.touched(), (Draft(type=EventType.OWNER_VERIFIED, data=data),)

    yield from change_account(
        context, account_id, Permission.VERIFY_OWNER, decide, actor=actor, reason=reason, expect_version=None
    )
    return found[0]


def record_tax_answer(
    context: Context,
    account_id: str,
    answer: RegistryAnswer,
    policy: VerificationPolicy,
    *,
    actor: Actor,
    reason: str | None,
) -> Flow[Account]:
    """See `Billing.record_tax_answer`."""

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        state = account.tax_verification if account.tax_verification is not None else VerificationState()
        after, outcomes = next_verification(state, answer, now, policy)
        data = {"status": answer.status.value, "outcomes": [str(outcome) for outcome in outcomes]}
        return account.with_tax_verification(after), (Draft(type=EventType.TAX_ID_CHECKED, data=data),)

    return change_account(
        context, account_id, Permission.RECORD_TAX_ANSWER, decide, actor=actor, reason=reason, expect_version=None
    )
