"""Which processes the supervisor runs: a small file that others may read."""

from __future__ import annotations

import json
import os
from pathlib import Path

from chengyun.server import environment


def path() -> Path:
    """Return where the file is."""
    return environment.data_dir() / "processes.json"


def write(processes: dict[str, int]) -> None:
    """Keep name → pid."""
    target = path()
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps(processes))
    fresh.replace(target)


def read() -> dict[str, int]:
    """Return name → pid; this process alone when there is no supervisor."""
    try:
        found = json.loads(path().read_text())
    except (OSError, ValueError):
        return {"web": os.getpid()}
    return {str(name): int(pid) for name, pid in found.items()}
