"""The case, its clocks, its tasks and its reporters."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db.models import F, Q


class Case(models.Model):
    """A case (案卷). The row holds the present; the log holds how it came to be.

    `state` and `desk` change only through the workflow table. Exactly one holder: `desk`, and
    where the desk is a department or a collector also `holder_organisation` / `holder_person`.
    The running clock is repeated here (`due_at`, `yellow_at`, `light`) so that lists sort by it.
    """

    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, help_text="component or matter")
    source = models.CharField(max_length=20)
    record_type = models.CharField(max_length=12, default="daily")
    # Foreign keys whose lists have an index that begins with them need none of their own; each
    # index less makes every act cheaper.
    matter_type = models.ForeignKey(
        "cases.MatterType", models.PROTECT, related_name="+", db_index=False
    )
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True, default="")
    address = models.CharField(max_length=200, blank=True, default="")
    position = models.PointField(srid=4490, null=True)
    position_source = models.CharField(
        max_length=40, blank=True, default="", help_text="CRS as given"
    )
    grid = models.ForeignKey(
        "territory.UnitGrid", models.PROTECT, null=True, related_name="+", db_index=False
    )
    grid_code = models.CharField(max_length=20, blank=True, default="")
    community_code = models.CharField(max_length=12, blank=True, default="")
    street_code = models.CharField(max_length=9, blank=True, default="")
    district_code = models.CharField(max_length=6, blank=True, default="")
    area_class = models.CharField(max_length=1, blank=True, default="")
    component_code = models.CharField(max_length=20, blank=True, default="")
    urgent = models.BooleanField(default=False)

    state = models.CharField(max_length=20)
    desk = models.CharField(max_length=20, blank=True, default="", help_text="'' when ended")
    holder_organisation = models.ForeignKey(
        "administration.Organisation", models.PROTECT, null=True, related_name="+", db_index=False
    )
    holder_person = models.ForeignKey(
        "administration.Person", models.PROTECT, null=True, related_name="+", db_index=False
    )
    pending = models.CharField(max_length=12, blank=True, default="", help_text="return, void, …")
    verified = models.BooleanField(null=True, help_text="answer of verify_before_filing")
    is_open = models.BooleanField(default=True)

    standard = models.ForeignKey(
        "cases.DisposalStandard", models.PROTECT, null=True, related_name="+"
    )
    responsible = models.ForeignKey(
        "administration.Organisation", models.PROTECT, null=True, related_name="+", db_index=False
    )
    assisting_ids: models.Field[list[int], list[int]] = ArrayField(
        models.BigIntegerField(), default=list
    )
    created_by = models.ForeignKey(
        "administration.Person", models.PROTECT, null=True, related_name="+", db_index=False
    )

    stage = models.CharField(
        max_length=20, blank=True, default="", help_text="of the running clock"
    )
    due_at = models.DateTimeField(null=True)
    yellow_at = models.DateTimeField(null=True)
    light = models.SmallIntegerField(default=0, help_text="0 none, 1 green, 2 yellow, 3 red")
    case_due_at = models.DateTimeField(null=True)
    case_yellow_at = models.DateTimeField(null=True)
    case_light = models.SmallIntegerField(default=0)
    calendar_uncertain = models.BooleanField(
        default=False, help_text="a limit ran into an unknown year"
    )

    rework_count = models.SmallIntegerField(default=0)
    return_count = models.SmallIntegerField(default=0)
    reported_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    filed_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    thumbnail = models.UUIDField(null=True, help_text="first attachment that has one")
    version = models.IntegerField(default=1)
    log_length = models.IntegerField(default=0)
    log_head = models.BinaryField(max_length=32, default=b"")
    search: models.Field[list[int], list[int]] = ArrayField(
        models.IntegerField(), default=list, help_text="keys of the terms of its words"
    )
    external_system = models.CharField(max_length=40, blank=True, default="")
    external_id = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["external_system", "external_id"],
                condition=~Q(external_system=""),
                name="case_external_once",
            ),
            models.CheckConstraint(condition=Q(light__range=(0, 3)), name="case_light_range"),
            models.CheckConstraint(
                condition=Q(is_open=True) | Q(desk=""), name="case_ended_has_no_holder"
            ),
            models.CheckConstraint(
                condition=Q(is_open=False) | ~Q(desk=""), name="case_open_has_a_holder"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-reported_at", "-id"], name="case_by_report"),
            models.Index(fields=["district_code", "-reported_at", "-id"], name="case_by_district"),
            models.Index(fields=["street_code", "-reported_at", "-id"], name="case_by_street"),
            models.Index(fields=["responsible", "-reported_at", "-id"], name="case_by_responsible"),
            models.Index(fields=["matter_type", "-reported_at", "-id"], name="case_by_type"),
            models.Index(fields=["state", "-reported_at", "-id"], name="case_by_state"),
            models.Index(F("updated_at").desc(), F("id").desc(), name="case_by_update"),
            models.Index(fields=["created_by", "-reported_at", "-id"], name="case_by_creator"),
            models.Index(
                fields=["state", "due_at", "id"],
                condition=Q(is_open=True),
                name="case_queue_by_state",
            ),
            models.Index(
                fields=["pending", "due_at", "id"],
                condition=Q(is_open=True) & ~Q(pending=""),
                name="case_queue_by_pending",
            ),
            models.Index(
                fields=["due_at", "id"], condition=Q(is_open=True), name="case_open_by_due"
            ),
            models.Index(
                fields=["state", "pending", "urgent"],
                include=[
                    "due_at",
                    "yellow_at",
                    "district_code",
                    "street_code",
                    "community_code",
                    "kind",
                    "holder_organisation",
                ],
                condition=Q(is_open=True),
                name="case_open_counts",
            ),
            GinIndex(
                fields=["assisting_ids"], condition=~Q(assisting_ids=[]), name="case_by_assistant"
            ),
            models.Index(
                fields=["holder_organisation", "due_at", "id"],
                condition=Q(is_open=True),
                name="case_queue_by_organisation",
            ),
            models.Index(
                fields=["responsible"], condition=Q(is_open=True), name="case_open_by_responsible"
            ),
            models.Index(
                fields=["holder_person", "due_at", "id"],
                condition=Q(is_open=True),
                name="case_queue_by_person",
            ),
            models.Index(fields=["grid_code", "-reported_at"], name="case_by_grid"),
            models.Index(
                fields=["component_code", "-reported_at", "-id"],
                condition=~Q(component_code=""),
                name="case_by_component",
            ),
            models.Index(
                fields=["-ended_at", "-id"],
                condition=Q(ended_at__isnull=False),
                name="case_by_end",
            ),
            # As an expression: for a bare geometry column Django leaves the condition out.
            GistIndex(
                OpClass(F("position"), name="gist_geometry_ops_2d"),
                condition=Q(is_open=True),
                name="case_open_by_position",
            ),
            GinIndex(fields=["search"], name="case_search"),
        ]


class Reporter(models.Model):
    """Who reported; personal data, kept apart and read only through a logged query."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="reporters")
    name = models.CharField(max_length=60, blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")
    anonymous = models.BooleanField(default=False)
    source = models.CharField(max_length=20, blank=True, default="")
    at = models.DateTimeField()


class Clock(models.Model):
    """One run of one stage's clock, or of the whole case's (stage `whole`)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks", db_index=False)
    stage = models.CharField(max_length=20)
    round = models.SmallIntegerField(default=1)
    organisation = models.ForeignKey(
        "administration.Organisation", models.PROTECT, null=True, related_name="+", db_index=False
    )
    limit_value = models.DecimalField(max_digits=8, decimal_places=2)
    limit_unit = models.CharField(max_length=24)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    yellow_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    paused_s = models.BigIntegerField(default=0, help_text="seconds of pauses that ended")
    pauses: models.Field[list[datetime] | None, list[datetime] | None] = ArrayField(
        models.DateTimeField(), null=True, help_text="beginning and end of each, in turn"
    )
    used_s = models.BigIntegerField(default=0, help_text="counted seconds, up to pause or finish")
    limit_s = models.BigIntegerField(help_text="counted seconds that the limit grants")
    extended_s = models.BigIntegerField(default=0)
    yellow_s = models.BigIntegerField(null=True, help_text="counted seconds until the warning")
    finished_at = models.DateTimeField(null=True)
    light = models.SmallIntegerField(default=1)
    overdue = models.BooleanField(default=False)
    exempt = models.BooleanField(default=False)
    uncertain = models.BooleanField(
        default=False, help_text="ran into a year with unknown holidays"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "stage", "round"], name="clock_round_once"),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(finished_at__isnull=True, paused_at__isnull=True) & ~Q(stage="whole"),
                name="clock_one_running",
            ),
            models.CheckConstraint(condition=Q(used_s__gte=0), name="clock_used_not_negative"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["yellow_at"],
                condition=Q(finished_at__isnull=True, paused_at__isnull=True, light=1),
                name="clock_turns_yellow",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(finished_at__isnull=True, paused_at__isnull=True, light__lt=3),
                name="clock_turns_red",
            ),
        ]


class Task(models.Model):
    """A verify or check task sent to a collector."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=10, help_text="verify or check")
    assignee = models.ForeignKey(
        "administration.Person", models.PROTECT, related_name="+", db_index=False
    )
    sent_by = models.ForeignKey(
        "administration.Person", models.PROTECT, null=True, related_name="+", db_index=False
    )
    sent_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    result = models.BooleanField(null=True)
    opinion = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(answered_at__isnull=True), name="task_one_open"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["assignee", "answered_at"], name="task_by_assignee")
        ]


class NumberDay(models.Model):
    """Where a day's case numbers begin in the sequence `cases_case_number`.

    Filled by the database function `cases_next_number`, so that numbers are counted daily without
    a lock between the day's reports.
    """

    on = models.DateField(primary_key=True)
    base = models.BigIntegerField()
