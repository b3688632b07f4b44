"""Which type is drawn from which strategy, and telling Hypothesis so."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from billing_core.testing.strategies import gateways, notices, people, refunding, sales, values

__all__ = ["register", "registered"]


def registered() -> dict[str, st.SearchStrategy[Any]]:
    """Every type that has a strategy, by its public name."""
    return {
        "Account": people.accounts(),
        "ActionRequired": gateways.actions_required(),
        "Actor": people.actors(),
        "ActorRef": people.actor_refs(),
        "Address": people.addresses(),
        "BillingDetails": gateways.billing_details(),
        "BillingInfo": people.billing_infos(),
        "BillingPolicy": people.policies(),
        "Cancellation": sales.cancellations(),
        "Capabilities": gateways.capabilities(),
        "CardChecks": people.card_checks(),
        "CardDetails": gateways.card_details(),
        "CardExpiry": people.card_expiries(),
        "CardSetup": people.card_setups(),
        "CardToken": people.card_tokens(),
        "ChargeAttempt": sales.attempts(),
        "ChargeRequest": gateways.charge_requests(),
        "ChargeResult": gateways.charge_results(),
        "Controls": sales.controls(),
        "CoverageRow": sales.coverage_rows(),
        "CardNotice": notices.card_notices(),
        "Currency": values.currencies(),
        "Decline": gateways.declines(),
        "Dispute": notices.disputes(),
        "DisputeDetails": notices.dispute_details(),
        "DisputeStep": notices.dispute_steps(),
        "Dossier": sales.dossiers(),
        "Event": sales.events(),
        "Extension": sales.extensions(),
        "Interval": values.intervals(),
        "Invoice": sales.invoices(),
        "InvoiceKey": sales.invoice_keys(),
        "InvoiceLine": sales.invoice_lines(),
        "License": sales.licenses(),
        "Member": people.members(),
        "Money": values.monies(),
        "Pause": sales.pauses(),
        "PendingChange": sales.pending_changes(),
        "Period": values.periods(),
        "Phone": people.phones(),
        "Plan": sales.plans(),
        "RecordChange": sales.record_changes(),
        "Refund": refunding.refunds(),
        "RefundDetails": notices.refund_details(),
        "RefundRequest": gateways.refund_requests(),
        "RefundResult": gateways.refund_results(),
        "RenewalSchedule": values.schedules(),
        "SavedCard": people.saved_cards(),
        "SetupRequest": gateways.setup_requests(),
        "SetupResult": gateways.setup_results(),
        "SetupSession": gateways.setup_sessions(),
        "StoredCredential": gateways.stored_credentials(),
        "TaxId": people.tax_ids(),
        "TaxLine": sales.tax_lines(),
        "Term": sales.terms(),
        "UnitPrice": values.unit_prices(),
        "Verification": people.verifications(),
        "VerificationState": people.verification_states(),
        "WebhookNotice": notices.webhook_notices(),
    }


def register() -> None:
    """Let ``st.from_type`` draw each of them. Hypothesis itself calls this, through an entry point."""
    import billing_core

    for name, strategy in registered().items():
        st.register_type_strategy(getattr(billing_core, name), strategy)
