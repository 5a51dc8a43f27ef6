"""Making a simple grid of squares with the divisions above it, for a map that has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import shapely
from django.db import connection, transaction
from shapely.geometry import Point

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Invalid
from chengyun.territory.faults import GridsInTheWay, NothingInLayer, TooManySquares
from chengyun.territory.operations.areas import rebuild_areas
from chengyun.territory.operations.bulk import DivisionRow, GridRow, copy_divisions, copy_grids
from chengyun.territory.operations.county_pieces import county_pieces
from chengyun.territory.operations.layers import GRIDS, raise_version
from chengyun.territory.queries.code_schemes import UNIT_GRID, scheme_for
from chengyun.territory.queries.divisions import names_of
from chengyun.territory.rules.division_codes import ancestors_of, level_of, significant
from chengyun.territory.rules.scope import MANAGE, require_everywhere
from chengyun.territory.rules.squares import Extent, Square, count_of, squares_over

MOST_SQUARES = 300_000
_LEAST_SIDE_M, _MOST_SIDE_M = 20.0, 5_000.0
_SOURCE = "squares"


@dataclass(frozen=True, kw_only=True, slots=True)
class SquaresReport:
    """What was made."""

    squares: int
    communities: int
    streets: int
    districts: dict[str, str]
    west: float
    south: float
    east: float
    north: float


@transaction.atomic
def make_squares(
    *,
    actor: Actor,
    side_m: float,
    extent: Extent,
    division: str,
    name: str = "",
    valid_from: datetime | None = None,
    dry_run: bool = False,
) -> SquaresReport:
    """Cover the extent with squares of `side_m` [m] and make the divisions that they need.

    division : a county: all squares lie in it. A city or province: the counties come from the
        border lines of the base map that name what lies left and right; imported divisions give
        their codes. A county that is not there is made, called `name`.
    valid_from : squares carry no history; None = since 2000, so that old cases find their grid
    raises : GridsInTheWay, TooManySquares, Invalid, Forbidden
    """
    require_everywhere(actor, MANAGE)
    code = significant(division)
    if code is None or level_of(code) not in {"province", "city", "county"}:
        raise Invalid(
            field="division",
            reason_zh="应为省、市或区县的代码",
            reason_en="give the code of a province, city or county",
        )
    _check(extent, side_m)
    begin = valid_from or datetime.fromisoformat("2000-01-01T00:00:00+00:00")
    scheme = scheme_for(UNIT_GRID, now().date())
    districts, district_at = _districts(extent, code, name)
    squares = list(squares_over(extent, side_m, scheme, district_at))
    _make_divisions(squares, districts)
    copy_grids(
        GridRow(
            code=square.code,
            community_code=square.community,
            geometry=square.area,
            valid_from=begin,
        )
        for square in squares
    )
    rebuild_areas(sorted({square.community for square in squares}))
    report = _report(squares, districts, extent)
    _tell(actor, report)
    if dry_run:
        transaction.set_rollback(True)
    return report


def extent_of_layer(layer: str) -> Extent:
    """Return the extent of a map layer, or of the whole map for `map`; raise NothingInLayer."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)
               FROM (SELECT ST_Extent(geometry) AS e FROM territory_mapfeature
                     WHERE layer = %s OR %s = 'map') b""",
            [layer, layer],
        )
        row = cursor.fetchone()
    if row is None or row[0] is None:
        raise NothingInLayer(field="layer", layer=layer)
    west, south, east, north = row
    return Extent(west=west, south=south, east=east, north=north)


def _check(extent: Extent, side_m: float) -> None:
    if not _LEAST_SIDE_M <= side_m <= _MOST_SIDE_M:
        raise Invalid(
            field="squares",
            reason_zh=f"边长应在 {_LEAST_SIDE_M:.0f} 至 {_MOST_SIDE_M:.0f} 米之间",
            reason_en=f"the side lies between {_LEAST_SIDE_M:.0f} and {_MOST_SIDE_M:.0f} m",
        )
    wanted = count_of(extent, side_m)
    if wanted > MOST_SQUARES:
        raise TooManySquares(field="squares", count=wanted, limit=MOST_SQUARES)
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE territory_unitgrid IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            """SELECT count(*) FROM territory_unitgrid WHERE valid_to IS NULL
               AND ST_Intersects(geometry, ST_MakeEnvelope(%s, %s, %s, %s, 4490))""",
            [extent.west, extent.south, extent.east, extent.north],
        )
        (present,) = cursor.fetchone()
    if present:
        raise GridsInTheWay(field="bbox", count=present)


def _districts(
    extent: Extent, code: str, name: str
) -> tuple[dict[str, str], Callable[[float, float], str | None]]:
    """Return the names of the districts by code, and which one lies at a point."""
    if level_of(code) == "county":
        known = names_of([code]).get(code)
        return {code: known[0] if known else name or f"区县 {code}"}, lambda _lon, _lat: code
    codes, known_pieces = county_pieces(extent, code)
    areas = [piece.area for piece in known_pieces]
    tree = shapely.STRtree(areas)

    def at(lon: float, lat: float) -> str | None:
        nearest = tree.nearest(Point(lon, lat))
        return codes[known_pieces[int(nearest)].name]

    return {codes[piece.name]: piece.name for piece in known_pieces}, at


def _make_divisions(squares: list[Square], districts: dict[str, str]) -> None:
    communities = sorted({square.community for square in squares})
    names = dict(districts)
    for community in communities:
        street = community[:9]
        names[street] = f"方格片区 {street[6:]}"
        names[community] = f"方格社区 {street[6:]}-{community[9:]}"
    for district in districts:
        for above in ancestors_of(district):
            names.setdefault(above, f"区划 {above}")
    known = names_of(sorted(names))
    copy_divisions(
        DivisionRow(code=code, zh=zh, en=_english(code), source=_SOURCE)
        for code, zh in sorted(names.items())
        if code not in known
    )


def _english(code: str) -> str:
    level = level_of(code)
    if level == "street":
        return f"Squares {code[6:]}"
    return f"Squares {code[6:9]}-{code[9:]}" if level == "community" else ""


def _report(squares: list[Square], districts: dict[str, str], extent: Extent) -> SquaresReport:
    communities = {square.community for square in squares}
    return SquaresReport(
        squares=len(squares),
        communities=len(communities),
        streets=len({community[:9] for community in communities}),
        districts=districts,
        west=extent.west,
        south=extent.south,
        east=extent.east,
        north=extent.north,
    )


def _tell(actor: Actor, report: SquaresReport) -> None:
    detail = {
        "squares": report.squares,
        "districts": report.districts,
        "version": raise_version(GRIDS),
    }
    record_audit(actor, "grids.squares_made", "grids", detail)
    record_event(
        at=now(),
        kind="territory.grids_changed",
        subject="grids",
        actor_id=actor.person_id,
        payload=detail,
    )
