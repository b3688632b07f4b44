"""The simulator plays: without violations, and the same seed the same way."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest

from billing_core.errors import InvalidInput
from billing_core.stores.memory import MemoryStore
from billing_core.testing import ScriptedGateway, simulator
from billing_core.testing.simulator import (
    Campaign,
    Customer,
    DrawnFaults,
    Failure,
    Fault,
    GatewayTerms,
    GivenFaults,
    Profile,
    Sale,
    Simulation,
    SimulationConfig,
    draw_config,
    run_seed,
)
from billing_core.testing.simulator.chance import Chance
from tests.simulator.small_worlds import START, small_config

#: A seed of each profile that is played quickly.
SEEDS = {
    Profile.SWARM: 11,
    Profile.BOUNDARY: 0,
    Profile.CRASH_ONLY: 11,
    Profile.RESTORE: 27,
    Profile.ASSUMPTION_BREAKING: 1,
}


@pytest.mark.parametrize("profile", SEEDS, ids=str)
def test_a_seed_of_each_profile(profile: Profile) -> None:
    """Faults happen, renewals are paid, and nothing goes wrong."""
    result, failure = run_seed(SEEDS[profile], profile)
    assert failure is None
    assert result.renewals > 0
    assert result.faults


def test_performance_has_no_faults() -> None:
    """The profile that measures speed measures the flows."""
    assert {} == draw_config(1, Profile.PERFORMANCE).rates
    assert draw_config(1, Profile.PERFORMANCE).customers


def test_what_happened_can_happen_again() -> None:
    """A list of what happened plays the same simulation as the seed did, to the last commit."""
    config = small_config(days=60, rates=dict.fromkeys(("reply_lost", "crash_after_commit"), 200_000))
    first = Simulation(config, DrawnFaults(Chance(5), config.rates)).run()
    again = Simulation(config, GivenFaults(first.faults)).run()
    assert first.faults
    assert (first.digest, first.faults, first.commits) == (again.digest, again.faults, again.commits)


def test_one_fault_less_changes_nothing_else() -> None:
    """What happens at one point does not depend on what happened at another."""
    faults = DrawnFaults(Chance(5), {"reply_lost": 500_000, "request_lost": 500_000})
    points = [("send", "A0.0", step) for step in range(1, 9)]
    drawn = [faults.at(*point) for point in points]
    alone = DrawnFaults(Chance(5), {"reply_lost": 500_000, "request_lost": 500_000})
    assert drawn[7] == alone.at(*points[7])
    assert {"reply_lost", "request_lost"} == {fault.kind for fault in drawn if fault is not None}


def test_nothing_happens_while_it_is_calm() -> None:
    """In the calm phase no fault is drawn."""
    faults = GivenFaults([Fault("send", "A0.0", 1, "reply_lost")])
    faults.is_calm = True
    assert faults.at("send", "A0.0", 1) is None
    assert [] == faults.happened


def test_a_failure_is_a_file() -> None:
    """Config and faults survive JSON, and another format is refused."""
    config = draw_config(7, Profile.SWARM)
    failure = Failure(rule="single_charge", config=config, faults=(Fault("send", "A0.0", 1, "zombie", 7),))
    data = json.loads(json.dumps(failure.to_json()))
    assert failure == Failure.from_json(data)
    assert config == SimulationConfig.from_json(config.to_json())
    with pytest.raises(InvalidInput):
        Failure.from_json({**data, "format": 2})


def test_a_campaign_adds_up() -> None:
    """Figures of several seeds, as data."""
    campaign = Campaign(profile=Profile.CRASH_ONLY)
    told: list[int] = []
    campaign.play(11, seeds=1, renewals=1, after_each=lambda it: told.append(it.seeds))
    data = campaign.to_json()
    assert [1] == told
    campaign.play(12, seeds=1)
    assert 1 == campaign.seeds
    assert (1, campaign.renewals) == (data["seeds"], data["renewals"])
    assert sum(data["crash_points"].values()) <= sum(data["faults"].values())


def test_several_processes_play_the_same() -> None:
    """However many seeds are played at the same time, the figures are those of one after the other."""
    alone, together = Campaign(profile=Profile.RESTORE), Campaign(profile=Profile.RESTORE)
    alone.play(2_000_000, seeds=2)
    together.play(2_000_000, seeds=2, processes=2)
    assert alone.to_json() == together.to_json()
    assert 2 == together.seeds


def test_a_host_plays_with_its_own_parts() -> None:
    """Any store of the port and any gateway with a ledger take part."""
    made: list[str] = []

    class OwnStore(MemoryStore):
        def __init__(self, clock: Any) -> None:
            super().__init__(clock)
            made.append("store")

    class OwnGateway(ScriptedGateway):
        pass

    faults = [
        Fault("send", "A0.0", 1, "error_with_effect"),
        Fault("send", "A0.0", 2, "error_without_effect"),
        Fault("look_up", "A0.0", 1, "look_up_fails"),
    ]
    config = small_config(days=70)
    result = Simulation(
        config, GivenFaults(faults), make_store=OwnStore, make_gateway=lambda _: OwnGateway()
    ).run()
    assert () == result.violations
    assert ["store"] == made
    assert result.renewals > 2


def test_names_of_the_package() -> None:
    """All listed names load, others are no attributes."""
    assert all(hasattr(simulator, name) for name in dir(simulator))
    with pytest.raises(AttributeError):
        simulator.Simulator


def test_grades_declare_what_they_can() -> None:
    """A gateway without keys declares none, one with intents says so."""
    assert GatewayTerms(grade="none").capabilities().key_retention is None
    assert "native_intent" == GatewayTerms(intent=True).capabilities().idempotency
    assert START == small_config().start
    assert Customer(name="A0").sales == (Sale(),)


def test_a_campaign_leaves_the_garbage_collector_as_it_was() -> None:
    """While it plays, cycles are looked for less often; afterwards as before, also after an error."""
    before, during = gc.get_threshold(), []

    def look(_: Campaign) -> None:
        during.append(gc.get_threshold())
        raise KeyError

    with pytest.raises(KeyError):
        Campaign(profile=Profile.PERFORMANCE).play(5, after_each=look)
    assert during[0] > before == gc.get_threshold()
