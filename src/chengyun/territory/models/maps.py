"""The base map and the layers that tiles are cut from."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Q

from chengyun.territory.models.projection import STORAGE_SRID, WEB_SRID


class MapFeature(models.Model):
    """A feature of the base map. `geometry_web` is kept beside for tiles (EPSG:3857)."""

    layer = models.CharField(max_length=30)
    external_id = models.CharField(max_length=80, blank=True, default="")
    kind = models.CharField(max_length=40, blank=True, default="")
    zh = models.CharField(max_length=120, blank=True, default="")
    en = models.CharField(max_length=160, blank=True, default="")
    height_m = models.FloatField(null=True)
    min_zoom = models.SmallIntegerField(default=0)
    attributes = models.JSONField(default=dict)
    source = models.CharField(max_length=100, blank=True, default="")
    geometry = models.GeometryField(srid=STORAGE_SRID)
    geometry_web = models.GeneratedField(
        expression=Transform("geometry", WEB_SRID),
        output_field=models.GeometryField(srid=WEB_SRID),
        db_persist=True,
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["layer", "min_zoom"], name="map_feature_by_layer"),
            GistIndex(fields=["geometry_web"], name="map_feature_on_tiles"),
            # Far tiles must not wade through every building: these hold only what they draw.
            GistIndex(
                fields=["geometry_web"],
                condition=Q(min_zoom__lte=13),
                name="map_feature_on_tiles_13",
            ),
            GistIndex(
                fields=["geometry_web"],
                condition=Q(min_zoom__lte=10),
                name="map_feature_on_tiles_10",
            ),
        ]


class MapLayer(models.Model):
    """What is known of an imported layer of the base map; a new import replaces it."""

    name = models.CharField(max_length=30, primary_key=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=100)
    attribution = models.CharField(max_length=300, blank=True, default="")
    crs = models.CharField(max_length=20, help_text="as the source stated it")
    features = models.IntegerField()
    repaired = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    west = models.FloatField(null=True)
    south = models.FloatField(null=True)
    east = models.FloatField(null=True)
    north = models.FloatField(null=True)
    imported_at = models.DateTimeField()


class LayerVersion(models.Model):
    """Counts up when a layer's data changes; part of every tile's ETag."""

    layer = models.CharField(max_length=30, primary_key=True)
    version = models.BigIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
