"""Imports of components: taken as an upload or a file, done batch by batch, with quarantine.

A batch is one transaction: its components, the faults of its bad rows and the place to go on from.
A run that was killed goes on there; a dry run does all of it and takes each batch back. Whoever
works on a run holds its row while a batch is written: a run that was cancelled stops there.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path, PurePath
from typing import IO, Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from procrastinate.contrib.django import app

from chengyun.administration.operations import record_audit
from chengyun.administration.queries import find_actor, setting, time_zone
from chengyun.administration.rules.actor import Actor
from chengyun.components.adapters.mapping import Mapping, RowReader, parse_mapping
from chengyun.components.adapters.opening import open_source
from chengyun.components.adapters.source import Row
from chengyun.components.models import (
    ComponentImport,
    ComponentImportFault,
    ComponentImportPart,
)
from chengyun.components.operations.import_batch import BatchOutcome, write_batch
from chengyun.components.operations.import_rows import (
    RowChecker,
    Staged,
    described,
    quarantined,
)
from chengyun.components.operations.writing import LAYER
from chengyun.components.rules.access import MANAGE
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.kernel.coordinates import WGS_84, crs_name
from chengyun.kernel.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from chengyun.territory.operations.layers import raise_version

BATCH: Final = 20_000
PART_BYTES: Final = 1024 * 1024
MIB: Final = 1024 * 1024
MOST_WAITING: Final = 5
OPEN_STATES: Final = ("waiting", "running")
GIVEN_UP_AFTER: Final = timedelta(days=1)
FAULTS_KEPT: Final = timedelta(days=90)
JOB: Final = "chengyun.components.tasks.do_component_import"
JOB_LOCK: Final = "components.import"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('components.import', 0))"
Stopping = Callable[[], bool]


class ImportTooLarge(Fault):
    """The file is larger than an import may be."""

    code = "import_too_large"
    status = 413
    zh = "文件超过 {limit} MB 上限。请分批导入，或用命令 chengyun import components 导入。"
    en = "The file is over {limit} MB. Import it in parts, or by `chengyun import components`."


class TooManyImports(Conflict):
    """The person's earlier imports are still under way."""

    code = "too_many_imports"
    zh = "您已有 {most} 个导入任务在进行。请等它们完成后再导入。"
    en = "{most} of your imports are under way. Wait until one is done."


class ImportEnded(Conflict):
    """The run has ended already."""

    code = "import_ended"
    zh = "导入已结束，不能取消。"
    en = "The import has ended and cannot be cancelled."


class ImportStopped(Conflict):
    """The run was cancelled, or somebody else works on it."""

    code = "import_stopped"
    zh = "导入已取消，或已由另一进程接手。"
    en = "The import was cancelled, or another process has taken it over."


class RowRepeated(Fault):
    """An earlier row of the file has the code."""

    code = "row_repeated"
    zh = "标识码 {value} 在文件中重复。"
    en = "The code {value} stands in the file twice."


class ImportBroken(Fault):
    """Something that nobody expected."""

    code = "import_broken"
    status = 500
    zh = "导入意外中断。已导入的保留，可重新导入；如再次出现请联系管理员查看日志。"
    en = "The import broke off. What it imported stays: import again, or look into the log."


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as it came in."""

    file: IO[bytes]
    size: int
    name: str

    def digest(self) -> str:
        """Return its SHA-256 in hex."""
        digest = hashlib.sha256()
        for part in self.parts():
            digest.update(part)
        return digest.hexdigest()

    def parts(self) -> Iterator[bytes]:
        """Yield its content from the start."""
        self.file.seek(0)
        while part := self.file.read(PART_BYTES):
            yield part


def import_components(
    *, actor: Actor, path: Path, mapping: Mapping, dry_run: bool = False
) -> ComponentImport:
    """Import the file at `path` here and now, and return the run. Audited.

    raises : Forbidden, FileUnreadable, ColumnMissing, UnknownCrs
    """
    actor.require(MANAGE)
    run = ComponentImport.objects.create(
        source_name=plain_name(path.name),
        source_size=path.stat().st_size,
        mapping=mapping.model_dump(mode="json"),
        dry_run=dry_run,
        by_id=actor.person_id,
    )
    try:
        _Run(actor, run, mapping).do(path, lambda: False)
    except Fault as fault:
        _fail(run.pk, fault)
        raise
    run.refresh_from_db()
    return run


@transaction.atomic
def start_import(*, actor: Actor, upload: Upload, mapping: Mapping, dry_run: bool = False) -> UUID:
    """Keep an upload and have the worker import it; return the run's id. Audited.

    raises : Forbidden, ImportTooLarge, TooManyImports, FileUnreadable, ColumnMissing, UnknownCrs
    """
    actor.require(MANAGE)
    if actor.person_id is None:
        raise Forbidden(permission=MANAGE)
    limit = setting("components.import_max_mb")
    if upload.size > limit * MIB:
        raise ImportTooLarge(field="file", limit=limit)
    _look_into(upload, mapping)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    own = ComponentImport.objects.filter(by_id=actor.person_id, state__in=OPEN_STATES)
    if own.count() >= MOST_WAITING:
        raise TooManyImports(most=MOST_WAITING)
    run = ComponentImport.objects.create(
        pk=uuid4(),
        source_name=plain_name(upload.name),
        source_size=upload.size,
        source_sha256=upload.digest(),
        mapping=mapping.model_dump(mode="json"),
        dry_run=dry_run,
        by_id=actor.person_id,
    )
    for number, part in enumerate(upload.parts()):
        ComponentImportPart.objects.create(run=run, number=number, content=part)
    detail = {"file": run.source_name, "mapping": mapping.name, "dry_run": dry_run}
    record_audit(actor, "components.import_started", f"component_import:{run.pk}", detail)
    app.configure_task(JOB, lock=JOB_LOCK).defer(run_id=str(run.pk))
    return run.pk


@transaction.atomic
def cancel_import(*, actor: Actor, run_id: UUID) -> None:
    """Stop a run before its next batch; what it has imported stays. Audited.

    raises : Forbidden, NotFound, ImportEnded
    """
    actor.require(MANAGE)
    run = ComponentImport.objects.filter(pk=run_id, by_id=actor.person_id).first()
    if run is None:
        raise NotFound(what=f"导入任务 {run_id}")
    open_ones = ComponentImport.objects.filter(pk=run_id, state__in=OPEN_STATES)
    if not open_ones.update(state="cancelled", finished_at=now()):
        raise ImportEnded
    ComponentImportPart.objects.filter(run_id=run_id).delete()
    record_audit(actor, "components.import_cancelled", f"component_import:{run_id}", {})


def perform_import(*, run_id: UUID, stopping: Stopping = lambda: False) -> bool:
    """Do a run, or what is left of it; False when told to stop meanwhile.

    stopping : asked after each batch
    """
    run = ComponentImport.objects.filter(pk=run_id, state__in=OPEN_STATES).first()
    if run is None:
        return True
    try:
        actor = find_actor(run.by_id) if run.by_id is not None else None
        if actor is None:
            raise Forbidden(permission=MANAGE)
        actor.require(MANAGE)
        with _file_of(run) as path:
            if not _Run(actor, run, parse_mapping(run.mapping)).do(path, stopping):
                return False
    except ImportStopped:
        pass
    except Fault as fault:
        _fail(run_id, fault)
    _forget_file(run_id)
    return True


def fail_import(*, run_id: UUID) -> None:
    """Note that a run ended in a way that nobody expected."""
    _fail(run_id, ImportBroken())
    _forget_file(run_id)


def sweep_imports() -> None:
    """Give up dead runs, and remove old bad rows and files that no run needs."""
    at = now()
    dead = ComponentImport.objects.filter(
        state__in=OPEN_STATES, created_at__lt=at - GIVEN_UP_AFTER
    ).exclude(progress_at__gte=at - GIVEN_UP_AFTER)
    dead.update(state="failed", fault=described(ImportBroken()), finished_at=at)
    ComponentImportFault.objects.filter(run__created_at__lt=at - FAULTS_KEPT).delete()
    ComponentImportPart.objects.exclude(run__state__in=OPEN_STATES).delete()


class _Run:
    def __init__(self, actor: Actor, run: ComponentImport, mapping: Mapping) -> None:
        self._actor = actor
        self._run = run
        self._mapping = mapping
        self._seen: set[str] = set()

    def do(self, path: Path, stopping: Stopping) -> bool:
        """Do what is left of the run; False when told to stop."""
        run = self._run
        source = open_source(path, self._mapping.table.layout())
        told = source.described()
        self._mapping.require_columns(told.columns)
        stated = self._mapping.crs or told.crs or WGS_84
        self._begin(told.columns, told.rows)
        checker = RowChecker(
            RowReader(self._mapping),
            crs=crs_name(stated),
            today=now().astimezone(time_zone()).date(),
        )
        rows = (row for row in source.rows() if row.number > run.next_row)
        while batch := list(islice(rows, BATCH)):
            self._write(batch, checker)
            if stopping():
                return False
        self._finish()
        return True

    def _begin(self, columns: list[str], total: int | None) -> None:
        run, at = self._run, now()
        run.columns, run.total_rows = columns, total
        run.state, run.started_at, run.progress_at = "running", run.started_at or at, at
        found = ComponentImport.objects.filter(pk=run.pk, state__in=OPEN_STATES).update(
            state="running",
            started_at=run.started_at,
            progress_at=at,
            columns=columns,
            total_rows=total,
        )
        if not found:
            raise ImportStopped

    def _write(self, batch: list[Row], checker: RowChecker) -> None:
        bad: dict[int, Fault] = {}
        good = list(self._checked(batch, checker, bad))
        with transaction.atomic():
            self._hold()
            with connection.cursor() as cursor:
                cursor.execute(_LOCK)
            outcome = write_batch(
                actor=self._actor,
                rows=good,
                compared=self._compared(batch),
                update=self._mapping.known == "update",
                reason=self._run.source_name,
                at=now(),
            )
            if self._run.dry_run:
                transaction.set_rollback(True)
            else:
                self._note(batch, outcome, bad)
        if self._run.dry_run:
            with transaction.atomic():
                self._hold()
                self._note(batch, outcome, bad)

    def _checked(
        self, batch: list[Row], checker: RowChecker, bad: dict[int, Fault]
    ) -> Iterator[Staged]:
        for row in batch:
            try:
                staged = checker.check(row)
                if staged.code and staged.code in self._seen:
                    raise RowRepeated(field="code", value=staged.code)
            except Fault as fault:
                bad[row.number] = fault
                continue
            self._seen.add(staged.code)
            yield staged

    def _compared(self, batch: list[Row]) -> list[str]:
        has_geometry = "lon" in self._mapping.fields or any(row.has_geometry for row in batch)
        return [
            *self._mapping.fields,
            *(["geometry"] if has_geometry else []),
            *(["attributes"] if self._mapping.attributes else []),
        ]

    def _hold(self) -> None:
        """Lock the run's row; raise ImportStopped unless it stands where this process left it."""
        going_on = ComponentImport.objects.select_for_update().filter(
            pk=self._run.pk, state="running", next_row=self._run.next_row
        )
        if not going_on.exists():
            raise ImportStopped

    def _note(self, batch: list[Row], outcome: BatchOutcome, bad: dict[int, Fault]) -> None:
        run, faults = self._run, bad | outcome.faults
        run.read += len(batch)
        run.made += outcome.made
        run.changed += outcome.changed
        run.skipped += outcome.skipped
        run.faulty += len(faults)
        codes = Counter(run.faults_by_code)
        codes.update(fault.code for fault in faults.values())
        run.faults_by_code = dict(codes)
        run.next_row, run.progress_at = batch[-1].number, now()
        ComponentImportFault.objects.bulk_create(
            [
                ComponentImportFault(
                    run=run, row=row.number, values=quarantined(row), fault=described(fault)
                )
                for row in batch
                if (fault := faults.get(row.number)) is not None
            ],
            batch_size=1000,
        )
        run.save()
        if not run.dry_run and outcome.made + outcome.changed:
            raise_version(LAYER)

    def _finish(self) -> None:
        run = self._run
        with transaction.atomic():
            self._hold()
            run.state, run.finished_at = "done", now()
            run.total_rows = run.next_row
            run.save()
            counts = {name: getattr(run, name) for name in ("made", "changed", "skipped", "faulty")}
            detail = {"file": run.source_name, "dry_run": run.dry_run, **counts}
            record_audit(
                self._actor, "components.import_finished", f"component_import:{run.pk}", detail
            )
            if not run.dry_run:
                self._tell(counts)

    def _tell(self, counts: dict[str, int]) -> None:
        record_event(
            at=now(),
            kind="component.imported",
            subject=f"component_import:{self._run.pk}",
            actor_id=self._actor.person_id,
            payload={"import_id": str(self._run.pk), **counts},
        )


def plain_name(name: str) -> str:
    """Return a file's name without its folders and without signs that cannot be shown."""
    last = PurePath(name.replace("\\", "/")).name or "upload"
    return "".join(sign for sign in last if sign.isprintable())[-200:]


def _look_into(upload: Upload, mapping: Mapping) -> None:
    """Refuse at once what is clearly wrong: no content, another form, missing columns."""
    if not upload.size:
        raise Invalid(field="file", reason_zh="文件是空的", reason_en="the file is empty")
    with tempfile.NamedTemporaryFile() as kept:
        for part in upload.parts():
            kept.write(part)
        kept.flush()
        told = open_source(Path(kept.name), mapping.table.layout()).described()
    mapping.require_columns(told.columns)
    crs_name(mapping.crs or told.crs or WGS_84)


@contextmanager
def _file_of(run: ComponentImport) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile() as kept:
        parts = ComponentImportPart.objects.filter(run=run).order_by("number")
        for part in parts.iterator(chunk_size=4):
            kept.write(part.content)
        kept.flush()
        yield Path(kept.name)


def _forget_file(run_id: UUID) -> None:
    ended = ComponentImport.objects.filter(pk=run_id).exclude(state__in=OPEN_STATES)
    if ended.exists():
        ComponentImportPart.objects.filter(run_id=run_id).delete()


def _fail(run_id: Any, fault: Fault) -> None:
    ComponentImport.objects.filter(pk=run_id, state__in=OPEN_STATES).update(
        state="failed", fault=described(fault), finished_at=now()
    )
