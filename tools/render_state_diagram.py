"""
The states of a charge attempt as pictures, from the table that decides.

`docs/explanation/charge-safety.md` shows `TRANSITIONS` as a Mermaid diagram,
and `attempt-states.svg` beside it as a picture for readers without Mermaid. A
test compares both with the table.

    python tools/render_state_diagram.py            # print the Mermaid text
    python tools/render_state_diagram.py --write    # bring page and picture up to date
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from xml.sax.saxutils import escape

from billing_core import TRANSITIONS, AttemptEvent, AttemptState

__all__ = ["PAGE", "PICTURE", "mermaid", "svg", "with_diagram"]

_EXPLANATION = Path(__file__).resolve().parent.parent / "docs" / "explanation"
PAGE = _EXPLANATION / "charge-safety.md"
PICTURE = _EXPLANATION / "attempt-states.svg"

_S = AttemptState
_FENCE = re.compile(r"(?<=^```mermaid\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)

#: States that the processor may still give an outcome to. What all of them have in common is drawn once.
_ASKED = tuple(state for state in AttemptState if AttemptEvent.SUCCEEDED in TRANSITIONS[state])
_ASKED_NAME = "asked"
_ASKED_TITLE = "asked, and no outcome yet"

Move = tuple[str, str, str]
"""Where from, where to, and the events that lead there."""

Point = tuple[int, int]

# -- what the table says -------------------------------------------------------------


def _common() -> dict[AttemptEvent, AttemptState]:
    """What may happen in every asked state, with the same state after it."""
    first, *others = (TRANSITIONS[state] for state in _ASKED)
    return {
        event: after for event, after in first.items() if all(other.get(event) == after for other in others)
    }


def _moves() -> Iterator[Move]:
    """Every move of the table, once: shared ones out of the asked states as one, all others by state."""
    shared = {event: after for event, after in _common().items() if after not in _ASKED}
    yield from _joined(_ASKED_NAME, shared)
    for state in AttemptState:
        own = {event: after for event, after in TRANSITIONS[state].items() if event not in shared}
        yield from _joined(state.value, own if state in _ASKED else dict(TRANSITIONS[state]))


def _joined(source: str, moves: dict[AttemptEvent, AttemptState]) -> Iterator[Move]:
    for target in AttemptState:
        events = [event.value for event, after in moves.items() if after is target]
        if events:
            yield source, target.value, ", ".join(events)


# -- Mermaid -------------------------------------------------------------------------


def mermaid() -> str:
    """The diagram as text; it begins in ``open``, and final states lead to the end."""
    inside = {state.value for state in _ASKED}
    moves = list(_moves())
    lines = ["stateDiagram-v2", "    [*] --> open", f'    state "{_ASKED_TITLE}" as {_ASKED_NAME} {{']
    lines += [f"        {_arrow(move)}" for move in moves if {move[0], move[1]} <= inside]
    lines += ["    }"]
    lines += [f"    {_arrow(move)}" for move in moves if not {move[0], move[1]} <= inside]
    lines += [f"    {state.value} --> [*]" for state in AttemptState if not TRANSITIONS[state]]
    return "\n".join(lines) + "\n"


def _arrow(move: Move) -> str:
    source, target, events = move
    return f"{source} --> {target}: {events}"


def with_diagram(page: str) -> str:
    """The page with the diagram of today in its Mermaid fence."""
    return _FENCE.sub(lambda _: mermaid(), page, count=1)


# -- SVG -----------------------------------------------------------------------------

_WIDTH, _HEIGHT = 1120, 600
_BOX: tuple[int, int, int, int] = (30, 70, 560, 440)
_HALF_WIDTH, _HALF_HEIGHT = 94, 30
#: As many fit into a line of a box.
_STAYS_CHARACTERS = 32

#: Where the middle of each state stands. A new state needs a place here.
_PLACES: dict[str, Point] = {
    _S.OPEN: (140, 160),
    _S.UNKNOWN: (470, 160),
    _S.REQUIRES_ACTION: (140, 440),
    _S.PENDING: (470, 440),
    _S.HELD: (830, 235),
    _S.VOID: (1010, 120),
    _S.SUCCEEDED: (1010, 330),
    _S.DECLINED: (1010, 470),
}

#: Corner points of each arrow, and where its text begins. A new move needs a route here.
_ROUTES: dict[tuple[str, str], tuple[tuple[Point, ...], Point]] = {
    (_S.OPEN, _S.UNKNOWN): (((234, 160), (376, 160)), (236, 152)),
    (_S.OPEN, _S.PENDING): (((200, 190), (410, 410)), (218, 236)),
    (_S.OPEN, _S.REQUIRES_ACTION): (((110, 190), (110, 410)), (44, 345)),
    (_S.UNKNOWN, _S.PENDING): (((500, 190), (500, 410)), (446, 345)),
    (_S.UNKNOWN, _S.REQUIRES_ACTION): (((410, 190), (200, 410)), (340, 256)),
    (_S.REQUIRES_ACTION, _S.UNKNOWN): (((232, 410), (440, 190)), (256, 392)),
    (_S.PENDING, _S.UNKNOWN): (((540, 410), (540, 190)), (510, 262)),
    (_S.PENDING, _S.REQUIRES_ACTION): (((376, 430), (234, 430)), (256, 422)),
    (_S.REQUIRES_ACTION, _S.PENDING): (((234, 454), (376, 454)), (280, 472)),
    (_S.REQUIRES_ACTION, _S.DECLINED): (((140, 470), (140, 560), (1010, 560), (1010, 500)), (780, 552)),
    (_S.OPEN, _S.VOID): (((140, 130), (140, 36), (1010, 36), (1010, 90)), (780, 28)),
    (_S.UNKNOWN, _S.VOID): (((500, 130), (500, 100), (916, 100)), (780, 92)),
    (_S.HELD, _S.VOID): (((880, 205), (950, 150)), (934, 190)),
    (_S.HELD, _S.SUCCEEDED): (((880, 265), (950, 300)), (934, 284)),
    (_ASKED_NAME, _S.HELD): (((590, 235), (736, 235)), (598, 227)),
    (_ASKED_NAME, _S.SUCCEEDED): (((590, 330), (916, 330)), (598, 322)),
    (_ASKED_NAME, _S.DECLINED): (((590, 470), (916, 470)), (598, 462)),
}

_STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1f2937 }
  .name { font-weight: 600; text-anchor: middle }
  .stays { font-size: 11px; fill: #6b7280; text-anchor: middle }
  .event { font-size: 11px; fill: #374151 }
  .halo { font-size: 11px; fill: #fff; stroke: #fff; stroke-width: 4px }
  .state { fill: #fff; stroke: #374151; stroke-width: 1.5 }
  .final { fill: #ecfdf5; stroke: #047857 }
  .person { fill: #fff7ed; stroke: #c2410c }
  .asked { fill: #f8fafc; stroke: #94a3b8; stroke-dasharray: 6 4 }
  .move { fill: none; stroke: #64748b; stroke-width: 1.5; marker-end: url(#tip) }
""".strip("\n")

_TIP = (
    '<marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 0L8 4L0 8z" fill="#64748b"/></marker>'
)


def svg() -> str:
    """The diagram as a picture of fixed layout."""
    moves = list(_moves())
    stays = {source: events for source, target, events in moves if source == target}
    x, y, width, height = _BOX
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        "<title>States of a charge attempt</title>",
        f"<style>\n{_STYLE}\n</style>",
        f"<defs>{_TIP}</defs>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<rect class="asked" x="{x}" y="{y}" width="{width}" height="{height}" rx="12"/>',
        f'<text class="event" x="{x + 330}" y="{y + height - 14}">{_ASKED_TITLE}</text>',
        *(line for move in moves if move[0] != move[1] for line in _drawn_move(move)),
        *(line for state in AttemptState for line in _drawn_state(state, stays.get(state.value))),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _drawn_move(move: Move) -> Iterator[str]:
    source, target, events = move
    points, (x, y) = _ROUTES[source, target]
    path = " ".join(f"{'L' if place else 'M'}{x} {y}" for place, (x, y) in enumerate(points))
    yield f'<path class="move" d="{path}"/>'
    # Not every renderer paints the stroke before the letters: the lines are covered by a text of their own.
    yield f'<text class="halo" aria-hidden="true" x="{x}" y="{y}">{escape(events)}</text>'
    yield f'<text class="event" x="{x}" y="{y}">{escape(events)}</text>'


def _drawn_state(state: AttemptState, stays: str | None) -> Iterator[str]:
    x, y = _PLACES[state]
    kind = " final" if not TRANSITIONS[state] else " person" if state not in _ASKED else ""
    yield (
        f'<rect class="state{kind}" x="{x - _HALF_WIDTH}" y="{y - _HALF_HEIGHT}" '
        f'width="{2 * _HALF_WIDTH}" height="{2 * _HALF_HEIGHT}" rx="8"/>'
    )
    lines = wrap(f"stays: {stays}", _STAYS_CHARACTERS) if stays is not None else []
    yield f'<text class="name" x="{x}" y="{y + 5 - 6 * len(lines)}">{state.value}</text>'
    for row, line in enumerate(reversed(lines)):
        yield f'<text class="stays" x="{x}" y="{y + 22 - 12 * row}">{escape(line)}</text>'


def main(arguments: list[str]) -> None:
    """Print the diagram, or write it into the page and the picture."""
    if arguments == ["--write"]:
        PICTURE.write_text(svg(), "utf-8")
        PAGE.write_text(with_diagram(PAGE.read_text("utf-8")), "utf-8")
    else:
        print(mermaid(), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
