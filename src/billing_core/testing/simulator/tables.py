"""What the command line prints."""

from __future__ import annotations

from billing_core.testing.simulator.campaign import Campaign
from billing_core.testing.simulator.failure import Failure

__all__ = ["closing_table", "failure_text"]

_LINES_MAX = 120


def closing_table(campaign: Campaign, seconds: float) -> str:
    """All figures of a campaign."""
    lines = [
        f"profile            {campaign.profile.value}",
        f"seeds              {campaign.seeds:,}",
        f"renewals           {campaign.renewals:,}",
        f"commits            {campaign.commits:,}",
        f"charge requests    {campaign.sends:,}",
        f"time               {seconds:,.1f} s",
        f"renewals a second  {campaign.renewals / max(seconds, 0.001):,.0f}",
        f"faults             {campaign.faults.total():,}",
        *(f"  {kind:24} {count:>10,}" for kind, count in sorted(campaign.faults.items())),
        f"crash points hit   {len(campaign.crash_points)}",
        *_crash_lines(campaign),
        f"violations         {len(campaign.failures)}",
        *(f"  seed {seed}: {failure.rule}" for seed, failure in campaign.failures.items()),
    ]
    return "\n".join(lines)


def _crash_lines(campaign: Campaign) -> list[str]:
    """States of the attempt down, requests across."""
    points = campaign.crash_points
    states = sorted({state for state, _, _ in points})
    requests = sorted({(name, when) for _, name, when in points})
    return [
        f"  {name} {when}: "
        + ", ".join(f"{state} {points[state, name, when]:,}" for state in states if points[state, name, when])
        for name, when in requests
    ]


def failure_text(failure: Failure) -> str:
    """A failure with its story."""
    story = failure.story()
    shown = story if len(story) <= _LINES_MAX else ("...", *story[-_LINES_MAX:])
    faults = [f"  {fault}" for fault in failure.faults[:_LINES_MAX]]
    return "\n".join(
        (f"{failure.rule}: {failure.record_id}: {failure.detail}", "faults:", *faults, "story:", *shown)
    )
