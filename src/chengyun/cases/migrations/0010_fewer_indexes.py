"""Drop indexes that repeat the beginning of another, and spatial ones that nothing asks.

By name and not by altering the columns: Django would check every foreign key of a large table
anew, and would take the partial constraint `clock_one_running` for the index of its column.
"""

from typing import ClassVar

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_DROPPED = (
    ("cases_attachment_case_id_1cf64b9f", "cases_attachment (case_id)"),
    ("cases_attachment_position_77d9f560_id", "cases_attachment USING gist (position)"),
    ("cases_clock_case_id_bf0c46ff", "cases_clock (case_id)"),
    ("cases_clock_organisation_id_ffa83dd4", "cases_clock (organisation_id)"),
    ("cases_logentry_case_id_790466ce", "cases_logentry (case_id)"),
    ("cases_logentry_position_423f5f04_id", "cases_logentry USING gist (position)"),
    ("cases_task_assignee_id_4e3ad7d1", "cases_task (assignee_id)"),
    ("cases_task_sent_by_id_725f2618", "cases_task (sent_by_id)"),
)


def _key(to: str, on_delete: object, related_name: str, *, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False, null=null, on_delete=on_delete, related_name=related_name, to=to
    )


def _point() -> django.contrib.gis.db.models.fields.PointField:
    return django.contrib.gis.db.models.fields.PointField(null=True, spatial_index=False, srid=4490)


_PROTECT = django.db.models.deletion.PROTECT
_CASCADE = django.db.models.deletion.CASCADE
_PERSON = settings.AUTH_USER_MODEL
_FIELDS = (
    ("attachment", "case", _key("cases.case", _PROTECT, "attachments", null=True)),
    ("attachment", "position", _point()),
    ("clock", "case", _key("cases.case", _CASCADE, "clocks")),
    ("clock", "organisation", _key("administration.organisation", _PROTECT, "+", null=True)),
    ("logentry", "case", _key("cases.case", _PROTECT, "log")),
    ("logentry", "position", _point()),
    ("task", "assignee", _key(_PERSON, _PROTECT, "+")),
    ("task", "sent_by", _key(_PERSON, _PROTECT, "+", null=True)),
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("cases", "0009_component_of_case"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX IF EXISTS {name}", f"CREATE INDEX {name} ON {columns}"
                )
                for name, columns in _DROPPED
            ],
            state_operations=[
                migrations.AlterField(model_name=model, name=name, field=field)
                for model, name, field in _FIELDS
            ],
        )
    ]
