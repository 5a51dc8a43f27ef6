"""Readings of names, for finding."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("administration", "0003_change_sequences")]
    operations = [
        migrations.AddField(
            model_name=name,
            name="pinyin",
            field=models.CharField(blank=True, default="", help_text="for finding", max_length=400),
        )
        for name in ("person", "organisation")
    ]
