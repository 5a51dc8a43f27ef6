"""The case's log and its attachments."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField


class LogEntry(models.Model):
    """One act on a case. Append only (enforced by a trigger), chained by hash within the case."""

    # No index of its own where a constraint or an index of several columns begins with the column:
    # every act would pay for it.
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="log", db_index=False)
    seq = models.IntegerField()
    at = models.DateTimeField()
    act = models.CharField(max_length=40)
    actor_id = models.BigIntegerField(null=True, help_text="null = the system")
    actor_name = models.CharField(max_length=60, blank=True, default="")
    role = models.CharField(max_length=40, blank=True, default="")
    organisation_id = models.BigIntegerField(null=True)
    organisation_name = models.CharField(max_length=100, blank=True, default="")
    opinion = models.TextField(blank=True, default="")
    receiver = models.CharField(max_length=160, blank=True, default="")
    from_state = models.CharField(max_length=20, blank=True, default="")
    to_state = models.CharField(max_length=20)
    attachment_ids: models.Field[list[uuid.UUID], list[uuid.UUID]] = ArrayField(
        models.UUIDField(), default=list
    )
    position = models.PointField(srid=4490, null=True, spatial_index=False)
    data = models.JSONField(default=dict, help_text="holder after, clock effects, choices")
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "seq"], name="log_entry_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["actor_id", "-at"], name="log_by_actor")]


class Attachment(models.Model):
    """A photo, audio, video or document; the file lies in the attachment storage."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    case = models.ForeignKey(
        "cases.Case", models.PROTECT, null=True, related_name="attachments", db_index=False
    )
    phase = models.CharField(max_length=12, help_text="report, verify, disposal, check, other")
    kind = models.CharField(max_length=10, help_text="photo, audio, video, document")
    media_type = models.CharField(max_length=80)
    name = models.CharField(max_length=120, blank=True, default="")
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    position = models.PointField(srid=4490, null=True, spatial_index=False)
    storage_key = models.CharField(max_length=200)
    thumbnail_key = models.CharField(max_length=200, blank=True, default="")
    by = models.ForeignKey(
        "administration.Person", models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["case", "phase", "at"], name="attachment_by_case"),
            models.Index(fields=["by", "-at"], name="attachment_by_person"),
        ]
