"""Grids made of grids: management and evaluation grids; which grids follow which; shifts."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Func, Q

from chengyun.territory.models.projection import STORAGE_SRID, WEB_SRID, web_polygon


def _span() -> Func:
    return Func(
        F("valid_from"),
        F("valid_to"),
        function="tstzrange",
        output_field=DateTimeRangeField(),
    )


class GridGroup(models.Model):
    """One version of a management grid (of unit grids) or evaluation grid (of management grids).

    Codes are never reused. A change of members, name or organisation ends a version and begins one.
    """

    class Kind(models.TextChoices):
        MANAGEMENT = "management", "管理网格"
        EVALUATION = "evaluation", "评价网格"

    kind = models.CharField(max_length=12, choices=Kind)
    code = models.CharField(max_length=30)
    zh = models.CharField(max_length=80)
    en = models.CharField(max_length=120, blank=True, default="")
    organisation = models.ForeignKey(
        "administration.Organisation", models.PROTECT, null=True, related_name="+"
    )
    area_class = models.CharField(
        max_length=1, blank=True, default="", help_text="A, B or C; '' = not classed"
    )
    division_code = models.CharField(
        max_length=12, help_text="the smallest division that holds all its unit grids"
    )
    note = models.CharField(max_length=300, blank=True, default="")
    unit_grids = models.IntegerField()
    area_m2 = models.FloatField()
    geometry = models.MultiPolygonField(srid=STORAGE_SRID)
    geometry_web = models.GeneratedField(
        expression=web_polygon(),
        output_field=models.MultiPolygonField(srid=WEB_SRID, spatial_index=False),
        db_persist=True,
    )
    version = models.IntegerField(default=1)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            GistIndex(
                fields=["geometry_web"],
                condition=Q(valid_to__isnull=True),
                name="grid_group_on_tiles",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "code", "version"], name="grid_group_version_once"
            ),
            ExclusionConstraint(
                name="grid_group_one_version_at_a_time",
                expressions=[
                    (F("kind"), RangeOperators.EQUAL),
                    (F("code"), RangeOperators.EQUAL),
                    (_span(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class GridGroupMember(models.Model):
    """What belongs to a management or evaluation grid over a time; to one at a time."""

    kind = models.CharField(max_length=12, choices=GridGroup.Kind)
    group_code = models.CharField(max_length=30)
    member_code = models.CharField(
        max_length=30, help_text="of a unit grid, or of a management grid"
    )
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kind", "group_code"], name="grid_group_member_by_group"),
        ]
        constraints: ClassVar = [
            ExclusionConstraint(
                name="grid_group_member_once_at_a_time",
                expressions=[
                    (F("kind"), RangeOperators.EQUAL),
                    (F("member_code"), RangeOperators.EQUAL),
                    (_span(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class GridSuccession(models.Model):
    """Which unit grid follows which, from when; '' when none follows."""

    class Act(models.TextChoices):
        SPLIT = "split", "拆分"
        MERGED = "merged", "合并"
        RETIRED = "retired", "停用"
        IMPORTED = "imported", "导入"

    old_code = models.CharField(max_length=20)
    new_code = models.CharField(max_length=20, blank=True, default="", db_index=True)
    act = models.CharField(max_length=10, choices=Act)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["old_code", "new_code", "at"], name="grid_succession_once"
            ),
        ]


class Shift(models.Model):
    """A shift of collectors: days of the week and a span of the day, in the platform's zone."""

    code = models.CharField(max_length=30, unique=True)
    zh = models.CharField(max_length=40)
    en = models.CharField(max_length=60, blank=True, default="")
    weekdays = models.JSONField(help_text="[1, …, 7], 1 = Monday: days on which it begins")
    starts = models.TimeField()
    ends = models.TimeField(help_text="not after `starts` = on the next day")
    active = models.BooleanField(default=True)
