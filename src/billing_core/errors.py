"""
Every exception that billing-core raises, and nothing else.

A declined card is not here: outcomes of the domain are values. An exception
means that the caller broke a contract, or that the world could not answer.

Messages say what is wrong, where, and what would be right. They carry ids and
codes; never a card token, a card number, or personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from billing_core.issues import Issue

__all__ = [
    "BillingError",
    "CapabilityNotSupported",
    "Conflict",
    "CurrencyMismatch",
    "GatewayConfigError",
    "GatewayRequestError",
    "InvalidInput",
    "InvariantViolated",
    "NotAllowed",
    "NotFound",
    "PermissionDenied",
    "WebhookRejected",
]


class BillingError(Exception):
    """Base of all errors of this library."""


class InvalidInput(BillingError, ValueError):
    """
    Some given value is wrong; ``issues`` holds every finding at once.

    Also a ``ValueError``, so that pydantic, msgspec, argparse and Django wrap
    it without being told.

    Attributes:
        issues: the findings, in the order of the fields. They hold stable
            codes and parameters, never the value that was given.
    """

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        super().__init__(issues)
        self.issues = issues

    def __str__(self) -> str:
        return "; ".join(f"{issue.field}: {issue.message}" for issue in self.issues)


class CurrencyMismatch(BillingError, ValueError):
    """Two amounts of different currencies met where only one currency makes sense."""

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(expected, actual)
        self.expected = expected
        self.actual = actual

    def __str__(self) -> str:
        return (
            f"expected an amount in {self.expected}, got one in {self.actual}; "
            "convert it first, this library never does"
        )


class PermissionDenied(BillingError):
    """The actor's role does not carry the permission; nothing was changed."""

    def __init__(self, permission: str, role: str, account_id: str) -> None:
        super().__init__(permission, role, account_id)
        self.permission = permission
        self.role = role
        self.account_id = account_id

    def __str__(self) -> str:
        return f"role {self.role!r} may not {self.permission!r} on account {self.account_id}"


class NotFound(BillingError, LookupError):
    """No record of this kind has this id."""

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(kind, id)
        self.kind = kind
        self.id = id

    def __str__(self) -> str:
        return f"no {self.kind} with id {self.id!r}"


class Conflict(BillingError):
    """
    Somebody else changed the record first (its version moved).

    Reload, look again, and decide again. Nothing was written.
    """

    def __init__(self, kind: str, id: str, expected: int | None = None, actual: int | None = None) -> None:
        super().__init__(kind, id, expected, actual)
        self.kind = kind
        self.id = id
        self.expected = expected
        self.actual = actual

    def __str__(self) -> str:
        if self.expected is None:
            return f"{self.kind} {self.id!r} already exists or was changed meanwhile; reload and decide again"
        return (
            f"{self.kind} {self.id!r} was expected at version {self.expected}, "
            f"is at {self.actual}; reload and decide again"
        )


class NotAllowed(BillingError):
    """
    The command makes sense, but not now; ``code`` is stable and says why.

    Attributes:
        code: a stable snake-case code, listed in the reference.
        params: what a host needs to explain it (ids, dates, limits).
    """

    def __init__(self, code: str, params: Mapping[str, object] | None = None) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: Mapping[str, object] = dict(params or {})

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value}" for key, value in self.params.items())
        return f"not allowed: {self.code}" + (f" ({details})" if details else "")


class GatewayConfigError(BillingError):
    """The processor refused our credentials or set-up: stop the run, not the customer."""


class GatewayRequestError(BillingError):
    """The processor refused the request as malformed: a bug on our side, no money moved."""


class WebhookRejected(BillingError):
    """A notice whose signature, age or form is not acceptable; nothing was believed."""


class CapabilityNotSupported(BillingError):
    """The gateway's adapter does not offer this operation."""

    def __init__(self, operation: str) -> None:
        super().__init__(operation)
        self.operation = operation

    def __str__(self) -> str:
        return f"this gateway does not support {self.operation!r}; ask its capabilities first"


class InvariantViolated(BillingError, AssertionError):
    """The library found its own books inconsistent: stop, and tell a person."""
