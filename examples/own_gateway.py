"""
Your own gateway, in about forty lines.

"Paper" is a processor that you could telephone: it keeps a book, and honours
the two promises that make renewals safe - the same key never charges twice,
and a charge can be looked up afterwards.

    python examples/own_gateway.py
"""

from billing_core import (
    Actor,
    BaseGateway,
    Billing,
    BillingPolicy,
    Capabilities,
    CardDetails,
    CardExpiry,
    CardToken,
    ChargeNotFound,
    ChargeRequest,
    ChargeResult,
    MemoryStore,
    Money,
    Plan,
    SetupOutcome,
    SetupRequest,
    SetupResult,
    SetupSession,
)
from billing_core.testing import ManualClock


class PaperGateway(BaseGateway):
    """The port's methods; all that is not here raises `CapabilityNotSupported`."""

    capabilities = Capabilities()  # keys and look-up, with the usual times

    def __init__(self) -> None:
        self.book: dict[str, ChargeResult] = {}

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """Write it down once; a repeat reads what was written."""
        approved = ChargeResult.succeeded(request.amount, gateway_ref=f"page-{len(self.book) + 1}")
        return self.book.setdefault(request.idempotency_key, approved)

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """Look it up."""
        return self.book.get(request.idempotency_key, ChargeNotFound())

    def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        """Tell the owner where to bring the card."""
        return SetupSession(session_ref=request.setup_id, url="https://paper.example/counter")

    def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        """The clerk has seen the card."""
        token = CardToken(f"paper_{session_ref[-6:]}")
        card = CardDetails(token=token, brand="visa", last4="4242", expires=CardExpiry(2030, 12))
        return SetupResult(outcome=SetupOutcome.COMPLETED, card=card)


def main() -> None:
    """Sign up, pay, renew."""
    clock = ManualClock("2025-01-31T09:00+01:00")
    gateway = PaperGateway()
    billing = Billing(MemoryStore(clock=clock), {"paper": gateway}, BillingPolicy(), namespace="example")
    ada = Actor.member("ada")
    account = billing.open_account("Ada Ltd", currency="EUR", time_zone="Europe/Paris", actor=ada)
    setup = billing.begin_card_setup(account.id, return_url="https://host.example/ok", actor=ada)
    billing.complete_card_setup(account.id, setup.id, actor=ada)
    plan = Plan.monthly("team", price_per_seat=Money.of("19.99", "EUR"))
    lic = billing.choose_plan(account.id, plan, quantity=3, actor=ada)
    for day in ("2025-01-31T09:00+01:00", "2025-02-28T00:00+01:00", "2025-03-31T00:00+02:00"):
        clock.set(day)
        billing.run_due()
        print(f"{day[:10]}  paid until {billing.license_view(lic.id).paid_until}  pages {len(gateway.book)}")


if __name__ == "__main__":
    main()
