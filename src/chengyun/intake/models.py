"""Runs of imports, whatever they import, and their bad rows."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone


class ImportRun(models.Model):
    """One import of a file through a mapping; resumable from `next_row`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=20, help_text="of rows: cases, standards, components …")
    source_name = models.CharField(max_length=200)
    source_sha256 = models.CharField(max_length=64, blank=True, default="")
    source_size = models.BigIntegerField(default=0)
    storage_key = models.CharField(
        max_length=200, blank=True, default="", help_text="of an upload, until the run has ended"
    )
    mapping = models.JSONField()
    columns = models.JSONField(default=list, help_text="of the file, in order")
    dry_run = models.BooleanField(default=False)
    state = models.CharField(
        max_length=12, default="waiting", help_text="waiting, running, done, failed, cancelled"
    )
    next_row = models.IntegerField(default=0, help_text="number of the last row done")
    total_rows = models.IntegerField(null=True)
    read = models.IntegerField(default=0)
    made = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0, help_text="here already, or unchanged")
    faulty = models.IntegerField(default=0)
    faults_by_code = models.JSONField(default=dict)
    outcome = models.JSONField(
        default=dict, help_text="what the kind tells besides: further counts, names made"
    )
    quarantine_key = models.CharField(max_length=200, blank=True, default="")
    by = models.ForeignKey("administration.Person", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    progress_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    fault = models.JSONField(default=dict, help_text="field, code, zh, en of what ended it")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="intake_run_by_age")]


class ImportRow(models.Model):
    """A bad row of an import, kept with what is wrong with it."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="faults")
    row = models.IntegerField()
    values = models.JSONField()
    fault = models.JSONField(help_text="field, code, zh, en")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "row"], name="intake_row_once"),
        ]
