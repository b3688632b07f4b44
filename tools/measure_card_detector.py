"""
How often does the card number detector cry wolf, and what does it miss?

Run ``python tools/measure_card_detector.py [--samples N] [--seed N]``. Prints
the table of ``docs/explanation/card-numbers.md``: the share of honest texts of
each kind that is refused, and the share of card numbers that is found in each
notation. The same seed prints the same table.
"""

from __future__ import annotations

import argparse
import random
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from billing_core.card_numbers import contains_card_number  # noqa: E402  # the root is on the path now

Maker = Callable[[random.Random], str]

FIRST = ("Ada", "José", "Nguyễn", "李", "Olu", "Søren", "محمد", "Anne-Marie")
LAST = ("Lovelace", "García", "Văn An", "小龍", "Okafor", "Kierkegaard", "علي", "O’Neill", "7th Street GmbH")


def digits(chance: random.Random, count: int) -> str:
    """That many random digits."""
    return "".join(chance.choices("0123456789", k=count))


def phone(chance: random.Random) -> str:
    """A phone number as people write it."""
    return filled(
        chance,
        "+44 20 #### ####", "+1 (2##) ###-####", "+49 ### #######", "+33 # ## ## ## ##", "+57 3## #######",
        "+86 1## #### ####", "0#### ######",
    )  # fmt: skip


def day(chance: random.Random) -> str:
    """A date as people write it."""
    year, month, day_of_month = chance.randint(2020, 2027), chance.randint(1, 12), chance.randint(1, 28)
    return chance.choice(
        (
            f"{year}-{month:02}-{day_of_month:02}",
            f"{day_of_month:02}.{month:02}.{year}",
            f"{month:02}/{day_of_month:02}/{year}",
        )
    )


def moment(chance: random.Random) -> str:
    """A date with a time."""
    return f"{day(chance)} {chance.randint(0, 23):02}:{chance.randint(0, 59):02}:{chance.randint(0, 59):02}"


def filled(chance: random.Random, *patterns: str) -> str:
    """One of the patterns, with a random digit for every ``#``."""
    return "".join(digits(chance, 1) if char == "#" else char for char in chance.choice(patterns))


def amount(chance: random.Random) -> str:
    """An amount of money."""
    return f"{chance.randint(1, 99_999):,}.{digits(chance, 2)}"


HONEST: dict[str, Maker] = {
    "names of people and companies": lambda c: f"{c.choice(FIRST)} {c.choice(LAST)}",
    "address lines": lambda c: filled(
        c, "## Main St Apt ###", "Flat #, ### Kings Road, SW# #AA", "Av. Paulista ####, #####-###",
        "#-##-#, ###-####", "PO Box #####, #####-####", "ul. Długa ##/##, ##-###", "Strada 12 nr. ##",
    ),
    "reason: call and invoice": lambda c: f"Called from {phone(c)} about invoice {day(c)}/{digits(c, 6)}",
    "reason: extension with dates": lambda c: f"Extended {day(c)} - {day(c)}, ticket #{digits(c, 6)}",
    "reason: two phones": lambda c: f"{phone(c)}, {phone(c)}",
    "reason: phone and time": lambda c: f"{phone(c)} {moment(c)}",
    "reason: from and until": lambda c: f"{moment(c)} - {moment(c)}",
    "reason: amounts": lambda c: f"paid {amount(c)}, {amount(c)} and {amount(c)}",
    "order number 3-7-7": lambda c: f"order {filled(c, '###-#######-#######')}",
    "IP addresses": lambda c: ", ".join(".".join(str(c.randint(1, 255)) for _ in range(4)) for _ in range(2)),
    "UUID v4": lambda c: str(uuid.UUID(int=c.getrandbits(128), version=4)),
    "UUID v4 without dashes": lambda c: uuid.UUID(int=c.getrandbits(128), version=4).hex,
    "IBAN in groups (DE)": lambda c: filled(c, "DE## #### #### #### #### ##"),
    "IBAN in one piece (DE)": lambda c: filled(c, "DE" + "#" * 20),
    "phone in one piece, 12-13 digits": lambda c: filled(c, "+44##########", "+4915#########"),
    "unix time in milliseconds": lambda c: str(c.randint(1_500_000_000_000, 1_900_000_000_000)),
    "unix time in microseconds": lambda c: str(c.randint(1_500_000_000_000_000, 1_900_000_000_000_000)),
    "snowflake id, 19 digits": lambda c: str(c.randint(24 * 10**10, 44 * 10**10) << 22 | c.getrandbits(22)),
    "16 random digits": lambda c: digits(c, 16),
    "20 random digits": lambda c: digits(c, 20),
}  # fmt: skip

RANGES = (
    ("4", 16), ("4", 13), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15),
    ("37", 15), ("300", 14), ("36", 14), ("3528", 16), ("6011", 16), ("65", 16), ("62", 16), ("62", 19),
    ("6759", 16), ("5018", 12), ("58", 19), ("2200", 16), ("60", 16), ("9792", 16),
)  # fmt: skip


def card(chance: random.Random) -> str:
    """A card number of a random range, with its check digit."""
    prefix, length = chance.choice(RANGES)
    body = prefix + digits(chance, length - len(prefix) - 1)
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def fours(number: str, separator: str) -> str:
    """The number in groups of four."""
    return separator.join(number[place : place + 4] for place in range(0, len(number), 4))


CARDS: dict[str, Maker] = {
    "in one piece": card,
    "in fours: space, dash, dot, slash": lambda c: fours(card(c), c.choice((" ", "-", ".", "/"))),
    "in fours: no-break and thin spaces": lambda c: fours(card(c), c.choice("\u00a0\u2009\u202f\u3000")),
    "in fours: line break, %20, <br>, &nbsp;": lambda c: fours(
        card(c), c.choice(("\n", "%20", "<br>", "&nbsp;"))
    ),
    "in fours, separators mixed": lambda c: "".join(
        char + c.choice((" ", "-", ".", ", ")) * (place % 4 == 3) for place, char in enumerate(card(c))
    ),
    "every digit apart": lambda c: c.choice((" ", "-", "_", " . ")).join(card(c)),
    "groups of any sizes, one separator": lambda c: _scattered(c, card(c)),
    "full-width, Arabic, circled digits": lambda c: _translated(c, card(c)),
    "invisible marks inside": lambda c: c.choice("\u200b\u200d\u2060\ufeff").join(card(c)),
    "in a sentence, in JSON, behind letters": lambda c: (
        c.choice(("pay {} now", '{{"n": "{}"}}', "PAN{}")).format(card(c))
    ),
    "expiry and code behind": lambda c: f"{fours(card(c), ' ')} {filled(c, '0#/2# ###')}",
    "expiry and code glued on": lambda c: card(c) + filled(c, "0#2####"),
    "phone in front": lambda c: f"{phone(c)} {card(c)}",
}  # fmt: skip


def _scattered(chance: random.Random, number: str) -> str:
    separator = chance.choice((" ", "-", ".", "/", " - "))
    return separator.join(filter(None, (number[:3], number[3:8], number[8:9], number[9:])))


def _translated(chance: random.Random, number: str) -> str:
    alphabet = chance.choice(("０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "⓪①②③④⑤⑥⑦⑧⑨"))
    return number.translate({ord("0") + value: char for value, char in enumerate(alphabet)})


def table(title: str, column: str, makers: dict[str, Maker], samples: int, seed: int) -> list[str]:
    """The rows of a Markdown table: what, and the share in which a card number is found."""
    lines = [f"| {title} | {column} |", "|---|---:|"]
    for name, make in makers.items():
        chance = random.Random(f"{seed} {name}")
        share = sum(contains_card_number(make(chance)) for _ in range(samples)) / samples
        lines.append(f"| {name} | {share:.2%} |")
    return lines


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print("\n".join(table("honest text", "refused", HONEST, given.samples, given.seed)))
    print()
    print("\n".join(table("card number", "found", CARDS, given.samples, given.seed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
