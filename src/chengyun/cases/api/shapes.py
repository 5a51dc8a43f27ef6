"""Shapes that the writing routes of cases share."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from ninja import Header
from pydantic import AfterValidator, Field, StringConstraints

from chengyun.administration.bodies import Strict
from chengyun.kernel.coordinates import API_SYSTEMS, Position, to_storage
from chengyun.kernel.errors import Invalid

__all__ = [
    "NO_NUL",
    "AttachmentIds",
    "Code",
    "Id",
    "Key",
    "Line",
    "Location",
    "Strict",
    "Words",
]

NO_NUL = r"^[^\x00]*$"
LARGEST_ID = 2**63 - 1

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Code = Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z0-9_.:-]*$")]
Line = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL, strip_whitespace=True)]
Words = Annotated[str, StringConstraints(max_length=4000, pattern=NO_NUL, strip_whitespace=True)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", description="same key, same answer")]
Degrees = Annotated[float, Field(allow_inf_nan=False)]


class Location(Strict):
    """A point in one of the systems of the API; longitude first."""

    lon: Degrees
    lat: Degrees
    crs: Annotated[str, StringConstraints(max_length=20)] = API_SYSTEMS[0]

    def stored(self) -> Position:
        """Return the point in EPSG:4490.

        raises : Invalid (another system), CoordinateOutOfRange
        """
        if self.crs not in API_SYSTEMS:
            names = "、".join(API_SYSTEMS)
            raise Invalid(
                field="location",
                reason_zh=f"坐标系须为 {names}",
                reason_en=f"the CRS is one of {', '.join(API_SYSTEMS)}",
            )
        return to_storage(self.lon, self.lat, self.crs)


def _once(ids: list[UUID]) -> list[UUID]:
    return list(dict.fromkeys(ids))


AttachmentIds = Annotated[list[UUID], Field(max_length=100), AfterValidator(_once)]
