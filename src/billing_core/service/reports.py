"""What a run did, for logs and for the job that started it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs

from billing_core.charging.steps import StepKind
from billing_core.errors import GatewayConfigError
from billing_core.service.batches import Finished
from billing_core.service.renewal_flow import LicenseRun
from billing_core.values.texts import Id
from billing_core.values.typed import Typed

__all__ = ["RunFailure", "RunReport"]


@attrs.frozen(kw_only=True)
class RunFailure(Typed):
    """One license that a run could not finish. It stays due, and the next run goes on."""

    license_id: Id
    error: Exception


@attrs.frozen(kw_only=True)
class RunReport(Typed):
    """
    What a run did.

    Attributes:
        licenses: how many licenses were looked at.
        steps: how many steps of each kind were taken.
        failures: licenses that could not be finished, with what went wrong.
        paused: why something that is due was not sent, and for how many
            licenses: ``sending_stopped`` or ``gateway_paused``. It stays due.
    """

    licenses: int = 0
    steps: dict[StepKind, int] = attrs.field(factory=dict)
    failures: tuple[RunFailure, ...] = ()
    paused: dict[str, int] = attrs.field(factory=dict)

    @property
    def stopped(self) -> bool:
        """Whether the run ended early: a gateway refused our credentials. What was left stays due."""
        return any(isinstance(failure.error, GatewayConfigError) for failure in self.failures)

    @property
    def charges(self) -> int:
        """How many charges were started."""
        return self.steps.get(StepKind.CHARGE, 0)

    def with_batch(self, license_ids: Sequence[str], outcomes: Sequence[Finished]) -> RunReport:
        """The report with one more batch of licenses, and how each of their flows ended."""
        steps = Counter(self.steps)
        failures = list(self.failures)
        paused = Counter(self.paused)
        for license_id, outcome in zip(license_ids, outcomes, strict=True):
            errors: tuple[Exception, ...] = (outcome.error,) if outcome.error is not None else ()
            if isinstance(outcome.value, LicenseRun):
                steps.update(step.kind for step in outcome.value.steps)
                paused.update(filter(None, (outcome.value.paused,)))
                errors = outcome.value.errors
            failures.extend(RunFailure(license_id=license_id, error=error) for error in errors)
        return RunReport(
            licenses=self.licenses + len(license_ids),
            steps=dict(steps),
            failures=tuple(failures),
            paused=dict(paused),
        )
