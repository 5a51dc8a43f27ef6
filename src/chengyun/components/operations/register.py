"""Registering a component: typed, placed, coded, versioned, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from shapely.geometry.base import BaseGeometry

from chengyun.administration.queries import time_zone
from chengyun.administration.rules.actor import Actor
from chengyun.components.models import Component
from chengyun.components.operations.checking import (
    checked_organisations,
    checked_values,
    require_attributes,
)
from chengyun.components.operations.writing import (
    component_terms,
    next_sequence,
    note_sequences,
    prefix_reached,
    record_version,
    require_unused,
    tell,
)
from chengyun.components.queries.reference import TypeInUse, type_in_use
from chengyun.components.rules.access import MANAGE, require_cover
from chengyun.components.rules.codes import SUBJECT, CodedPlace, check_code, code_prefix, numbered
from chengyun.components.rules.faults import ComponentCodeTaken
from chengyun.components.rules.shapes import StoredShape, stored_shape
from chengyun.kernel.clock import now
from chengyun.territory.queries.code_schemes import code_schemes, scheme_for
from chengyun.territory.queries.locate import Place, get_place


@dataclass(frozen=True, kw_only=True)
class ComponentInput:
    """A component as somebody tells it.

    geometry : in `crs`; a point, or the line or area of the types that are drawn so
    code : '' = made by the scheme in force
    name : '' = that of the type
    """

    type_code: str
    geometry: BaseGeometry
    crs: str = "EPSG:4490"
    code: str = ""
    name: str = ""
    state: str = "intact"
    source: str = "surveyed"
    competent_id: int | None = None
    owner_id: int | None = None
    maintainer_id: int | None = None
    address: str = ""
    accuracy: str = ""
    bearing: float | None = None
    note: str = ""
    initial_on: date | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


def register_component(
    *,
    actor: Actor,
    given: ComponentInput,
    at: datetime | None = None,
    reason: str = "",
    permission: str = MANAGE,
) -> int:
    """Register a component and return its id. Audited.

    raises : Forbidden, ComponentOutsideScope, NoGridAtPoint, ComponentTypeUnknown, InvalidCode,
        ComponentCodeMismatch, ComponentCodeTaken, SeveralFaults, GeometryUnusable and its kin
    """
    actor.require(permission)
    at = at or now()
    kind = type_in_use(given.type_code)
    shape = stored_shape(given.geometry, crs=given.crs, kind=kind.geometry, type_zh=kind.zh)
    place = get_place(lon=shape.lon, lat=shape.lat, at=at)
    values = checked_values(
        {"state": given.state, "source": given.source, "bearing": given.bearing}
    )
    attributes = require_attributes(kind, given.attributes)
    with transaction.atomic():
        organisations = checked_organisations(given)
        require_cover(
            actor,
            permission,
            community_code=place.community_code,
            organisation_ids=_ids(organisations),
        )
        code = _code(given.code, kind, place, at)
        row = _row(given, kind, code, shape, place, at)
        made = _saved(Component(**row | values | organisations, attributes=attributes))
        record_version(
            actor=actor, component_id=made, version=1, act="registered", at=at, reason=reason
        )
        tell(
            actor=actor,
            act="registered",
            at=at,
            component_id=made,
            code=code,
            community_code=place.community_code,
            organisation_ids=_ids(organisations),
        )
    return made


def _saved(component: Component) -> int:
    try:
        with transaction.atomic():
            component.save(force_insert=True)
    except IntegrityError as error:
        if "code" not in str(error):
            raise
        raise ComponentCodeTaken(field="code", value=component.code) from error
    return component.pk


def _code(given: str, kind: TypeInUse, place: Place, at: datetime) -> str:
    standing = CodedPlace(community_code=place.community_code)
    if given:
        scheme = check_code(given, code_schemes(), type_codes=kind.codes, place=standing)
        require_unused(given)
        reached = prefix_reached(scheme, given)
        if reached:
            note_sequences(dict([reached]))
        return given
    scheme = scheme_for(SUBJECT, at.astimezone(time_zone()).date())
    prefix = code_prefix(scheme, type_code=kind.code, place=standing)
    return numbered(scheme, prefix, next_sequence(prefix))


def _row(
    given: ComponentInput,
    kind: TypeInUse,
    code: str,
    shape: StoredShape,
    place: Place,
    at: datetime,
) -> dict[str, Any]:
    name = given.name.strip() or kind.zh
    today = at.astimezone(time_zone()).date()
    return {
        "code": code,
        "type_id": kind.id,
        "name": name,
        "address": given.address.strip(),
        "accuracy": given.accuracy,
        "note": given.note.strip(),
        "initial_on": given.initial_on or today,
        "changed_on": today,
        "search": component_terms(name=name, kind=kind, address=given.address),
        "created_at": at,
        "updated_at": at,
        **placed(shape, place),
    }


def placed(shape: StoredShape, place: Place) -> dict[str, Any]:
    """Return the columns that tell where a component lies."""
    return {
        "position": f"SRID=4490;POINT({shape.lon!r} {shape.lat!r})",
        "shape": shape.wkt(),
        "position_source": shape.given_in,
        "grid_code": place.grid_code,
        "community_code": place.community_code,
        "street_code": place.street_code,
        "district_code": place.district_code,
    }


def _ids(organisations: Mapping[str, int | None]) -> set[int]:
    return {one for one in organisations.values() if one is not None}
