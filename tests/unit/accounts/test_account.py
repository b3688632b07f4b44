"""The account: its people, its cards, its credit."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest

from billing_core.accounts.account import Account, CardSetup, CardSetupStatus, Member
from billing_core.accounts.permissions import Role
from billing_core.accounts.saved_card import CardExpiry
from billing_core.advice import Advice
from billing_core.errors import InvalidInput, NotAllowed, NotFound
from billing_core.identity.tax_id import TaxId
from billing_core.tax.verification import VerificationState
from billing_core.values.currency import Currency
from billing_core.values.money import Money
from billing_core.values.zones import local_date, start_of
from tests.builders import NOW, card
from tests.unit.accounts.filed import INFO

SETUP = CardSetup(
    id="setup_1",
    account_id="acc_1",
    gateway_id="main",
    session_ref="sess_1",
    begun_at=NOW,
    url="https://processor.example/sess_1",
    client_secret="secret_1",
)


def opened(**changes: Any) -> Account:
    """An account with one owner, in its first version."""
    account = Account.open(
        "acc_1", "Ada Ltd", currency="EUR", time_zone="Europe/Paris", owner="ada", opened_at=NOW
    )
    return attrs.evolve(account, **changes)


def codes(error: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    """The findings of an error."""
    return [(issue.field, issue.code) for issue in error.value.issues]


class TestOpening:
    """A new account."""

    def test_has_an_owner_no_card_and_no_credit(self) -> None:
        """Nothing but what was said."""
        account = opened()
        assert (("ada",), (), None, Money.zero("EUR"), 1) == (
            account.owners,
            account.cards,
            account.default_card,
            account.balance,
            account.version,
        )

    def test_keeps_the_name_clean(self) -> None:
        """As every text that a person types."""
        account = Account.open(
            "a", " Ada\u00a0 Ltd\u200b ", currency="EUR", time_zone="UTC", owner="ada", opened_at=NOW
        )
        assert "Ada Ltd" == account.name

    def test_in_a_withdrawn_currency_is_refused(self) -> None:
        """From its last local day on; before, it was a currency like any other."""
        last_hours = start_of(date(2023, 1, 1), "Europe/Zagreb") - timedelta(hours=1)
        terms = {"currency": "HRK", "time_zone": "Europe/Zagreb", "owner": "ada"}
        assert Currency.of("HRK") == Account.open("a", "Ada", opened_at=last_hours, **terms).currency
        with pytest.raises(InvalidInput, match="currency: is withdrawn since 2023-01"):
            Account.open("a", "Ada", opened_at=last_hours + timedelta(hours=1), **terms)

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"name": " "}, ("name", "required")),
            ({"name": "4242 4242 4242 4242"}, ("name", "looks_like_card_number")),
            ({"currency": "EURO"}, ("currency", "unknown_value")),
            ({"time_zone": "Europe/Atlantis"}, ("time_zone", "unknown_value")),
            ({"owner": ""}, ("user_id", "required")),
            ({"id": "a b"}, ("id", "invalid_characters")),
            ({"seller_id": "4242424242424242"}, ("seller_id", "looks_like_card_number")),
            ({"external_id": "é"}, ("external_id", "invalid_characters")),
            ({"opened_at": datetime(2025, 1, 31)}, ("at", "naive_datetime")),  # noqa: DTZ001 - the error
        ],
    )
    def test_wrong_arguments_are_named(self, changes: dict[str, Any], expected: tuple[str, str]) -> None:
        """Each by its field."""
        arguments = {"id": "a", "name": "Ada", "currency": "EUR", "time_zone": "UTC", "owner": "ada"}
        with pytest.raises(InvalidInput) as caught:
            Account.open(**{"opened_at": NOW, **arguments, **changes})
        assert [expected] == codes(caught)


class TestRules:
    """What no account can be, however it is made."""

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"balance": Money.of(1, "USD")}, ("balance", "mismatch")),
            ({"balance": Money.of(-1, "EUR")}, ("balance", "negative")),
            ({"members": (Member(user_id="ada", role=Role.OWNER),) * 2}, ("members", "not_unique")),
            ({"cards": (card(), card())}, ("cards", "not_unique")),
            ({"card_setups": (SETUP, SETUP)}, ("card_setups", "not_unique")),
            ({"default_card_id": "card_1"}, ("default_card_id", "unknown_value")),
            ({"time_zone": "Nowhere"}, ("time_zone", "unknown_value")),
            ({"version": True}, ("version", "invalid_type")),
            ({"cards": [card()]}, ("cards", "invalid_type")),
            ({"cards": ("tok_1",)}, ("cards", "invalid_type")),
        ],
    )
    def test_contradictions_are_refused(self, changes: dict[str, Any], expected: tuple[str, str]) -> None:
        """By the field that is wrong."""
        with pytest.raises(InvalidInput) as caught:
            opened(**changes)
        assert [expected] == codes(caught)

    def test_an_account_has_an_owner(self) -> None:
        """Always."""
        with pytest.raises(NotAllowed, match=r"last_owner \(account_id=acc_1\)"):
            opened(members=(Member(user_id="ada", role=Role.ADMIN),))

    def test_refs_are_the_accounts_own(self) -> None:
        """Nobody who gave them can change them later."""
        refs = {"main": "cus_1"}
        account = opened(customer_refs=refs)
        refs["main"] = "cus_2"
        assert {"main": "cus_1"} == account.customer_refs

    def test_repr_says_id_and_version(self) -> None:
        """A log line shows no name and no card."""
        assert "Account(acc_1, version=1)" == repr(opened(cards=(card(),)))


class TestPeople:
    """Members and owners."""

    def test_a_member_has_one_role(self) -> None:
        """A new role replaces the old one."""
        account = opened().with_member("ben", Role.AGENT).with_member("ben", Role.ADMIN)
        assert Member(user_id="ben", role=Role.ADMIN) == account.member("ben")
        assert (2, 3) == (len(account.members), account.version)

    def test_members_can_be_removed(self) -> None:
        """By their id."""
        account = opened().with_member("ben", Role.AGENT).without_member("ben")
        assert account.member("ben") is None

    def test_who_is_not_there_can_not_be_removed(self) -> None:
        """That is an error, not a success."""
        with pytest.raises(NotFound, match="no member with id 'eve'"):
            opened().without_member("eve")

    def test_the_last_owner_can_not_be_removed(self) -> None:
        """Nor one of two owners twice."""
        with pytest.raises(NotAllowed, match="last_owner"):
            opened().without_member("ada")
        two = opened().with_member("ben", Role.OWNER)
        assert ("ben",) == two.without_member("ada").owners
        with pytest.raises(NotAllowed, match="last_owner"):
            two.without_member("ada").without_member("ben")

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.AGENT])
    def test_the_last_owner_can_not_step_down(self, role: Role) -> None:
        """Another role would leave none."""
        with pytest.raises(NotAllowed, match="last_owner"):
            opened().with_member("ada", role)

    def test_ownership_moves_to_a_member(self) -> None:
        """The former owner stays as an admin; others keep their roles."""
        account = opened().with_member("ben", Role.AGENT).with_member("cleo", Role.OWNER)
        moved = account.with_ownership_moved("ada", "ben")
        roles = {member.user_id: member.role for member in moved.members}
        assert {"ada": Role.ADMIN, "ben": Role.OWNER, "cleo": Role.OWNER} == roles

    def test_ownership_does_not_move_to_a_stranger(self) -> None:
        """First they must be a member."""
        with pytest.raises(NotFound, match="member"):
            opened().with_ownership_moved("ada", "eve")

    def test_ownership_given_to_oneself_stays(self) -> None:
        """It does not get lost on the way."""
        assert ("ada",) == opened().with_ownership_moved("ada", "ada").owners


class TestBillingInformation:
    """Billing information, and what was verified about it."""

    def test_a_verification_holds_for_its_tax_id(self) -> None:
        """Another address keeps it, another tax id does not."""
        state = VerificationState(attempts=1)
        account = opened().with_billing_info(INFO).with_tax_verification(state)
        moved = attrs.evolve(INFO, name="Ada King")
        assert state == account.with_billing_info(moved).tax_verification
        other = attrs.evolve(INFO, tax_id=TaxId.parse("DE136695976"))
        assert account.with_billing_info(other).tax_verification is None

    def test_the_first_information_has_no_verification(self) -> None:
        """Nothing was asked about it yet."""
        account = opened(tax_verification=VerificationState(attempts=1)).with_billing_info(INFO)
        assert account.tax_verification is None

    def test_small_changes_make_a_version_each(self) -> None:
        """Zone, credit, count, a mere entry on record."""
        account = opened()
        changed = [
            account.with_time_zone("UTC"),
            account.with_balance(Money.of(5, "EUR")),
            account.with_license_counted(),
            account.with_customer_ref("main", "cus_1"),
            account.touched(),
        ]
        assert [2] * 5 == [other.version for other in changed]
        assert ("UTC", 1, {"main": "cus_1"}) == (
            changed[0].time_zone,
            changed[2].license_count,
            changed[3].customer_refs,
        )
        assert 1 == changed[0].as_first_version().version

    def test_a_wrong_zone_is_refused(self) -> None:
        """Before anything is changed."""
        with pytest.raises(InvalidInput, match="time_zone"):
            opened().with_time_zone("Europe/Atlantis")


class TestCards:
    """Cards: added, replaced, chosen, removed, frozen."""

    def test_the_first_card_becomes_the_default(self) -> None:
        """Asked or not."""
        account = opened().with_card(card(), make_default=False)
        assert "card_1" == account.default_card_id

    @pytest.mark.parametrize(("make_default", "expected"), [(True, "card_2"), (False, "card_1")])
    def test_another_card_becomes_the_default_if_asked(self, make_default: bool, expected: str) -> None:
        """Otherwise renewals stay where they are."""
        account = opened().with_card(card()).with_card(card("card_2"), make_default=make_default)
        assert ["card_1", "card_2"] == [one.id for one in account.cards]
        assert expected == account.default_card_id

    def test_a_replacement_of_the_default_is_the_default(self) -> None:
        """Asked or not: there would be none else."""
        account = opened().with_card(card()).with_card(card("card_2"), replace="card_1", make_default=False)
        assert (["card_2"], "card_2") == ([one.id for one in account.cards], account.default_card_id)

    def test_a_replacement_of_another_card_leaves_the_default(self) -> None:
        """Unless it is asked for."""
        account = opened().with_card(card()).with_card(card("card_2"), make_default=False)
        replaced = account.with_card(card("card_3"), replace="card_2", make_default=False)
        assert (["card_1", "card_3"], "card_1") == (
            [one.id for one in replaced.cards],
            replaced.default_card_id,
        )

    def test_only_a_card_that_is_there_can_be_replaced(self) -> None:
        """A slip of an id must not add a second card."""
        with pytest.raises(NotFound, match="no card with id 'card_9'"):
            opened().with_card(card(), replace="card_9")

    def test_removing_the_default_leaves_none(self) -> None:
        """Another card is never chosen silently."""
        account = opened().with_card(card()).with_card(card("card_2"))
        assert account.without_card("card_2").default_card is None
        assert "card_2" == account.without_card("card_1").default_card_id

    def test_the_default_can_be_chosen(self) -> None:
        """From the cards that there are."""
        account = opened().with_card(card()).with_card(card("card_2")).with_default_card("card_1")
        assert card() == account.default_card
        with pytest.raises(NotFound, match="card"):
            account.with_default_card("card_9")

    def test_a_card_that_is_not_there_can_not_be_removed(self) -> None:
        """That is an error, not a success."""
        with pytest.raises(NotFound, match="card"):
            opened().without_card("card_9")

    def test_freezing_follows_the_physical_card(self) -> None:
        """Every token of one card is frozen, other cards are not."""
        twin, other = card("card_2", fingerprint="fp_card_1"), card("card_3")
        account = opened().with_card(card()).with_card(twin).with_card(other)
        frozen = account.with_card_frozen("fp_card_1", Advice.NEVER)
        assert [Advice.NEVER, Advice.NEVER, None] == [one.frozen_because for one in frozen.cards]

    def test_a_frozen_card_is_not_charged_until_it_is_replaced(self) -> None:
        """The default stays the default, and is skipped."""
        today = date(2025, 2, 1)
        account = opened().with_card(card())
        assert card() == account.chargeable_card(today)
        frozen = account.with_card_frozen("fp_card_1", Advice.STOP_RECURRING)
        assert frozen.chargeable_card(today) is None
        assert card("card_2") == frozen.with_card(card("card_2"), replace="card_1").chargeable_card(today)

    @pytest.mark.parametrize(
        ("because", "expected"), [(Advice.NEVER, Advice.NEVER), (Advice.STOP_RECURRING, None)]
    )
    def test_typing_a_card_again_gives_consent_and_no_pardon(
        self, because: Advice, expected: Advice | None
    ) -> None:
        """A stolen card stays frozen as a new token; a withdrawn consent is given anew."""
        account = opened().with_card(card()).with_card_frozen("fp_card_1", because)
        again = account.with_card(card("card_2", fingerprint="fp_card_1"), replace="card_1")
        assert [expected] == [one.frozen_because for one in again.cards]

    def test_without_a_default_nothing_is_charged(self) -> None:
        """No other card is ever tried instead."""
        account = opened().with_card(card()).with_card(card("card_2")).without_card("card_2")
        assert account.chargeable_card(date(2025, 2, 1)) is None

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Europe/Paris", "Pacific/Pago_Pago"])
    def test_a_card_is_valid_through_the_last_instant_of_its_month(self, zone: str) -> None:
        """In the account's zone, not at the processor's or ours."""
        account = opened(time_zone=zone).with_card(card(expires=CardExpiry(2025, 2)))
        end = start_of(date(2025, 3, 1), zone)
        last, first = end - timedelta(microseconds=1), end
        assert account.chargeable_card(local_date(last, zone)) is not None
        assert account.chargeable_card(local_date(first, zone)) is None


class TestSetups:
    """Visits to the processor's card page."""

    def test_a_visit_is_kept_with_the_customers_id(self) -> None:
        """The processor may give one, or keep the one it gave."""
        account = opened().with_setup(SETUP, "cus_1")
        assert (SETUP, {"main": "cus_1"}, 1) == (
            account.setup("setup_1"),
            account.customer_refs,
            account.setup_count,
        )
        again = account.with_setup(attrs.evolve(SETUP, id="setup_2"), None)
        assert ({"main": "cus_1"}, 2) == (again.customer_refs, again.setup_count)

    def test_old_visits_are_forgotten(self) -> None:
        """The last ten stay, so that repeats find them."""
        account = opened()
        for number in range(12):
            account = account.with_setup(attrs.evolve(SETUP, id=f"setup_{number}"), None)
        assert [f"setup_{number}" for number in range(2, 12)] == [setup.id for setup in account.card_setups]
        with pytest.raises(NotFound, match="card_setup"):
            account.setup("setup_0")

    def test_a_completed_visit_names_its_card(self) -> None:
        """And forgets the way to the page."""
        account = opened().with_setup(SETUP, None).with_card(card(), setup_id="setup_1")
        done = account.setup("setup_1")
        assert (CardSetupStatus.COMPLETED, "card_1", None, None) == (
            done.status,
            done.card_id,
            done.url,
            done.client_secret,
        )

    def test_each_processor_has_its_own_ref(self) -> None:
        """The customer is somebody else to each of them."""
        account = opened().with_customer_ref("main", "cus_1").with_customer_ref("other", "cus_2")
        assert {"main": "cus_1", "other": "cus_2"} == account.customer_refs

    @pytest.mark.parametrize(
        ("status", "card_id"), [(CardSetupStatus.COMPLETED, None), (CardSetupStatus.PENDING, "card_1")]
    )
    def test_status_and_card_agree(self, status: CardSetupStatus, card_id: str | None) -> None:
        """A completed visit has a card, and no other has."""
        with pytest.raises(InvalidInput, match="card_id: does not agree with the status"):
            attrs.evolve(SETUP, status=status, card_id=card_id)

    def test_repr_shows_no_way_to_the_page(self) -> None:
        """Who has the address can enter a card for this account."""
        assert "CardSetup(setup_1, pending)" == repr(SETUP)


def test_times_are_aware() -> None:
    """A naive instant has no place on the clock of another zone."""
    with pytest.raises(InvalidInput, match="begun_at: must be an aware datetime"):
        attrs.evolve(SETUP, begun_at=NOW.replace(tzinfo=None))
    assert NOW.tzinfo is UTC
