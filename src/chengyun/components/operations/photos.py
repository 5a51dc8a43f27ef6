"""Photos of components: taking them in, ordering them, taking them away.

The file is kept before its row is written and forgotten after its row: see docs/adr/0022.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import IO, Final
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.db.models import Max, QuerySet

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.components.models import CensusFinding, Component, ComponentPhoto
from chengyun.components.operations.census_findings import held_finding
from chengyun.components.operations.change import held_component, organisations_of
from chengyun.components.operations.writing import tell
from chengyun.components.queries.photos import require_photo
from chengyun.components.rules.photo_faults import PhotosDiffer, TooManyPhotos
from chengyun.files.operations import forget_files, keep_image, sweep_folder
from chengyun.kernel.clock import now

FOLDER: Final = "components"
MOST: Final = 20
_UNUSED_AFTER: Final = timedelta(days=1)
_KNOWN_KEYS: Final = """
SELECT unnest(ARRAY[storage_key, thumbnail_key]) FROM components_componentphoto
WHERE storage_key = ANY(%s) OR thumbnail_key = ANY(%s)
"""


def add_photo(
    *, actor: Actor, component_id: int, file: IO[bytes], size: int, name: str = ""
) -> UUID:
    """Keep a photo of a component and return its id; the last in order.

    raises : Forbidden, NotFound, ComponentRetired, TooManyPhotos, MediaNotSupported,
        FileTooLarge, PhotoNotReadable, PhotoTooManyPixels, StorageNotReachable
    """
    with transaction.atomic():
        component = held_component(actor, component_id)
        made = _kept(actor, file, size, name, component=component)
        _tell(actor, component, "photographed", now())
    return made


def add_finding_photo(
    *, actor: Actor, task_id: int, key: str, file: IO[bytes], size: int, name: str = ""
) -> UUID:
    """Keep a photo of a finding that is not accepted, and return its id. Raises as add_photo."""
    with transaction.atomic():
        finding = held_finding(actor, task_id, key)
        return _kept(actor, file, size, name, finding=finding)


def order_photos(*, actor: Actor, component_id: int, photo_ids: Sequence[UUID]) -> None:
    """Put a component's photos in order; every one must be named once.

    raises : Forbidden, NotFound, ComponentRetired, PhotosDiffer
    """
    with transaction.atomic():
        component = held_component(actor, component_id)
        photos = {photo.pk: photo for photo in ComponentPhoto.objects.filter(component=component)}
        if sorted(photos) != sorted(photo_ids):
            raise PhotosDiffer(field="photos")
        for number, one in enumerate(photo_ids):
            photos[one].sort = number
        ComponentPhoto.objects.bulk_update(photos.values(), ["sort"])
        record_audit(actor, "component.photos_ordered", f"component:{component.pk}", {})


def remove_photo(*, actor: Actor, photo_id: UUID) -> None:
    """Take a photo of a component or of an own finding away, and its file.

    raises : Forbidden, NotFound, ComponentRetired, CensusMoveImpossible, FindingDecided
    """
    with transaction.atomic():
        photo = require_photo(actor=actor, photo_id=photo_id)
        if photo.component_id is not None:
            component = held_component(actor, photo.component_id)
            _tell(actor, component, "photo_removed", now())
        elif photo.finding is not None:
            held_finding(actor, photo.finding.task_id, photo.finding.key)
        keys = [photo.storage_key, photo.thumbnail_key]
        photo.delete()
        transaction.on_commit(lambda: forget_files(keys))


def give_photos(finding: CensusFinding, component_id: int) -> None:
    """Make the photos of an accepted finding the component's, in the caller's transaction."""
    last = _last(ComponentPhoto.objects.filter(component_id=component_id))
    photos = list(ComponentPhoto.objects.filter(finding=finding, component=None).order_by("sort"))
    for number, photo in enumerate(photos, last + 1):
        photo.component_id = component_id
        photo.sort = number
    ComponentPhoto.objects.bulk_update(photos, ["component", "sort"])


def sweep_photos(at: datetime) -> int:
    """Remove photos of findings that were taken back, and files without a row; return how many."""
    unused = ComponentPhoto.objects.filter(component=None, finding=None, at__lt=at - _UNUSED_AFTER)
    keys = [key for pair in unused.values_list("storage_key", "thumbnail_key") for key in pair]
    unused.delete()
    return forget_files(keys) + sweep_folder(FOLDER, at=at, orphans=_orphans)


def _orphans(keys: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_KEYS, [keys, keys])
        known = {row[0] for row in cursor.fetchall()}
    return [key for key in keys if key not in known]


def _kept(
    actor: Actor,
    file: IO[bytes],
    size: int,
    name: str,
    *,
    component: Component | None = None,
    finding: CensusFinding | None = None,
) -> UUID:
    there = ComponentPhoto.objects.filter(component=component, finding=finding)
    if there.count() >= MOST:
        raise TooManyPhotos(field="file", limit=MOST)
    kept = keep_image(file, size=size, folder=FOLDER, name=name)
    place = None if kept.lon is None or kept.lat is None else Point(kept.lon, kept.lat, srid=4490)
    made = ComponentPhoto.objects.create(
        id=kept.id,
        component=component,
        finding=finding,
        sort=_last(there) + 1,
        media_type=kept.media_type,
        name=kept.name,
        size=kept.size,
        sha256=kept.sha256,
        width=kept.width or 0,
        height=kept.height or 0,
        taken_at=kept.taken_at,
        position=place,
        storage_key=kept.key,
        thumbnail_key=kept.thumbnail_key,
        by_id=actor.person_id,
        by_name=actor.name[:60],
        at=now(),
    )
    return made.pk


def _last(photos: QuerySet[ComponentPhoto]) -> int:
    found: int | None = photos.aggregate(last=Max("sort"))["last"]
    return -1 if found is None else found


def _tell(actor: Actor, component: Component, act: str, at: datetime) -> None:
    tell(
        actor=actor,
        act=act,
        at=at,
        component_id=component.pk,
        code=component.code,
        community_code=component.community_code,
        organisation_ids=organisations_of(component),
    )
