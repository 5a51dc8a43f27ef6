"""Write docs/reference/settings.md from the table of environment variables, or check it (--check).

Every CHENGYUN_… that the code reads must be in the table or among the internal ones.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "src" / "chengyun" / "server" / "data" / "environment.csv"
PAGE = ROOT / "docs" / "reference" / "settings.md"
INTERNAL = {
    "CHENGYUN_LIFELINE",  # between the supervisor and its children
    "CHENGYUN_PROCESS",
    "CHENGYUN_CHROMIUM",  # the browser that `chengyun bench pages` drives
    "CHENGYUN_EXPLORE",  # tests
    "CHENGYUN_TESTING",
    "CHENGYUN_TEST_TEMPLATE",
}
HEAD = """# Settings by environment · 环境变量

Made by `scripts/settings_table.py` from `server/data/environment.csv`: change it there.
What an administrator changes while the platform runs is under System settings (系统设置).

| Name | Default | 说明 | Meaning |
| --- | --- | --- | --- |
"""


def page(rows: list[dict[str, str]]) -> str:
    """Return the page."""
    lines = [
        f"| `{row['name']}` | {_code(row['default'])} | {row['zh']} | {row['en']} |" for row in rows
    ]
    return HEAD + "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return f"`{text}`" if text else "–"


def names_in_code() -> set[str]:
    """Return every CHENGYUN_… name that the sources mention."""
    files = [p for p in (ROOT / "src").rglob("*.py") if "tests" not in p.parts]
    found = {n for p in files for n in re.findall(r"CHENGYUN_[A-Z_]*[A-Z]", p.read_text("utf-8"))}
    return found - INTERNAL


def main() -> int:
    """Write or check the page."""
    rows = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
    text = page(rows)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    faults = []
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        faults.append(f"{PAGE.name} is stale: run scripts/settings_table.py")
    named = {row["name"] for row in rows}
    faults += [f"{name} is not in {TABLE.name}" for name in sorted(names_in_code() - named)]
    faults += [f"{name} is in {TABLE.name} only" for name in sorted(named - names_in_code())]
    print("\n".join(faults), end="")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
