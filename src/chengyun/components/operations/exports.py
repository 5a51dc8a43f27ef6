"""Writing components to a file. Audited: it tells who took what away."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from chengyun.administration.operations import record_audit
from chengyun.administration.queries import setting
from chengyun.administration.rules.actor import Actor
from chengyun.components.adapters.writers import WRITERS
from chengyun.components.queries.conditions import ComponentFilter
from chengyun.components.queries.exports import COLUMNS, count_to_export, export_rows
from chengyun.kernel.errors import Fault


class ExportTooLarge(Fault):
    """More components than one answer may hold."""

    code = "export_too_large"
    zh = "超过 {limit} 个部件。请缩小范围，或用命令 chengyun export components 导出。"
    en = "Over {limit} components. Narrow them, or use `chengyun export components`."


def export_components(
    *, actor: Actor, wanted: ComponentFilter, form: str, path: Path, limited: bool = True
) -> None:
    """Write the components that the filter leaves to `path`.

    form : csv, xlsx, geojson, gpkg or shp
    limited : no more than the setting allows
    raises : Forbidden, ExportTooLarge
    """
    rows = export_rows(actor=actor, wanted=wanted)
    if limited:
        limit = int(setting("components.export_max_rows"))
        if count_to_export(actor=actor, wanted=wanted, most=limit) > limit:
            raise ExportTooLarge(limit=limit)
    narrowed = {name: value for name, value in asdict(wanted).items() if value}
    record_audit(actor, "components.exported", "components:", {"form": form, **narrowed})
    WRITERS[form](path, COLUMNS, rows)
