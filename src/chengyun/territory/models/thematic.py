"""Layers that administrators lay over the base map: from files and from services."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.postgres.indexes import GistIndex

from chengyun.territory.models.projection import STORAGE_SRID, WEB_SRID


class ThematicLayer(models.Model):
    """A layer by file or service, its style, and who sees it."""

    class Source(models.TextChoices):
        FILE = "file", "文件"
        GEOJSON = "geojson", "GeoJSON 地址"
        XYZ = "xyz", "XYZ 栅格"
        WMTS = "wmts", "WMTS"
        VECTOR_TILES = "vector_tiles", "矢量瓦片"

    code = models.CharField(max_length=40, unique=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=100, blank=True, default="")
    group_zh = models.CharField(max_length=40, blank=True, default="")
    group_en = models.CharField(max_length=60, blank=True, default="")
    source = models.CharField(max_length=12, choices=Source)
    service = models.JSONField(default=dict, help_text="url, layer, matrix_set, source_layer, …")
    key = models.CharField(
        max_length=400, blank=True, default="", help_text="of the service; never shown"
    )
    style = models.JSONField(default=dict)
    sort = models.IntegerField(default=0, help_text="drawn from the lowest up")
    active = models.BooleanField(default=True)
    shown = models.BooleanField(default=False, help_text="for who has not chosen")
    role_codes = models.JSONField(default=list, help_text="[] = every role")
    organisation_ids = models.JSONField(default=list, help_text="with all below; [] = every one")
    attribution = models.CharField(max_length=300, blank=True, default="")
    crs = models.CharField(max_length=20, blank=True, default="")
    features = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    attributes = models.JSONField(default=list, help_text='[{"name", "kind", "least", "most"}, …]')
    bounds = models.JSONField(null=True, help_text="west, south, east, north, EPSG:4490")
    version = models.IntegerField(default=1)
    updated_at = models.DateTimeField()
    filled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["sort", "id"], name="thematic_layer_in_order")]


class ThematicFeature(models.Model):
    """A feature of a layer that the platform holds itself."""

    layer = models.ForeignKey(
        ThematicLayer, models.CASCADE, related_name="+", db_index=False, db_constraint=True
    )
    attributes = models.JSONField(default=dict)
    geometry = models.GeometryField(srid=STORAGE_SRID, spatial_index=False)
    geometry_web = models.GeneratedField(
        expression=Transform("geometry", WEB_SRID),
        output_field=models.GeometryField(srid=WEB_SRID, spatial_index=False),
        db_persist=True,
    )

    class Meta:
        indexes: ClassVar = [
            GistIndex(fields=["layer", "geometry_web"], name="thematic_feature_on_tiles"),
        ]


class LayerChoice(models.Model):
    """Whether a person has a layer on."""

    person = models.ForeignKey("administration.Person", models.CASCADE, related_name="+")
    layer = models.ForeignKey(ThematicLayer, models.CASCADE, related_name="+")
    shown = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "layer"], name="layer_choice_once"),
        ]
