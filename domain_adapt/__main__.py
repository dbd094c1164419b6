"""``python -m domain_adapt`` is the command line."""

from __future__ import annotations

import sys

from domain_adapt.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
