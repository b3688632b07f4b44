"""What carrying out a step, or settling an answer, gives: the dossier afterwards, and what to tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from billing_core.charging.dossier import Dossier
from billing_core.records import as_dict

__all__ = ["Applied", "Draft"]


@attrs.frozen(kw_only=True)
class Draft:
    """An event before it has an id, an actor and a place in the order."""

    type: str
    invoice_id: str | None = None
    data: Mapping[str, Any] = attrs.field(factory=dict, converter=as_dict)


Applied = tuple[Dossier, tuple[Draft, ...]]
