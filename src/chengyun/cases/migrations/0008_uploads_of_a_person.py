"""What somebody has uploaded lately, by an index."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Linear; the index in place of the foreign key's own."""

    dependencies = [
        ("cases", "0007_one_set_in_use"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            "attachment",
            "by",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            "attachment", models.Index(fields=["by", "-at"], name="attachment_by_person")
        ),
    ]
