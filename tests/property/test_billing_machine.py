"""Anything that owners, support, the system, a processor and time do, in any order, keeps the books sound."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.property.billing_machine import BillingMachine
from tests.property.sql_billing_machine import SqlBillingMachine

TestBillingMachine = BillingMachine.TestCase
TestBillingMachine.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSqlBillingMachine = SqlBillingMachine.TestCase
TestSqlBillingMachine.settings = settings(
    max_examples=3, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
