"""Importing unit grids from a file: everything is checked first, then all is written or nothing.

A grid that is in force under the same code and differs gets a new version: the old one ends at the
moment, the new one begins. Codes of retired grids are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import shapely
from django.db import connection, transaction
from shapely.geometry import MultiPolygon, Polygon

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.kernel.codes import CodeScheme
from chengyun.territory.adapters.crs import Converter, converter, stated_name
from chengyun.territory.adapters.shapes import ShapeFault, read_shape
from chengyun.territory.adapters.vector_files import UNSTATED, FeatureSource
from chengyun.territory.faults import CrsNotStated, TooManyFeatures
from chengyun.territory.operations.areas import rebuild_areas
from chengyun.territory.operations.bulk import GridRow, load_grids
from chengyun.territory.operations.grid_checks import check_grids
from chengyun.territory.operations.grid_report import Candidate, GridReport
from chengyun.territory.operations.layers import GRIDS, raise_version
from chengyun.territory.operations.succession import (
    carry_groups,
    followers_by_ground,
    groups_holding,
    record_succession,
    renew_groups,
)
from chengyun.territory.queries.code_schemes import UNIT_GRID, code_schemes, scheme_for
from chengyun.territory.rules.grid_faults import GridFault
from chengyun.territory.rules.scope import MANAGE, prefixes_of

MOST_FEATURES = 300_000
_AREA_CLASSES = ("A", "B", "C")
_PLACE = re.compile(r"\[(-?[0-9.]+) (-?[0-9.]+)\]$")

_END_CHANGED = """
UPDATE territory_unitgrid g SET valid_to = i.valid_from FROM grids_in i
WHERE g.code = i.code AND g.valid_to IS NULL
  AND NOT (ST_Equals(g.geometry, i.geometry) AND g.community_code = i.community
           AND g.area_class = i.area_class AND g.land_use = i.land_use AND g.note = i.note)
RETURNING g.community_code, g.code
"""
_ADD = """
INSERT INTO territory_unitgrid (code, community_code, street_code, district_code, geometry,
    area_m2, area_class, land_use, note, version, valid_from)
SELECT i.code, i.community, left(i.community, 9), left(i.community, 6), i.geometry, i.area_m2,
    i.area_class, i.land_use, i.note, 1 + coalesce(v.latest, 0), i.valid_from
FROM grids_in i
LEFT JOIN LATERAL (SELECT max(version) AS latest FROM territory_unitgrid g
                   WHERE g.code = i.code) v ON true
WHERE NOT EXISTS (SELECT 1 FROM territory_unitgrid g
                  WHERE g.code = i.code AND g.valid_to IS NULL)
"""
_RETIRE = """
UPDATE territory_unitgrid SET valid_to = greatest(%s, valid_from)
WHERE valid_to IS NULL AND community_code IN (SELECT community FROM grids_in)
  AND code NOT IN (SELECT code FROM grids_in)
RETURNING code
"""
_END_DUTIES = """
UPDATE territory_gridduty SET valid_to = %s WHERE valid_to IS NULL AND grid_code = ANY(%s)
"""
_CARRY_DUTIES = """
INSERT INTO territory_gridduty (grid_code, person_id, duty, shift_id, valid_from)
SELECT DISTINCT p.new, d.person_id, d.duty, d.shift_id, %s::timestamptz
FROM unnest(%s::text[], %s::text[]) AS p(old, new)
JOIN territory_gridduty d ON d.grid_code = p.old AND d.valid_to IS NULL
ON CONFLICT (grid_code, person_id, duty, shift_id) WHERE valid_to IS NULL DO NOTHING
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class GridProperties:
    """Names of the properties in the file. A missing community follows from the code."""

    code: str = "code"
    community: str = "community_code"
    area_class: str = "area_class"
    land_use: str = "land_use"
    note: str = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class GridImportOptions:
    """How to read and to write.

    crs : of the file; None = what it states, else WGS 84
    standard : of the codes; None = the scheme in force on the day that the grids begin
    valid_from : when new and changed grids begin; None = now
    retire_missing : end the grids of the file's communities that are not in it
    make_divisions : add the communities and streets that are missing, named by their code
    """

    crs: str | None = None
    standard: str | None = None
    properties: GridProperties = field(default_factory=GridProperties)
    valid_from: datetime | None = None
    retire_missing: bool = False
    make_divisions: bool = False
    dry_run: bool = False


@transaction.atomic
def import_grids(
    *, actor: Actor, file: FeatureSource, name: str, options: GridImportOptions
) -> GridReport:
    """Check all grids of a file, then write them in this transaction unless there is a fault.

    raises : GeoJsonInvalid, FileNotReadable, FileTooLarge, LayerNotClear, CrsNotStated, UnknownCrs,
        UnknownCodeScheme, TooManyFeatures, Forbidden
    """
    prefixes = prefixes_of(actor, MANAGE)
    begin = options.valid_from or now()
    scheme = _scheme(options.standard, begin.date())
    report = GridReport(file=name, standard=scheme.standard, dry_run=options.dry_run)
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE territory_unitgrid IN SHARE ROW EXCLUSIVE MODE")
    candidates = list(_candidates(report, file, options, scheme, begin))
    check_grids(
        report=report,
        candidates=candidates,
        prefixes=prefixes,
        make_divisions=options.make_divisions,
        retire_missing=options.retire_missing,
    )
    if not report.faults:
        _write(report, actor, candidates, options, begin)
    if report.faults or options.dry_run:
        transaction.set_rollback(True)
    report.written = not report.faults and not options.dry_run
    return report


def _scheme(standard: str | None, day: date) -> CodeScheme:
    if standard is None:
        return scheme_for(UNIT_GRID, day)
    named = [s for s in code_schemes() if s.subject == UNIT_GRID and s.standard == standard]
    return named[0] if named else scheme_for(f"{UNIT_GRID} {standard}"[:80], day)


def _candidates(
    report: GridReport,
    file: FeatureSource,
    options: GridImportOptions,
    scheme: CodeScheme,
    begin: datetime,
) -> Iterator[Candidate]:
    convert: Converter | None = None
    seen: dict[str, int] = {}
    for index, feature in enumerate(file):
        if index >= MOST_FEATURES:
            raise TooManyFeatures(field="file", limit=MOST_FEATURES)
        if convert is None:
            report.crs = _crs(options.crs or file.stated_crs())
            convert = converter(report.crs)
        report.features += 1
        known = feature if isinstance(feature, dict) else {}
        properties = known.get("properties")
        read = _Properties(properties if isinstance(properties, dict) else {}, options.properties)
        try:
            shape = _area(known.get("geometry"), convert)
            row = _row(read, shape, scheme, begin)
        except ShapeFault as fault:
            report.add(_fault(index, read.code, fault))
            continue
        if row.code in seen:
            report.add(
                GridFault(
                    index=index, code=row.code, reason="code_twice", detail=f"{seen[row.code]}"
                )
            )
            continue
        seen[row.code] = index
        yield Candidate(index=index, row=row)


def _crs(stated: str | None) -> str:
    if stated == UNSTATED:
        raise CrsNotStated(field="crs")
    return stated_name(stated or "EPSG:4326")


class _Properties:
    """A feature's properties by our names."""

    def __init__(self, properties: Mapping[str, Any], names: GridProperties) -> None:
        self._properties = properties
        self._names = names

    def text(self, ours: str, longest: int) -> str:
        value = self._properties.get(getattr(self._names, ours))
        if value is None or isinstance(value, dict | list | bool):
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return str(value).replace("\x00", "").encode("utf-8", "ignore").decode().strip()[:longest]

    @property
    def code(self) -> str:
        return self.text("code", 40)


def _row(
    read: _Properties, shape: Polygon | MultiPolygon, scheme: CodeScheme, begin: datetime
) -> GridRow:
    if not read.code:
        raise ShapeFault("code_missing")
    if not scheme.fits(read.code):
        raise ShapeFault("code_not_by_scheme", f"{scheme.standard}: {scheme.shape}")
    area_class = read.text("area_class", 1).upper() or "B"
    if area_class not in _AREA_CLASSES:
        raise ShapeFault("area_class_invalid", area_class)
    return GridRow(
        code=read.code,
        community_code=read.text("community", 12) or scheme.prefix(read.code, "community"),
        geometry=shape,
        valid_from=begin,
        area_class=area_class,
        land_use=read.text("land_use", 30),
        note=read.text("note", 300),
    )


def _area(geometry: object, convert: Converter) -> Polygon | MultiPolygon:
    shape = read_shape(geometry, convert)
    if not isinstance(shape, Polygon | MultiPolygon):
        raise ShapeFault("not_a_polygon", shape.geom_type)
    if not shape.is_valid:
        raise ShapeFault("invalid_geometry", shapely.is_valid_reason(shape))
    return shape


def _fault(index: int, code: str, fault: ShapeFault) -> GridFault:
    """Return the fault; the place that a reason such as "Self-intersection[120.1 30.2]" names."""
    place = _PLACE.search(fault.detail)
    return GridFault(
        index=index,
        code=code,
        reason=fault.reason,
        detail=fault.detail,
        lon=round(float(place[1]), 7) if place else None,
        lat=round(float(place[2]), 7) if place else None,
    )


def _write(
    report: GridReport,
    actor: Actor,
    candidates: list[Candidate],
    options: GridImportOptions,
    begin: datetime,
) -> None:
    load_grids(candidate.row for candidate in candidates)
    retired: list[str] = []
    carried: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_END_CHANGED)
        ended = cursor.fetchall()
        left, changed = {row[0] for row in ended}, [row[1] for row in ended]
        report.changed = len(changed)
        cursor.execute(_ADD)
        report.added = cursor.rowcount - report.changed
        report.unchanged = len(candidates) - report.added - report.changed
        if options.retire_missing:
            cursor.execute(_RETIRE, [begin])
            retired = [row[0] for row in cursor.fetchall()]
            carried = followers_by_ground(retired)
            cursor.execute(_CARRY_DUTIES, _pairs(carried, begin))
            cursor.execute(_END_DUTIES, [begin, retired])
        cursor.execute("DROP TABLE grids_in")
    report.retired = len(retired)
    if report.added or report.changed or report.retired:
        rebuild_areas(sorted(left | {one.row.community_code for one in candidates}))
        _follow(carried, changed, begin)
        _tell(actor, report)


def _pairs(followers: Mapping[str, Sequence[str]], begin: datetime) -> list[Any]:
    pairs = [(old, new) for old, news in followers.items() for new in news]
    return [begin, [old for old, _ in pairs], [new for _, new in pairs]]


def _follow(followers: Mapping[str, Sequence[str]], changed: list[str], begin: datetime) -> None:
    """Let those that follow retired grids take their places; draw groups of changed ones afresh."""
    if followers:
        record_succession(followers, "imported", begin)
        carry_groups(followers, begin)
    renew_groups(groups_holding(changed), begin)


def _tell(actor: Actor, report: GridReport) -> None:
    detail = {
        "file": report.file[:100],
        "added": report.added,
        "changed": report.changed,
        "retired": report.retired,
        "version": raise_version(GRIDS),
    }
    record_audit(actor, "grids.imported", "grids", detail)
    record_event(
        at=now(),
        kind="territory.grids_changed",
        subject="grids",
        actor_id=actor.person_id,
        payload=detail,
    )
