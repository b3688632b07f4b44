"""Access right after an import: whoever had paid elsewhere is served from the first instant."""

from __future__ import annotations

from datetime import date

import pytest

from billing_core.charging.status import Access, LicenseStatus
from tests.unit.service.stage import SYSTEM, TEAM, Stage


@pytest.mark.parametrize(
    ("anchor", "paid_until", "row"),
    [
        # Today is 31 January. The running period alone.
        (date(2024, 12, 15), date(2025, 2, 15), "2025-01-15/2025-02-15"),
        # Several periods ahead.
        (date(2024, 8, 15), date(2025, 6, 15), "2025-01-15/2025-06-15"),
        # In a trial of the other system, whose end is the anchor; and one period beyond it.
        (date(2025, 2, 10), date(2025, 2, 10), "2025-01-31/2025-02-10"),
        (date(2025, 2, 10), date(2025, 3, 10), "2025-01-31/2025-03-10"),
        # Due already: the last period that was paid.
        (date(2024, 8, 15), date(2024, 12, 15), "2024-11-15/2024-12-15"),
    ],
    ids=["running", "ahead", "trial", "trial and more", "overdue"],
)
def test_imported_license_is_covered_from_now_on(anchor: date, paid_until: date, row: str) -> None:
    """The one row holds today, if today was paid for; and nothing is charged before it ends."""
    stage = Stage()
    account = stage.billing.import_account(
        "Ada Ltd", external_id="c_1", currency="EUR", time_zone="Europe/Paris", owner="ada", actor=SYSTEM
    )
    license = stage.billing.import_license(
        account.id, TEAM, external_id="s_1", anchor=anchor, paid_until=paid_until, quantity=1, actor=SYSTEM
    )
    assert [row] == [str(each.period) for each in license.coverage]
    view = stage.billing.license_view(license.id)
    if paid_until > date(2025, 1, 31):
        assert (LicenseStatus.ACTIVE, Access.FULL) == (view.status, view.access)
    stage.billing.run_due()
    stage.ensure_sound()
