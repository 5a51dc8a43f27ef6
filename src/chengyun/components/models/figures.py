"""Kept numbers of components, so that figures over a million rows are read at once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ComponentCount(models.Model):
    """How many components are alike in everything that figures count by, grids apart.

    The columns are named as the components' own: the same conditions narrow both.
    """

    type_id = models.BigIntegerField()
    state = models.CharField(max_length=20)
    source = models.CharField(max_length=20)
    competent_id = models.BigIntegerField(null=True)
    owner_id = models.BigIntegerField(null=True)
    maintainer_id = models.BigIntegerField(null=True)
    community_code = models.CharField(max_length=12)
    street_code = models.CharField(max_length=9)
    district_code = models.CharField(max_length=6)
    retired_at = models.DateTimeField(null=True, help_text="the first of them; null = in use")
    n = models.IntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["district_code"], name="component_count_by_district")
        ]


class ComponentCountAge(models.Model):
    """When the kept numbers were counted, and of which version of the components."""

    id = models.IntegerField(primary_key=True, default=1)
    counted_at = models.DateTimeField()
    layer_version = models.BigIntegerField()
