"""Reading attachments: for who may read the case; for the uploader until they are bound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.records import find_record, is_readable
from chengyun.kernel.errors import NotFound

_SELECT = """
SELECT a.id, a.case_id, a.phase, a.kind, a.media_type, a.name, a.size, a.sha256, a.width, a.height,
       a.taken_at, ST_X(a.position), ST_Y(a.position), a.storage_key, a.thumbnail_key, a.by_id, a.at
FROM cases_attachment a WHERE a.id = %s
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachmentRow:
    """An attachment. lon, lat : EPSG:4490 [degrees], None where the device said none."""

    id: UUID
    case_id: int | None
    phase: str
    kind: str
    media_type: str
    name: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    storage_key: str
    thumbnail_key: str
    by_id: int | None
    at: datetime

    def as_data(self) -> dict[str, Any]:
        """Return what the API tells of it."""
        url = f"/api/v1/attachments/{self.id}"
        return {
            "id": str(self.id),
            "phase": self.phase,
            "kind": self.kind,
            "media_type": self.media_type,
            "name": self.name,
            "size": self.size,
            "width": self.width,
            "height": self.height,
            "taken_at": self.taken_at,
            "lon": self.lon,
            "lat": self.lat,
            "url": url,
            "thumbnail": f"{url}/thumbnail" if self.thumbnail_key else None,
            "at": self.at,
            "by": self.by_id,
        }


def get_attachment(*, actor: Actor, attachment_id: UUID) -> AttachmentRow:
    """Return the attachment.

    raises : NotFound when there is none, or the actor may not read its case
    """
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [attachment_id])
        row = cursor.fetchone()
    if row is not None:
        names = AttachmentRow.__dataclass_fields__
        found = AttachmentRow(**dict(zip(names, row, strict=True)))
        if _may_see(actor, found):
            return found
    raise NotFound(what=f"附件 {attachment_id}")


def _may_see(actor: Actor, found: AttachmentRow) -> bool:
    if found.case_id is None:
        return actor.person_id is not None and found.by_id == actor.person_id
    case = find_record(found.case_id)
    return case is not None and is_readable(actor, case)
