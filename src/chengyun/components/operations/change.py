"""Changing, moving and retiring a component. Each leaves a version, an audit entry, an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from shapely.geometry.base import BaseGeometry

from chengyun.administration.queries import time_zone
from chengyun.administration.rules.actor import Actor
from chengyun.components.models import Component
from chengyun.components.operations.checking import (
    ORGANISATIONS,
    checked_values,
    require_attributes,
    require_organisations,
)
from chengyun.components.operations.register import placed
from chengyun.components.operations.writing import component_terms, record_version, tell
from chengyun.components.queries.reference import TypeInUse, types_by_id
from chengyun.components.rules.access import MANAGE, READ, covers, require_cover
from chengyun.components.rules.faults import ComponentChanged, ComponentRetired, NothingChanged
from chengyun.components.rules.shapes import stored_shape
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Invalid, NotFound
from chengyun.territory.queries.locate import get_place

CHANGEABLE: Final = (
    "name",
    "state",
    *ORGANISATIONS,
    "address",
    "source",
    "accuracy",
    "bearing",
    "note",
    "initial_on",
    "changed_on",
    "attributes",
)
_PLACE: Final = ("grid_code", "community_code")


def change_component(
    *,
    actor: Actor,
    component_id: int,
    values: Mapping[str, Any],
    version: int | None = None,
    reason: str = "",
    at: datetime | None = None,
    act: str = "changed",
    permission: str = MANAGE,
) -> int:
    """Change what is known of a component, and return its new version.

    values : of the fields of CHANGEABLE; attributes are put in place of the former ones
    version : as the actor saw it; None = whatever it is
    permission : which one must cover it, before and after; a census writes with its own
    raises : Forbidden, NotFound, ComponentChanged, ComponentRetired, NothingChanged, SeveralFaults
    """
    at = at or now()
    with transaction.atomic():
        component = _held(actor, component_id, version, permission)
        kind = _kind(component)
        wanted = checked_values(_cleaned(values))
        if "attributes" in wanted:
            wanted["attributes"] = require_attributes(kind, wanted["attributes"])
        require_organisations({name: wanted.get(name) for name in ORGANISATIONS})
        changes = _differences(component, wanted)
        if not changes:
            raise NothingChanged
        if "changed_on" not in wanted:
            wanted["changed_on"] = _today(at)
        for name, value in wanted.items():
            setattr(component, name, value)
        _require_own(actor, component, permission)
        component.search = component_terms(
            name=component.name, kind=kind, address=component.address
        )
        return _written(actor, component, act, at, reason, changes)


def move_component(
    *,
    actor: Actor,
    component_id: int,
    geometry: BaseGeometry,
    crs: str = "EPSG:4490",
    version: int | None = None,
    reason: str = "",
    at: datetime | None = None,
    permission: str = MANAGE,
) -> int:
    """Put a component elsewhere, and return its new version; it keeps its code.

    raises : Forbidden, NotFound, ComponentOutsideScope, NoGridAtPoint, GeometryUnusable and its
        kin, ComponentChanged, ComponentRetired
    """
    at = at or now()
    with transaction.atomic():
        component = _held(actor, component_id, version, permission)
        kind = _kind(component)
        shape = stored_shape(geometry, crs=crs, kind=kind.geometry, type_zh=kind.zh)
        place = get_place(lon=shape.lon, lat=shape.lat, at=at)
        before = _where(component)
        for name, value in placed(shape, place).items():
            setattr(component, name, value)
        _require_own(actor, component, permission)
        component.changed_on = _today(at)
        after = {
            "position": [shape.lon, shape.lat],
            "shape": None if shape.shape is None else shape.shape.wkt,
            **{name: getattr(component, name) for name in _PLACE},
        }
        changes = {
            name: [before[name], after[name]] for name in after if before[name] != after[name]
        }
        if not changes:
            raise NothingChanged
        return _written(actor, component, "moved", at, reason, changes)


def retire_component(
    *,
    actor: Actor,
    component_id: int,
    reason: str,
    state: str = "removed",
    version: int | None = None,
    at: datetime | None = None,
    permission: str = MANAGE,
) -> int:
    """Take a component out of use for good, and return its new version; its code is kept.

    raises : Forbidden, NotFound, ComponentChanged, ComponentRetired, DictionaryValueUnknown
    """
    at = at or now()
    if not reason.strip():
        raise Invalid(field="reason", reason_zh="请写明停用原因", reason_en="say why")
    with transaction.atomic():
        component = _held(actor, component_id, version, permission)
        wanted = checked_values({"state": state})
        changes = _differences(component, wanted)
        component.state = wanted["state"]
        component.retired_at = at
        component.changed_on = _today(at)
        return _written(
            actor, component, "retired", at, reason, {**changes, "retired_at": [None, at]}
        )


def held_component(actor: Actor, component_id: int) -> Component:
    """Return a component in use, locked, that the actor may manage.

    raises : Forbidden, NotFound, ComponentOutsideScope, ComponentRetired
    """
    return _held(actor, component_id, None, MANAGE)


def organisations_of(component: Component) -> set[int]:
    """Return the ids of the component's organisations."""
    return {one for name in ORGANISATIONS if (one := getattr(component, name)) is not None}


def _held(actor: Actor, component_id: int, version: int | None, permission: str) -> Component:
    actor.require(permission)
    component = Component.objects.select_for_update().filter(pk=component_id).first()
    if component is None or not _may_see(actor, component, permission):
        raise NotFound(what=f"部件 {component_id}", what_en=f"Component {component_id}")
    _require_own(actor, component, permission)
    if component.retired_at is not None:
        raise ComponentRetired(value=component.code)
    if version is not None and version != component.version:
        raise ComponentChanged(field="version", version=component.version)
    return component


def _may_see(actor: Actor, component: Component, permission: str) -> bool:
    permission = READ if actor.can(READ) else permission
    return covers(
        actor.scope_for(permission),
        community_code=component.community_code,
        organisation_ids=organisations_of(component),
    )


def _require_own(actor: Actor, component: Component, permission: str) -> None:
    require_cover(
        actor,
        permission,
        community_code=component.community_code,
        organisation_ids=organisations_of(component),
    )


def _written(
    actor: Actor,
    component: Component,
    act: str,
    at: datetime,
    reason: str,
    changes: Mapping[str, list[Any]],
) -> int:
    component.version += 1
    component.updated_at = at
    component.save()
    record_version(
        actor=actor,
        component_id=component.pk,
        version=component.version,
        act=act,
        at=at,
        reason=reason.strip(),
        changes=changes,
    )
    tell(
        actor=actor,
        act=act,
        at=at,
        component_id=component.pk,
        code=component.code,
        community_code=component.community_code,
        organisation_ids=organisations_of(component),
        detail={"fields": sorted(changes)},
    )
    return component.version


def _kind(component: Component) -> TypeInUse:
    return types_by_id()[component.type_id]


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(values) - set(CHANGEABLE))
    if unknown:
        raise Invalid(
            field=unknown[0], reason_zh="不能这样变更", reason_en="is not changed this way"
        )
    return {
        name: value.strip() if isinstance(value, str) else value for name, value in values.items()
    }


def _differences(component: Component, wanted: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        name: [_told(getattr(component, name)), _told(value)]
        for name, value in wanted.items()
        if getattr(component, name) != value
    }


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _where(component: Component) -> dict[str, Any]:
    return {
        "position": [component.position.x, component.position.y],
        "shape": component.shape.wkt if component.shape else None,
        **{name: getattr(component, name) for name in _PLACE},
    }


def _today(at: datetime) -> date:
    return at.astimezone(time_zone()).date()
