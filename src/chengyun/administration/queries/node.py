"""Who this platform is: name, place, tier, map."""

from __future__ import annotations

from typing import Any

from chengyun import __version__
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules.definitions import systems_of


def identity() -> dict[str, Any]:
    """Return name, name_en, division_code, tier and time_zone."""
    keys = ("name", "name_en", "division_code", "tier", "time_zone")
    return {key: setting(f"node.{key}") for key in keys}


def node() -> dict[str, Any]:
    """Return what anybody may know of this platform; keys of base maps stay inside."""
    return {
        **identity(),
        "version": __version__,
        "systems": list(systems_of(setting("node.tier"))),
        "map": {
            "centre": setting("node.map_centre"),
            "bounds": setting("node.map_bounds"),
            "zoom": float(setting("node.map_zoom")),
        },
        "base_maps": [_shown(base_map) for base_map in setting("node.base_maps")],
    }


def base_map_key(code: str) -> str:
    """Return the secret key of a base map, '' without one. For the tile relay only."""
    return str(setting("node.base_map_keys").get(code, ""))


def _shown(base_map: dict[str, Any]) -> dict[str, Any]:
    keyed = "{key}" in str(base_map.get("url", ""))
    if not keyed:
        return {**base_map, "relayed": False}
    relay = f"/api/v1/territory/base-maps/{base_map['code']}/{{z}}/{{x}}/{{y}}"
    return {**base_map, "url": relay, "kind": "xyz", "relayed": True}
