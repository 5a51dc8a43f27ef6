"""Checks of imported grids against each other and against what is in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from chengyun.territory.operations.bulk import DivisionRow, copy_divisions
from chengyun.territory.operations.grid_report import Candidate, GridReport
from chengyun.territory.queries.divisions import names_of
from chengyun.territory.rules.division_codes import ancestors_of, significant
from chengyun.territory.rules.grid_faults import GridFault
from chengyun.territory.rules.topology import (
    TOLERANCE_M2,
    area_m2,
    gaps_of,
    overlaps_among,
    overlaps_between,
)

_MOST_GAPS = 500
_COMMUNITY_DIGITS = 12
_KNOWN_CODES = """
SELECT code, bool_or(valid_to IS NULL), max(valid_from) FROM territory_unitgrid
WHERE code = ANY(%s) GROUP BY code
"""
_NEIGHBOURS = """
SELECT code, ST_AsBinary(geometry) FROM territory_unitgrid
WHERE valid_to IS NULL AND geometry && ST_MakeEnvelope(%s, %s, %s, %s, 4490)
  AND code <> ALL(%s) AND (NOT %s OR community_code <> ALL(%s))
"""
_BORDERS = """
SELECT code, ST_AsBinary(geometry) FROM territory_division
WHERE code = ANY(%s) AND geometry IS NOT NULL
"""


def check_grids(
    *,
    report: GridReport,
    candidates: Sequence[Candidate],
    prefixes: tuple[str, ...],
    make_divisions: bool,
    retire_missing: bool,
) -> None:
    """Add a fault to the report for everything that keeps the grids from being written."""
    _check_communities(report, candidates, prefixes, make_divisions=make_divisions)
    _check_versions(report, candidates)
    _check_borders(report, candidates)
    shapes = [candidate.row.geometry for candidate in candidates]
    for found in overlaps_among(shapes):
        first, second = candidates[found.first], candidates[found.second]
        detail = f"{first.row.code} ({first.index}), {found.area_m2} m²"
        report.add(_at(second, "overlap", detail))
    _check_neighbours(report, candidates, shapes, retire_missing=retire_missing)
    report.warnings += [
        GridFault(
            index=None,
            code="",
            reason="gap",
            detail=f"{gap.area_m2} m²",
            lon=gap.lon,
            lat=gap.lat,
        )
        for gap in gaps_of(shapes)[:_MOST_GAPS]
    ]


def _check_communities(
    report: GridReport,
    candidates: Sequence[Candidate],
    prefixes: tuple[str, ...],
    *,
    make_divisions: bool,
) -> None:
    communities = {candidate.row.community_code for candidate in candidates}
    allowed = {code for code in communities if code.startswith(prefixes)}
    proper = {c for c in communities if len(c) == _COMMUNITY_DIGITS and significant(c) == c}
    known = set(names_of(sorted(communities)))
    if make_divisions:
        known |= _make_missing(report, sorted(proper & allowed))
    for candidate in candidates:
        code = candidate.row.community_code
        if code not in allowed:
            report.add(_at(candidate, "outside_scope", code))
        elif code not in known or code not in proper:
            report.add(_at(candidate, "unknown_community", code))


def _make_missing(report: GridReport, communities: list[str]) -> set[str]:
    """Add the communities that are missing, with what lies above them."""
    wanted = {code for community in communities for code in [*ancestors_of(community), community]}
    missing = sorted(wanted - set(names_of(sorted(wanted))))
    report.divisions_added = copy_divisions(
        DivisionRow(code=code, zh=f"未命名 {code}", en=f"Unnamed {code}", source=report.file)
        for code in missing
    )
    return set(communities)


def _check_versions(report: GridReport, candidates: Sequence[Candidate]) -> None:
    codes = [candidate.row.code for candidate in candidates]
    known = {code: (alive, begun) for code, alive, begun in _rows(_KNOWN_CODES, [codes])}
    for candidate in candidates:
        alive, begun = known.get(candidate.row.code, (True, None))
        if not alive:
            report.add(_at(candidate, "code_retired"))
        elif begun and begun > candidate.row.valid_from:
            report.add(_at(candidate, "version_too_early", begun.isoformat()))


def _check_borders(report: GridReport, candidates: Sequence[Candidate]) -> None:
    communities = sorted({candidate.row.community_code for candidate in candidates})
    borders = {code: _shape(wkb) for code, wkb in _rows(_BORDERS, [communities])}
    for candidate in candidates:
        border = borders.get(candidate.row.community_code)
        if border is None or candidate.row.geometry.within(border):
            continue
        beyond = area_m2(candidate.row.geometry.difference(border))
        if beyond > TOLERANCE_M2:
            report.add(_at(candidate, "outside_division", f"{beyond:.1f} m²"))


def _check_neighbours(
    report: GridReport,
    candidates: Sequence[Candidate],
    shapes: Sequence[BaseGeometry],
    *,
    retire_missing: bool,
) -> None:
    if not candidates:
        return
    codes = [candidate.row.code for candidate in candidates]
    communities = sorted({candidate.row.community_code for candidate in candidates})
    bounds = [float(edge) for edge in shapely.total_bounds(shapes)]
    rows = _rows(_NEIGHBOURS, [*bounds, codes, retire_missing, communities])
    others = [_shape(wkb) for _, wkb in rows]
    for found in overlaps_between(shapes, others):
        detail = f"{rows[found.second][0]}, {found.area_m2} m²"
        report.add(_at(candidates[found.first], "overlap_present", detail))


def _at(candidate: Candidate, reason: str, detail: str = "") -> GridFault:
    point = candidate.row.geometry.representative_point()
    return GridFault(
        index=candidate.index,
        code=candidate.row.code,
        reason=reason,
        detail=detail,
        lon=round(point.x, 7),
        lat=round(point.y, 7),
    )


def _shape(wkb: Any) -> BaseGeometry:
    shape: BaseGeometry = shapely.from_wkb(bytes(wkb))
    return shape


def _rows(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
