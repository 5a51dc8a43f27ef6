"""`make lint`: every check that a machine can make, Python and front end side by side.

Usage: lint.py [NAME …]   only the checks of these names
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
CLIENT = ROOT / "web" / "src" / "api" / "generated" / "schema.d.ts"


@dataclass(frozen=True)
class Check:
    """One check: a command that says nothing of weight when all is well."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """How a check ended."""

    name: str
    good: bool
    text: str
    took_s: float


def python(*words: str) -> tuple[str, ...]:
    """Return a command with a program of the Python environment."""
    return (str(BIN / words[0]), *words[1:])


def npm(script: str) -> tuple[str, ...]:
    """Return a script of the front end."""
    return ("scripts/node.sh", "npm", "--prefix", "web", "run", "--silent", script)


PYTHON = (
    Check("format", python("ruff", "format", "--check", "--quiet", ".")),
    Check("ruff", python("ruff", "check", "--quiet", ".")),
    Check("imports", python("lint-imports", "--no-cache")),
    Check("sizes", python("python", "scripts/check_sizes.py")),
    Check("migrations", python("python", "scripts/check_migrations.py")),
    Check("openapi", python("python", "scripts/check_openapi.py")),
    Check("schema names", python("python", "scripts/check_schema_names.py")),
    Check("settings table", python("python", "scripts/settings_table.py", "--check")),
    Check("dependencies", python("python", "scripts/audit.py")),
    Check("types", python("mypy")),
)
WEB = (
    Check("shell", ("bash", "-n", *sorted(str(p) for p in (ROOT / "scripts").glob("*.sh")))),
    Check("web lint", npm("lint")),
    Check("web types", npm("typecheck")),
    Check("web client", ("scripts/check_client.sh",)),
)


def run(check: Check) -> Outcome:
    """Run one check."""
    started = time.monotonic()
    folder = Path(tempfile.gettempdir()) / "chengyun-lint"
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CHENGYUN_DATA_DIR": str(folder), "NO_COLOR": "1"},
    )
    text = (done.stdout + done.stderr).strip()
    return Outcome(check.name, done.returncode == 0, text, time.monotonic() - started)


def run_all(checks: Iterable[Check]) -> list[Outcome]:
    """Run checks one after the other, telling each outcome as it comes."""
    outcomes = []
    for check in checks:
        outcome = run(check)
        outcomes.append(outcome)
        mark = "✓" if outcome.good else "✗"
        print(f"{mark} {outcome.name} ({outcome.took_s:.1f} s)", flush=True)
        if not outcome.good:
            print(outcome.text, flush=True)
    return outcomes


def main(wanted: list[str]) -> int:
    """Run the checks; return 1 when any failed."""
    sides = [[c for c in side if not wanted or c.name in wanted] for side in (PYTHON, WEB)]
    with ThreadPoolExecutor(len(sides)) as pool:
        outcomes = [outcome for found in pool.map(run_all, sides) for outcome in found]
    failed = [outcome.name for outcome in outcomes if not outcome.good]
    print(
        f"lint: {len(outcomes) - len(failed)} good, {len(failed)} not: {', '.join(failed) or '-'}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
