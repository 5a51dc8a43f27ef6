"""From which zoom a feature of the base map is drawn, and what kind it counts as.

The tables are data, ours: `data/map_aliases.csv` turns the kind of a source (Tilezen,
OpenStreetMap) into ours, `data/map_zooms.csv` says from which zoom a kind is drawn. Where `pixels`
is set, an area shows as soon as it covers that many square pixels, between min_zoom and max_zoom.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

HIDDEN = 24
_METRES_PER_DEGREE = 111_320.0
_METRES_PER_PIXEL_AT_0 = 78_271.517  # of the 512-pixel tiles that MapLibre draws
_UNNAMED_POI = 17


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerText:
    """The names of a map layer."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class _Zoom:
    least: int
    most: int
    pixels: float


@cache
def layer_texts() -> dict[str, LayerText]:
    """Return the layers of the base map by name, in drawing order."""
    return {
        row["name"]: LayerText(name=row["name"], zh=row["zh"], en=row["en"])
        for row in _rows("layers.csv")
    }


def kind_of(layer: str, properties: Mapping[str, Any]) -> str:
    """Return our kind of a source feature's `kind` and `kind_detail`."""
    kind = str(properties.get("kind") or properties.get("highway") or "").strip().lower()
    detail = str(properties.get("kind_detail") or "").strip().lower()
    aliases = _aliases()
    if layer == "water" and properties.get("boundary") is True:
        return "boundary"
    found = aliases.get((layer, kind, detail)) or aliases.get((layer, kind, ""))
    return found or kind


def min_zoom_of(
    layer: str, kind: str, *, area_deg2: float, latitude: float, named: bool = True
) -> int:
    """Return the zoom from which the feature is drawn.

    area_deg2 : area in square degrees, 0 for lines and points
    latitude : of the feature [degrees]
    """
    zooms = _zooms()
    zoom = zooms.get((layer, kind)) or zooms.get((layer, "*")) or _Zoom(12, 12, 0)
    if layer == "pois" and not named:
        return max(zoom.least, _UNNAMED_POI)
    if not zoom.pixels or area_deg2 <= 0:
        return zoom.least
    shrink = math.cos(math.radians(min(85.0, abs(latitude))))
    area_m2 = area_deg2 * _METRES_PER_DEGREE**2 * shrink
    metres_per_pixel = math.sqrt(area_m2 / zoom.pixels)
    wanted = math.ceil(math.log2(_METRES_PER_PIXEL_AT_0 * shrink / metres_per_pixel))
    return min(max(wanted, zoom.least), zoom.most)


@cache
def _aliases() -> dict[tuple[str, str, str], str]:
    return {
        (row["layer"], row["source_kind"], row["source_detail"]): row["kind"]
        for row in _rows("map_aliases.csv")
    }


@cache
def _zooms() -> dict[tuple[str, str], _Zoom]:
    return {
        (row["layer"], row["kind"]): _Zoom(
            int(row["min_zoom"]), int(row["max_zoom"]), float(row["pixels"])
        )
        for row in _rows("map_zooms.csv")
    }


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("chengyun.territory").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
