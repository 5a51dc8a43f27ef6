"""Which features of the map part blocks, and how strongly: `data/block_lines.csv`."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from chengyun.territory.rules.blocks.network import CutLine
from chengyun.territory.rules.blocks.plane import LocalPlane

_CLOSED_BY_M = 1.0  # parts of one water that lie closer are one


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """A feature of the map [degrees] with its layer and kind."""

    layer: str
    kind: str
    shape: BaseGeometry


@cache
def _strengths() -> dict[tuple[str, str], float]:
    source = resources.files("chengyun.territory").joinpath("data", "block_lines.csv")
    rows = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    return {(row["layer"], row["kind"]): float(row["strength"]) for row in rows}


def strength_of(layer: str, kind: str) -> float:
    """Return how much a border of grids belongs along features of this kind, 0 = not at all."""
    known = _strengths()
    return known.get((layer, kind), known.get((layer, "*"), 0.0))


def lines_of(features: Iterable[Feature], plane: LocalPlane) -> list[CutLine]:
    """Return the lines along which blocks may end [m]: centre lines and shores.

    Waters of one strength that touch count as one: maps cut them where their sheets end.
    """
    found: list[CutLine] = []
    areas: dict[float, list[BaseGeometry]] = {}
    for feature in features:
        strength = strength_of(feature.layer, feature.kind)
        if strength <= 0 or feature.shape.is_empty:
            continue
        shape = plane.to_metres(feature.shape)
        if isinstance(shape, Polygon | MultiPolygon):
            areas.setdefault(strength, []).append(shape)
        else:
            found += _parts(shape, strength)
    for strength, shapes in areas.items():
        found += _parts(_as_one(shapes).boundary, strength)
    return found


def _as_one(shapes: list[BaseGeometry]) -> BaseGeometry:
    wide = shapely.buffer(np.array(shapes, dtype=object), _CLOSED_BY_M, join_style="mitre")
    return shapely.union_all(wide).buffer(-_CLOSED_BY_M, join_style="mitre")


def _parts(shape: BaseGeometry, strength: float) -> list[CutLine]:
    if not isinstance(shape, LineString | MultiLineString):
        return []
    return [
        CutLine(line=part, strength=strength)
        for part in shapely.get_parts(shape)
        if isinstance(part, LineString) and part.length > 0
    ]
