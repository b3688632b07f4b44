"""Evidence of where a consumer is: enough, too little, or contradictory."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from billing_core.errors import InvalidInput
from billing_core.tax.evidence import EvidenceKind, EvidencePolicy, LocationEvidence, assess_location

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)


def item(kind: str, country: str, *, source: str = "test", third_party: bool = False) -> LocationEvidence:
    return LocationEvidence(
        kind=EvidenceKind(kind), country=country, source=source, observed_at=AT, third_party=third_party
    )


CASES = [
    ([], "insufficient", None),
    ([("ip", "FR")], "insufficient", None),
    ([("ip", "FR"), ("ip", "FR")], "insufficient", None),
    ([("ip", "FR"), ("card", "FR")], "sufficient", "FR"),
    ([("billing_address", "MC"), ("bank", "fr")], "sufficient", "FR"),
    ([("billing_address", "IM"), ("ip", "UK")], "sufficient", "GB"),
    ([("billing_address", "EL"), ("ip", "GR")], "sufficient", "GR"),
    ([("billing_address", "US"), ("ip", "US")], "sufficient", "US"),
    ([("billing_address", "GP"), ("sim", "GP")], "sufficient", "FR-GP"),
    ([("billing_address", "GP"), ("ip", "FR")], "conflict", None),
    ([("billing_address", "FR"), ("ip", "DE")], "conflict", None),
    ([("ip", "DE"), ("billing_address", "FR"), ("card", "FR")], "sufficient", "FR"),
    ([("ip", "DE"), ("sim", "DE"), ("billing_address", "FR"), ("card", "FR")], "conflict", None),
    ([("ip", "DE"), ("landline", "BE"), ("billing_address", "FR")], "conflict", None),
]


@pytest.mark.parametrize(("items", "status", "country"), CASES)
def test_assessment(items: list[tuple[str, str]], status: str, country: str | None) -> None:
    """Two different items must agree by tax territory; more outweigh fewer."""
    assessment = assess_location(item(*pair) for pair in items)
    assert (status, country) == (assessment.status, assessment.country)


def test_every_item_is_kept() -> None:
    """What disagrees is stored next to what carries the answer."""
    french = (item("card", "FR"), item("ip", "FR"))
    german = item("sim", "DE")
    decided = assess_location([french[0], german, french[1]])
    undecided = assess_location([french[0], german])

    assert (french, (german,)) == (decided.used, decided.contradicting)
    assert ((), (french[0], german)) == (undecided.used, undecided.contradicting)


def test_disagreement_can_be_a_conflict_always() -> None:
    """A careful host lets no majority decide."""
    policy = EvidencePolicy(ignore_minority=False)
    items = [item("ip", "DE"), item("card", "FR"), item("bank", "FR")]
    assert assess_location(items, policy).status == "conflict"
    assert assess_location(items[1:], policy).status == "sufficient"


def test_three_items_rebut_a_presumption() -> None:
    """Art. 24d asks for three."""
    policy = EvidencePolicy(required_items=3)
    items = [item("ip", "DE"), item("card", "DE"), item("sim", "DE")]
    assert assess_location(items[:2], policy).status == "insufficient"
    assert assess_location(items, policy).status == "sufficient"


def test_single_item_needs_a_third_party() -> None:
    """A small seller may rely on one item, if neither side made it."""
    policy = EvidencePolicy(single_third_party_item=True)
    assert assess_location([item("billing_address", "FR")], policy).status == "insufficient"
    assert assess_location([item("card", "FR", third_party=True)], policy).country == "FR"
    assert assess_location([item("card", "FR", third_party=True)]).status == "insufficient"


def test_other_items_count_by_source() -> None:
    """A calling code and a delivery address are two items of kind OTHER; one twice is one."""
    calling_code = item("other", "FR", source="calling code")
    assert assess_location([calling_code, calling_code]).status == "insufficient"
    assert assess_location([calling_code, item("other", "FR", source="loyalty card")]).status == "sufficient"


@pytest.mark.parametrize("count", [0, 7, True, "2"])
def test_required_items_have_a_range(count: object) -> None:
    """At least one, at most one of each kind."""
    with pytest.raises(InvalidInput, match="required_items: must be between 1 and 6"):
        EvidencePolicy(required_items=count)  # type: ignore[arg-type]


def test_items_are_checked() -> None:
    """A name is no country code, and an instant is aware."""
    with pytest.raises(InvalidInput, match="country"):
        item("ip", "France")
    with pytest.raises(InvalidInput, match="observed_at"):
        LocationEvidence(
            kind=EvidenceKind.IP, country="FR", source="test", observed_at=AT.replace(tzinfo=None)
        )
