"""The bent city: vertices in the plane, cells as polygons, and who lies beside whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from chengyun.demo.rules.bending import Bend
from chengyun.demo.rules.growth import Block, grow_blocks
from chengyun.demo.rules.mesh import pairs
from chengyun.demo.rules.plan import Plan, Quarter, draw_plan
from chengyun.demo.rules.shapes import Array, Geometries
from chengyun.demo.rules.sizes import CitySize
from chengyun.demo.rules.traces import trace_lines
from chengyun.demo.rules.zoning import Centre, assign_zones


@dataclass(slots=True, kw_only=True)
class Fabric:
    """Plan, blocks and cells with their place in the plane (x east, y north) [m].

    cells : the face of each unit cell; a cell is known by its position in this list
    cell_blocks : the block of each cell
    """

    plan: Plan
    blocks: list[Block]
    centres: tuple[Centre, ...]
    x: Array
    y: Array
    cells: list[int]
    cell_blocks: list[int]
    cell_of_face: dict[int, int] = field(default_factory=dict)

    def quarter_of(self, block: Block) -> Quarter:
        """Return the quarter of a block."""
        return self.plan.quarters[block.quarter]

    def polygons(self, faces: Sequence[int]) -> Geometries:
        """Return faces as polygons in the plane."""
        loops = [self.plan.mesh.loops[face] for face in faces]
        closed = np.fromiter((v for loop in loops for v in (*loop, loop[0])), dtype=np.int64)
        counts = np.fromiter((len(loop) + 1 for loop in loops), dtype=np.int64, count=len(loops))
        rings = np.concatenate([[0], np.cumsum(counts)])
        coordinates = np.column_stack([self.x[closed], self.y[closed]])
        parts = np.arange(len(loops) + 1)
        made: Geometries = shapely.from_ragged_array(
            shapely.GeometryType.POLYGON, coordinates, (rings, parts)
        )
        return made

    def neighbours(self, face: int) -> Iterable[tuple[int, int, int]]:
        """Yield (vertex, next vertex, face beyond) around a face."""
        return self.plan.mesh.neighbours(face)

    def length(self, a: int, b: int) -> float:
        """Return the length of an edge in the plane [m]."""
        return float(np.hypot(self.x[a] - self.x[b], self.y[a] - self.y[b]))

    def outer_edges(self, faces: Iterable[int]) -> list[tuple[int, int]]:
        """Return the edges around a set of faces, the set to their left."""
        inside = set(faces)
        loops, left_of = self.plan.mesh.loops, self.plan.mesh.left_of
        return [
            (a, b) for face in inside for a, b in pairs(loops[face]) if left_of(b, a) not in inside
        ]


def weave(size: CitySize, seed: int) -> Fabric:
    """Draw the plan, zone it, divide it into blocks and cells, and bend it."""
    plan = draw_plan(size, seed)
    centres = assign_zones(plan)
    trace_lines(plan)
    blocks = grow_blocks(plan)
    bend = Bend(size, seed, plan.old_centre, plan.ring_corners)
    points = np.array(plan.mesh.points)
    x, y = bend(points[:, 0], points[:, 1])
    cells: list[int] = []
    cell_blocks: list[int] = []
    for block in blocks:
        if plan.quarters[block.quarter].inside:
            cells.extend(block.cells)
            cell_blocks.extend([block.number] * len(block.cells))
    return Fabric(
        plan=plan,
        blocks=blocks,
        centres=centres,
        x=np.round(x, 2),
        y=np.round(y, 2),
        cells=cells,
        cell_blocks=cell_blocks,
        cell_of_face={face: cell for cell, face in enumerate(cells)},
    )
