"""What to do after a decline, in six words that every processor's codes translate into."""

from __future__ import annotations

from billing_core.issues import Choice

__all__ = ["Advice"]


class Advice(Choice):
    """
    What a decline means for the next attempt.

    Adapters must translate a processor's codes into one of these; the core
    never looks at a processor's own code.
    """

    #: The same card may work later (insufficient funds, issuer unavailable).
    RETRY_LATER = "retry_later"
    #: This card will not work; the owner must give another one (expired, wrong number).
    NEW_CARD = "new_card"
    #: The cardholder must take part (strong customer authentication).
    AUTHENTICATE = "authenticate"
    #: The cardholder withdrew consent to recurring charges: the card is frozen for renewals.
    STOP_RECURRING = "stop_recurring"
    #: Never retry this card (lost, stolen, fraud): the card is frozen, on every license.
    NEVER = "never"
    #: The merchant's set-up is at fault, not the customer.
    FIX_CONFIG = "fix_config"

    @property
    def freezes_card(self) -> bool:
        """Whether card networks forbid (and fine) another attempt on this card."""
        return self in {Advice.STOP_RECURRING, Advice.NEVER}

    @property
    def retries_same_card(self) -> bool:
        """Whether the retry plan goes on with the same card."""
        return self in {Advice.RETRY_LATER, Advice.FIX_CONFIG}
