"""The table is append only."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("journal", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER cases_logentry_append_only BEFORE UPDATE OR DELETE ON cases_logentry"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change();",
            "DROP TRIGGER cases_logentry_append_only ON cases_logentry;",
        ),
    ]
