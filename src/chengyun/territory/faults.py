"""What can be wrong with a request about the territory."""

from __future__ import annotations

from chengyun.kernel.errors import Fault


class NoGridAtPoint(Fault):
    """No unit grid covers the point at the moment."""

    code = "no_grid_at_point"
    status = 422
    zh = "该位置（{lon}, {lat}）不在任何单元网格内。请检查坐标和坐标系，或先导入网格。"
    en = (
        "No unit grid covers the point ({lon}, {lat}). Check the position and its coordinate "
        "system, or import the grids of this area first."
    )
