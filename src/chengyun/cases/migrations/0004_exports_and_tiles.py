"""Choices of exports; indexes of ended cases, and of open cases on the map."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    """Linear, small; the indexes are built while the platform stands still."""

    dependencies = [("cases", "0003_case_numbers")]

    operations = [
        migrations.AddField(
            model_name="exportrun",
            name="columns",
            field=models.JSONField(default=list, help_text="codes, in order"),
        ),
        migrations.AddField(
            model_name="exportrun",
            name="language",
            field=models.CharField(default="zh", max_length=2),
        ),
        migrations.AddIndex(
            model_name="exportrun",
            index=models.Index(fields=["person", "created_at"], name="export_by_person"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False)),
                fields=["-ended_at", "-id"],
                name="case_by_end",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GistIndex(
                django.contrib.postgres.indexes.OpClass(
                    models.F("position"), name="gist_geometry_ops_2d"
                ),
                condition=models.Q(("is_open", True)),
                name="case_open_by_position",
            ),
        ),
    ]
