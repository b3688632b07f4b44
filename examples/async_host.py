"""
An asyncio host: the same commands, awaited, with gateway calls side by side.

    python examples/async_host.py
"""

import asyncio

from billing_core import Actor, AsyncBilling, BillingPolicy, MemoryStore, Money, Plan
from billing_core.testing import AsyncScriptedGateway, ManualClock


async def main() -> None:
    """Ten customers renew in one run."""
    clock = ManualClock("2025-01-31T09:00+00:00")
    gateway = AsyncScriptedGateway()
    billing = AsyncBilling(MemoryStore(clock=clock), {"main": gateway}, BillingPolicy(), namespace="example")
    plan = Plan.monthly("team", price=Money.of("49.00", "USD"))
    for number in range(10):
        owner = Actor.member(f"owner-{number}")
        account = await billing.open_account(
            f"Customer {number}", currency="USD", time_zone="America/New_York", actor=owner
        )
        setup = await billing.begin_card_setup(account.id, return_url="https://host.example/ok", actor=owner)
        gateway.script.customer_enters_card(setup.id)
        await billing.complete_card_setup(account.id, setup.id, actor=owner)
        await billing.choose_plan(account.id, plan, actor=owner)
    for day in ("2025-01-31T09:00+00:00", "2025-02-28T06:00+00:00", "2025-03-31T06:00+00:00"):
        clock.set(day)
        report = await billing.run_due()
        print(f"{day[:10]}  {report.licenses} licenses, {report.charges} charges")


if __name__ == "__main__":
    asyncio.run(main())
