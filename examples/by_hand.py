"""
One license by hand, without any store: the decision is a pure function.

    python examples/by_hand.py
"""

from datetime import UTC, date, datetime

from billing_core import (
    Account,
    BillingPolicy,
    CardExpiry,
    CardToken,
    Dossier,
    License,
    Money,
    Plan,
    SavedCard,
    next_step,
    simulate,
    status_at,
)


def main() -> None:
    """Ask what is next, and what the next months will bring."""
    now = datetime(2025, 1, 31, 8, tzinfo=UTC)
    policy = BillingPolicy()
    card = SavedCard(
        id="card-1",
        gateway_id="main",
        token=CardToken("tok_1"),
        brand="visa",
        last4="4242",
        expires=CardExpiry(2030, 12),
        added_at=now,
    )
    account = Account.open(
        "acme", "Acme", currency="EUR", time_zone="Europe/Paris", owner="ada", opened_at=now
    ).with_card(card)
    plan = Plan.monthly("team", price_per_seat=Money.of("19.99", "EUR"))
    lic = License.start(
        "lic-1",
        account.id,
        plan,
        quantity=3,
        start_on=date(2025, 1, 31),
        time_zone="Europe/Paris",
        started_at=now,
    )
    dossier = Dossier.of(account, lic)

    print("status:", status_at(dossier, now, policy).value)
    print("next:  ", next_step(dossier, now, policy).because)
    for step in simulate(dossier, datetime(2025, 5, 1, tzinfo=UTC), now, policy):
        print(f"{step.at:%Y-%m-%d %H:%M %z}  {step.kind.value:14} {step.amount or '':>9}  {step.because}")


if __name__ == "__main__":
    main()
