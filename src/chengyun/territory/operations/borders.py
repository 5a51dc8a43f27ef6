"""Giving divisions their borders from a file: all of them, or none when one cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import shapely
from django.db import connection, transaction
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.territory.adapters.crs import Converter, converter, stated_name
from chengyun.territory.adapters.shapes import ShapeFault, read_shape
from chengyun.territory.adapters.vector_files import UNSTATED, FeatureSource
from chengyun.territory.faults import CrsNotStated
from chengyun.territory.operations.layers import GRIDS, raise_version
from chengyun.territory.rules.division_codes import significant
from chengyun.territory.rules.grid_faults import GridFault
from chengyun.territory.rules.scope import MANAGE, prefixes_of

_SAVE = """
UPDATE territory_division d SET geometry = ST_GeomFromWKB(b.shape, 4490)
FROM unnest(%s::text[], %s::bytea[]) AS b(code, shape) WHERE d.code = b.code
  AND (d.geometry IS NULL OR NOT ST_Equals(d.geometry, ST_GeomFromWKB(b.shape, 4490)))
"""
_KNOWN = "SELECT code FROM territory_division WHERE code = ANY(%s)"


@dataclass(kw_only=True)
class BorderReport:
    """How it went; with a fault nothing was written."""

    features: int = 0
    changed: int = 0
    crs: str = ""
    written: bool = False
    faults: list[GridFault] = field(default_factory=list)


@transaction.atomic
def import_borders(
    *,
    actor: Actor,
    file: FeatureSource,
    code_property: str = "code",
    crs: str | None = None,
    dry_run: bool = False,
) -> BorderReport:
    """Read the borders of divisions by their codes; several features of one code make one area.

    raises : FileNotReadable, FileTooLarge, CrsNotStated, UnknownCrs, Forbidden
    """
    prefixes = prefixes_of(actor, MANAGE)
    report = BorderReport()
    found: dict[str, list[BaseGeometry]] = {}
    for code, shape in _borders(report, file, code_property, crs):
        found.setdefault(code, []).append(shape)
    known = _known(sorted(found))
    for code in sorted(found):
        if code not in known:
            report.faults.append(GridFault(index=None, code=code, reason="unknown_division"))
        elif not code.startswith(prefixes):
            report.faults.append(GridFault(index=None, code=code, reason="outside_scope"))
    if not report.faults:
        _write(report, actor, found)
    if report.faults or dry_run:
        transaction.set_rollback(True)
    report.written = not report.faults and not dry_run
    return report


def _borders(
    report: BorderReport, file: FeatureSource, code_property: str, crs: str | None
) -> Iterator[tuple[str, BaseGeometry]]:
    convert: Converter | None = None
    for index, feature in enumerate(file):
        if convert is None:
            stated = crs or file.stated_crs() or "EPSG:4326"
            if stated == UNSTATED:
                raise CrsNotStated(field="crs")
            report.crs = stated_name(stated)
            convert = converter(report.crs)
        report.features += 1
        known = feature if isinstance(feature, dict) else {}
        written = str((known.get("properties") or {}).get(code_property, "")).removesuffix(".0")
        code = significant(written)
        try:
            shape = _area(known.get("geometry"), convert)
        except ShapeFault as fault:
            report.faults.append(
                GridFault(index=index, code=written[:20], reason=fault.reason, detail=fault.detail)
            )
            continue
        if code is None:
            report.faults.append(
                GridFault(index=index, code=written[:20], reason="unknown_division")
            )
        else:
            yield code, shape


def _area(geometry: object, convert: Converter) -> BaseGeometry:
    shape = read_shape(geometry, convert)
    if not isinstance(shape, Polygon | MultiPolygon):
        raise ShapeFault("not_a_polygon", shape.geom_type)
    if not shape.is_valid:
        raise ShapeFault("invalid_geometry", shapely.is_valid_reason(shape))
    return shape


def _known(codes: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [codes])
        return {row[0] for row in cursor.fetchall()}


def _write(report: BorderReport, actor: Actor, found: dict[str, list[BaseGeometry]]) -> None:
    codes = sorted(found)
    shapes = [_multi(shapely.union_all(found[code])) for code in codes]
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, [codes, [shapely.to_wkb(shape) for shape in shapes]])
        report.changed = cursor.rowcount
    detail: dict[str, Any] = {"borders": report.changed, "version": raise_version(GRIDS)}
    record_audit(actor, "divisions.borders_imported", "divisions", detail)
    record_event(
        at=now(),
        kind="territory.borders_changed",
        subject="divisions",
        actor_id=actor.person_id,
        payload=detail,
    )


def _multi(shape: BaseGeometry) -> BaseGeometry:
    return MultiPolygon([shape]) if isinstance(shape, Polygon) else shape
