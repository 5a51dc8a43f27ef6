"""Unit grids in versions, and who is bound to them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Func, Q

from chengyun.territory.models.projection import STORAGE_SRID, WEB_SRID, web_polygon


class UnitGrid(models.Model):
    """One version of a unit grid. Codes are never reused; a retired grid keeps its code."""

    code = models.CharField(max_length=20)
    community_code = models.CharField(max_length=12)
    street_code = models.CharField(max_length=9)
    district_code = models.CharField(max_length=6)
    geometry = models.MultiPolygonField(srid=STORAGE_SRID)
    geometry_web = models.GeneratedField(
        expression=web_polygon(),
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
    shift = models.ForeignKey(
        "territory.Shift", models.PROTECT, null=True, related_name="+", help_text="null = any time"
    )
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["grid_code", "person", "duty", "shift"],
                condition=Q(valid_to__isnull=True),
                nulls_distinct=False,
                name="grid_duty_once",
            ),
        ]
