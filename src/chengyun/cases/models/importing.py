"""Runs of case imports."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class ImportRun(models.Model):
    """One import of a file through a mapping; resumable from `next_row`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    source_name = models.CharField(max_length=200)
    source_sha256 = models.CharField(max_length=64)
    mapping = models.JSONField()
    dry_run = models.BooleanField(default=False)
    state = models.CharField(
        max_length=12, default="waiting", help_text="waiting, running, done, failed"
    )
    next_row = models.IntegerField(default=0)
    total_rows = models.IntegerField(null=True)
    made = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    faulty = models.IntegerField(default=0)
    quarantine_key = models.CharField(max_length=200, blank=True, default="")
    by = models.ForeignKey("administration.Person", models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=500, blank=True, default="")


class ImportRow(models.Model):
    """A faulty row of an import, kept with what was wrong."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="faults")
    row = models.IntegerField()
    values = models.JSONField()
    faults = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "row"], name="import_row_once"),
        ]
