"""Faces between lines, and who borders on whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

SNAP_M = 0.001
_TOUCH_M = 0.01
_Array = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class CutLine:
    """A line along which an area may be cut.

    strength : 0 to 1, how much a border of grids belongs there: a main road 1, a path 0.2
    """

    line: LineString
    strength: float


@dataclass(frozen=True, slots=True)
class Bond:
    """What two faces share: the length of their border [m] and its strength times length."""

    length_m: float = 0.0
    weight: float = 0.0

    def __add__(self, other: Bond) -> Bond:
        return Bond(self.length_m + other.length_m, self.weight + other.weight)

    @property
    def strength(self) -> float:
        """The mean strength along the border."""
        return self.weight / self.length_m if self.length_m else 0.0


@dataclass(kw_only=True)
class Mesh:
    """Faces without gap or overlap; `bonds[i][j]` is what face i shares with face j."""

    faces: list[Polygon]
    bonds: list[dict[int, Bond]] = field(default_factory=list)


def mesh_of(region: BaseGeometry, lines: Sequence[CutLine], reach_m: float = 0.0) -> Mesh:
    """Return the faces into which the lines cut the region.

    region : Polygon or MultiPolygon [m]
    reach_m : dead ends are drawn on as far as this when they meet another line [m]
    """
    near = [cut for cut in lines if shapely.intersects(cut.line, region)]
    network = _noded([region.boundary, *(cut.line for cut in near)])
    if reach_m > 0:
        near = near + _drawn_on(network, reach_m)
        network = _noded([region.boundary, *(cut.line for cut in near)])
    faces = faces_within(network, region)
    return Mesh(faces=faces, bonds=bonds_of(faces, near))


def faces_within(network: _Array, region: BaseGeometry) -> list[Polygon]:
    """Return the faces of a noded network that lie in the region."""
    found = np.array(shapely.get_parts(shapely.polygonize(network)))
    if not len(found):
        return []
    shapely.prepare(region)
    inside = shapely.contains(region, shapely.point_on_surface(found))
    return [face for face in found[inside] if isinstance(face, Polygon)]


def bonds_of(faces: Sequence[Polygon], lines: Sequence[CutLine] = ()) -> list[dict[int, Bond]]:
    """Return for each face what it shares with its neighbours."""
    bonds: list[dict[int, Bond]] = [{} for _ in faces]
    if not faces:
        return bonds
    edges, owners = _shared_edges(faces)
    lengths = np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1])
    strengths = _strengths(edges, lines)
    for (first, second), length, strength in zip(owners, lengths, strengths, strict=True):
        bond = Bond(float(length), float(length * strength))
        for one, other in ((int(first), int(second)), (int(second), int(first))):
            bonds[one][other] = bonds[one].get(other, Bond()) + bond
    return bonds


def segments_of(faces: Sequence[Polygon]) -> tuple[_Array, _Array]:
    """Return the directed segments (x1, y1, x2, y2) of all rings, and whose each is.

    Outer rings run counter-clockwise, inner ones clockwise: the face lies to the left.
    """
    wound = shapely.orient_polygons(np.array(faces, dtype=object))
    rings, ring_owner = shapely.get_rings(wound, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[:-1] == ring[1:]
    return np.hstack([points[:-1][same], points[1:][same]]), ring_owner[ring[:-1][same]]


def _shared_edges(faces: Sequence[Polygon]) -> tuple[_Array, _Array]:
    segments, owner = segments_of(faces)
    turned = (segments[:, 0] > segments[:, 2]) | (
        (segments[:, 0] == segments[:, 2]) & (segments[:, 1] > segments[:, 3])
    )
    canonical = np.where(turned[:, None], segments[:, [2, 3, 0, 1]], segments)
    order = np.lexsort(canonical.T)
    canonical, owner = canonical[order], owner[order]
    twin = np.all(canonical[:-1] == canonical[1:], axis=1)
    twin &= owner[:-1] != owner[1:]
    return canonical[:-1][twin], np.column_stack([owner[:-1][twin], owner[1:][twin]])


def _strengths(edges: _Array, lines: Sequence[CutLine]) -> _Array:
    if not lines or not len(edges):
        return np.zeros(len(edges))
    middles = shapely.points((edges[:, :2] + edges[:, 2:]) / 2)
    tree = shapely.STRtree([cut.line for cut in lines])
    own, place = tree.query_nearest(middles, max_distance=_TOUCH_M, all_matches=True)
    found = np.zeros(len(edges))
    np.maximum.at(found, own, np.array([cut.strength for cut in lines])[place])
    return found


def _noded(lines: Sequence[BaseGeometry]) -> _Array:
    merged = shapely.union_all(np.array(lines, dtype=object), grid_size=SNAP_M)
    return np.array(shapely.get_parts(merged))


def _drawn_on(network: _Array, reach_m: float) -> list[CutLine]:
    """Return short lines from dead ends straight on to the next line."""
    ends: Counter[tuple[float, float]] = Counter()
    for line in network:
        ends.update({line.coords[0]: 1})
        ends.update({line.coords[-1]: 1})
    tree = shapely.STRtree(network)
    found = []
    for line in network:
        for here, before in ((0, 1), (-1, -2)):
            if ends[line.coords[here]] == 1:
                found += _extension(line, here, before, reach_m, tree)
    return found


def _extension(
    line: LineString, here: int, before: int, reach_m: float, tree: shapely.STRtree
) -> list[CutLine]:
    x, y = line.coords[here]
    back_x, back_y = line.coords[before]
    length = float(np.hypot(x - back_x, y - back_y))
    if length == 0:
        return []
    east, north = (x - back_x) / length, (y - back_y) / length
    start = Point(x + east * _TOUCH_M, y + north * _TOUCH_M)
    ray = LineString([(start.x, start.y), (x + east * reach_m, y + north * reach_m)])
    hits = [tree.geometries[place] for place in tree.query(ray, predicate="intersects")]
    if not hits:
        return []
    met = shapely.intersection(ray, shapely.union_all(hits))
    distance = start.distance(met) + 2 * _TOUCH_M
    end = (x + east * distance, y + north * distance)
    return [CutLine(line=LineString([(x, y), end]), strength=0.1)]
