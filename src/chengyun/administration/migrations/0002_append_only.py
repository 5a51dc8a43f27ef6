"""The table is append only."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("administration", "0001_initial"), ("journal", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER administration_auditentry_append_only BEFORE UPDATE OR DELETE ON administration_auditentry"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change();",
            "DROP TRIGGER administration_auditentry_append_only ON administration_auditentry;",
        ),
    ]
