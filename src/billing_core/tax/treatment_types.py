"""The vocabulary of tax treatment: the questions' kinds, the answer, and what is left to the host."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import attrs

from billing_core.issues import Choice, invalid
from billing_core.tax.evidence import LocationStatus
from billing_core.tax.plain import PlainReader
from billing_core.values.texts import Code, Text, Word
from billing_core.values.typed import Typed

__all__ = [
    "CustomerKind",
    "InvoiceTax",
    "LeftToHost",
    "PendingAction",
    "SupplyKind",
    "Treatment",
    "TreatmentKind",
    "TreatmentReason",
]


class TreatmentKind(Choice):
    """Which of the ways to tax a sale applies."""

    DOMESTIC = "domestic"
    REVERSE_CHARGE = "reverse_charge"
    DESTINATION_VAT = "destination_vat"
    OUTSIDE_SCOPE = "outside_scope"
    SPECIAL_TERRITORY = "special_territory"
    PENDING_VERIFICATION = "pending_verification"
    EVIDENCE_CONFLICT = "evidence_conflict"
    SALES_TAX = "sales_tax"


class CustomerKind(Choice):
    """What the customer says to be. ``UNKNOWN`` is a business once its tax id is verified."""

    BUSINESS = "business"
    CONSUMER = "consumer"
    UNKNOWN = "unknown"


class SupplyKind(Choice):
    """What is sold. Goods are not: this library sells subscriptions to services."""

    ELECTRONIC_SERVICE = "electronic_service"
    TELECOM_OR_BROADCASTING = "telecom_or_broadcasting"
    OTHER_SERVICE = "other_service"


class PendingAction(Choice):
    """
    What to do while a registry can't say whether a tax id is valid.

    ``CHARGE_AND_CREDIT`` charges tax now and credits it once the id is verified.
    ``PROVISIONAL_REVERSE_CHARGE`` leaves it out on the strength of a recent VALID
    answer; without one it falls back to charging. ``BLOCK`` issues no invoice.
    """

    CHARGE_AND_CREDIT = "charge_and_credit"
    PROVISIONAL_REVERSE_CHARGE = "provisional_reverse_charge"
    BLOCK = "block"


class InvoiceTax(Choice):
    """What the invoice does about tax."""

    CHARGE = "charge"
    NONE = "none"
    HOST_DECIDES = "host_decides"
    DO_NOT_ISSUE = "do_not_issue"


class TreatmentReason(Choice):
    """Why a treatment is what it is. Codes are stable."""

    SAME_VAT_COUNTRY = "same_vat_country"
    ESTABLISHMENT_IN_CUSTOMER_COUNTRY = "establishment_in_customer_country"
    BUSINESS_BY_OWN_WORD = "business_by_own_word"
    CUSTOMER_IS_CONSUMER = "customer_is_consumer"
    TAX_ID_VALID = "tax_id_valid"
    TAX_ID_IN_GRACE = "tax_id_in_grace"
    TAX_ID_NOT_GIVEN = "tax_id_not_given"
    TAX_ID_INVALID = "tax_id_invalid"
    TAX_ID_NOT_CHECKED = "tax_id_not_checked"
    TAX_ID_ANSWER_TOO_OLD = "tax_id_answer_too_old"
    TAX_ID_OF_OTHER_PLACE = "tax_id_of_other_place"
    REGISTRY_UNAVAILABLE = "registry_unavailable"
    REGISTRY_REFUSED = "registry_refused"
    NO_RECENT_VALID_ANSWER = "no_recent_valid_answer"
    BELOW_EU_THRESHOLD = "below_eu_threshold"
    PLACE_OF_SELLER = "place_of_seller"
    CUSTOMER_OUTSIDE_EU = "customer_outside_eu"
    TERRITORY_OUTSIDE_VAT = "territory_outside_vat"
    TERRITORY_HAS_OWN_RULES = "territory_has_own_rules"
    NORTHERN_IRELAND_IS_UK_FOR_SERVICES = "northern_ireland_is_uk_for_services"
    SALES_TAX_BY_STATE = "sales_tax_by_state"
    LOCATION_EVIDENCE_CONFLICT = "location_evidence_conflict"


class LeftToHost(Choice):
    """What this library does not know or decide, and the host must. Codes are stable."""

    CONFIRM_NAME_AND_ADDRESS = "confirm_name_and_address"
    RECAPITULATIVE_STATEMENT = "recapitulative_statement"
    PROOF_OF_BUSINESS = "proof_of_business"
    CUSTOMER_KIND_CONTRADICTS_TAX_ID = "customer_kind_contradicts_tax_id"
    TAX_ID_OF_OTHER_PLACE = "tax_id_of_other_place"
    SELLER_NOT_REGISTERED = "seller_not_registered"
    LOCAL_TAX_MAY_APPLY = "local_tax_may_apply"
    LOCAL_THRESHOLD = "local_threshold"
    EXCEPTIONS_TO_PLACE_OF_SUPPLY = "exceptions_to_place_of_supply"
    THRESHOLD_NEEDS_ONE_MEMBER_STATE = "threshold_needs_one_member_state"
    POSTAL_CODE_MISSING = "postal_code_missing"
    LOCATION_EVIDENCE_INSUFFICIENT = "location_evidence_insufficient"
    LOCATION_EVIDENCE_CONFLICT = "location_evidence_conflict"
    TERRITORY_RULES = "territory_rules"
    SALES_TAX_RULES = "sales_tax_rules"
    RULES_NOT_REVIEWED_FOR_DATE = "rules_not_reviewed_for_date"


_INVOICE_TAX: Final[Mapping[TreatmentKind, InvoiceTax]] = {
    TreatmentKind.DOMESTIC: InvoiceTax.CHARGE,
    TreatmentKind.DESTINATION_VAT: InvoiceTax.CHARGE,
    TreatmentKind.REVERSE_CHARGE: InvoiceTax.NONE,
    TreatmentKind.OUTSIDE_SCOPE: InvoiceTax.NONE,
    TreatmentKind.SPECIAL_TERRITORY: InvoiceTax.HOST_DECIDES,
    TreatmentKind.EVIDENCE_CONFLICT: InvoiceTax.HOST_DECIDES,
    TreatmentKind.SALES_TAX: InvoiceTax.HOST_DECIDES,
}

_PENDING_TAX: Final[Mapping[PendingAction, InvoiceTax]] = {
    PendingAction.CHARGE_AND_CREDIT: InvoiceTax.CHARGE,
    PendingAction.PROVISIONAL_REVERSE_CHARGE: InvoiceTax.NONE,
    PendingAction.BLOCK: InvoiceTax.DO_NOT_ISSUE,
}


@attrs.frozen(kw_only=True)
class Treatment(Typed):
    """
    How one sale is taxed, why, and what remains for the host. Stored with the invoice.

    Attributes:
        kind: the way to tax.
        on: the day of the supply, by whose rules it was decided.
        tax_country: the country whose tax applies; None where that is not known here.
        jurisdiction: the key for a `TaxRateProvider`; None where there is nothing to look up.
        customer_territory: the code of the customer's `Territory`.
        legal_basis: the articles that say so.
        invoice_notes: words that the invoice must contain, in English.
        invoice_must_show: fields that it must show besides: ``seller_tax_id``, ``customer_tax_id``.
        reasons: why, as stable codes.
        left_to_host: what remains to decide or to do, as stable codes.
        pending_action: what to do meanwhile, only where the kind is PENDING_VERIFICATION.
        evidence_status: how the evidence of location was judged, if there was any.
    """

    kind: TreatmentKind
    on: date
    tax_country: Code | None
    jurisdiction: Code | None
    customer_territory: Code
    legal_basis: tuple[Text, ...]
    invoice_notes: tuple[Text, ...] = ()
    invoice_must_show: tuple[Word, ...] = ()
    reasons: tuple[TreatmentReason, ...]
    left_to_host: tuple[LeftToHost, ...] = ()
    pending_action: PendingAction | None = None
    evidence_status: LocationStatus | None = None

    def _check_together(self) -> None:
        if (self.pending_action is None) == (self.kind is TreatmentKind.PENDING_VERIFICATION):
            raise invalid("treatment.pending_action", "mismatch", other="kind")

    @property
    def invoice_tax(self) -> InvoiceTax:
        """What the invoice does; a seller without a tax id to charge under must decide."""
        if self.pending_action is not None:
            tax = _PENDING_TAX[self.pending_action]
        else:
            tax = _INVOICE_TAX[self.kind]
        if tax is InvoiceTax.CHARGE and LeftToHost.SELLER_NOT_REGISTERED in self.left_to_host:
            return InvoiceTax.HOST_DECIDES
        return tax

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary for JSON; `from_dict` reads it back."""
        return {
            "kind": self.kind.value,
            "on": self.on.isoformat(),
            "tax_country": self.tax_country,
            "jurisdiction": self.jurisdiction,
            "customer_territory": self.customer_territory,
            "legal_basis": list(self.legal_basis),
            "invoice_notes": list(self.invoice_notes),
            "invoice_must_show": list(self.invoice_must_show),
            "reasons": [reason.value for reason in self.reasons],
            "left_to_host": [item.value for item in self.left_to_host],
            "pending_action": None if self.pending_action is None else self.pending_action.value,
            "evidence_status": None if self.evidence_status is None else self.evidence_status.value,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Treatment:
        """
        The treatment that `to_dict` wrote.

        Raises:
            InvalidInput: an unknown or missing key, or a misfit value; the value is not repeated.
        """
        reader = PlainReader(data, "treatment", tuple(field.name for field in attrs.fields(cls)))
        return cls(
            kind=reader.choice("kind", TreatmentKind),
            on=reader.day("on"),
            tax_country=reader.optional_text("tax_country"),
            jurisdiction=reader.optional_text("jurisdiction"),
            customer_territory=reader.text("customer_territory"),
            legal_basis=reader.texts("legal_basis"),
            invoice_notes=reader.texts("invoice_notes"),
            invoice_must_show=reader.texts("invoice_must_show"),
            reasons=reader.choices("reasons", TreatmentReason),
            left_to_host=reader.choices("left_to_host", LeftToHost),
            pending_action=reader.optional_choice("pending_action", PendingAction),
            evidence_status=reader.optional_choice("evidence_status", LocationStatus),
        )
