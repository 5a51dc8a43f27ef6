"""HTTP routes of the territory, and the address of its vector tiles."""

from __future__ import annotations

from ninja import Router

from chengyun.territory.api import duties, grids

routers: list[tuple[str, Router]] = [
    ("/territory", duties.router),
    ("/territory/grids", grids.router),
]
