"""What belongs into a dossier, and which shard a license is in."""

from __future__ import annotations

from datetime import date

import pytest

from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.stores.port import Shard
from billing_core.stores.selection import in_shard, matters, shard_hash
from tests.builders import NOW, invoice, license

FEBRUARY = CoverageRow(start=date(2025, 1, 31), end=date(2025, 2, 28), why=CoverageKind.CHARGE, term=1)


@pytest.mark.parametrize(("license_id", "expected"), [("123456789", 0xCBF43926), ("", 0)])
def test_shards_are_the_same_in_every_release(license_id: str, expected: int) -> None:
    """
    The hash is CRC-32 of the id in UTF-8; workers of two releases divide the work alike.

    Source: the check value that catalogues of CRCs list for CRC-32/ISO-HDLC.
    """
    assert expected == shard_hash(license_id)
    assert [expected % 3] == [number for number in range(3) if in_shard(license_id, Shard(number, 3))]


def test_an_invoice_matters_while_a_decision_may_read_it() -> None:
    """Open, or uncertain, or for days that are not covered yet."""
    covered, uncovered = license(coverage=(FEBRUARY,)), license()
    paid = invoice().paid(NOW)

    assert matters(invoice(), covered, frozenset())
    assert matters(paid, covered, frozenset({"inv_1"}))
    assert matters(paid, uncovered, frozenset())
    assert not matters(paid, covered, frozenset())
