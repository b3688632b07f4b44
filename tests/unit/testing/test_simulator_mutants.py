"""The library with one safety rule broken is found out; the library as it is passes the same story."""

from __future__ import annotations

import pytest

from tests.simulator.mutants import MUTANTS, Mutant
from tools.simulate_mutants import STORIES, read_kill

#: The long command finds each of them; those whose story is on file are played here.
ON_FILE = tuple(mutant for mutant in MUTANTS if (STORIES / f"{mutant.slug}.json").exists())


@pytest.mark.parametrize("mutant", ON_FILE, ids=lambda mutant: mutant.slug)
def test_mutant_is_found(mutant: Mutant) -> None:
    """The story goes wrong with the mutant, by the rule that is on file, and not without it."""
    failure = read_kill(mutant).failure
    with mutant.apply():
        broken = failure.replay()
    sound = failure.replay()
    assert failure.rule in {violation.rule for violation in broken.violations}
    assert () == sound.violations


def test_every_story_has_its_mutant() -> None:
    """No story is left over from a mutant that is gone."""
    assert {mutant.slug for mutant in ON_FILE} == {path.stem for path in STORIES.glob("*.json")}
