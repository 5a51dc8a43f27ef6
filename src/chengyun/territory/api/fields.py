"""Shapes that several routes of the territory share."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from chengyun.administration.bodies import Day, Strict
from chengyun.administration.bodies import Instant as Moment
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Invalid

__all__ = [
    "Bounds",
    "Crs",
    "Day",
    "DivisionCode",
    "DivisionPrefix",
    "GridCode",
    "Id",
    "Moment",
    "NamedOut",
    "PageToken",
    "SearchText",
    "Strict",
    "moment_or_now",
    "parse_bounds",
]
_LON, _LAT = 180, 90

DivisionPrefix = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,12}$")]
DivisionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}$")]
GridCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
SearchText = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")]
PageToken = Annotated[str, StringConstraints(max_length=400)]
Id = Annotated[int, Field(ge=1, lt=2**63)]
Crs = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:_-]{3,20}$")]
Bounds = Annotated[str, StringConstraints(max_length=120)]


class NamedOut(Schema):
    """A division by code and names; the names are null when it has no row."""

    code: str
    zh: str | None
    en: str | None


def moment_or_now(at: datetime | None) -> datetime:
    """Return the moment asked for, else the present one."""
    return at or now()


def parse_bounds(text: str | None) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of "w,s,e,n" [degrees]; raise Invalid."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise _bad_bounds() from None
    in_range = -_LON <= west <= east <= _LON and -_LAT <= south <= north <= _LAT
    if not in_range or not all(map(math.isfinite, (west, south, east, north))):
        raise _bad_bounds()
    return west, south, east, north


def _bad_bounds() -> Invalid:
    return Invalid(
        field="bounds",
        reason_zh="应为“西,南,东,北”（度）",
        reason_en='write "west,south,east,north" in degrees',
    )
