"""A story for every test, and at its end the books have to be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.story import Story


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Callable[..., Story]]:
    """Begins a story; takes what `Story` takes. In the end its books have to agree with the processor."""
    told: list[Story] = []

    def begin(**beginning: object) -> Story:
        folder = tmp_path / f"story-{len(told) + 1}"
        folder.mkdir()
        told.append(Story(folder, **beginning))  # type: ignore[arg-type]
        return told[-1]

    yield begin
    for story in told:
        violations = story.violations()
        story.ends()
        assert () == violations


@pytest.fixture
def story(tell: Callable[..., Story]) -> Story:
    """Ada Ltd has paid for her first month, 31 January to 28 February 2025."""
    customer = tell().signs_up()
    customer.events()
    return customer
