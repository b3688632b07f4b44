"""
The tables.

A record lives in its body, as JSON; the columns beside it are derived from the
body, for keys and for finding things. Keys do the store's work: each promise
of the port that two writers could break is a primary or a unique key.

"At most one of these" is a small table of its own (`live_invoices`,
`open_attempts`, `open_refunds`, `card_uses`) and not a partial unique index, which some databases accept
and silently widen: a license could then have one attempt for ever.

All names begin with ``billing_``, so that the tables can live in a host's own database.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from billing_core.contrib.sqlalchemy_store.columns import Id, Instant, JsonText

__all__ = [
    "accounts",
    "attempts",
    "card_uses",
    "controls",
    "events",
    "invoice_numbers",
    "invoices",
    "licenses",
    "live_invoices",
    "meta",
    "metadata",
    "open_attempts",
    "open_refunds",
    "refunds",
]

metadata = MetaData()

meta = Table(
    "billing_meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

accounts = Table(
    "billing_accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", JsonText, nullable=False),
)

licenses = Table(
    "billing_licenses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey(accounts.c.id), nullable=False),
    Column("shard_hash", BigInteger, nullable=False),
    Column("paid_until", Date, nullable=False),
    Column("wake_at", Instant),
    Column("leased_until", Instant),
    Column("version", Integer, nullable=False),
    Column("body", JsonText, nullable=False),
    Index("billing_licenses_of_account", "account_id", "id"),
    Index("billing_licenses_due", "wake_at", "id"),
)

invoices = Table(
    "billing_invoices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey(accounts.c.id), nullable=False),
    Column("license_id", Id, ForeignKey(licenses.c.id), nullable=False),
    Column("term", Integer, nullable=False),
    Column("period_index", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("seller_id", Id, nullable=False),
    Column("series", Id, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("period_end", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", JsonText, nullable=False),
    UniqueConstraint("license_id", "term", "period_index", "revision"),
    UniqueConstraint("seller_id", "series", "number"),
    Index("billing_invoices_of_account", "account_id", "id"),
    Index("billing_invoices_of_license", "license_id", "id"),
)

#: The one invoice of a period that is not void.
live_invoices = Table(
    "billing_live_invoices",
    metadata,
    Column("license_id", Id, ForeignKey(licenses.c.id), primary_key=True),
    Column("term", Integer, primary_key=True, autoincrement=False),
    Column("period_index", Integer, primary_key=True, autoincrement=False),
    Column("invoice_id", Id, ForeignKey(invoices.c.id), nullable=False, unique=True),
)

attempts = Table(
    "billing_attempts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey(accounts.c.id), nullable=False),
    Column("license_id", Id, ForeignKey(licenses.c.id), nullable=False),
    Column("invoice_id", Id, ForeignKey(invoices.c.id), nullable=False),
    Column("number", Integer, nullable=False),
    Column("card_id", Id, nullable=False),
    Column("fingerprint", Id, nullable=False),
    Column("reference", Id, nullable=False),
    Column("idempotency_key", Id, nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("needs_attention", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("gateway_ref", Id),
    Column("dispute", String(16)),
    UniqueConstraint("invoice_id", "number"),
    Index("billing_attempts_of_account", "account_id", "id"),
    Index("billing_attempts_of_license", "license_id", "id"),
    Index("billing_attempts_by_reference", "reference", "id"),
    Index("billing_attempts_for_people", "needs_attention", "id"),
    Index("billing_attempts_at_gateway", "gateway_ref", "id"),
    Index("billing_attempts_disputed", "dispute", "id"),
)

#: The one attempt of a license whose outcome is not settled.
open_attempts = Table(
    "billing_open_attempts",
    metadata,
    Column("license_id", Id, ForeignKey(licenses.c.id), primary_key=True),
    Column("attempt_id", Id, ForeignKey(attempts.c.id), nullable=False, unique=True),
)

refunds = Table(
    "billing_refunds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey(accounts.c.id), nullable=False),
    Column("license_id", Id, ForeignKey(licenses.c.id), nullable=False),
    Column("invoice_id", Id, ForeignKey(invoices.c.id), nullable=False),
    Column("attempt_id", Id, ForeignKey(attempts.c.id), nullable=False),
    Column("number", Integer, nullable=False),
    Column("reference", Id, nullable=False),
    Column("charge_reference", Id, nullable=False),
    Column("idempotency_key", Id, nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("needs_attention", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", JsonText, nullable=False),
    UniqueConstraint("attempt_id", "number"),
    Index("billing_refunds_of_account", "account_id", "id"),
    Index("billing_refunds_of_license", "license_id", "id"),
    Index("billing_refunds_by_reference", "reference", "id"),
    Index("billing_refunds_by_charge_reference", "charge_reference", "id"),
    Index("billing_refunds_for_people", "needs_attention", "id"),
)

#: The one refund of a charge whose outcome is not settled.
open_refunds = Table(
    "billing_open_refunds",
    metadata,
    Column("attempt_id", Id, ForeignKey(attempts.c.id), primary_key=True),
    Column("refund_id", Id, ForeignKey(refunds.c.id), nullable=False, unique=True),
)

#: One row at most: what holds for the whole store.
controls = Table(
    "billing_controls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", JsonText, nullable=False),
)

#: How often each physical card was used, by whatever license: the number makes two workers that
#: charge one card at a time take turns. Rows older than the networks' windows may be deleted, but
#: for the highest number of each card.
card_uses = Table(
    "billing_card_uses",
    metadata,
    Column("fingerprint", Id, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("attempt_id", Id, ForeignKey(attempts.c.id), nullable=False, unique=True),
    Column("gateway_id", Id, nullable=False),
    Column("amount", JsonText, nullable=False),
    Column("sent_at", Instant, nullable=False),
)

invoice_numbers = Table(
    "billing_invoice_numbers",
    metadata,
    Column("seller_id", Id, primary_key=True),
    Column("series", Id, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

events = Table(
    "billing_events",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False, unique=True),
    Column("body", JsonText, nullable=False),
)
