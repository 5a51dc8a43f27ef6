"""A case as lists show it: one SQL row becomes one JSON object, without model objects.

Joins names of administration (organisations, people) and territory (divisions).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

LIGHTS = ("none", "green", "yellow", "red")
COLUMNS = """
c.id, c.number, c.title, c.kind, c.state, c.source, c.record_type,
t.code, t.zh, t.en, t.class_code, t.class_zh, t.class_en, c.address,
c.district_code, d.zh, d.en, c.street_code, s.zh, s.en, c.community_code, m.zh, m.en,
c.grid_code, ST_X(c.position), ST_Y(c.position), c.light, c.due_at, c.yellow_at, c.stage,
c.case_light, c.case_due_at, c.case_yellow_at, c.is_open, c.reported_at, c.updated_at, c.urgent,
c.desk, c.holder_organisation_id, ho.zh, ho.en, c.holder_person_id, hp.name, c.thumbnail,
c.rework_count, c.version, c.pending, c.calendar_uncertain
"""
JOINS = """
JOIN cases_mattertype t ON t.id = c.matter_type_id
LEFT JOIN territory_division d ON d.code = c.district_code
LEFT JOIN territory_division s ON s.code = c.street_code
LEFT JOIN territory_division m ON m.code = c.community_code
LEFT JOIN administration_organisation ho ON ho.id = c.holder_organisation_id
LEFT JOIN administration_person hp ON hp.id = c.holder_person_id
"""
_NAMES_TEXT = """
id number title kind state source record_type type_code type_zh type_en class_code class_zh
class_en address district district_zh district_en street street_zh street_en community
community_zh community_en grid_code lon lat light due_at yellow_at stage case_light
case_due_at case_yellow_at is_open reported_at updated_at urgent desk organisation
organisation_zh organisation_en person person_name thumbnail rework_count version
pending_kind calendar_uncertain
"""
_NAMES = _NAMES_TEXT.split()
WIDTH = len(_NAMES)
_PLAIN_TEXT = """
id number title kind state source record_type address grid_code lon lat due_at yellow_at
stage case_due_at is_open reported_at updated_at urgent rework_count version pending_kind
calendar_uncertain
"""
_PLAIN = _PLAIN_TEXT.split()


def case_row(values: tuple[Any, ...], at: datetime) -> dict[str, Any]:
    """Return the row as a JSON object.

    values : as COLUMNS gives them
    at : the instant for which lights hold, so that a late mark tells no lie
    """
    row = dict(zip(_NAMES, values, strict=True))
    shown = {name: row[name] for name in _PLAIN}
    shown["type"] = {
        "code": row["type_code"],
        "zh": row["type_zh"],
        "en": row["type_en"],
        "class_code": row["class_code"],
        "class_zh": row["class_zh"],
        "class_en": row["class_en"],
    }
    for level in ("district", "street", "community"):
        shown[level] = named(row[level], row[f"{level}_zh"], row[f"{level}_en"])
    shown["light"] = LIGHTS[light_now(row["light"], row["due_at"], row["yellow_at"], at)]
    open_light = row["case_light"]
    if row["is_open"]:
        open_light = light_now(open_light, row["case_due_at"], row["case_yellow_at"], at)
    shown["case_light"] = LIGHTS[open_light]
    shown["holder"] = _holder(row)
    shown["thumbnail"] = thumbnail_url(row["thumbnail"])
    return shown


def light_now(
    stored: int, due_at: datetime | None, yellow_at: datetime | None, at: datetime
) -> int:
    """Return the light at `at`: as stored (0 to 3), or further on where time has passed."""
    if due_at is None:
        return stored
    if at > due_at:
        return 3
    if yellow_at is not None and at >= yellow_at:
        return max(stored, 2)
    return max(stored, 1)


def named(code: str, zh: str | None, en: str | None) -> dict[str, str] | None:
    """Return a code with its names, None without a code."""
    return {"code": code, "zh": zh or code, "en": en or zh or code} if code else None


def thumbnail_url(attachment_id: object) -> str | None:
    """Return where the thumbnail of an attachment is served."""
    return f"/api/v1/attachments/{attachment_id}/thumbnail" if attachment_id else None


def _holder(row: dict[str, Any]) -> dict[str, Any]:
    organisation = row["organisation"]
    person = row["person"]
    return {
        "desk": row["desk"],
        "organisation": organisation
        and {
            "id": organisation,
            "name": row["organisation_zh"],
            "name_en": row["organisation_en"] or row["organisation_zh"],
        },
        "person": person and {"id": person, "name": row["person_name"]},
    }
