"""Census of components: plans, a task for each area, what was found, who did what when."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Q

from chengyun.components.models.component import STORAGE_SRID


class CensusPlan(models.Model):
    """One census: where, of which types, when. States stand in data/census_moves.csv."""

    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=10, help_text="a task for each grid, or community")
    types = ArrayField(models.CharField(max_length=8), default=list, help_text="[] = every type")
    starts_on = models.DateField()
    ends_on = models.DateField()
    note = models.CharField(max_length=500, blank=True, default="")
    tolerance_m = models.FloatField(default=2, help_text="nearer is not moved [m]")
    duplicate_m = models.FloatField(default=3, help_text="a new one nearer may be known [m]")
    state = models.CharField(max_length=12, default="draft")
    report = models.JSONField(null=True, help_text="figures at the close")
    version = models.IntegerField(default=1)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")), name="census_plan_period"
            ),
        ]


class CensusTask(models.Model):
    """The census of one area. Its figures are kept with every finding and decision."""

    plan = models.ForeignKey(CensusPlan, models.PROTECT, related_name="tasks")
    area_code = models.CharField(max_length=20)
    community_code = models.CharField(max_length=12)
    street_code = models.CharField(max_length=9)
    district_code = models.CharField(max_length=6)
    collector = models.ForeignKey(
        "administration.Person", models.PROTECT, null=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=12, default="assigned")
    known = models.IntegerField(default=0)
    confirmed = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    gone = models.IntegerField(default=0)
    fresh = models.IntegerField(default=0, help_text="found and not known")
    undecided = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    version = models.IntegerField(default=1)
    updated_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["collector", "state", "id"], name="census_task_by_collector"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "area_code"], name="census_task_once"),
        ]


class CensusFinding(models.Model):
    """What a collector found of one component; his device's `key` makes sending twice once."""

    task = models.ForeignKey(CensusTask, models.PROTECT, related_name="findings", db_index=False)
    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, help_text="confirmed, changed, gone, new")
    component = models.ForeignKey(
        "components.Component", models.PROTECT, null=True, related_name="+", db_index=False
    )
    base_version = models.IntegerField(null=True, help_text="of the component as it was seen")
    type_code = models.CharField(max_length=8)
    values = models.JSONField(default=dict, help_text="as found, only the fields that were told")
    changes = models.JSONField(default=dict, help_text="field → [known, found]")
    position = models.PointField(srid=STORAGE_SRID, null=True, spatial_index=False)
    shape = models.GeometryField(srid=STORAGE_SRID, null=True, spatial_index=False)
    position_source = models.CharField(max_length=20, blank=True, default="")
    moved_m = models.FloatField(null=True)
    note = models.CharField(max_length=500, blank=True, default="")
    found_at = models.DateTimeField()
    received_at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60)
    decision = models.CharField(max_length=10, blank=True, default="")
    decision_reason = models.CharField(max_length=300, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(max_length=60, blank=True, default="")
    made = models.ForeignKey(
        "components.Component", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["component"],
                condition=Q(component__isnull=False),
                name="census_finding_by_component",
            ),
            models.Index(
                fields=["made"], condition=Q(made__isnull=False), name="census_finding_by_made"
            ),
            GistIndex(fields=["position"], condition=Q(kind="new"), name="census_finding_new_at"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "key"], name="census_finding_once"),
            models.UniqueConstraint(
                fields=["task", "component"],
                condition=Q(component__isnull=False),
                name="census_finding_of_component_once",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", "accepted", "refused"]), name="census_decision"
            ),
        ]


class CensusEvent(models.Model):
    """Who moved a plan or one of its tasks, and why. Append only."""

    plan = models.ForeignKey(CensusPlan, models.PROTECT, related_name="events", db_index=False)
    task = models.ForeignKey(CensusTask, models.PROTECT, null=True, related_name="events")
    act = models.CharField(max_length=12)
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60)
    reason = models.CharField(max_length=300, blank=True, default="")
    from_state = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["plan"], condition=Q(task__isnull=True), name="census_event_of_plan"
            ),
        ]
