"""Routes of splitting and joining unit grids."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field
from shapely.geometry import LineString

from chengyun.administration.http import actor_of
from chengyun.territory.api import fields
from chengyun.territory.operations import reshape
from chengyun.territory.rules.scope import MANAGE

router = Router(tags=["grids"])

Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Line = Annotated[list[tuple[Longitude, Latitude]], Field(min_length=2, max_length=500)]


class SplitIn(fields.Strict):
    """Where to cut: points of a line [longitude, latitude], EPSG:4490, across the grid."""

    line: Line
    carry_duties: bool
    dry_run: bool = False


class MergeIn(fields.Strict):
    """Adjacent grids in force of one community."""

    codes: Annotated[list[fields.GridCode], Field(min_length=2, max_length=100)]
    carry_duties: bool
    dry_run: bool = False


class NewGridOut(Schema):
    """A grid that begins; geometry EPSG:4490."""

    code: str
    area_m2: float
    geometry: dict[str, Any]


class GridHolderOut(Schema):
    """Somebody bound to one of the old grids."""

    id: int
    name: str
    duty: str
    shift_id: int | None = None


class HeirGroupOut(Schema):
    """A management grid whose members change; `stays` is false when none is left."""

    code: str
    zh: str
    stays: bool


class DependentOut(Schema):
    """How many things of a kind lie in the old grids and stay there."""

    kind: str
    zh: str
    en: str
    count: int


class RetireIn(fields.Strict):
    """Grids in force that end with nothing in their place."""

    codes: Annotated[list[fields.GridCode], Field(min_length=1, max_length=1_000)]
    dry_run: bool = False


class ReshapedOut(Schema):
    """What ended and began. `people` are bound to the new grids too when `carried`.

    groups: management grids whose members change. dependents: what stays in the old grids.
    """

    retired: list[str]
    made: list[NewGridOut]
    people: list[GridHolderOut]
    carried: bool
    written: bool
    at: datetime
    groups: list[HeirGroupOut]
    dependents: list[DependentOut]


@router.post("/{code}/split", response=ReshapedOut, summary="Split a unit grid along a line")
def split_grid(request: HttpRequest, code: fields.GridCode, body: SplitIn) -> Any:
    """End the grid now and begin its parts under new codes; cases so far stay in the old grid."""
    actor = actor_of(request)
    actor.require(MANAGE)
    return asdict(
        reshape.split_grid(
            actor=actor,
            code=code,
            line=LineString(body.line),
            carry_duties=body.carry_duties,
            dry_run=body.dry_run,
        )
    )


@router.post("/merge", response=ReshapedOut, summary="Join adjacent unit grids")
def merge_grids(request: HttpRequest, body: MergeIn) -> Any:
    """End the grids now and begin one under a new code; cases so far stay in the old grids."""
    actor = actor_of(request)
    actor.require(MANAGE)
    return asdict(
        reshape.merge_grids(
            actor=actor,
            codes=body.codes,
            carry_duties=body.carry_duties,
            dry_run=body.dry_run,
        )
    )


@router.post("/retire", response=ReshapedOut, summary="End unit grids")
def retire_grids(request: HttpRequest, body: RetireIn) -> Any:
    """End the grids now with nothing in their place; open cases stay in them and are told."""
    actor = actor_of(request)
    actor.require(MANAGE)
    return asdict(reshape.retire_grids(actor=actor, codes=body.codes, dry_run=body.dry_run))
