"""Photos of components, and of what a census found."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.gis.db import models

from chengyun.components.models.component import STORAGE_SRID


class ComponentPhoto(models.Model):
    """A photo as the store of files keeps it. One of a finding becomes the component's with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    component = models.ForeignKey(
        "components.Component", models.PROTECT, null=True, related_name="photos"
    )
    finding = models.ForeignKey(
        "components.CensusFinding", models.SET_NULL, null=True, related_name="photos"
    )
    sort = models.IntegerField(default=0)
    media_type = models.CharField(max_length=40)
    name = models.CharField(max_length=200, blank=True, default="")
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.IntegerField()
    height = models.IntegerField()
    taken_at = models.DateTimeField(null=True)
    position = models.PointField(srid=STORAGE_SRID, null=True, spatial_index=False)
    storage_key = models.CharField(max_length=200)
    thumbnail_key = models.CharField(max_length=200)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["storage_key"], name="component_photo_by_key")]
