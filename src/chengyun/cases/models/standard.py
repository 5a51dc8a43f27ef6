"""Matter types and the standards for filing, disposal and closing."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class MatterType(models.Model):
    """A type of case by a standard's list; the code is unique within its standard and kind."""

    standard = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, help_text="matter or component")
    code = models.CharField(max_length=8)
    class_code = models.CharField(max_length=4)
    class_zh = models.CharField(max_length=60)
    class_en = models.CharField(max_length=100)
    zh = models.CharField(max_length=80)
    en = models.CharField(max_length=160)
    component_code = models.CharField(max_length=8, blank=True, default="")
    code_2013 = models.CharField(max_length=8, blank=True, default="")
    code_2007 = models.CharField(max_length=8, blank=True, default="")
    certainty = models.CharField(max_length=20, blank=True, default="")
    local = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["standard", "kind", "code"], name="matter_type_once"),
        ]


class StandardSet(models.Model):
    """A set of filing, disposal and closing standards, such as one city's manual."""

    code = models.CharField(max_length=40, unique=True)
    zh = models.CharField(max_length=100)
    en = models.CharField(max_length=160, blank=True, default="")
    source = models.CharField(max_length=200, blank=True, default="")
    certainty = models.CharField(max_length=20, blank=True, default="")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    active = models.BooleanField(default=False, help_text="in use; at most one set is")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["active"], condition=models.Q(active=True), name="standard_set_in_use_once"
            ),
        ]


class DisposalStandard(models.Model):
    """One filing condition of a type, with its limit, closing condition and department kind."""

    set = models.ForeignKey(StandardSet, models.CASCADE, related_name="rows")
    matter_type = models.ForeignKey(MatterType, models.PROTECT, related_name="standards")
    condition_no = models.IntegerField()
    area_class = models.CharField(
        max_length=1, blank=True, default="", help_text="'' = every class"
    )
    filing_condition = models.TextField(blank=True, default="")
    filing_condition_en = models.TextField(blank=True, default="")
    disposal_requirement = models.TextField(blank=True, default="")
    closing_condition = models.TextField(blank=True, default="")
    closing_condition_en = models.TextField(blank=True, default="")
    limit_value = models.DecimalField(max_digits=8, decimal_places=2)
    limit_unit = models.CharField(max_length=24)
    department_kind = models.CharField(max_length=40, blank=True, default="")
    supervising_department = models.CharField(max_length=100, blank=True, default="")
    legal_basis = models.TextField(blank=True, default="")
    collection_requirement = models.TextField(blank=True, default="")
    active = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["set", "matter_type", "condition_no", "area_class"],
                name="disposal_standard_once",
            ),
        ]


class DispatchRule(models.Model):
    """Which organisation is proposed for a type at a place; the most specific rule wins."""

    code = models.CharField(
        max_length=40, unique=True, help_text="shown as the reason, such as R-12"
    )
    kind = models.CharField(
        max_length=12, blank=True, default="", help_text="of the class; '' = both kinds"
    )
    class_code = models.CharField(max_length=4, blank=True, default="")
    matter_type = models.ForeignKey(MatterType, models.CASCADE, null=True, blank=True)
    division_code = models.CharField(max_length=12, blank=True, default="")
    organisation = models.ForeignKey(
        "administration.Organisation", models.CASCADE, related_name="+"
    )
    priority = models.IntegerField(default=0)
    note = models.CharField(max_length=200, blank=True, default="")
    active = models.BooleanField(default=True)
