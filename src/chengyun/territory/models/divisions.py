"""Code schemes, and divisions with their areas."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex

from chengyun.territory.models.projection import STORAGE_SRID, WEB_SRID, web_polygon


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


class DivisionArea(models.Model):
    """The area of a division, dissolved from its present unit grids, for far tiles and borders."""

    code = models.CharField(max_length=12, primary_key=True)
    level = models.CharField(max_length=10, choices=Division.Level)
    grids = models.IntegerField()
    area_m2 = models.FloatField()
    geometry = models.MultiPolygonField(srid=STORAGE_SRID)
    geometry_web = models.GeneratedField(
        expression=web_polygon(),
        output_field=models.MultiPolygonField(srid=WEB_SRID, spatial_index=False),
        db_persist=True,
    )
    label = models.PointField(srid=WEB_SRID, help_text="a point inside, EPSG:3857")

    class Meta:
        indexes: ClassVar = [GistIndex(fields=["geometry_web"], name="division_area_on_tiles")]
