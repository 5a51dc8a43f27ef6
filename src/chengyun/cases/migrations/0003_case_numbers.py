"""Case numbers counted daily, without a lock between reports."""

from django.db import migrations, models

CREATE = """
CREATE SEQUENCE cases_case_number;
CREATE FUNCTION cases_next_number(day date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    first bigint;
BEGIN
    SELECT base INTO first FROM cases_numberday WHERE "on" = day;
    IF first IS NULL THEN
        INSERT INTO cases_numberday ("on", base) VALUES (day, nextval('cases_case_number'))
        ON CONFLICT DO NOTHING;
        SELECT base INTO first FROM cases_numberday WHERE "on" = day;
    END IF;
    RETURN nextval('cases_case_number') - first;
END $$;
"""
DROP = "DROP FUNCTION cases_next_number(date); DROP SEQUENCE cases_case_number;"


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="NumberDay",
            fields=[
                ("on", models.DateField(primary_key=True, serialize=False)),
                ("base", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
