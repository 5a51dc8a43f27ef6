"""Imports by upload: what a run tells of itself while the worker does it."""

import django.utils.timezone
from django.db import migrations, models


def _count(**more):
    return models.IntegerField(default=0, **more)


class Migration(migrations.Migration):
    """Linear; the tables of imports are small."""

    dependencies = [("cases", "0005_case_read_indexes")]

    operations = [
        migrations.AddField(
            "importrun",
            "kind",
            models.CharField(default="cases", help_text="cases, standards", max_length=12),
        ),
        migrations.AddField("importrun", "source_size", models.BigIntegerField(default=0)),
        migrations.AddField(
            "importrun",
            "storage_key",
            models.CharField(
                blank=True,
                default="",
                help_text="of an upload, until the run has ended",
                max_length=200,
            ),
        ),
        migrations.AddField(
            "importrun",
            "columns",
            models.JSONField(default=list, help_text="of the file, in order"),
        ),
        migrations.AddField("importrun", "read", _count()),
        migrations.AddField("importrun", "changed", _count()),
        migrations.AddField("importrun", "still_open", _count(help_text="made, and not ended")),
        migrations.AddField("importrun", "without_position", _count()),
        migrations.AddField("importrun", "outside_grids", _count()),
        migrations.AddField(
            "importrun",
            "outcome",
            models.JSONField(
                default=dict,
                help_text="faults by code; names of types, divisions, departments made",
            ),
        ),
        migrations.AddField(
            "importrun",
            "created_at",
            models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField("importrun", "progress_at", models.DateTimeField(null=True)),
        migrations.RemoveField("importrun", "fault"),
        migrations.AddField(
            "importrun",
            "fault",
            models.JSONField(default=dict, help_text="code, field, zh, en of what ended it"),
        ),
        migrations.AlterField(
            "importrun",
            "state",
            models.CharField(
                default="waiting",
                help_text="waiting, running, done, failed, cancelled",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            "importrun",
            "next_row",
            models.IntegerField(default=0, help_text="number of the last row done"),
        ),
        migrations.AlterField(
            "importrun",
            "skipped",
            models.IntegerField(default=0, help_text="here already, or unchanged"),
        ),
        migrations.AddIndex(
            "importrun",
            models.Index(fields=["-created_at", "-id"], name="import_by_age"),
        ),
    ]
