"""Layers that administrators add: saved, filled from files and addresses, ordered, removed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import orjson
import shapely
from django.db import IntegrityError, connection, transaction
from shapely.geometry.base import BaseGeometry

from chengyun.administration.operations import record_audit
from chengyun.administration.queries import setting
from chengyun.administration.rules.actor import Actor
from chengyun.intake.operations.copying import copying
from chengyun.kernel.clock import now
from chengyun.kernel.errors import NotFound
from chengyun.territory.adapters.crs import Converter, converter, stated_name
from chengyun.territory.adapters.geojson import MIB, Limits
from chengyun.territory.adapters.outside import Bounds, fetch, require_address
from chengyun.territory.adapters.shapes import ShapeFault, read_shape
from chengyun.territory.adapters.vector_files import UNSTATED, FeatureSource, open_vector
from chengyun.territory.faults import CrsNotStated, TooManyFeatures
from chengyun.territory.layer_faults import (
    LayerCodeUsed,
    LayerEmpty,
    LayerFeaturesWrong,
    LayerHoldsNoFeatures,
    UnknownRoles,
)
from chengyun.territory.models import STORAGE_SRID, LayerChoice, ThematicLayer
from chengyun.territory.rules.scope import MANAGE, READ, require_everywhere
from chengyun.territory.rules.thematic import (
    OWN,
    AttributeTable,
    may_see,
    plain_attributes,
)

LIMITS = Limits(unpacked_bytes=256 * MIB, feature_bytes=16 * MIB)
_FETCHED_BYTES, _FETCHED_S = 64 * MIB, 60.0
_IN_MEMORY = 4 * MIB
_COPY = "COPY territory_thematicfeature (layer_id, attributes, geometry) FROM STDIN"


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerWish:
    """How a layer should be.

    service : url, layer, style, matrix_set, source_layer, min_zoom, max_zoom
    key : None = as it is; '' = none
    """

    zh: str
    en: str
    group_zh: str
    group_en: str
    source: str
    service: dict[str, Any]
    style: dict[str, Any]
    active: bool
    shown: bool
    role_codes: Sequence[str]
    organisation_ids: Sequence[int]
    attribution: str
    key: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureTrouble:
    """A feature that was left out; `place` counts from 1."""

    place: int
    reason: str


@dataclass(kw_only=True)
class _Reading:
    """What is learnt while a file is read."""

    table: AttributeTable
    crs: str = ""
    count: int = 0
    wrong: int = 0
    first: FeatureTrouble | None = None


@transaction.atomic
def save_layer(*, actor: Actor, code: str, wish: LayerWish, new: bool) -> ThematicLayer:
    """Make a layer or change one; its source stays what it was.

    raises : LayerCodeUsed, ServiceAddressInvalid, UnknownRoles, NotFound, Forbidden
    """
    require_everywhere(actor, MANAGE)
    layer = ThematicLayer(code=code, source=wish.source) if new else _held(code)
    if layer.source != "file":
        require_address(str(wish.service.get("url", "")), field="service.url")
    _require_viewers(wish)
    for name in ("zh", "en", "group_zh", "group_en", "style", "active", "shown", "attribution"):
        setattr(layer, name, getattr(wish, name))
    layer.service = wish.service if layer.source != "file" else {}
    layer.role_codes = sorted(set(wish.role_codes))
    layer.organisation_ids = sorted(set(wish.organisation_ids))
    layer.key = layer.key if wish.key is None else wish.key
    layer.updated_at = now()
    layer.version += 0 if new else 1
    if new:
        layer.sort = 1 + max(ThematicLayer.objects.values_list("sort", flat=True), default=0)
    try:
        with transaction.atomic():
            layer.save()
    except IntegrityError as error:
        raise LayerCodeUsed(field="code", code=code) from error
    _tell(actor, "saved", layer)
    return layer


@transaction.atomic
def remove_layer(*, actor: Actor, code: str) -> None:
    """Remove a layer with its features; raise NotFound, Forbidden."""
    require_everywhere(actor, MANAGE)
    layer = _held(code)
    _tell(actor, "removed", layer)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM territory_thematicfeature WHERE layer_id = %s", [layer.pk])
    layer.delete()


@transaction.atomic
def order_layers(*, actor: Actor, codes: Sequence[str]) -> None:
    """Draw the layers in this order, the first lowest; those not named stay above."""
    require_everywhere(actor, MANAGE)
    known = {
        layer.code: layer for layer in ThematicLayer.objects.select_for_update().order_by("sort")
    }
    missing = [code for code in codes if code not in known]
    if missing:
        raise NotFound(what=f"图层 {missing[0]}")
    ordered = [*dict.fromkeys(codes), *(code for code in known if code not in codes)]
    for place, code in enumerate(ordered, start=1):
        ThematicLayer.objects.filter(pk=known[code].pk).update(sort=place)
    record_audit(actor, "layers.ordered", "layers", {"codes": ordered[:100]})


@transaction.atomic
def choose_layer(*, actor: Actor, code: str, shown: bool) -> None:
    """Remember whether the person has the layer on; raise NotFound where he may not see it."""
    actor.require(READ)
    layer = ThematicLayer.objects.filter(code=code, active=True).first()
    seen = layer and may_see(actor, roles=layer.role_codes, organisations=layer.organisation_ids)
    if layer is None or not seen or actor.person_id is None:
        raise NotFound(what=f"图层 {code}")
    LayerChoice.objects.update_or_create(
        person_id=actor.person_id, layer=layer, defaults={"shown": shown}
    )


@transaction.atomic
def fill_layer(
    *, actor: Actor, code: str, file: FeatureSource, crs: str | None, skip_wrong: bool
) -> ThematicLayer:
    """Replace the features of a layer by those of a file, all or nothing.

    skip_wrong : leave out features that cannot be used, instead of refusing the file
    raises : LayerHoldsNoFeatures, LayerFeaturesWrong, LayerEmpty, TooManyFeatures, CrsNotStated,
        what the file's reader raises, NotFound, Forbidden
    """
    require_everywhere(actor, MANAGE)
    layer = _held(code)
    if layer.source not in OWN:
        raise LayerHoldsNoFeatures(field="file", code=code)
    reading = _Reading(table=AttributeTable())
    most = int(setting("territory.layer_features_max"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM territory_thematicfeature WHERE layer_id = %s", [layer.pk])
        with copying(cursor, _COPY) as copy:
            for row in _rows(layer.pk, file, crs, reading, most):
                copy.write_row(row)
        cursor.execute(
            "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM (SELECT"
            " ST_Extent(geometry) AS b FROM territory_thematicfeature WHERE layer_id = %s) e",
            [layer.pk],
        )
        bounds = cursor.fetchone()
    if reading.first and not skip_wrong:
        raise LayerFeaturesWrong(
            field="file",
            count=reading.wrong,
            first=reading.first.place,
            reason=reading.first.reason,
        )
    if not reading.count:
        raise LayerEmpty(field="file")
    layer.features, layer.rejected = reading.count, reading.wrong
    layer.attributes, layer.bounds, layer.crs = reading.table.rows(), list(bounds), reading.crs
    layer.version += 1
    layer.updated_at = layer.filled_at = now()
    layer.save()
    _tell(actor, "filled", layer)
    return layer


def refresh_layer(*, actor: Actor, code: str, skip_wrong: bool) -> ThematicLayer:
    """Fetch the GeoJSON of a layer's address and replace its features by it.

    The address is fetched before the transaction, within limits of size and time.
    raises : what `fill_layer` and `fetch` raise
    """
    require_everywhere(actor, MANAGE)
    layer = ThematicLayer.objects.filter(code=code).first()
    if layer is None:
        raise NotFound(what=f"图层 {code}")
    if layer.source != "geojson":
        raise LayerHoldsNoFeatures(field="source", code=code)
    address = str(layer.service["url"]).replace("{key}", layer.key)
    bounds = Bounds(
        most_bytes=_FETCHED_BYTES,
        most_s=_FETCHED_S,
        private=bool(setting("territory.private_services")),
    )
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as held:
        fetch(address, bounds, held.write)
        held.seek(0)
        source = open_vector(cast("BinaryIO", held), limits=LIMITS)
        return fill_layer(actor=actor, code=code, file=source, crs=None, skip_wrong=skip_wrong)


def _held(code: str) -> ThematicLayer:
    layer = ThematicLayer.objects.select_for_update().filter(code=code).first()
    if layer is None:
        raise NotFound(what=f"图层 {code}")
    return layer


def _require_viewers(wish: LayerWish) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code FROM administration_role WHERE code = ANY(%s)", [list(wish.role_codes)]
        )
        roles = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT id FROM administration_organisation WHERE id = ANY(%s)",
            [list(wish.organisation_ids)],
        )
        organisations = {row[0] for row in cursor.fetchall()}
    missing = [
        *(code for code in wish.role_codes if code not in roles),
        *(str(one) for one in wish.organisation_ids if one not in organisations),
    ]
    if missing:
        raise UnknownRoles(field="role_codes", names="、".join(missing[:10]))


def _rows(
    layer_id: int, file: FeatureSource, crs: str | None, reading: _Reading, most: int
) -> Iterator[tuple[Any, ...]]:
    """Yield what COPY writes; nothing in here may ask the database, which waits for the rows."""
    convert: Converter | None = None
    for place, feature in enumerate(file, start=1):
        if place > most:
            raise TooManyFeatures(field="file", limit=most)
        if convert is None:
            stated = crs or file.stated_crs()
            if stated == UNSTATED:
                raise CrsNotStated(field="crs")
            reading.crs = stated_name(stated or "EPSG:4326")
            convert = converter(reading.crs)
        known = feature if isinstance(feature, dict) else {}
        properties = known.get("properties")
        try:
            shape = _usable(read_shape(known.get("geometry"), convert))
        except ShapeFault as fault:
            reading.wrong += 1
            reading.first = reading.first or FeatureTrouble(place=place, reason=fault.reason)
            continue
        attributes = plain_attributes(properties if isinstance(properties, dict) else {})
        reading.table.add(attributes)
        reading.count += 1
        placed = shapely.set_srid(shape, STORAGE_SRID)
        wkb = shapely.to_wkb(placed, hex=True, include_srid=True)
        yield layer_id, orjson.dumps(attributes).decode(), wkb


def _usable(shape: BaseGeometry) -> BaseGeometry:
    if shapely.is_valid(shape):
        return shape
    mended = shapely.make_valid(shape)
    if mended.is_empty or shapely.get_dimensions(mended) < shapely.get_dimensions(shape):
        raise ShapeFault("geometry_not_repairable")
    return mended


def _tell(actor: Actor, act: str, layer: ThematicLayer) -> None:
    detail = {
        "source": layer.source,
        "features": layer.features,
        "roles": layer.role_codes,
        "organisations": layer.organisation_ids,
    }
    record_audit(actor, f"layer.{act}", f"layer:{layer.code}", detail)
