"""
RenewalSchedule.boundary(n) against date + relativedelta(months=n), and a series against rrule.

python bench/schedule.py
"""

from __future__ import annotations

import random
import sys
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, rrule

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench._timing import compare, report  # the root is put on the path just above
from billing_core.values.schedule import Interval, RenewalSchedule

SIZE = 997


def main() -> int:
    dice = random.Random(31)
    anchors = [date.fromordinal(dice.randrange(730_000, 745_000)) for _ in range(SIZE)]
    monthly = Interval.monthly()
    schedules = [RenewalSchedule(anchor, monthly) for anchor in anchors]
    numbers = [dice.randrange(1, 60) for _ in range(SIZE)]
    ours = list(zip(schedules, numbers, strict=True))
    theirs = list(zip(anchors, numbers, strict=True))
    assert [s.boundary(n) for s, n in ours] == [a + relativedelta(months=n) for a, n in theirs]

    met = report(
        "anchor + n months",
        compare(
            {
                "billing-core": lambda: [schedule.boundary(n) for schedule, n in ours],
                "relativedelta": lambda: [anchor + relativedelta(months=n) for anchor, n in theirs],
            },
            operations=SIZE,
        ),
        target=("relativedelta", 15),
    )

    dates = [schedule.boundary(n) for schedule, n in ours]
    report(
        "whole months since the anchor",
        compare(
            {
                "billing-core": lambda: [s.index_at(d) for (s, _), d in zip(ours, dates, strict=True)],
                "relativedelta": lambda: [relativedelta(d, a) for a, d in zip(anchors, dates, strict=True)],
            },
            operations=SIZE,
        ),
    )

    anchor = date(2025, 1, 31)
    start = datetime(2025, 1, 31)  # noqa: DTZ001 - rrule's days are naive
    report(
        "24 renewals, schedule made anew",
        compare(
            {
                "billing-core": lambda: [RenewalSchedule(anchor, monthly).boundary(n) for n in range(24)],
                "rrule": lambda: list(
                    islice(rrule(MONTHLY, dtstart=start, bymonthday=range(28, 32), bysetpos=-1), 24)
                ),
            }
        ),
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
