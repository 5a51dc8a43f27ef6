"""XLSX workbooks for tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook


def workbook(
    rows: Sequence[Sequence[Any]], *, sheet: str = "Sheet1", merged: Sequence[str] = ()
) -> bytes:
    """Return a workbook with a sheet of these rows; `merged` are ranges such as A2:A5."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for cells in merged:
        page.merge_cells(cells)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
