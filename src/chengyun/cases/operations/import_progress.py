"""How a run of an import is begun, told, stopped and ended; for cases and standards alike.

Whoever works on a run holds its row while a batch is written, and goes on only where the row says:
a run that was cancelled, or that another worker took over, stops there and writes nothing more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.db import transaction

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.cases.models import ImportRow, ImportRun
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Conflict, Fault

OPEN_STATES: Final = ("waiting", "running")
GIVEN_UP_AFTER: Final = timedelta(days=1)
_COUNTS: Final = (
    "read",
    "made",
    "changed",
    "skipped",
    "faulty",
    "still_open",
    "without_position",
    "outside_grids",
)
Progress = Callable[[int], None]


class ImportStopped(Conflict):
    """The run was cancelled, or somebody else works on it."""

    code = "import_stopped"
    zh = "导入已取消，或已由另一进程接手。"
    en = "The import was cancelled, or another process has taken it over."


@dataclass(kw_only=True)
class Tally:
    """What a batch did: counts of rows, bad rows with their fault, names that were made."""

    read: int = 0
    made: int = 0
    changed: int = 0
    skipped: int = 0
    still_open: int = 0
    without_position: int = 0
    outside_grids: int = 0
    bad: list[tuple[int, dict[str, str], Fault]] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)

    @property
    def faulty(self) -> int:
        """Bad rows."""
        return len(self.bad)


def begin(run: ImportRun, *, total_rows: int | None) -> None:
    """Note that somebody works on the run.

    raises : ImportStopped when it has ended
    """
    at = now()
    run.state, run.progress_at, run.started_at = "running", at, run.started_at or at
    run.total_rows = run.total_rows if run.total_rows is not None else total_rows
    found = ImportRun.objects.filter(pk=run.pk, state__in=OPEN_STATES).update(
        state=run.state,
        started_at=run.started_at,
        progress_at=at,
        total_rows=run.total_rows,
        columns=run.columns,
    )
    if not found:
        raise ImportStopped


def hold(run: ImportRun) -> None:
    """Lock the run's row in the caller's transaction.

    raises : ImportStopped unless it still runs, and stands where this process left it
    """
    going_on = ImportRun.objects.select_for_update().filter(
        pk=run.pk, state="running", next_row=run.next_row
    )
    if not going_on.exists():
        raise ImportStopped


def note(run: ImportRun, tally: Tally, *, last_row: int) -> None:
    """Add what a batch did, in the caller's transaction.

    The journal is told of what readers may see.
    """
    for name in _COUNTS:
        setattr(run, name, getattr(run, name) + getattr(tally, name))
    codes = Counter(run.outcome.get("faults_by_code", {}))
    codes.update(fault.code for _, _, fault in tally.bad)
    run.outcome = {**run.outcome, "faults_by_code": dict(codes)}
    for what, names in tally.names.items():
        run.outcome[what] = [*run.outcome.get(what, []), *names]
    run.next_row, run.progress_at = last_row, now()
    run.total_rows = max(run.total_rows or 0, last_row)
    ImportRow.objects.bulk_create(
        ImportRow(run=run, row=number, values=row, faults=[described(fault)])
        for number, row, fault in tally.bad
    )
    run.save()
    if tally.made and not run.dry_run:
        _tell(run, "cases.import_progressed")


def finish(run: ImportRun, actor: Actor) -> None:
    """End the run, in the caller's transaction; audited."""
    run.state, run.finished_at = "done", now()
    run.total_rows = run.next_row
    run.save()
    detail = {
        "kind": run.kind,
        "file": run.source_name,
        "mapping": str(run.mapping.get("name", "")),
        "dry_run": run.dry_run,
        **{name: getattr(run, name) for name in ("made", "changed", "skipped", "faulty")},
    }
    record_audit(actor, "cases.import_finished", f"import:{run.pk}", detail)
    if not run.dry_run:
        _tell(run, "cases.imported" if run.kind == "cases" else "cases.standards_imported")


def fail(run_id: Any, fault: dict[str, Any]) -> None:
    """Note that a run could not be ended, unless it has ended already."""
    with transaction.atomic():
        ImportRun.objects.filter(pk=run_id, state__in=OPEN_STATES).update(
            state="failed", fault=fault, finished_at=now()
        )


def described(fault: Fault) -> dict[str, Any]:
    """Return a fault as it is kept."""
    return {
        "field": fault.field,
        "code": fault.code,
        "zh": fault.text("zh"),
        "en": fault.text("en"),
    }


def merged(parts: Iterable[dict[str, list[str]]]) -> dict[str, list[str]]:
    """Return lists by name, put together."""
    found: dict[str, list[str]] = {}
    for part in parts:
        for name, values in part.items():
            found[name] = [*found.get(name, []), *values]
    return found


def _tell(run: ImportRun, kind: str) -> None:
    record_event(
        at=now(),
        kind=kind,
        subject=f"import:{run.pk}",
        actor_id=run.by_id,
        payload={"import_id": str(run.pk), "made": run.made, "done": run.next_row},
    )
