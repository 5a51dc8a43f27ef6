"""Tables of the territory. Geometry is stored in EPSG:4490."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Func, Q

STORAGE_SRID = 4490
WEB_SRID = 3857


def _web_polygon() -> Func:
    """Return the geometry for tiles, wound as vector tiles want it."""
    return Func(
        Transform("geometry", WEB_SRID),
        function="ST_ForcePolygonCW",
        output_field=models.MultiPolygonField(srid=WEB_SRID),
    )


class CodeScheme(models.Model):
    """How a standard's codes are built: named parts with widths, valid in time."""

    subject = models.CharField(
        max_length=40, help_text="unit_grid, component_type, component, matter…"
    )
    standard = models.CharField(max_length=60)
    parts = models.JSONField(help_text='[{"name": "district", "width": 6, "zh": "区县"}, …]')
    predecessor = models.CharField(max_length=60, blank=True, default="")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=200, blank=True, default="")
    certainty = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "standard"], name="code_scheme_once"),
        ]


class Division(models.Model):
    """A province, city, county (district), street or community, by code."""

    class Level(models.TextChoices):
        PROVINCE = "province", "省"
        CITY = "city", "市"
        COUNTY = "county", "区县"
        STREET = "street", "街道"
        COMMUNITY = "community", "社区"

    code = models.CharField(max_length=12, unique=True)
    parent_code = models.CharField(max_length=12, blank=True, default="", db_index=True)
    level = models.CharField(max_length=10, choices=Level)
    zh = models.CharField(max_length=80)
    en = models.CharField(max_length=120, blank=True, default="")
    geometry = models.MultiPolygonField(srid=STORAGE_SRID, null=True, blank=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["level", "code"], name="division_by_level")]


class UnitGrid(models.Model):
    """One version of a unit grid. Codes are never reused; a retired grid keeps its code."""

    code = models.CharField(max_length=20)
    community_code = models.CharField(max_length=12)
    street_code = models.CharField(max_length=9)
    district_code = models.CharField(max_length=6)
    geometry = models.MultiPolygonField(srid=STORAGE_SRID)
    geometry_web = models.GeneratedField(
        expression=_web_polygon(),
        output_field=models.MultiPolygonField(srid=WEB_SRID),
        db_persist=True,
    )
    area_m2 = models.FloatField()
    area_class = models.CharField(max_length=1, default="B", help_text="A, B or C")
    land_use = models.CharField(max_length=30, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")
    version = models.IntegerField(default=1)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["code", "-valid_from"], name="unit_grid_by_code"),
            models.Index(fields=["community_code"], name="unit_grid_by_community"),
            GistIndex(
                fields=["geometry_web"],
                condition=Q(valid_to__isnull=True),
                name="unit_grid_on_tiles",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "version"], name="unit_grid_version_once"),
            ExclusionConstraint(
                name="unit_grid_one_version_at_a_time",
                expressions=[
                    (F("code"), RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_to"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]


class GridDuty(models.Model):
    """A person bound to a unit grid: who gets its verify and check tasks."""

    grid_code = models.CharField(max_length=20, db_index=True)
    person = models.ForeignKey("administration.Person", models.PROTECT, related_name="+")
    duty = models.CharField(max_length=20, default="collector")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["grid_code", "person", "duty"],
                condition=Q(valid_to__isnull=True),
                name="grid_duty_once",
            ),
        ]


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


class DivisionArea(models.Model):
    """The area of a division, dissolved from its present unit grids, for far tiles and borders."""

    code = models.CharField(max_length=12, primary_key=True)
    level = models.CharField(max_length=10, choices=Division.Level)
    grids = models.IntegerField()
    area_m2 = models.FloatField()
    geometry = models.MultiPolygonField(srid=STORAGE_SRID)
    geometry_web = models.GeneratedField(
        expression=_web_polygon(),
        output_field=models.MultiPolygonField(srid=WEB_SRID, spatial_index=False),
        db_persist=True,
    )
    label = models.PointField(srid=WEB_SRID, help_text="a point inside, EPSG:3857")

    class Meta:
        indexes: ClassVar = [GistIndex(fields=["geometry_web"], name="division_area_on_tiles")]


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
