"""Who may do what: the whole table, and where roles come from."""

from datetime import UTC, datetime

import attrs
import pytest

from billing_core.accounts.account import Account, Member
from billing_core.accounts.permissions import (
    PERMISSIONS,
    Actor,
    ActorKind,
    Permission,
    Role,
    authorize,
    role_of,
)
from billing_core.errors import InvalidInput, PermissionDenied
from billing_core.events import ActorRef

#: Every permission by every role, as it should be: owner, admin, agent, support, system, stranger.
TABLE = """
view_billing         yes  -    -    -    yes  -
view_masked_billing  yes  yes  -    yes  yes  -
update_billing_info  yes  -    -    -    -    -
manage_cards         yes  -    -    -    -    -
change_plan          yes  -    -    -    -    -
manage_members       yes  -    -    -    yes  -
transfer_ownership   yes  -    -    -    -    -
verify_owner         -    -    -    yes  -    -
grant_extension      -    -    -    yes  -    -
run_renewal          yes  -    -    -    yes  -
resolve_attention    -    -    -    -    yes  -
record_payment       -    -    -    -    yes  -
refund               -    -    -    -    yes  -
record_tax_answer    -    -    -    -    yes  -
import               -    -    -    -    yes  -
stop_sending         -    -    -    -    yes  -
begin_epoch          -    -    -    -    yes  -
"""
ROLES = (Role.OWNER, Role.ADMIN, Role.AGENT, Role.SUPPORT, Role.SYSTEM, Role.STRANGER)
ROWS = [row.split() for row in TABLE.strip().splitlines()]
CELLS = [
    (Permission(row[0]), role, cell == "yes")
    for row in ROWS
    for role, cell in zip(ROLES, row[1:], strict=True)
]

#: Somebody in each role on the account below.
ACTORS = {
    Role.OWNER: Actor.member("ada"),
    Role.ADMIN: Actor.member("ben"),
    Role.AGENT: Actor.member("cleo"),
    Role.SUPPORT: Actor.support("sam"),
    Role.SYSTEM: Actor.system(),
    Role.STRANGER: Actor.member("eve"),
}


def account() -> Account:
    """An account with an owner, an admin and an agent."""
    opened = Account.open(
        "acc_1",
        "Ada Ltd",
        currency="EUR",
        time_zone="Europe/Paris",
        owner="ada",
        opened_at=datetime(2025, 1, 31, tzinfo=UTC),
    )
    return opened.with_member("ben", Role.ADMIN).with_member("cleo", Role.AGENT)


def test_the_table_is_complete() -> None:
    """No role and no permission is missing here, or there."""
    assert set(Role) == set(ROLES) == set(PERMISSIONS)
    assert list(Permission) == [Permission(row[0]) for row in ROWS]
    assert len(Permission) * len(Role) == len(CELLS)


@pytest.mark.parametrize(("permission", "role", "allowed"), CELLS)
def test_every_role_may_what_the_table_says(permission: Permission, role: Role, allowed: bool) -> None:
    """Allowed actors pass in their role; others are told permission, role and account, and nothing else."""
    actor = ACTORS[role]
    if allowed:
        assert role is authorize(actor, permission, account())
        return
    with pytest.raises(PermissionDenied) as caught:
        authorize(actor, permission, account())
    assert (permission.value, role.value, "acc_1") == caught.value.args
    assert f"role '{role}' may not '{permission}' on account acc_1" == str(caught.value)


def test_nobody_but_an_owner_touches_cards() -> None:
    """Support could not take a card over the telephone even if it wanted to."""
    assert [Role.OWNER] == [role for role in Role if Permission.MANAGE_CARDS in PERMISSIONS[role]]


@pytest.mark.parametrize(("role", "actor"), ACTORS.items())
def test_a_role_is_looked_up_in_the_account(role: Role, actor: Actor) -> None:
    """It is never a part of the actor, so nobody can claim one."""
    assert role is role_of(actor, account())
    assert {"kind", "id"} == {field.name for field in attrs.fields(Actor)}


def test_support_and_system_are_not_members() -> None:
    """A support agent whose id is a member's has support's role, and no more."""
    assert Role.SUPPORT is role_of(Actor.support("ada"), account())
    assert Role.SYSTEM is role_of(Actor.system("ada"), account())


def test_a_role_ends_with_membership() -> None:
    """Who is removed is a stranger from then on."""
    gone = account().without_member("ben")
    assert Role.STRANGER is role_of(Actor.member("ben"), gone)


def test_actors_are_made_by_name() -> None:
    """One constructor for each kind."""
    made = [Actor.member("ada"), Actor.support("sam"), Actor.system(), Actor.system("nightly")]
    assert [
        (ActorKind.MEMBER, "ada"),
        (ActorKind.SUPPORT, "sam"),
        (ActorKind.SYSTEM, "billing"),
        (ActorKind.SYSTEM, "nightly"),
    ] == [(actor.kind, actor.id) for actor in made]


@pytest.mark.parametrize("user_id", ["", "a b", "4242424242424242", None, 7])
def test_an_actor_has_an_id(user_id: str) -> None:
    """Of the form of ids, whoever made it."""
    with pytest.raises(InvalidInput, match=r"^id: "):
        Actor.member(user_id)


def test_events_name_actor_and_role() -> None:
    """By plain texts, so that they outlive both."""
    assert ActorRef(kind="member", id="ada", role="owner") == Actor.member("ada").ref(Role.OWNER)


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.SYSTEM, Role.STRANGER, "root", None, 7])
def test_members_have_members_roles(role: Role) -> None:
    """The other roles come from elsewhere, and can't be given."""
    with pytest.raises(InvalidInput, match="role: is not a known value; allowed: owner, admin, agent"):
        Member(user_id="ada", role=role)
