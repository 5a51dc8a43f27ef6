"""Attributes that components of a type, a class or any type have beside the standard ones."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class AttributeDefinition(models.Model):
    """One further attribute, as data: what it is called and which values it takes."""

    class Kind(models.TextChoices):
        TEXT = "text", "文本"
        INTEGER = "integer", "整数"
        DECIMAL = "decimal", "小数"
        BOOLEAN = "boolean", "是否"
        DATE = "date", "日期"
        CHOICE = "choice", "选项"

    type_code = models.CharField(
        max_length=8, blank=True, default="", help_text="a type, a class (2 digits), '' = every one"
    )
    name = models.CharField(max_length=40, help_text="key in the component's attributes")
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=80, blank=True, default="")
    kind = models.CharField(max_length=10, choices=Kind)
    unit = models.CharField(max_length=20, blank=True, default="")
    choices = models.JSONField(default=list, help_text='[{"code", "zh", "en"}], of a choice')
    minimum = models.FloatField(null=True)
    maximum = models.FloatField(null=True)
    required = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    sort = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["type_code", "name"], name="attribute_once"),
        ]
