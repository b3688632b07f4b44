"""Each room needs only the packages it is allowed, and the check for it can fail."""

from __future__ import annotations

import pytest

from tools.check_imports import findings
from tools.source_tree import SourceFile, modules


@pytest.mark.parametrize("module", modules())
def test_module_imports_only_what_its_room_may(module: str) -> None:
    """No module of the package imports a package that its room may not know."""
    assert [] == findings(SourceFile.read(module))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("values/money", "import phonenumbers"),
        ("values/money", "import phonenumbers.phonenumberutil as p"),
        ("charging/next_step", "from dateutil.relativedelta import relativedelta"),
        ("accounts/account", "def f():\n    from stdnum.eu import vat"),
        ("tax/registry", "if TYPE_CHECKING:\n    import requests"),
        ("stores/memory", "import sqlalchemy"),
        ("service/billing", "import rich.table"),
        ("testing/gateways", "import hypothesis"),
        ("contrib/django", "import sqlalchemy"),
        ("identitycheck", "import stdnum"),
        ("values/money", "import attr"),
        ("values/money", "from . import rounding"),
        ("values/money", "from ..issues import invalid"),
        ("service/flows", "from billing_core import Money"),
        ("service/flows", "import billing_core"),
    ],
)
def test_foreign_import_is_found(module: str, source: str) -> None:
    """A forbidden import is found in any form and place, at its line."""
    (finding,) = findings(SourceFile.parse(module, source))
    assert f"src/billing_core/{module}.py" == finding.path
    assert source.count("\n") + 1 == finding.line


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("values/schedule", "from dateutil.rrule import rrule"),
        ("identity/phone", "def f():\n    import phonenumbers"),
        ("identity/data/addresses", "import stdnum"),
        ("contrib/sqlalchemy_store/schema", "import sqlalchemy as sa"),
        ("testing/strategies", "from hypothesis import strategies as st"),
        ("contrib/demo/screen", "import rich"),
        (
            "charging/invoice",
            "import attrs\nfrom collections.abc import Mapping\nfrom zoneinfo import ZoneInfo",
        ),
        ("charging/invoice", "from billing_core.values.money import Money"),
        ("contrib/django", "from billing_core import Money"),
    ],
)
def test_allowed_import_passes(module: str, source: str) -> None:
    """A room's own packages, attrs, the standard library and other rooms pass."""
    assert [] == findings(SourceFile.parse(module, source))
