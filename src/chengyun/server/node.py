"""What anyone may know of this node: name, tier, place, version, base maps."""

from __future__ import annotations

import importlib.util
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from chengyun import __version__

router = Router(tags=["node"])


class NodeOut(Schema):
    """The node as seen before signing in."""

    name: str
    name_en: str
    division_code: str
    tier: str
    time_zone: str
    version: str
    centre: list[float]
    zoom: float
    bounds: list[float] | None
    base_maps: list[dict[str, Any]]


_UNNAMED: dict[str, Any] = {
    "name": "城运",
    "name_en": "Chengyun",
    "division_code": "",
    "tier": "city",
    "time_zone": "Asia/Shanghai",
    "centre": [121.4737, 31.2304],
    "zoom": 10.0,
    "bounds": None,
    "base_maps": [],
}


@router.get("/node", auth=None, response=NodeOut, summary="This node")
def get_node(request: HttpRequest) -> dict[str, Any]:
    """Return the node's name, tier, place and version."""
    return {**_UNNAMED, **_known(), "version": __version__}


def _known() -> dict[str, Any]:
    if importlib.util.find_spec("chengyun.administration.queries") is None:
        return {}
    from chengyun.administration import queries

    describe = getattr(queries, "describe_node", None)
    return dict(describe()) if describe else {}
