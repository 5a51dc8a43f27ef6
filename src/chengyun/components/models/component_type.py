"""Component types."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ComponentType(models.Model):
    """A type of component by a standard's code list; the code is unique within its standard."""

    standard = models.CharField(max_length=40)
    code = models.CharField(max_length=8)
    class_code = models.CharField(max_length=4)
    class_zh = models.CharField(max_length=60)
    class_en = models.CharField(max_length=100)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=120)
    geometry = models.CharField(max_length=10)
    code_2013 = models.CharField(max_length=8, blank=True, default="")
    code_2007 = models.CharField(max_length=8, blank=True, default="")
    certainty = models.CharField(max_length=20, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    local = models.BooleanField(default=False, help_text="an extension of this city")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["standard", "code"], name="component_type_once"),
        ]
