"""Addresses, the names by which they are or were known, and what was changed of them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db.models import F, Q

from chengyun.territory.models.projection import STORAGE_SRID

_IN_FORCE = Q(valid_to__isnull=True)


class Address(models.Model):
    """An address of the city. Its code is never given to another; a retired one keeps its row."""

    class Kind(models.TextChoices):
        DIVISION = "division", "区域"
        TRACT = "tract", "地片"
        STREET = "street", "街巷"
        DOOR_PLATE = "door_plate", "门(楼)牌"
        POI = "poi", "兴趣点"

    code = models.CharField(max_length=40, null=True, unique=True, help_text="null: none given")
    kind = models.CharField(max_length=10, choices=Kind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    name = models.CharField(max_length=100, help_text="its own part: 人民路, 12号, 人民公园")
    full = models.CharField(max_length=300, help_text="composed from large to small")
    number = models.CharField(max_length=20, blank=True, default="", help_text="12, 12-1, 甲12")
    number_value = models.IntegerField(null=True, help_text="for what lies between two plates")
    division_code = models.CharField(max_length=12)
    point = models.PointField(srid=STORAGE_SRID, spatial_index=False)
    geometry = models.GeometryField(
        srid=STORAGE_SRID, null=True, spatial_index=False, help_text="of a street or tract"
    )
    source = models.CharField(max_length=60, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True, help_text="null: in force")
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="into which it was merged",
    )
    version = models.IntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["division_code", "id"], name="address_by_division"),
            models.Index(fields=["kind", "division_code", "id"], name="address_by_kind"),
            models.Index(
                fields=["parent", "number_value"],
                condition=Q(parent__isnull=False),
                name="address_by_parent",
            ),
            GistIndex(fields=["point"], condition=_IN_FORCE, name="address_by_point"),
            GistIndex(
                fields=["geometry"],
                condition=_IN_FORCE & Q(geometry__isnull=False),
                name="address_by_geometry",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(kind="door_plate") | Q(parent__isnull=False),
                name="address_plate_has_parent",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="address_days",
            ),
        ]


class AddressName(models.Model):
    """A name under which an address is found, present or former.

    The present number of a door plate is not here: it is found below its street. Kind, division
    and point are the address's, kept beside so that finding needs no join.
    """

    address = models.ForeignKey(Address, models.CASCADE, related_name="names")
    parent_id = models.BigIntegerField(null=True, help_text="of a former number of a door plate")
    number = models.CharField(max_length=20, blank=True, default="")
    name = models.CharField(max_length=100)
    is_current = models.BooleanField(default=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    kind = models.CharField(max_length=10)
    division_code = models.CharField(max_length=12)
    point = models.PointField(srid=STORAGE_SRID, spatial_index=False)
    pinyin = models.CharField(max_length=400)
    initials = models.CharField(max_length=100)
    grams = ArrayField(models.CharField(max_length=2), default=list)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                OpClass(F("name"), name="varchar_pattern_ops"), name="address_name_begins"
            ),
            models.Index(
                OpClass(F("pinyin"), name="varchar_pattern_ops"), name="address_pinyin_begins"
            ),
            models.Index(
                OpClass(F("initials"), name="varchar_pattern_ops"),
                name="address_initials_begin",
            ),
            GinIndex(fields=["grams"], name="address_name_grams"),
            models.Index(
                fields=["parent_id", "number"],
                condition=~Q(number=""),
                name="address_former_number",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["address"], condition=Q(is_current=True), name="address_one_current_name"
            ),
        ]


class AddressChange(models.Model):
    """Who changed what of an address, and when. Append only."""

    address = models.ForeignKey(Address, models.PROTECT, related_name="changes", db_index=False)
    version = models.IntegerField()
    act = models.CharField(max_length=12, help_text="registered, changed, renamed, merged…")
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60)
    reason = models.CharField(max_length=300, blank=True, default="")
    changes = models.JSONField(default=dict, help_text="field → [before, after]")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["address", "version"], name="address_change_once"),
        ]
