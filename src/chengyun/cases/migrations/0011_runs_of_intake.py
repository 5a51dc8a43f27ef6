"""Runs of imports live in intake: those that there are move, with their bad rows and their jobs."""

from django.db import migrations

_MOVE = """
INSERT INTO intake_importrun (id, kind, source_name, source_sha256, source_size, storage_key,
    mapping, columns, dry_run, state, next_row, total_rows, read, made, changed, skipped, faulty,
    faults_by_code, outcome, quarantine_key, by_id, created_at, started_at, progress_at,
    finished_at, fault)
SELECT id, kind, source_name, source_sha256, source_size, storage_key, mapping, columns, dry_run,
    state, next_row, total_rows, read, made, changed, skipped, faulty,
    coalesce(outcome -> 'faults_by_code', '{}'),
    (outcome - 'faults_by_code') || jsonb_build_object(
        'open', still_open, 'without_position', without_position, 'outside_grids', outside_grids),
    quarantine_key, by_id, created_at, started_at, progress_at, finished_at, fault
FROM cases_importrun;
INSERT INTO intake_importrow (run_id, row, values, fault)
SELECT run_id, row, values, faults -> 0 FROM cases_importrow;
SET CONSTRAINTS ALL IMMEDIATE;
DO $$ BEGIN
    IF to_regclass('procrastinate_jobs') IS NOT NULL THEN
        UPDATE procrastinate_jobs SET task_name = 'chengyun.intake.tasks.do_import',
            lock = 'intake.cases'
        WHERE task_name = 'chengyun.cases.tasks.do_import' AND status IN ('todo', 'doing');
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0010_fewer_indexes"),
        ("intake", "0001_runs"),
    ]

    operations = [
        migrations.RunSQL(_MOVE, migrations.RunSQL.noop),
        migrations.DeleteModel(name="ImportRow"),
        migrations.DeleteModel(name="ImportRun"),
    ]
