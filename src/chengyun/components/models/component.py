"""Components, what was changed of them, and the numbers of their codes."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db.models import Q

STORAGE_SRID = 4490
_NOT_USUAL = ~Q(state="intact")


class Component(models.Model):
    """A component of the city. Its code is never given to another; a retired one keeps its row."""

    code = models.CharField(max_length=20, unique=True)
    type = models.ForeignKey(
        "components.ComponentType", models.PROTECT, related_name="+", db_index=False
    )
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=20, help_text="of the dictionary component_state")
    competent = models.ForeignKey(
        "administration.Organisation",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="主管",
    )
    owner = models.ForeignKey(
        "administration.Organisation",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="权属",
    )
    maintainer = models.ForeignKey(
        "administration.Organisation",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="养护",
    )
    position = models.PointField(srid=STORAGE_SRID, help_text="of a line or area a point on it")
    shape = models.GeometryField(
        srid=STORAGE_SRID, null=True, spatial_index=False, help_text="of a line or area"
    )
    position_source = models.CharField(max_length=20, default="EPSG:4490")
    accuracy = models.CharField(max_length=1, blank=True, default="", help_text="A, B, C or ''")
    bearing = models.FloatField(null=True, help_text="that it faces [degrees from north]")
    grid_code = models.CharField(max_length=20)
    community_code = models.CharField(max_length=12)
    street_code = models.CharField(max_length=9)
    district_code = models.CharField(max_length=6)
    address = models.CharField(max_length=200, blank=True, default="")
    source = models.CharField(max_length=20, help_text="of the dictionary component_source")
    attributes = models.JSONField(default=dict)
    note = models.CharField(max_length=500, blank=True, default="")
    initial_on = models.DateField(null=True)
    changed_on = models.DateField(null=True)
    retired_at = models.DateTimeField(null=True)
    search = ArrayField(models.CharField(max_length=40), default=list)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["type", "code"], name="component_by_type"),
            models.Index(fields=["district_code", "code"], name="component_by_district"),
            models.Index(fields=["street_code", "code"], name="component_by_street"),
            models.Index(fields=["grid_code", "code"], name="component_by_grid"),
            models.Index(
                fields=["competent", "code"],
                condition=Q(competent__isnull=False),
                name="component_by_competent",
            ),
            models.Index(
                fields=["owner", "code"],
                condition=Q(owner__isnull=False),
                name="component_by_owner",
            ),
            models.Index(
                fields=["maintainer", "code"],
                condition=Q(maintainer__isnull=False),
                name="component_by_maintainer",
            ),
            models.Index(fields=["state", "code"], condition=_NOT_USUAL, name="component_by_state"),
            GinIndex(fields=["search"], name="component_by_words"),
            GistIndex(
                fields=["shape"], condition=Q(shape__isnull=False), name="component_by_shape"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(accuracy__in=["", "A", "B", "C"]), name="component_accuracy"
            ),
            models.CheckConstraint(
                condition=Q(bearing__isnull=True) | Q(bearing__gte=0, bearing__lt=360),
                name="component_bearing",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="component_version"),
        ]


class ComponentVersion(models.Model):
    """One change of a component. Append only: earlier states follow by undoing the later ones."""

    # Components are never deleted and both rows come in one statement: an import of a million rows
    # need not look each up again.
    component = models.ForeignKey(
        Component, models.PROTECT, related_name="versions", db_index=False, db_constraint=False
    )
    version = models.IntegerField()
    act = models.CharField(max_length=12, help_text="registered, changed, moved, retired…")
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60)
    reason = models.CharField(max_length=300, blank=True, default="")
    changes = models.JSONField(default=dict, help_text="field → [before, after]")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["component", "version"], name="component_version_once"),
        ]


class CodeCounter(models.Model):
    """The last sequence number given to components whose codes begin alike."""

    prefix = models.CharField(max_length=20, primary_key=True)
    last = models.BigIntegerField()
