"""Exports of cases: short ones at once, long ones by the worker."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from procrastinate.contrib.django import app

from chengyun.administration.operations import record_audit
from chengyun.administration.queries import find_actor, setting, time_zone
from chengyun.administration.rules.actor import Actor
from chengyun.cases.adapters.workbook import TableWriter
from chengyun.cases.models import ExportRun
from chengyun.cases.queries.exports import (
    EXPORT,
    all_columns,
    count_reach,
    export_cells,
    export_pages,
    export_reach,
    get_export,
)
from chengyun.cases.queries.filters import parse_filter
from chengyun.files.queries import file_store
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Conflict, Fault, Forbidden, Invalid

FOLDER: Final = "exports"
PAGE: Final = 1000
MOST_RUNS: Final = 3
KEPT: Final = timedelta(days=7)
_GIVEN_UP_AFTER: Final = timedelta(days=1)
_JOB: Final = "chengyun.cases.tasks.make_export"
_TITLES: Final = {"zh": "案卷", "en": "Cases"}
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('cases.exports', %s))"
# What moves while it is read would come twice or not at all.
_STEADY_SORTS: Final = ("reported", "-reported")


class TooManyExports(Conflict):
    """The person's earlier exports are still under way."""

    code = "too_many_exports"
    zh = "您已有 {most} 个导出任务在进行。请等它们完成后再导出。"
    en = "{most} of your exports are under way. Wait until one is done."


class ExportNotReady(Conflict):
    """The file is not there yet, or never will be."""

    code = "export_not_ready"
    zh = "导出文件尚未生成（{state}）。请稍后再取，或重新导出。"
    en = "The file is not ready (state {state}). Ask again later, or export anew."


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportInput:
    """What to export.

    filters : the words of a list's address
    columns : codes in order, empty = all
    language : zh or en, of headings and words
    """

    filters: Mapping[str, str]
    columns: Sequence[str] = ()
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Workbook:
    """A finished export."""

    name: str
    content: bytes


def export_cases(*, actor: Actor, given: ExportInput) -> Workbook | UUID:
    """Return the workbook of the cases, or the id of a run where they are too many to wait for.

    The setting `cases.export_direct_rows` says how many are not. Both are audited.
    raises : Forbidden, Invalid, TooManyExports
    """
    actor.require(EXPORT)
    at = now()
    columns = _checked_columns(given.columns)
    wanted = parse_filter(given.filters)
    reach = export_reach(actor=actor, wanted=wanted, at=at)
    limit: int = setting("cases.export_direct_rows")
    rows = next(export_pages(reach, sort=wanted.sort, size=limit + 1), [])
    if len(rows) > limit:
        return _start(actor, given, columns)
    writer = _writer(columns, given.language)
    writer.add(export_cells(rows, columns=columns, language=given.language, at=at))
    content = io.BytesIO()
    writer.save(content)
    with transaction.atomic():
        detail = {"filters": dict(given.filters), "columns": columns, "rows": len(rows)}
        record_audit(actor, "cases.exported", "cases:list", detail)
    return Workbook(file_name(given.language, at), content.getvalue())


@transaction.atomic
def _start(actor: Actor, given: ExportInput, columns: Sequence[str]) -> UUID:
    person_id = actor.person_id
    if person_id is None:
        raise Forbidden(permission=EXPORT)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [person_id])
    own = ExportRun.objects.filter(person_id=person_id)
    if own.filter(state__in=("waiting", "running")).count() >= MOST_RUNS:
        raise TooManyExports(most=MOST_RUNS)
    run = ExportRun.objects.create(
        person_id=person_id,
        filters=dict(given.filters),
        columns=list(columns),
        language=given.language,
    )
    detail = {"filters": run.filters, "columns": run.columns}
    record_audit(actor, "cases.export_started", f"export:{run.pk}", detail)
    app.configure_task(_JOB, lock=f"cases.export:{run.pk}").defer(run_id=str(run.pk))
    return run.pk


def make_export_file(*, run_id: UUID) -> None:
    """Write the workbook of a run into the storage, telling its progress; what is done stays.

    A run that a dead worker left begins anew: a workbook cannot be continued.
    """
    run = ExportRun.objects.exclude(state__in=("done", "failed")).filter(pk=run_id).first()
    if run is None:
        return
    try:
        actor = find_actor(run.person_id)
        if actor is None:
            raise Forbidden(permission=EXPORT)
        with tempfile.TemporaryFile() as file:
            rows = _write(actor, run, file)
            file.seek(0)
            _finish(run, rows, file)
    except Fault as fault:
        fail_export(run_id=run_id, reason=fault.text(run.language))


def fail_export(*, run_id: UUID, reason: str = "") -> None:
    """Note that a run has failed, unless it is done."""
    ExportRun.objects.exclude(state="done").filter(pk=run_id).update(
        state="failed", fault=reason[:300], finished_at=now()
    )


def open_export(*, actor: Actor, export_id: UUID) -> tuple[str, str]:
    """Return the storage key and the name of the file of one of the actor's own runs; audited.

    raises : Forbidden, NotFound, ExportNotReady
    """
    found = get_export(actor=actor, export_id=export_id)
    run = ExportRun.objects.filter(pk=export_id, state="done").first()
    if run is None:
        raise ExportNotReady(state=found.state)
    with transaction.atomic():
        detail = {"rows": run.total_rows}
        record_audit(actor, "cases.export_downloaded", f"export:{export_id}", detail)
    return run.storage_key, file_name(run.language, run.created_at)


def sweep_exports(*, at: datetime) -> None:
    """Remove exports that are a week old, files that no run owns, and give up dead runs."""
    ExportRun.objects.filter(
        state__in=("waiting", "running"), created_at__lt=at - _GIVEN_UP_AFTER
    ).update(state="failed", finished_at=at)
    store = file_store()
    for run in ExportRun.objects.filter(created_at__lt=at - KEPT):
        if run.storage_key:
            store.delete(run.storage_key)
        run.delete()
    known = set(ExportRun.objects.exclude(storage_key="").values_list("storage_key", flat=True))
    for file in store.files(FOLDER):
        if file.key not in known and file.modified_at < at - _GIVEN_UP_AFTER:
            store.delete(file.key)


def file_name(language: str, at: datetime) -> str:
    """Return the name under which a workbook is saved."""
    moment = at.astimezone(time_zone())
    return f"{_TITLES[language]}-{moment:%Y%m%d-%H%M}.xlsx"


def _write(actor: Actor, run: ExportRun, file: IO[bytes]) -> int:
    at = now()
    wanted = parse_filter(run.filters)
    reach = export_reach(actor=actor, wanted=wanted, at=at)
    _progress(run, 0, total_rows=count_reach(reach))
    sort = wanted.sort if wanted.sort in _STEADY_SORTS else "-reported"
    writer = _writer(run.columns, run.language)
    done = 0
    for rows in export_pages(reach, sort=sort, size=PAGE):
        writer.add(export_cells(rows, columns=run.columns, language=run.language, at=at))
        done += len(rows)
        _progress(run, done)
    writer.save(file)
    return done


def _progress(run: ExportRun, done: int, **values: Any) -> None:
    """Note how far the run has come.

    raises : ExportNotReady when somebody has ended it
    """
    going_on = ExportRun.objects.filter(pk=run.pk, state__in=("waiting", "running"))
    if not going_on.update(state="running", done_rows=done, **values):
        raise ExportNotReady(state="failed")


def _finish(run: ExportRun, rows: int, file: IO[bytes]) -> None:
    """Keep the file, then say so; of two workers that made the same run the first one counts."""
    at = now()
    key = f"{FOLDER}/{at:%Y/%m/%d}/{run.pk}-{uuid4().hex[:8]}.xlsx"
    store = file_store()
    store.put(key, file)
    changed = ExportRun.objects.filter(pk=run.pk, state="running").update(
        state="done", storage_key=key, done_rows=rows, total_rows=rows, finished_at=at
    )
    if not changed:
        store.delete(key)


def _checked_columns(codes: Sequence[str]) -> list[str]:
    known = all_columns()
    for code in codes:
        if code not in known:
            options = ", ".join(known)
            raise Invalid(
                field="columns",
                reason_zh=f"没有“{code[:40]}”这一列（{options}）",
                reason_en=f"choose columns of {options}",
            )
    return list(dict.fromkeys(codes)) or list(known)


def _writer(columns: Sequence[str], language: str) -> TableWriter:
    known = all_columns()
    headings = [(getattr(known[code], language), known[code].width) for code in columns]
    return TableWriter(title=_TITLES[language], headings=headings)
