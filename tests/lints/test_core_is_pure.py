"""The core reads nothing but its arguments, and the check for it can fail."""

from __future__ import annotations

import pytest

from tools.check_purity import EXCEPTIONS, applies_to, findings
from tools.source_tree import PACKAGE, SourceFile, modules

CORE = tuple(filter(applies_to, modules()))

IMPURE = {
    "import time": "clock",
    "def f():\n    import time as t": "clock",
    "from time import monotonic": "clock",
    "from datetime import datetime\ndatetime.now()": "clock",
    "from datetime import datetime as d\nd.now(UTC)": "clock",
    "from datetime import datetime\nf = datetime.utcnow": "clock",
    "import datetime\ndatetime.datetime.now()": "clock",
    "import datetime as dt\ndt.datetime.today()": "clock",
    "import datetime as dt\nnow = dt.datetime.now": "clock",
    "from datetime import date\ndate.today()": "clock",
    "import datetime as dt\nd = dt.date\ndef f():\n    return d.today()": "clock",
    "from datetime import datetime\nclass A:\n    d = datetime\n    x = d.now()": "clock",
    "from datetime import datetime\nd = datetime\ne = d\nf = e\nf.now()": "clock",
    "from datetime import datetime\ngetattr(datetime, 'now')()": "clock",
    "from datetime import datetime\ndef f(clock=datetime.now): ...": "clock",
    "from datetime import datetime\nif (d := datetime).now(): ...": "clock",
    "def f(day):\n    return day.today()": "clock",
    "def f(day):\n    return type(day).utcnow()": "clock",
    "import random": "randomness",
    "from random import SystemRandom as R": "randomness",
    "import secrets": "randomness",
    "import uuid\nuuid.uuid4()": "randomness",
    "from uuid import uuid1 as make": "randomness",
    "import uuid as u\nfactory = u.uuid4": "randomness",
    "import os": "environment",
    "import os.path": "environment",
    "from os import urandom": "environment",
    "from os import environ as e": "environment",
    "import sys\nsys.argv[1]": "environment",
    "from sys import argv": "environment",
    "from decimal import getcontext": "environment",
    "import decimal\ndecimal.setcontext(decimal.Context(prec=9))": "environment",
    "def f(at):\n    return at.astimezone()": "environment",
    "open('x')": "files",
    "read = open": "files",
    "from pathlib import Path": "files",
    "import io": "files",
    "import importlib.resources": "files",
    "from importlib import resources": "files",
    "print('x')": "files",
    "import socket": "network",
    "import ssl as s": "network",
    "from http.client import HTTPSConnection": "network",
    "import urllib.request": "network",
    "import requests": "network",
    "from subprocess import run": "processes",
    "import threading": "concurrency",
    "import asyncio": "concurrency",
    "from concurrent.futures import ThreadPoolExecutor": "concurrency",
    "import logging": "logging",
    "__import__('time')": "code from text",
    "from datetime import *": "hides what it imports",
}


@pytest.mark.parametrize("module", CORE)
def test_core_module_is_pure(module: str) -> None:
    """No module of the core reaches for a clock, chance, the environment, files or the network."""
    assert [] == findings(SourceFile.read(module))


@pytest.mark.parametrize("source", IMPURE)
def test_impure_code_is_found(source: str) -> None:
    """Each impure snippet is found, for the right reason, under whatever name it hides."""
    kinds = {finding.what.partition(": ")[0] for finding in findings(SourceFile.parse("charging/x", source))}
    assert {IMPURE[source]} == kinds


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import UTC, date, datetime, time\ndatetime.combine(day, time(0), UTC)",
        "import datetime as dt\ndt.datetime.fromisoformat(text)\ndt.date(2025, 1, 31)",
        "def f(now):\n    return now + grace",
        "def run(store):\n    return store.now()",
        "import uuid\nuuid.uuid5(uuid.NAMESPACE_URL, key)",
        "from hashlib import sha256\nsha256(b'x').hexdigest()",
        "from decimal import Context, Decimal\nContext(prec=28).divide(a, b)",
        "from zoneinfo import ZoneInfo\nat.astimezone(ZoneInfo(name))",
        "account.open(name)\ninvoice.print()\nstep.time\ndossier.today(now)",
        "import sys\nsys.maxsize",
        "def f(open, time):\n    return time",
        "class Gateway:\n    def open(self): ...",
        "from billing_core.values.zones import start_of",
    ],
)
def test_pure_code_passes(source: str) -> None:
    """Dates that are given, hashes, explicit contexts and methods that only sound impure pass."""
    assert [] == findings(SourceFile.parse("charging/x", source))


def test_exceptions_hold_for_their_module_only() -> None:
    """What a module may use is still a finding next door, and it may use nothing else."""
    threads = "import threading"
    assert [] == findings(SourceFile.parse("service/drivers", threads))
    assert findings(SourceFile.parse("service/flows", threads))
    assert findings(SourceFile.parse("service/drivers", "import time"))
    assert findings(SourceFile.parse("identity/tax_id_rules", "from importlib import resources"))


@pytest.mark.parametrize("module", EXCEPTIONS)
def test_exceptions_name_rooms_of_the_house(module: str) -> None:
    """An exception whose room is gone is removed, too."""
    assert (PACKAGE / module).parent.is_dir()


def test_scope_is_the_core() -> None:
    """All rooms but the extras, the kits, the command line and the lazy top module are checked."""
    assert all(
        map(applies_to, ("errors", "values/money", "charging/__init__", "service/drivers", "stores/port"))
    )
    assert not any(map(applies_to, ("__init__", "__main__", "contrib/django", "testing/clock")))
