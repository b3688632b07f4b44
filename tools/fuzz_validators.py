"""
Throw anything at the validators, for as long as you like.

Run ``python tools/fuzz_validators.py --minutes 10 [--seed N] [--only NAME]``.
Prints the calls, the accepted ones and the slowest call of each validator. A
failure prints the validator, the broken law and the input; the status is 1.

A validator is a `Target`: a callable of one raw value, texts to start from, and
how a value is written so that it can be checked again. Add new ones to
`TARGETS`. The laws:

- no input of any type raises anything;
- the answer is a `Checked` with a value or an error; without either only for blank input;
- checking the canonical form again gives the same value, and no error;
- marks that nobody sees do not change the answer; nor does a space in a canonical form,
  where a target says so;
- no call takes longer than 50 ms (the second time, if the first one loaded something).
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

import attrs

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from billing_core.identity.address import AddressPurpose, check_address  # noqa: E402  # the path is set above
from billing_core.identity.address_format import AddressStyle, format_address  # noqa: E402
from billing_core.identity.avs import avs_keys  # noqa: E402
from billing_core.identity.names import check_name  # noqa: E402
from billing_core.identity.phone import Phone, check_phone  # noqa: E402
from billing_core.identity.postal import postal_rule  # noqa: E402
from billing_core.identity.tax_id import TaxId, check_tax_id  # noqa: E402
from billing_core.identity.tax_id_types import ROWS  # noqa: E402
from billing_core.identity.text import clean_code, clean_text  # noqa: E402
from billing_core.issues import Checked  # noqa: E402

SECONDS_MAX = 0.05
INVISIBLE = "\u00ad\u200b\u200e\u200f\u2060\ufeff"


class Text(str):
    """A text of a framework's own type."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class Target:
    """
    A validator under test.

    check: of one raw value.
    seeds: texts to mutate.
    rewrite: a value in a form that is checked again; None if that is not meant to work.
    write: the canonical text of a value, in which a space never matters; None if it may.
    """

    name: str
    check: Callable[[Any], Checked[Any]]
    seeds: tuple[str, ...]
    rewrite: Callable[[Any], Any] | None = None
    write: Callable[[Any], str] | None = None


@attrs.define
class Count:
    """What one target has been through."""

    calls: int = 0
    accepted: int = 0
    slowest_seconds: float = 0.0
    slowest_input: str = ""


class LawBroken(Exception):
    """Which law, of which target, on which input."""


def tax_id_target(country: str | None) -> Target:
    """Tax ids of one country, or of none, from all examples."""

    def check(raw: Any) -> Checked[Any]:
        # A canonical form need not show its type, which is stored with it.
        if isinstance(raw, TaxId):
            return check_tax_id(raw.value, raw.country, raw.type)
        return check_tax_id(raw, country)

    seeds = tuple(row.example for row in ROWS.values() if country in {None, row.country})
    return Target(
        name=f"tax id {country or 'any'}",
        check=check,
        seeds=seeds,
        rewrite=lambda value: value,
        write=(lambda value: value.value) if country not in {None, "MX"} else None,
    )


def phone_target(region: str | None) -> Target:
    """Phones of one region, or with a plus."""

    def check(raw: Any) -> Checked[Any]:
        if isinstance(raw, Phone):
            extension = "" if raw.extension is None else f" ext. {raw.extension}"
            return check_phone(raw.e164 + extension, raw.region)
        return check_phone(raw, region)

    seeds = (
        "+44 20 7946 0018",
        "020 7946 0018",
        "(202) 555-0143 x12",
        "1-800-FLOWERS",
        "+4915123456789",
        "0044 20",
        "0037 494728576139",
        "0120647445395",
    )
    return Target(name=f"phone {region or '+'}", check=check, seeds=seeds, rewrite=lambda value: value)


def address_target(field: str) -> Target:
    """One field of an address that is right otherwise."""
    form = {
        "name": "Ada",
        "line1": "1 Main St",
        "city": "Mountain View",
        "region": "CA",
        "postal_code": "94043",
    }

    def check(raw: Any) -> Checked[Any]:
        return check_address(
            raw if isinstance(raw, dict) else {"country": "US"} | form | {field: raw}, AddressPurpose.MAIL
        )

    seeds = ("94043-1351", "California", "日本", "Zürich", "SW1A 1AA", "12 Main Street", "ＣＡ", "DE", "XI")
    return Target(name=f"address {field}", check=check, seeds=seeds, rewrite=lambda value: value.to_dict())


def postal_target(country: str) -> Target:
    """The postal code of one country, in an address that is printed and compared as well."""
    form = {"country": country, "line1": "x"}

    def check(raw: Any) -> Checked[Any]:
        fields = raw if isinstance(raw, dict) else form | {"postal_code": raw}
        checked = check_address(fields, AddressPurpose.AVS)
        if checked.value is not None:
            format_address(checked.value, AddressStyle.LATIN)
            avs_keys(checked.value)
        return checked

    rule = postal_rule(country)
    seeds = ("94043", "SW1A 1AA", "K1A 0B1", "97133", *((rule.example,) if rule else ()))
    return Target(name=f"postal {country}", check=check, seeds=seeds, rewrite=lambda value: value.to_dict())


HUMAN = ("Ada Lovelace", "می\u200cخواهم", "Bjo\u0308rn", "李小龍", "1 Main St, Apt 4", "4242 4242 4242 4242")

TARGETS = (
    Target(name="text", check=lambda raw: clean_text(raw, field="x"), seeds=HUMAN, rewrite=str),
    Target(
        name="code", check=lambda raw: clean_code(raw, field="x", max_length=64), seeds=HUMAN, rewrite=str
    ),
    Target(name="name", check=check_name, seeds=HUMAN, rewrite=str),
    phone_target(None),
    *map(phone_target, ("GB", "US", "DE", "IT", "AR", "PL", "NZ", "JP", "ID", "CN", "BY")),
    tax_id_target(None),
    *map(tax_id_target, ("DE", "FR", "ES", "GB", "CH", "IE", "MX", "IN")),
    *map(address_target, ("postal_code", "region", "line1", "country")),
    *map(postal_target, ("US", "GB", "CA", "IE", "FR", "JP", "BR", "NL", "LC", "GH", "SG", "KN", "AE")),
)

_CHARACTERS = (
    "0123456789ABCEGILNRTUXZabcdez +-./,:;#()*&_~'\t\n\r\x00\x1c\x7f\u0085\u00a0\u00b2\u0130\u0131\u017f"
    "\u0301\u0378\u0395\u0405\u0410\u061c\u0660\u06dd\u094d\u0e33\u1811\u180e\u200b\u200c\u200d\u200e\u2013\u2028"
    "\u202e\u2066\u2460\u2fff\u3000\u30fc\uac00\ud800\udc00\ue000\ufb01\ufeff\uff0b\uff11\uff21\uffff"
    "\U0001f600\U000e0041\U0010ffff"
)
_OBJECTS: tuple[Callable[[], Any], ...] = (
    lambda: None, lambda: True, lambda: -1, lambda: 10**400, lambda: float("nan"), lambda: 1j, lambda: str,
    lambda: b"DE136695976", lambda: bytearray(b"1"), lambda: memoryview(b"1"), lambda: ["DE136695976"],
    lambda: ("a",), lambda: {"a": 1}, lambda: {1: "a"}, lambda: range(3), lambda: iter("abc"), set, object,
    Text, lambda: Text("DE136695976"), lambda: "1" * 1_000_000, lambda: "\u0301" * 5000, lambda: "+" * 64,
    lambda: " " * 300,
)  # fmt: skip


def inputs(chance: random.Random, seeds: tuple[str, ...]) -> Iterator[Any]:
    """Mutated texts without end, and other things in between."""
    while True:
        if chance.random() < 0.03:
            yield chance.choice(_OBJECTS)()
            continue
        text = chance.choice(seeds)
        for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
            text = mutated(chance, text, seeds)
        yield text[:2000]


def mutated(chance: random.Random, text: str, seeds: tuple[str, ...]) -> str:
    """The text with one change."""
    start, stop = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
    char = chance.choice(_CHARACTERS) if chance.random() < 0.9 else chr(chance.randrange(0x110000))
    digits = chr(chance.choice((0x660, 0x966, 0xFF10)))
    changes = (
        lambda: text[:start] + char + text[start:],
        lambda: text[:start] + char + text[start + 1 :],
        lambda: text[:start] + text[start + 1 :],
        lambda: text[:start] + text[stop:],
        lambda: text[:stop] + text[start:],
        lambda: text[:start] + chance.choice(seeds) + text[stop:],
        lambda: text.translate({ord("0") + k: chr(ord(digits) + k) for k in range(10)}),
        text.swapcase,
        lambda: text[::-1],
        lambda: chance.choice(("VAT ", "tel:", "GB", "EL", "00", "+", "N° TVA: ", "P.IVA ")) + text,
        lambda: char.join(text),
        lambda: text * chance.choice((2, 3, 20)),
    )
    return chance.choice(changes)()


def examine(target: Target, raw: Any, chance: random.Random, count: Count) -> None:
    """Check one input against all laws."""
    checked = _timed(target, raw, count)
    if not isinstance(checked, Checked):
        raise LawBroken("the answer is no Checked")
    if (checked.value is None) is checked.ok and checked.issues:
        raise LawBroken("an error and a value, or neither")
    if checked.value is not None:
        count.accepted += 1
        if target.rewrite is not None:
            again = target.check(target.rewrite(checked.value))
            if not again.ok or again.value != checked.value:
                raise LawBroken("the canonical form is not stable")
        if target.write is not None:
            _same_with(target, target.write(checked.value), " ", chance)
    if type(raw) is str and 0 < len(raw) < 40:
        _same_with(target, raw, chance.choice(INVISIBLE), chance)


def _timed(target: Target, raw: Any, count: Count) -> Checked[Any]:
    for attempt in (1, 2):
        start = perf_counter()
        checked = target.check(raw)
        seconds = perf_counter() - start
        if seconds < SECONDS_MAX:
            break
        if attempt == 2:
            raise LawBroken(f"{seconds * 1000:.0f} ms")
    count.calls += 1
    if seconds > count.slowest_seconds:
        count.slowest_seconds, count.slowest_input = seconds, ascii(raw)[:60]
    return checked


def _same_with(target: Target, raw: str, mark: str, chance: random.Random) -> None:
    place = chance.randint(0, len(raw))
    expected = target.check(raw)
    found = target.check(raw[:place] + mark + raw[place:])
    if (expected.ok, expected.value) != (found.ok, found.value):
        raise LawBroken(f"U+{ord(mark):04X} at {place} changes the answer")


def fuzz(
    seconds: float, seed: int, *, only: str | None = None, calls_max: int | None = None
) -> tuple[dict[str, Count], list[str]]:
    """
    Run all targets in turns.

    Returns:
        The counts by target, and what failed, at most ten of each target.
    """
    chance = random.Random(seed)
    chosen = [target for target in TARGETS if only is None or only in target.name]
    streams = {target.name: inputs(chance, target.seeds) for target in chosen}
    counts = {target.name: Count() for target in chosen}
    failures: list[str] = []
    deadline = monotonic() + seconds
    rounds = 0
    while monotonic() < deadline and (calls_max is None or rounds < calls_max):
        rounds += 1
        for target in chosen:
            raw = next(streams[target.name])
            try:
                examine(target, raw, chance, counts[target.name])
            except Exception as error:  # noqa: BLE001  # whatever a validator raises is a finding
                law = (
                    str(error) if isinstance(error, LawBroken) else f"raised {type(error).__name__}: {error}"
                )
                if sum(failure.startswith(f"{target.name}:") for failure in failures) < 10:
                    failures.append(f"{target.name}: {law}: {ascii(raw)[:200]}")
    return counts, failures


def main() -> int:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--only", help="a part of a target's name")
    given = parser.parse_args()
    counts, failures = fuzz(given.minutes * 60, given.seed, only=given.only)
    print(f"seed {given.seed}, {sum(count.calls for count in counts.values())} inputs")
    for name, count in counts.items():
        share = count.accepted / max(count.calls, 1)
        slowest = f"{count.slowest_seconds * 1000:.1f} ms  {count.slowest_input}"
        print(f"  {name:<20} {count.calls:>9}  accepted {share:>4.0%}  slowest {slowest}")
    for failure in failures:
        print(f"FAILED  {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
