"""Values without a life of their own: money, currencies, rounding, schedules, zones, ids."""
