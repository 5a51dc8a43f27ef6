"""Writing the outcome of a census to a file. Audited."""

from __future__ import annotations

from pathlib import Path

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.components.adapters.writers import WRITERS, OutRow
from chengyun.components.queries.census_report import EXPORT_COLUMNS, census_rows


def export_census(*, actor: Actor, plan_id: int, form: str, path: Path) -> None:
    """Write what was found in a plan to `path`; form : csv or xlsx. Raises Forbidden, NotFound."""
    rows = census_rows(actor=actor, plan_id=plan_id)
    record_audit(actor, "census.exported", f"census:{plan_id}", {"form": form})
    WRITERS[form](path, list(EXPORT_COLUMNS), (OutRow(values=row, geometry=b"") for row in rows))
