"""Files of addresses out, in pieces as they are read: CSV and GeoJSON. Text is no formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, Final

import orjson

from chengyun.kernel.cells import without_formula

_AT_ONCE: Final = 500
_MARK: Final = "\ufeff"  # by which spreadsheet programs know UTF-8
Record = dict[str, Any]
Pieces = Callable[[Sequence[str], Iterable[Record]], Iterator[bytes]]


def csv_pieces(columns: Sequence[str], rows: Iterable[Record]) -> Iterator[bytes]:
    """Yield a CSV in UTF-8 with a mark."""
    text = io.StringIO()
    writer = csv.writer(text)
    text.write(_MARK)
    writer.writerow(columns)
    rest = iter(rows)
    while found := list(islice(rest, _AT_ONCE)):
        writer.writerows([_cell(row.get(name)) for name in columns] for row in found)
        yield _taken(text)
    if text.tell():
        yield _taken(text)


def geojson_pieces(columns: Sequence[str], rows: Iterable[Record]) -> Iterator[bytes]:
    """Yield a FeatureCollection in EPSG:4490, which is WGS 84 at the accuracy of addresses."""
    yield b'{"type":"FeatureCollection","features":['
    rest = iter(rows)
    begin = b"\n"
    while found := list(islice(rest, _AT_ONCE)):
        yield begin + b",\n".join(_feature(row, columns) for row in found)
        begin = b",\n"
    yield b"\n]}\n"


PIECES: Final[dict[str, Pieces]] = {"csv": csv_pieces, "geojson": geojson_pieces}


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return without_formula(value) if isinstance(value, str) else value


def _feature(row: Record, columns: Sequence[str]) -> bytes:
    told = {name: row.get(name) for name in columns}
    geometry = orjson.Fragment(row["geometry"])
    return orjson.dumps({"type": "Feature", "geometry": geometry, "properties": told})


def _taken(text: io.StringIO) -> bytes:
    found = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return found
