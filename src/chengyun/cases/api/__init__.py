"""HTTP routes of cases."""

from ninja import Router

from chengyun.cases.api import acts, attachments, detail, register, standards

routers: list[tuple[str, Router]] = [
    ("", standards.router),
    ("/cases", register.router),
    ("/cases", acts.router),
    ("/cases", detail.router),
    ("/attachments", attachments.router),
]
