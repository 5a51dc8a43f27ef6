"""Cells of the files that we hand back."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from chengyun.kernel.cells import without_formula


def harmless(text: str) -> str:
    """Return the text as a spreadsheet program takes it for text; numbers and marks stay."""
    return text if len(text) <= 1 or _is_number(text) else without_formula(text)


def csv_line(cells: Sequence[str]) -> str:
    """Return a line of a CSV of harmless cells."""
    text = io.StringIO()
    csv.writer(text).writerow([harmless(cell) for cell in cells])
    return text.getvalue()


def _is_number(text: str) -> bool:
    digits = text[1:].replace(".", "", 1)
    return text[0] in "+-" and digits.isascii() and digits.isdigit()
