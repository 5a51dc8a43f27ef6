"""What a person keeps at the desk: saved views and exports."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class SavedView(models.Model):
    """A named set of filters; `shared` ones are seen by the whole organisation."""

    person = models.ForeignKey("administration.Person", models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    filters = models.JSONField(default=dict)
    shared = models.BooleanField(default=False)
    sort = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "name"], name="saved_view_once"),
        ]


class ExportRun(models.Model):
    """A long export made by the worker."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey("administration.Person", models.CASCADE, related_name="+")
    filters = models.JSONField(default=dict)
    columns = models.JSONField(default=list, help_text="codes, in order")
    language = models.CharField(max_length=2, default="zh")
    state = models.CharField(
        max_length=12, default="waiting", help_text="waiting, running, done, failed"
    )
    done_rows = models.IntegerField(default=0)
    total_rows = models.IntegerField(null=True)
    storage_key = models.CharField(max_length=200, blank=True, default="")
    fault = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "created_at"], name="export_by_person")]
