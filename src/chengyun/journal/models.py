"""The journal table."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class TransactionIdField(models.BigIntegerField):  # type: ignore[type-arg]
    """The 64-bit id of the writing transaction (PostgreSQL xid8)."""

    def db_type(self, connection: object) -> str:
        """Return the column type."""
        return "xid8"


class CurrentTransactionId(models.Func):
    """pg_current_xact_id()."""

    function = "pg_current_xact_id"
    template = "%(function)s()"
    output_field = TransactionIdField()


class Event(models.Model):
    """One thing that happened, written in the transaction that made it happen.

    `xid` is the writing transaction; readers page by (xid, seq) below the snapshot's xmin, so that
    a slow transaction's events are never skipped.
    """

    seq = models.BigAutoField(primary_key=True)
    xid = TransactionIdField(db_default=CurrentTransactionId())
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    actor_id = models.BigIntegerField(null=True)
    division_code = models.CharField(max_length=12, blank=True, default="")
    organisation_ids: models.Field[list[int], list[int]] = ArrayField(
        models.BigIntegerField(), default=list
    )
    case_kind = models.CharField(max_length=12, blank=True, default="")
    payload = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["xid", "seq"], name="journal_event_cursor")]
