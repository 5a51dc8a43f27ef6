"""Check that api/openapi.json is what the code says."""

from __future__ import annotations

import difflib
import os
from itertools import islice
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.server.settings")
COMMITTED = Path(__file__).resolve().parents[1] / "api" / "openapi.json"
SHOWN = 40


def main() -> int:
    """Print the difference; return 1 when there is one."""
    import django

    django.setup()
    from chengyun.server.openapi import render

    present = render().splitlines(keepends=True)
    kept = COMMITTED.read_text(encoding="utf-8").splitlines(keepends=True)
    if present == kept:
        return 0
    print("api/openapi.json is stale: run `make openapi` and commit it")
    difference = difflib.unified_diff(kept, present, "committed", "code", n=1)
    print("".join(islice(difference, SHOWN)))
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
