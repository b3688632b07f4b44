"""
The main job: a renewal cycle from end to end.

Sixty-one customers sign up, pay every month or year, lose cards, get locked out,
call support, pay again - on SQLite, day by day for fourteen months - and in the
end the books are compared with the processor's own ledger.

    python examples/renewal_cycle.py [--db PATH] [--months N] [--json]

It is all in `billing_core.contrib.demo`: `stories.py` for what goes wrong,
`world.py` for the people, `processor.py` for the payment processor, and
`renewal_cycle.py` for the days. The customers are in `data/accounts.csv`, with
six rows that can't be billed.
"""

import sys
from pathlib import Path

from billing_core.contrib.demo.renewal_cycle import main

if __name__ == "__main__":
    sys.exit(main(data=Path(__file__).parent / "data" / "accounts.csv"))
