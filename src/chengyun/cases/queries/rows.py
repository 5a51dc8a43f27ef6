"""A case as a row of a list: its columns, and the JSON shape they become."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from chengyun.cases.queries.names import Names

LIGHTS: Final = ("none", "green", "yellow", "red")
RED, YELLOW, GREEN, NONE = "red", "yellow", "green", "none"
# In step with `case_row`.
COLUMNS: Final = """c.id, c.number, c.title, c.kind, c.state, c.source, c.matter_type_id, c.address,
c.district_code, c.street_code, c.community_code, c.grid_code, ST_X(c.position), ST_Y(c.position),
c.due_at, c.yellow_at, c.stage, c.case_due_at, c.case_yellow_at, c.case_light, c.is_open,
c.reported_at, c.updated_at, c.urgent, c.desk, c.holder_organisation_id, c.holder_person_id,
c.pending, c.thumbnail, c.rework_count, c.version, c.record_type, c.calendar_uncertain"""
WIDTH: Final = 33
REPORTED_AT, UPDATED_AT, DUE_AT = 21, 22, 14


def case_row(row: tuple[Any, ...], names: Names, at: datetime) -> dict[str, Any]:
    """Return the row's JSON: columns in the order of COLUMNS; what follows them is ignored.

    at : the instant of reading; lights follow it, not the stored marks
    """
    kind = names.types.get(row[6])
    due_at, yellow_at = row[14], row[15]
    case_due_at = row[17]
    return {
        "id": row[0],
        "number": row[1],
        "title": row[2],
        "kind": row[3],
        "state": row[4],
        "source": row[5],
        "record_type": row[31],
        "type": kind.label if kind else None,
        "address": row[7],
        "district": names.division(row[8]),
        "street": names.division(row[9]),
        "community": names.division(row[10]),
        "grid_code": row[11],
        "lon": row[12],
        "lat": row[13],
        "light": light_of(due_at, yellow_at, at),
        "due_at": due_at,
        "yellow_at": yellow_at,
        "stage": row[16],
        "case_due_at": case_due_at,
        "case_light": (light_of(case_due_at, row[18], at) if row[20] else LIGHTS[row[19]]),
        "is_open": row[20],
        "reported_at": row[21],
        "updated_at": row[22],
        "urgent": row[23],
        "holder": {
            "desk": row[24],
            "organisation": names.organisation(row[25]),
            "person": names.person(row[26]),
        },
        "thumbnail": thumbnail_url(row[28]),
        "rework_count": row[29],
        "version": row[30],
        "pending_kind": row[27],
        "calendar_uncertain": row[32],
    }


def thumbnail_url(attachment_id: object) -> str | None:
    """Return where the thumbnail of an attachment is served."""
    return f"/api/v1/attachments/{attachment_id}/thumbnail" if attachment_id else None


def light_of(due_at: datetime | None, yellow_at: datetime | None, at: datetime) -> str:
    """Return the light of a running clock: red after `due_at`, yellow from `yellow_at` on."""
    if due_at is None:
        return NONE
    if at > due_at:
        return RED
    return YELLOW if yellow_at is not None and at >= yellow_at else GREEN
