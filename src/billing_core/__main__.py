"""``python -m billing_core demo``: the main job, from an installed package."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command that was asked for."""
    if sys.argv[1:2] != ["demo"]:
        print("usage: python -m billing_core demo [--db PATH] [--months N] [--json]", file=sys.stderr)
        return 2
    try:
        from billing_core.contrib.demo.renewal_cycle import main as demo
    except ImportError as error:
        print(
            f"the demo needs more: pip install 'billing-core[demo]' ({error.name} is missing)",
            file=sys.stderr,
        )
        return 2
    return demo(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
