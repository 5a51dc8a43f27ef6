"""Routes of imports of components."""

from __future__ import annotations

from chengyun.intake.http import import_routes

router = import_routes("components", ("components",))
