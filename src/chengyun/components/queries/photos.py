"""Photos of components and findings, for who may see those."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.components.models import ComponentPhoto
from chengyun.components.queries.census import seen_task
from chengyun.components.queries.objects import get_component
from chengyun.kernel.errors import Forbidden, NotFound

_URL: Final = "/api/v1/components/photos/"
_SHOWN: Final = """
SELECT p.id::text, p.{owner}_id, p.name, p.width, p.height, p.size, p.taken_at,
    ST_X(p.position), ST_Y(p.position), p.at, p.by_name
FROM components_componentphoto p WHERE p.{owner}_id = ANY(%s)
ORDER BY p.{owner}_id, p.sort, p.id
"""


def list_photos(*, actor: Actor, component_id: int) -> list[dict[str, Any]]:
    """Return a component's photos in order; raise Forbidden, NotFound."""
    get_component(actor=actor, component_id=component_id)
    return _shown("component", [component_id]).get(component_id, [])


def photos_of_findings(finding_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the photos of findings that the caller may see, by finding."""
    return _shown("finding", sorted(finding_ids))


def require_photo(*, actor: Actor, photo_id: UUID) -> ComponentPhoto:
    """Return a photo whose component, or whose finding's task, the actor sees; raise NotFound."""
    photo = ComponentPhoto.objects.select_related("finding").filter(pk=photo_id).first()
    if photo is None or not (_sees_component(actor, photo) or _sees_task(actor, photo)):
        raise NotFound(what=f"照片 {photo_id}", what_en=f"Photo {photo_id}")
    return photo


def _sees_component(actor: Actor, photo: ComponentPhoto) -> bool:
    if photo.component_id is None:
        return False
    try:
        get_component(actor=actor, component_id=photo.component_id)
    except (NotFound, Forbidden):
        return False
    return True


def _sees_task(actor: Actor, photo: ComponentPhoto) -> bool:
    if photo.finding is None:
        return False
    try:
        seen_task(actor, photo.finding.task_id)
    except (NotFound, Forbidden):
        return False
    return True


def _shown(owner: str, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    if not ids:
        return {}
    found: dict[int, list[dict[str, Any]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN.format(owner=owner), [ids])
        for pk, owned, name, width, height, size, taken, lon, lat, at, by in cursor.fetchall():
            row = {
                "id": pk,
                "name": name,
                "width": width,
                "height": height,
                "size": size,
                "taken_at": taken,
                "lon": lon,
                "lat": lat,
                "at": at,
                "by": by,
                "url": f"{_URL}{pk}",
                "thumbnail": f"{_URL}{pk}/thumbnail",
            }
            found.setdefault(owned, []).append(row)
    return found
