"""
How one kind of tax id is checked: python-stdnum's modules, and what they leave open.

A rule takes a number without separators, in capitals, and gives a `Verdict`.
It never raises: python-stdnum does on a few odd inputs, and those are a wrong
format too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Final, NamedTuple, TypeAlias

from billing_core.issues import Choice


class TaxIdLevel(Choice):
    """How much an offline check can say. Only a registry knows whether a number was issued."""

    FORMAT = "format"
    CHECKSUM = "checksum"


class Verdict(NamedTuple):
    """A number in its canonical form, or the code of what is wrong with it."""

    number: str
    code: str | None = None
    level: TaxIdLevel | None = None


Rule: TypeAlias = Callable[[str], Verdict]

#: What python-stdnum's exceptions mean here; all others are a wrong format.
_CODES: Final = {"InvalidChecksum": "invalid_checksum", "InvalidLength": "invalid_length"}


@cache
def stdnum_module(name: str) -> Any:
    """The module ``stdnum.<name>``, loaded on first use: python-stdnum is 10 MB and 25 ms."""
    return import_module(f"stdnum.{name}")


def by_stdnum(name: str, prefix: str = "") -> Rule:
    """
    The rule of a python-stdnum module.

    Args:
        name: the module, as in ``"de.vat"``.
        prefix: what the module expects in front of the number.
    """

    def rule(number: str) -> Verdict:
        try:
            validate = stdnum_module(name).validate
        except ImportError:
            return Verdict("", "not_supported")
        try:
            return Verdict(validate(f"{prefix}{number}"))
        except Exception as error:  # noqa: BLE001 -- stdnum raises KeyError and ValueError on odd input
            return Verdict("", _CODES.get(type(error).__name__, "invalid_format"))

    return rule


def by_pattern(pattern: str) -> Rule:
    """The rule of a number that has a form, but no published check digit."""
    fullmatch = re.compile(pattern).fullmatch

    def rule(number: str) -> Verdict:
        return Verdict(number) if fullmatch(number) else Verdict("", "invalid_format")

    return rule


def austrian_vat(number: str) -> Verdict:
    """Austria: the U in front of the digits is often forgotten."""
    return by_stdnum("at.uid", "AT")(number if number.startswith("U") else f"U{number}")


def estonian_vat(number: str) -> Verdict:
    """Estonia: all numbers start with 10. Source: European Commission, VIES structure of VAT numbers."""
    verdict = by_stdnum("ee.kmkr", "EE")(number)
    return verdict if verdict.code or number.startswith("10") else Verdict("", "invalid_format")


def spanish_vat(number: str) -> Verdict:
    """
    Spain: public bodies (P, Q, S) end in a letter; fillers for unknown persons are not numbers.

    Source: Orden EHA/451/2008, on the NIF of legal persons.
    """
    verdict = by_stdnum("es.nif", "ES")(number)
    if verdict.code:
        return verdict
    if number in {"00000001R", "99999999R"} or number[:-1].strip("XYZKLM0") == "":
        return Verdict("", "placeholder")
    if number[0] in "PQS" and number[-1].isdigit():
        return Verdict("", "invalid_checksum")
    return verdict


def united_kingdom_vat(number: str) -> Verdict:
    """United Kingdom and Northern Ireland: five-character numbers of public bodies have no check digits."""
    verdict = by_stdnum("gb.vat", "GB")(number)
    return verdict._replace(level=TaxIdLevel.FORMAT) if len(verdict.number) == 5 else verdict


def hungarian_vat(number: str) -> Verdict:
    """Hungary: the domestic form 8-1-2 holds the VAT number in its first eight digits."""
    return by_stdnum("hu.anum", "HU")(number[:8] if re.fullmatch("[0-9]{8}[1-5][0-9]{2}", number) else number)


def hungarian_tin(number: str) -> Verdict:
    """Hungary, domestic: eight digits with a check digit, the VAT code, the county."""
    if not re.fullmatch("[0-9]{8}[1-5][0-9]{2}", number):
        return Verdict("", "invalid_format")
    verdict = by_stdnum("hu.anum", "HU")(number[:8])
    return verdict if verdict.code else Verdict(number)


def swiss(name: str) -> Rule:
    """Switzerland and Liechtenstein: the rule of a module that gives the number back with its CHE."""
    inner = by_stdnum(name, "CHE")

    def rule(number: str) -> Verdict:
        verdict = inner(number)
        return verdict if verdict.code else Verdict(verdict.number.removeprefix("CHE"))

    return rule


def romanian_vat(number: str) -> Verdict:
    """Romania: the module gives the number back with its RO."""
    verdict = by_stdnum("ro.cf", "RO")(number)
    return verdict if verdict.code else Verdict(verdict.number.removeprefix("RO"))


def norwegian_vat(number: str) -> Verdict:
    """Norway: MVA behind the organisation number is often forgotten."""
    return by_stdnum("no.mva", "NO")(f"{number.removesuffix('MVA')}MVA")


def taiwanese_ubn(number: str) -> Verdict:
    """
    Taiwan: since April 2023 the weighted sum of digits need only be divisible by five.

    Source: Ministry of Finance (Fiscal Information Agency), rule for business numbers of 2023.
    """
    verdict = by_stdnum("tw.ubn")(number)
    if verdict.code != "invalid_checksum":
        return verdict
    products = (int(digit) * weight for digit, weight in zip(number, (1, 2, 1, 2, 1, 2, 4, 1), strict=True))
    total = sum(product // 10 + product % 10 for product in products)
    # A seventh digit of 7 makes 28, whose digit sum of 10 may count as 1 or as 0.
    return Verdict(number) if total % 5 == 0 or (number[6] == "7" and total % 5 == 4) else verdict


def ecuadorian_ruc(number: str) -> Verdict:
    """Ecuador: newer numbers of companies (third digit 9) are issued without a check digit."""
    verdict = by_stdnum("ec.ruc")(number)
    if verdict.code and re.fullmatch("(0[1-9]|1[0-9]|2[0-4]|30|50)9[0-9]{7}001", number):
        return Verdict(number, level=TaxIdLevel.FORMAT)
    return verdict


def canadian_gst(number: str) -> Verdict:
    """Canada: a GST/HST account is a business number with its programme RT and a reference."""
    if not re.fullmatch("[0-9]{9}RT[0-9]{4}", number):
        return Verdict("", "invalid_format")
    return by_stdnum("ca.bn")(number)


def japanese_invoice_number(number: str) -> Verdict:
    """Japan: a qualified invoice issuer has a T in front of the corporate number."""
    if not number.startswith("T"):
        return Verdict("", "invalid_format")
    verdict = by_stdnum("jp.cn")(number[1:])
    return verdict if verdict.code else Verdict(f"T{verdict.number}")


def omani_vat(number: str) -> Verdict:
    """
    Oman: ten digits, the last one a check digit.

    Source: none is published. Weights of powers of two with the remainder ten
    modulo eleven fit every number found on published certificates.
    """
    if not re.fullmatch("[0-9]{10}", number):
        return Verdict("", "invalid_format")
    total = sum(int(digit) << power for power, digit in zip(range(9, -1, -1), number, strict=True))
    return Verdict(number) if total % 11 == 10 else Verdict("", "invalid_checksum")
