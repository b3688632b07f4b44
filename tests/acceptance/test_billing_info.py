"""The owner edits name, address, phone, VAT ID and saves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from billing_core import Conflict, InvalidInput, check_billing_info
from tests.acceptance.story import BILLING_FORM, Story


def test_what_the_owner_types_is_saved_in_its_proper_form(tell: Callable[..., Story]) -> None:
    """Spaces, case and national habits don't matter; what is stored is canonical."""
    story = tell()
    story.account_opens(billing_info=None)
    typed = {
        **BILLING_FORM,
        "name": "  Ada   Lovelace ",
        "phone": "01 43 55 12 34",
        "tax_id": "fr 40 303 265 045",
    }
    account = story.billing.update_billing_info(story.account.id, typed, actor=story.owner)
    info = account.billing_info
    assert info is not None
    assert info.phone is not None
    assert info.tax_id is not None
    assert ("Ada Lovelace", "+33143551234", "FR40303265045", "75011", "FR") == (
        info.name,
        info.phone.e164,
        info.tax_id.value,
        info.address.postal_code,
        info.country,
    )


def test_every_wrong_field_is_reported_at_once(story: Story) -> None:
    """The owner corrects the form once, not once per field; nothing of it is saved before."""
    wrong = {
        "name": "",
        "line1": "14 rue de la Roquette",
        "city": "Paris",
        "postal_code": "ABC",
        "country": "FR",
        "phone": "12",
        "tax_id": "FR40303265046",
    }
    before = story.account
    with pytest.raises(InvalidInput) as refused:
        story.billing.update_billing_info(story.account.id, wrong, actor=story.owner)
    expected = {
        "name": "required",
        "postal_code": "invalid_format",
        "phone": "too_short",
        "tax_id": "invalid_checksum",
    }
    assert expected == {issue.field: issue.code for issue in refused.value.issues}
    assert expected == {issue.field: issue.code for issue in check_billing_info(wrong).errors}
    assert before == story.account
    assert () == story.happened()


def test_a_refusal_never_repeats_what_was_typed(story: Story) -> None:
    """Error texts end in logs: they name the field and what would be right, not the value."""
    with pytest.raises(InvalidInput) as refused:
        story.billing.update_billing_info(
            story.account.id, {**BILLING_FORM, "tax_id": "FR40303265046", "phone": "+33 9"}, actor=story.owner
        )
    assert "FR40303265046" not in str(refused.value) + repr(refused.value)
    assert "+33 9" not in str(refused.value) + repr(refused.value)


def test_saving_is_on_record_with_its_author_and_without_personal_data(story: Story) -> None:
    """The audit log says who, when and why; it holds nothing that would have to be erased one day."""
    story.on("2025-02-03T10:15+01:00").billing.update_billing_info(
        story.account.id, {**BILLING_FORM, "line1": "1 rue Oberkampf"}, actor=story.owner, reason="we moved"
    )
    (saved,) = story.events()
    assert ("account.billing_info_updated", "ada", "owner", "we moved") == (
        saved.type,
        saved.actor.id,
        saved.actor.role,
        saved.reason,
    )
    assert datetime.fromisoformat("2025-02-03T10:15+01:00") == saved.at
    log = str(saved.to_dict())
    assert [] == [
        word for word in ("Lovelace", "Oberkampf", "Roquette", "43551234", "303265045") if word in log
    ]


def test_two_owners_who_edit_at_once_do_not_overwrite_each_other(story: Story) -> None:
    """Whoever saves an old page is told so, and sees the other's changes first."""
    page = story.account.version
    story.billing.update_billing_info(
        story.account.id, {**BILLING_FORM, "line1": "1 rue Oberkampf"}, actor=story.owner, expect_version=page
    )
    with pytest.raises(Conflict):
        story.billing.update_billing_info(
            story.account.id, BILLING_FORM, actor=story.owner, expect_version=page
        )
    info = story.account.billing_info
    assert info is not None
    assert "1 rue Oberkampf" == info.address.line1


def test_a_later_invoice_carries_the_new_address_and_an_earlier_one_keeps_the_old(story: Story) -> None:
    """An invoice is a snapshot: what was billed to is not rewritten."""
    story.on("2025-02-03T10:15+01:00").billing.update_billing_info(
        story.account.id, {**BILLING_FORM, "line1": "1 rue Oberkampf"}, actor=story.owner
    )
    story.on("2025-02-28T00:00+01:00").nightly_run()
    invoices = sorted(story.billing.invoices().items, key=lambda invoice: invoice.due_on)
    billed_to = [invoice.billing_snapshot.address.line1 for invoice in invoices if invoice.billing_snapshot]
    assert ["14 rue de la Roquette", "1 rue Oberkampf"] == billed_to
