"""The pictures of an attempt's states show the table that decides."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from billing_core import TRANSITIONS, AttemptState
from tools.render_state_diagram import PAGE, PICTURE, mermaid, svg, with_diagram

_HINT = "run `python tools/render_state_diagram.py --write`, and look at the picture"


def test_page_shows_the_table() -> None:
    """The Mermaid diagram in the explanation is that of today's table."""
    page = PAGE.read_text("utf-8")
    assert with_diagram(page) == page, _HINT


def test_picture_shows_the_table() -> None:
    """So is the picture beside it."""
    assert svg() == PICTURE.read_text("utf-8"), _HINT


def test_diagram_is_complete() -> None:
    """Every move of the table can be read from the diagram, shared ones from the box around their states."""
    drawn = {line.strip() for line in mermaid().splitlines() if "-->" in line}
    asked = {"open", "unknown", "pending", "requires_action"}
    for state, moves in TRANSITIONS.items():
        for event, after in moves.items():
            sources = {state.value, "asked"} if state.value in asked else {state.value}
            lines = [
                line for line in drawn if line.startswith(tuple(f"{it} --> {after.value}:" for it in sources))
            ]
            assert any(event.value in line.partition(": ")[2].split(", ") for line in lines), (state, event)


def test_picture_is_well_formed() -> None:
    """The picture is XML, and names every state."""
    root = ET.fromstring(svg())
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert set(AttemptState) <= texts


def test_only_the_diagram_is_replaced() -> None:
    """The text around the diagram stays as it is."""
    page = "a\n```mermaid\nold\n```\nb\n```python\n1\n```\n"
    assert page.replace("old\n", mermaid()) == with_diagram(page)
    assert page.replace("old\n", mermaid()) == with_diagram(page.replace("old\n", ""))
