"""The commands of `Billing` on accounts, people and cards."""

from __future__ import annotations

from collections.abc import Mapping

from billing_core.accounts.account import Account, CardSetup
from billing_core.accounts.permissions import Actor, Role
from billing_core.accounts.saved_card import SavedCard
from billing_core.accounts.verification import Verification
from billing_core.service import account_flows, card_flows
from billing_core.service.arguments import checked
from billing_core.service.commands import By
from billing_core.service.drivers import SyncDriver
from billing_core.service.surface import Surface
from billing_core.tax.registry import RegistryAnswer
from billing_core.tax.verification import VerificationPolicy

__all__ = ["AccountCommands"]


class AccountCommands(Surface[SyncDriver]):
    """Accounts, people and cards; a part of `Billing`."""

    @checked
    def open_account(
        self,
        name: str,
        *,
        currency: str,
        time_zone: str,
        actor: Actor,
        owner: str | None = None,
        id: str | None = None,
        seller_id: str = "default",
        reason: str | None = None,
    ) -> Account:
        """
        Open an account. The member who opens it is its first owner.

        Args:
            name: what the account is called; not who is billed.
            currency: ISO 4217 code; fixed from the first invoice on.
            time_zone: IANA name; days begin and end there.
            owner: the first owner's user id, if the system opens the account.
            id: the host's own id for it; derived if not given.
            seller_id: which seller bills it.

        Raises:
            InvalidInput: naming the field and the reason.
            PermissionDenied: support, or a member for somebody else.
            Conflict: an account with this id exists.
        """
        return self._driver.run(
            account_flows.open_account(
                self._context,
                name,
                By(actor=actor, reason=reason),
                currency=currency,
                time_zone=time_zone,
                owner=owner,
                id=id,
                seller_id=seller_id,
            )
        )

    @checked
    def update_billing_info(
        self,
        account_id: str,
        form: object,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """
        Replace name, address, phone and tax id. Owners only.

        Args:
            form: as for `check_billing_info`, which a form handler calls first
                to show what is wrong, or to see the warnings.

        Raises:
            InvalidInput: with every wrong field at once.
        """
        return self._driver.run(
            account_flows.update_billing_info(
                self._context, account_id, form, By(actor=actor, reason=reason, expect_version=expect_version)
            )
        )

    @checked
    def change_time_zone(
        self,
        account_id: str,
        time_zone: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """
        Move an account to another time zone. Owners only.

        Each license follows at its next unbilled boundary, so that no day is
        lost and none is billed twice.
        """
        return self._driver.run(
            account_flows.change_time_zone(
                self._context,
                account_id,
                time_zone,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    def add_member(
        self,
        account_id: str,
        user_id: str,
        role: Role | str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """Add a user, or give a member another role. Owners, and the system for other roles than owner."""
        return self._driver.run(
            account_flows.add_member(
                self._context,
                account_id,
                user_id,
                role,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    def remove_member(
        self,
        account_id: str,
        user_id: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """
        Remove a user from an account.

        Raises:
            NotAllowed: ``last_owner``.
        """
        return self._driver.run(
            account_flows.remove_member(
                self._context,
                account_id,
                user_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    def transfer_ownership(
        self,
        account_id: str,
        to_user_id: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """Make another member the owner in the actor's place; the actor stays as an admin."""
        return self._driver.run(
            account_flows.transfer_ownership(
                self._context,
                account_id,
                to_user_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    def verify_owner(
        self,
        account_id: str,
        claims: Mapping[str, object],
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Verification:
        """
        Compare what a caller says with what is on file. Support only; put on record.

        Args:
            claims: any of ``name``, ``phone``, ``postal_code``, ``tax_id``.

        Returns:
            How each fact compares; never what is on file.
        """
        return self._driver.run(
            account_flows.verify_owner(
                self._context,
                account_id,
                claims,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    def record_tax_answer(
        self,
        account_id: str,
        answer: RegistryAnswer,
        *,
        actor: Actor,
        policy: VerificationPolicy | None = None,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """Put on record what a registry said about the account's tax id. The system only."""
        return self._driver.run(
            account_flows.record_tax_answer(
                self._context,
                account_id,
                answer,
                policy or VerificationPolicy(),
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    def begin_card_setup(
        self,
        account_id: str,
        *,
        return_url: str,
        actor: Actor,
        gateway_id: str | None = None,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> CardSetup:
        """
        Open the processor's card page for an owner; send them to ``url`` of the answer.

        Args:
            return_url: where the processor sends the owner afterwards.
            gateway_id: which gateway; needed only if the host has several.
        """
        return self._driver.run(
            card_flows.begin_card_setup(
                self._context,
                account_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
                return_url=return_url,
                gateway_id=gateway_id,
            )
        )

    @checked
    def complete_card_setup(
        self,
        account_id: str,
        setup_id: str,
        *,
        actor: Actor,
        replace: str | None = None,
        make_default: bool = True,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> SavedCard:
        """
        Save the card that the owner entered, and charge what is unpaid to it soon.

        Repeating it gives the same card. `run_license` charges at once.

        Args:
            setup_id: from `begin_card_setup`.
            replace: the id of the card that the new one replaces.
            make_default: charge renewals to it.

        Raises:
            NotAllowed: ``card_setup_incomplete`` - the owner has not finished, or gave up.
        """
        return self._driver.run(
            card_flows.complete_card_setup(
                self._context,
                account_id,
                setup_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
                replace=replace,
                make_default=make_default,
            )
        )

    @checked
    def remove_card(
        self,
        account_id: str,
        card_id: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """Remove a card. Owners only. Without the default card nothing can be renewed."""
        return self._driver.run(
            card_flows.remove_card(
                self._context,
                account_id,
                card_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )

    @checked
    def set_default_card(
        self,
        account_id: str,
        card_id: str,
        *,
        actor: Actor,
        reason: str | None = None,
        expect_version: int | None = None,
    ) -> Account:
        """Choose the card that renewals are charged to. Owners only."""
        return self._driver.run(
            card_flows.set_default_card(
                self._context,
                account_id,
                card_id,
                By(actor=actor, reason=reason, expect_version=expect_version),
            )
        )
