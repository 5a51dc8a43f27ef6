"""Writing a table as XLSX, row by row, in little memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, Any, Final

from chengyun.kernel.cells import without_formula, xml_text

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A sheet ends at 1 048 576 rows.
MOST_ROWS: Final = 1_000_000
LONGEST_CELL: Final = 32_767


class TableWriter:
    """A workbook of one table; it goes on in a further sheet where one is full.

    headings : (text, width in characters) of each column
    """

    def __init__(
        self, *, title: str, headings: Sequence[tuple[str, int]], most_rows: int = MOST_ROWS
    ) -> None:
        from openpyxl import Workbook  # slow to import, and few processes write tables

        self._book = Workbook(write_only=True)
        self._title = title
        self._headings = headings
        self._most_rows = most_rows
        self._sheets = 0
        self._rows = 0
        self._sheet = self._begin_sheet()

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Append rows: text, numbers, and instants without a zone."""
        for row in rows:
            if self._rows == self._most_rows:
                self._sheet = self._begin_sheet()
            self._sheet.append([_cell(value) for value in row])
            self._rows += 1

    def save(self, file: IO[bytes]) -> None:
        """Write the workbook; nothing can be added afterwards."""
        self._book.save(file)

    def _begin_sheet(self) -> Any:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        self._sheets += 1
        self._rows = 0
        number = f" {self._sheets}" if self._sheets > 1 else ""
        sheet = self._book.create_sheet(f"{self._title}{number}")
        sheet.freeze_panes = "A2"
        cells = []
        for place, (text, width) in enumerate(self._headings, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
            cell = WriteOnlyCell(sheet, value=text)
            cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
        return sheet


def _cell(value: Any) -> Any:
    """Return a value as a cell may hold it; text never becomes a formula."""
    if not isinstance(value, str):
        return value
    return xml_text(without_formula(value))[:LONGEST_CELL]
