"""Importing a file of this machine: the command line's way, with the same runs as uploads have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from chengyun.administration.rules.actor import Actor
from chengyun.files.operations import measured, plain_name
from chengyun.intake.models import ImportRun
from chengyun.intake.operations.batches import Progress, do_run, fail
from chengyun.intake.operations.runs import NAME_LENGTH
from chengyun.intake.queries.runs import quarantine_lines
from chengyun.intake.rules.faults import ImportStopped
from chengyun.intake.rules.kinds import kind_of
from chengyun.intake.rules.mapping import Mapping
from chengyun.kernel.errors import Fault


def import_file(
    *,
    actor: Actor,
    path: Path,
    mapping: Mapping,
    dry_run: bool = False,
    name: str = "",
    keeps_quarantine: bool = False,
    progress: Progress | None = None,
) -> ImportRun:
    """Import the file at `path` here and now; go on where a killed run of it stopped.

    dry_run : everything is tried and taken back; the run and its faults stay to be looked at
    name : of the file, where it is not the path's
    keeps_quarantine : write the bad rows below the data folder, too
    progress : called with the number of the last row done
    raises : Forbidden, TableUnreadable, ColumnMissing, ImportStopped
    """
    kind_of(mapping.purpose).require(actor)
    run = _open_run(actor, path, mapping, name or path.name, dry_run=dry_run)
    try:
        do_run(actor=actor, run=run, path=path, mapping=mapping, progress=progress)
    except ImportStopped:
        raise  # the run is another's now
    except Fault as fault:
        if run.next_row:
            fail(run.pk, fault)
        else:
            run.delete()
        raise
    if run.faulty and keeps_quarantine:
        run.quarantine_key = str(_write_quarantine(run))
        run.save(update_fields=["quarantine_key"])
    return run


def _open_run(actor: Actor, path: Path, mapping: Mapping, name: str, *, dry_run: bool) -> ImportRun:
    """Return the unfinished run of the same file and mapping, or a new one."""
    with path.open("rb") as file:
        size, digest = measured(file)
    told: dict[str, Any] = mapping.model_dump(mode="json")
    found = ImportRun.objects.filter(
        source_sha256=digest, mapping=told, dry_run=False, state="running", storage_key=""
    ).first()
    if found and not dry_run:
        return found
    return ImportRun.objects.create(
        kind=mapping.purpose,
        source_name=plain_name(name, longest=NAME_LENGTH),
        source_sha256=digest,
        source_size=size,
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
