"""Checks of imported grids against each other and against what is in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from django.db import connection
from shapely.geometry import mapping
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
LEAST_M2, MOST_M2 = 500.0, 200_000.0  # unit grids have about 10 000 m²; beyond, a warning
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
_ELSEWHERE = """
SELECT p.ordinal, min(d.code) FROM unnest(%s::float8[], %s::float8[], %s::text[])
    WITH ORDINALITY AS p(lon, lat, community, ordinal)
JOIN territory_division d ON d.level = 'community' AND d.code <> p.community
    AND ST_Contains(d.geometry, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4490))
WHERE NOT EXISTS (SELECT 1 FROM territory_division o
                  WHERE o.code = p.community AND o.geometry IS NOT NULL)
GROUP BY 1 ORDER BY 1
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
    _check_elsewhere(report, candidates)
    _check_areas(report, candidates)
    shapes = [candidate.row.geometry for candidate in candidates]
    for found in overlaps_among(shapes):
        first, second = candidates[found.first], candidates[found.second]
        detail = f"{first.row.code} ({first.index}), {found.area_m2} m²"
        report.add(_at(second, "overlap", detail, found.shape))
    _check_neighbours(report, candidates, shapes, retire_missing=retire_missing)
    for gap in gaps_of(shapes)[:_MOST_GAPS]:
        report.warn(
            GridFault(
                index=None,
                code="",
                reason="gap",
                detail=f"{gap.area_m2} m²",
                lon=gap.lon,
                lat=gap.lat,
                geometry=mapping(gap.shape),
            )
        )


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
    unknown = {fault.index for fault in report.faults if fault.reason == "unknown_community"}
    for candidate in candidates:
        alive, begun = known.get(candidate.row.code, (True, None))
        community = candidate.row.community_code
        is_new = begun is None and candidate.index not in unknown
        if is_new and not candidate.row.code.startswith(community):
            report.add(_at(candidate, "code_of_other_community", community))
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
        outside = candidate.row.geometry.difference(border)
        beyond = area_m2(outside)
        if beyond > TOLERANCE_M2:
            report.add(_at(candidate, "outside_division", f"{beyond:.1f} m²", outside))


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
        report.add(_at(candidates[found.first], "overlap_present", detail, found.shape))


def _check_elsewhere(report: GridReport, candidates: Sequence[Candidate]) -> None:
    """A grid of a community without a border must not lie within another one's."""
    points = [candidate.row.geometry.representative_point() for candidate in candidates]
    places, codes = [point.x for point in points], [c.row.community_code for c in candidates]
    rows = _rows(_ELSEWHERE, [places, [point.y for point in points], codes])
    for ordinal, other in rows:
        report.add(_at(candidates[ordinal - 1], "in_other_division", other))


def _check_areas(report: GridReport, candidates: Sequence[Candidate]) -> None:
    for candidate in candidates:
        size = area_m2(candidate.row.geometry)
        if not LEAST_M2 <= size <= MOST_M2:
            reason = "area_small" if size < LEAST_M2 else "area_large"
            report.warn(_at(candidate, reason, f"{size:.0f} m²"))


def _at(
    candidate: Candidate, reason: str, detail: str = "", where: BaseGeometry | None = None
) -> GridFault:
    """Return the fault with its place: the part that is wrong, else the whole grid."""
    shape = candidate.row.geometry if where is None else where
    point = shape.representative_point()
    return GridFault(
        geometry=mapping(shape),
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
