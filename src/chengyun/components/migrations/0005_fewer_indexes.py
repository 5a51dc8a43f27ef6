# Drafted by Django 5.2.19 on 2026-11-23 18:45

import django.contrib.gis.db.models.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("administration", "0004_pinyin"),
        ("components", "0004_imports"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="component",
            name="component_by_competent",
        ),
        migrations.RemoveIndex(
            model_name="component",
            name="component_by_owner",
        ),
        migrations.RemoveIndex(
            model_name="component",
            name="component_by_maintainer",
        ),
        migrations.AlterField(
            model_name="component",
            name="shape",
            field=django.contrib.gis.db.models.fields.GeometryField(
                help_text="of a line or area", null=True, spatial_index=False, srid=4490
            ),
        ),
        migrations.AlterField(
            model_name="component",
            name="type",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="components.componenttype",
            ),
        ),
        migrations.AlterField(
            model_name="componentversion",
            name="component",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="components.component",
            ),
        ),
        migrations.AddIndex(
            model_name="component",
            index=models.Index(
                condition=models.Q(("competent__isnull", False)),
                fields=["competent", "code"],
                name="component_by_competent",
            ),
        ),
        migrations.AddIndex(
            model_name="component",
            index=models.Index(
                condition=models.Q(("owner__isnull", False)),
                fields=["owner", "code"],
                name="component_by_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="component",
            index=models.Index(
                condition=models.Q(("maintainer__isnull", False)),
                fields=["maintainer", "code"],
                name="component_by_maintainer",
            ),
        ),
        # By itself GeoDjango leaves the condition out.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE INDEX component_by_shape ON components_component USING gist (shape)"
                    " WHERE shape IS NOT NULL",
                    "DROP INDEX component_by_shape",
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    model_name="component",
                    index=django.contrib.postgres.indexes.GistIndex(
                        condition=models.Q(("shape__isnull", False)),
                        fields=["shape"],
                        name="component_by_shape",
                    ),
                ),
            ],
        ),
    ]
