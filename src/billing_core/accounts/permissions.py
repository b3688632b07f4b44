"""
Who may do what: one table, checked by every command.

A member's role is looked up in the account, never claimed by the caller. A
vendor's support agent has no permission that touches a card, so there is no
command through which support could take card details.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from billing_core.errors import PermissionDenied
from billing_core.events import ActorRef
from billing_core.issues import Choice
from billing_core.records import Record
from billing_core.values.texts import Id

if TYPE_CHECKING:
    from billing_core.accounts.account import Account

__all__ = [
    "PERMISSIONS",
    "Actor",
    "ActorKind",
    "Permission",
    "Role",
    "authorize",
    "authorize_vendor",
    "role_of",
]


class Role(Choice):
    """In which capacity somebody acts on one account."""

    OWNER = "owner"
    ADMIN = "admin"
    AGENT = "agent"
    #: The vendor's support staff; on every account, with very little.
    SUPPORT = "support"
    #: The vendor's own automation: renewals, imports, reconciliation.
    SYSTEM = "system"
    #: Not a member of this account.
    STRANGER = "stranger"


class Permission(Choice):
    """One thing that a role may do."""

    VIEW_BILLING = "view_billing"
    VIEW_MASKED_BILLING = "view_masked_billing"
    UPDATE_BILLING_INFO = "update_billing_info"
    MANAGE_CARDS = "manage_cards"
    CHANGE_PLAN = "change_plan"
    MANAGE_MEMBERS = "manage_members"
    TRANSFER_OWNERSHIP = "transfer_ownership"
    VERIFY_OWNER = "verify_owner"
    GRANT_EXTENSION = "grant_extension"
    RUN_RENEWAL = "run_renewal"
    RESOLVE_ATTENTION = "resolve_attention"
    RECORD_PAYMENT = "record_payment"
    REFUND = "refund"
    RECORD_TAX_ANSWER = "record_tax_answer"
    IMPORT = "import"
    STOP_SENDING = "stop_sending"
    BEGIN_EPOCH = "begin_epoch"


_OWNER = frozenset(
    {
        Permission.VIEW_BILLING,
        Permission.VIEW_MASKED_BILLING,
        Permission.UPDATE_BILLING_INFO,
        Permission.MANAGE_CARDS,
        Permission.CHANGE_PLAN,
        Permission.MANAGE_MEMBERS,
        Permission.TRANSFER_OWNERSHIP,
        Permission.RUN_RENEWAL,
    }
)

#: Role x permission, complete: what is not listed is denied.
PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.OWNER: _OWNER,
        Role.ADMIN: frozenset({Permission.VIEW_MASKED_BILLING}),
        Role.AGENT: frozenset(),
        Role.SUPPORT: frozenset(
            {
                Permission.VIEW_MASKED_BILLING,
                Permission.VERIFY_OWNER,
                Permission.GRANT_EXTENSION,
            }
        ),
        Role.SYSTEM: frozenset(
            {
                Permission.VIEW_BILLING,
                Permission.VIEW_MASKED_BILLING,
                Permission.MANAGE_MEMBERS,
                Permission.RUN_RENEWAL,
                Permission.RESOLVE_ATTENTION,
                Permission.RECORD_PAYMENT,
                Permission.REFUND,
                Permission.RECORD_TAX_ANSWER,
                Permission.IMPORT,
                Permission.STOP_SENDING,
                Permission.BEGIN_EPOCH,
            }
        ),
        Role.STRANGER: frozenset(),
    }
)


class ActorKind(Choice):
    """Where an actor's role comes from."""

    MEMBER = "member"
    SUPPORT = "support"
    SYSTEM = "system"


@attrs.frozen(kw_only=True)
class Actor(Record):
    """
    Whoever causes a command, identified by the host's own login.

    Use the named constructors; a member's role is never part of the actor.

    >>> Actor.member("ada")
    Actor(kind=<ActorKind.MEMBER: 'member'>, id='ada')
    """

    kind: ActorKind
    id: Id

    @classmethod
    def member(cls, user_id: str) -> Actor:
        """A user of the host's product; their role is looked up in the account."""
        return cls(kind=ActorKind.MEMBER, id=user_id)

    @classmethod
    def support(cls, agent_id: str) -> Actor:
        """One of the vendor's support staff."""
        return cls(kind=ActorKind.SUPPORT, id=agent_id)

    @classmethod
    def system(cls, name: str = "billing") -> Actor:
        """The vendor's automation, by the name of the job."""
        return cls(kind=ActorKind.SYSTEM, id=name)

    def ref(self, role: Role) -> ActorRef:
        """How events name this actor."""
        return ActorRef(kind=self.kind.value, id=self.id, role=role.value)


def role_of(actor: Actor, account: Account) -> Role:
    """The role in which this actor acts on this account."""
    if actor.kind is ActorKind.SYSTEM:
        return Role.SYSTEM
    if actor.kind is ActorKind.SUPPORT:
        return Role.SUPPORT
    member = account.member(actor.id)
    return member.role if member is not None else Role.STRANGER


def authorize(actor: Actor, permission: Permission, account: Account) -> Role:
    """
    Let the actor pass, or raise.

    Returns:
        The role in which the actor passed, for the audit.

    Raises:
        PermissionDenied: naming permission, role and account.
    """
    role = role_of(actor, account)
    if permission not in PERMISSIONS[role]:
        raise PermissionDenied(permission.value, role.value, account.id)
    return role


def authorize_vendor(actor: Actor, permission: Permission) -> Role:
    """
    Let the vendor's own actor pass to what concerns all accounts, or raise.

    Nobody is a member of all accounts, so members have no permission here.

    Raises:
        PermissionDenied: naming permission and role; the account is ``*``.
    """
    roles = {ActorKind.SYSTEM: Role.SYSTEM, ActorKind.SUPPORT: Role.SUPPORT}
    role = roles.get(actor.kind, Role.STRANGER)
    if permission not in PERMISSIONS[role]:
        raise PermissionDenied(permission.value, role.value, "*")
    return role
