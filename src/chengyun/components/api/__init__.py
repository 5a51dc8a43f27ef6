"""HTTP routes of component types."""

from __future__ import annotations

from ninja import Router

from chengyun.components.api import types

routers: list[tuple[str, Router]] = [("/component-types", types.router)]
