"""HTTP routes of the territory, and the address of its vector tiles."""

from __future__ import annotations

from django.urls import URLPattern
from ninja import Router

from chengyun.territory.api import (
    address_export,
    address_imports,
    addresses,
    divisions,
    duties,
    grid_export,
    grid_groups,
    grid_import,
    grids,
    layers,
    reshape,
    shifts,
    thematic_layers,
    tiles,
)

routers: list[tuple[str, Router]] = [
    ("/territory", divisions.router),
    ("/territory/addresses/imports", address_imports.router),
    ("/territory/addresses", address_export.router),
    ("/territory/addresses", addresses.router),
    ("/territory", duties.router),
    ("/territory", shifts.router),
    ("/territory", layers.router),
    ("/territory/grid-groups", grid_groups.router),
    ("/territory/thematic-layers", thematic_layers.router),
    ("/territory/grids", grid_export.router),
    ("/territory/grids", grid_import.router),
    ("/territory/grids", reshape.router),
    ("/territory/grids", grids.router),
]
urlpatterns: list[URLPattern] = tiles.urlpatterns
