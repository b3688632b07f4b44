"""Billing information as it is on file in these tests."""

from __future__ import annotations

from billing_core.accounts.billing_info import BillingInfo, check_billing_info

__all__ = ["FORM", "INFO"]

#: A form without a mistake, flat.
FORM = {
    "name": "Ada Lovelace",
    "line1": "12 rue de l'Église",
    "city": "Paris",
    "postal_code": "75001",
    "country": "FR",
    "phone": "01 42 68 53 00",
    "tax_id": "FR83404833048",
}
INFO: BillingInfo = check_billing_info(FORM).unwrap()
