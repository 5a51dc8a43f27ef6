"""Which component a case is about: the nearest of its type, found in memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from chengyun.demo.rules.projection import ORIGIN_LAT, ORIGIN_LON
from chengyun.demo.rules.reports import Report

# Nearer than the platform's own limit for a case and its component.
_BESIDE_M: Final = 45.0
# Further away a report goes to a component that is there, instead of where it was drawn.
_MOST_M: Final = 1_500.0
_DEGREE_M: Final = 111_320.0
_EAST_M: Final = _DEGREE_M * math.cos(math.radians(ORIGIN_LAT))

PlacedComponent = tuple[str, float, float, int]
"""code, lon and lat in EPSG:4490 [degrees], and the position of its unit cell in the fabric."""


@dataclass(slots=True)
class _OfType:
    codes: list[str]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    cells: NDArray[np.int64]
    tree: STRtree


class ComponentsNear:
    """The components in use, by type. Made before the children are forked, which share it."""

    def __init__(self, placed: Mapping[str, Iterable[PlacedComponent]]) -> None:
        self._types = {code: _of_type(list(rows)) for code, rows in placed.items()}

    def bind(self, report: Report, *, may_move: bool) -> bool:
        """Give a report about a component the nearest one of its type.

        Where none stands beside it the report is made at the nearest one.

        may_move : False = the report stays in its cell
        returns : whether the report has come into another cell
        """
        there = self._types.get(report.pattern.code)
        if report.pattern.kind != "component" or there is None:
            return False
        found, away = there.tree.query_nearest(
            shapely.Point(
                (report.lon - ORIGIN_LON) * _EAST_M, (report.lat - ORIGIN_LAT) * _DEGREE_M
            ),
            max_distance=_MOST_M,
            return_distance=True,
            all_matches=False,
        )
        if not len(found):
            return False
        index = int(found[0])
        cell = int(there.cells[index])
        if float(away[0]) > _BESIDE_M:
            if not may_move and cell != report.cell:
                return False
            report.lon, report.lat = float(there.lon[index]), float(there.lat[index])
            moved, report.cell = report.cell != cell, cell
        else:
            moved = False
        report.component_code = there.codes[index]
        return moved


def _of_type(rows: list[PlacedComponent]) -> _OfType:
    lon = np.array([row[1] for row in rows], dtype=np.float64)
    lat = np.array([row[2] for row in rows], dtype=np.float64)
    places = np.column_stack(((lon - ORIGIN_LON) * _EAST_M, (lat - ORIGIN_LAT) * _DEGREE_M))
    tree = STRtree(np.asarray(shapely.points(places)))
    tree.query(shapely.Point(0, 0))  # it is built by the first question
    cells = np.array([row[3] for row in rows], dtype=np.int64)
    return _OfType([row[0] for row in rows], lon, lat, cells, tree)
