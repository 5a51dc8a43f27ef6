"""Proposing unit grids for a city that has none: read the map and the borders, cut, check, save."""

from __future__ import annotations

import io
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from django.db import connection, transaction
from shapely.geometry import box, mapping

from chengyun.administration.rules.actor import Actor
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Invalid
from chengyun.territory.adapters.geojson import FeatureFile
from chengyun.territory.faults import BordersMissing, ProposalNotExact, TooManyNumbers
from chengyun.territory.operations.bulk import DivisionRow, copy_divisions
from chengyun.territory.operations.county_pieces import county_pieces
from chengyun.territory.operations.grid_import import GridImportOptions, import_grids
from chengyun.territory.operations.grid_report import GridReport
from chengyun.territory.queries.code_schemes import UNIT_GRID, scheme_for
from chengyun.territory.queries.divisions import names_of
from chengyun.territory.rules.blocks.city import (
    CityProposal,
    CitySizes,
    Progress,
    Region,
    TooManyForCode,
    propose_city,
)
from chengyun.territory.rules.blocks.lines import Feature
from chengyun.territory.rules.division_codes import ancestors_of, level_of, significant
from chengyun.territory.rules.scope import MANAGE, require_codes
from chengyun.territory.rules.squares import Extent

_LEAST_M2, _MOST_M2 = 1_000.0, 1_000_000.0
_SOURCE = "proposal"
# The finest borders known: a division none of whose parts has an area of its own.
_AREAS = """
SELECT d.code, ST_AsBinary(d.geometry) FROM territory_division d
WHERE d.code LIKE %s AND d.level IN ('county', 'street', 'community') AND d.geometry IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM territory_division e WHERE e.geometry IS NOT NULL
                  AND e.code LIKE d.code || '_%%' AND e.level IN ('street', 'community'))
ORDER BY d.code
"""
_FEATURES = """
SELECT layer, kind, ST_AsBinary((ST_Dump(geometry)).geom) FROM territory_mapfeature
WHERE layer IN ('roads', 'water') AND ST_Dimension(geometry) >= 1
  AND coalesce(attributes ->> 'tunnel', '') <> 'true'
  AND geometry && ST_MakeEnvelope(%s, %s, %s, %s, 4490)
ORDER BY id
"""
_TAKEN = """
SELECT left(code, 12), max(code) FROM territory_unitgrid WHERE left(code, 12) LIKE %s GROUP BY 1
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposalReport:
    """The figures of a proposal. Areas in m²; `coverage` is the part of the region covered.

    gaps_or_overlaps : edges that the exact proof found open or claimed twice; 0 = seamless
    out_of_bounds : grids smaller than 0.3 or larger than 2 times the area wanted
    """

    grids: int
    communities: int
    divisions_made: int
    area_min: float
    area_median: float
    area_max: float
    out_of_bounds: int
    region_m2: float
    coverage: float
    gaps_or_overlaps: int
    invalid: int
    is_exact: bool


def propose_grids(
    *,
    actor: Actor,
    division: str,
    extent: Extent | None = None,
    sizes: CitySizes | None = None,
    progress: Progress = lambda _step, _done, _total: None,
) -> CityProposal:
    """Return unit grids for a division by the roads and waters of the base map; nothing is written.

    division : a county, street or community, or a city whose counties follow from the map's borders
    extent : only what lies within; needed where no division has a border
    raises : BordersMissing, TooManyNumbers, Invalid, OutsideScope, Forbidden
    """
    code = significant(division)
    if code is None:
        raise Invalid(field="division", reason_zh="不是区划代码", reason_en="is no division code")
    require_codes(actor, MANAGE, [code])
    wanted = sizes or CitySizes()
    if not _LEAST_M2 <= wanted.grid_m2 <= _MOST_M2:
        raise Invalid(
            field="area",
            reason_zh=f"网格面积应在 {_LEAST_M2:.0f} 至 {_MOST_M2:.0f} 平方米之间",
            reason_en=f"the area of a grid lies between {_LEAST_M2:.0f} and {_MOST_M2:.0f} m²",
        )
    regions = _regions(code, extent)
    bounds = [float(edge) for edge in shapely.total_bounds([one.shape for one in regions])]
    try:
        return propose_city(
            regions=regions,
            features=[
                Feature(layer=layer, kind=kind, shape=shapely.from_wkb(bytes(wkb)))
                for layer, kind, wkb in _rows(_FEATURES, bounds)
            ],
            scheme=scheme_for(UNIT_GRID, now().date()),
            sizes=wanted,
            taken={above: int(last[12:] or 0) for above, last in _rows(_TAKEN, [f"{code}%"])},
            progress=progress,
        )
    except TooManyForCode as error:
        raise TooManyNumbers(
            field="area", above=error.above, count=error.count, most=error.most
        ) from error


def report_of(proposal: CityProposal, sizes: CitySizes) -> ProposalReport:
    """Return the figures of a proposal."""
    areas = [grid.area_m2 for grid in proposal.grids] or [0.0]
    bounds = (0.3 * sizes.grid_m2 - 1, 2.0 * sizes.grid_m2 + 1)
    return ProposalReport(
        grids=len(proposal.grids),
        communities=len({grid.community for grid in proposal.grids}),
        divisions_made=len(proposal.made),
        area_min=round(min(areas), 1),
        area_median=round(statistics.median(areas), 1),
        area_max=round(max(areas), 1),
        out_of_bounds=sum(not bounds[0] <= area <= bounds[1] for area in areas),
        region_m2=round(proposal.region_m2, 1),
        coverage=round(sum(areas) / proposal.region_m2, 6) if proposal.region_m2 else 0.0,
        gaps_or_overlaps=proposal.cover.overlaps + proposal.cover.strays,
        invalid=proposal.cover.invalid,
        is_exact=proposal.cover.is_exact,
    )


def as_geojson(proposal: CityProposal) -> bytes:
    """Return the proposal as a feature collection in EPSG:4490 that `import grids` reads."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": grid.code,
                "community_code": grid.community,
                "area_m2": round(grid.area_m2, 1),
            },
            "geometry": mapping(grid.shape),
        }
        for grid in proposal.grids
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    whole = {"type": "FeatureCollection", "name": "grids", "crs": crs, "features": features}
    return json.dumps(whole).encode()


@transaction.atomic
def save_proposal(
    *, actor: Actor, proposal: CityProposal, valid_from: datetime | None = None
) -> GridReport:
    """Write the proposal as the grids in force, with the streets and communities it made.

    It passes the checks of an import; with a fault in the report nothing is written.

    raises : ProposalNotExact, OutsideScope, Forbidden
    """
    if not proposal.cover.is_exact:
        cover = proposal.cover
        raise ProposalNotExact(edges=cover.overlaps + cover.strays, invalid=cover.invalid)
    require_codes(actor, MANAGE, {grid.community for grid in proposal.grids})
    _make_divisions(proposal)
    options = GridImportOptions(crs="EPSG:4490", valid_from=valid_from)
    file = FeatureFile(file=io.BytesIO(as_geojson(proposal)))
    report = import_grids(actor=actor, file=file, name=_SOURCE, options=options)
    if not report.written:
        transaction.set_rollback(True)
    return report


def _make_divisions(proposal: CityProposal) -> None:
    wanted = {code for made in proposal.made for code in [*ancestors_of(made), made]}
    known = names_of(sorted(wanted))
    copy_divisions(_division(code) for code in sorted(wanted - set(known)))


def _division(code: str) -> DivisionRow:
    level = level_of(code)
    if level == "street":
        return DivisionRow(
            code=code, zh=f"拟划街道 {code[6:]}", en=f"Proposed street {code[6:]}", source=_SOURCE
        )
    if level == "community":
        number = f"{code[6:9]}-{code[9:]}"
        return DivisionRow(
            code=code, zh=f"拟划社区 {number}", en=f"Proposed community {number}", source=_SOURCE
        )
    return DivisionRow(code=code, zh=f"区划 {code}", en=f"Division {code}", source=_SOURCE)


def _regions(code: str, extent: Extent | None) -> list[Region]:
    known = [Region(code=c, shape=shapely.from_wkb(bytes(wkb))) for c, wkb in _areas(code)]
    if not known and extent is None:
        raise BordersMissing(field="division", division=code)
    if extent is None:
        return known
    rectangle = box(extent.west, extent.south, extent.east, extent.north)
    if known:
        inside = [_clipped(region, rectangle) for region in known]
        kept = [region for region in inside if region.shape.area > 0]
        if not kept:
            raise BordersMissing(field="extent", division=code)
        return kept
    if level_of(code) in {"province", "city"}:
        codes, pieces = county_pieces(extent, code)
        return [Region(code=codes[piece.name], shape=piece.area) for piece in pieces]
    return [Region(code=code, shape=rectangle)]


def _clipped(region: Region, rectangle: shapely.Polygon) -> Region:
    cut = shapely.intersection(region.shape, rectangle)
    parts = [part for part in shapely.get_parts(cut) if isinstance(part, shapely.Polygon)]
    return Region(code=region.code, shape=shapely.multipolygons([parts])[0])


def _areas(code: str) -> Sequence[tuple[str, Any]]:
    return _rows(_AREAS, [f"{code}%"])


def _rows(statement: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows
