#!/bin/bash
# Make database.sql.gz: what a small city's database looked like at commit 0bdb231, from which
# tests/journeys/test_upgrade.py upgrades. Usage: make_database.sh WORK, an empty folder that
# PostgreSQL's user may enter. Run again only to begin from another commit.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$1
[ -d "$work/old" ] || git -C "$root" worktree add --detach "$work/old" 0bdb231
cd "$work/old"
export PYTHONPATH=src CHENGYUN_DATA_DIR="$work/var" DJANGO_SETTINGS_MODULE=chengyun.server.settings
mkdir -p "$work/var"
cat > "$work/parts.csv" <<'CSV'
type,name,lon,lat
01003,井盖一,120.0005,30.0005
99999,井盖二,120.0005,30.0005
CSV
"$root/.venv/bin/python" - "$work" <<'PY'
import subprocess
import sys
from pathlib import Path

import django

django.setup()
from django.core.management import call_command

from chengyun.server.backups.places import database

with database(alone=True) as cluster:
    call_command("migrate", interactive=False, verbosity=0)
    from chengyun.administration.rules.actor import SYSTEM
    from chengyun.cases.models import ImportRow, ImportRun
    from chengyun.cases.tests.builders import make_case, make_city
    from chengyun.components.adapters.mapping import parse_mapping
    from chengyun.components.operations.imports import import_components
    from chengyun.components.operations.seed import seed_reference_data as seed_components
    from chengyun.territory.operations.seed import seed_reference_data as seed_territory

    seed_territory()
    seed_components()
    city = make_city()
    for state in ("reported", "accepted", "filed", "dispatched", "closed"):
        make_case(city, state)
    run = ImportRun.objects.create(
        kind="cases", source_name="cases.csv", source_sha256="0" * 64, mapping={},
        state="done", read=2, made=1, faulty=1, still_open=1,
        outcome={"faults_by_code": {"invalid": 1}}, by=city.people["leader"],
    )
    fault = {"field": "type", "code": "invalid", "zh": "有误", "en": "wrong"}
    ImportRow.objects.create(run=run, row=2, values={"type": "?"}, faults=[fault])
    fields = {name: {"column": name} for name in ("type", "name", "lon", "lat")}
    mapping = parse_mapping({"name": "older", "make_codes": True, "fields": fields})
    done = import_components(actor=SYSTEM, path=Path(sys.argv[1], "parts.csv"), mapping=mapping)
    print(done.made, done.faulty, done.faults_by_code)
    dump = [cluster.binary("pg_dump"), "-h", str(cluster.socket_dir), "-U", "chengyun"]
    dump += ["--no-owner", "--no-privileges", "--no-comments", "chengyun"]
    Path(sys.argv[1], "database.sql").write_bytes(subprocess.check_output(dump))
PY
gzip -9nc "$work/database.sql" > "$here/database.sql.gz"
git -C "$root" worktree remove --force "$work/old"
