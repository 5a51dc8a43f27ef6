"""One set of standards in use; kinds of dispatch rules; pauses and warnings of clocks."""

import django.contrib.postgres.fields
from django.db import migrations, models

# Of several sets that were in use the shipped one stays, else the oldest.
_KEEP_ONE = """
UPDATE cases_standardset SET active = false WHERE active AND id <> (
    SELECT id FROM cases_standardset WHERE active ORDER BY code <> 'default', id LIMIT 1)
"""
# A class was one of whichever kind alone has it; where both have it the rule keeps both.
_NAME_KINDS = """
UPDATE cases_dispatchrule r SET kind = t.kind FROM (
    SELECT class_code, min(kind) AS kind FROM cases_mattertype WHERE active
    GROUP BY class_code HAVING count(DISTINCT kind) = 1) t
WHERE r.matter_type_id IS NULL AND r.class_code <> '' AND r.class_code = t.class_code
"""


class Migration(migrations.Migration):
    """Linear; new columns without a default in the table, so that none is rewritten."""

    dependencies = [("cases", "0006_import_runs")]

    operations = [
        migrations.AlterField(
            "standardset",
            "active",
            models.BooleanField(default=False, help_text="in use; at most one set is"),
        ),
        migrations.RunSQL(_KEEP_ONE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "standardset",
            models.UniqueConstraint(
                condition=models.Q(("active", True)),
                fields=("active",),
                name="standard_set_in_use_once",
            ),
        ),
        migrations.AddField(
            "dispatchrule",
            "kind",
            models.CharField(
                blank=True, default="", help_text="of the class; '' = both kinds", max_length=12
            ),
        ),
        migrations.RunSQL(_NAME_KINDS, migrations.RunSQL.noop),
        migrations.AddField(
            "clock",
            "pauses",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.DateTimeField(),
                help_text="beginning and end of each, in turn",
                null=True,
                size=None,
            ),
        ),
        migrations.AddField(
            "clock",
            "yellow_s",
            models.BigIntegerField(help_text="counted seconds until the warning", null=True),
        ),
    ]
