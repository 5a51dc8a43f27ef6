"""Growing the plan: quarters become blocks between roads, blocks become unit cells."""

import random
from dataclasses import dataclass

from chengyun.demo.rules.cuts import CutStyle, cut_face
from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.mesh import Mark, signed_area
from chengyun.demo.rules.plan import Plan, Quarter
from chengyun.demo.rules.sizes import GRID_AREA_M2
from chengyun.demo.rules.zoning import ZONES

_CELL_LIMIT = 1.5
_MAX_COMMUNITY_M2 = 620_000
_CELL_STYLE = CutStyle(jitter=0.05, snap=14.0, align=0.6)


@dataclass(slots=True, kw_only=True)
class Block:
    """Land between roads.

    quarter : position in the plan's list of quarters
    part : part of the quarter, 0 or 1, when it is big enough for two communities
    """

    number: int
    quarter: int
    part: int
    zone: str
    cells: list[int]
    use: str = ""


def grow_blocks(plan: Plan) -> list[Block]:
    """Divide every quarter into blocks and every inner block into cells of about 10 000 m²."""
    blocks: list[Block] = []
    for index, quarter in enumerate(plan.quarters):
        draw = scalar_draws(plan.seed, "growth", index)
        for part, start in enumerate(_communities(plan, quarter, draw)):
            for face in _blocks_of(plan, quarter, start, draw):
                blocks.append(
                    Block(
                        number=len(blocks),
                        quarter=index,
                        part=part,
                        zone=quarter.zone,
                        cells=[face],
                    )
                )
    for block in blocks:
        if plan.quarters[block.quarter].inside:
            draw = scalar_draws(plan.seed, "cells", block.number)
            block.cells = _divided(
                plan, block.cells[0], GRID_AREA_M2 * _CELL_LIMIT, "none", _CELL_STYLE, draw
            )
    return blocks


def _communities(plan: Plan, quarter: Quarter, draw: random.Random) -> list[int]:
    area = signed_area(plan.mesh.face_points(quarter.face))
    if not quarter.inside or quarter.band != "land" or area < _MAX_COMMUNITY_M2:
        return [quarter.face]
    new = _cut(plan, quarter.face, "secondary", ZONES[quarter.zone].style, draw)
    return [quarter.face] if new is None else [quarter.face, new]


def _blocks_of(plan: Plan, quarter: Quarter, face: int, draw: random.Random) -> list[int]:
    style = ZONES[quarter.zone]
    limit = style.block_m2 if quarter.inside else 75_000.0
    if not quarter.inside and quarter.band != "land":
        return [face]
    road = style.road if quarter.inside else "lane"
    return _divided(plan, face, limit, road, style.style, draw)


def _divided(  # one recursion, its state and its style
    plan: Plan, face: int, limit: float, kind: str, style: CutStyle, draw: random.Random
) -> list[int]:
    """Cut a face until every part is at most `limit` [m²]; lines deeper down are lesser ones."""
    done: list[int] = []
    waiting = [face]
    while waiting:
        current = waiting.pop()
        area = signed_area(plan.mesh.face_points(current))
        allowed = limit * draw.uniform(0.85, 1.25) if kind != "none" else limit
        if area <= allowed:
            done.append(current)
            continue
        step = "branch" if kind == "lane" and area > 5 * limit else kind
        new = _cut(plan, current, step, style, draw)
        if new is None:
            done.append(current)
        else:
            waiting.extend((new, current))
    return done


def _cut(plan: Plan, face: int, kind: str, style: CutStyle, draw: random.Random) -> int | None:
    if kind == "none":
        return cut_face(plan.mesh, face, Mark("none"), style, draw)
    line = plan.new_line(kind, "cut")
    new = cut_face(plan.mesh, face, Mark(kind, line.number), style, draw)
    if new is None:
        plan.lines.pop()
    return new
