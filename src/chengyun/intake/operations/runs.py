"""Imports by upload: taking a file, doing it in the worker, cancelling, clearing away.

The upload is stored before its row is written and removed when its run has ended: a crash leaves
at most a file without a row, which the sweep finds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from procrastinate.contrib.django import app

from chengyun.administration.operations import record_audit
from chengyun.administration.queries import find_actor, setting
from chengyun.administration.rules.actor import Actor
from chengyun.files.operations import MIB, measured, plain_name
from chengyun.files.queries import file_store
from chengyun.files.rules.storage import CHUNK_BYTES
from chengyun.intake.models import ImportRow, ImportRun
from chengyun.intake.operations.batches import OPEN_STATES, described, do_run, fail
from chengyun.intake.queries.opening import described_at_once, open_source
from chengyun.intake.queries.runs import visible_run
from chengyun.intake.rules.faults import (
    ImportBroken,
    ImportEnded,
    ImportStopped,
    ImportTooLarge,
    TooManyImports,
)
from chengyun.intake.rules.kinds import kind_of, parse_mapping
from chengyun.intake.rules.mapping import Mapping
from chengyun.kernel.clock import now
from chengyun.kernel.coordinates import crs_name
from chengyun.kernel.errors import Fault, Forbidden, Invalid

FOLDER: Final = "imports"
NAME_LENGTH: Final = 200
MOST_WAITING: Final = 5
GIVEN_UP_AFTER: Final = timedelta(days=1)
ROWS_KEPT: Final = timedelta(days=90)
JOB: Final = "chengyun.intake.tasks.do_import"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('intake.start', %s))"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as it came in."""

    file: IO[bytes]
    size: int
    name: str

    def digest(self) -> str:
        """Return its SHA-256 in hex."""
        return measured(self.file)[1]

    def chunks(self) -> Iterator[bytes]:
        """Yield its content; its position is the start before and afterwards."""
        self.file.seek(0)
        while chunk := self.file.read(CHUNK_BYTES):
            yield chunk
        self.file.seek(0)


def check_import(*, actor: Actor, upload: Upload, mapping: Mapping) -> None:
    """Refuse at once what is clearly wrong: permission, size, form, columns.

    raises : Forbidden, ImportTooLarge, TableUnreadable, ColumnMissing, UnknownCrs, Invalid
    """
    kind = kind_of(mapping.purpose)
    kind.require(actor)
    limit = setting(kind.limit)
    if upload.size > limit * MIB:
        raise ImportTooLarge(field="file", limit=limit)
    if not upload.size:
        raise Invalid(field="file", reason_zh="文件是空的", reason_en="the file is empty")
    with _kept(upload.chunks()) as path:
        # What takes long to open, the worker will find out about.
        told = described_at_once(open_source(path, mapping.table.layout(), name=upload.name))
    if told is not None:
        mapping.require_columns(told.columns)
        if not mapping.crs and told.crs:
            crs_name(told.crs)


@transaction.atomic
def start_import(*, actor: Actor, upload: Upload, mapping: Mapping, dry_run: bool = False) -> UUID:
    """Keep a checked upload and have the worker import it; return the run's id. Audited.

    raises : Forbidden, TooManyImports, StorageNotReachable
    """
    kind = kind_of(mapping.purpose)
    kind.require(actor)
    if actor.person_id is None:
        raise Forbidden(permission=kind.permission)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [actor.person_id])
    own = ImportRun.objects.filter(by_id=actor.person_id).exclude(storage_key="")
    if own.filter(state__in=OPEN_STATES).count() >= MOST_WAITING:
        raise TooManyImports(most=MOST_WAITING)
    made, name = uuid4(), plain_name(upload.name, longest=NAME_LENGTH) or "upload"
    key = f"{FOLDER}/{now():%Y/%m/%d}/{made}"
    digest = upload.digest()
    file_store().put(key, upload.file)
    ImportRun.objects.create(
        pk=made,
        kind=kind.code,
        source_name=name,
        source_sha256=digest,
        source_size=upload.size,
        storage_key=key,
        mapping=mapping.model_dump(mode="json"),
        dry_run=dry_run,
        by_id=actor.person_id,
    )
    detail = {"file": name, "mapping": mapping.name, "dry_run": dry_run}
    record_audit(actor, f"{kind.context}.import_started", f"import:{made}", detail)
    # One import of a context at a time, in the whole platform: other jobs keep their places.
    app.configure_task(JOB, lock=f"intake.{kind.context}").defer(run_id=str(made))
    return made


@transaction.atomic
def cancel_import(*, actor: Actor, kinds: tuple[str, ...], run_id: UUID) -> None:
    """Stop a run before its next batch; what it has imported stays. Audited.

    raises : Forbidden, NotFound, ImportEnded
    """
    run = visible_run(actor=actor, kinds=kinds, run_id=run_id)
    found = ImportRun.objects.filter(pk=run.pk, state__in=OPEN_STATES).update(
        state="cancelled", finished_at=now()
    )
    if not found:
        raise ImportEnded(state=run.state)
    act = f"{kind_of(run.kind).context}.import_cancelled"
    record_audit(actor, act, f"import:{run.pk}", {"made": run.made})
    transaction.on_commit(lambda: _forget_file(run_id))


@transaction.atomic
def open_quarantine(*, actor: Actor, kinds: tuple[str, ...], run_id: UUID) -> ImportRun:
    """Return a run whose bad rows the actor may take away; audited: they hold personal data.

    raises : Forbidden, NotFound
    """
    run = visible_run(actor=actor, kinds=kinds, run_id=run_id)
    act = f"{kind_of(run.kind).context}.quarantine_downloaded"
    record_audit(actor, act, f"import:{run.pk}", {"rows": run.faulty})
    return run


def perform_import(*, run_id: UUID, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Do a run, or go on with what a dead worker left of it; False when told to stop meanwhile.

    stopping : asked after each batch
    """
    run = ImportRun.objects.filter(pk=run_id, state__in=OPEN_STATES).first()
    if run is None:
        return True
    try:
        _perform(run, stopping)
    except _Interrupted:
        return False
    except ImportStopped:
        pass
    except Fault as fault:
        fail(run_id, fault)
    _forget_file(run_id)
    return True


def fail_import(*, run_id: UUID) -> None:
    """Note that a run ended in a way that nobody expected."""
    fail(run_id, ImportBroken())
    _forget_file(run_id)


def sweep_imports(*, at: datetime) -> None:
    """Give up dead runs, remove files that no run needs, and bad rows that are old."""
    dead = ImportRun.objects.filter(state__in=OPEN_STATES, created_at__lt=at - GIVEN_UP_AFTER)
    dead = dead.exclude(progress_at__gte=at - GIVEN_UP_AFTER)
    dead.update(state="failed", fault=described(ImportBroken()), finished_at=at)
    ImportRow.objects.filter(run__created_at__lt=at - ROWS_KEPT).delete()
    needed = set(
        ImportRun.objects.filter(state__in=OPEN_STATES).values_list("storage_key", flat=True)
    )
    store = file_store()
    for file in store.files(FOLDER):
        if file.key not in needed and file.modified_at < at - GIVEN_UP_AFTER:
            store.delete(file.key)


class _Interrupted(Exception):
    """The worker is being stopped; the run goes on in the next one."""


def _perform(run: ImportRun, stopping: Callable[[], bool]) -> None:
    def progress(_done: int) -> None:
        if stopping():
            raise _Interrupted

    actor = find_actor(run.by_id) if run.by_id is not None else None
    if actor is None:
        raise Forbidden(permission=kind_of(run.kind).permission)
    mapping = parse_mapping(run.mapping, kinds=(run.kind,))
    with _kept(file_store().read(run.storage_key)) as path:
        do_run(actor=actor, run=run, path=path, mapping=mapping, progress=progress)


@contextmanager
def _kept(chunks: Iterator[bytes]) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(prefix="chengyun-") as kept:
        kept.writelines(chunks)
        kept.flush()
        yield Path(kept.name)


def _forget_file(run_id: UUID) -> None:
    """Remove the upload of a run that has ended."""
    run = ImportRun.objects.filter(pk=run_id).exclude(state__in=OPEN_STATES).first()
    if run is not None and run.storage_key:
        file_store().delete(run.storage_key)
