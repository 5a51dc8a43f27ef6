"""Importing the base map: GeoJSON layers, each replaced as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from django.db import connection, transaction
from shapely.geometry.base import BaseGeometry

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.territory.adapters.crs import Converter, converter, stated_name
from chengyun.territory.adapters.geojson import FeatureFile, open_features
from chengyun.territory.adapters.shapes import ShapeFault, read_shape
from chengyun.territory.faults import NoLayersFound
from chengyun.territory.operations.bulk import FeatureRow, copy_features, describe_layer
from chengyun.territory.operations.layers import MAP, raise_version
from chengyun.territory.rules.features import describe
from chengyun.territory.rules.scope import MANAGE, require_everywhere
from chengyun.territory.rules.zooms import layer_texts

_SUFFIXES = (".geojson.gz", ".json.gz", ".geojson", ".json")
_OTHER_NAMES = {
    "road": "roads",
    "highways": "roads",
    "building": "buildings",
    "land_use": "landuse",
    "land-use": "landuse",
    "green": "landuse",
    "poi": "pois",
    "border": "boundaries",
    "borders": "boundaries",
    "boundary": "boundaries",
    "place": "places",
    "rail": "transit",
    "waters": "water",
}
_MOST_FAULTS = 1_000
_AREAS, _LINES = 2, 1

# Sources cut into tiles hand over one thing in pieces, one piece per tile, all with the same id.
_JOIN_PIECES = """
WITH pieces AS (
    SELECT external_id, min(id) AS first, min(min_zoom) AS min_zoom,
           {join} AS geometry
    FROM territory_mapfeature
    WHERE layer = %s AND external_id <> '' AND ST_Dimension(geometry) = {dimension}
    GROUP BY external_id HAVING count(*) > 1
), kept AS (
    UPDATE territory_mapfeature f SET geometry = p.geometry, min_zoom = p.min_zoom
    FROM pieces p WHERE f.id = p.first
)
DELETE FROM territory_mapfeature f USING pieces p
WHERE f.layer = %s AND f.external_id = p.external_id AND f.id <> p.first
  AND ST_Dimension(f.geometry) = {dimension}
"""
_JOINS = (
    _JOIN_PIECES.format(join="ST_Union(geometry)", dimension=_AREAS),
    _JOIN_PIECES.format(join="ST_LineMerge(ST_Collect(geometry))", dimension=_LINES),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureFault:
    """What is wrong with one feature: its index in the file and a stable reason."""

    index: int
    reason: str
    detail: str = ""
    id: str = ""


@dataclass(kw_only=True)
class LayerReport:
    """How the import of one layer went."""

    layer: str
    file: str
    features: int = 0
    repaired: int = 0
    joined: int = 0
    rejected: int = 0
    crs: str = ""
    attribution: str = ""
    faults: list[FeatureFault] = field(default_factory=list)

    def reject(self, index: int, fault: ShapeFault, feature_id: str) -> None:
        """Count a feature that cannot be used; the first ones are named."""
        self.rejected += 1
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(
                FeatureFault(index=index, reason=fault.reason, detail=fault.detail, id=feature_id)
            )


@dataclass(kw_only=True)
class MapReport:
    """How the import of a folder went."""

    layers: list[LayerReport]
    skipped: list[str]
    dry_run: bool


def layer_files(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """Return the GeoJSON files of a folder by layer, and the names of files left aside."""
    found: dict[str, Path] = {}
    skipped: list[str] = []
    for path in sorted(folder.iterdir()):
        suffix = next((s for s in _SUFFIXES if path.name.lower().endswith(s)), None)
        if suffix is None:
            continue
        stem = path.name[: -len(suffix)].lower()
        layer = _OTHER_NAMES.get(stem, stem)
        if layer in layer_texts() and layer not in found:
            found[layer] = path
        else:
            skipped.append(path.name)
    return found, skipped


@transaction.atomic
def import_map(
    *,
    actor: Actor,
    folder: Path,
    crs: str | None = None,
    attribution: str | None = None,
    dry_run: bool = False,
) -> MapReport:
    """Replace the map layers that the folder has files of; other layers stay.

    crs : of the files; None = what each file states, else WGS 84
    attribution : who must be named; None = what each file says
    raises : NoLayersFound, GeoJsonInvalid, FileNotReadable, UnknownCrs; nothing is written then
    """
    require_everywhere(actor, MANAGE)
    files, skipped = layer_files(folder) if folder.is_dir() else ({}, [])
    if not files:
        raise NoLayersFound(field="folder", folder=folder.name, layers=", ".join(layer_texts()))
    reports = [
        import_layer(
            actor=actor,
            layer=layer,
            file=open_features(path),
            name=path.name,
            crs=crs,
            attribution=attribution,
        )
        for layer, path in files.items()
    ]
    if dry_run:
        transaction.set_rollback(True)
    return MapReport(layers=reports, skipped=skipped, dry_run=dry_run)


@transaction.atomic
def import_layer(
    *,
    actor: Actor,
    layer: str,
    file: FeatureFile,
    name: str,
    crs: str | None = None,
    attribution: str | None = None,
) -> LayerReport:
    """Replace one map layer by the features of a file. See `import_map`."""
    require_everywhere(actor, MANAGE)
    report = LayerReport(layer=layer, file=name)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM territory_mapfeature WHERE layer = %s", [layer])
    written = copy_features(layer, _rows(report, file, crs))
    for join in _JOINS:
        with connection.cursor() as cursor:
            cursor.execute(join, [layer, layer])
            report.joined += cursor.rowcount
    report.features = written - report.joined
    report.attribution = _attribution(file, attribution)
    describe_layer(
        layer,
        attribution=report.attribution,
        crs=report.crs,
        repaired=report.repaired,
        rejected=report.rejected,
    )
    _tell(actor, report, raise_version(MAP))
    return report


def _rows(report: LayerReport, file: FeatureFile, crs: str | None) -> Iterator[FeatureRow]:
    convert: Converter | None = None
    for index, feature in enumerate(file):
        if convert is None:
            report.crs = stated_name(crs or file.stated_crs() or "EPSG:4326")
            convert = converter(report.crs)
        known = feature if isinstance(feature, dict) else {}
        properties = known.get("properties")
        described = describe(
            report.layer, properties if isinstance(properties, dict) else {}, known.get("id")
        )
        try:
            shape = _whole(report, read_shape(known.get("geometry"), convert))
        except ShapeFault as fault:
            report.reject(index, fault, described.external_id)
            continue
        yield FeatureRow(
            geometry=shape,
            kind=described.kind,
            zh=described.zh,
            en=described.en,
            height_m=described.height_m,
            external_id=described.external_id,
            attributes=described.attributes,
            source=described.source,
        )


def _whole(report: LayerReport, shape: BaseGeometry) -> BaseGeometry:
    """Return the shape, repaired where it is not valid."""
    if shapely.is_valid(shape):
        return shape
    dimension = shapely.get_dimensions(shape)
    repaired = shapely.make_valid(shape)
    parts = [
        part
        for part in shapely.get_parts(repaired, return_index=False)
        if shapely.get_dimensions(part) == dimension
    ]
    whole = shapely.union_all(parts) if parts else shapely.Point()
    if whole.is_empty:
        raise ShapeFault("geometry_not_repairable")
    report.repaired += 1
    return whole


def _attribution(file: FeatureFile, given: str | None) -> str:
    if given is not None:
        return given[:300]
    stated: Any = file.members.get("attribution")
    return stated.replace("\x00", "")[:300] if isinstance(stated, str) else ""


def _tell(actor: Actor, report: LayerReport, version: int) -> None:
    detail = {
        "layer": report.layer,
        "features": report.features,
        "rejected": report.rejected,
        "version": version,
    }
    record_audit(actor, "map.layer_replaced", f"layer:{report.layer}", detail)
    record_event(
        at=now(),
        kind="territory.layer_changed",
        subject=f"layer:{report.layer}",
        actor_id=actor.person_id,
        payload=detail,
    )
