"""Indexes of the lists, the queues and their counts; foreign keys they cover lose their own."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# Mostly who holds a case is who is responsible: the index holds only the others.
ELSEWHERE = """
CREATE INDEX case_held_elsewhere ON cases_case (holder_organisation_id)
WHERE is_open AND holder_organisation_id IS DISTINCT FROM responsible_id
"""
# The planner must know that what is open is rare and in which states it is.
STATISTICS = (
    "CREATE STATISTICS case_open_states (dependencies, mcv) ON state, is_open FROM cases_case"
)
# A street follows from its community, a district from its street.
PLACES = """
CREATE STATISTICS case_places (dependencies)
ON district_code, street_code, community_code, grid_code FROM cases_case
"""
# Counts read the index alone while the visibility map is fresh; a fifth of a million rows is too
# late to vacuum for that.
VACUUM = """
ALTER TABLE cases_case SET (autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)
"""
NO_VACUUM = """
ALTER TABLE cases_case RESET (autovacuum_vacuum_scale_factor,
    autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor)
"""


class Migration(migrations.Migration):
    """Small; the indexes are built while the platform stands still."""

    dependencies = [
        ("administration", "0004_pinyin"),
        ("cases", "0004_exports_and_tiles"),
        ("territory", "0003_scheme_predecessor"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="case",
            name="case_queue_by_desk",
        ),
        migrations.AlterField(
            model_name="case",
            name="created_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="grid",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="territory.unitgrid",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="holder_organisation",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="administration.organisation",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="holder_person",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="matter_type",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.mattertype",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="responsible",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="administration.organisation",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["created_by", "-reported_at", "-id"], name="case_by_creator"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=["state", "due_at", "id"],
                name="case_queue_by_state",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", True), models.Q(("pending", ""), _negated=True)),
                fields=["pending", "due_at", "id"],
                name="case_queue_by_pending",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=["due_at", "id"],
                name="case_open_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=["state", "pending", "urgent"],
                include=(
                    "due_at",
                    "yellow_at",
                    "district_code",
                    "street_code",
                    "community_code",
                    "kind",
                    "holder_organisation",
                ),
                name="case_open_counts",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("assisting_ids", []), _negated=True),
                fields=["assisting_ids"],
                name="case_by_assistant",
            ),
        ),
        migrations.RunSQL(ELSEWHERE, "DROP INDEX case_held_elsewhere"),
        migrations.RunSQL(STATISTICS, "DROP STATISTICS case_open_states"),
        migrations.RunSQL(PLACES, "DROP STATISTICS case_places"),
        migrations.RunSQL(VACUUM, NO_VACUUM),
    ]
