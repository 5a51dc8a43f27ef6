"""HTTP routes of components."""

from __future__ import annotations

from ninja import Router

from chengyun.components.api import attributes, census, exports, imports, objects, photos, types

routers: list[tuple[str, Router]] = [
    ("/component-types", types.router),
    ("/component-attributes", attributes.router),
    ("/components/imports", imports.router),
    ("/components/census", census.router),
    ("/components/export", exports.router),
    ("/components", objects.router),
    ("/components", photos.router),
]
