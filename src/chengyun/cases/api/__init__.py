"""HTTP routes of cases."""

from ninja import Router

from chengyun.cases.api import (
    acts,
    attachments,
    detail,
    exports,
    imports,
    lists,
    proof,
    standards,
    statistics,
    views,
    workflow,
)

routers: list[tuple[str, Router]] = [
    ("", standards.router),
    ("", workflow.router),
    ("/cases", lists.router),  # with the report's, of the same path
    ("/cases", acts.router),
    ("/cases", detail.router),
    ("/cases", proof.router),
    ("/cases/views", views.router),
    ("/cases/export", exports.router),
    ("/cases/statistics", statistics.router),
    ("/attachments", attachments.router),
    ("/imports", imports.router),
]
