"""
Checking a tax id and a phone number, next to the bare calls of the libraries underneath; an address, next to
the library that has the data.

Run ``python bench/validators.py``. Each ratio is the median over the samples of
one run. The bare calls are what a careful host would write on clean input:
python-stdnum's `validate` of the country's module; phonenumbers' parse,
`is_valid_number`, `region_code_for_number`, `number_type` and E.164 format, the
facts that a `Phone` holds. A second phone row leaves out region and kind.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median

import phonenumbers

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import address  # noqa: E402  # the root is put on the path just above
from bench._timing import compare  # noqa: E402
from billing_core.card_numbers import contains_card_number  # noqa: E402
from billing_core.identity.phone import check_phone  # noqa: E402
from billing_core.identity.tax_id import check_tax_id  # noqa: E402
from billing_core.identity.text import clean_text  # noqa: E402

TAX_ID_RATIO_MAX, TAX_ID_US_MAX = 2.5, 15.0
PHONE_RATIO_MAX = 1.8

TAX_IDS = {
    "at.uid": "ATU13585627", "be.vat": "BE0403019261", "de.vat": "DE136695976", "dk.cvr": "DK13585628",
    "es.nif": "ESB58378431", "fr.tva": "FR40303265045", "gr.vat": "EL094259216", "ie.vat": "IE6433435F",
    "it.iva": "IT00743110157", "nl.btw": "NL004495445B01", "pl.nip": "PL8567346215",
    "se.vat": "SE123456789701", "gb.vat": "GB980780684",
    "ch.vat": "CHE107787577IVA", "no.mva": "NO995525828MVA",
}  # fmt: skip

PHONES = {
    "US": "(202) 555-0143", "GB": "020 7946 0018", "DE": "+493022732152", "FR": "01 99 00 12 34",
    "IN": "+91 98765 43210", "CA": "+1 613-555-1212", "JP": "03-3213-1111", "BR": "+55 11 96123-4567",
    "SG": "+65 6321 2345", "AU": "(02) 5550 1234", "NL": "020 222 0222", "ES": "+34 810 12 34 56",
}  # fmt: skip


def tax_id(rounds: int = 9, batch_ms: float = 5.0) -> dict[str, tuple[float, float]]:
    """Nanoseconds of a check, and of the bare call, by module."""
    found = {}
    for name, number in TAX_IDS.items():
        ways: dict[str, Callable[[], object]] = {
            "billing_core": partial(check_tax_id, number),
            "stdnum": partial(import_module(f"stdnum.{name}").validate, number),
        }
        medians = compare(ways, rounds=rounds, batch_ms=batch_ms)
        found[name] = (medians["billing_core"], medians["stdnum"])
    return found


def phone(rounds: int = 9, batch_ms: float = 5.0) -> dict[str, tuple[float, float, float]]:
    """Nanoseconds of a check, of the bare calls for the same facts, and for fewer, by region."""
    found = {}
    for region, raw in PHONES.items():
        ways: dict[str, Callable[[], object]] = {
            "billing_core": partial(check_phone, raw, region),
            "same facts": partial(_bare_phone, raw, region, is_full=True),
            "fewer facts": partial(_bare_phone, raw, region, is_full=False),
        }
        medians = compare(ways, rounds=rounds, batch_ms=batch_ms)
        found[region] = (medians["billing_core"], medians["same facts"], medians["fewer facts"])
    return found


def text(rounds: int = 9) -> dict[str, float]:
    """Nanoseconds of cleaning human text, and of looking for card numbers in it."""
    line, long = "1600 Amphitheatre Pkwy Apt 12", "x" * 1_000_000
    ways = {
        "clean_text, an address line": lambda: clean_text(line, field="line1"),
        "contains_card_number, an address line": lambda: contains_card_number(line),
        "clean_text, one megabyte": lambda: clean_text(long, field="line1"),
        "check_tax_id, one megabyte": lambda: check_tax_id(long),
        "check_phone, one megabyte": lambda: check_phone(long),
    }
    return compare(ways, rounds=rounds, batch_ms=2.0)


def _bare_phone(raw: str, region: str, *, is_full: bool) -> object:
    number = phonenumbers.parse(raw, region)
    is_valid = phonenumbers.is_valid_number(number)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not is_full:
        return is_valid, e164
    return is_valid, e164, phonenumbers.region_code_for_number(number), phonenumbers.number_type(number)


def main() -> bool:
    """Measure, print, and say whether all targets are met."""
    met = []
    ids = tax_id()
    ratio = median(ours / bare for ours, bare in ids.values())
    microseconds = median(ours for ours, _ in ids.values()) / 1000
    met += [ratio <= TAX_ID_RATIO_MAX, microseconds <= TAX_ID_US_MAX]
    print(f"check_tax_id   {microseconds:6.1f} us  (at most {TAX_ID_US_MAX:g})")
    print(f"               x {ratio:.2f} of python-stdnum's validate  (at most {TAX_ID_RATIO_MAX:g})")
    phones = phone()
    for position, facts in ((1, "the same facts"), (2, "validity and E.164 only")):
        ratio = median(row[0] / row[position] for row in phones.values())
        met.append(ratio <= PHONE_RATIO_MAX)
        print(f"check_phone    x {ratio:.2f} of phonenumbers for {facts}  (at most {PHONE_RATIO_MAX:g})")
    met.append(address.run())
    for name, nanoseconds in text().items():
        print(f"{name:<38} {nanoseconds / 1000:8.1f} us")
    return all(met)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
