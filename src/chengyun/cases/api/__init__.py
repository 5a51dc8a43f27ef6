"""HTTP routes of cases."""

from ninja import Router

from chengyun.cases.api import acts, attachments, detail, proof, register, standards

routers: list[tuple[str, Router]] = [
    ("", standards.router),
    ("/cases", register.router),
    ("/cases", acts.router),
    ("/cases", detail.router),
    ("/cases", proof.router),
    ("/attachments", attachments.router),
]
