"""Sequences that tell every process to drop its copies; earlier passwords; pinyin order."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Collate


class Migration(migrations.Migration):
    dependencies = [("administration", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            # Called once here: last_value does not move at the first call of a new sequence.
            "CREATE SEQUENCE administration_access_change; CREATE SEQUENCE administration_reference_change;"
            "SELECT nextval('administration_access_change'), nextval('administration_reference_change');",
            "DROP SEQUENCE administration_access_change; DROP SEQUENCE administration_reference_change;",
        ),
        migrations.CreateModel(
            name="EarlierPassword",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=128)),
                ("at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="earlier_passwords",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(Collate("name", "zh-x-icu"), "id", name="person_by_pinyin"),
        ),
        migrations.AddIndex(
            model_name="organisation",
            index=models.Index(Collate("zh", "zh-x-icu"), "id", name="organisation_by_pinyin"),
        ),
        migrations.AddIndex(
            model_name="signin",
            index=models.Index(
                fields=["person", "-last_seen_at"],
                condition=models.Q(ended_at=None),
                name="sign_in_open",
            ),
        ),
    ]
