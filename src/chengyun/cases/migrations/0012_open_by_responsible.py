"""Open cases by the department that answers for them: the counts of its queues."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0011_runs_of_intake")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=["responsible"],
                name="case_open_by_responsible",
            ),
        ),
    ]
