"""
The parts of the reference that the code knows best: names, permissions, issue and decline codes.

Each page under `docs/reference/` with such a part holds it between two
comments. A test compares; this brings the pages up to date.

    python tools/render_reference.py            # print the parts
    python tools/render_reference.py --write    # write them into the pages
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import billing_core
from billing_core import CODES, DECLINE_RULES, PERMISSIONS, DeclineRule, Permission, Role
from billing_core.gateways.network_limits import ATTEMPT_LIMITS, DEFAULT_LIMITS

__all__ = ["PARTS", "REFERENCE", "api", "declines", "issues", "permissions", "with_part"]

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"

_BEGIN, _END = "<!-- begin: python tools/render_reference.py --write -->", "<!-- end -->"
_PART = re.compile(rf"(?<={re.escape(_BEGIN)}\n).*?(?={re.escape(_END)})", re.DOTALL)

#: Topic -> the modules, or rooms, whose public names belong to it. The first that fits wins.
_TOPICS = {
    "Billing": ("service",),
    "Deciding": (
        "charging.next_step",
        "charging.steps",
        "charging.dossier",
        "charging.status",
        "charging.settle",
    ),
    "Policy": ("policy", "advice"),
    "Accounts, people, cards": ("accounts",),
    "Plans and licenses": ("licenses",),
    "Invoices, attempts, refunds, disputes": (
        "charging.invoice",
        "charging.attempt",
        "charging.attempt_states",
        "charging.refund",
        "charging.dispute",
    ),
    "Checking the books": ("charging.invariants", "charging.ledgers", "service.shadow"),
    "Events": ("events",),
    "Gateways": ("gateways",),
    "Stores": ("stores", "charging.controls"),
    "Money": ("values.money", "values.currency", "values.rounding"),
    "Time": ("values",),
    "Validators": ("identity", "issues", "messages"),
    "Tax": ("tax",),
    "Errors": ("errors",),
}

#: Constants have no docstring and no module of their own: where they stand, and what they are.
_CONSTANTS = {
    "CODES": ("messages", "Issue code -> its English text."),
    "DECLINE_RULES": ("gateways.declines", "Table -> what each of its codes means for the next attempt."),
    "PERMISSIONS": ("accounts.permissions", "Role -> what it may do; what is not listed is denied."),
    "REFUND_TRANSITIONS": ("charging.refund", "Refund state -> what may happen -> the state after."),
    "TRANSITIONS": ("charging.attempt", "Attempt state -> what may happen -> the state after."),
}


def api() -> str:
    """All public names by topic, each with the first sentence of its documentation."""
    by_topic: dict[str, list[str]] = {topic: [] for topic in _TOPICS}
    for name in sorted(billing_core.__all__, key=str.lower):
        if not name.startswith("__"):
            module, summary = _about(name)
            by_topic[_topic(module)].append(f"| `{name}` | {summary} |")
    return "\n".join(line for topic, rows in by_topic.items() for line in _section(topic, rows))


def _section(topic: str, rows: list[str]) -> Iterator[str]:
    yield from (f"## {topic}", "", "| name | what it is |", "|---|---|", *rows, "")


def _topic(module: str) -> str:
    for topic, places in _TOPICS.items():
        if any(module == place or module.startswith(f"{place}.") for place in places):
            return topic
    raise LookupError(f"{module} belongs to no topic of the reference")


def _about(name: str) -> tuple[str, str]:
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    thing = getattr(billing_core, name)
    module = thing.__module__.removeprefix("billing_core.")
    paragraph = (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")
    sentence = re.split(r"(?<=[.?!:]) ", paragraph, maxsplit=1)[0].rstrip(".:")
    return module, f"{sentence}.".replace("|", "\\|").replace("``", "`")


def permissions() -> str:
    """Permission x role, as a table."""
    lines = [f"| permission | {' | '.join(Role)} |", f"|---|{'---|' * len(Role)}"]
    for permission in Permission:
        marks = ["yes" if permission in PERMISSIONS[role] else "-" for role in Role]
        lines.append(f"| `{permission}` | {' | '.join(marks)} |")
    return "\n".join(lines) + "\n"


def issues() -> str:
    """Issue codes with their English texts."""
    rows = [f"| `{code}` | {text} |" for code, text in CODES.items()]
    return "\n".join(["| code | English text |", "|---|---|", *rows]) + "\n"


#: Table of decline codes -> its heading.
_DECLINE_TABLES = {
    "mastercard_advice_code": "Mastercard merchant advice codes",
    "visa_response_code": "Visa response codes",
    "stripe_advice_code": "Stripe advice codes",
    "stripe_decline_code": "Stripe decline codes",
}


def declines() -> str:
    """Every code of a decline, with the advice that it is translated into."""
    head = ("| code | means | advice | wait | holds since | certain |", "|---|---|---|---|---|---|")
    parts = [
        "\n".join([f"## {_DECLINE_TABLES[table]}", "", *head, *map(_decline_row, rules), ""])
        for table, rules in DECLINE_RULES.items()
    ]
    return "\n".join([*parts, _limits()])


def _limits() -> str:
    """How often a card may be declined."""
    rows = [
        f"| {brand} | {limit.count} | {limit.window.total_seconds() / 3600:.0f} h |"
        for brand, limits in (*ATTEMPT_LIMITS.items(), ("any other", DEFAULT_LIMITS))
        for limit in limits
    ]
    head = ("## Network limits", "", "| card network | declined attempts at most | within |", "|---|---|---|")
    return "\n".join([*head, *rows, ""])


def _decline_row(rule: DeclineRule) -> str:
    meaning = rule.meaning if rule.category is None else f"{rule.meaning} (category {rule.category})"
    wait = f"{rule.not_before.total_seconds() / 3600:.0f} h" if rule.not_before is not None else ""
    cells = (
        f"`{rule.code}`",
        meaning,
        f"`{rule.advice.name}`" if rule.advice is not None else "the next code decides",
        wait,
        rule.since.isoformat() if rule.since is not None else "",
        "yes" if rule.is_certain else "no",
    )
    return f"| {' | '.join(cells)} |"


#: Page -> the part of it that is made here.
PARTS: dict[str, Callable[[], str]] = {
    "api.md": api,
    "declines.md": declines,
    "permissions.md": permissions,
    "issues.md": issues,
}


def with_part(page: str, part: str) -> str:
    """The page with this text between its two comments."""
    return _PART.sub(lambda _: f"\n{part}\n", page, count=1)


def main(arguments: list[str]) -> None:
    """Print the parts, or write them into their pages."""
    for name, render in PARTS.items():
        page = REFERENCE / name
        if arguments == ["--write"]:
            page.write_text(with_part(page.read_text("utf-8"), render()), "utf-8")
        else:
            print(render())


if __name__ == "__main__":
    main(sys.argv[1:])
