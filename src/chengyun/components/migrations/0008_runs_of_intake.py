"""Runs of imports live in intake: those that there are move, with their bad rows.

Their uploads lay in the database and are given up: a run that was under way has to be begun again.
"""

from django.db import migrations

_MOVE = """
INSERT INTO intake_importrun (id, kind, source_name, source_sha256, source_size, storage_key,
    mapping, columns, dry_run, state, next_row, total_rows, read, made, changed, skipped, faulty,
    faults_by_code, outcome, quarantine_key, by_id, created_at, started_at, progress_at,
    finished_at, fault)
SELECT id, 'components', source_name, source_sha256, source_size, '', mapping, columns, dry_run,
    CASE WHEN state IN ('waiting', 'running') THEN 'failed' ELSE state END,
    next_row, total_rows, read, made, changed, skipped, faulty, faults_by_code, '{}', '', by_id,
    created_at, started_at, progress_at,
    CASE WHEN state IN ('waiting', 'running') THEN now() ELSE finished_at END,
    CASE WHEN state IN ('waiting', 'running') THEN jsonb_build_object(
        'field', NULL, 'code', 'import_broken',
        'zh', '升级时导入未完成。已导入的保留，请重新导入。',
        'en', 'The upgrade came before its end. What it imported stays: import again.')
    ELSE fault END
FROM components_componentimport;
INSERT INTO intake_importrow (run_id, row, values, fault)
SELECT run_id, row, values, fault FROM components_componentimportfault;
SET CONSTRAINTS ALL IMMEDIATE;
DO $$ BEGIN
    IF to_regclass('procrastinate_jobs') IS NOT NULL THEN
        DELETE FROM procrastinate_jobs
        WHERE task_name = 'chengyun.components.tasks.do_component_import' AND status = 'todo';
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("components", "0007_photos"),
        ("intake", "0001_runs"),
    ]

    operations = [
        migrations.RunSQL(_MOVE, migrations.RunSQL.noop),
        migrations.DeleteModel(name="ComponentImportPart"),
        migrations.DeleteModel(name="ComponentImportFault"),
        migrations.DeleteModel(name="ComponentImport"),
    ]
