"""Imports by upload: taking a file, doing it in the worker, cancelling, clearing away.

The upload is stored before its row is written and removed when its run has ended: a crash leaves
at most a file without a row, which the sweep finds.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from typing import IO, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from procrastinate.contrib.django import app

from chengyun.administration.operations import record_audit
from chengyun.administration.queries import find_actor, setting
from chengyun.administration.rules.actor import Actor
from chengyun.cases.adapters.mapping import Mapping, parse_mapping
from chengyun.cases.adapters.sheets import held_bytes
from chengyun.cases.adapters.tables import ending_of, is_xlsx, require_columns
from chengyun.cases.models import ImportRow, ImportRun
from chengyun.cases.operations.case_import import import_rows
from chengyun.cases.operations.import_progress import (
    GIVEN_UP_AFTER,
    OPEN_STATES,
    ImportStopped,
    described,
    fail,
)
from chengyun.cases.operations.standards_import import import_standards_run
from chengyun.cases.queries.imports import PERMISSIONS, get_import, visible_run
from chengyun.files.queries import file_store
from chengyun.files.rules.storage import CHUNK_BYTES
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Conflict, Fault, Forbidden, Invalid

FOLDER: Final = "imports"
MIB: Final = 1024 * 1024
MOST_WAITING: Final = 5
ROWS_KEPT: Final = timedelta(days=90)
JOB: Final = "chengyun.cases.tasks.do_import"
# One import at a time, in the whole platform: the other jobs keep their places in the worker.
JOB_LOCK: Final = "cases.import"
_QUICKLY_READ: Final = 4 * MIB
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('cases.imports', %s))"


class ImportTooLarge(Fault):
    """The file is larger than an import may be."""

    code = "import_too_large"
    status = 413
    zh = "文件超过 {limit} MB 上限。请压缩（.gz、.zip）或分批导入。"
    en = "The file is over the limit of {limit} MB. Compress it (.gz, .zip) or import it in parts."


class TooManyImports(Conflict):
    """The person's earlier imports are still under way."""

    code = "too_many_imports"
    zh = "您已有 {most} 个导入任务在进行。请等它们完成后再导入。"
    en = "{most} of your imports are under way. Wait until one is done."


class ImportEnded(Conflict):
    """The run has ended already."""

    code = "import_ended"
    zh = "导入已结束（{state}），不能取消。"
    en = "The import has ended ({state}) and cannot be cancelled."


@dataclass(frozen=True, kw_only=True)
class ImportUpload:
    """A file as it came in."""

    file: IO[bytes]
    size: int
    name: str

    def digest(self) -> str:
        """Return its SHA-256 in hex."""
        self.file.seek(0)
        digest = hashlib.sha256()
        while chunk := self.file.read(CHUNK_BYTES):
            digest.update(chunk)
        self.file.seek(0)
        return digest.hexdigest()


def check_import(*, actor: Actor, upload: ImportUpload, mapping: Mapping) -> None:
    """Refuse at once what is clearly wrong: permission, size, form, columns.

    raises : Forbidden, ImportTooLarge, TableUnreadable, ColumnMissing, Invalid
    """
    actor.require(PERMISSIONS[mapping.purpose])
    limit = setting("cases.import_max_mb")
    if upload.size > limit * MIB:
        raise ImportTooLarge(field="file", limit=limit)
    if not upload.size:
        raise Invalid(field="file", reason_zh="文件是空的", reason_en="the file is empty")
    with tempfile.NamedTemporaryFile(suffix=ending_of(upload.name)) as kept:
        upload.file.seek(0)
        while chunk := upload.file.read(CHUNK_BYTES):
            kept.write(chunk)
        kept.flush()
        upload.file.seek(0)
        path = Path(kept.name)
        layout = mapping.table.layout()
        # A big workbook takes long to open: the worker will find what is wrong with it.
        if not is_xlsx(path, layout) or held_bytes(path) <= _QUICKLY_READ:
            require_columns(path, layout, mapping.used_columns())


@transaction.atomic
def start_import(
    *, actor: Actor, upload: ImportUpload, mapping: Mapping, dry_run: bool = False
) -> UUID:
    """Keep a checked upload and have the worker import it; return the run's id. Audited.

    raises : Forbidden, TooManyImports, StorageNotReachable
    """
    permission = PERMISSIONS[mapping.purpose]
    actor.require(permission)
    if actor.person_id is None:
        raise Forbidden(permission=permission)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [actor.person_id])
    own = ImportRun.objects.filter(by_id=actor.person_id).exclude(storage_key="")
    if own.filter(state__in=OPEN_STATES).count() >= MOST_WAITING:
        raise TooManyImports(most=MOST_WAITING)
    made = uuid4()
    key = f"{FOLDER}/{now():%Y/%m/%d}/{made}"
    digest = upload.digest()
    file_store().put(key, upload.file)
    ImportRun.objects.create(
        pk=made,
        kind=mapping.purpose,
        source_name=_plain_name(upload.name),
        source_sha256=digest,
        source_size=upload.size,
        storage_key=key,
        mapping=mapping.model_dump(mode="json"),
        dry_run=dry_run,
        by_id=actor.person_id,
    )
    detail = {"file": _plain_name(upload.name), "mapping": mapping.name, "dry_run": dry_run}
    record_audit(actor, "cases.import_started", f"import:{made}", detail)
    app.configure_task(JOB, lock=JOB_LOCK).defer(run_id=str(made))
    return made


@transaction.atomic
def cancel_import(*, actor: Actor, run_id: UUID) -> None:
    """Stop a run before its next batch; what it has imported stays. Audited.

    raises : Forbidden, NotFound, ImportEnded
    """
    run = visible_run(actor=actor, run_id=run_id)
    found = ImportRun.objects.filter(pk=run.pk, state__in=OPEN_STATES).update(
        state="cancelled", finished_at=now()
    )
    if not found:
        raise ImportEnded(state=get_import(actor=actor, run_id=run_id)["state"])
    record_audit(actor, "cases.import_cancelled", f"import:{run.pk}", {"made": run.made})
    transaction.on_commit(lambda: _forget_file(run_id))


@transaction.atomic
def open_quarantine(*, actor: Actor, run_id: UUID) -> ImportRun:
    """Return a run whose bad rows the actor may take away; audited: they hold personal data.

    raises : Forbidden, NotFound
    """
    run = visible_run(actor=actor, run_id=run_id)
    record_audit(actor, "cases.quarantine_downloaded", f"import:{run.pk}", {"rows": run.faulty})
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
        fail(run_id, described(fault))
    _forget_file(run_id)
    return True


def fail_import(*, run_id: UUID) -> None:
    """Note that a run ended in a way that nobody expected."""
    fail(run_id, described(ImportBroken()))
    _forget_file(run_id)


class ImportBroken(Fault):
    """Something that nobody expected."""

    code = "import_broken"
    status = 500
    zh = "导入意外中断。已导入的保留，可重新导入；如再次出现请联系管理员查看日志。"
    en = "The import broke off. What it imported stays: import again, or look into the log."


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
        raise Forbidden(permission=PERMISSIONS[run.kind])
    mapping = parse_mapping(run.mapping)
    with _file_of(run) as path:
        if run.kind == "standards":
            import_standards_run(actor=actor, run=run, path=path, mapping=mapping)
        else:
            import_rows(actor=actor, run=run, path=path, mapping=mapping, progress=progress)


@contextmanager
def _file_of(run: ImportRun) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(suffix=ending_of(run.source_name)) as kept:
        for chunk in file_store().read(run.storage_key):
            kept.write(chunk)
        kept.flush()
        yield Path(kept.name)


def _forget_file(run_id: UUID) -> None:
    """Remove the upload of a run that has ended."""
    run = ImportRun.objects.filter(pk=run_id).exclude(state__in=OPEN_STATES).first()
    if run is not None and run.storage_key:
        file_store().delete(run.storage_key)


def _plain_name(name: str) -> str:
    last = PurePath(name.replace("\\", "/")).name or "upload"
    return "".join(sign for sign in last if sign.isprintable())[-200:]
