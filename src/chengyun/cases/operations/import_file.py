"""Importing a file of this machine: the command line's way, with the same runs as uploads have."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from chengyun.administration.rules.actor import Actor
from chengyun.cases.adapters.mapping import Mapping
from chengyun.cases.models import ImportRun
from chengyun.cases.operations.case_import import IMPORT, import_rows
from chengyun.cases.operations.import_progress import (
    ImportStopped,
    Progress,
    described,
    fail,
)
from chengyun.cases.queries.imports import quarantine_lines
from chengyun.kernel.errors import Fault


@dataclass(kw_only=True)
class ImportOutcome:
    """What a run did, or as a dry run would do. Counts are rows, of all its goes together.

    resumed_at : number of the last row that an earlier go had done
    """

    run_id: str
    read: int = 0
    made: int = 0
    open: int = 0
    skipped: int = 0
    faulty: int = 0
    without_position: int = 0
    outside_grids: int = 0
    dry_run: bool = False
    resumed_at: int = 0
    quarantine: str = ""
    faults_by_code: dict[str, int] = field(default_factory=dict)
    made_types: list[str] = field(default_factory=list)
    made_divisions: list[str] = field(default_factory=list)
    made_departments: list[str] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """Return it for programs."""
        return asdict(self)


def import_cases(
    *,
    actor: Actor,
    path: Path,
    mapping: Mapping,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportOutcome:
    """Import the export at `path` through `mapping`; go on where a killed run of it stopped.

    dry_run : everything is tried and taken back; the run and its faults stay to be looked at
    progress : called with the number of the last row done
    raises : Forbidden, TableUnreadable, ColumnMissing, Invalid, ImportStopped
    """
    actor.require(IMPORT)
    run = _open_run(actor, path, mapping, dry_run=dry_run)
    resumed_at = run.next_row
    try:
        import_rows(actor=actor, run=run, path=path, mapping=mapping, progress=progress)
    except ImportStopped:
        raise  # the run is another's now
    except Fault as fault:
        if run.next_row:
            fail(run.pk, described(fault))
        else:
            run.delete()
        raise
    if run.faulty:
        run.quarantine_key = str(_write_quarantine(run))
        run.save(update_fields=["quarantine_key"])
    return _outcome(run, resumed_at)


def _open_run(actor: Actor, path: Path, mapping: Mapping, *, dry_run: bool) -> ImportRun:
    """Return the unfinished run of the same file and mapping, or a new one."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    told: dict[str, Any] = mapping.model_dump(mode="json")
    found = ImportRun.objects.filter(
        source_sha256=digest, mapping=told, dry_run=False, state="running", storage_key=""
    ).first()
    if found and not dry_run:
        return found
    return ImportRun.objects.create(
        kind=mapping.purpose,
        source_name=path.name[:200],
        source_sha256=digest,
        source_size=path.stat().st_size,
        mapping=told,
        dry_run=dry_run,
        by_id=actor.person_id,
    )


def _write_quarantine(run: ImportRun) -> Path:
    folder = Path(settings.DATA_DIR) / "imports" / str(run.pk)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "quarantine.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(quarantine_lines(run.pk, run.columns))
    return path


def _outcome(run: ImportRun, resumed_at: int) -> ImportOutcome:
    return ImportOutcome(
        run_id=str(run.pk),
        read=run.read,
        made=run.made,
        open=run.still_open,
        skipped=run.skipped,
        faulty=run.faulty,
        without_position=run.without_position,
        outside_grids=run.outside_grids,
        dry_run=run.dry_run,
        resumed_at=resumed_at,
        quarantine=run.quarantine_key,
        **run.outcome,
    )
