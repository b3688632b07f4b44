"""Role by command, complete: who may do what, and that a denial leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import attrs
import pytest

from billing_core.accounts.permissions import Actor, Role
from billing_core.errors import BillingError, PermissionDenied
from billing_core.gateways.results import ChargeResult, RefundResult
from billing_core.licenses.license import License
from billing_core.policy import BillingPolicy, OpenInvoiceRule
from billing_core.service.billing import Billing
from billing_core.tax.registry import RegistryAnswer, RegistryStatus
from billing_core.values.money import Money
from tests.unit.service.stage import ADA, ADDRESS, BOB, EVE, SAM, SYSTEM, TEAM, Stage

ACTORS = {
    Role.OWNER: ADA,
    Role.ADMIN: BOB,
    Role.AGENT: EVE,
    Role.SUPPORT: SAM,
    Role.SYSTEM: SYSTEM,
    Role.STRANGER: Actor.member("mallory"),
}
OWNER, SUPPORT, SYSTEM_ROLE = {Role.OWNER}, {Role.SUPPORT}, {Role.SYSTEM}


@attrs.frozen
class Scene:
    """A customer with everything that a command may be about."""

    stage: Stage
    account_id: str
    license: License
    card_id: str
    setup_id: str
    invoice_id: str
    held_id: str
    paid_id: str = ""
    refund_id: str = ""

    @property
    def billing(self) -> Billing:
        """What the commands are called on."""
        return self.stage.billing


def scene() -> Scene:
    """An account with a card, an open card set-up, a HELD charge, and a license that is unpaid."""
    stage = Stage(BillingPolicy(open_invoice=OpenInvoiceRule.SETTLE_FIRST))
    account = stage.open()
    held = stage.subscribe(account)
    stage.gateway.next_charge_gives(ChargeResult.succeeded(Money.of("1.00", "EUR")))
    stage.billing.run_due()
    card_id = stage.billing.account(account.id).cards[0].id
    stage.billing.remove_card(account.id, card_id, actor=ADA)
    setup = stage.billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ADA)
    unpaid = stage.billing.choose_plan(account.id, TEAM, actor=ADA)
    stage.billing.run_due()
    invoice = next(i for i in stage.billing.invoices().items if i.license_id == unpaid.id)
    card_id = stage.add_card(account.id).id
    stage.gateway.customer_enters_card(setup.id)
    return Scene(stage, account.id, unpaid, card_id, setup.id, invoice.id, stage.attempt(held.id).id)


def with_refund(played: Scene) -> Scene:
    """The same with a charge that succeeded, and one whose refund waits for a person."""
    stage = played.stage
    paid_ids = []
    for name in ("Bob Ltd", "Carl Ltd"):
        license = stage.subscribe(stage.open(name))
        stage.billing.run_license(license.id)
        paid_ids.append(stage.attempt(license.id).id)
    stage.gateway.next_refund_gives(RefundResult.succeeded(Money.of("1.00", "EUR")))
    refund = stage.billing.refund(paid_ids[1], Money.of("2.00", "EUR"), actor=SYSTEM, reason="a call")
    return attrs.evolve(played, paid_id=paid_ids[0], refund_id=refund.id)


ANSWER = RegistryAnswer(
    status=RegistryStatus.UNAVAILABLE, checked_at=Stage().clock.now(), fault="MS_UNAVAILABLE"
)

#: Every command that an actor gives about an account that exists: who may, and how it is called.
COMMANDS: dict[str, tuple[set[Role], Callable[[Scene, Actor], object]]] = {
    "update_billing_info": (
        OWNER,
        lambda s, by: s.billing.update_billing_info(s.account_id, ADDRESS, actor=by),
    ),
    "change_time_zone": (
        OWNER,
        lambda s, by: s.billing.change_time_zone(s.account_id, "Europe/Rome", actor=by),
    ),
    "add_member": (
        OWNER | SYSTEM_ROLE,
        lambda s, by: s.billing.add_member(s.account_id, "new", Role.AGENT, actor=by),
    ),
    "add_member as owner": (
        OWNER,
        lambda s, by: s.billing.add_member(s.account_id, "new", "owner", actor=by),
    ),
    "remove_member": (
        OWNER | SYSTEM_ROLE,
        lambda s, by: s.billing.remove_member(s.account_id, "eve", actor=by),
    ),
    "transfer_ownership": (OWNER, lambda s, by: s.billing.transfer_ownership(s.account_id, "bob", actor=by)),
    "verify_owner": (SUPPORT, lambda s, by: s.billing.verify_owner(s.account_id, {"name": "Ada"}, actor=by)),
    "record_tax_answer": (
        SYSTEM_ROLE,
        lambda s, by: s.billing.record_tax_answer(s.account_id, ANSWER, actor=by),
    ),
    "begin_card_setup": (
        OWNER,
        lambda s, by: s.billing.begin_card_setup(s.account_id, return_url="https://host/ok", actor=by),
    ),
    "complete_card_setup": (
        OWNER,
        lambda s, by: s.billing.complete_card_setup(s.account_id, s.setup_id, actor=by),
    ),
    "complete_card_setup replace": (
        OWNER,
        lambda s, by: s.billing.complete_card_setup(s.account_id, s.setup_id, replace=s.card_id, actor=by),
    ),
    "remove_card": (OWNER, lambda s, by: s.billing.remove_card(s.account_id, s.card_id, actor=by)),
    "set_default_card": (OWNER, lambda s, by: s.billing.set_default_card(s.account_id, s.card_id, actor=by)),
    "payment_action": (OWNER, lambda s, by: s.billing.payment_action(s.license.id, actor=by)),
    "choose_plan": (OWNER, lambda s, by: s.billing.choose_plan(s.account_id, TEAM, actor=by)),
    "change_plan": (OWNER, lambda s, by: s.billing.change_plan(s.license.id, quantity=5, actor=by)),
    "cancel": (OWNER, lambda s, by: s.billing.cancel(s.license.id, actor=by)),
    "grant_extension": (
        SUPPORT,
        lambda s, by: s.billing.grant_extension(s.license.id, days=2, actor=by, reason="card lost"),
    ),
    "record_external_payment": (
        SYSTEM_ROLE,
        lambda s, by: s.billing.record_external_payment(s.invoice_id, reference="wire-1", actor=by),
    ),
    "resolve_attention": (
        SYSTEM_ROLE,
        lambda s, by: s.billing.resolve_attention(s.held_id, "void", actor=by, reason="nothing moved"),
    ),
    "refund": (SYSTEM_ROLE, lambda s, by: s.billing.refund(s.paid_id, actor=by, reason="a call")),
    "record_external_refund": (
        SYSTEM_ROLE,
        lambda s, by: s.billing.record_external_refund(
            s.paid_id, Money.of("1", "EUR"), gateway_ref="re_9", actor=by, reason="seen"
        ),
    ),
    "resolve_refund": (
        SYSTEM_ROLE,
        lambda s, by: s.billing.resolve_refund(s.refund_id, "confirm", actor=by, reason="seen"),
    ),
    "import_account": (
        SYSTEM_ROLE,
        lambda s, by: s.billing.import_account(
            "Old Ltd", external_id="old-1", currency="EUR", time_zone="Europe/Paris", owner="olga", actor=by
        ),
    ),
    "import_license": (
        SYSTEM_ROLE,
        lambda s, by: s.billing.import_license(
            s.account_id,
            TEAM,
            external_id="old-1",
            anchor=date(2024, 5, 15),
            paid_until=date(2025, 2, 15),
            actor=by,
        ),
    ),
    "stop_sending": (SYSTEM_ROLE, lambda s, by: s.billing.stop_sending(actor=by, reason="an outage")),
    "resume_sending": (SYSTEM_ROLE, lambda s, by: s.billing.resume_sending(actor=by)),
    "begin_restore_epoch": (SYSTEM_ROLE, lambda s, by: s.billing.begin_restore_epoch("backup-1", actor=by)),
    "run_license": (OWNER | SYSTEM_ROLE, lambda s, by: s.billing.run_license(s.license.id, actor=by)),
}

#: What takes no actor, or is about no account yet.
WITHOUT_ROLE = {"open_account", "run_due", "handle_webhook", "using"}
#: What concerns all accounts.
STORE_WIDE = {"stop_sending", "resume_sending", "begin_restore_epoch"}
READS = {
    "account",
    "accounts",
    "attempts",
    "billing_info_view",
    "books",
    "controls",
    "dossier",
    "events",
    "invoices",
    "license_view",
    "preview",
    "licenses",
    "needs_attention",
    "refunds",
}


def test_table_is_complete() -> None:
    """Every public method of `Billing` is in the table, or is listed as one that takes no role."""
    public = {name for name in dir(Billing) if not name.startswith("_")}
    assert public == {name.split()[0] for name in COMMANDS} | WITHOUT_ROLE | READS


@pytest.mark.parametrize("role", ACTORS)
@pytest.mark.parametrize("command", COMMANDS)
def test_role_by_command(command: str, role: Role) -> None:
    """Who is in the table passes; everybody else is denied, and nothing at all is written."""
    allowed, call = COMMANDS[command]
    played = with_refund(scene()) if "refund" in command else scene()
    before = played.stage.contents()
    if role in allowed:
        call(played, ACTORS[role])
        return
    with pytest.raises(PermissionDenied) as denied:
        call(played, ACTORS[role])
    # An account that does not exist yet knows no roles.
    expected = ACTORS[role].kind.value if command == "import_account" else role.value
    if command in STORE_WIDE and role is not Role.SUPPORT:
        # Nobody is a member of all accounts.
        expected = "stranger"
    assert expected == denied.value.role
    assert before == played.stage.contents()
    assert 0 == len(played.stage.billing.events(after=len(before.events)))


@pytest.mark.parametrize("role", ACTORS)
def test_masked_billing_info(role: Role) -> None:
    """Owners, admins, support and the system see hints; agents and strangers nothing."""
    played = scene()
    played.billing.update_billing_info(played.account_id, {**ADDRESS, "tax_id": "FR40303265045"}, actor=ADA)
    if role in {Role.AGENT, Role.STRANGER}:
        with pytest.raises(PermissionDenied):
            played.billing.billing_info_view(played.account_id, actor=ACTORS[role])
        return
    view = played.billing.billing_info_view(played.account_id, actor=ACTORS[role])
    assert ("A…", "FR", "75…", "…00", "FR…") == (
        view.name,
        view.country,
        view.postal_code,
        view.phone,
        view.tax_id,
    )
    assert ("visa ····4242",) == view.cards


def test_masked_billing_info_of_an_account_that_gave_none() -> None:
    """There is nothing to mask, and nothing is made up."""
    played = scene()
    view = played.billing.billing_info_view(played.account_id, actor=SAM)
    assert (None, None, None, None, None) == (
        view.name,
        view.country,
        view.postal_code,
        view.phone,
        view.tax_id,
    )


@pytest.mark.parametrize(
    ("actor", "owner"),
    [(SAM, None), (SAM, "ada"), (ADA, "bob")],
    ids=["support", "support for", "for another"],
)
def test_open_account_is_denied(actor: Actor, owner: str | None) -> None:
    """Support opens no account, and a member opens one only for themselves."""
    stage = Stage()
    with pytest.raises(PermissionDenied):
        stage.billing.open_account("X", currency="EUR", time_zone="UTC", actor=actor, owner=owner)
    assert () == stage.billing.events()


def test_system_can_remove_no_owner() -> None:
    """Owners come and go by owners only, even where another owner remains."""
    played = scene()
    played.billing.add_member(played.account_id, "bob", Role.OWNER, actor=ADA)
    before = played.stage.contents()
    for command in (
        lambda: played.billing.remove_member(played.account_id, "bob", actor=SYSTEM),
        lambda: played.billing.add_member(played.account_id, "bob", Role.AGENT, actor=SYSTEM),
    ):
        with pytest.raises(PermissionDenied):
            command()
    assert before == played.stage.contents()


@pytest.mark.parametrize(
    "command", [name for name in COMMANDS if not name.startswith(("import_", "run_", "payment_"))]
)
def test_reason_with_a_card_number(command: str) -> None:
    """No command takes a card number in its reason, and a refused one changes nothing."""
    allowed, _ = COMMANDS[command]
    name = command.split(maxsplit=1)[0]
    played = with_refund(scene()) if "refund" in command else scene()
    before = played.stage.contents()
    actor = ACTORS[next(iter(allowed))]
    method = getattr(played.billing, name)

    def with_reason(*args: object, **kwargs: object) -> object:
        return method(*args, **{**kwargs, "reason": "my card is 4242 4242 4242 4242"})

    proxy = _Replacing(played.billing, name, with_reason)
    with pytest.raises(BillingError) as refused:
        COMMANDS[command][1](_SceneOver(played, proxy), actor)
    assert "looks like a card number" in str(refused.value)
    assert "4242" not in str(refused.value)
    assert before == played.stage.contents()


class _Replacing:
    """A `Billing` with one method replaced."""

    def __init__(self, billing: Billing, name: str, method: Callable[..., object]) -> None:
        self._billing = billing
        self._name = name
        self._method = method

    def __getattr__(self, name: str) -> object:
        return self._method if name == self._name else getattr(self._billing, name)


class _SceneOver(Scene):
    """The same scene with another `Billing`."""

    __slots__ = ("_other",)

    def __init__(self, played: Scene, other: object) -> None:
        super().__init__(*(getattr(played, field.name) for field in attrs.fields(Scene)))
        object.__setattr__(self, "_other", other)

    @property
    def billing(self) -> Billing:
        """The replaced one."""
        return self._other  # type: ignore[no-any-return, attr-defined]
