"""Collecting: what is found of a known component, and components that nobody knew.

Every finding carries the key of the device that made it: sent twice it is there once, sent anew
it stands in place of the former. So a device may collect without a network and send later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from shapely.geometry.base import BaseGeometry

from chengyun.administration.rules.actor import Actor
from chengyun.components.models import CensusFinding, CensusTask, Component
from chengyun.components.operations.census_moves import (
    held_task,
    recount,
    task_facts,
    write_task_move,
)
from chengyun.components.operations.checking import (
    ORGANISATIONS,
    checked_values,
    require_attributes,
    require_organisations,
)
from chengyun.components.queries.census_scope import area_column, type_ids
from chengyun.components.queries.reference import TypeInUse, type_in_use, types_by_id
from chengyun.components.rules.census import COLLECT, census_move, field_changes
from chengyun.components.rules.census_faults import (
    CensusMoveImpossible,
    FindingDecided,
    FindingElsewhere,
    FindingTaken,
    FindingTypeElsewhere,
)
from chengyun.components.rules.shapes import StoredShape, stored_shape
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Fault, Invalid, NotFound, SeveralFaults
from chengyun.territory.queries.locate import get_place

MOST_AT_ONCE: Final = 200
TOLD: Final = (
    "name",
    "state",
    *ORGANISATIONS,
    "address",
    "accuracy",
    "bearing",
    "note",
    "initial_on",
    "attributes",
)
_COLLECTABLE: Final = frozenset({"assigned", "collecting", "returned"})
_GONE: Final = frozenset({"lost", "disused", "removed"})
_DISTANCE: Final = """
SELECT ST_Distance(ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography,
    ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography)
"""


@dataclass(frozen=True, kw_only=True)
class FindingInput:
    """What a collector found.

    kind : confirmed, changed, gone, new
    component_id : of a known one
    type_code, geometry : of a new one; a geometry of a known one tells where it stands now
    values : of TOLD; of a known one only what differs, its attributes whole
    found_at : by the device's clock, not after now
    """

    key: str
    kind: str
    component_id: int | None = None
    type_code: str = ""
    geometry: BaseGeometry | None = None
    crs: str = "EPSG:4490"
    values: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    found_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingOutcome:
    """What became of one finding; `fault` tells why it was not taken."""

    key: str
    finding_id: int | None = None
    kind: str = ""
    fault: Fault | None = None


def record_findings(
    *, actor: Actor, task_id: int, given: Sequence[FindingInput]
) -> list[FindingOutcome]:
    """Keep findings of a task, each for itself: a bad one does not keep back the others.

    raises : Forbidden, NotFound, CensusMoveImpossible
    """
    with transaction.atomic():
        task = held_task(actor, task_id, COLLECT)
        _require_collectable(actor, task)
        outcomes = [_recorded(actor, task, one) for one in given]
        recount(task)
        if task.state != "collecting" and any(one.fault is None for one in outcomes):
            write_task_move(actor, task, census_move("task", "begin"), task_facts(actor, task))
    return outcomes


def withdraw_finding(*, actor: Actor, task_id: int, key: str) -> None:
    """Take a finding back; raise NotFound, FindingDecided, CensusMoveImpossible."""
    with transaction.atomic():
        task = held_task(actor, task_id, COLLECT)
        held_finding(actor, task_id, key).delete()
        recount(task)


def held_finding(actor: Actor, task_id: int, key: str) -> CensusFinding:
    """Return a finding that its collector may still change; raise as withdraw_finding."""
    task = held_task(actor, task_id, COLLECT)
    _require_collectable(actor, task)
    found = CensusFinding.objects.select_for_update().filter(task=task, key=key).first()
    if found is None:
        raise NotFound(what=f"采集结果 {key[:40]}", what_en=f"Finding {key[:40]}")
    if found.decision == "accepted":
        raise FindingDecided
    return found


def submit_task(*, actor: Actor, task_id: int) -> None:
    """Hand a task in to be accepted; every known component must have been looked at.

    raises : Forbidden, NotFound, CensusMoveImpossible, CensusGuardFailed
    """
    with transaction.atomic():
        task = held_task(actor, task_id, COLLECT)
        write_task_move(actor, task, census_move("task", "submit"), task_facts(actor, task))


def _require_collectable(actor: Actor, task: CensusTask) -> None:
    if task.collector_id != actor.person_id or actor.person_id is None:
        raise NotFound(what=f"普查任务 {task.pk}", what_en=f"Census task {task.pk}")
    if task.state not in _COLLECTABLE:
        raise CensusMoveImpossible(act_zh="采集", act_en="collect", state=task.state)


def _recorded(actor: Actor, task: CensusTask, given: FindingInput) -> FindingOutcome:
    try:
        with transaction.atomic():
            found = _saved(actor, task, given)
    except (Fault, SeveralFaults) as fault:
        return FindingOutcome(key=given.key, fault=fault)
    return FindingOutcome(key=given.key, finding_id=found.pk, kind=found.kind)


def _saved(actor: Actor, task: CensusTask, given: FindingInput) -> CensusFinding:
    at = now()
    row = _of_new(task, given, at) if given.kind == "new" else _of_known(task, given)
    before = CensusFinding.objects.filter(task=task, key=given.key).first()
    if before is not None and before.decision == "accepted":
        raise FindingDecided
    if row["component_id"] is not None:
        _require_once(task, row["component_id"], given.key)
    found, _ = CensusFinding.objects.update_or_create(
        task=task,
        key=given.key,
        defaults={
            **row,
            "note": given.note.strip(),
            "found_at": min(given.found_at or at, at),
            "received_at": at,
            "by_id": actor.person_id,
            "by_name": actor.name[:60],
            "decision": "",
            "decision_reason": "",
            "decided_at": None,
            "decided_by_id": None,
            "decided_by_name": "",
        },
    )
    return found


def _of_new(task: CensusTask, given: FindingInput, at: datetime) -> dict[str, Any]:
    if given.geometry is None:
        raise Invalid(field="location", reason_zh="请给出位置", reason_en="say where it stands")
    if given.component_id is not None:
        raise Invalid(
            field="component_id", reason_zh="新发现的部件没有", reason_en="is not for new"
        )
    kind = type_in_use(given.type_code)
    _require_type(task, kind)
    shape = stored_shape(given.geometry, crs=given.crs, kind=kind.geometry, type_zh=kind.zh)
    _require_here(task, shape, at)
    values = _checked(kind, given.values, is_new=True)
    return {
        "kind": "new",
        "component_id": None,
        "base_version": None,
        "type_code": kind.code,
        "values": _plain(values),
        "changes": {},
        "moved_m": None,
        **_placed(shape),
    }


def _of_known(task: CensusTask, given: FindingInput) -> dict[str, Any]:
    component = Component.objects.filter(pk=given.component_id or 0).first()
    column = area_column(task.plan.unit)
    if component is None or getattr(component, column) != task.area_code:
        raise FindingElsewhere(
            field="component_id", value=str(given.component_id), area=task.area_code
        )
    kind = types_by_id()[component.type_id]
    _require_type(task, kind)
    if given.kind != "changed" and (given.geometry is not None or set(given.values) - {"state"}):
        raise Invalid(
            field="values", reason_zh="只有“有变化”可以填写", reason_en="are for what has changed"
        )
    values = _checked(kind, given.values, is_new=False)
    if given.kind == "gone":
        values = {"state": values.get("state", "removed")}
        if values["state"] not in _GONE:
            raise Invalid(field="state", reason_zh="不是消失的状态", reason_en="is not of one gone")
    elif given.kind == "confirmed":
        values = {}
    shape = None
    if given.geometry is not None:
        shape = stored_shape(given.geometry, crs=given.crs, kind=kind.geometry, type_zh=kind.zh)
        get_place(lon=shape.lon, lat=shape.lat, at=now())  # moved where the city ends is a slip
    moved_m = _moved(task, component, shape)
    known = {name: getattr(component, name) for name in values}
    changes = field_changes(_plain(known), _plain(values))
    is_changed = bool(changes) or moved_m is not None
    return {
        "kind": given.kind if given.kind == "gone" or is_changed else "confirmed",
        "component_id": component.pk,
        "base_version": component.version,
        "type_code": kind.code,
        "values": _plain(values),
        "changes": changes,
        "moved_m": moved_m,
        **_placed(shape if moved_m is not None else None),
    }


def _checked(kind: TypeInUse, given: Mapping[str, Any], *, is_new: bool) -> dict[str, Any]:
    unknown = sorted(set(given) - set(TOLD))
    if unknown:
        raise Invalid(field=unknown[0], reason_zh="普查不采集", reason_en="is not collected")
    values = {
        name: value.strip() if isinstance(value, str) else value for name, value in given.items()
    }
    values = checked_values(values)
    if is_new or "attributes" in values:
        values["attributes"] = require_attributes(kind, values.get("attributes") or {})
    require_organisations({name: values.get(name) for name in ORGANISATIONS})
    return values


def _require_type(task: CensusTask, kind: TypeInUse) -> None:
    allowed = type_ids(task.plan.types)
    if allowed is not None and kind.id not in allowed:
        raise FindingTypeElsewhere(field="type", value=f"{kind.code} {kind.zh}")


def _require_here(task: CensusTask, shape: StoredShape, at: datetime) -> None:
    place = get_place(lon=shape.lon, lat=shape.lat, at=at)
    if getattr(place, area_column(task.plan.unit)) != task.area_code:
        raise FindingElsewhere(field="location", value=place.grid_code, area=task.area_code)


def _require_once(task: CensusTask, component_id: int, key: str) -> None:
    other = (
        CensusFinding.objects.filter(task=task, component_id=component_id).exclude(key=key).first()
    )
    if other is not None:
        raise FindingTaken(field="key", value=component_id, key=other.key)


def _moved(task: CensusTask, component: Component, shape: StoredShape | None) -> float | None:
    """Return how far it was moved [m], None when not farther than the plan's tolerance."""
    if shape is None:
        return None
    before = component.position
    with connection.cursor() as cursor:
        cursor.execute(_DISTANCE, [before.x, before.y, shape.lon, shape.lat])
        metres = float(cursor.fetchone()[0])
    if shape.shape is None and metres <= task.plan.tolerance_m:
        return None
    return round(metres, 2)


def _placed(shape: StoredShape | None) -> dict[str, Any]:
    if shape is None:
        return {"position": None, "shape": None, "position_source": ""}
    return {
        "position": f"SRID=4490;POINT({shape.lon!r} {shape.lat!r})",
        "shape": shape.wkt(),
        "position_source": shape.given_in,
    }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON holds them."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }
