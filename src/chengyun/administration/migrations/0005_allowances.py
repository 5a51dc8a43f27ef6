"""Allowances of what costs much: shared by the web processes, not worth a write to disk."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("administration", "0004_pinyin")]
    operations = [
        migrations.CreateModel(
            name="Allowance",
            fields=[
                (
                    "key",
                    models.CharField(max_length=80, primary_key=True, serialize=False),
                ),
                ("full_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            # A part of each page stays free: a changed row then needs no new entry in the index.
            "ALTER TABLE administration_allowance SET UNLOGGED;"
            "ALTER TABLE administration_allowance SET (fillfactor = 50)",
            migrations.RunSQL.noop,
        ),
    ]
