"""Events: what they hold, and how records are rebuilt from them."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from billing_core.accounts.permissions import Role
from billing_core.errors import InvalidInput, InvariantViolated
from billing_core.events import (
    ActorRef,
    Event,
    EventType,
    RecordChange,
    fold,
    masked_state,
    record_change,
)
from billing_core.records import Record
from billing_core.values.texts import Id, Private, Text
from tests.builders import NOW, account, card

ADA = ActorRef(kind="member", id="ada", role="owner")


@attrs.frozen(kw_only=True)
class Sample(Record):
    """A record with a version."""

    id: Id = "s_1"
    note: Private[Text | None] = None
    rows: tuple[int, ...] = ()
    version: int = 1


def event(*changes: RecordChange, **fields: Any) -> Event:
    """An event that carries changes."""
    return attrs.evolve(
        Event(
            id="evt_1",
            type=EventType.CARD_ADDED,
            at=NOW,
            actor=ADA,
            account_id="acc_1",
            changes=changes,
        ),
        **fields,
    )


def hashed(text: str) -> Any:
    """What stands in the place of a private text."""
    return masked_state(Sample(note=text))["note"]


class TestEvents:
    """One thing that happened."""

    def test_its_data_is_its_own_and_plain(self) -> None:
        """What comes back from a store is equal, and nobody else can change it."""
        rows = [1]
        made = event(data={"rows": rows, "role": Role.OWNER, "at": NOW, "pair": (1, 2)})
        rows.append(2)
        expected = {"rows": [1], "role": "owner", "at": NOW.isoformat(), "pair": [1, 2]}
        assert expected == made.data
        assert made == Event.from_dict(made.to_dict())

    def test_its_place_is_given_by_the_store(self) -> None:
        """It and the changes come to an event that is ready otherwise."""
        change = RecordChange(kind="account", id="acc_1", version=1, patch={})
        placed = event().at_sequence(7).with_changes((change,))
        assert (7, (change,), 0) == (placed.sequence, placed.changes, event().sequence)

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"data": {"note": "4242 4242 4242 4242"}}, ("data", "looks_like_card_number")),
            ({"data": {"x": {"y": ["4242424242424242"]}}}, ("data", "looks_like_card_number")),
            ({"data": {"4242424242424242": 1}}, ("data", "invalid_format")),
            ({"data": {"x": 1.5}}, ("value", "invalid_type")),
            ({"data": "x"}, ("data", "invalid_type")),
            ({"reason": "card 4242 4242 4242 4242"}, ("reason", "looks_like_card_number")),
            ({"type": "Card Added"}, ("type", "invalid_format")),
            ({"at": NOW.replace(tzinfo=None)}, ("at", "naive_datetime")),
            ({"actor": "ada"}, ("actor", "invalid_type")),
        ],
    )
    def test_what_no_event_holds(self, changes: dict[str, Any], expected: tuple[str, str]) -> None:
        """Whoever makes it."""
        with pytest.raises(InvalidInput) as caught:
            event(**changes)
        assert [expected] == [(issue.field, issue.code) for issue in caught.value.issues]
        assert "4242" not in repr(caught.value)

    def test_names_are_unique_and_say_of_what(self) -> None:
        """They are API: two words, in small letters."""
        names = [value for key, value in vars(EventType).items() if key.isupper()]
        assert sorted(set(names)) == sorted(names)
        assert all(len(name.split(".")) == 2 and name == name.lower() for name in names)


class TestChanges:
    """From one version to the next."""

    def test_the_first_version_is_written_whole(self) -> None:
        """Everything in it is new."""
        change = record_change("sample", None, Sample(rows=(1,)))
        assert (
            RecordChange(
                kind="sample",
                id="s_1",
                version=1,
                patch={"record": "sample", "schema": 1, "id": "s_1", "note": None, "rows": [1], "version": 1},
            )
            == change
        )

    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ({}, {"note": "n"}, {"note": hashed("n")}),
            ({"note": "n"}, {}, {"note": None}),
            ({}, {"rows": (1,)}, {"rows": [1]}),
            ({"rows": (1,)}, {"rows": (1, 2, 3)}, {"rows": {"+": [2, 3]}}),
            ({"rows": (1, 2)}, {"rows": (1,)}, {"rows": [1]}),
            ({"rows": (1, 2)}, {"rows": (2, 3, 4)}, {"rows": [2, 3, 4]}),
            ({"rows": (1,)}, {"rows": ()}, {"rows": []}),
            ({"rows": (1,), "note": "n"}, {"rows": (1,), "note": "n"}, {}),
        ],
    )
    def test_only_what_changed_is_in_a_patch(
        self, before: dict[str, Any], after: dict[str, Any], expected: dict[str, Any]
    ) -> None:
        """Rows that come to a list are appended; any other change replaces."""
        old, new = Sample(**before), Sample(**after, version=2)
        change = record_change("sample", old, new)
        assert {**expected, "version": 2} == change.patch
        first = record_change("sample", None, old)
        assert {("sample", "s_1"): masked_state(new)} == fold([event(first, change)])

    def test_a_mapping_with_a_plus_is_no_list(self) -> None:
        """A host may call a gateway whatever it likes."""
        first = account().with_customer_ref("main", "cus_1").as_first_version()
        odd = attrs.evolve(first, customer_refs={"+": "cus_2"}, version=2)
        changes = (record_change("account", None, first), record_change("account", first, odd))
        assert masked_state(odd) == fold([event(*changes)])["account", "acc_1"]

    def test_private_fields_are_hashes(self) -> None:
        """The same text gives the same hash; nothing gives nothing."""
        state = masked_state(account(cards=(card(),), default_card_id="card_1"))
        token = state["cards"][0]["token"]
        assert token.startswith("sha256:")
        assert len("sha256:") + 32 == len(token)
        assert token == masked_state(account(cards=(card(),)))["cards"][0]["token"]
        assert (None, "visa", "4242") == (
            state["billing_info"],
            state["cards"][0]["brand"],
            state["cards"][0]["last4"],
        )


class TestFolding:
    """Every record's state, from the events alone."""

    def test_several_records_over_several_events(self) -> None:
        """Each by its kind and id."""
        one, two = Sample(id="a"), Sample(id="b", note="n")
        later = attrs.evolve(one, rows=(5,), version=2)
        events = [
            event(record_change("x", None, one), record_change("x", None, two)),
            event(),
            event(record_change("x", one, later)),
        ]
        assert {("x", "a"): masked_state(later), ("x", "b"): masked_state(two)} == fold(events)

    def test_nothing_folds_to_nothing(self) -> None:
        """No events, no records."""
        assert {} == fold([])

    @pytest.mark.parametrize("versions", [(2,), (1, 1), (1, 3), (1, 2, 2)])
    def test_a_version_is_neither_missing_nor_repeated(self, versions: tuple[int, ...]) -> None:
        """Else an event was lost, or two writers passed each other."""
        changes = [
            RecordChange(kind="x", id="a", version=version, patch={"version": version})
            for version in versions
        ]
        with pytest.raises(InvariantViolated, match=f"x a: version {versions[-1]} follows"):
            fold([event(*changes)])
