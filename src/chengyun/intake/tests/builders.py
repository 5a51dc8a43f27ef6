"""What tests of imports share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chengyun.intake.queries.opening import open_source
from chengyun.intake.rules import kinds
from chengyun.intake.rules.source import Layout


def in_batches_of(monkeypatch: pytest.MonkeyPatch, rows: int, code: str) -> None:
    """Let runs of a kind do so many rows at once."""
    monkeypatch.setitem(kinds._kinds, code, replace(kinds.kind_of(code), batch=rows))


def rows_of(path: Path, **layout: Any) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, row.values) for row in open_source(path, Layout(**layout)).rows()]


def columns_of(path: Path, **layout: Any) -> list[str]:
    return open_source(path, Layout(**layout)).described().columns
